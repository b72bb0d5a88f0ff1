"""The environment and the event, read; every mistake is told before any call."""
