"""How many manual snapshots there will be, night by night, and when that is too many.

Assumes that each night makes one backup of each selected database, and that nobody else makes or
deletes a snapshot.  This module must not know quotas or accounts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain, count, islice, repeat

from rds_backup.decide.tiers import tiers_of
from rds_backup.model.settings import Rules

# Further ahead nobody plans; what has not been reached by then grows no more.
HORIZON_NIGHTS = 400


@dataclass(frozen=True, slots=True)
class Counts:
    """The copies of one database in the backup account.

    ``verified`` count, and so does tonight's own if it is ``made``, though it may still be running.
    ``kept`` are tagged by a person.  ``others`` are good ones not verified, of an older key say:
    they stay until as many verified ones are newer as are kept.  ``dead`` ones stay until tonight's
    is done.  ``proven`` is 1 where the last one that was restored may stay beside all others.
    ``days`` are those of which a tier may keep the backups, and ``tonight`` is that of the first
    night.
    """

    verified: int
    others: int = 0
    kept: int = 0
    dead: int = 0
    made: bool = False
    proven: int = 0
    days: frozenset[date] = frozenset()
    tonight: date = date.min


def totals(counts: Counts, rules: Rules, *, expires: bool = True) -> Iterator[int]:
    """The most copies of a database on each night from tonight on, without end.

    The new backup is there before an old one expires: N + 1, and up to 2N while the key changes;
    then those of the tiers.
    """
    days = rules.min_age.days
    verified, others, dead = counts.verified - counts.made, counts.others, counts.dead
    tiered = expires and rules.tiers
    ahead = _first_days(counts.days, counts.tonight, rules) if tiered else (0,)
    for night, beside in zip(count(1), chain((0,), ahead, repeat(ahead[-1])), strict=False):
        verified += 1
        firsts = 0 if others else beside
        yield verified + others + firsts + counts.kept + dead + counts.proven
        if expires:
            dead = 0
            others = others if verified < rules.keep or night <= days else 0
            verified = min(verified, most_kept(rules))


@lru_cache(maxsize=64)  # the databases of a fleet mostly have the same days
def _first_days(days: frozenset[date], tonight: date, rules: Rules) -> tuple[int, ...]:
    """How many are kept beside the newest, as the first of a period, after each night ahead."""
    there, found = set(days), []
    for night in range(HORIZON_NIGHTS):
        there.add(tonight + timedelta(days=night))
        newest = set(sorted(there)[-most_kept(rules) :])
        firsts = {day for tier in tiers_of(there, rules) for day in tier.firsts.values()}
        there = newest | firsts
        found.append(len(there) - len(newest))
    return tuple(found)


def most_kept(rules: Rules) -> int:
    """The most verified backups that are left once the old ones have expired, one made each day."""
    days = rules.min_age.days
    return max(rules.keep, days + 1 if days else 0)


def first_too_many(
    databases: Sequence[Counts], rules: Rules, beside: int, most: int, *, expires: bool = True
) -> int | None:
    """The first night, tonight is 1, with more than ``most``; None if there is none ahead.

    ``beside`` is what is there besides, and stays as it is.
    """
    nights = zip(*(totals(d, rules, expires=expires) for d in databases), strict=True)
    for night, copies in enumerate(islice(nights, HORIZON_NIGHTS), 1):
        if beside + sum(copies) > most:
            return night
    return None
