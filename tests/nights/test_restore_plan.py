"""A restore plan is followed to the letter on the sandbox, and a database is there afterwards."""

import os
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest

from rds_backup import __main__ as command_line
from sandbox import Account, Kind, Sandbox, Switches
from sandbox.serving.lambda_runtime import Function
from tests.sandbox.families import refused
from tests.support import aws_cli
from tests.support.playing import (
    DAY,
    NIGHT,
    automated,
    backups,
    mutations,
    nights,
    play,
    shared_copies,
)
from tests.support.restore_plans import AT_HOME, FILLED_IN, Person, environment, run, scene, section

KINDS: tuple[Kind, ...] = ("instance", "cluster")
# Where the backups are: with the databases, or in another Region, which an account has to enable.
WHERE = (None, "eu-south-1")
VALUES = {**FILLED_IN, "IOPS": "3000"}


def person(aws: Sandbox, plan: str, way: str) -> Person:
    """Somebody about to go one way of a plan, all groups being there."""
    keys = {"KMS_KEY_ID": aws.sharing_key, "SHARING_KEY_ID": aws.backup_key}
    somebody = Person(aws, section(plan, way), **keys, **VALUES)
    somebody.make_groups()
    return somebody


def shown(kind: Kind, account: Account, name: str = "orders-restored") -> dict[str, Any]:
    """The database as a listing shows it."""
    client = account.client("rds")
    if kind == "cluster":
        (found,) = client.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"]
    else:
        (found,) = client.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    return dict(found)


def rows(aws: Sandbox) -> set[tuple[str, str, str, frozenset[str]]]:
    """Every snapshot, with whom it is shared."""
    return {(r.account, r.identifier, r.status, r.shared_with) for r in aws.snapshots()}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("gone", [False, True])
@pytest.mark.parametrize("where", WHERE)
def test_way_a_restores_in_the_backup_account(kind: Kind, where: str | None, *, gone: bool) -> None:
    """Under the backup key, with the version that the database had, and with no public address."""
    with scene(kind, backup_region=where) as aws:
        if gone:
            aws.delete_database("orders")
        plan = run(environment(aws, kind), "orders").out
        before, since = rows(aws), len(aws.calls)
        answers = person(aws, plan, "A").follow()
        restored = shown(kind, aws.backup)
        assert aws.backup.id == answers[0]["Account"]
        assert aws.backup_key == restored["KmsKeyId"]
        assert AT_HOME[kind]["EngineVersion"] == restored["EngineVersion"]
        assert restored["PubliclyAccessible"] is False
        assert ["sg-0c3"] == [g["VpcSecurityGroupId"] for g in restored["VpcSecurityGroups"]]
        assert ["restored-from"] == [tag["Key"] for tag in restored["TagList"]]
        statuses = [aws.database("orders-restored", kind=kind, account=aws.backup).status]
        if kind == "cluster":
            member = shown("instance", aws.backup, "orders-restored-1")
            assert "orders-restored" == member["DBClusterIdentifier"]
            assert (aws.backup_key, False) == (member["KmsKeyId"], member["PubliclyAccessible"])
            statuses.append(member["DBInstanceStatus"])
        assert {"available"} == set(statuses)
        assert before == rows(aws)
        assert [] == [name for name in mutations(aws, since) if name.startswith("Delete")]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("gone", [False, True])
@pytest.mark.parametrize("where", WHERE)
def test_way_b_restores_in_the_source_account(kind: Kind, where: str | None, *, gone: bool) -> None:
    """Under a key of that account, in the network it came from, and nothing stays shared.

    From another Region a cluster is copied, too: in one step, made in the Region of the database.
    """
    with scene(kind, backup_region=where) as aws:
        if gone:
            aws.delete_database("orders")
        plan = run(environment(aws, kind), "orders").out
        before, since = rows(aws), len(aws.calls)
        somebody = person(aws, plan, "B")
        somebody.open_key()
        somebody.follow()
        restored = shown(kind, aws.source)
        key = aws.sharing_key if gone else aws.database("orders", kind=kind).key
        assert key == restored["KmsKeyId"]
        assert AT_HOME[kind]["EngineVersion"] == restored["EngineVersion"]
        assert restored["PubliclyAccessible"] is False
        groups = [g["VpcSecurityGroupId"] for g in restored["VpcSecurityGroups"]]
        at_home = AT_HOME[kind]["VpcSecurityGroups"]
        assert groups == (["sg-0c3"] if gone else [g["VpcSecurityGroupId"] for g in at_home])
        assert "available" == aws.database("orders-restored", kind=kind).status
        if kind == "cluster":
            assert aws.database("orders-restored-1").key == key
        assert before <= rows(aws)
        made = {name for _, name, *_ in rows(aws) - before}
        copied = kind == "instance" or where is not None
        assert made == ({"orders-20260303-0200-to-restore"} if copied else set())
        assert not any(row.shared_with for row in aws.snapshots())
        assert [] == [name for name in mutations(aws, since) if name.startswith("Delete")]
        answer = [c for c in aws.calls[since:] if c.operation.startswith("Modify")]
        assert [["111111111111"], None] == [c.params.get("ValuesToAdd") for c in answer]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("where", WHERE)
def test_a_plan_of_the_backup_account_alone_leads_to_any_account(
    kind: Kind, where: str | None
) -> None:
    """The account of the databases is lost: nothing of it is asked for, or called."""
    with scene(kind, backup_region=where) as aws:
        aws.delete_database("orders")
        since = len(aws.calls)
        plan = run(aws.backup_environment(), "orders").out
        assert {aws.backup.id} == {call.account for call in aws.calls[since:]}
        assert aws.source.id not in plan
        assert "ACCOUNT" in aws_cli.blanks(section(plan, "B"))
        person(aws, plan, "A").follow()
        assert shown(kind, aws.backup)["KmsKeyId"] == aws.backup_key
        somebody = person(aws, plan.replace("<ACCOUNT>", VALUES["ACCOUNT"]), "B")
        somebody.open_key()
        somebody.follow()
        assert shown(kind, aws.source)["KmsKeyId"] == aws.sharing_key


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("where", WHERE)
def test_a_backup_under_aws_rds_is_brought_back_from_a_copy_under_a_customer_key(
    kind: Kind, where: str | None
) -> None:
    """2.13: it cannot be shared; where it is, it is restored as any other."""
    with scene(kind, backup_region=where) as aws:
        default = aws.keys.managed(aws.backup.id, aws.region_of(aws.backup))
        env = environment(aws, kind) | {"BACKUP_KMS_KEY_ID": "alias/aws/rds"}
        nights(aws, Function(aws, env), 1, NIGHT + 2 * DAY)
        plan = run(env, "orders").out
        before = rows(aws)
        person(aws, plan, "A").follow()
        assert default == shown(kind, aws.backup)["KmsKeyId"]
        assert before == rows(aws)
        somebody = person(aws, plan, "B")
        somebody.open_key()
        somebody.follow()
        assert aws.database("orders", kind=kind).key == shown(kind, aws.source)["KmsKeyId"]
        assert before <= rows(aws)
        lent = {r.identifier: r for r in aws.snapshots() if r.identifier.endswith("-to-share")}
        assert ["orders-20260304-0200-to-share"] == [*lent]
        assert {(aws.backup_key, frozenset())} == {
            (r.kms_key, r.shared_with) for r in lent.values()
        }


@pytest.mark.parametrize("kind", KINDS)
def test_without_its_statements_the_backup_key_admits_nobody(kind: Kind) -> None:
    """6.1: the statements of the plan are needed; the account of the databases has no other way."""
    with scene(kind) as aws:
        somebody = person(aws, run(environment(aws, kind), "orders").out, "B")
        with refused("KMSKeyNotAccessibleFault", saying=aws.backup_key):
            somebody.follow()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("needed", [False, True])
def test_a_backup_is_restored_without_the_sources_keys_unless_aws_needs_them(
    kind: Kind, *, needed: bool
) -> None:
    """6.13 is unconfirmed: this is what a drill has to find out."""
    with scene(kind, Switches(restore_needs_source_key=needed)) as aws:
        aws.delete_database("orders")
        somebody = person(aws, run(aws.backup_environment(), "orders").out, "A")
        aws.keys.schedule_deletion(aws.sharing_key)
        if needed:
            with refused("KMSKeyNotAccessibleFault", saying=aws.sharing_key):
                somebody.follow()
        else:
            somebody.follow()
            assert shown(kind, aws.backup)["KmsKeyId"] == aws.backup_key


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_being_restored_does_not_expire(kind: Kind) -> None:
    """The oldest backup, restored with --at, is the next to expire: the plan tags it first."""
    with scene(kind) as aws:
        function = Function(aws, environment(aws, kind) | {"BACKUPS_TO_KEEP": "1"})
        oldest = backups(aws)[0]
        plan = run(environment(aws, kind), "orders", "--at", "2026-03-02T12:00:00Z").out
        assert oldest.arn in plan
        keeping = Person(aws, section(plan, "A"), **VALUES).parsed[1]
        keeping.run(aws.backup.client("rds"))
        automated(aws, NIGHT + 2 * DAY)
        play(function, NIGHT + 2 * DAY)
        assert [oldest.identifier] == [
            b.identifier for b in backups(aws) if "rds-backup:keep" in b.tags
        ]
        assert 2 == len(backups(aws))


def test_a_restored_database_does_not_come_into_the_next_night() -> None:
    """11.9: its own tags would select it; those of the plan do not."""
    with scene("instance") as aws:
        somebody = person(aws, run(environment(aws, "instance"), "orders").out, "B")
        somebody.open_key()
        somebody.follow()
        env = aws.environment(DB_TAG="team=shop")
        automated(aws, NIGHT + 2 * DAY)
        entries = play(Function(aws, env), NIGHT + 2 * DAY, hours=0.1)[0].logs
        assert {"orders"} == {line["database"] for line in entries if "database" in line}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-02T02:00:00Z", 0),
        ("2026-03-03T02:59:59+01:00", 0),
        ("2026-03-03T03:00:00+01:00", 1),
        ("2030-01-01T00:00:00Z", 1),
    ],
)
def test_the_newest_data_at_or_before_a_time_is_planned_for(
    kind: Kind, at: str, expected: int
) -> None:
    """In whatever zone the time is said."""
    with scene(kind) as aws:
        assert backups(aws)[expected].arn in run(environment(aws, kind), "orders", "--at", at).out


def test_before_the_oldest_backup_nothing_is_printed() -> None:
    """Exit code 1, and how far back there is something."""
    with scene("instance") as aws:
        done = run(environment(aws, "instance"), "orders", "--at", "2026-03-02T01:59:59Z")
        assert (1, "") == (done.code, done.out)
        assert "the oldest of 2 has data of 2026-03-02T02:00:00.000Z" in done.err


@pytest.mark.parametrize("at", ["yesterday", "2026-03-02", "2026-03-02T02:00:00"])
def test_a_time_without_a_zone_is_refused(at: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody has to guess whose two o'clock was meant."""
    with pytest.raises(SystemExit) as ended:
        command_line.main(["restore-plan", "orders", f"--at={at}"])
    assert 2 == ended.value.code
    assert "expected 2026-03-09T02:00:00Z" in capsys.readouterr().err


def test_a_plan_changes_nothing() -> None:
    """It reads both accounts, like plan and status."""
    with scene("cluster") as aws:
        before, since = rows(aws), len(aws.calls)
        assert 0 == run(environment(aws, "cluster"), "orders").code
        assert [] == mutations(aws, since)
        assert before == rows(aws)
        assert {aws.source.id, aws.backup.id} == {call.account for call in aws.calls[since:]}


def test_a_database_without_a_backup_is_refused() -> None:
    """Nothing on standard output, and the names there are."""
    with scene("instance") as aws:
        done = run(environment(aws, "instance"), "order")
        assert (1, "") == (done.code, done.out)
        assert "there is no backup of order in account 222222222222" in done.err
        assert "databases with backups: orders" in done.err


def test_a_copy_under_way_is_no_backup() -> None:
    """The first night is not over."""
    with Sandbox(start=NIGHT - timedelta(hours=2)) as aws:
        aws.add_instance("orders")
        aws.copies.duration = timedelta(hours=1)
        automated(aws)
        play(Function(aws, environment(aws, "instance")), hours=1.4)
        assert ["creating"] == [b.status for b in backups(aws)]
        assert 1 == len(shared_copies(aws))
        done = run(environment(aws, "instance"), "orders")
        assert (1, "") == (done.code, done.out)
        assert "is creating" in done.err


def test_an_account_that_cannot_be_listed_is_not_an_empty_one() -> None:
    """One family's listing fails: no plan, and AWS's words."""
    with scene("instance") as aws:
        aws.fault("DescribeDBClusterSnapshots", code="AccessDenied", message="no", status=403)
        done = run(environment(aws, "instance"), "orders")
        assert (1, "") == (done.code, done.out)
        assert "cannot list cluster snapshots in the backup account: AccessDenied" in done.err


def test_a_backup_key_in_doubt_is_said_first() -> None:
    """Under a key that is to be deleted nothing can be restored (11.11)."""
    with scene("instance") as aws:
        aws.keys.schedule_deletion(aws.backup_key)
        done = run(environment(aws, "instance"), "orders")
        assert (1, "") == (done.code, done.out)
        assert "BACKUP_KMS_KEY_ID is PendingDeletion; cancel its deletion" in done.err


def test_a_source_account_that_cannot_be_read_stops_no_plan() -> None:
    """What it would have told is to be filled in, and why is said."""
    with scene("instance") as aws:
        aws.fault("DescribeDBInstances", code="AccessDenied", message="not now", status=403)
        done = run(environment(aws, "instance"), "orders")
        assert 0 == done.code
        assert "could not be looked at: DescribeDBInstances: AccessDenied: not now" in done.out
        assert {"DB_SUBNET_GROUP", "KMS_KEY_ID"} <= set(aws_cli.blanks(section(done.out, "B")))


def test_credentials_of_another_account_are_refused() -> None:
    """Exit code 2, in both environments, and before the other account is looked at."""
    with scene("instance") as aws:
        for theirs, ours in (
            (environment(aws, "instance"), aws.backup),
            (aws.backup_environment(), aws.source),
        ):
            done = run(theirs | ours.function.environment(), "orders")
            assert (2, "") == (done.code, done.out)
            assert f"the credentials belong to account {ours.id}" in done.err
            assert (ours is aws.backup) == ("the two variables are swapped" in done.err)


def test_a_namesake_is_not_taken_for_the_database() -> None:
    """It was made again under its name: the plan says so, and takes nothing from it."""
    with scene("instance") as aws:
        aws.delete_database("orders")
        again = aws.add_instance("orders", DBInstanceClass="db.x2g.large")
        done = run(environment(aws, "instance"), "orders")
        assert f"today's instance orders is another database, {again.resource_id}:" in done.out
        assert "this is not its plan" in done.out
        assert "db.x2g.large" not in done.out


def test_a_clusters_instance_is_like_its_writer() -> None:
    """Whichever member that is, and whatever the others are."""
    with scene("cluster") as aws:
        cluster = aws.database("orders", kind="cluster")
        aws.add_instance(
            "orders-writer",
            engine=cluster.engine,
            member_of="orders",
            DBInstanceClass="db.x2g.large",
            DBParameterGroups=[{"DBParameterGroupName": "writers-own"}],
        )
        cluster.members = ("orders-writer", *cluster.members)
        plan = run(environment(aws, "cluster"), "orders").out
        for way in "AB":
            made = person(aws, plan, way).parsed[-2 if way == "A" else -3].params
            assert "db.x2g.large" == made["DBInstanceClass"]
            assert "writers-own" == made["DBParameterGroupName"]


def test_no_command_of_a_plan_can_run_before_it_is_filled_in(tmp_path: Path) -> None:
    """Bash stops each of them; an `aws` that tells of its calls stands in for the real one."""
    told = tmp_path / "told"
    fake = tmp_path / "aws"
    fake.write_text(f'#!/bin/sh\necho "$@" >> {told}\n')
    fake.chmod(0o755)
    with scene("cluster") as aws:
        plan = run(environment(aws, "cluster"), "orders").out
    lines = plan.replace("\\\n", " ").splitlines()
    blank = [line for line in lines if line.partition("=")[0].isupper()]
    calls = [line for line in lines if line.startswith("aws ")]
    assert len(calls) == len(aws_cli.commands(plan)) > 10

    def bash(*script: str) -> int:
        program = ["bash", "-c", "\n".join(script)]
        path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
        done = subprocess.run(program, env=path, capture_output=True, check=False)  # noqa: S603 - our text
        return done.returncode

    for call in calls:
        assert bash(*blank, call) != 0
    assert not told.exists()
    filled = [f"{line.partition('=')[0]}=value" for line in blank]
    assert 0 == bash(*blank, *filled, *calls)
    assert len(calls) == len(told.read_text().splitlines())


@pytest.mark.parametrize("where", ["source", "destination"])
def test_the_statements_of_a_plan_admit_rds_of_both_regions(
    where: Literal["source", "destination"],
) -> None:
    """2.27c: which of the two reads the backup's key is not documented."""
    with scene("cluster", Switches(decrypts_from=where), WHERE[1]) as aws:
        somebody = person(aws, run(environment(aws, "cluster"), "orders").out, "B")
        somebody.open_key()
        somebody.follow()
        assert shown("cluster", aws.source)["StorageEncrypted"]


def test_a_plan_says_that_the_region_of_the_database_lacks_its_version() -> None:
    """2.27: nothing of it can be copied back; nobody of the backup account can ask there."""
    with scene("instance", backup_region=WHERE[1]) as aws:
        aws.withdraw_version("postgres", "16.3", only=aws.source)
        plan = run(environment(aws, "instance"), "orders").out
        lost = run(aws.backup_environment(), "orders").out
    told = "Not offered in eu-west-1: RDS copies no snapshot of it there (2.27); follow A"
    assert told in plan
    assert "(whether eu-west-1 offers it is not known: nobody has asked in eu-west-1)" in lost
