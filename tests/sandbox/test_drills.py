"""What a restore drill finds in the backup account: its environment, its rights, and the rest."""

from sandbox import Sandbox
from sandbox.accounts import connect
from sandbox.serving.memory import Moment
from tests.sandbox.families import Family
from tests.sandbox.test_restoring import backup


def test_the_drills_function_has_an_environment_of_its_own(aws: Sandbox) -> None:
    """The backup account's key and network, the probe, and its own role's credentials."""
    found = aws.drill_environment(DRILL_SCHEDULE="rate(7 days)", DRILL_DEADLINE_HOURS=None)
    assert (aws.backup.id, aws.backup_key) == (found["BACKUP_ACCOUNT"], found["BACKUP_KMS_KEY_ID"])
    assert "rate(7 days)" == found["DRILL_SCHEDULE"]
    assert "DRILL_DEADLINE_HOURS" not in found
    assert aws.drill.access_key == found["AWS_ACCESS_KEY_ID"]
    assert f"arn:aws:iam::{aws.backup.id}:role/rds-backup-drill" == aws.drill.identity.principal


def test_the_drills_role_restores_a_backup(aws: Sandbox, family: Family) -> None:
    """Under the backup key, into the drill's subnets; who made it is known."""
    backup(family)
    client = connect("rds", aws.drill, aws.region)
    environment = aws.drill_environment()
    network = {
        "DBSubnetGroupName": environment["DRILL_SUBNET_GROUP"],
        "VpcSecurityGroupIds": [environment["DRILL_SECURITY_GROUP"]],
    }
    if family.kind == "instance":
        client.restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier="drill",
            DBSnapshotIdentifier="backup",
            DBInstanceClass=environment["DRILL_CLASSES"].split(",")[0],
            **network,
        )
    else:
        client.restore_db_cluster_from_snapshot(
            DBClusterIdentifier="drill",
            SnapshotIdentifier="backup",
            Engine="aurora-postgresql",
            KmsKeyId=aws.backup_key,
            **network,
        )
    (row,) = aws.databases(aws.backup)
    assert (aws.drill.identity.arn, "creating") == (row.made_by, row.status)
    assert row.instance_class == ("db.t4g.medium" if family.kind == "instance" else None)


def test_a_moment_has_what_databases_come_to(aws: Sandbox) -> None:
    """However often it is come back to: what is changing, what was deleted, how the next end."""
    aws.add_instance("orders")
    source = aws.take_automated("orders")
    client = aws.source.client("rds")
    client.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="first", DBSnapshotIdentifier=source.identifier
    )
    aws.restores.end_next("failed")
    moment = Moment(aws)
    for _ in range(2):
        assert [] == aws.deleted_databases()
        client.delete_db_instance(DBInstanceIdentifier="orders", SkipFinalSnapshot=True)
        client.restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier="second", DBSnapshotIdentifier=source.identifier
        )
        aws.clock.advance(hours=1)
        found = {row.identifier: row.status for row in aws.databases()}
        assert {"first": "available", "second": "failed"} == found
        assert ["orders"] == [row.identifier for row in aws.deleted_databases()]
        moment.restore()
