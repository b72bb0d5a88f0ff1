"""What is there: listings of both accounts, and the databases chosen from them."""
