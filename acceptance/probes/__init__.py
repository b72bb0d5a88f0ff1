"""The smallest calls that tell what AWS's documentation leaves open."""

from acceptance.probes.answers import Answer, Probe
from acceptance.probes.listed import PROBES

__all__ = ["PROBES", "Answer", "Probe"]
