"""The most good copies that one series has of one UTC day, and the most of one source account."""

from copy import replace

import pytest

from rds_backup.decide.series import SeriesView
from rds_backup.model.decisions import Owned, Series
from rds_backup.model.inventory import Kind
from rds_backup.report.gauges import backup_gauges
from tests.support.making import (
    BACKUP_KEY,
    DAY,
    HOUR,
    NIGHT,
    OTHER_KEY,
    REGION,
    backup,
    point,
    series,
)

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


def of_accounts(*backups: Owned, whole: bool = True) -> int | None:
    """What is told of the accounts where these are there, each in its series."""
    views = [
        SeriesView(of, None, (), (), tuple(b for b in backups if b.point.series == of), frozenset())
        for of in {b.point.series for b in backups}
    ]
    told = backup_gauges([(v, None) for v in views], NIGHT, whole=whole, key=BACKUP_KEY)
    return told.most_backups_of_one_account


def theirs(number: int, copied_from: str | None = None) -> Owned:
    """A backup of another night of another account's database."""
    of = Series("333333333333", REGION, "db-THEIRS")
    made = backup(point(NIGHT - number * DAY, of=of))
    return replace(made, snapshot=replace(made.snapshot, copied_from=copied_from))


def test_the_account_with_the_most_is_told() -> None:
    """In whatever state its copies are, over all of its series."""
    mine = [backup(), backup(attempt=2, word="failed"), backup(point(database="billing"))]

    assert 0 == of_accounts()
    assert 3 == of_accounts(*mine, theirs(1), theirs(2))
    assert 4 == of_accounts(*mine, *(theirs(n) for n in range(4)))
    assert of_accounts(*mine, whole=False) is None


def test_each_family_has_places_of_its_own() -> None:
    """Two instances and a cluster take two places of one, and one of the other."""
    assert 2 == of_accounts(*(theirs(n) for n in range(2)), backup(point(kind=Kind.CLUSTER)))
    both = [backup(), backup(attempt=2), backup(point(kind=Kind.CLUSTER))]
    assert 2 == of_accounts(*both)


def test_what_rds_says_of_the_source_comes_before_the_tag() -> None:
    """Tags are what a source account says."""
    arn = f"arn:aws:rds:{REGION}:444444444444:snapshot:x"
    forged = [theirs(n, copied_from=arn) for n in range(2)]

    assert 2 == of_accounts(*forged, theirs(3), backup())
