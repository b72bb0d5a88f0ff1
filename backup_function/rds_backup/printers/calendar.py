"""Which nights of a database are covered by what is held now: weeks of days, each with a mark.

A night is the UTC date of the automated snapshot.  What has expired is not held, so that nothing
is said of nights before the oldest copy held.  Pure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from rds_backup.report.detail import Condition, Detail

MOST_WEEKS = 5
_DAY = timedelta(days=1)


class Mark(StrEnum):
    """What a night comes to."""

    VERIFIED = "verified"
    COPYING = "copying"
    UNVERIFIED = "unverified"
    FAILED = "failed"
    GAP = "gap"
    NOTHING = "nothing"


MEANING = {
    Mark.VERIFIED: "a verified backup",
    Mark.COPYING: "a copy is under way",
    Mark.UNVERIFIED: "a backup that is not verified (under another key, for instance)",
    Mark.FAILED: "a failed copy, and no backup",
    Mark.GAP: "no backup held, between nights that have one or up to now",
    Mark.NOTHING: "before the oldest copy held, or still to come",
}
# The best of a night's copies speaks for it; one being deleted is as good as none.
_BEST = {
    Condition.VERIFIED: Mark.VERIFIED,
    Condition.COPYING: Mark.COPYING,
    Condition.UNVERIFIED: Mark.UNVERIFIED,
    Condition.FAILED: Mark.FAILED,
}
_ORDER = tuple(Mark)


@dataclass(frozen=True, slots=True)
class Day:
    """One night and its mark."""

    day: date
    mark: Mark


def weeks(detail: Detail, first_monday: date, today: date) -> tuple[tuple[Day, ...], ...]:
    """Whole weeks from a Monday on, the last one that of ``today``."""
    marks = _marks(detail)
    since = min(marks, default=today)
    count = (today - first_monday).days // 7 + 1
    return tuple(
        tuple(
            Day(day, marks.get(day, Mark.GAP if since < day < today else Mark.NOTHING))
            for day in (first_monday + (7 * week + weekday) * _DAY for weekday in range(7))
        )
        for week in range(count)
    )


def first_monday(details: Iterable[Detail], today: date) -> date:
    """Where calendars begin: with the oldest copy of all, at most MOST_WEEKS weeks back."""
    days = [day for detail in details for day in _marks(detail)]
    this_week = _monday(today)
    return max(this_week - 7 * (MOST_WEEKS - 1) * _DAY, _monday(min(days, default=today)))


def earlier(detail: Detail, first: date) -> int:
    """How many verified backups are of nights before a calendar's first."""
    verified = (h for h in detail.backups if h.condition is Condition.VERIFIED)
    return sum(_day(held.taken_at) < first for held in verified)


def _marks(detail: Detail) -> dict[date, Mark]:
    seen: Sequence[tuple[date, Mark]] = [
        *((_day(h.taken_at), _BEST[h.condition]) for h in detail.backups if h.condition in _BEST),
        *((_day(f.taken_at), Mark.COPYING) for f in detail.in_flight),
    ]
    marks: dict[date, Mark] = {}
    for day, mark in seen:
        marks[day] = min(mark, marks.get(day, mark), key=_ORDER.index)
    return marks


def _day(moment: str) -> date:
    return date.fromisoformat(moment[:10])


def _monday(day: date) -> date:
    return day - day.weekday() * _DAY
