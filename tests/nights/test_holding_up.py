"""Whatever is refused, gone or endless holds up nothing else."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from sandbox import Call, Hook, Sandbox
from sandbox.kinds import Kind
from sandbox.serving.lambda_runtime import Function
from tests.support.playing import (
    BACKUP,
    DAY,
    NIGHT,
    automated,
    backups,
    nights,
    play,
    shared_copies,
    taken_at,
)

NIGHTLY = {"backup": "nightly"}
HOUR = timedelta(hours=1)


def add(aws: Sandbox, kind: Kind, name: str = "orders") -> None:
    """A database that is backed up."""
    make = aws.add_instance if kind == "instance" else aws.add_cluster
    make(name, tags=NIGHTLY)


@pytest.mark.parametrize("kind", ["instance", "cluster"])
def test_a_clean_up_that_is_refused_for_ever_stops_no_backup(
    aws: Sandbox, function: Function, kind: Kind
) -> None:
    """A stuck point gives way though its shared copy stays; the error names the database."""
    add(aws, kind)
    nights(aws, function, 3)
    aws.copies.fail_next(3, lambda _, account, __: account == aws.backup.id)
    nights(aws, function, 1, NIGHT + 3 * DAY)
    assert 3 == sum(row.status == "available" for row in backups(aws))
    aws.fault(
        "Delete*Snapshot",
        account=aws.source,
        code="AccessDenied",
        message="with an explicit deny in a service control policy",
        status=403,
    )

    for number in range(4, 9):
        automated(aws, NIGHT + number * DAY)
        errors = [i.error for i in play(function, NIGHT + number * DAY, hours=1.5) if i.error]
        assert errors
        assert all("orders: rds-backup-orders-" in str(error) for error in errors)
        assert all("explicit deny" in str(error) for error in errors)

    good = {taken_at(row) for row in backups(aws) if row.status == "available"}
    assert {NIGHT - HOUR + n * DAY for n in range(4, 9)} <= good


@pytest.mark.parametrize("kind", ["instance", "cluster"])
def test_many_points_that_give_way_at_once_are_looked_up_in_portions(
    aws: Sandbox, function: Function, kind: Kind
) -> None:
    """1.7b: 26 databases with three failed attempts each rest on 104 names, and one filter on 100.

    A filter of more is refused, and with it every clean-up of every following night.
    """
    for number in range(26):
        add(aws, kind, f"orders-{number}")
    asked: list[int] = []

    def count(call: Call) -> bool:
        asked.extend(len(f["Values"]) for f in call.params.get("Filters", ()))
        return False

    aws.fault("Describe*", code="Never", when=count)
    doomed = [True]
    aws.copies.fail_next(26 * 3, lambda _, account, __: account == aws.backup.id and doomed[0])
    automated(aws)
    play(function, NIGHT)
    assert not any(row.status == "available" for row in backups(aws))
    aws.copies.forget_failures()

    automated(aws, NIGHT + DAY)
    done = play(function, NIGHT + DAY)

    assert max(asked) <= 100
    assert 26 == sum(row.status == "available" for row in backups(aws))
    assert [] == shared_copies(aws)
    assert done[-1].error is None


class TestLeftovers:
    """A shared copy whose point can go no further is cleaned up, or told of, and never an error."""

    @pytest.fixture
    def failed(self, aws: Sandbox, kind: Kind) -> Function:
        """A function, and a shared copy that failed."""
        add(aws, kind)
        add(aws, "instance", "other")
        function = Function(aws, aws.environment(DB_TAG="backup=nightly"))
        aws.copies.fail_next(1, lambda _, __, params: "-orders-" in str(params))
        automated(aws)
        function.at(NIGHT, BACKUP)
        aws.clock.advance(minutes=30)
        assert {"orders": "failed", "other": "available"} == {
            row.database: row.status for row in shared_copies(aws)
        }
        return function

    @pytest.mark.parametrize("kind", ["instance", "cluster"])
    @pytest.mark.parametrize("how", ["deselected", "deleted"])
    def test_a_failed_one_is_gone_after_the_next_hourly_run(
        self, aws: Sandbox, failed: Function, how: str
    ) -> None:
        """Nobody has to delete it by hand, and no invocation raises because of it."""
        if how == "deleted":
            aws.delete_database("orders")
        else:
            failed = Function(aws, aws.environment(DB_ID="other"))
        done = failed.at(NIGHT + HOUR, BACKUP)

        assert done.error is None
        assert done.result
        assert ["delete_shared_copy"] == [
            a["action"] for a in done.result["actions"] if a["database"] == "orders"
        ]
        assert {"other"} == {row.database for row in shared_copies(aws)}

    @pytest.mark.parametrize("kind", ["instance", "cluster"])
    def test_one_under_another_key_that_may_be_the_last_data_stays_and_is_told(
        self, aws: Sandbox, kind: Kind
    ) -> None:
        """The sharing key was changed, then the database was deselected."""
        add(aws, kind)
        add(aws, "instance", "other")
        automated(aws)
        old_key = aws.keys.create(aws.source.id, "alias/another")
        before = {"DB_TAG": "backup=nightly", "KMS_KEY_ID": old_key}
        Function(aws, aws.environment(**before)).at(NIGHT, BACKUP)
        aws.clock.advance(minutes=30)
        function = Function(aws, aws.environment(DB_ID="other"))

        for _ in range(9):
            aws.clock.advance(hours=1)
            assert function.invoke(BACKUP).error is None

        (left,) = (row for row in shared_copies(aws) if row.database == "orders")
        status = function.invoke({"action": "status"}).result
        assert status
        (series,) = status["unselected_series"]
        (told,) = series["left"]
        assert left.identifier == told["snapshot"]
        assert f"snapshot-identifier {left.identifier}" in told["delete"]
        checked = function.invoke({"action": "check"}).result
        assert checked
        (answer,) = (a for a in checked["answers"] if a["question"] == "shared copies left")
        assert ("warn", True) == (answer["level"], left.identifier in answer["fix"])


@pytest.mark.parametrize("kind", ["instance", "cluster"])
@pytest.mark.parametrize("where", ["source", "backup"])
def test_a_copy_that_never_ends_is_an_alarm_once_nothing_young_is_verified(
    aws: Sandbox, function: Function, kind: Kind, where: str
) -> None:
    """Twenty days in progress would be said of it, night after night, and nobody would look."""
    add(aws, kind)
    nights(aws, function, 5)
    endless = aws.source.id if where == "source" else aws.backup.id

    def duration(_: Kind, account: str, __: object) -> timedelta:
        return timedelta(days=60) if account == endless else timedelta(minutes=20)

    aws.copies.duration = duration
    first = NIGHT + 5 * DAY
    automated(aws, first)
    assert all(i.error is None for i in play(function, first))
    begun = {row.identifier for row in [*shared_copies(aws), *backups(aws)]}
    done = None
    for number in range(6, 20):
        automated(aws, NIGHT + number * DAY)
        done = function.at(NIGHT + number * DAY, BACKUP)
        # The copy was begun in night 5, and the newest verified data is older: 36 hours on.
        assert (number > 6) is ("orders: stale: " in str(done.error)), number

    assert done
    entry = done.entry("orders")
    assert "has been under way for" in entry["reason"]
    assert any(name in entry["reason"] for name in begun)
    assert "delete it there to start again" in entry["reason"]


@pytest.mark.parametrize("kind", ["instance", "cluster"])
def test_a_first_backup_that_takes_long_is_no_alarm(
    aws: Sandbox, function: Function, kind: Kind
) -> None:
    """Two copies of 30 hours: none runs for longer than MAX_SNAPSHOT_AGE_HOURS."""
    add(aws, kind)
    aws.copies.duration = timedelta(hours=30)
    automated(aws)
    aws.clock.move_to(NIGHT)
    for _ in range(60):
        assert function.invoke(BACKUP).error is None
        aws.clock.advance(hours=1)


class Undated(Hook):
    """RDS does not show a creation time for our snapshots of one account before a time."""

    def __init__(self, aws: Sandbox, account: str, until: datetime) -> None:
        """Hide it until then."""
        self._aws, self._account, self._until = aws, account, until

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Take it out of a listing."""
        if call.account != self._account or self._aws.clock.now >= self._until:
            return
        for members in answer.values():
            for item in members if isinstance(members, list) else ():
                if isinstance(item, dict) and item.get("SnapshotType") == "manual":
                    item.pop("SnapshotCreateTime", None)


@pytest.mark.parametrize("kind", ["instance", "cluster"])
@pytest.mark.parametrize("side", ["source", "backup"])
def test_a_snapshot_that_is_available_and_undated_is_waited_for(
    aws: Sandbox, function: Function, kind: Kind, side: str
) -> None:
    """1.15: it is no reason for another attempt, which would be another full copy."""
    add(aws, kind)
    account = getattr(aws, side).id
    aws.hooks.append(Undated(aws, account, NIGHT + 4 * HOUR))
    automated(aws)
    done = play(function, NIGHT)

    assert all(i.error is None for i in done)
    assert 2 == sum(call.operation.startswith("Copy") for call in aws.calls)
    assert ["available"] == [row.status for row in backups(aws)]
    assert [] == shared_copies(aws)


class Stripped(Hook):
    """RDS lists one item without some of its members."""

    def __init__(self, name: str, *members: str) -> None:
        """Take these members from whatever bears the name, or is called after it."""
        self._name, self._members = name, members

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Strip it."""
        del call
        for items in answer.values():
            for item in items if isinstance(items, list) else ():
                if isinstance(item, dict) and self._name in str(item):
                    for member in self._members:
                        item.pop(member, None)


ODD = {
    "a database without its resource id": ("DbiResourceId", "DbClusterResourceId"),
    "a database without its engine": ("Engine",),
    "a snapshot without its ARN": ("DBSnapshotArn", "DBClusterSnapshotArn"),
}


@pytest.mark.parametrize("kind", ["instance", "cluster"])
@pytest.mark.parametrize("members", ODD.values(), ids=list(ODD))
def test_an_odd_item_of_a_listing_makes_its_database_unknown_and_no_other(
    aws: Sandbox, function: Function, kind: Kind, members: tuple[str, ...]
) -> None:
    """One item that RDS returns in part used to end every invocation, for all databases."""
    add(aws, kind, "orders")
    add(aws, kind, "strange")
    automated(aws)
    aws.hooks.append(Stripped("strange", *members))
    errors = [str(done.error) for done in play(function, NIGHT) if done.error]

    assert {"orders"} == {row.database for row in backups(aws)}
    assert errors
    assert all(e.startswith("partially_failed\nstrange: unknown: RDS lists ") for e in errors)
    assert {2} == {len(e.splitlines()) for e in errors}
    assert "protected" == function.invoke(BACKUP).entry("orders")["state"]


@pytest.mark.parametrize("account", ["source", "backup"])
def test_a_family_that_nobody_uses_is_nobodys_problem(
    aws: Sandbox, function: Function, account: str
) -> None:
    """Its snapshots may not be listed: no cluster is selected, and nothing of ours is there."""
    add(aws, "instance")
    aws.fault(
        "DescribeDBClusterSnapshots",
        code="AccessDenied",
        message="not allowed",
        status=403,
        account=getattr(aws, account),
    )
    automated(aws)
    done = play(function, NIGHT)

    assert all(i.error is None for i in done)
    assert ["orders"] == [row.database for row in backups(aws)]
