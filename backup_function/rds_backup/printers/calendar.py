"""Which nights of a database are covered by what is held now: weeks of days, each with a mark.

A night is the UTC date of the automated snapshot.  What has expired is not held, so that nothing
is said of nights before the oldest copy held.  Pure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import batched, groupby

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
    BEFORE = "before"
    TO_COME = "to come"


MEANING = {
    Mark.VERIFIED: "a verified backup",
    Mark.COPYING: "a copy is under way",
    Mark.UNVERIFIED: "a backup that is not verified (under another key, for instance)",
    Mark.FAILED: "a failed copy, and no backup",
    Mark.GAP: "no backup held, between nights that have one or up to now",
    Mark.BEFORE: "nothing, before the oldest copy held",
    Mark.TO_COME: "still to come",
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
    days = (first_monday + number * _DAY for number in range(7 * count))
    nights = (Day(day, marks.get(day, _unmarked(day, since, today))) for day in days)
    return tuple(batched(nights, 7, strict=True))


def spells(nights: Iterable[Day]) -> list[tuple[date, date, Mark]]:
    """The same as spans of nights with one mark: the first night, the last one, the mark."""
    found = []
    for mark, alike in groupby(nights, key=lambda night: night.mark):
        days = [night.day for night in alike]
        found.append((days[0], days[-1], mark))
    return found


def first_monday(details: Iterable[Detail], today: date) -> date:
    """Where calendars begin: with the oldest copy of all, at most MOST_WEEKS weeks back."""
    days = [day for detail in details for day in _marks(detail)]
    this_week = _monday(today)
    return max(this_week - 7 * (MOST_WEEKS - 1) * _DAY, _monday(min(days, default=today)))


def earlier(detail: Detail, first: date) -> int:
    """How many verified backups are of nights before a calendar's first."""
    verified = (h for h in detail.backups if h.condition is Condition.VERIFIED)
    return sum(_day(held.taken_at) < first for held in verified)


def _unmarked(day: date, since: date, today: date) -> Mark:
    """Tonight's backup may still come, and what was before the oldest copy may have expired."""
    if day >= today:
        return Mark.TO_COME
    return Mark.GAP if day > since else Mark.BEFORE


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
