"""The restore plan: which backup, and the commands that bring it back; runs none of them."""
