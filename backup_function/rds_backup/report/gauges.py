"""The few numbers of a full look: how old the protection is, and what is open.

Pure.  It must not know metrics, and says nothing of what it was not shown whole.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from rds_backup.decide.retention import day_of
from rds_backup.decide.series import SeriesView
from rds_backup.model.decisions import Owned, Problem, State
from rds_backup.model.identity import RETIRED
from rds_backup.model.inventory import Status
from rds_backup.model.verified import came_from, data_at, good, started_at


class Gauges(NamedTuple):
    """The numbers of a full look; None is what was not looked at, or not whole."""

    oldest_backup_hours: float | None = None
    copies_in_flight: int | None = None
    shared_copies: int | None = None
    oldest_shared_copy_hours: float | None = None
    series_not_selected: int | None = None
    backup_key_usable: bool | None = None
    series: int | None = None
    series_retired: int | None = None
    most_backups_of_one_day: int | None = None
    places_used_percent: float | None = None
    most_backups_of_one_account: int | None = None


type Seen = Sequence[tuple[SeriesView, Owned | None]]


def source_gauges(seen: Seen, now: datetime, *, whole: bool) -> Gauges:
    """The gauges of a look in the source account, over series and their newest verified backups.

    ``whole``: every selected database is among them.  Otherwise the oldest age is not told, since
    the database that is missing might be the one without a backup.
    """
    selected = [(view, proof) for view, proof in seen if view.database is not None]
    opened = [started_at(s, now) for view, _ in seen for s in view.shared]
    return Gauges(
        oldest_backup_hours=_age(selected, now) if whole else None,
        copies_in_flight=_running(seen),
        shared_copies=len(opened),
        oldest_shared_copy_hours=_hours(opened, now),
        series_not_selected=sum(view.database is None and bool(proof) for view, proof in seen),
    )


def backup_gauges(seen: Seen, now: datetime, *, whole: bool, key: str | Problem) -> Gauges:
    """The gauges of a look in the backup account, over every series there.

    A series without any verified backup counts from its first copy.  One whose newest verified
    backup a person has tagged ``rds-backup:retired`` has no age: its database is gone on purpose.
    A newer backup makes it count again.  Where no series counts, no age is told.  ``whole``: every
    series is among them.  ``key`` is the backup key's ARN; whether it is usable is not told where
    no answer came.
    """
    counted = [(view, p) for view, p in seen if p is None or RETIRED not in p.snapshot.tags]
    return Gauges(
        oldest_backup_hours=_age(counted, now) if whole else None,
        copies_in_flight=_running(seen),
        backup_key_usable=_usable(key),
        series=len(counted) if whole else None,
        series_retired=len(seen) - len(counted) if whole else None,
        most_backups_of_one_day=_most_of_one_day(seen) if whole else None,
        most_backups_of_one_account=_most_of_one_account(seen) if whole else None,
    )


def _usable(key: str | Problem) -> bool | None:
    if isinstance(key, Problem):
        return False if key.state is State.BLOCKED else None
    return True


def _age(seen: Seen, now: datetime) -> float | None:
    """Hours since the least protected of them was; None where there is nothing that has an age.

    An account without backups is not one whose oldest is 0 hours old.
    """
    return _hours(_protected_at(seen, now), now) if seen else None


def _most_of_one_day(seen: Seen) -> int:
    """The most good copies of one series that RDS made within one UTC day."""
    days = Counter((view.series, day_of(b)) for view, _ in seen for b in view.backups if good(b))
    return max(days.values(), default=0)


def _most_of_one_account(seen: Seen) -> int:
    """The most copies of one family from one source account, whatever state they are in."""
    held = Counter((came_from(b), b.point.kind) for view, _ in seen for b in view.backups)
    return max(held.values(), default=0)


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
