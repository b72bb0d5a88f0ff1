"""Databases, snapshots, option groups and roles that somebody makes by calls."""

import json

import pytest

from sandbox import Sandbox
from tests.sandbox.families import Family, refused

TAGS = [{"Key": "made-by", "Value": "a person"}]
USER = {"MasterUsername": "somebody", "MasterUserPassword": "only-in-a-sandbox", "Tags": TAGS}


def make(aws: Sandbox, kind: str, name: str, **params: object) -> dict[str, object]:
    """A database as it is once it is available."""
    client = aws.source.client("rds")
    if kind == "instance":
        client.create_db_instance(
            DBInstanceIdentifier=name,
            DBInstanceClass="db.t4g.micro",
            AllocatedStorage=20,
            **{"Engine": "postgres", **USER, **params},
        )
        aws.clock.advance(hours=1)
        (found,) = client.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    else:
        client.create_db_cluster(
            DBClusterIdentifier=name, **{"Engine": "aurora-postgresql", **USER, **params}
        )
        aws.clock.advance(hours=1)
        (found,) = client.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"]
    return dict(found)


def test_an_instance_is_encrypted_if_the_call_says_so(aws: Sandbox) -> None:
    """14.1: under the key that it names, or under aws/rds; a key without that is refused."""
    plain = make(aws, "instance", "plain")
    default = make(aws, "instance", "default", StorageEncrypted=True)
    own = make(aws, "instance", "own", StorageEncrypted=True, KmsKeyId=aws.sharing_key)

    assert ("none", None) == (plain["StorageEncryptionType"], plain.get("KmsKeyId"))
    assert aws.keys.managed(aws.source.id) == default["KmsKeyId"]
    assert aws.sharing_key == own["KmsKeyId"]
    assert TAGS == own["TagList"]
    with refused("InvalidParameterCombination"):
        make(aws, "instance", "odd", KmsKeyId=aws.sharing_key)
    with refused("KMSKeyNotAccessibleFault"):
        make(aws, "instance", "odd", StorageEncrypted=True, KmsKeyId=aws.backup_key)
    with refused("InvalidParameterCombination"):
        make(aws, "instance", "odd", MasterUserPassword="")


def test_a_cluster_is_encrypted_by_default(aws: Sandbox) -> None:
    """14.2: under a key of AWS's own; unencrypted only if the call says so."""
    default = make(aws, "cluster", "default")
    plain = make(aws, "cluster", "plain", StorageEncrypted=False)

    assert ("sse-rds", False) == (default["StorageEncryptionType"], default["StorageEncrypted"])
    assert "none" == plain["StorageEncryptionType"]


def test_a_manual_snapshot_takes_its_time(family: Family) -> None:
    """14.3: creating, with its tags; nothing that it was copied from; one of a name."""
    make(family.aws, family.kind, "orders")
    named = {f"{family.noun}Identifier": "mine", family.database: "orders", "Tags": TAGS}
    made = family.call("create_{}", **named)[family.noun]

    assert ("creating", TAGS) == (made["Status"], made["TagList"])
    with refused(family.codes["already exists"]):
        family.call("create_{}", **named)
    family.aws.clock.advance(hours=1)
    row = family.row("mine")
    assert ("available", None, "manual") == (row.status, row.source_arn, row.type)
    with refused(
        "DBInstanceNotFound" if family.kind == "instance" else "DBClusterNotFoundFault", status=404
    ):
        family.call("create_{}", **{**named, family.database: "nothing"})


@pytest.mark.parametrize("status", ["creating", "deleting"])
def test_a_snapshot_is_of_an_available_database(family: Family, status: str) -> None:
    """14.3: of any other it is refused."""
    family.add("orders", status=status)
    code = "InvalidDBInstanceState" if family.kind == "instance" else "InvalidDBClusterStateFault"
    with refused(code):
        family.call("create_{}", **{f"{family.noun}Identifier": "a", family.database: "orders"})


def test_an_option_group_in_use_stays(aws: Sandbox) -> None:
    """14.4: until the database is gone; it shows its tags to whoever asks for them."""
    client = aws.source.client("rds")
    made = client.create_option_group(
        OptionGroupName="mine",
        EngineName="mariadb",
        MajorEngineVersion="11.4",
        OptionGroupDescription="mine",
        Tags=TAGS,
    )["OptionGroup"]
    tags = client.list_tags_for_resource(ResourceName=made["OptionGroupArn"])["TagList"]
    assert TAGS == tags
    make(aws, "instance", "orders", Engine="mariadb", OptionGroupName="mine")
    with refused("InvalidOptionGroupStateFault"):
        client.delete_option_group(OptionGroupName="mine")
    client.delete_db_instance(DBInstanceIdentifier="orders", SkipFinalSnapshot=True)
    aws.clock.advance(hours=1)
    client.delete_option_group(OptionGroupName="mine")
    assert [] == client.describe_option_groups()["OptionGroupsList"]
    with refused("OptionGroupNotFoundFault", status=404):
        client.delete_option_group(OptionGroupName="mine")


def test_a_role_that_was_made_can_be_taken_and_goes_after_its_policies(aws: Sandbox) -> None:
    """14.5: by whom its document names; listed by its path."""
    client = aws.source.client("iam")
    principal = {"AWS": f"arn:aws:iam::{aws.source.id}:root"}
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    arn = client.create_role(
        RoleName="mine",
        Path="/ours/",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        Tags=TAGS,
    )["Role"]["Arn"]
    client.put_role_policy(RoleName="mine", PolicyName="any", PolicyDocument="{}")
    aws.source.client("sts").assume_role(RoleArn=arn, RoleSessionName="somebody")
    with refused("AccessDenied", status=403):
        aws.backup.client("sts").assume_role(RoleArn=arn, RoleSessionName="somebody")
    assert ["mine"] == [r["RoleName"] for r in client.list_roles(PathPrefix="/ours/")["Roles"]]
    with refused("DeleteConflict", status=409):
        client.delete_role(RoleName="mine")
    client.delete_role_policy(RoleName="mine", PolicyName="any")
    client.delete_role(RoleName="mine")
    with refused("NoSuchEntity", status=404):
        client.get_role(RoleName="mine")
    assert [] == client.list_roles(PathPrefix="/ours/")["Roles"]
