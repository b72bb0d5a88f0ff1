"""What a database had and RDS does not bring back: the plan passes it on, or says that it is lost.

Each plan is followed to the letter on the sandbox, which refuses what RDS refuses.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from sandbox import Kind, Sandbox, Switches
from tests.sandbox.families import refused
from tests.support import aws_cli
from tests.support.restore_plans import FILLED_IN, Person, environment, run, scene, section

# The versions of ``AT_HOME``.
OFFERED = {"instance": ("postgres", "16.3"), "cluster": ("aurora-postgresql", "15.4")}
CAPACITY = {"MinCapacity": 0.5, "MaxCapacity": 16.0}
COPIED = [Switches(copied_traits="kept"), Switches(copied_traits="absent")]
WAYS = pytest.mark.parametrize("way", ["A", "B"])
BOTH = pytest.mark.parametrize("kind", ["instance", "cluster"])


def followed(aws: Sandbox, plan: str, way: str, **values: str) -> dict[str, Any]:
    """The restored ``orders``, after somebody has gone one way of a plan."""
    somebody = Person(aws, section(plan, way), KMS_KEY_ID=aws.sharing_key, **FILLED_IN | values)
    somebody.make_groups()
    if way == "B":
        somebody.open_key()
    somebody.follow()
    client = (aws.backup if way == "A" else aws.source).client("rds")
    if "restore-db-cluster" in plan:
        found = client.describe_db_clusters(DBClusterIdentifier="orders-restored")["DBClusters"]
    else:
        answer = client.describe_db_instances(DBInstanceIdentifier="orders-restored")
        found = answer["DBInstances"]
    return dict(found[0])


@contextmanager
def serverless() -> Iterator[Sandbox]:
    """A cluster of Aurora Serverless v2."""
    with scene("cluster", ServerlessV2ScalingConfiguration=CAPACITY) as aws:
        aws.database("orders-1").fields = {"DBInstanceClass": "db.serverless"}
        yield aws


@WAYS
@pytest.mark.parametrize("lost", [False, True])
def test_an_optimized_cluster_is_io_optimized_again(way: str, *, lost: bool) -> None:
    """12.6: left out it would be on aurora storage; the backup shows it where home is lost."""
    with scene("cluster", StorageType="aurora-iopt1") as aws:
        env = aws.backup_environment() if lost else environment(aws, "cluster")
        plan = run(env, "orders").out.replace("<ACCOUNT>", aws.source.id)
        assert "aurora-iopt1" == followed(aws, plan, way)["StorageType"]


@WAYS
def test_a_serverless_cluster_gets_its_capacity_range_and_its_member(way: str) -> None:
    """12.6: without it the member is refused, hours later."""
    with serverless() as aws:
        plan = run(environment(aws, "cluster"), "orders").out
        assert "SERVERLESS_SCALING" not in aws_cli.blanks(plan)
        found = followed(aws, plan, way)
        assert CAPACITY == found["ServerlessV2ScalingConfiguration"]
        client = (aws.backup if way == "A" else aws.source).client("rds")
        answer = client.describe_db_instances(DBInstanceIdentifier="orders-restored-1")
        assert "db.serverless" == answer["DBInstances"][0]["DBInstanceClass"]


def test_an_interval_until_the_pause_is_passed_on() -> None:
    """It is shown where the least capacity is none."""
    paused = {"MinCapacity": 0.0, "MaxCapacity": 8.0, "SecondsUntilAutoPause": 600}
    with scene("cluster", ServerlessV2ScalingConfiguration=paused) as aws:
        found = followed(aws, run(environment(aws, "cluster"), "orders").out, "A")
        assert paused == found["ServerlessV2ScalingConfiguration"]


@WAYS
def test_a_capacity_range_that_cannot_be_read_is_to_be_filled_in(way: str) -> None:
    """The source account is lost: no backup shows the range, nor the class."""
    with serverless() as aws:
        plan = run(aws.backup_environment(), "orders").out.replace("<ACCOUNT>", aws.source.id)
        asked = aws_cli.blanks(section(plan, way))
        assert "if the class is not db.serverless, remove its line" in asked["SERVERLESS_SCALING"]
        found = followed(aws, plan, way, DB_INSTANCE_CLASS="db.serverless")
        assert CAPACITY == found["ServerlessV2ScalingConfiguration"]


def test_without_the_capacity_range_the_member_is_refused() -> None:
    """What the blank is for: the line taken out, and the class all the same db.serverless."""
    with serverless() as aws:
        lines = section(run(aws.backup_environment(), "orders").out, "A").splitlines()
        text = "\n".join(line for line in lines if "--serverless-v2-scaling" not in line)
        somebody = Person(aws, text, **FILLED_IN | {"DB_INSTANCE_CLASS": "db.serverless"})
        somebody.make_groups()
        with refused("InvalidDBClusterStateFault", saying="Serverless v2"):
            somebody.follow()


@WAYS
@BOTH
def test_somebody_can_get_in(kind: Kind, way: str) -> None:
    """The secret stays with the old database; IAM login is off unless the restore says so."""
    facts: dict[str, Any] = {
        "MasterUserSecret": {"SecretArn": "arn:aws:secretsmanager:x", "SecretStatus": "active"},
        "IAMDatabaseAuthenticationEnabled": True,
    }
    with scene(kind, **facts) as aws:
        plan = run(environment(aws, kind), "orders").out
        found = followed(aws, plan, way)
        assert found["IAMDatabaseAuthenticationEnabled"]
        assert facts["MasterUserSecret"] != found["MasterUserSecret"]
        assert "write new ones for the restored database (12.6)" in plan


@BOTH
@pytest.mark.parametrize("switches", COPIED)
def test_who_gets_in_cannot_be_read_and_is_said(kind: Kind, switches: Switches) -> None:
    """The source account is lost: no blank passes over the password, the storage, the login."""
    with scene(kind, switches, IAMDatabaseAuthenticationEnabled=True, StorageType="io2") as aws:
        plan = run(aws.backup_environment(), "orders").out
        assert f"aws rds modify-db-{kind} --manage-master-user-password" in plan
        assert "# - whether deletion protection was on.\n" in plan
        shown = switches.copied_traits == "kept"
        assert shown == ("--enable-iam-database-authentication" in plan)
        assert shown != ("its storage and IAM login, which the backup does not show" in plan)


@BOTH
def test_what_nobody_set_is_not_passed_on(kind: Kind) -> None:
    """A plain database's plan has none of it, and says nothing of it."""
    with scene(kind) as aws:
        plan = run(environment(aws, kind), "orders").out
        for word in (
            *("--storage-type", "--iops", "--dedicated", "--enable-iam", "--deletion-protection"),
            *("serverless-v2", "modify-db-instance", "modify-db-cluster ", "IAM login"),
        ):
            assert word not in plan


@BOTH
def test_deletion_protection_comes_back_at_home_only(kind: Kind) -> None:
    """What is restored to be looked at has to go again."""
    with scene(kind, DeletionProtection=True) as aws:
        plan = run(environment(aws, kind), "orders").out
        assert not followed(aws, plan, "A")["DeletionProtection"]
        assert followed(aws, plan, "B")["DeletionProtection"]
        assert "B turns it on again, A leaves it off" in plan


GP3 = "# The IOPS and throughput of gp3 are not passed on."


@pytest.mark.parametrize(
    ("storage", "told"), [("gp3", True), (None, True), ("gp2", False), ("io2", False)]
)
def test_the_iops_and_throughput_of_gp3_are_told_to_be_compared(
    storage: str | None, *, told: bool
) -> None:
    """11.16: AWS says of one where it comes from; nothing is said where there is no gp3."""
    shown: dict[str, Any] = {"StorageType": storage, "Iops": 12000} if storage else {}
    with scene("instance", **shown) as aws:
        plan = run(environment(aws, "instance"), "orders").out
        assert told == (GP3 in plan)
        assert ("12000" in plan) == (storage == "io2")


def test_a_cluster_has_no_gp3() -> None:
    """Aurora has storage of its own."""
    with scene("cluster") as aws:
        assert "gp3" not in run(environment(aws, "cluster"), "orders").out


@WAYS
@pytest.mark.parametrize("storage", ["io1", "io2"])
@pytest.mark.parametrize("lost", [False, True])
def test_provisioned_storage_and_its_log_volume_come_back(
    storage: str, way: str, *, lost: bool
) -> None:
    """11.16, 11.17: left out, an io2 would be a gp3, and the log on the same volume."""
    with scene("instance", StorageType=storage, Iops=4000, DedicatedLogVolume=True) as aws:
        env = aws.backup_environment() if lost else environment(aws, "instance")
        plan = run(env, "orders").out.replace("<ACCOUNT>", aws.source.id)
        found = followed(aws, plan, way)
        assert (storage, 4000) == (found["StorageType"], found["Iops"])
        assert found["DedicatedLogVolume"]


@WAYS
def test_a_class_that_cannot_be_encrypted_is_not_taken_over(way: str) -> None:
    """11.15: an unencrypted database has encrypted backups; its own class would be refused."""
    facts: dict[str, Any] = {"engine": "mysql", "kms_key": None, "DBInstanceClass": "db.t2.micro"}
    with scene("instance", **facts) as aws:
        plan = run(environment(aws, "instance"), "orders").out
        asked = aws_cli.blanks(section(plan, way))
        assert "db.t2.micro cannot be encrypted" in asked["DB_INSTANCE_CLASS"]
        with refused("InvalidParameterCombination", saying="does not support encryption"):
            followed(aws, plan, way, DB_INSTANCE_CLASS="db.t2.micro")
    with scene("instance", **facts) as aws:
        found = followed(aws, run(environment(aws, "instance"), "orders").out, way)
        assert ("db.t4g.medium", True) == (found["DBInstanceClass"], found["StorageEncrypted"])


@WAYS
@BOTH
@pytest.mark.parametrize("lost", [False, True])
def test_a_version_that_is_not_offered_any_more_is_upgraded(
    kind: Kind, way: str, *, lost: bool
) -> None:
    """11.14: a restore of it is refused; the backup itself stays what it is."""
    with scene(kind) as aws:
        engine, version = OFFERED[kind]
        aws.withdraw_version(engine, version, "16.8", "16.9")
        env = aws.backup_environment() if lost else environment(aws, kind)
        plan = run(env, "orders").out.replace("<ACCOUNT>", aws.source.id)
        assert f"# Engine       {engine} {version}, which RDS does not offer any more" in plan
        assert "ENGINE_VERSION" in aws_cli.blanks(section(plan, way))
        assert "16.9" == followed(aws, plan, way)["EngineVersion"]
        assert {version} == versions_of_backups(aws, kind)


def versions_of_backups(aws: Sandbox, kind: Kind) -> set[str]:
    """What our backups show in the backup account."""
    client = aws.backup.client("rds")
    if kind == "cluster":
        return {
            s["EngineVersion"] for s in client.describe_db_cluster_snapshots()["DBClusterSnapshots"]
        }
    found = client.describe_db_snapshots()["DBSnapshots"]
    ours = [s for s in found if s["DBSnapshotIdentifier"].startswith("rds-backup-")]
    return {s["EngineVersion"] for s in ours}


def test_an_own_parameter_group_of_the_old_version_is_not_taken_over() -> None:
    """It is of the old version's family; somebody names one of the new."""
    with scene("instance") as aws:
        aws.withdraw_version("postgres", "16.3", "17.2")
        plan = run(environment(aws, "instance"), "orders").out
        assert "orders-postgres16" not in plan
        assert "DB_PARAMETER_GROUP" in aws_cli.blanks(section(plan, "B"))


def test_an_engine_whose_snapshots_cannot_be_upgraded_is_said() -> None:
    """11.14: no command helps; the plan says whom to ask before it is too late."""
    with scene("instance", engine="sqlserver-se", EngineVersion="13.00") as aws:
        aws.withdraw_version("sqlserver-se", "13.00")
        plan = run(environment(aws, "instance"), "orders").out
        assert "sqlserver-se 13.00, which RDS does not offer any more (11.14)" in plan
        assert "ask AWS Support before you rely on the commands below" in plan
        assert "modify-db-snapshot " not in plan


def test_whether_a_version_is_offered_could_not_be_looked_at() -> None:
    """A plan is printed all the same, with a word on it."""
    with scene("instance") as aws:
        aws.fault("DescribeDBEngineVersions", code="AccessDenied", message="no", status=403)
        done = run(environment(aws, "instance"), "orders")
        assert 0 == done.code
        assert (
            "# Engine       postgres 16.3 (whether RDS still offers it is not known: "
            "DescribeDBEngineVersions: AccessDenied: no)\n" in done.out
        )
