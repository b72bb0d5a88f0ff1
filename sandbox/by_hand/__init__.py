"""What people and RDS itself do in the two accounts, without an API call of the function."""
