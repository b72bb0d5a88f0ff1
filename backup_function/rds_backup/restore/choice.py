"""Which backup of a database to bring back, or why there is none.

Decides from the backups that a complete listing shows.  Must not know clocks, clients, the
environment, or how a restore is called for.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from rds_backup.model.clock import iso
from rds_backup.model.decisions import Owned, Series
from rds_backup.model.surroundings import Surroundings
from rds_backup.model.verified import (
    Vault,
    contradiction,
    data_at,
    good,
    misdated,
    under,
    verified,
)


class RestoreError(Exception):
    """There is nothing to restore, or it cannot be told what; the message says why."""


# The databases that bear a name now, or in words why that is not known.
type Bearers = tuple[Surroundings, ...] | str


@dataclass(frozen=True, slots=True)
class Restore:
    """A backup, and all that the commands to bring it back are made of.

    ``region`` is where the backup is, ``home_region`` where the database was.  ``target`` is the
    account to bring it back to, None where nobody has said.  ``home`` is what the database runs in
    there, or in words why that is not known; ``offered`` whether RDS still offers the version in
    ``region``, or in words why that is not known, and ``offered_at_home`` the same of the other.
    ``wanted`` is what was asked for, ``bearers`` are the databases that bear that name now.
    ``hidden`` tells of backups that were passed over without being dead: ``passed_over``.  What is
    not ``shareable`` is under ``aws/rds`` (2.13).
    """

    backup: Owned
    account: str
    region: str
    key: str
    target: str | None
    home: Surroundings | str
    offered: bool | str
    wanted: str
    bearers: Bearers = ()
    hidden: tuple[str, ...] = ()
    shareable: bool = True
    offered_at_home: bool | str = True

    @property
    def home_region(self) -> str:
        """The Region of the database, which its series keeps."""
        return self.backup.point.series.region

    @property
    def across(self) -> bool:
        """Whether the backup is in another Region than the database was."""
        return self.region != self.home_region

    def offers(self, region: str) -> bool | str:
        """Whether RDS offers the version in one of the two, or why that is not known."""
        return self.offered if region == self.region else self.offered_at_home


def choose(
    ours: Iterable[Owned], wanted: str, at: datetime | None, vault: Vault, bearers: Bearers = ()
) -> Owned:
    """The verified backup of ``wanted`` with the newest data, or the newest not later than ``at``.

    ``wanted`` is a resource id, or a name that a database has now (``bearers``) or had when it was
    backed up.  Raises RestoreError where no backup, or more than one database, fits.
    """
    items = tuple(ours)
    series = _one_series(items, wanted, vault.account, bearers)
    mine = [o for o in items if o.point.series == series]
    sound = [o for o in mine if verified(o, vault)]
    elsewhere = "".join(f"\n{line}" for line in passed_over(mine, vault))
    if not sound:
        states = "; ".join(f"{o.snapshot.identifier} {_state(o, vault.key)}" for o in mine)
        raise RestoreError(
            f"{wanted} has no verified backup in account {vault.account}: {states}{elsewhere}"
        )
    fitting = [o for o in sound if at is None or data_at(o) <= at]
    if not fitting and at is not None:
        oldest = iso(min(data_at(o) for o in sound))
        raise RestoreError(
            f"no verified backup of {wanted} is as old as {iso(at)}; "
            f"the oldest of {len(sound)} has data of {oldest}{elsewhere}"
        )
    return max(fitting, key=lambda o: (data_at(o), o.snapshot.identifier))


def passed_over(mine: Sequence[Owned], vault: Vault) -> tuple[str, ...]:
    """What is good and no plan is made for, or at another time than its tag says: a text each."""
    return (*under_other_keys(mine, vault), *_odd(mine))


def _odd(mine: Iterable[Owned]) -> Iterator[str]:
    """The good ones whose tags RDS contradicts: these are not restored, or are older than said."""
    who = "find out in the backup account's CloudTrail who made it"
    for backup in sorted(filter(good, mine), key=lambda o: o.snapshot.identifier):
        name, tagged = backup.snapshot.identifier, iso(backup.point.taken_at)
        if told := contradiction(backup):
            yield f"{name} (data of {tagged}, by its tag) is not restored: it {told}; {who}"
        elif told := misdated(backup):
            yield f"{told}; {who}"


def under_other_keys(mine: Sequence[Owned], vault: Vault) -> tuple[str, ...]:
    """One text for each key but the vault's that has good backups among these: which, and the fix.

    Good as under the vault's own: with that key configured they are verified.
    """
    keys = {o.snapshot.kms_key for o in mine} - {None, vault.key}
    found = {key: [o for o in mine if verified(o, vault._replace(key=key))] for key in keys if key}
    return tuple(
        f"to restore what is good under another key, set BACKUP_KMS_KEY_ID to {key}: "
        + ", ".join(
            f"{o.snapshot.identifier} (data of {iso(data_at(o))})"
            for o in sorted(each, key=data_at, reverse=True)
        )
        for key, each in sorted(found.items())
        if each
    )


def _one_series(items: Sequence[Owned], wanted: str, account: str, bearers: Bearers) -> Series:
    """The series meant: resource ids stay and are of one database, names move (1.8)."""
    said = wanted.lower()
    now = () if isinstance(bearers, str) else bearers
    bearing = {b.resource_id for b in now}
    found: dict[Series, list[Owned]] = {}
    for item in items:
        series = item.point.series
        if said == series.resource_id.lower():
            return series
        if said == item.point.database or series.resource_id in bearing:
            found.setdefault(series, []).append(item)
    if not found:
        names = ", ".join(sorted({o.point.database for o in items})) or "none"
        which = " or ".join(f"{b.kind} {b.identifier} ({b.resource_id})" for b in now) or wanted
        unknown = (
            f"; an earlier name of it is not known ({bearers}): give that, or its resource id"
            if isinstance(bearers, str)
            else ""
        )
        raise RestoreError(
            f"there is no backup of {which} in account {account}; "
            f"databases with backups: {names}{unknown}"
        )
    if len(found) > 1:
        each = "; ".join(sorted(_described(s, mine, bearing) for s, mine in found.items()))
        raise RestoreError(
            f"{wanted} is the name of {len(found)} databases with backups; "
            f"give the resource id of the one you mean: {each}"
        )
    return next(iter(found))


def _described(series: Series, mine: Sequence[Owned], bearing: Container[str]) -> str:
    newest = max(mine, key=data_at)
    now = ", has the name now" if series.resource_id in bearing else ""
    return (
        f"{series.resource_id} ({newest.point.kind} in account {series.account}, "
        f"{series.region}{now}, newest data of {iso(data_at(newest))})"
    )


def _state(item: Owned, key: str) -> str:
    """Why a backup is not verified."""
    snapshot = item.snapshot
    if snapshot.word != "available":
        return f"is {snapshot.word}"
    if not under(snapshot, key):
        return f"is under {snapshot.kms_key or 'no key'}, not under BACKUP_KMS_KEY_ID"
    return contradiction(item) or "is available, but not what its tags say"
