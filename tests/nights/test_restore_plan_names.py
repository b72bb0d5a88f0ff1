"""Whose plan it is: a renamed database, a name with another bearer, backups under another key."""

import pytest

from sandbox import Kind, Sandbox
from sandbox.serving.lambda_runtime import Function
from tests.support import aws_cli
from tests.support.playing import DAY, NIGHT, backups, nights
from tests.support.restore_plans import AT_HOME, environment, run, scene, section

KINDS: tuple[Kind, ...] = ("instance", "cluster")
LAST_WEEK = "2026-03-05T12:00:00Z"


def again(aws: Sandbox, kind: Kind, name: str) -> str:
    """Another database of this name, made by hand; its resource id."""
    if kind == "instance":
        return aws.add_instance(name, DBInstanceClass="db.x2g.large").resource_id
    return aws.add_cluster(name).resource_id


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("asked", ["orders-main", "orders", "ORDERS-MAIN", "resource id"])
def test_a_renamed_database_is_found_with_its_surroundings(kind: Kind, asked: str) -> None:
    """By the name that it has now, by the one that its backups bear, and by its resource id."""
    with scene(kind) as aws:
        before = run(environment(aws, kind), "orders").out
        renamed = aws.rename_database("orders", "orders-main", kind=kind)
        wanted = renamed.resource_id if asked == "resource id" else asked
        done = run(environment(aws, kind), wanted)
        assert (0, "") == (done.code, done.err)
        assert backups(aws)[-1].arn in done.out
        assert "# Name         orders-main now, orders at the time of the data\n" in done.out
        assert aws_cli.blanks(before) == aws_cli.blanks(done.out)
        groups = AT_HOME[kind]["VpcSecurityGroups"]
        assert all(group["VpcSecurityGroupId"] in section(done.out, "B") for group in groups)
        assert f"--db-{kind}-identifier orders-main-restored" in done.out


@pytest.mark.parametrize("kind", KINDS)
def test_the_source_account_is_lost_and_the_new_name_is_not_known(kind: Kind) -> None:
    """Nothing tells it to the backup account: the refusal says what to give instead."""
    with scene(kind) as aws:
        renamed = aws.rename_database("orders", "orders-main", kind=kind)
        done = run(aws.backup_environment(), "orders-main")
        assert (1, "") == (done.code, done.out)
        assert "there is no backup of orders-main in account 222222222222" in done.err
        assert "an earlier name of it is not known (not looked at: SOURCE_ACCOUNT" in done.err
        assert "give that, or its resource id" in done.err
        assert 0 == run(aws.backup_environment(), renamed.resource_id).code


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_that_another_database_has_taken_is_told(kind: Kind) -> None:
    """The old one goes on under another name: its plan is printed, with a word on the new one."""
    with scene(kind) as aws:
        aws.rename_database("orders", "orders-main", kind=kind)
        new = again(aws, kind, "orders")
        plan = run(environment(aws, kind), "orders").out
        assert "# Name         orders-main now, orders at the time of the data\n" in plan
        assert f"# Mind         today's {kind} orders is another database, {new}:\n" in plan
        assert "#              it has no backup here, and this is not its plan\n" in plan
        assert "db.x2g.large" not in plan


@pytest.mark.parametrize("kind", KINDS)
def test_names_that_were_exchanged_are_told_apart(kind: Kind) -> None:
    """Both were backed up as something else than they are called now: a resource id decides."""
    with scene(kind) as aws:
        stock = again(aws, kind, "stock")
        env = environment(aws, kind) | {"DB_ID": "orders,stock"}
        nights(aws, Function(aws, env), 1, NIGHT + 2 * DAY)
        orders = aws.database("orders", kind=kind).resource_id
        for old, new in (("orders", "away"), ("stock", "orders"), ("away", "stock")):
            aws.rename_database(old, new, kind=kind)
        for name, bearer in (("orders", stock), ("stock", orders)):
            done = run(env, name)
            assert (1, "") == (done.code, done.out)
            assert f"{name} is the name of 2 databases with backups" in done.err
            assert (
                f"{bearer} ({kind} in account 111111111111, eu-west-1, has the name now" in done.err
            )
            assert 1 == done.err.count("has the name now")
        plan = run(env, stock).out
        assert f"Restore of stock ({kind}, {stock})" in plan
        assert "# Name         orders now, stock at the time of the data\n" in plan


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_database_is_not_answered_with_an_old_namesakes_backup_in_silence(
    kind: Kind,
) -> None:
    """A database just renamed, and one long gone that once had that name: the id decides."""
    with scene(kind) as aws:
        gone = again(aws, kind, "orders-main")
        env = environment(aws, kind) | {"DB_ID": "orders,orders-main"}
        nights(aws, Function(aws, env), 1, NIGHT + 2 * DAY)
        aws.delete_database("orders-main", kind=kind)
        renamed = aws.rename_database("orders", "orders-main", kind=kind)
        done = run(env, "orders-main")
        assert (1, "") == (done.code, done.out)
        for resource_id in (gone, renamed.resource_id):
            assert resource_id in done.err


def test_a_database_without_a_backup_is_named_with_its_resource_id() -> None:
    """Selected by nobody: not taken for a misspelled name."""
    with scene("instance") as aws:
        new = aws.add_instance("stock")
        done = run(environment(aws, "instance"), "stock")
        assert (1, "") == (done.code, done.out)
        assert f"there is no backup of instance stock ({new.resource_id})" in done.err


def test_who_bears_the_name_could_not_be_looked_at() -> None:
    """Clusters cannot be listed: the instance's plan is printed, with a word on the name."""
    with scene("instance") as aws:
        aws.fault("DescribeDBClusters", code="AccessDenied", message="not now", status=403)
        done = run(environment(aws, "instance"), "orders")
        assert 0 == done.code
        assert "still there: class db.m7g.large" in done.out
        assert (
            "# Mind         who has the name orders now could not be looked at: "
            "DescribeDBClusters: AccessDenied: not now\n" in done.out
        )


@pytest.mark.parametrize("kind", KINDS)
def test_backups_under_the_previous_key_are_named(kind: Kind) -> None:
    """Six under the previous key, one under the new: last week's are not hidden."""
    with scene(kind) as aws:
        old = environment(aws, kind)
        nights(aws, Function(aws, old), 4, NIGHT + 2 * DAY)
        aws.keys.create(aws.backup.id, "alias/new")
        new = old | {"BACKUP_KMS_KEY_ID": "alias/new"}
        nights(aws, Function(aws, new), 1, NIGHT + 6 * DAY)
        earlier = [b for b in backups(aws) if b.kms_key == aws.backup_key]
        assert (6, 7) == (len(earlier), len(backups(aws)))

        done = run(new, "orders", "--at", LAST_WEEK)
        assert (1, "") == (done.code, done.out)
        assert "no verified backup of orders is as old as 2026-03-05T12:00:00.000Z" in done.err
        assert f"set BACKUP_KMS_KEY_ID to {aws.backup_key}: " in done.err
        assert all(f"{b.identifier} (data of 2026-03-0" in done.err for b in earlier)

        plan = run(new, "orders").out
        assert backups(aws)[-1].arn in plan
        assert f"set BACKUP_KMS_KEY_ID to {aws.backup_key}: " in plan
        assert all(b.identifier in plan for b in earlier)

        as_told = new | {"BACKUP_KMS_KEY_ID": aws.backup_key}
        assert earlier[3].arn in run(as_told, "orders", "--at", LAST_WEEK).out


@pytest.mark.parametrize("kind", KINDS)
def test_a_newer_backup_that_rds_contradicts_is_named(kind: Kind) -> None:
    """1.16: it is not restored, and the plan for an older one does not keep it quiet."""
    with scene(kind) as aws:
        older, newest = backups(aws)
        before = run(environment(aws, kind), "orders").out
        foreign = (newest.source_arn or "").replace(aws.source.id, "444444444444")
        aws.change_snapshot(aws.backup, kind, newest.identifier, source_arn=foreign)
        plan = run(environment(aws, kind), "orders").out

        assert "# Mind" not in before
        assert f"# Backup       {older.arn}\n" in plan
        (mind,) = [line for line in plan.splitlines() if line.startswith("# Mind ")]
        assert f"{newest.identifier} (data of 2026-03-03T02:00:00.000Z, by its tag)" in mind
        assert "is not restored: it was copied from account 444444444444 in eu-west-1" in mind
        assert "CloudTrail" in mind


def test_a_newer_backup_of_older_data_is_named() -> None:
    """1.16b: its tag promises the last night, and RDS says January."""
    with scene("instance") as aws:
        older, newest = backups(aws)
        january = NIGHT - 60 * DAY
        aws.change_snapshot(aws.backup, "instance", newest.identifier, taken_at=january)
        env = environment(aws, "instance")
        plan = run(env, "orders").out

        assert f"# Backup       {older.arn}\n" in plan
        (mind,) = [line for line in plan.splitlines() if line.startswith("# Mind ")]
        assert f"the tag of {newest.identifier} says that its data is of 2026-03-03" in mind
        assert "but RDS says 2026-01-01" in mind
        refused = run(env, "orders", "--at", "2025-12-01T00:00:00Z")
        assert f"the tag of {newest.identifier} says that its data is of 2026-03-03" in refused.err
