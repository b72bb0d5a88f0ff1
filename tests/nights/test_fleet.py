"""The light accounts of ``make bench`` and the sandbox count the same, invocation by invocation."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from rds_backup.model.identity import DATABASE
from rds_backup.model.inventory import Kind, Lane, Side
from sandbox import Sandbox
from sandbox.clock import stopped
from sandbox.serving.lambda_runtime import Function
from tests.support.fleet import accounts as light
from tests.support.fleet.accounts import ACCOUNTS, Calls, Row
from tests.support.fleet.scenarios import START, Scenario, deploy, opened, ticks
from tests.support.making import DAY, HOUR

FLEET = Scenario("10", 5, 5, (15, 35))
# Two places for five clusters, so that copies queue; one backup is kept, so that one expires.
GIVEN = {"BACKUPS_TO_KEEP": "1", "MAX_CLUSTER_COPIES": "2"}
NIGHTS = ((START, "resume"), (START + DAY, "resume"))
TICKS = [
    (when + since, action)
    for since in (0 * DAY, DAY)
    for when, action in ticks()
    if when < START + 3 * HOUR
]
# A person's own: with them a listing of the backup account has two pages.
OTHERS = [f"by-hand-{number}" for number in range(120)]
SIDES = {number: side for side, number in ACCOUNTS.items()}
type Record = list[tuple[str, Calls]]


def test_the_light_accounts_count_what_the_sandbox_counts(aws: Sandbox) -> None:
    """Every call by account and operation: a figure of the fleet's table is one of the sandbox."""
    played = _on_the_sandbox(aws)

    assert played == _on_the_light_accounts()
    assert 10 * (4 + 5) == sum(
        count
        for _, calls in played
        for (_, operation), count in calls.items()
        if not operation.startswith(("Describe", "Get", "Assume"))
    )


def _on_the_sandbox(aws: Sandbox) -> Record:
    for kind, names in FLEET.copies().items():
        add = aws.add_instance if kind is Kind.INSTANCE else aws.add_cluster
        for name in names:
            add(name, kms_key="aws/rds", tags={"backup": "nightly"})
    for name in OTHERS:
        aws.add_snapshot(aws.backup, "instance", name)
    aws.backup.limits.manual["instance"] = 1000
    aws.copies.duration = _duration
    ours = aws.environment(DB_TAG="backup=nightly", EXPIRE_BACKUPS="false", **GIVEN)
    function, expiring = Function(aws, ours), Function(aws, aws.backup_environment(**GIVEN))
    record: Record = []
    for when, action in TICKS:
        if (when, action) in NIGHTS:
            aws.clock.move_to(when - HOUR)
            aws.take_automated_of_all()
        before = len(aws.calls)
        (expiring if action == "expire" else function).at(when, {"action": action})
        calls = Counter((SIDES[str(c.account)], c.operation) for c in aws.calls[before:])
        record.append((action, calls))
    return record


def _on_the_light_accounts() -> Record:
    record: Record = []
    # In the sandbox all databases are of one size: none goes first for that.
    with stopped(START - DAY, running=False) as clock, patch.object(light, "GIB_A_MINUTE", 0):
        accounts = opened(FLEET, clock)
        function, expiring = deploy(FLEET, accounts, **GIVEN)
        for name in OTHERS:
            item = {
                "DBSnapshotIdentifier": name,
                "SnapshotType": "manual",
                "Status": "available",
                "SnapshotCreateTime": START,
            }
            lane = Lane(Side.BACKUP, Kind.INSTANCE)
            accounts.manual[lane][name] = Row(lane, item, START, START)
        last = None
        for when, action in TICKS:
            if (when, action) in NIGHTS:
                accounts.a_night(when - HOUR)
            clock.move_to(when)
            which = expiring if action == "expire" else function
            if which is not last:
                which.restart()  # as the sandbox's Function does
            last = which
            record.append((action, which.invoke({"action": action}).calls))
    return record


def _duration(kind: str, _account: str, params: Mapping[str, Any]) -> timedelta:
    said = {tag["Key"]: tag["Value"] for tag in params["Tags"]}
    return timedelta(minutes=FLEET.copies()[Kind(kind)][said[DATABASE]])
