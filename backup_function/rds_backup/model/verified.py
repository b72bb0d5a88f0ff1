"""What counts: under a key, good, verified, and how old the data of a backup is.

Nothing is protected, kept or replaced but by these rules; they know no listing and no account.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from rds_backup.model.clock import iso
from rds_backup.model.decisions import Owned
from rds_backup.model.identity import STARTED_AT
from rds_backup.model.inventory import Snapshot, Status

_ODD_BY = timedelta(days=1)


def data_at(backup: Owned) -> datetime:
    """The age of a backup's data: the earliest of its tag and RDS's own times.

    A tag alone could be forged into the future; the original's time of an instance snapshot does
    not change when it is copied (1.16b).
    """
    snapshot = backup.snapshot
    told = (backup.point.taken_at, snapshot.created_at, snapshot.original_at)
    return min(time for time in told if time is not None)


def misdated(backup: Owned) -> str | None:
    """What RDS says, in words, where its original time and the tag are more than a day apart."""
    original = backup.snapshot.original_at
    if original is None or abs(original - backup.point.taken_at) <= _ODD_BY:
        return None
    return (
        f"the tag of {backup.snapshot.identifier} says that its data is of "
        f"{iso(backup.point.taken_at)}, but RDS says {iso(original)}"
    )


class Vault(NamedTuple):
    """Where backups have to be to count: the backup account, and the ARN of its key."""

    account: str
    key: str


def under(snapshot: Snapshot, key: str) -> bool:
    """Whether the snapshot reads as encrypted under the key with this ARN."""
    return snapshot.encryption == "sse-kms" and snapshot.kms_key == key


def _under_a_key_of(snapshot: Snapshot, account: str) -> bool:
    """Whether it reads as encrypted under a KMS key of the account, whichever.

    What is named by an id or alias is a key of the account that asks (6.7).
    """
    key = snapshot.kms_key or ""
    return snapshot.encryption == "sse-kms" and key != "" and key.split(":")[4:5] in ([], [account])


def good(item: Owned) -> bool:
    """Ours and available."""
    return item.snapshot.status is Status.AVAILABLE


def sound_in(item: Owned, account: str) -> bool:
    """Good, in the account, under any key of that account, and not contradicted by RDS."""
    return _there(item, account) and _under_a_key_of(item.snapshot, account)


def verified(item: Owned, vault: Vault) -> bool:
    """Good, in the backup account, under the backup key, and not contradicted by RDS."""
    return _there(item, vault.account) and under(item.snapshot, vault.key)


def _there(item: Owned, account: str) -> bool:
    snapshot = item.snapshot
    return (
        good(item)
        and snapshot.account == account
        and snapshot.created_at is not None
        and contradiction(item) is None
    )


def came_from(item: Owned) -> str:
    """The source account: by RDS's own pointer where there is one, since the tags are its own."""
    account, _ = item.snapshot.origin or item.point.series[:2]
    return account


def contradiction(item: Owned) -> str | None:
    """What RDS itself returns of a backup, in words, where it contradicts the backup's tags.

    Its resource id is compared where there is one; whether a copy from another account carries it
    is documented nowhere.  The source is compared where it is a snapshot's ARN (1.16): so one
    source account cannot write into the series of another.
    """
    snapshot, series = item.snapshot, item.point.series
    if snapshot.resource_id not in (None, series.resource_id):
        return f"has resource id {snapshot.resource_id}, not {series.resource_id}"
    if snapshot.origin not in (None, (series.account, series.region)):
        account, region = snapshot.origin
        return (
            f"was copied from account {account} in {region}, "
            f"not from {series.account} in {series.region}"
        )
    return None


def started_at(item: Owned, now: datetime) -> datetime:
    """When a copy was asked for, by its tag; its data's time where the tag does not say.

    Anybody may edit a tag: what it says of the future is not believed.
    """
    said = item.snapshot.tags.get(STARTED_AT)
    try:
        moment = datetime.fromisoformat(said) if said else None
        if moment and moment.tzinfo:
            return min(now, moment.astimezone(UTC))
    except (ValueError, OverflowError):  # a time beyond the calendar overflows
        pass
    return min(now, item.point.taken_at)
