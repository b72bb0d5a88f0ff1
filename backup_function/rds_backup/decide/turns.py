"""Which backup is restored next, and how long it takes until each series had its turn.

Pure: the backups of the account and the time are arguments.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from math import ceil
from typing import NamedTuple

from rds_backup.decide.subjects import by_series
from rds_backup.model.clock import iso
from rds_backup.model.decisions import Owned, Problem
from rds_backup.model.identity import RETIRED, all_owned
from rds_backup.model.proof import Proof, last_drill, last_restored
from rds_backup.model.settings import BackupSettings, Drills
from rds_backup.model.verified import Vault, data_at, verified
from rds_backup.model.world import World

_NEVER = datetime.min.replace(tzinfo=UTC)
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
# One drill at a time, and none takes less.
_LEAST = timedelta(hours=1)
# The syntax is EventBridge Scheduler's: one minute of one hour, every day.
_DAILY = re.compile(r"cron\(\d+ \d+ (\*|\?) \* (\*|\?) \*\)")


class Turn(NamedTuple):
    """One series: its newest verified backup, its last drill, and the last that passed."""

    backup: Owned
    last: Proof | None
    restored: Proof | None


def turns(backups: Iterable[Owned], vault: Vault, now: datetime) -> list[Turn]:
    """Every series that has a verified backup and is not retired, the next one first.

    That is the one whose last drill, passed or failed, is the longest ago; those that had none come
    before.  Among equals the order changes with the day, so that none is always the last.
    """
    found = []
    for mine in by_series(backups).values():
        newest = max((b for b in mine if verified(b, vault)), key=data_at, default=None)
        if newest is not None and RETIRED not in newest.snapshot.tags:
            last, restored = last_drill(mine, now), last_restored(mine, now)
            found.append(Turn(newest, last[1] if last else None, restored[1] if restored else None))
    return sorted(found, key=lambda turn: (turn.last.at if turn.last else _NEVER, _lot(turn, now)))


def turns_in(world: World, backup: BackupSettings, now: datetime) -> tuple[list[Turn], bool]:
    """The turns of every series in the backup account that could be read; whether that is all."""
    key = world.backup_key
    if isinstance(key, Problem):
        return [], False
    read = [found for found in world.manual.values() if not isinstance(found, Problem)]
    mine = [owned for found in read for owned in all_owned(found.snapshots, backup.marker)]
    return turns(mine, backup.vault(key), now), len(read) == len(world.manual)


def _lot(turn: Turn, now: datetime) -> str:
    text = f"{'/'.join(turn.backup.point.series)} {iso(now)[:10]}"
    return sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Round:
    """All series that are to be restored in turn: how many, in how many days, and how it stands.

    ``days`` is None where no schedule tells it.  ``oldest_proof_days`` is of those that have one.
    ``not_restored`` have none, or one that is older than ``max_age_days``; None where there is no
    such limit.
    """

    series: int
    never: int
    days: int | None
    max_age_days: int
    oldest_proof_days: float | None
    not_restored: int | None


def round_of(found: Sequence[Turn], drills: Drills, now: datetime) -> Round:
    """How the drills of an account stand, of which every series is given."""
    return Round(
        series=len(found),
        never=sum(turn.restored is None for turn in found),
        days=_days(len(found), drills),
        max_age_days=drills.max_age_days,
        oldest_proof_days=_oldest_proof_days(found, now),
        not_restored=_not_restored(found, drills, now),
    )


def _days(series: int, drills: Drills) -> int | None:
    if drills.schedule is None:
        return None
    if found := _RATE.fullmatch(drills.schedule):
        return ceil(series * max(_LEAST, int(found[1]) * _UNITS[found[2]]) / timedelta(days=1))
    return series if _DAILY.fullmatch(drills.schedule) else None


def _not_restored(found: Iterable[Turn], drills: Drills, now: datetime) -> int | None:
    if not drills.max_age_days:
        return None
    oldest = now - timedelta(days=drills.max_age_days)
    return sum(turn.restored is None or turn.restored.at < oldest for turn in found)


def _oldest_proof_days(found: Iterable[Turn], now: datetime) -> float | None:
    ages = [(now - turn.restored.at) / timedelta(days=1) for turn in found if turn.restored]
    return round(max(ages), 2) if ages else None
