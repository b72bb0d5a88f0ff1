"""The acceptance kit: asks two real AWS accounts what AWS's documentation leaves open.

Development only: no part of the function or of the package that is published.
"""
