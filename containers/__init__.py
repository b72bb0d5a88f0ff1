"""The function and the container task in real containers, against the sandbox behind a port.

For ``make local``.  Needs a container engine; where there is none it says what it skipped.
"""
