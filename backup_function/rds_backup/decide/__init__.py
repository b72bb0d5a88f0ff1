"""Pure: what is to be done, and why."""
