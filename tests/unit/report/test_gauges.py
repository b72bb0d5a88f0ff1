"""The most good copies that one series has of one UTC day."""

from copy import replace

import pytest

from rds_backup.decide.series import SeriesView
from rds_backup.model.decisions import Owned
from rds_backup.report.gauges import backup_gauges
from tests.support.making import BACKUP_KEY, HOUR, NIGHT, OTHER_KEY, backup, point, series

MIDNIGHT = NIGHT.replace(hour=0, minute=0, second=0, microsecond=0)


def made(hours: float, attempt: int, word: str = "available", key: str = BACKUP_KEY) -> Owned:
    """A backup of ``orders``, so many hours after midnight."""
    one = backup(attempt=attempt, word=word, key=key)
    return replace(one, snapshot=replace(one.snapshot, created_at=MIDNIGHT + hours * HOUR))


def most(*backups: Owned, whole: bool = True) -> int | None:
    """What is told where these are there, and another series of one backup."""
    other = backup(point(database="billing"))
    views = [
        SeriesView(of, None, (), (), tuple(mine), frozenset())
        for of, mine in ((series(), backups), (series("billing"), [other]))
    ]
    told = backup_gauges([(v, None) for v in views], NIGHT, whole=whole, key=BACKUP_KEY)
    return told.most_backups_of_one_day


@pytest.mark.parametrize(
    ("expected", "backups"),
    [
        (1, []),
        (3, [made(0, 1), made(12, 2), made(23.9, 3)]),
        (2, [made(-0.1, 1), made(0, 2), made(23.9, 3)]),
        (2, [made(1, 1), made(2, 2, key=OTHER_KEY)]),
        (1, [made(1, 1), made(2, 2, "failed"), made(3, 3, "deleting")]),
    ],
    ids=["none", "one day", "of a day before", "under another key", "not available"],
)
def test_good_copies_of_one_day_are_counted(expected: int, backups: list[Owned]) -> None:
    """A flood is made of copies that could push others out, under whatever key."""
    assert expected == most(*backups)


def test_of_what_was_not_seen_whole_nothing_is_told() -> None:
    """An alarm keeps its state rather than to hear a smaller number."""
    assert most(made(1, 1), whole=False) is None
