"""How many manual snapshots there will be, night by night, and when that is too many.

Assumes that each night makes one backup of each selected database, and that nobody else makes or
deletes a snapshot.  This module must not know quotas or accounts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice

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
    """

    verified: int
    others: int = 0
    kept: int = 0
    dead: int = 0
    made: bool = False
    proven: int = 0


def totals(counts: Counts, rules: Rules, *, expires: bool = True) -> Iterator[int]:
    """The most copies of a database on each night from tonight on, without end.

    The new backup is there before an old one expires: N + 1, and up to 2N while the key changes.
    """
    days = rules.min_age.days
    verified, others, dead = counts.verified - counts.made, counts.others, counts.dead
    for night in count(1):
        verified += 1
        yield verified + others + counts.kept + dead + counts.proven
        if expires:
            dead = 0
            others = others if verified < rules.keep or night <= days else 0
            verified = min(verified, most_kept(rules))


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
