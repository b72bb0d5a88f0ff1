"""The commands of the command line: options, looks, and the run that waits."""
