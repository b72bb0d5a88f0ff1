"""Which backup is brought back, and why there is none."""

from copy import replace

import pytest

from rds_backup.model.decisions import Owned
from rds_backup.model.inventory import Kind
from rds_backup.restore.choice import RestoreError, choose
from tests.support.making import DAY, HOUR, NIGHT, OTHER_KEY, VAULT, backup, point, series

WEEK = tuple(backup(point(NIGHT + n * DAY)) for n in range(7))


def test_the_newest_verified_backup_is_chosen() -> None:
    """Whatever the order of the listing."""
    assert WEEK[-1] == choose(reversed(WEEK), "orders", None, VAULT)
    assert WEEK[-1] == choose(WEEK, "orders", None, VAULT)


@pytest.mark.parametrize(("hours", "expected"), [(0, 3), (1, 3), (-1, 2), (24 * 30, 6)])
def test_the_newest_with_data_at_or_before_a_time_is_chosen(hours: int, expected: int) -> None:
    """The very moment of the data counts as before; the future has the newest."""
    at = WEEK[3].point.taken_at + hours * HOUR
    assert WEEK[expected] == choose(WEEK, "orders", at, VAULT)


def test_the_age_of_data_is_never_newer_than_rds_says() -> None:
    """A tag of a later time than the backup's creation is not believed."""
    forged = backup(point(NIGHT + 9 * DAY), created_at=NIGHT + 2 * DAY + HOUR)
    assert WEEK[-1] == choose((*WEEK, forged), "orders", None, VAULT)


def test_a_database_is_named_in_any_case_or_by_its_resource_id() -> None:
    """As RDS takes names."""
    for wanted in ("ORDERS", "orders", "db-ORDERS", "DB-orders"):
        assert WEEK[-1] == choose(WEEK, wanted, None, VAULT)


@pytest.mark.parametrize(
    ("unsound", "reason"),
    [
        (backup(word="creating"), "is creating"),
        (backup(word="failed"), "is failed"),
        (backup(key=OTHER_KEY), f"is under {OTHER_KEY}, not under BACKUP_KMS_KEY_ID"),
    ],
)
def test_what_is_not_verified_is_not_restored(unsound: Owned, reason: str) -> None:
    """And each is named with the reason, also beside older sound ones of other databases."""
    other = backup(point(database="billing"))
    with pytest.raises(RestoreError, match=reason):
        choose((unsound, other), "orders", None, VAULT)


def test_a_copy_that_is_not_what_its_tags_say_is_not_restored() -> None:
    """RDS's own resource id names another database."""
    wrong = backup()
    wrong = replace(wrong, snapshot=replace(wrong.snapshot, resource_id="db-OTHER"))
    with pytest.raises(RestoreError, match="not what its tags say"):
        choose((wrong,), "orders", None, VAULT)


def test_an_unsound_newer_one_gives_way_to_a_sound_older_one() -> None:
    """A copy under way hides no backup."""
    running = backup(point(NIGHT + 8 * DAY), word="creating")
    assert WEEK[-1] == choose((*WEEK, running), "orders", None, VAULT)


def test_without_any_backup_those_of_others_are_listed() -> None:
    """A misspelled name is seen at once."""
    others = backup(point(database="billing")), backup(point(database="stock"))
    with pytest.raises(RestoreError, match=r"no backup of orders in .*: billing, stock$"):
        choose(others, "orders", None, VAULT)
    with pytest.raises(RestoreError, match="databases with backups: none"):
        choose((), "orders", None, VAULT)


def test_before_the_oldest_there_is_nothing() -> None:
    """The refusal says how far back they go."""
    with pytest.raises(RestoreError, match="the oldest of 7 has data of 2026-03-02T02:00:30"):
        choose(WEEK, "orders", NIGHT - HOUR, VAULT)


def test_a_name_of_two_databases_is_refused() -> None:
    """A database made again under an old name is another one: its newest backup may be empty."""
    again = point(NIGHT + 9 * DAY, of=replace(series(), resource_id="db-AGAIN"))
    cluster = backup(point(NIGHT, kind=Kind.CLUSTER))
    items = (*WEEK, backup(again), cluster)
    with pytest.raises(RestoreError, match="the name of 3 databases") as refused:
        choose(items, "orders", None, VAULT)
    for resource_id in ("db-ORDERS (instance", "db-AGAIN (instance", "cluster-ORDERS (cluster"):
        assert resource_id in str(refused.value)
    assert WEEK[-1] == choose(items, "db-ORDERS", None, VAULT)
