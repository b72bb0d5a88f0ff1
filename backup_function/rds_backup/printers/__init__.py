"""Text and HTML of what was found; decides nothing."""
