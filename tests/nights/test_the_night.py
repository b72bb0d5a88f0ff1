"""A good night: what exists in both accounts afterwards, and how many calls it took."""

import json
from datetime import timedelta
from typing import get_args, get_type_hints

import pytest

from rds_backup import __version__
from sandbox import Sandbox, Switches
from sandbox.serving.lambda_runtime import Function, event
from tests.support.playing import (
    BACKUP,
    DAY,
    EXPIRE,
    NIGHT,
    RESUME,
    automated,
    backups,
    mutations,
    nights,
    play,
    shared_copies,
    taken_at,
)

TAGGED = {"backup": "nightly"}


def both_families(aws: Sandbox) -> None:
    """An instance under aws/rds and a cluster under a customer key."""
    aws.add_instance("orders", engine="postgres", kms_key="aws/rds", tags=TAGGED)
    aws.add_cluster("billing", engine="aurora-postgresql", kms_key=aws.sharing_key, tags=TAGGED)


def test_one_night_leaves_a_backup_of_each_database_and_nothing_else(
    aws: Sandbox, function: Function
) -> None:
    """The mission: in the backup account, under its key, and nothing temporary left."""
    both_families(aws)
    automated(aws)
    last = play(function, hours=2)[-1]
    assert "nothing_to_do" == last.outcome
    assert [("billing", "available"), ("orders", "available")] == sorted(
        (b.database, b.status) for b in backups(aws)
    )
    assert {b.kms_key for b in backups(aws)} == {aws.backup_key}
    assert all(b.arn.split(":")[4] == aws.backup.id for b in backups(aws))
    assert [] == shared_copies(aws)


def test_a_night_starts_in_progress_and_ends_completed(aws: Sandbox, function: Function) -> None:
    """Waiting is a result; done is said once, and nothing to do after that."""
    both_families(aws)
    automated(aws)
    outcomes = [i.outcome for i in play(function, hours=1.5)]
    assert "in_progress" == outcomes[0]
    assert 1 == outcomes.count("completed")
    after = outcomes[outcomes.index("completed") + 1 :]
    assert {"nothing_to_do"} == set(after)
    assert "failed" not in outcomes


def test_a_good_night_takes_four_mutating_calls_and_five_once_there_are_enough(
    aws: Sandbox,
) -> None:
    """Copy, share, copy, delete; and the expired one from the night on which N is passed."""
    aws.add_instance("orders", engine="postgres", kms_key="aws/rds")
    function = Function(aws, aws.environment(DB_ID="orders", BACKUPS_TO_KEEP="2"))
    counted = []
    for night in range(4):
        automated(aws, NIGHT + night * DAY)
        before = len(aws.calls)
        play(function, NIGHT + night * DAY, hours=1.5)
        counted.append(mutations(aws, before))
    good = ["CopyDBSnapshot", "ModifyDBSnapshotAttribute", "CopyDBSnapshot"]
    assert [
        [*good, "DeleteDBSnapshot"],
        [*good, "DeleteDBSnapshot"],
        [*good, "DeleteDBSnapshot", "DeleteDBSnapshot"],
        [*good, "DeleteDBSnapshot", "DeleteDBSnapshot"],
    ] == counted


def test_ten_nights_keep_the_newest_seven(aws: Sandbox, function: Function) -> None:
    """Retention by count, in both families; people's snapshots are never counted or deleted."""
    both_families(aws)
    aws.add_manual("orders-by-hand", of="orders")
    aws.add_manual("by-hand", of="orders", account=aws.backup)
    nights(aws, function, 10)
    for database in ("orders", "billing"):
        kept = backups(aws, database)
        assert [7] == [len(kept)]
        assert [NIGHT + n * DAY - timedelta(hours=1) for n in range(3, 10)] == [
            taken_at(b) for b in kept
        ]
    left = {s.identifier for s in aws.snapshots(type="manual")} - {
        b.identifier for b in backups(aws)
    }
    assert {"orders-by-hand", "by-hand"} == left


def test_instant_copies_finish_the_night_in_one_invocation(
    aws: Sandbox, function: Function
) -> None:
    """Passes repeat while they make progress."""
    both_families(aws)
    aws.copies.duration = timedelta(0)
    automated(aws)
    done = function.at(NIGHT, BACKUP)
    assert "completed" == done.outcome
    assert {"orders", "billing"} == {b.database for b in backups(aws)}
    assert [] == shared_copies(aws)


def test_a_repeat_with_nothing_due_changes_nothing(aws: Sandbox, function: Function) -> None:
    """A satisfied world yields no change."""
    both_families(aws)
    nights(aws, function, 1)
    before = len(aws.calls)
    again = function.invoke(BACKUP)
    assert "nothing_to_do" == again.outcome
    assert [] == mutations(aws, before)
    assert {"protected"} == {again.entry(d)["state"] for d in ("orders", "billing")}


def test_an_idle_tick_makes_two_calls_and_assumes_no_role(aws: Sandbox, function: Function) -> None:
    """Nothing under way: one listing per family, a heartbeat, and not a word."""
    both_families(aws)
    before = len(aws.calls)
    idle = function.invoke(RESUME)
    assert ["DescribeDBSnapshots", "DescribeDBClusterSnapshots"] == [
        c.operation for c in aws.calls[before:]
    ]
    assert {
        "version": 1,
        "release": __version__,
        "action": "resume",
        "outcome": "nothing_to_do",
        "counts": {"actions": {}, "databases": {}},
        "actions": [],
        "databases": [],
    } == idle.result
    assert () == idle.logs
    assert [["Heartbeat"]] == [
        [m["Name"] for m in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]]
        for line in idle.metrics
    ]


def test_copies_that_take_a_day_are_waited_for_without_an_alarm(
    aws: Sandbox, function: Function
) -> None:
    """A Lambda error never means that a copy is slow."""
    both_families(aws)
    aws.copies.duration = timedelta(hours=11)
    automated(aws)
    invocations = play(function, hours=24)
    assert [i.error for i in invocations] == [None] * len(invocations)
    assert {"orders", "billing"} == {b.database for b in backups(aws)}


def other_ways() -> list[Switches]:
    """A world for every value of every switch that is not its default.

    But for clusters under no key of KMS: ``test_the_world`` has them, and plays their switches.
    """
    elsewhere = ("sse_rds", "unencrypted_cluster")
    worlds = []
    for field, kind in get_type_hints(Switches).items():
        usual = getattr(Switches(), field)
        values = {bool: (not usual,), int: (2,)}.get(kind) or get_args(kind)
        worlds += [Switches(**{field: v}) for v in values if v != usual and field not in elsewhere]
    return worlds


@pytest.mark.parametrize("switches", other_ways(), ids=repr)
def test_five_nights_end_well_whichever_way_aws_behaves(switches: Switches) -> None:
    """What no source confirms may be either way."""
    with Sandbox(start=NIGHT - timedelta(hours=2), switches=switches) as aws:
        both_families(aws)
        function = Function(aws, aws.environment(DB_TAG="backup=nightly", BACKUPS_TO_KEEP="3"))
        nights(aws, function, 5)
        hourly = function.invoke(BACKUP)
        assert {"protected"} == {hourly.entry(d)["state"] for d in ("orders", "billing")}
        assert [3, 3] == [len(backups(aws, d)) for d in ("orders", "billing")]
        assert [] == shared_copies(aws)


def test_the_backup_account_expires_by_itself(aws: Sandbox) -> None:
    """With EXPIRE_BACKUPS=false the source's function deletes no backup; ``expire`` does."""
    both_families(aws)
    source = Function(aws, aws.environment(DB_TAG="backup=nightly", EXPIRE_BACKUPS="false"))
    nights(aws, source, 9)
    assert [9, 9] == [len(backups(aws, d)) for d in ("orders", "billing")]
    expiring = Function(aws, aws.backup_environment(BACKUPS_TO_KEEP="4"))
    done = expiring.invoke(EXPIRE)
    assert "no automated snapshot" not in str(done.logs)
    assert "completed" == done.outcome
    assert [4, 4] == [len(backups(aws, d)) for d in ("orders", "billing")]
    assert {call.account for call in aws.calls if call.operation.startswith("DeleteDB")} == {
        aws.source.id,
        aws.backup.id,
    }
    assert "nothing_to_do" == expiring.invoke(EXPIRE).outcome


def test_the_result_is_one_json_object_with_the_documented_keys(
    aws: Sandbox, function: Function
) -> None:
    """The contract of the interface."""
    both_families(aws)
    automated(aws)
    result = function.at(NIGHT, event("scheduled")).result
    assert result is not None
    assert json.loads(json.dumps(result)) == result
    keys = ["version", "release", "action", "outcome", "counts", "actions", "databases"]
    assert keys == list(result)
    assert {"actions": {"copy": 2}, "databases": {"in_progress": 2}} == result["counts"]
    assert [
        "database",
        "kind",
        "resource_id",
        "state",
        "reason",
        "fix",
        "source_snapshot",
        "taken_at",
        "backup",
        "age_hours",
        "backups_kept",
    ] == list(result["databases"][0])


def test_a_plan_says_what_a_backup_would_do_and_does_nothing(
    aws: Sandbox, function: Function
) -> None:
    """The same code up to the gate."""
    both_families(aws)
    automated(aws)
    plan = function.at(NIGHT, event("plan")).result
    assert plan is not None
    assert [] == mutations(aws)
    done = function.at(NIGHT, BACKUP).result
    assert done is not None
    assert plan["actions"] == done["actions"]


def test_status_reads_only_and_lists_series_that_nobody_selects(
    aws: Sandbox, function: Function
) -> None:
    """Dead series are seen, and stay."""
    both_families(aws)
    nights(aws, function, 2)
    aws.delete_database("orders")
    before = len(aws.calls)
    status = function.invoke(event("status")).result
    assert status is not None
    assert [] == mutations(aws, before)
    assert [("billing", "protected", 2)] == [
        (d["database"], d["state"], d["backups_kept"]) for d in status["databases"]
    ]
    assert [("orders", 2)] == [
        (s["database"], s["backups_kept"]) for s in status["unselected_series"]
    ]


def test_a_hundred_databases_take_at_most_six_and_a_half_calls_each(aws: Sandbox) -> None:
    """Five changes each; reads are by list, never one a database."""
    for number in range(100):
        aws.add_instance(f"db-{number}", engine="postgres", kms_key="aws/rds", tags=TAGGED)
    aws.source.limits.in_flight = {"instance": None, "cluster": None}
    aws.backup.limits.in_flight = {"instance": None, "cluster": None}
    aws.source.limits.manual = aws.backup.limits.manual = {"instance": 10**4, "cluster": 10**4}
    lifted = aws.environment(
        DB_TAG="backup=nightly",
        MAX_INSTANCE_COPIES="1000",
        MAX_CLUSTER_COPIES="1000",
    )
    function = Function(aws, lifted)
    aws.copies.duration = timedelta(0)
    for night in range(7):
        automated(aws, NIGHT + night * DAY)
        assert "completed" == function.at(NIGHT + night * DAY, BACKUP).outcome
    aws.copies.duration = timedelta(minutes=15)
    tonight = NIGHT + 7 * DAY
    automated(aws, tonight)
    before = len(aws.calls)
    outcomes = [function.at(tonight, BACKUP).outcome]
    while outcomes[-1] == "in_progress":
        aws.clock.advance(minutes=8)
        outcomes.append(function.invoke(RESUME).outcome)
    assert ["in_progress"] * 4 + ["completed"] == outcomes
    assert [800] == [len(backups(aws))], "retention is left to the hourly run"
    assert "completed" == function.at(tonight + timedelta(hours=1), BACKUP).outcome
    calls = aws.calls[before:]
    assert [700] == [len(backups(aws))]
    assert 500 == sum(c.mutating for c in calls)
    assert len(calls) <= 650
