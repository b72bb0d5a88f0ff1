"""How what is read again before deletions is divided: every name once, a hundred at a time."""

from datetime import timedelta

import pytest

from rds_backup.apply.portions import packed, rests_on, with_floors
from rds_backup.aws.rds import MAX_VALUES
from rds_backup.model.decisions import DeleteShared, Expire, Owned
from rds_backup.model.settings import Rules
from tests.support.making import DAY, NIGHT, OTHER_KEY, VAULT, backup, point, shared


def nights(database: str, count: int) -> list[Owned]:
    """The backups of so many nights of a database, oldest first."""
    return [backup(point(NIGHT - n * DAY, database)) for n in range(count, 0, -1)]


def rules(keep: int, monthly: int = 0) -> Rules:
    """So many days are kept, and the first of so many months."""
    return Rules(keep, timedelta(0), monthly=monthly)


def names(backups: list[Owned]) -> tuple[str, ...]:
    """Their identifiers."""
    return tuple(b.snapshot.identifier for b in backups)


def test_what_goes_is_read_with_the_newest_of_each_day_that_stays() -> None:
    """Of each of the N newest days one verified backup: all that the floor needs."""
    ten = nights("orders", 10)
    twice = backup(point(NIGHT - DAY), 2)
    due = [Expire(b, "due") for b in ten[:3]]
    (part,) = with_floors(due, {ten[0].point.series: [*ten, twice]}, VAULT, rules(4))

    assert tuple(due) == part.expires
    newest = [twice, *ten[:-5:-1][1:]]
    assert names(newest) == part.floor
    assert (*names(ten[:3]), *names(newest)) == part.names


def test_every_series_is_read_with_a_floor_of_its_own() -> None:
    """Another series' backups are no reason to let one of this go."""
    orders, billing = nights("orders", 3), nights("billing", 3)
    series = {b[0].point.series: b for b in (orders, billing)}
    due = [Expire(b[0], "due") for b in (orders, billing)]
    parts = list(with_floors(due, series, VAULT, rules(2)))

    assert [names(orders[:0:-1]), names(billing[:0:-1])] == [p.floor for p in parts]


@pytest.mark.parametrize(
    ("expected", "count", "keep"),
    [([93, 93, 14], 207, 7), ([1, 1], 101, 99), ([100, 5], 205, 100), ([100, 7], 257, 150)],
)
def test_a_series_that_does_not_fit_one_listing_is_read_in_parts(
    expected: list[int], count: int, keep: int
) -> None:
    """1.7b: each with the whole floor, which alone may be more than a hundred names."""
    backups = nights("orders", count)
    due = [Expire(b, "due") for b in backups[: count - keep]]
    parts = list(with_floors(due, {backups[0].point.series: backups}, VAULT, rules(keep)))

    assert expected == [len(p.expires) for p in parts]
    assert due == [e for p in parts for e in p.expires]
    assert {names(backups[: -keep - 1 : -1])} == {p.floor for p in parts}


def test_what_a_tier_holds_is_read_as_well() -> None:
    """Of each first day one sound backup, under whatever key; each name once."""
    january, more, february, february_too = (
        backup(point(NIGHT - ago * DAY), attempt, key=OTHER_KEY)
        for ago, attempt in ((40, 1), (39, 1), (29, 1), (29, 2))
    )
    recent = nights("orders", 3)
    backups = {more.point.series: [january, more, february, february_too, *recent]}
    (part,) = with_floors([Expire(more, "due")], backups, VAULT, rules(2, monthly=3))

    assert names([recent[2], recent[1], january, february_too]) == part.floor


@pytest.mark.parametrize(
    ("expected", "sizes"),
    [
        ([], []),
        ([[1]], [1]),
        ([[50, 50]], [50, 50]),
        ([[50, 50], [1]], [50, 50, 1]),
        ([[50], [51, 49], [2]], [50, 51, 49, 2]),
        ([[150], [1]], [150, 1]),
        ([[1], [150], [1]], [1, 150, 1]),
    ],
)
def test_as_many_at_once_as_fit_a_listing(expected: list[list[int]], sizes: list[int]) -> None:
    """What alone is more than fits is alone."""
    units = [[f"{n}-{k}" for k in range(size)] for n, size in enumerate(sizes)]
    assert expected == [[len(u) for u in batch] for batch in packed(units, lambda u: u)]


def test_a_name_that_several_rest_on_counts_once() -> None:
    """Two shared copies of one point have the same rivals."""
    rivals = tuple(f"rival-{n}" for n in range(MAX_VALUES))
    both = [DeleteShared(shared(attempt=n), "why", rivals=rivals) for n in (1, 2)]
    assert [both] == list(packed(both, rests_on))


def test_a_deletion_rests_on_the_rivals_and_the_backup() -> None:
    """What may be alive, and what the shared copy was for."""
    delete = DeleteShared(shared(), "why", backup(), ("one", "two"))
    assert ("one", "two", backup().snapshot.identifier) == rests_on(delete)
