"""Which days are the first that there are of the newest weeks, months and years.

First and not last: once a period has a day, no later one takes its place, however many come.  The
newest periods that have a day, and not those before a clock: what stops loses nothing by waiting.
This module must not know what a backup is, and no clock.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from itertools import islice
from typing import NamedTuple

from rds_backup.model.settings import Rules

_DAY = timedelta(days=1)


class Tier(NamedTuple):
    """Periods of one length: the first day of each of the newest that have any, newest first.

    ``number`` counts the periods without a gap, ``form`` names them, ``most`` is how many are kept.
    """

    form: str
    number: Callable[[date], int]
    most: int
    firsts: Mapping[int, date]


def tiers_of(days: Iterable[date], rules: Rules) -> tuple[Tier, ...]:
    """The tiers that are asked for, longest periods first, of these days."""
    newest = sorted(days, reverse=True)
    asked = (
        ("%Y", _year, rules.yearly),
        ("%Y-%m", _month, rules.monthly),
        ("%G-W%V", _week, rules.weekly),
    )
    return tuple(
        # A period stays where its newest day has put it, and the last day put there is its first.
        Tier(form, number, most, dict(islice({number(d): d for d in newest}.items(), most)))
        for form, number, most in asked
        if most
    )


def period_of(day: date, tiers: Iterable[Tier]) -> str | None:
    """The longest period of whose first day it is: ``2026``, ``2026-03`` or ``2026-W10``."""
    held = (tier.form for tier in tiers if tier.firsts.get(tier.number(day)) == day)
    return next((day.strftime(form) for form in held), None)


def nights_held(day: date, tiers: Iterable[Tier], night: date) -> int:
    """How many more nights it takes until no tier holds the day; 0 if none does.

    One night a day from ``night`` on, which is later than all days that there are.
    """
    return max((_nights(day, tier, night) for tier in tiers), default=0)


def _nights(day: date, tier: Tier, night: date) -> int:
    mine, numbers = tier.number(day), [*tier.firsts]
    if tier.firsts.get(mine) != day:
        return 0
    newer = tier.most - numbers.index(mine)
    last = max(numbers[0], tier.number(night) - 1) + newer
    ahead = range((date.max - night).days)
    return 1 + bisect_left(ahead, last, key=lambda n: tier.number(night + n * _DAY))


def _week(day: date) -> int:
    return (day.toordinal() - 1) // 7  # the first day of the calendar is a Monday


def _month(day: date) -> int:
    return 12 * day.year + day.month


def _year(day: date) -> int:
    return day.year
