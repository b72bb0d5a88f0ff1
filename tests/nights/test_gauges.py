"""The metrics of nights, good and bad: what an alarm would hear."""

from datetime import timedelta
from typing import Any

import pytest

from sandbox import Sandbox
from sandbox.serving.lambda_runtime import Function
from tests.support.playing import (
    BACKUP,
    DAY,
    EXPIRE,
    NIGHT,
    RESUME,
    TICK,
    automated,
    backups,
    metrics_of,
    nights,
    shared_copies,
)

TAGGED = {"backup": "nightly"}
HOUR = timedelta(hours=1)
STATUS: dict[str, Any] = {"action": "status"}


def retire(aws: Sandbox, row: Any) -> None:  # noqa: ANN401 - a row of the sandbox
    """What the handbook tells a person in the backup account to do."""
    aws.backup.client("rds").add_tags_to_resource(
        ResourceName=row.arn, Tags=[{"Key": "rds-backup:retired", "Value": "2026-03-06"}]
    )


def test_a_database_without_a_backup_counts_from_its_creation(
    aws: Sandbox, function: Function
) -> None:
    """The age is that of the database that is worst off."""
    aws.add_instance("orders", tags=TAGGED)
    nights(aws, function, 1)
    aws.clock.move_to(NIGHT + DAY / 4)
    assert 7 == metrics_of(function.invoke(STATUS))["OldestBackupAgeHours"]
    aws.add_cluster("billing", tags=TAGGED)
    aws.clock.advance(30 * DAY)
    automated(aws, NIGHT + 31 * DAY)
    nights(aws, Function(aws, aws.environment(DB_ID="orders")), 1, NIGHT + 31 * DAY)
    aws.clock.move_to(NIGHT + 31 * DAY + DAY / 4)
    assert 31 * 24 == metrics_of(function.invoke(STATUS))["OldestBackupAgeHours"]


def test_copies_in_flight_and_shared_copies_are_told(aws: Sandbox, function: Function) -> None:
    """Open too long is something to look at; nothing open is 0."""
    aws.add_instance("orders", tags=TAGGED)
    aws.add_cluster("billing", tags=TAGGED)
    automated(aws)
    function.at(NIGHT, BACKUP)
    said = metrics_of(function.at(NIGHT + TICK, STATUS))
    assert (2, 2, 0.17) == (
        said["CopiesInFlight"],
        said["SharedCopiesOpen"],
        said["OldestSharedCopyHours"],
    )
    nights(aws, function, 1)
    said = metrics_of(function.invoke(STATUS))
    assert (0, 0, 0.0) == (
        said["CopiesInFlight"],
        said["SharedCopiesOpen"],
        said["OldestSharedCopyHours"],
    )


def test_an_age_that_cannot_be_told_is_not_told(aws: Sandbox, function: Function) -> None:
    """Whatever hides a database hides the age: missing data is the alarm."""
    aws.add_instance("orders", tags=TAGGED)
    aws.add_cluster("billing", tags=TAGGED)
    nights(aws, function, 1)
    assert "OldestBackupAgeHours" in metrics_of(function.invoke(STATUS))
    for operation in ("AssumeRole", "DescribeDBClusters", "DescribeDBClusterSnapshots"):
        fault = aws.fault(operation, code="AccessDenied", status=403)
        fresh = Function(aws, function.environment)
        assert "OldestBackupAgeHours" not in metrics_of(fresh.invoke(STATUS)), operation
        fault.remove()
    missing = Function(aws, aws.environment(DB_ID="orders,gone"))
    assert "OldestBackupAgeHours" not in metrics_of(missing.invoke(STATUS))


def test_a_look_at_some_databases_says_nothing_of_the_others(
    aws: Sandbox, function: Function
) -> None:
    """An event that narrows must not quieten an alarm, and neither must an idle tick."""
    for name in ("orders", "customers"):
        aws.add_instance(name, tags=TAGGED)
    nights(aws, function, 1)
    said = metrics_of(function.invoke({**STATUS, "databases": ["orders"]}))
    assert set() == {"OldestBackupAgeHours", "SharedCopiesOpen"} & set(said)
    assert {"Heartbeat"} == set(metrics_of(function.invoke(RESUME)))


def test_series_without_a_selected_database_are_counted(aws: Sandbox, function: Function) -> None:
    """And are not part of the age: nobody makes backups of them any more."""
    for name in ("orders", "customers"):
        aws.add_instance(name, tags=TAGGED)
    nights(aws, function, 1)
    aws.delete_database("customers")
    aws.clock.move_to(NIGHT + 2 * DAY)
    nights(aws, function, 1, NIGHT + 2 * DAY)
    said = metrics_of(function.invoke(STATUS))
    assert 1 == said["SeriesNotSelected"]
    assert said["OldestBackupAgeHours"] < 24


def test_the_backup_account_tells_the_age_of_every_series_there(aws: Sandbox) -> None:
    """By its own function, which does not depend on the source account; nothing of other things."""
    source = Function(aws, aws.environment(DB_TAG="backup=nightly", EXPIRE_BACKUPS="false"))
    expiring = Function(aws, aws.backup_environment())
    aws.add_instance("orders", tags=TAGGED)
    nights(aws, source, 1)
    aws.clock.move_to(NIGHT + 2 * DAY)
    said = metrics_of(expiring.invoke(EXPIRE))
    assert 49 == said["OldestBackupAgeHours"]
    assert set() == {"SharedCopiesOpen", "SeriesNotSelected"} & set(said)
    aws.keys.disable(aws.backup_key)
    assert "OldestBackupAgeHours" not in metrics_of(expiring.invoke(EXPIRE))


@pytest.mark.parametrize(
    "said", ["9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+23:00", "yesterday", "2026-03-02"]
)
def test_a_time_that_is_none_stops_no_night(said: str, aws: Sandbox, function: Function) -> None:
    """Anybody may edit this tag: what is no time makes a copy no younger than its data."""
    aws.add_instance("orders", tags=TAGGED)
    automated(aws)
    function.at(NIGHT, BACKUP)
    (shared,) = shared_copies(aws)
    tags = {**shared.tags, "rds-backup:started-at": said}
    aws.change_snapshot(aws.source, "instance", shared.identifier, tags=tags)
    done = function.at(NIGHT + TICK, BACKUP)
    assert "in_progress" == done.outcome
    assert (
        1.17 == metrics_of(done)["OldestSharedCopyHours"]
    )  # the data is of an hour before the night


def test_a_series_whose_first_copy_never_ended_counts_from_its_beginning(aws: Sandbox) -> None:
    """In the backup account nobody knows when the database was made."""
    source = Function(aws, aws.environment(DB_TAG="backup=nightly", EXPIRE_BACKUPS="false"))
    aws.add_instance("orders", tags=TAGGED)
    aws.copies.fail_next(6, lambda _kind, account, _params: account == aws.backup.id)
    nights(aws, source, 1)
    aws.clock.move_to(NIGHT + DAY)
    said = metrics_of(Function(aws, aws.backup_environment()).invoke(EXPIRE))
    assert 23 < said["OldestBackupAgeHours"] < 24


def test_a_series_that_a_person_has_retired_has_no_age(aws: Sandbox) -> None:
    """A deleted database would otherwise be an alarm for ever; a person says that it is gone."""
    source = Function(aws, aws.environment(DB_TAG="backup=nightly", EXPIRE_BACKUPS="false"))
    expiring = Function(aws, aws.backup_environment())
    for name in ("orders", "customers"):
        aws.add_instance(name, tags=TAGGED)
    nights(aws, source, 2)
    aws.delete_database("customers")
    nights(aws, source, 1, NIGHT + 4 * DAY)
    assert metrics_of(expiring.invoke(EXPIRE))["OldestBackupAgeHours"] > 3 * 24
    old, new = backups(aws, "customers")
    retire(aws, old)
    assert metrics_of(expiring.invoke(EXPIRE))["OldestBackupAgeHours"] > 3 * 24
    retire(aws, new)
    assert metrics_of(expiring.invoke(EXPIRE))["OldestBackupAgeHours"] < 24


def test_a_newer_backup_ends_the_retirement(aws: Sandbox) -> None:
    """Nobody silences a database that lives: the next backup counts again, and grows old."""
    source = Function(aws, aws.environment(DB_TAG="backup=nightly", EXPIRE_BACKUPS="false"))
    expiring = Function(aws, aws.backup_environment())
    aws.add_instance("orders", tags=TAGGED)
    nights(aws, source, 1)
    retire(aws, backups(aws)[-1])
    aws.clock.move_to(NIGHT + DAY / 2)
    assert "OldestBackupAgeHours" not in metrics_of(expiring.invoke(EXPIRE))
    nights(aws, source, 1, NIGHT + DAY)
    aws.clock.move_to(NIGHT + 3 * DAY)
    assert 49 == metrics_of(expiring.invoke(EXPIRE))["OldestBackupAgeHours"]


def test_retired_backups_are_kept_like_others(aws: Sandbox) -> None:
    """The tag is about an alarm; what is kept is not decided by it."""
    source = Function(aws, aws.environment(DB_TAG="backup=nightly", EXPIRE_BACKUPS="false"))
    aws.add_instance("orders", tags=TAGGED)
    nights(aws, source, 3)
    for row in backups(aws):
        retire(aws, row)
    aws.clock.move_to(NIGHT + 30 * DAY)
    Function(aws, aws.backup_environment(BACKUPS_TO_KEEP="2")).invoke(EXPIRE)
    assert 2 == len(backups(aws))


def test_a_key_that_cannot_be_used_is_told_and_a_silent_one_is_not(aws: Sandbox) -> None:
    """Disabled, or on its way to deletion, is 0; an answer that did not come is nothing."""
    expiring = Function(aws, aws.backup_environment())
    assert 1 == metrics_of(expiring.invoke(EXPIRE))["BackupKeyUsable"]
    fault = aws.fault("DescribeKey", code="InternalFailure", status=500)
    assert "BackupKeyUsable" not in metrics_of(expiring.invoke(EXPIRE))
    fault.remove()
    aws.keys.schedule_deletion(aws.backup_key)
    assert 0 == metrics_of(expiring.invoke(EXPIRE))["BackupKeyUsable"]


def test_the_key_is_told_where_it_belongs(aws: Sandbox, function: Function) -> None:
    """The source account sees it through a role only, whose refusal says nothing of the key."""
    aws.add_instance("orders", tags=TAGGED)
    nights(aws, function, 1)
    assert "BackupKeyUsable" not in metrics_of(function.invoke(STATUS))
