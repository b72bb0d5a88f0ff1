"""Which backup is brought back, and why there is none."""

from copy import replace
from typing import Any

import pytest

from rds_backup.model.decisions import Owned
from rds_backup.model.inventory import Kind
from rds_backup.model.surroundings import Surroundings
from rds_backup.restore.choice import RestoreError, choose, passed_over, under_other_keys
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
    with pytest.raises(RestoreError, match="has resource id db-OTHER, not db-ORDERS"):
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


def bearer(resource_id: str, kind: Kind = Kind.INSTANCE) -> Surroundings:
    """The database that is called ``main`` now."""
    return Surroundings(kind, "main", resource_id, None, None, (), None, None, None, None, None)


def test_a_name_that_a_database_has_now_means_its_backups() -> None:
    """They bear the name that it had; others are not meant."""
    others = backup(point(NIGHT + 9 * DAY, database="billing"))
    assert WEEK[-1] == choose((*WEEK, others), "MAIN", None, VAULT, (bearer("db-ORDERS"),))


def test_a_name_that_one_has_and_another_had_is_refused() -> None:
    """Neither is taken without a word; it is said who bears it now."""
    gone = backup(point(NIGHT + 9 * DAY, database="main"))
    with pytest.raises(RestoreError, match="main is the name of 2 databases") as refused:
        choose((*WEEK, gone), "main", None, VAULT, (bearer("db-ORDERS"),))
    assert (
        "db-ORDERS (instance in account 111111111111, eu-west-1, has the name now, newest"
        in str(refused.value)
    )
    assert "db-MAIN (instance in account 111111111111, eu-west-1, newest" in str(refused.value)
    for wanted in ("db-MAIN", "db-main"):
        assert gone == choose((*WEEK, gone), wanted, None, VAULT, (bearer("db-ORDERS"),))


def test_a_bearer_without_a_backup_is_named() -> None:
    """It is there, so the name is no mistake."""
    with pytest.raises(
        RestoreError, match=r"no backup of cluster main \(cluster-MAIN\) in account"
    ):
        choose(WEEK, "main", None, VAULT, (bearer("cluster-MAIN", Kind.CLUSTER),))


def test_where_names_cannot_be_read_the_refusal_says_what_to_give() -> None:
    """An earlier name, or the resource id."""
    with pytest.raises(
        RestoreError, match=r"orders; an earlier .* \(not read\): give that, or its r"
    ):
        choose(WEEK, "main", None, VAULT, "not read")


OLDER = tuple(backup(point(NIGHT - n * DAY), key=OTHER_KEY) for n in range(1, 7))


@pytest.mark.parametrize("items", [(*OLDER, WEEK[-1]), OLDER], ids=["some", "all"])
def test_backups_under_another_key_are_named_with_the_variable(items: tuple[Owned, ...]) -> None:
    """Whether or not there is a verified one that is too young; the newest first."""
    with pytest.raises(RestoreError) as refused:
        choose(items, "orders", NIGHT - DAY, VAULT)
    told = str(refused.value).splitlines()[1]
    assert told.startswith("to restore what is good under another key, set BACKUP_KMS_KEY_ID to")
    assert (
        f"{OTHER_KEY}: {OLDER[0].snapshot.identifier} (data of 2026-03-01T02:00:30.250Z), " in told
    )
    assert all(o.snapshot.identifier in told for o in OLDER)


def test_what_is_good_for_nothing_under_another_key_is_not_named() -> None:
    """Dead, running, of another database or another account, or under no key."""
    of_another = replace(OLDER[0], snapshot=replace(OLDER[0].snapshot, resource_id="db-OTHER"))
    elsewhere = replace(OLDER[0], snapshot=replace(OLDER[0].snapshot, arn=WEEK[0].point.source_arn))
    plain = replace(WEEK[0], snapshot=replace(WEEK[0].snapshot, encryption="none", kms_key=None))
    dead = backup(word="failed", key=OTHER_KEY)
    running = backup(word="creating", key=OTHER_KEY)
    assert () == under_other_keys((of_another, elsewhere, plain, dead, running, *WEEK), VAULT)


def test_each_key_is_told_apart() -> None:
    """One text a key: each needs its own value of the variable."""
    third = OTHER_KEY.replace("00f", "00e")
    found = under_other_keys((*OLDER, backup(key=third)), VAULT)
    assert 2 == len(found)
    assert third in found[0]
    assert OTHER_KEY in found[1]


def _of(item: Owned, **fields: Any) -> Owned:  # noqa: ANN401 - fields of a snapshot
    """The same backup, of which RDS returns something else."""
    return replace(item, snapshot=replace(item.snapshot, **fields))


def test_what_rds_contradicts_is_named_with_what_it_says() -> None:
    """Of each only the one that counts for more: not verified, before older than said."""
    other = _of(WEEK[1], resource_id="db-OTHER", original_at=NIGHT - 9 * DAY)
    older = _of(WEEK[3], original_at=NIGHT - 9 * DAY)
    first, second = passed_over((*WEEK[4:], older, other), VAULT)
    assert first.startswith(f"{other.snapshot.identifier} (data of 2026-03-03T02:00:30.250Z, by ")
    assert "is not restored: it has resource id db-OTHER, not db-ORDERS; find out" in first
    assert second.startswith(f"the tag of {older.snapshot.identifier} says that its data is of ")
    assert "but RDS says 2026-02-21T02:00:30.250Z; find out" in second


@pytest.mark.parametrize("fields", [{"word": "failed"}, {"word": "creating"}])
def test_what_is_no_backup_yet_or_any_more_contradicts_nothing(fields: dict[str, str]) -> None:
    """And what is as it says is passed over without a word."""
    dead = _of(WEEK[1], resource_id="db-OTHER", original_at=NIGHT - 9 * DAY, **fields)
    assert () == passed_over((*WEEK, dead), VAULT)
