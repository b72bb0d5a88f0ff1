"""What the last reading before a deletion counts: what is there, less what was deleted since."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import pytest

from rds_backup.apply.clients import Clients
from rds_backup.apply.deletions import Deletions
from rds_backup.model.clock import Time
from rds_backup.model.decisions import Expire, Owned
from rds_backup.model.inventory import Kind, Lane, Side, Snapshot
from rds_backup.model.settings import BackupSettings, Rules
from rds_backup.model.world import Learned, Selection, World
from tests.support.making import (
    BACKUP,
    BACKUP_KEY,
    DAY,
    NIGHT,
    PREFIX,
    REGION,
    backup,
    listing,
    point,
)

if TYPE_CHECKING:
    from rds_backup.aws.rds import Rds

LANE = Lane(Side.BACKUP, Kind.INSTANCE)
NIGHTS = [backup(point(NIGHT - n * DAY)) for n in range(4)]


class Shelf:
    """An account whose listing goes on to show what has been deleted (1.11)."""

    def __init__(self, there: Sequence[Owned]) -> None:
        """Hold these."""
        self._there = {b.snapshot.identifier: b.snapshot for b in there}
        self.deleted: list[str] = []

    def named(self, _kind: Kind, names: Sequence[str]) -> dict[str, Snapshot]:
        """Those that are there, or seem to be."""
        return {name: self._there[name] for name in names if name in self._there}

    def delete(self, _kind: Kind, name: str) -> None:
        """Note it."""
        self.deleted.append(name)


def expire(shelf: Shelf, due: Owned, learned: Learned, rules: Rules) -> None:
    """Delete it, decided on a listing of all nights."""
    world = World(Selection((), ()), frozenset(), {}, {LANE: listing(*NIGHTS)}, "", BACKUP_KEY)
    settings = BackupSettings(BACKUP, REGION, BACKUP_KEY, PREFIX, rules, 36)
    time = Time(lambda: NIGHT, lambda: 600.0, lambda _: None)
    clients = Clients(None, cast("Rds", shelf), "", settings, time)
    Deletions(world, learned, clients).expire([Expire(due, "due")])


@pytest.mark.parametrize(("expected", "gone"), [(1, 0), (0, 1), (0, 2)])
def test_what_was_deleted_before_is_no_floor_though_it_still_shows(
    expected: int, gone: int
) -> None:
    """Three are kept, and a listing that lags shows what this invocation has deleted."""
    learned = Learned(gone={LANE: {b.snapshot.identifier for b in NIGHTS[:gone]}})
    shelf = Shelf(NIGHTS)
    expire(shelf, NIGHTS[3], learned, Rules(3, timedelta(0)))

    assert expected == len(shelf.deleted)
    words = [u.words for series in learned.undeleted.values() for u in series.values()]
    assert [f"only {3 - gone} later days have" in w for w in words] == [True] * (1 - expected)


@pytest.mark.parametrize(("expected", "gone"), [(1, 0), (0, 1)])
def test_the_next_one_stays_where_a_person_has_deleted_the_first_of_a_period(
    expected: int, gone: int
) -> None:
    """What the old listing had of the week is read again: by what is left, it is the first."""
    learned, shelf = Learned(), Shelf(NIGHTS[: 4 - gone])
    expire(shelf, NIGHTS[2], learned, Rules(1, timedelta(0), weekly=2))

    assert expected == len(shelf.deleted)
    words = [u.words for series in learned.undeleted.values() for u in series.values()]
    assert ["first day that is left of 2026-W09" in w for w in words] == [True] * (1 - expected)
