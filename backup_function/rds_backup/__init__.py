"""Backups of RDS in another AWS account: every night the newest automated snapshot, copied out.

Pure core, thin shell.  ``model`` to ``report`` know no clock, network, log or environment;
``sessions`` and ``rds`` are the only modules that talk to AWS; ``run`` ties them together.
"""
