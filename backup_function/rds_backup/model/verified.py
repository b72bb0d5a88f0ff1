"""What counts: under a key, good, verified, and how old the data of a backup is.

Nothing is protected, kept or replaced but by these rules; they know no listing and no account.
"""

from datetime import UTC, datetime
from typing import NamedTuple

from rds_backup.model.decisions import Owned
from rds_backup.model.identity import STARTED_AT
from rds_backup.model.inventory import Snapshot, Status


def data_at(backup: Owned) -> datetime:
    """The age of a backup's data: the earlier of its tag and RDS's creation time.

    A tag alone could be forged into the future.
    """
    created_at = backup.snapshot.created_at
    taken_at = backup.point.taken_at
    return taken_at if created_at is None else min(created_at, taken_at)


class Vault(NamedTuple):
    """Where backups have to be to count: the backup account, and the ARN of its key."""

    account: str
    key: str


def under(snapshot: Snapshot, key: str) -> bool:
    """Whether the snapshot reads as encrypted under the key with this ARN."""
    return snapshot.encryption == "sse-kms" and snapshot.kms_key == key


def good(item: Owned) -> bool:
    """Ours and available."""
    return item.snapshot.status is Status.AVAILABLE


def verified(item: Owned, vault: Vault) -> bool:
    """Good, in the backup account, under the backup key, and of the resource id its tags name.

    RDS's own resource id is compared where RDS returns one; whether a copy from another account
    carries it is documented nowhere.
    """
    snapshot = item.snapshot
    return (
        good(item)
        and snapshot.account == vault.account
        and under(snapshot, vault.key)
        and snapshot.created_at is not None
        and snapshot.resource_id in (None, item.point.series.resource_id)
    )


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
