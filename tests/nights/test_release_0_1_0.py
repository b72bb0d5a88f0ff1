"""What 0.1.0 has left in both accounts is gone on with: its names and tags, as it wrote them.

The snapshots stand in ``tests/support/release_0_1_0/snapshots.json``: three nights that its code
has played, and the fourth with a shared copy of each family that is ready to be shared.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from sandbox import Sandbox
from sandbox.serving.lambda_runtime import Function
from tests.support.playing import DAY, EXPIRE, NIGHT, RESUME, backups, play, shared_copies
from tests.support.resolved_templates import ROOT
from tests.support.restore_plans import AT_HOME, Person, run, section

ROWS: list[dict[str, Any]] = json.loads(
    (ROOT / "tests/support/release_0_1_0/snapshots.json").read_text()
)
FOURTH = NIGHT + 3 * DAY
HERE = {row["identifier"] for row in ROWS if row["account"] == "111111111111"}
THERE = sorted(row["identifier"] for row in ROWS if row["account"] == "222222222222")
BY_TAG = {"backup": "nightly"}
FILLED_IN = {
    "DB_SUBNET_GROUP": "isolated",
    "SECURITY_GROUP_ID": "sg-0c3",
    "DB_PARAMETER_GROUP": "filled-in",
    "OPTION_GROUP": "filled-in",
}


@pytest.fixture
def left() -> Iterator[Sandbox]:
    """Both accounts as 0.1.0 has left them, twenty minutes into the fourth night."""
    with Sandbox(start=FOURTH - timedelta(hours=1)) as aws:
        aws.add_instance("orders", tags=BY_TAG | {"team": "shop"}, **AT_HOME["instance"])
        aws.add_cluster("billing", tags=BY_TAG, engine="aurora-postgresql")
        aws.take_automated_of_all()
        for row in ROWS:
            times = {n: datetime.fromisoformat(row[n]) for n in ("created_at", "taken_at")}
            key = row["kms_key"].rsplit("/", 1)[1]
            assert key in (aws.sharing_key + aws.backup_key)
            names = ("status", "percent", "database", "resource_id", "source_arn", "tags")
            fields = {name: row[name] for name in names}
            given = fields | times | {"key": row["kms_key"]}
            aws.add_snapshot(row["account"], row["kind"], row["identifier"], **given)
        aws.clock.move_to(FOURTH + timedelta(minutes=20))
        yield aws


def function(aws: Sandbox, keep: int = 3) -> Function:
    """The code of today, in the environment of 0.1.0."""
    return Function(aws, aws.environment(DB_TAG="backup=nightly", BACKUPS_TO_KEEP=str(keep)))


def test_its_backups_are_verified_and_its_copies_known(left: Sandbox) -> None:
    """By a look that changes nothing."""
    looked = function(left).invoke({"action": "status"})
    assert looked.error is None
    assert looked.result is not None
    found = {d["database"]: d for d in looked.result["databases"]}
    assert {"orders": 3, "billing": 3} == {name: d["backups_kept"] for name, d in found.items()}
    newest = {str(d["backup"]).rsplit(":", 1)[1] for d in found.values()}
    assert {name for name in THERE if "-20260304-" in name} == newest


def test_its_night_is_finished_under_its_names(left: Sandbox) -> None:
    """Nothing is copied twice, what is beyond the number expires, and nothing stays behind."""
    since = len(left.calls)
    played = play(function(left), left.clock.now, hours=1.2)
    copies = [c.operation for c in left.calls[since:] if c.operation.startswith("Copy")]

    assert [] == [each.error for each in played if each.error]
    assert sorted(HERE | {name for name in THERE if "-20260302-" not in name}) == sorted(
        row.identifier for row in backups(left)
    )
    assert ["CopyDBClusterSnapshot", "CopyDBSnapshot"] == sorted(copies)
    assert [] == shared_copies(left)


def test_the_backup_account_expires_them(left: Sandbox) -> None:
    """By its own function: the oldest of each series, and no other."""
    environment = left.backup_environment(BACKUPS_TO_KEEP="2", KEEP_AT_LEAST_DAYS="0")
    assert Function(left, environment).invoke(EXPIRE).error is None

    assert [name for name in THERE if "-20260302-" not in name] == sorted(
        row.identifier for row in backups(left)
    )


def test_nothing_of_it_is_lost_where_enough_is_kept(left: Sandbox) -> None:
    """Neither by a night nor by ticks."""
    play(function(left, keep=7), left.clock.now, hours=1)
    function(left, keep=7).invoke(RESUME)

    assert {*HERE, *THERE} == {row.identifier for row in backups(left)}


def test_one_of_its_backups_is_restored(left: Sandbox) -> None:
    """The plan names it by its time, and is followed to the letter."""
    environment = left.environment(DB_TAG="backup=nightly")
    plan = run(environment, "orders", "--at", "2026-03-03T12:00:00Z")
    [name] = [name for name in THERE if "-orders-20260303-" in name]

    assert 0 == plan.code
    assert f"snapshot:{name}" in plan.out
    somebody = Person(left, section(plan.out, "A"), **FILLED_IN)
    somebody.make_groups()
    somebody.follow()
    restored = left.database("orders-restored", kind="instance", account=left.backup)
    assert ("available", left.backup_key) == (restored.status, restored.key)
