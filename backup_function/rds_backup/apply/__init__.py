"""The only calls that change anything, and the guard before a deletion."""
