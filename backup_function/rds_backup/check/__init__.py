"""The preflight: everything that could go wrong tonight, asked in both accounts; read only.

Imported by whoever asks for ``check``, and on no night's way.
"""
