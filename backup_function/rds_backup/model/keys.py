"""A key as KMS describes it, and what a person can do about a state in which it is of no use."""

from typing import NamedTuple

# A key can be used in these states (KMS guide, Key states of AWS KMS keys); what mends the others.
_USABLE = ("Enabled", "Updating")
_CANCEL = "cancel its deletion and enable the key, before every snapshot under it is lost"
_REMEDIES = {
    "Disabled": "enable the key",
    "PendingDeletion": _CANCEL,
    "PendingReplicaDeletion": _CANCEL,
    "PendingImport": "import its key material again: it has expired, or was deleted",
    "Unavailable": "reconnect its custom key store: KMS is disconnected from it",
    "Creating": "wait some minutes: KMS is still making this replica key",
}


class Key(NamedTuple):
    """A KMS key as DescribeKey shows it; ``manager``, ``state``, ``spec``, ``usage`` as it says."""

    arn: str
    manager: str
    state: str
    spec: str
    usage: str

    @property
    def remedy(self) -> str | None:
        """What to do about a state in which the key cannot be used; None where it can be."""
        if self.state in _USABLE:
            return None
        return _REMEDIES.get(self.state, f"find out why it is {self.state}")

    @property
    def region(self) -> str:
        """The Region that the key is in."""
        return self.arn.split(":")[3]

    @property
    def account(self) -> str:
        """The account that owns the key."""
        return self.arn.split(":")[4]
