"""Slow pages, calls that hang, and many that are refused: what is not reached is, the next time."""

from typing import Any

import pytest

from sandbox import Call, Hook, Sandbox
from sandbox.serving.lambda_runtime import Function, Invocation
from tests.support.playing import BACKUP, NIGHT, TICK, automated, mutations

TAGS = {"backup": "nightly"}


class Slow(Hook):
    """Every answer of an operation takes so long."""

    def __init__(self, aws: Sandbox, seconds: float, operation: str, account: str) -> None:
        """Of one account."""
        self._aws, self._seconds, self._of = aws, seconds, (operation, account)

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Let the time pass."""
        del answer
        if self._of == (call.operation, call.account):
            self._aws.clock.advance(seconds=self._seconds)


@pytest.fixture
def fleet(aws: Sandbox) -> Sandbox:
    """Databases whose snapshots fill several pages."""
    for number in range(3):
        aws.add_instance(f"db-{number}", tags=TAGS)
    for number in range(420):
        aws.add_manual(f"by-hand-{number}", of="db-0", account=aws.backup)
    automated(aws)
    return aws


def test_a_listing_that_cannot_end_in_time_is_ended_and_told(fleet: Sandbox) -> None:
    """A page is not begun that takes longer than what is left: the databases are unknown."""
    fleet.hooks.append(Slow(fleet, 150, "DescribeDBSnapshots", fleet.backup.id))
    function = Function(fleet, fleet.environment(DB_TAG="backup=nightly"))
    done = function.at(NIGHT, BACKUP)
    assert "db-0: unknown: cannot list instance snapshots in the backup account" in str(done.error)
    assert "OutOfTime: 150 seconds were left, and a page took 150; give" in str(done.error)
    assert "give the function a longer timeout or more memory" in str(done.error)
    assert [] == mutations(fleet)
    assert fleet.clock.now < NIGHT + function.timeout


def test_a_reading_that_leaves_no_time_to_act_is_an_error(fleet: Sandbox) -> None:
    """Copies would never start, and every invocation would end in_progress."""
    fleet.hooks.append(Slow(fleet, 550, "DescribeDBClusterSnapshots", fleet.backup.id))
    done = Function(fleet, fleet.environment(DB_TAG="backup=nightly")).at(NIGHT, BACKUP)
    assert str(done.error).startswith("partially_failed\nreading both accounts left 50 seconds")
    assert [] == mutations(fleet)


def begun(done: Invocation) -> list[str]:
    """The databases of which a copy was begun."""
    return [line["database"] for line in done.logs if line.get("state") == "in_progress"]


def test_many_that_are_refused_keep_nobody_waiting(aws: Sandbox) -> None:
    """Their places are given on in the same invocation: 30 refused, 20 places, one good one."""
    lost = aws.keys.create(aws.source.id)
    for number in range(30):
        aws.add_instance(f"db-{number}", tags=TAGS, kms_key=lost)
    aws.add_instance("zz-good", tags=TAGS, kms_key="aws/rds")
    automated(aws)
    aws.keys.disable(lost)
    done = Function(aws, aws.environment(DB_TAG="backup=nightly")).at(NIGHT, BACKUP)
    assert ["CopyDBSnapshot"] * 31 == [c.operation for c in aws.calls if c.mutating]
    assert ["zz-good"] == begun(done)
    assert str(done.error).startswith("partially_failed")


def test_calls_that_hang_keep_the_others_waiting_for_one_tick_at_most(aws: Sandbox) -> None:
    """Five attempts without an answer take minutes: the rest goes on from another place."""
    for number in range(12):
        aws.add_instance(f"db-{number:02}", tags=TAGS)
    automated(aws)
    aws.hooks.append(Slow(aws, 200, "CopyDBSnapshot", aws.source.id))
    aws.fault("CopyDBSnapshot", code="InternalFailure", status=500, times=None)
    function = Function(aws, aws.environment(DB_TAG="backup=nightly", MAX_INSTANCE_COPIES="12"))
    tried = set()
    for hour in range(12):
        before = len(aws.calls)
        function.at(NIGHT + hour * TICK, BACKUP)
        tried |= {c.params["SourceDBSnapshotIdentifier"] for c in aws.calls[before:] if c.mutating}
    assert 12 == len(tried)


def test_how_long_a_page_takes_is_remembered_from_listing_to_listing(aws: Sandbox) -> None:
    """A listing of one slow page cuts nothing off, and leaves no time for another."""
    aws.add_instance("orders", tags=TAGS)
    automated(aws)
    aws.hooks.append(Slow(aws, 300, "DescribeDBSnapshots", aws.source.id))
    done = Function(aws, aws.environment(DB_TAG="backup=nightly")).at(NIGHT, BACKUP)
    told = "cannot list instances: OutOfTime: 300 seconds were left, and a page took 300"
    assert told in str(done.error)
    assert "DescribeDBInstances" not in {call.operation for call in aws.calls}
