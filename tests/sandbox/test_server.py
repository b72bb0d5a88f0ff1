"""The sandbox behind a port, as a process of its own."""

from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest

from tests.serving import ask, sandbox


@pytest.fixture
def environment() -> Iterator[Mapping[str, str]]:
    """What the server prints, as a mapping."""
    with sandbox() as served:
        yield served.environment


def test_a_copy_crosses_the_accounts_behind_a_port(environment: Mapping[str, str]) -> None:
    """The printed variables suffice for plain boto3, time runs, and can be moved on."""
    url = environment["AWS_ENDPOINT_URL"]
    assert "backup=nightly" == environment["DB_TAG"]

    def client(service: str, access_key: str, secret_key: str, token: str) -> Any:  # noqa: ANN401 - boto3's
        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name=environment["AWS_REGION"],
            endpoint_url=url,
            aws_access_key_id=access_key,
            aws_secret_access_key=secret_key,
            aws_session_token=token,
        )

    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    own = tuple(environment[name] for name in names)
    rds, sts = client("rds", *own), client("sts", *own)
    assert environment["SOURCE_ACCOUNT"] == sts.get_caller_identity()["Account"]
    (automated,) = rds.describe_db_snapshots(SnapshotType="automated")["DBSnapshots"]
    shared = rds.copy_db_snapshot(
        SourceDBSnapshotIdentifier=automated["DBSnapshotArn"],
        TargetDBSnapshotIdentifier="shared",
        KmsKeyId=environment["KMS_KEY_ID"],
    )["DBSnapshot"]
    assert "creating" == shared["Status"]
    ask(f"{url}/sandbox/advance?seconds=61", post=True)
    rds.modify_db_snapshot_attribute(
        DBSnapshotIdentifier="shared",
        AttributeName="restore",
        ValuesToAdd=[environment["BACKUP_ACCOUNT"]],
    )
    given = sts.assume_role(RoleArn=environment["BACKUP_ACCOUNT_ROLE"], RoleSessionName="backup")
    there = given["Credentials"]
    names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
    client("rds", *(there[name] for name in names)).copy_db_snapshot(
        SourceDBSnapshotIdentifier=shared["DBSnapshotArn"],
        TargetDBSnapshotIdentifier="backup",
        KmsKeyId="alias/rds-backup",
    )
    ask(f"{url}/sandbox/advance?seconds=61", post=True)
    rows = {row["identifier"]: row for row in ask(f"{url}/sandbox/state")["snapshots"]}
    assert ("available", environment["BACKUP_ACCOUNT"]) == (
        rows["backup"]["status"],
        rows["backup"]["account"],
    )
    assert [environment["BACKUP_ACCOUNT"]] == rows["shared"]["shared_with"]
