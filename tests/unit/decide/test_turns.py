"""Whose turn a drill is, and how long it takes until each had its own."""

import pytest

from rds_backup.decide.turns import round_of, turns, turns_in
from rds_backup.model.decisions import Owned, Problem, State
from rds_backup.model.identity import RETIRED
from rds_backup.model.inventory import Kind, Lane, Listing, Side
from rds_backup.model.proof import Proof
from rds_backup.model.settings import BackupSettings, Drills, Rules
from rds_backup.model.world import Selection, World
from tests.support.making import (
    BACKUP,
    BACKUP_KEY,
    DAY,
    HOUR,
    NIGHT,
    OTHER_KEY,
    PREFIX,
    REGION,
    VAULT,
    backup,
    listing,
    point,
    series,
)

NOW = NIGHT + 30 * DAY
UNREAD = Problem(State.UNKNOWN, "throttled", "wait")


def on(
    night: int, database: str, result: str | None = None, ended: int = 0, key: str = BACKUP_KEY
) -> Owned:
    """The backup of a night, whose drill ended so many days after the first night."""
    tags = Proof(NIGHT + ended * DAY, 30, result).as_tags if result else {}
    return backup(point(NIGHT + night * DAY, database), key=key, tags=tags)


def order(*backups: Owned) -> list[str]:
    """The databases in their turn."""
    return [turn.backup.point.database for turn in turns(backups, VAULT, NOW)]


def in_account(
    instances: Listing | Problem, clusters: Listing | Problem, key: str | Problem = BACKUP_KEY
) -> tuple[list[str], bool]:
    """The databases of the backup account in their turn, and whether that is all of them."""
    manual = {
        Lane(Side.BACKUP, Kind.INSTANCE): instances,
        Lane(Side.BACKUP, Kind.CLUSTER): clusters,
    }
    world = World(Selection((), ()), frozenset(), {}, manual, "", key)
    settings = BackupSettings(BACKUP, REGION, BACKUP_KEY, PREFIX, Rules(7, 0 * HOUR), 36)
    found, whole = turns_in(world, settings, NOW)
    return [turn.backup.point.database for turn in found], whole


def test_both_families_of_the_account_take_turns() -> None:
    """Those alone that this deployment made, under the key of today."""
    persons = on(9, "persons")
    persons = persons._replace(snapshot=persons.snapshot._replace(tags={}))
    orders, users = on(1, "orders", "passed", 8), on(1, "users", "passed", 7)
    cluster = backup(point(NIGHT, "billing", kind=Kind.CLUSTER))
    older = on(5, "older", key=OTHER_KEY)
    instances = listing(orders, persons, users, older)

    assert (["billing", "users", "orders"], True) == in_account(instances, listing(cluster))


def test_what_cannot_be_read_of_the_account_leaves_the_turns_incomplete() -> None:
    """The other family goes on; without the key nothing is known to be verified."""
    orders = listing(on(1, "orders"))

    assert (["orders"], False) == in_account(orders, UNREAD)
    assert ([], False) == in_account(UNREAD, UNREAD)
    assert ([], False) == in_account(orders, listing(), key=UNREAD)


def test_the_one_whose_last_drill_is_the_longest_ago_is_next() -> None:
    """Passed or failed, on whichever of its backups."""
    assert ["billing", "orders", "users"] == order(
        on(1, "orders", "passed", 8),
        on(9, "orders"),
        on(1, "billing", "overdue", 7),
        on(9, "billing"),
        on(1, "users", "passed", 2),
        on(2, "users", "storage", 9),
    )


def test_one_that_was_never_restored_comes_before_all_others() -> None:
    """However new it is."""
    assert "users" == order(on(1, "orders", "passed", 2), on(9, "users"))[0]


def test_of_a_series_the_newest_verified_backup_is_restored() -> None:
    """Not a newer one that is not verified."""
    (turn,) = turns([on(1, "orders"), on(3, "orders"), on(5, "orders", key=OTHER_KEY)], VAULT, NOW)
    assert NIGHT + 3 * DAY == turn.backup.point.taken_at


def test_the_newest_is_that_of_the_newest_data() -> None:
    """Whatever it is called: a database may get another name."""
    renamed = backup(point(NIGHT + 3 * DAY, "a-new-name", of=series("orders")))
    (turn,) = turns([on(1, "orders"), renamed, on(2, "orders")], VAULT, NOW)
    assert renamed is turn.backup


def test_a_series_without_a_verified_backup_or_retired_has_no_turn() -> None:
    """There is nothing to prove, or nobody who wants it proven."""
    retired = backup(point(NIGHT, "old"), tags={RETIRED: "gone"})
    assert ["orders"] == order(on(1, "orders"), on(1, "users", key=OTHER_KEY), retired)


def test_a_retired_series_that_is_backed_up_again_has_its_turn() -> None:
    """Its newest backup decides, as in the alarms."""
    older = backup(point(NIGHT, "orders"), tags={RETIRED: "gone"})
    assert ["orders"] == order(older, on(1, "orders"))


def test_equals_take_turns_by_the_day() -> None:
    """The order is the same all day, and none is always the last."""
    fleet = [on(1, f"db-{n}") for n in range(5)]

    def names(hours: int) -> tuple[str, ...]:
        at = NOW + hours * HOUR
        return tuple(t.backup.point.database for t in turns(fleet, VAULT, at))

    assert names(0) == names(1) == ("db-2", "db-4", "db-0", "db-3", "db-1")
    assert {names(24 * day)[-1] for day in range(40)} == {f"db-{n}" for n in range(5)}


@pytest.mark.parametrize(
    ("schedule", "days"),
    [
        ("rate(1 day)", 3),
        ("rate(2 days)", 6),
        ("rate(12 hours)", 2),
        ("rate(30 minutes)", 1),
        ("rate(1 minute)", 1),
        ("cron(0 9 * * ? *)", 3),
        ("cron(0 9 ? * * *)", 3),
        ("cron(0 9 ? * MON *)", None),
        ("cron(0 9,21 * * ? *)", None),
        (None, None),
        ("", None),
    ],
)
def test_a_round_takes_as_many_days_as_there_are_turns(
    schedule: str | None, days: int | None
) -> None:
    """What no schedule tells is not guessed."""
    fleet = turns([on(1, f"db-{n}") for n in range(3)], VAULT, NOW)
    assert days == round_of(fleet, Drills(schedule), NOW).days


def test_whoever_has_no_proof_or_an_old_one_is_counted() -> None:
    """A failure is no proof, and neither is one that is older than the limit."""
    fleet = turns(
        [
            on(1, "fresh", "passed", 25),
            on(1, "old", "passed", 9),
            on(1, "failed", "storage", 29),
            on(1, "never"),
            on(1, "neither"),
        ],
        VAULT,
        NOW,
    )
    found = round_of(fleet, Drills("rate(1 day)", 20), NOW)
    assert (5, 3, 4, 20, 21.0) == (
        found.series,
        found.never,
        found.not_restored,
        found.max_age_days,
        found.oldest_proof_days,
    )
    at_the_limit = round_of(fleet, Drills("rate(1 day)", 21), NOW)
    assert 3 == at_the_limit.not_restored
    later = round_of(fleet, Drills(), NOW + 4 * HOUR)
    assert 21.17 == later.oldest_proof_days


def test_without_a_limit_nothing_is_too_old() -> None:
    """And where there is no proof there is no age."""
    fleet = turns([on(1, "orders", "passed", 3)], VAULT, NOW)
    assert round_of(fleet, Drills(), NOW).not_restored is None
    assert round_of([], Drills("rate(1 day)", 1), NOW).oldest_proof_days is None
