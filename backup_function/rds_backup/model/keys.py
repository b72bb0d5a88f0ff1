"""A key as KMS describes it, and what a person can do about a state in which it is of no use."""

from typing import NamedTuple

# The AWS managed key that each account has for RDS.  Nobody can disable or delete it, change its
# policy, or point its alias elsewhere (6.13d; KMS guide, AWS managed keys).
DEFAULT_KEY = "alias/aws/rds"
MAKE_DEFAULT = (
    "let RDS make the key: create an encrypted database there without naming a key, and delete it"
)
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


def names_default(identifier: str) -> bool:
    """Whether this is the name or the ARN of the alias of ``aws/rds``.

    By its id KMS does not tell that key from the AWS managed key of another service.
    """
    return identifier.rpartition(":")[2] == DEFAULT_KEY


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
