"""A result that somebody else has: a deployed function, or a file; read back and made whole."""
