"""The few numbers of a full look: how old the protection is, and what is open.

Pure.  It must not know metrics, and says nothing of what it was not shown whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rds_backup.decide.series import SeriesView
from rds_backup.model.decisions import Owned, Problem, State
from rds_backup.model.identity import RETIRED
from rds_backup.model.inventory import Status
from rds_backup.model.verified import data_at, started_at


@dataclass(frozen=True, slots=True)
class Gauges:
    """The numbers of a full look; None is what was not looked at, or not whole."""

    oldest_backup_hours: float | None = None
    copies_in_flight: int | None = None
    shared_copies: int | None = None
    oldest_shared_copy_hours: float | None = None
    series_not_selected: int | None = None
    backup_key_usable: bool | None = None


type Seen = Sequence[tuple[SeriesView, Owned | None]]


def source_gauges(seen: Seen, now: datetime, *, whole: bool) -> Gauges:
    """The gauges of a look in the source account, over series and their newest verified backups.

    ``whole``: every selected database is among them.  Otherwise the oldest age is not told, since
    the database that is missing might be the one without a backup.
    """
    selected = [(view, proof) for view, proof in seen if view.database is not None]
    opened = [started_at(s, now) for view, _ in seen for s in view.shared]
    return Gauges(
        oldest_backup_hours=_hours(_protected_at(selected, now), now) if whole else None,
        copies_in_flight=_running(seen),
        shared_copies=len(opened),
        oldest_shared_copy_hours=_hours(opened, now),
        series_not_selected=sum(view.database is None and bool(proof) for view, proof in seen),
    )


def backup_gauges(seen: Seen, now: datetime, *, whole: bool, key: str | Problem) -> Gauges:
    """The gauges of a look in the backup account, over every series there.

    A series without any verified backup counts from its first copy.  One whose newest verified
    backup a person has tagged ``rds-backup:retired`` has no age: its database is gone on purpose.
    A newer backup makes it count again.  ``key`` is the backup key's ARN; whether it is usable is
    not told where no answer came.
    """
    counted = [(view, p) for view, p in seen if p is None or RETIRED not in p.snapshot.tags]
    return Gauges(
        oldest_backup_hours=_hours(_protected_at(counted, now), now) if whole else None,
        copies_in_flight=_running(seen),
        backup_key_usable=_usable(key),
    )


def _usable(key: str | Problem) -> bool | None:
    if isinstance(key, Problem):
        return False if key.state is State.BLOCKED else None
    return True


def _protected_at(seen: Seen, now: datetime) -> list[datetime]:
    """Since when each series is protected; one without a backup from its own beginning."""
    return [data_at(proof) if proof else _began_at(view, now) for view, proof in seen]


def _began_at(view: SeriesView, now: datetime) -> datetime:
    if view.database is not None:
        return view.database.created_at or now
    return min((started_at(b, now) for b in view.backups), default=now)


def _running(seen: Seen) -> int:
    return sum(
        item.snapshot.status is Status.RUNNING
        for view, _ in seen
        for item in (*view.shared, *view.backups)
    )


def _hours(moments: Iterable[datetime], now: datetime) -> float:
    """How long ago the earliest of them was, in hours; 0 where there is none."""
    return round(max(((now - m).total_seconds() / 3600 for m in moments), default=0.0), 2)
