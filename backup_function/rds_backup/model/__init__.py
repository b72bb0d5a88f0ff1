"""The words: values, names and tags, and what counts as verified."""
