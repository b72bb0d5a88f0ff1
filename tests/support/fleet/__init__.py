"""A fleet of databases through a day, counted: what ``make bench`` prints and writes."""
