"""The last look before a deletion: it is still what it was when it was decided on.

Pure checks of a fresh reading; each raises GuardError, and then nothing is deleted.  This module
must not know why something is to be deleted, and never says that something may go in general.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from rds_backup.decide.retention import counted_days, first_of, later_days, tiers_held
from rds_backup.model.decisions import DeleteShared, Owned
from rds_backup.model.identity import Marker, owned
from rds_backup.model.inventory import Snapshot, Status
from rds_backup.model.proof import without_proof
from rds_backup.model.settings import Rules
from rds_backup.model.verified import Vault, verified

FRESH = timedelta(seconds=60)


class GuardError(Exception):
    """What was to be deleted is not what it was, or too little would be left."""


def fresh(read_at: datetime, now: datetime) -> bool:
    """Whether a reading may still be acted on: at most 60 seconds old, and not from the future."""
    return timedelta(0) <= now - read_at <= FRESH


def unchanged(planned: Owned, now_there: Snapshot, account: str, marker: Marker) -> None:
    """Raise unless the snapshot is ours, deletable, and the very one that was planned for."""
    name = planned.snapshot.identifier
    again = owned(now_there, marker)
    if again is None or now_there.account != account:
        raise GuardError(f"{name} is no longer ours")
    if now_there.status not in (Status.AVAILABLE, Status.DEAD):
        raise GuardError(f"{name} is {now_there.word} now")
    before = planned.snapshot
    same = (
        again.point == planned.point
        and again.attempt == planned.attempt
        and without_proof(now_there.tags) == without_proof(before.tags)
        and now_there.status is before.status
        and now_there.kms_key == before.kms_key
        and now_there.created_at == before.created_at
    )
    if not same:
        raise GuardError(f"{name} is not the snapshot that the decision was about")


def floor_holds(item: Owned, read: Collection[Owned], rules: Rules, vault: Vault) -> None:
    """Raise unless enough is left of the item's series: retention's own rule, on a fresh reading.

    ``read`` is what has just been read of the series, less what has been deleted since: verified
    backups of as many later UTC days as are kept (one at least) have to be among it, and of each
    period that a tier keeps an earlier day.  A dead copy holds no data: for it one verified backup
    is enough.
    """
    name = item.snapshot.identifier
    sound = [b for b in read if verified(b, vault)]
    if item.snapshot.status is Status.DEAD:
        if not sound:
            raise GuardError(f"{name}: its series no longer has a verified backup")
        return
    later = later_days(item, counted_days(sound))
    if later < max(1, rules.keep):
        raise GuardError(
            f"{name}: only {later} later days have a verified backup, not {rules.keep}"
        )
    first = first_of(item, tiers_held(read, vault.account, rules), vault.account)
    if first:
        raise GuardError(f"{name}: it is of the first day that is left of {first}")


def not_needed(delete: DeleteShared, there: Mapping[str, Snapshot], vault: Vault) -> None:
    """Raise while a copy in the backup account may still need the shared copy.

    ``there`` are the snapshots that the deletion rests on, just read from the backup account.
    """
    name = delete.shared.snapshot.identifier
    if delete.backup is not None:
        found = there.get(delete.backup.snapshot.identifier)
        before = delete.backup.snapshot
        if found is None or without_proof(found.tags) != without_proof(before.tags):
            raise GuardError(f"{name}: its backup no longer exists")
        if not verified(delete.backup._replace(snapshot=found), vault):
            raise GuardError(f"{name}: its backup is no longer verified")
    alive = [n for n in delete.rivals if n in there and there[n].status is Status.RUNNING]
    if alive:
        raise GuardError(f"{name}: {alive[0]} is {there[alive[0]].word} in the backup account")
