"""What a restored database has only because the call says so, and what RDS refuses of it."""

from typing import Any

import pytest

from sandbox import Sandbox, Switches
from tests.sandbox.families import Family, refused
from tests.sandbox.test_restoring import restore, shown

CAPACITY = {"MinCapacity": 0.5, "MaxCapacity": 16.0}


@pytest.mark.parametrize("name", ["db.m1.small", "db.m2.4xlarge", "db.t2.micro"])
def test_some_classes_cannot_be_encrypted(aws: Sandbox, name: str) -> None:
    """11.15: the copy of a backup is encrypted, whatever the database was."""
    family = Family(aws, "instance")
    row = family.add(kms_key=None, engine="mysql", DBInstanceClass=name)
    assert name == restore(family, row.identifier, DBInstanceClass=name)["DBInstanceClass"]
    family.copied(row.arn, "encrypted", KmsKeyId=aws.sharing_key)
    with refused("InvalidParameterCombination", saying="does not support encryption at rest"):
        restore(family, "encrypted", "another", DBInstanceClass=name)
    assert restore(family, "encrypted", "another", DBInstanceClass="db.t2.small")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, "gp3"),
        ({"Iops": 3000}, "io1"),
        ({"StorageType": "io2", "Iops": 3000}, "io2"),
        ({"StorageType": "gp2"}, "gp2"),
    ],
)
def test_an_instance_gets_the_storage_that_the_call_names(
    aws: Sandbox, said: dict[str, Any], expected: str
) -> None:
    """11.16: not the storage type of its snapshot, which shows it; the IOPS it would take."""
    family = Family(aws, "instance")
    row = family.add(StorageType="io2", Iops=3000)
    assert "io2" == family.one(row.identifier, SnapshotType="automated")["StorageType"]
    found = restore(family, row.identifier, **said)
    assert (expected, 3000) == (found["StorageType"], found["Iops"])


@pytest.mark.parametrize(("said", "expected"), [({}, 12000), ({"Iops": 4000}, 4000)])
def test_an_instance_has_the_iops_of_its_backup_unless_the_call_names_others(
    aws: Sandbox, said: dict[str, Any], expected: int
) -> None:
    """11.16: so of gp3, too."""
    family = Family(aws, "instance")
    row = family.add(StorageType="gp3", Iops=12000)
    assert expected == restore(family, row.identifier, **said)["Iops"]


@pytest.mark.parametrize("storage", ["io1", "io2"])
def test_provisioned_storage_needs_its_iops(aws: Sandbox, storage: str) -> None:
    """11.16: the storage type alone is refused; so is one that RDS does not know."""
    family = Family(aws, "instance")
    row = family.add()
    with refused("InvalidParameterCombination", saying="requires iops to be specified"):
        restore(family, row.identifier, StorageType=storage)
    with refused("InvalidParameterValue"):
        restore(family, row.identifier, StorageType="io9")


@pytest.mark.parametrize(
    "switches", [Switches(copied_traits="kept"), Switches(copied_traits="absent")]
)
def test_a_copy_from_another_account_may_lack_the_traits(
    aws: Sandbox, family: Family, switches: Switches
) -> None:
    """11.16: one's own snapshots have them; whether the backup has is documented nowhere."""
    traits: dict[str, Any] = {"StorageType": "io2", "IAMDatabaseAuthenticationEnabled": True}
    source = family.add(**traits)
    family.copied(source.identifier, "shared", KmsKeyId=aws.sharing_key)
    family.share("shared", aws.backup.id)
    family.copied(family.row("shared").arn, "copy", aws.backup, KmsKeyId=aws.backup_key)
    assert traits.items() <= family.one("shared").items()
    expected = traits.items() if switches.copied_traits == "kept" else set()
    assert expected == traits.items() & family.one("copy", aws.backup).items()


def test_what_is_off_unless_the_call_turns_it_on(family: Family) -> None:
    """11.17: the snapshot brings none of it along."""
    instance = {"DedicatedLogVolume": True} if family.kind == "instance" else {}
    before: dict[str, Any] = {
        "IAMDatabaseAuthenticationEnabled": True,
        "DeletionProtection": True,
        **instance,
    }
    source = family.add(**before)
    found = restore(family, source.identifier)
    assert {False} == {found[name] for name in before}
    found = restore(
        family,
        source.identifier,
        "another",
        EnableIAMDatabaseAuthentication=True,
        DeletionProtection=True,
        **instance,
    )
    assert {True} == {found[name] for name in before}


def test_a_cluster_gets_the_storage_that_the_call_names(aws: Sandbox) -> None:
    """12.6: aurora, whatever it was."""
    family = Family(aws, "cluster")
    row = family.add(StorageType="aurora-iopt1")
    assert "aurora" == restore(family, row.identifier)["StorageType"]
    found = restore(family, row.identifier, "another", StorageType="aurora-iopt1")
    assert "aurora-iopt1" == found["StorageType"]
    with refused("InvalidParameterValue"):
        restore(family, row.identifier, "third", StorageType="gp3")


@pytest.mark.parametrize("scaling", [None, CAPACITY])
def test_a_serverless_member_needs_the_clusters_capacity_range(
    aws: Sandbox, scaling: dict[str, float] | None
) -> None:
    """12.6: the cluster is there by then, hours later."""
    family = Family(aws, "cluster")
    row = family.add()
    said = {"ServerlessV2ScalingConfiguration": scaling} if scaling else {}
    found = restore(family, row.identifier, **said)
    assert scaling == found.get("ServerlessV2ScalingConfiguration")
    member = {
        "DBInstanceIdentifier": "restored-1",
        "DBClusterIdentifier": "restored",
        "DBInstanceClass": "db.serverless",
        "Engine": "aurora-postgresql",
    }
    client = aws.source.client("rds")
    if scaling:
        client.create_db_instance(**member)
    else:
        with refused("InvalidDBClusterStateFault", saying="Serverless v2 scaling configuration"):
            client.create_db_instance(**member)


def test_a_capacity_range_has_two_ends(aws: Sandbox) -> None:
    """12.6: a minimum alone is refused."""
    family = Family(aws, "cluster")
    row = family.add()
    with refused("InvalidParameterValue", saying="Both MinCapacity and MaxCapacity"):
        restore(family, row.identifier, ServerlessV2ScalingConfiguration={"MinCapacity": 1})


def test_a_restored_database_is_given_a_new_secret(family: Family) -> None:
    """12.6: once it is available; the old one's secret stays with the old one."""
    source = family.add(MasterUserSecret={"SecretStatus": "active"})
    found = restore(family, source.identifier)
    assert "MasterUserSecret" not in found
    client = family.aws.source.client("rds")
    modify = client.modify_db_cluster if family.kind == "cluster" else client.modify_db_instance
    with refused(
        "DBClusterNotFoundFault" if family.kind == "cluster" else "DBInstanceNotFound", status=404
    ):
        modify(**{family.database: "nothing"}, ManageMasterUserPassword=True)
    modify(**{family.database: "restored"}, ManageMasterUserPassword=True)
    assert ":secretsmanager:" in shown(family, "restored")["MasterUserSecret"]["SecretArn"]
    family.aws.database("restored", kind=family.kind).status = "creating"
    with refused(
        "InvalidDBClusterStateFault" if family.kind == "cluster" else "InvalidDBInstanceState"
    ):
        modify(**{family.database: "restored"}, ManageMasterUserPassword=True)


def test_a_new_secret_takes_a_while(family: Family) -> None:
    """12.6: the database says so meanwhile, and nothing else can be changed."""
    aws, cluster = family.aws, family.kind == "cluster"
    family.add()
    client = aws.source.client("rds")
    modify = client.modify_db_cluster if cluster else client.modify_db_instance
    modify(**{family.database: "orders"}, ManageMasterUserPassword=True)
    found = shown(family, "orders")
    kind = "cluster" if cluster else "db"
    assert {"SecretArn", "SecretStatus", "KmsKeyId"} == set(found["MasterUserSecret"])
    assert f":secret:rds!{kind}-" in found["MasterUserSecret"]["SecretArn"]
    assert "creating" == found["MasterUserSecret"]["SecretStatus"]
    word = "Status" if cluster else "DBInstanceStatus"
    assert "resetting-master-credentials" == found[word]
    aws.clock.advance(minutes=1)
    later = shown(family, "orders")
    assert ("available", "active") == (later[word], later["MasterUserSecret"]["SecretStatus"])
    modify(**{family.database: "orders"}, ManageMasterUserPassword=True)
    assert later == shown(family, "orders")


def test_a_member_has_no_password_of_its_own(aws: Sandbox) -> None:
    """12.6: the cluster has it."""
    aws.add_cluster("orders")
    with refused("InvalidParameterCombination"):
        aws.source.client("rds").modify_db_instance(
            DBInstanceIdentifier="orders-1", ManageMasterUserPassword=True
        )


def test_a_restored_database_has_another_resource_id(family: Family) -> None:
    """12.6: so has a policy for IAM login to name another."""
    source = family.add()
    assert (
        source.resource_id
        != restore(family, source.identifier)[
            "DbClusterResourceId" if family.kind == "cluster" else "DbiResourceId"
        ]
    )
