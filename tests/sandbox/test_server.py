"""The sandbox behind a port, as a process of its own."""

from sandbox.serving.served import Served, served


def test_a_copy_crosses_the_accounts_behind_a_port() -> None:
    """The printed variables suffice for plain boto3, time runs, and can be moved on."""
    with served() as aws:
        _cross(aws)


def _cross(aws: Served) -> None:
    environment = aws.environment
    assert "backup=nightly" == environment["DB_TAG"]
    rds, sts = (aws.client(service, environment) for service in ("rds", "sts"))
    assert environment["SOURCE_ACCOUNT"] == sts.get_caller_identity()["Account"]
    (automated,) = rds.describe_db_snapshots(SnapshotType="automated")["DBSnapshots"]
    shared = rds.copy_db_snapshot(
        SourceDBSnapshotIdentifier=automated["DBSnapshotArn"],
        TargetDBSnapshotIdentifier="shared",
        KmsKeyId=environment["KMS_KEY_ID"],
    )["DBSnapshot"]
    assert "creating" == shared["Status"]
    aws.advance(61)
    rds.modify_db_snapshot_attribute(
        DBSnapshotIdentifier="shared",
        AttributeName="restore",
        ValuesToAdd=[environment["BACKUP_ACCOUNT"]],
    )
    given = sts.assume_role(RoleArn=environment["BACKUP_ACCOUNT_ROLE"], RoleSessionName="backup")
    there = {
        "AWS_ACCESS_KEY_ID": given["Credentials"]["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["Credentials"]["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["Credentials"]["SessionToken"],
    }
    role = aws.client("iam", there).get_role(RoleName="rds-backup-writer")["Role"]
    assert environment["BACKUP_ACCOUNT_ROLE"] == role["Arn"]
    aws.client("rds", there).copy_db_snapshot(
        SourceDBSnapshotIdentifier=shared["DBSnapshotArn"],
        TargetDBSnapshotIdentifier="backup",
        KmsKeyId="alias/rds-backup",
    )
    aws.advance(61)
    rows = {row["identifier"]: row for row in aws.state()["snapshots"]}
    assert ("available", environment["BACKUP_ACCOUNT"]) == (
        rows["backup"]["status"],
        rows["backup"]["account"],
    )
    assert [environment["BACKUP_ACCOUNT"]] == rows["shared"]["shared_with"]
    seen = aws.client("rds", aws.person_in_backup).describe_db_snapshots()["DBSnapshots"]
    assert ["backup"] == [snapshot["DBSnapshotIdentifier"] for snapshot in seen]
