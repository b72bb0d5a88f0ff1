"""What changes between and within nights: keys, databases, configuration, neighbours."""

from datetime import timedelta

import pytest

from sandbox import Call, Hook, Sandbox
from sandbox.serving.lambda_runtime import Function, event
from tests.support.playing import (
    BACKUP,
    DAY,
    NIGHT,
    RESUME,
    TICK,
    automated,
    backups,
    mutations,
    nights,
    play,
    shared_copies,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def orders(aws: Sandbox) -> None:
    """One instance under aws/rds."""
    aws.add_instance("orders", engine="postgres", kms_key="aws/rds", tags={"backup": "nightly"})


def new_backup_key(aws: Sandbox, alias: str) -> str:
    """The backup account's own AWS managed key, or a new one; its ARN."""
    if alias == "alias/aws/rds":
        return aws.keys.managed(aws.backup.id)
    return aws.keys.create(aws.backup.id, alias)


@pytest.mark.parametrize("alias", ["alias/new", "alias/aws/rds"])
@pytest.mark.usefixtures("orders")
def test_a_new_backup_key_with_the_shared_copy_open_makes_a_second_attempt(
    aws: Sandbox, alias: str
) -> None:
    """A backup under another key does not count: it is copied again from the shared copy."""
    function = Function(aws, aws.environment(DB_ID="orders"))
    automated(aws)
    for number in range(3):
        function.at(NIGHT + number * TICK, RESUME if number else BACKUP)
    assert ["creating"] == [b.status for b in backups(aws)]
    new_key = new_backup_key(aws, alias)
    changed = Function(aws, aws.environment(DB_ID="orders", BACKUP_KMS_KEY_ID=alias))
    for number in range(3, 9):
        changed.at(NIGHT + number * TICK, RESUME)
    assert [(aws.backup_key, "1"), (new_key, "2")] == [
        (b.kms_key, b.tags["rds-backup:attempt"]) for b in backups(aws)
    ]
    assert [] == shared_copies(aws)


@pytest.mark.parametrize("alias", ["alias/new", "alias/aws/rds"])
@pytest.mark.usefixtures("orders")
def test_a_new_backup_key_with_the_shared_copy_gone_copies_the_night_again(
    aws: Sandbox, alias: str
) -> None:
    """The newest automated snapshot is due again; old backups stay until enough newer ones are."""
    function = Function(aws, aws.environment(DB_ID="orders", BACKUPS_TO_KEEP="2"))
    nights(aws, function, 3)
    new_key = new_backup_key(aws, alias)
    changed = Function(
        aws,
        aws.environment(DB_ID="orders", BACKUPS_TO_KEEP="2", BACKUP_KMS_KEY_ID=alias),
    )
    aws.clock.move_to(NIGHT + 2 * DAY + 3 * HOUR)
    play(changed, NIGHT + 2 * DAY + 3 * HOUR, hours=2)
    assert [aws.backup_key, aws.backup_key, new_key] == [b.kms_key for b in backups(aws)]
    nights(aws, changed, 1, NIGHT + 3 * DAY)
    # Two of one day are as one: the old one of that day stays for one more night.
    assert [aws.backup_key, new_key, new_key] == [b.kms_key for b in backups(aws)]
    nights(aws, changed, 1, NIGHT + 4 * DAY)
    assert [new_key, new_key] == [b.kms_key for b in backups(aws)]


@pytest.mark.usefixtures("orders")
def test_after_a_new_sharing_key_the_shared_copy_is_made_again(aws: Sandbox) -> None:
    """One that does not read as under KMS_KEY_ID is never shared, and goes with the others."""
    automated(aws)
    Function(aws, aws.environment(DB_ID="orders")).at(NIGHT, BACKUP)
    aws.clock.move_to(NIGHT + 2 * TICK + TICK / 2)
    key = aws.keys.create(aws.source.id, "alias/new-sharing")
    aws.keys.admit(key, aws.backup.id)
    changed = Function(aws, aws.environment(DB_ID="orders", KMS_KEY_ID="alias/new-sharing"))
    changed.invoke(RESUME)
    assert {aws.sharing_key, key} == {s.kms_key for s in shared_copies(aws)}
    play(changed, NIGHT + HOUR, hours=1.5)
    assert ["available"] == [b.status for b in backups(aws)]
    shared = [c.params for c in aws.calls if c.operation.startswith("Modify")]
    assert 1 == len(shared)
    assert [] == shared_copies(aws)


@pytest.mark.usefixtures("orders")
def test_a_database_recreated_under_its_name_begins_a_new_series(aws: Sandbox) -> None:
    """The deleted namesake's automated snapshots and backups are another database's."""
    function = Function(aws, aws.environment(DB_ID="orders", BACKUPS_TO_KEEP="2"))
    nights(aws, function, 2)
    aws.delete_database("orders", retain_automated=True)
    aws.add_instance("orders", engine="postgres", kms_key="aws/rds")
    aws.clock.move_to(NIGHT + 2 * DAY)
    nothing = function.invoke(BACKUP)
    assert ("stale", 0) == (
        nothing.entry("orders")["state"],
        nothing.entry("orders")["backups_kept"],
    )
    nights(aws, function, 3, NIGHT + 3 * DAY)
    old, new = dict.fromkeys(b.tags["rds-backup:resource-id"] for b in backups(aws))
    assert [2, 2] == [
        sum(b.tags["rds-backup:resource-id"] == series for b in backups(aws))
        for series in (old, new)
    ]


@pytest.mark.usefixtures("orders")
def test_three_nights_misconfigured_then_repaired_heal_by_themselves(aws: Sandbox) -> None:
    """One shared copy at a time, each night's giving way to the next; then the newest arrives."""
    aws.add_manual("by-hand", of="orders")
    aws.keys.shut_out(aws.sharing_key, aws.backup.id)
    function = Function(aws, aws.environment(DB_ID="orders"))
    for night in range(3):
        automated(aws, NIGHT + night * DAY)
        for done in play(function, NIGHT + night * DAY, hours=4):
            # Idle ticks between giving way and the next hour's start find nothing under way.
            idle = {"nothing_to_do"} if night else set()
            assert done.outcome in {"in_progress", "failed"} | idle
            assert len(shared_copies(aws)) <= 1
        assert [] == backups(aws)
        (shared,) = shared_copies(aws)
        assert shared.tags["rds-backup:taken-at"].startswith(f"2026-03-0{2 + night}")
    aws.keys.admit(aws.sharing_key, aws.backup.id)
    play(function, NIGHT + 3 * DAY - 6 * HOUR, hours=1.5)
    assert ["available"] == [b.status for b in backups(aws)]
    assert [] == shared_copies(aws)
    assert "protected" == function.invoke(BACKUP).entry("orders")["state"]


@pytest.mark.usefixtures("orders")
def test_a_refused_call_is_made_once_an_invocation_and_tried_again(aws: Sandbox) -> None:
    """A person's fix takes effect at the next tick, and AWS is not hammered until then."""
    fault = aws.fault("CopyDBSnapshot", code="AccessDenied", message="no", status=403)
    automated(aws)
    function = Function(aws, aws.environment(DB_ID="orders"))
    before = len(aws.calls)
    refused = function.at(NIGHT, BACKUP)
    assert ["CopyDBSnapshot"] == mutations(aws, before)
    assert ("failed", "blocked") == (refused.outcome, refused.entry("orders")["state"])
    assert "AccessDenied: no" in str(refused.error)
    fault.remove()
    play(function, NIGHT + HOUR, hours=1)
    assert ["available"] == [b.status for b in backups(aws)]


@pytest.mark.usefixtures("orders")
def test_a_failed_copy_is_tried_again_under_a_new_name(aws: Sandbox) -> None:
    """A dead copy stays as the memory of its attempt, until its point is done."""
    aws.copies.fail_next(1)
    automated(aws)
    function = Function(aws, aws.environment(DB_ID="orders"))
    play(function, hours=2)
    assert ["available"] == [b.status for b in backups(aws)]
    assert [] == shared_copies(aws)
    assert ["1", "2"] == [
        tag["Value"]
        for c in aws.calls
        if c.operation == "CopyDBSnapshot" and "automated" not in str(c.params)
        for tag in c.params["Tags"]
        if tag["Key"] == "rds-backup:attempt" and c.account == aws.source.id
    ]


@pytest.mark.usefixtures("orders")
def test_attempts_are_bounded_and_the_point_is_stuck_until_a_newer_one(aws: Sandbox) -> None:
    """Three full copies that fail are enough for one night; the next night starts afresh."""
    aws.copies.fail_next(3)
    automated(aws)
    function = Function(aws, aws.environment(DB_ID="orders"))
    play(function, hours=4)
    last = function.invoke(BACKUP)
    assert ("failed", "stuck") == (last.outcome, last.entry("orders")["state"])
    assert ["failed"] * 3 == [s.status for s in shared_copies(aws)]
    nights(aws, function, 1, NIGHT + DAY)
    assert ["available"] == [b.status for b in backups(aws)]
    assert [] == shared_copies(aws)


@pytest.mark.usefixtures("orders")
def test_a_snapshot_shared_with_somebody_else_is_unshared_and_blocked(aws: Sandbox) -> None:
    """Shared with exactly one account, checked in the answer of the call that shares."""
    automated(aws)
    function = Function(aws, aws.environment(DB_ID="orders"))
    function.at(NIGHT, BACKUP)
    aws.clock.advance(minutes=25)
    (shared,) = shared_copies(aws)
    aws.source.client("rds").modify_db_snapshot_attribute(
        DBSnapshotIdentifier=shared.identifier,
        AttributeName="restore",
        ValuesToAdd=["999999999999"],
    )
    found = function.invoke(RESUME)
    assert ("failed", "blocked") == (found.outcome, found.entry("orders")["state"])
    assert "999999999999" in found.entry("orders")["reason"]
    assert [frozenset()] == [s.shared_with for s in shared_copies(aws)]
    assert [] == backups(aws)
    function.at(NIGHT + HOUR, RESUME)
    assert [frozenset({aws.backup.id})] == [s.shared_with for s in shared_copies(aws)]


@pytest.mark.usefixtures("orders")
def test_a_name_of_ours_that_something_else_bears_blocks_and_is_not_touched(
    aws: Sandbox,
) -> None:
    """Nothing is adopted by its name, and nothing of a person's is replaced."""
    automated(aws)
    function = Function(aws, aws.environment(DB_ID="orders"))
    plan = function.at(NIGHT, event("plan")).result
    assert plan is not None
    name = plan["actions"][0]["snapshot"]
    aws.add_manual(name, of="orders", account=aws.backup)
    blocked = function.invoke(BACKUP)
    assert ("failed", "blocked") == (blocked.outcome, blocked.entry("orders")["state"])
    assert f"the name {name} is taken" in blocked.entry("orders")["reason"]
    assert [] == mutations(aws)
    nights(aws, function, 1, NIGHT + DAY)
    assert "protected" == function.invoke(BACKUP).entry("orders")["state"]
    assert name in {s.identifier for s in aws.snapshots(account=aws.backup.id)}


@pytest.mark.usefixtures("orders")
def test_two_deployments_in_one_account_do_not_know_each_other(aws: Sandbox) -> None:
    """Another prefix is another deployment: never touched, finished or counted."""
    one = Function(aws, aws.environment(DB_ID="orders", BACKUPS_TO_KEEP="2"))
    other = Function(
        aws, aws.environment(DB_ID="orders", BACKUPS_TO_KEEP="3", SNAPSHOT_PREFIX="second")
    )
    for night in range(4):
        start = NIGHT + night * DAY
        automated(aws, start)
        for number in range(9):
            for function in (one, other):
                function.at(start + number * TICK, RESUME if number else BACKUP)
    for function in (one, other):
        function.invoke(BACKUP)
    counts = {
        prefix: sum(b.tags["rds-backup:managed-by"] == prefix for b in backups(aws))
        for prefix in ("rds-backup", "second")
    }
    assert {"rds-backup": 2, "second": 3} == counts
    assert [] == shared_copies(aws)


@pytest.mark.usefixtures("orders")
def test_a_point_under_way_is_finished_after_its_database_left_the_configuration(
    aws: Sandbox,
) -> None:
    """Its tags say everything that is needed; nothing new is started for it."""
    aws.add_instance("other", engine="mysql")
    automated(aws)
    Function(aws, aws.environment(DB_ID="orders")).at(NIGHT, BACKUP)
    without = Function(aws, aws.environment(DB_ID="other"))
    play(without, NIGHT + HOUR, hours=2)
    assert ["orders", "other"] == sorted(b.database for b in backups(aws))
    automated(aws, NIGHT + DAY)
    play(without, NIGHT + DAY, hours=1.5)
    assert ["orders", "other", "other"] == sorted(b.database for b in backups(aws))
    assert [] == shared_copies(aws)


@pytest.mark.usefixtures("orders")
def test_a_large_database_is_finished_before_its_newer_snapshot_starts(aws: Sandbox) -> None:
    """A point under way never gives way, else a copy of 30 hours would never end."""
    aws.copies.duration = 17 * HOUR
    function = Function(aws, aws.environment(DB_ID="orders"))
    automated(aws)
    play(function, hours=20)
    automated(aws, NIGHT + DAY)
    waiting = function.at(NIGHT + DAY, BACKUP)
    assert ("in_progress", None) == (waiting.outcome, waiting.error)
    assert "waits for the point of 2026-03-02" in waiting.entry("orders")["reason"]
    assert 1 == len(shared_copies(aws))
    play(function, NIGHT + DAY, hours=20)
    assert ["2026-03-02"] == [b.tags["rds-backup:taken-at"][:10] for b in backups(aws)]


@pytest.mark.usefixtures("orders")
def test_an_event_narrows_to_configured_databases(aws: Sandbox) -> None:
    """The others are neither started nor reported."""
    aws.add_instance("other", engine="mysql", tags={"backup": "nightly"})
    automated(aws)
    function = Function(aws, aws.environment(DB_TAG="backup=nightly"))
    done = function.at(NIGHT, event("backup-one")).result
    assert done is not None
    assert ["orders"] == [d["database"] for d in done["databases"]]
    assert ["orders"] == [s.database for s in shared_copies(aws)]
    unknown = function.invoke({"action": "backup", "databases": ["nobodys"]})
    assert "the configured databases (selected by DB_TAG backup=nightly) are orders, other" in str(
        unknown.error
    )


@pytest.mark.usefixtures("orders")
def test_the_databases_own_tags_are_carried_along(aws: Sandbox) -> None:
    """All but those that AWS reserves and those that speak in our name."""
    aws.add_instance(
        "tagged",
        engine="mysql",
        tags={
            "team": "checkout",
            "aws:cloudformation:stack-name": "shop",
            "rds-backup:keep": "for ever",
        },
    )
    function = Function(aws, aws.environment(DB_ID="tagged"))
    nights(aws, function, 1)
    (backup,) = backups(aws)
    assert {"team": "checkout"} == {
        k: v for k, v in backup.tags.items() if not k.startswith("rds-backup:")
    }
    assert "rds-backup:keep" not in backup.tags


def test_the_longest_cluster_name_fits(aws: Sandbox) -> None:
    """63 characters of identifier, and 63 for the snapshot's (2.2)."""
    name = "c" * 63
    aws.add_cluster(name, engine="aurora-postgresql", kms_key=aws.sharing_key)
    function = Function(aws, aws.environment(DB_ID=name, CLUSTER="true"))
    nights(aws, function, 1)
    assert [name] == [b.database for b in backups(aws)]


@pytest.mark.usefixtures("orders")
def test_what_is_logged_of_a_database_is_one_line_a_run(aws: Sandbox) -> None:
    """Structured keys and the event's id; no account, key or tag of the customer's data."""
    automated(aws)
    function = Function(aws, aws.environment(DB_ID="orders"))
    done = function.at(NIGHT, event("scheduled"))
    lines = [line for line in done.logs if line.get("database") == "orders"]
    assert 1 == len(lines)
    (line,) = lines
    assert line["correlation_id"] == event("scheduled")["id"]
    assert "in_progress" == line["state"]
    (metrics,) = done.metrics
    (directive,) = metrics["_aws"]["CloudWatchMetrics"]
    assert ("RdsBackup", "rds-backup") == (directive["Namespace"], metrics["service"])
    assert {"DatabasesProtected", "DatabasesInProgress", "DatabasesBad", "Heartbeat"} <= {
        m["Name"] for m in directive["Metrics"]
    }


@pytest.mark.usefixtures("orders")
def test_an_invocation_stops_in_time_before_its_deadline(aws: Sandbox) -> None:
    """What cannot be finished is left to the next tick, and is not called done."""
    function = Function(aws, aws.environment(DB_ID="orders", BACKUPS_TO_KEEP="3"))
    nights(aws, function, 3)
    slow = Function(aws, aws.environment(DB_ID="orders", BACKUPS_TO_KEEP="1"))

    class Slow(Hook):
        """Every deletion takes almost all of the time."""

        def before(self, call: Call) -> None:
            """Let nine minutes pass."""
            if call.operation.startswith("Delete"):
                aws.clock.advance(minutes=9, seconds=30)

    aws.hooks.append(Slow())
    first = slow.at(NIGHT + 3 * DAY, BACKUP)
    assert "in_progress" == first.outcome
    assert 2 == len(backups(aws))
    assert "completed" == slow.invoke(BACKUP).outcome
    assert 1 == len(backups(aws))


@pytest.mark.parametrize("action", [BACKUP, RESUME])
@pytest.mark.usefixtures("orders")
def test_a_timeout_too_short_for_anything_is_said(aws: Sandbox, action: dict[str, str]) -> None:
    """A function that can never start anything must not answer "nothing to do"."""
    automated(aws)
    short = Function(aws, aws.environment(DB_ID="orders"), timeout=timedelta(seconds=60))
    refused = short.at(NIGHT, action)
    assert "give the function a longer timeout" in str(refused.error)
    assert [] == aws.calls
