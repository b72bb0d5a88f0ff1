"""Which snapshots become databases, under which key, and what RDS fills in by itself."""

from typing import Any

import pytest

from sandbox import Account, Kind, Row, Sandbox, Switches
from tests.sandbox.families import Family, refused

EXISTS = {"instance": "DBInstanceAlreadyExists", "cluster": "DBClusterAlreadyExistsFault"}
GROUPS = [
    ("instance", "DBSubnetGroupName", "DBSubnetGroupNotFoundFault", 404),
    ("instance", "DBParameterGroupName", "DBParameterGroupNotFound", 404),
    ("instance", "OptionGroupName", "OptionGroupNotFoundFault", 404),
    ("cluster", "DBSubnetGroupName", "DBSubnetGroupNotFoundFault", 404),
    ("cluster", "DBClusterParameterGroupName", "DBClusterParameterGroupNotFound", 404),
]


def restore(
    family: Family,
    snapshot: str,
    name: str = "restored",
    account: Account | None = None,
    /,
    **params: object,
) -> dict[str, Any]:
    """Restore a snapshot; the database as it is when it is there."""
    aws = family.aws
    client = (account or aws.source).client("rds")
    if family.kind == "instance":
        call = client.restore_db_instance_from_db_snapshot
        params = {"DBInstanceIdentifier": name, "DBSnapshotIdentifier": snapshot, **params}
    else:
        call = client.restore_db_cluster_from_snapshot
        params = {"DBClusterIdentifier": name, "SnapshotIdentifier": snapshot, **params}
        params.setdefault("Engine", "aurora-postgresql")
    call(**params)
    assert "creating" == aws.database(name, kind=family.kind, account=account).status
    aws.clock.advance(hours=1)
    return shown(family, name, account)


def shown(family: Family, name: str, account: Account | None = None) -> dict[str, Any]:
    """The database as a listing shows it."""
    client = (account or family.aws.source).client("rds")
    cluster = family.kind == "cluster"
    listing = client.describe_db_clusters if cluster else client.describe_db_instances
    (found,) = listing(**{family.database: name})["DBClusters" if cluster else "DBInstances"]
    return dict(found)


def backup(family: Family) -> Row:
    """A copy in the backup account, under its key."""
    shared = family.shared()
    return family.copied(shared.arn, "backup", family.aws.backup, KmsKeyId=family.aws.backup_key)


def shared_back(family: Family) -> Row:
    """A backup that the source account can see, and whose key admits it."""
    row = backup(family)
    params = {f"{family.noun}Identifier": "backup", "ValuesToAdd": [family.aws.source.id]}
    family.call("modify_{}_attribute", family.aws.backup, AttributeName="restore", **params)
    family.aws.keys.admit_as_documented(family.aws.backup_key, family.aws.source.id)
    return row


def test_an_instance_needs_exactly_one_snapshot(aws: Sandbox) -> None:
    """11.1: DBSnapshotIdentifier or DBClusterSnapshotIdentifier, and not both."""
    client = aws.source.client("rds")
    for given in ({}, {"DBSnapshotIdentifier": "a", "DBClusterSnapshotIdentifier": "b"}):
        with refused("InvalidParameterCombination"):
            client.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="restored", **given)


def test_an_aurora_snapshot_makes_no_instance(aws: Sandbox) -> None:
    """11.1: DBClusterSnapshotIdentifier is for Multi-AZ DB clusters only."""
    source = Family(aws, "cluster").add()
    with refused("InvalidParameterValue"):
        aws.source.client("rds").restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier="restored", DBClusterSnapshotIdentifier=source.identifier
        )


def test_a_restored_database_keeps_the_snapshots_key(aws: Sandbox, family: Family) -> None:
    """11.2: an instance can be given no other key; a cluster has the snapshot's if none is said."""
    backup(family)
    found = restore(family, "backup", "restored", aws.backup)
    assert aws.backup_key == found["KmsKeyId"]


def test_a_cluster_can_be_restored_under_another_key(aws: Sandbox) -> None:
    """11.4: RestoreDBClusterFromSnapshot takes KmsKeyId."""
    family = Family(aws, "cluster")
    source = family.add()
    found = restore(family, source.identifier, KmsKeyId=aws.sharing_key)
    assert aws.sharing_key == found["KmsKeyId"]
    with refused("KMSKeyNotAccessibleFault", saying="target KMS key"):
        restore(family, source.identifier, "another", KmsKeyId="alias/nothing")


def test_a_shared_encrypted_snapshot_makes_no_instance(aws: Sandbox) -> None:
    """11.3: it has to be copied first."""
    family = Family(aws, "instance")
    row = shared_back(family)
    with refused("InvalidParameterValue", saying="copy it first"):
        restore(family, row.arn)
    family.copied(row.arn, "own", KmsKeyId=aws.sharing_key)
    assert aws.sharing_key == restore(family, "own")["KmsKeyId"]


def test_a_shared_unencrypted_snapshot_makes_an_instance(aws: Sandbox) -> None:
    """11.3: only encryption forbids it; the snapshot is named by its ARN."""
    family = Family(aws, "instance")
    row = aws.add_snapshot(
        aws.backup, "instance", "open", kms_key=None, shared_with={aws.source.id}
    )
    with refused("DBSnapshotNotFound", status=404):
        restore(family, "open")
    assert not restore(family, row.arn)["StorageEncrypted"]


def test_a_shared_cluster_snapshot_makes_a_cluster(aws: Sandbox) -> None:
    """11.3: encrypted or not, under a key of the account that restores it."""
    family = Family(aws, "cluster")
    row = shared_back(family)
    found = restore(family, row.arn, KmsKeyId=aws.sharing_key)
    assert (aws.sharing_key, "available") == (found["KmsKeyId"], found["Status"])


def test_a_restored_cluster_has_no_instances(aws: Sandbox) -> None:
    """11.4: they are made one by one, once the cluster is available."""
    family = Family(aws, "cluster")
    source = family.add()
    client = aws.source.client("rds")
    member = {
        "DBInstanceIdentifier": "restored-1",
        "DBClusterIdentifier": "restored",
        "DBInstanceClass": "db.r7g.large",
        "Engine": "aurora-postgresql",
    }
    with refused("DBClusterNotFoundFault", status=404):
        client.create_db_instance(**member)
    client.restore_db_cluster_from_snapshot(
        DBClusterIdentifier="restored",
        SnapshotIdentifier=source.identifier,
        Engine="aurora-postgresql",
    )
    assert [] == shown(family, "restored")["DBClusterMembers"]
    with refused("InvalidDBClusterStateFault"):
        client.create_db_instance(**member)
    aws.clock.advance(hours=1)
    client.create_db_instance(**member)
    aws.clock.advance(hours=1)
    made = aws.database("restored-1")
    assert ("available", "restored") == (made.status, made.member_of)
    assert aws.keys.managed(aws.source.id) == made.key
    with refused("DBInstanceAlreadyExists"):
        client.create_db_instance(**member)


@pytest.mark.parametrize("parameter", ["BackupRetentionPeriod", "KmsKeyId", "VpcSecurityGroupIds"])
def test_the_cluster_decides_for_its_members(aws: Sandbox, parameter: str) -> None:
    """11.4: what the cluster manages cannot be given for an instance of it."""
    aws.add_cluster("orders")
    values = {
        "BackupRetentionPeriod": 1,
        "KmsKeyId": aws.sharing_key,
        "VpcSecurityGroupIds": ["sg-1"],
    }
    with refused("InvalidParameterCombination"):
        aws.source.client("rds").create_db_instance(
            DBInstanceIdentifier="orders-2",
            DBClusterIdentifier="orders",
            DBInstanceClass="db.r7g.large",
            Engine="aurora-postgresql",
            **{parameter: values[parameter]},
        )


@pytest.mark.parametrize("name", ["x" * 64, "ends-", "two--hyphens", "1st"])
def test_a_database_has_a_name_of_at_most_63_characters(family: Family, name: str) -> None:
    """11.5: letters, digits and single hyphens, a letter first."""
    source = family.add()
    with refused("InvalidParameterValue"):
        restore(family, source.identifier, name)
    assert restore(family, source.identifier, "x" * 63)


def test_a_name_that_is_taken_is_refused(family: Family) -> None:
    """11.5: a restore replaces nothing."""
    source = family.add()
    with refused(EXISTS[family.kind]):
        restore(family, source.identifier, "ORDERS")


@pytest.mark.parametrize(("said", "expected"), [({}, "16.6"), ({"EngineVersion": "15.4"}, "15.4")])
def test_a_cluster_gets_the_regions_default_version_unless_one_is_given(
    aws: Sandbox, said: dict[str, str], expected: str
) -> None:
    """11.5: not the version of the snapshot, which shows it."""
    family = Family(aws, "cluster")
    source = family.add(EngineVersion="15.4")
    assert "15.4" == family.one(source.identifier, SnapshotType="automated")["EngineVersion"]
    assert expected == restore(family, source.identifier, **said)["EngineVersion"]


def test_an_instance_keeps_its_snapshots_version(aws: Sandbox) -> None:
    """11.5: the default version is a cluster's matter; an instance restore takes no version."""
    family = Family(aws, "instance")
    source = family.add(EngineVersion="15.4")
    assert "15.4" == restore(family, source.identifier)["EngineVersion"]


def test_what_the_call_does_not_name_is_the_default(family: Family) -> None:
    """11.7: default groups, and public where the network allows it."""
    found = restore(family, family.add().identifier)
    assert ["default"] == [group["VpcSecurityGroupId"] for group in found["VpcSecurityGroups"]]
    assert found["PubliclyAccessible"]
    assert not found.get("MultiAZ")
    if family.kind == "instance":
        assert "default" == found["DBParameterGroups"][0]["DBParameterGroupName"]
    else:
        assert "default" == found["DBClusterParameterGroup"]


def test_what_the_call_names_is_taken(aws: Sandbox, family: Family) -> None:
    """11.7: the subnet group, the security groups, and no public address."""
    aws.add_group("DBSubnetGroupName", "private", aws.source)
    found = restore(
        family,
        family.add().identifier,
        DBSubnetGroupName="private",
        VpcSecurityGroupIds=["sg-1", "sg-2"],
        PubliclyAccessible=False,
    )
    groups = found["DBSubnetGroup"]
    assert "private" == (groups if family.kind == "cluster" else groups["DBSubnetGroupName"])
    assert ["sg-1", "sg-2"] == [group["VpcSecurityGroupId"] for group in found["VpcSecurityGroups"]]
    assert not found["PubliclyAccessible"]


def test_an_instance_gets_its_sources_tags_unless_some_are_given(aws: Sandbox) -> None:
    """11.9: those that the database had when the snapshot was made."""
    family = Family(aws, "instance")
    source = family.add(tags={"backup": "nightly"})
    tags = [{"Key": "drill", "Value": "yes"}]
    assert [{"Key": "backup", "Value": "nightly"}] == restore(family, source.identifier)["TagList"]
    assert tags == restore(family, source.identifier, "another", Tags=tags)["TagList"]


def test_extended_support_is_the_default(family: Family) -> None:
    """11.10: enrolled unless the call says no."""
    source = family.add()
    name = "open-source-rds-extended-support"
    off = f"{name}-disabled"
    assert name == restore(family, source.identifier)["EngineLifecycleSupport"]
    found = restore(family, source.identifier, "another", EngineLifecycleSupport=off)
    assert off == found["EngineLifecycleSupport"]
    with refused("InvalidParameterValue"):
        restore(family, source.identifier, "third", EngineLifecycleSupport="none")


def test_a_snapshot_has_to_be_there_and_available(aws: Sandbox, family: Family) -> None:
    """11.11: not found, or in the wrong state."""
    with refused(family.codes["not found"], status=404):
        restore(family, "nothing")
    aws.add_snapshot(aws.source, family.kind, "unfinished", status="creating")
    with refused(family.codes["state"]):
        restore(family, "unfinished")


def test_an_unusable_key_is_refused(aws: Sandbox, family: Family) -> None:
    """11.11: a backup whose key is disabled cannot be restored."""
    backup(family)
    aws.keys.disable(aws.backup_key)
    with refused("KMSKeyNotAccessibleFault"):
        restore(family, "backup", "restored", aws.backup)
    aws.keys.enable(aws.backup_key)
    assert restore(family, "backup", "restored", aws.backup)


def test_another_engine_is_refused(family: Family) -> None:
    """11.11: the engine has to be compatible with the snapshot's."""
    source = family.add()
    with refused("InvalidParameterCombination"):
        restore(family, source.identifier, Engine="mysql")


@pytest.mark.parametrize(("kind", "parameter", "code", "status"), GROUPS)
def test_a_group_that_is_named_has_to_exist(
    aws: Sandbox, kind: Kind, parameter: str, code: str, status: int
) -> None:
    """11.13: in the account that restores; a copy brings none."""
    family = Family(aws, kind)
    source = family.add()
    aws.add_group(parameter, "custom", aws.backup)
    with refused(code, status=status):
        restore(family, source.identifier, **{parameter: "custom"})
    aws.add_group(parameter, "custom", aws.source)
    assert restore(family, source.identifier, **{parameter: "custom"})


@pytest.mark.parametrize(
    "switches",
    [Switches(restore_needs_source_key=False), Switches(restore_needs_source_key=True)],
)
def test_a_backup_may_need_the_sharing_key_to_be_restored(
    aws: Sandbox, family: Family, switches: Switches
) -> None:
    """6.13: a copy under a key of its own does not need its source's, or AWS's words mislead."""
    backup(family)
    aws.keys.schedule_deletion(aws.sharing_key)
    if switches.restore_needs_source_key:
        with refused("KMSKeyNotAccessibleFault"):
            restore(family, "backup", "restored", aws.backup)
    else:
        assert restore(family, "backup", "restored", aws.backup)
