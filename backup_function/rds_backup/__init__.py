"""Backups of RDS in another AWS account: every night the newest automated snapshot, copied out.

Its folders are the steps of a run: ``observe``, ``decide``, ``apply``, ``report``.  ``model`` has
the words, ``aws`` alone speaks to AWS, ``inputs`` reads environment and event; ``run`` is the loop.
"""

__version__ = "0.2.0"
