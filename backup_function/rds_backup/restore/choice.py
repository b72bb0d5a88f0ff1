"""Which backup of a database to bring back, or why there is none.

Decides from the backups that a complete listing shows.  Must not know clocks, clients, the
environment, or how a restore is called for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rds_backup.model.clock import iso
from rds_backup.model.decisions import Owned, Series
from rds_backup.model.inventory import Surroundings
from rds_backup.model.verified import Vault, data_at, under, verified


class RestoreError(Exception):
    """There is nothing to restore, or it cannot be told what; the message says why."""


@dataclass(frozen=True, slots=True)
class Restore:
    """A backup, and all that the commands to bring it back are made of.

    ``target`` is the account to bring it back to, None where nobody has said.  ``home`` is what
    the database runs in there, or in words why that is not known.
    """

    backup: Owned
    account: str
    region: str
    key: str
    target: str | None
    home: Surroundings | str


def choose(ours: Iterable[Owned], wanted: str, at: datetime | None, vault: Vault) -> Owned:
    """The verified backup of ``wanted`` with the newest data, or the newest not later than ``at``.

    ``wanted`` is a database's identifier or resource id.  Raises RestoreError where no backup, or
    more than one database, fits.
    """
    items = tuple(ours)
    series = _one_series(items, wanted, vault.account)
    mine = [o for o in items if o.point.series == series]
    sound = [o for o in mine if verified(o, vault)]
    if not sound:
        states = "; ".join(f"{o.snapshot.identifier} is {_state(o, vault.key)}" for o in mine)
        raise RestoreError(f"{wanted} has no verified backup in account {vault.account}: {states}")
    fitting = [o for o in sound if at is None or data_at(o) <= at]
    if not fitting and at is not None:
        oldest = iso(min(data_at(o) for o in sound))
        raise RestoreError(
            f"no verified backup of {wanted} is as old as {iso(at)}; "
            f"the oldest of {len(sound)} has data of {oldest}"
        )
    return max(fitting, key=lambda o: (data_at(o), o.snapshot.identifier))


def _one_series(items: Sequence[Owned], wanted: str, account: str) -> Series:
    """The series meant; a name may have been that of several databases, a resource id may not."""
    found: dict[Series, list[Owned]] = {}
    for item in items:
        if wanted.lower() in (item.point.database, item.point.series.resource_id.lower()):
            found.setdefault(item.point.series, []).append(item)
    if not found:
        names = ", ".join(sorted({o.point.database for o in items})) or "none"
        raise RestoreError(
            f"there is no backup of {wanted} in account {account}; databases with backups: {names}"
        )
    if len(found) > 1:
        each = "; ".join(sorted(_described(series, mine) for series, mine in found.items()))
        raise RestoreError(
            f"{wanted} is the name of {len(found)} databases with backups; "
            f"give the resource id of the one you mean: {each}"
        )
    return next(iter(found))


def _described(series: Series, mine: Sequence[Owned]) -> str:
    newest = max(mine, key=data_at)
    return (
        f"{series.resource_id} ({newest.point.kind} in account {series.account}, "
        f"newest data of {iso(data_at(newest))})"
    )


def _state(item: Owned, key: str) -> str:
    """Why a backup is not verified."""
    snapshot = item.snapshot
    if snapshot.word != "available":
        return snapshot.word
    if not under(snapshot, key):
        return f"under {snapshot.kms_key or 'no key'}, not under BACKUP_KMS_KEY_ID"
    return "available, and not what its tags say"
