"""What is printed: nothing of a customer's data, whatever goes wrong."""

import json
from datetime import timedelta
from typing import Any

import pytest

from rds_backup import __version__
from sandbox import Sandbox
from sandbox.serving.lambda_runtime import Function, Invocation
from tests.support.playing import (
    BACKUP,
    DAY,
    EXPIRE,
    NIGHT,
    RESUME,
    TICK,
    automated,
    backups,
    play,
)

CANARY = "canary"
FIELDS: dict[str, Any] = {
    "Endpoint": {"Address": f"orders.{CANARY}.eu-west-1.rds.amazonaws.com", "Port": 5432},
    "MasterUsername": f"{CANARY}_admin",
    "DBName": f"{CANARY}_db",
}
CLUSTER_FIELDS: dict[str, Any] = {
    "Endpoint": f"billing.{CANARY}.eu-west-1.rds.amazonaws.com",
    "ReaderEndpoint": f"billing.{CANARY}-ro.eu-west-1.rds.amazonaws.com",
    "MasterUsername": f"{CANARY}_admin",
    "DatabaseName": f"{CANARY}_db",
}
TAGS = {"backup": "nightly", "owner": f"{CANARY} tag", f"{CANARY}-name": "x"}


@pytest.fixture
def watched(aws: Sandbox) -> Sandbox:
    """Both families, with a canary in everything that is nobody's business."""
    aws.add_instance("orders", tags=TAGS, **FIELDS)
    aws.add_cluster("billing", tags=TAGS, **CLUSTER_FIELDS)
    automated(aws)
    listed = aws.source.client("rds").describe_db_instances()["DBInstances"]
    assert CANARY in str(listed[0]["Endpoint"])
    return aws


def printed(invocations: list[Invocation]) -> str:
    """Everything that left the function: logs, metrics, results and errors."""
    return json.dumps([[i.logs, i.metrics, i.result, str(i.error)] for i in invocations])


def test_no_endpoint_user_or_tag_of_a_database_is_printed(watched: Sandbox) -> None:
    """In good nights, with every action."""
    function = Function(watched, watched.environment(DB_TAG="backup=nightly", BACKUPS_TO_KEEP="1"))
    said = play(function, hours=2)
    automated(watched, NIGHT + DAY)
    said += play(function, NIGHT + DAY, hours=2)
    said += [function.invoke({"action": action}) for action in ("plan", "status", "check")]
    said.append(Function(watched, watched.backup_environment()).invoke(EXPIRE))
    assert "orders" in printed(said)
    assert CANARY not in printed(said)


@pytest.mark.parametrize("operation", ["Copy*", "Modify*", "Delete*", "DescribeDB*", "DescribeKey"])
def test_neither_is_it_when_something_goes_wrong(watched: Sandbox, operation: str) -> None:
    """Errors carry AWS's words, and none of the call's parameters."""
    function = Function(watched, watched.environment(DB_TAG="backup=nightly"))
    watched.copies.duration = timedelta(0)
    watched.fault(operation, code="AccessDenied", status=403)
    watched.fault(operation, code="InternalFailure", status=500)
    said = [function.at(NIGHT, BACKUP), function.invoke({"action": "check"})]
    assert said[0].error is not None
    assert CANARY not in printed(said)


def test_tags_that_find_no_room_are_said_once(aws: Sandbox) -> None:
    """When the copy is started, and not at each tick; what they say is not."""
    tags = {f"tag-{n:02}": "ü" * 256 for n in range(48)} | {"zz-cost-center": CANARY}
    aws.add_instance("orders", tags=tags)
    aws.add_instance("plain")
    automated(aws)
    said = play(Function(aws, aws.environment(DB_ID="orders,plain")), hours=2)
    lines = [line for done in said for line in done.logs if "zz-cost-center" in json.dumps(line)]
    (backup,) = backups(aws, "orders")

    assert ["orders: in_progress"] == [line["message"] for line in lines]
    names = ", ".join(name for name in sorted(tags) if name not in backup.tags)
    assert f"a backup has no room for these tags of its database: {names}" in lines[0]["reason"]
    assert (11, 47) == (len(names.split(", ")), len(backup.tags))
    assert CANARY not in printed(said)


INFO = {"POWERTOOLS_LOG_LEVEL": "INFO"}


def logged(invocations: list[Invocation]) -> list[str]:
    """The messages of all lines."""
    return [line["message"] for done in invocations for line in done.logs]


def test_a_good_night_is_one_line_a_run_and_every_action(aws: Sandbox) -> None:
    """As deployed: databases that are well have no line of their own."""
    aws.add_instance("orders", tags=TAGS)
    aws.add_cluster("billing", tags=TAGS)
    automated(aws)
    function = Function(aws, aws.environment(DB_TAG="backup=nightly", **INFO))
    said = play(function, hours=2) + [function.invoke({"action": a}) for a in ("plan", "status")]
    done = [action for one in said if one.result for action in one.result["actions"]]

    assert {"in_progress", "completed", "nothing_to_do"} == set(logged(said))
    assert 8 == len(done)
    assert done == [action for one in said for line in one.logs for action in line["actions"]]
    assert {"actions": {}, "databases": {"protected": 2}} == said[-1].logs[0]["counts"]


def test_a_bad_database_has_a_line_by_the_hour_and_none_at_a_tick(aws: Sandbox) -> None:
    """A tick says nothing of it: it has read no more than what it waits for."""
    aws.add_instance("orders", tags=TAGS)
    aws.add_cluster("reports", engine="mysql", tags=TAGS)
    automated(aws)
    function = Function(aws, aws.environment(DB_TAG="backup=nightly", **INFO))
    backup, tick, status = (
        function.at(NIGHT, BACKUP),
        function.at(NIGHT + TICK, RESUME),
        function.invoke({"action": "status"}),
    )

    for done in (backup, status):
        assert ["reports: unsupported", "partially_failed"] == logged([done])
        assert ["ERROR", "INFO"] == [line["level"] for line in done.logs]
    assert ["in_progress"] == logged([tick])
    assert "reports: unsupported" in str(backup.error)
    assert tick.error is None


def test_every_database_has_a_line_once_a_day(aws: Sandbox) -> None:
    """At noon, of the hourly look in either account; at the level DEBUG at each."""
    aws.add_instance("orders", tags=TAGS)
    automated(aws)
    environment = aws.environment(DB_TAG="backup=nightly")
    function, expiring = (
        Function(aws, environment | INFO),
        Function(aws, aws.backup_environment() | INFO),
    )
    play(function, hours=2)
    day = [NIGHT + timedelta(hours=n) for n in range(3, 27)]
    seen = [[function.at(at, {"action": "status"}), expiring.at(at, EXPIRE)] for at in day]

    assert ["orders: protected"] * 2 == [m for hour in seen for m in logged(hour) if ":" in m]
    assert {12} == {
        at.hour for at, hour in zip(day, seen, strict=True) if ":" in "".join(logged(hour))
    }
    more = Function(aws, environment | {"POWERTOOLS_LOG_LEVEL": "DEBUG"})
    assert ["orders: protected", "nothing_to_do"] == logged([more.invoke({"action": "status"})])


def test_every_line_tells_the_release(watched: Sandbox) -> None:
    """So the first line of an execution environment does, and an idle tick has no line for it."""
    function = Function(watched, watched.environment(DB_TAG="backup=nightly"))
    lines = [line for each in play(function, hours=1) for line in each.logs]
    lines += [line for a in ("status", "check") for line in function.invoke({"action": a}).logs]

    assert len(lines) > 4
    assert {__version__} == {line["release"] for line in lines}
