"""Which copies RDS starts, and what a copy carries."""

from datetime import UTC

import pytest

from sandbox import Sandbox, Switches
from tests.sandbox.families import Family, refused


def test_a_copy_is_manual_whatever_its_source_was(family: Family) -> None:
    """2.4: a copy is a manual snapshot."""
    assert "manual" == family.copied(family.add().identifier, "copy").type


def test_a_missing_source_is_not_found(family: Family) -> None:
    """2g: the code and status for a source that does not exist."""
    with refused(family.codes["not found"], status=404):
        family.copy("nothing", "copy")


def test_a_source_must_be_available(aws: Sandbox, family: Family) -> None:
    """2.1: a snapshot in any other state cannot be copied."""
    aws.add_snapshot(aws.source, family.kind, "unfinished", status="creating")
    with refused(family.codes["state"]):
        family.copy("unfinished", "copy")


def test_a_name_can_be_taken_once(family: Family) -> None:
    """2.6, 2g: there is no client token; a repeated call finds its target there already."""
    source = family.add()
    family.copy(source.identifier, "copy")
    with refused(family.codes["already exists"]):
        family.copy(source.identifier, "COPY")


@pytest.mark.parametrize("switches", [Switches(copy_onto_marked="denied")])
def test_a_marked_name_that_is_taken_may_be_denied(
    aws: Sandbox, family: Family, switches: Switches
) -> None:
    """7.6: where policies allow no target with the marker; a name without it exists already."""
    source = family.add()
    tags = [{"Key": "rds-backup:managed-by", "Value": "rds-backup"}]
    family.copy(source.identifier, "marked", Tags=tags)
    family.copy(source.identifier, "plain")
    with refused("AccessDenied", status=403):
        family.copy(source.identifier, "marked", Tags=tags)
    with refused(family.codes["already exists"]):
        family.copy(source.identifier, "plain")
    assert {"marked", "plain"} == {r.identifier for r in aws.snapshots(type="manual")}
    assert "denied" == switches.copy_onto_marked


def test_a_copy_outlives_its_database(family: Family, aws: Sandbox) -> None:
    """2.4: copying works after the source database is gone."""
    source = family.add()
    aws.delete_database("orders", retain_automated=True)
    assert "available" == family.copied(source.identifier, "copy").status


def test_a_copy_carries_the_databases_resource_id(family: Family) -> None:
    """1.8, 1b: the immutable id of the database comes with every copy."""
    source = family.add()
    family.copied(source.identifier, "copy")
    assert source.resource_id == family.one("copy")[family.resource_id]


@pytest.mark.parametrize(
    "switches", [Switches(copied_resource_id="kept"), Switches(copied_resource_id="absent")]
)
def test_a_copy_from_another_account_may_lack_the_resource_id(
    aws: Sandbox, family: Family, switches: Switches
) -> None:
    """1.8: whether RDS's own field is filled in another account is not documented."""
    shared = family.shared()
    family.copied(shared.arn, "copy", aws.backup, KmsKeyId=aws.backup_key)
    shown = family.one("copy", aws.backup).get(family.resource_id)
    assert (shared.resource_id if switches.copied_resource_id == "kept" else None) == shown
    found = family.names(aws.backup, **{family.resource_id: shared.resource_id})
    assert ({"copy"} if switches.copied_resource_id == "kept" else set()) == found
    assert shared.resource_id == family.one("shared")[family.resource_id]


def test_an_instance_copy_points_to_a_source_in_another_account(aws: Sandbox) -> None:
    """1.16: SourceDBSnapshotIdentifier is the source's ARN, for cross-account copies only."""
    family = Family(aws, "instance")
    shared = family.shared("shared")
    family.copied(shared.arn, "copy", aws.backup, KmsKeyId=aws.backup_key)
    assert "SourceDBSnapshotIdentifier" not in family.one("shared")
    assert shared.arn == family.one("copy", aws.backup)["SourceDBSnapshotIdentifier"]


@pytest.mark.parametrize(
    "switches", [Switches(instance_source="arn"), Switches(instance_source="name")], ids=repr
)
def test_an_instance_copy_may_point_to_any_source_in_either_form(
    aws: Sandbox, switches: Switches
) -> None:
    """1.16: by another page of AWS's, a copy within the account has the pointer as well."""
    family = Family(aws, "instance")
    shared = family.shared("shared")
    family.copied(shared.arn, "copy", aws.backup, KmsKeyId=aws.backup_key)
    name = "rds:orders-2026-03-02-02-00"
    automated = f"arn:aws:rds:{aws.region}:{aws.source.id}:snapshot:{name}"
    told = [family.one("shared"), family.one("copy", aws.backup)]
    by_name = switches.instance_source == "name"
    expected = [name, "shared"] if by_name else [automated, shared.arn]
    assert expected == [item["SourceDBSnapshotIdentifier"] for item in told]


def test_a_copy_of_a_copy_keeps_the_original_time(aws: Sandbox) -> None:
    """1.16b: so a backup's data is never younger than RDS says, whatever its tags say."""
    family = Family(aws, "instance")
    made = aws.clock.now
    shared = family.shared("shared")
    aws.clock.advance(hours=80 * 24)
    family.copied(shared.arn, "copy", aws.backup, KmsKeyId=aws.backup_key)
    copy = family.one("copy", aws.backup)
    assert made == copy["OriginalSnapshotCreateTime"] < copy["SnapshotCreateTime"]


def test_every_cluster_copy_points_to_its_source(aws: Sandbox) -> None:
    """1b: SourceDBClusterSnapshotArn is filled for any copy."""
    family = Family(aws, "cluster")
    shared = family.shared("shared")
    family.copied(shared.arn, "copy", aws.backup, KmsKeyId=aws.backup_key)
    automated = (
        f"arn:aws:rds:{aws.region}:{aws.source.id}:cluster-snapshot:rds:orders-2026-03-02-02-00"
    )
    assert automated == family.one("shared")["SourceDBClusterSnapshotArn"]
    assert shared.arn == family.one("copy", aws.backup)["SourceDBClusterSnapshotArn"]


def test_an_instance_copy_keeps_the_original_time(aws: Sandbox) -> None:
    """1b: OriginalSnapshotCreateTime never changes, SnapshotCreateTime does with the copy."""
    family = Family(aws, "instance")
    source = family.add()
    aws.clock.advance(hours=3)
    family.copied(source.identifier, "copy")
    shown = family.one("copy")
    assert source.taken_at == shown["OriginalSnapshotCreateTime"]
    assert source.taken_at < shown["SnapshotCreateTime"]


@pytest.mark.parametrize(
    "switches", [Switches(cluster_create_time="copy"), Switches(cluster_create_time="original")]
)
def test_a_cluster_copy_has_one_time_of_uncertain_meaning(aws: Sandbox, switches: Switches) -> None:
    """1b, 1.17: clusters have SnapshotCreateTime only; whose it is, is not documented."""
    family = Family(aws, "cluster")
    source = family.add()
    aws.clock.advance(hours=3)
    copied_at = aws.clock.now
    family.copied(source.identifier, "copy")
    shown = family.one("copy")
    expected = copied_at if switches.cluster_create_time == "copy" else source.taken_at
    assert expected == shown["SnapshotCreateTime"].astimezone(UTC)
    assert "OriginalSnapshotCreateTime" not in shown


@pytest.mark.parametrize("engine", ["mysql", "postgres"])
def test_a_multi_az_db_cluster_snapshot_cannot_be_copied(aws: Sandbox, engine: str) -> None:
    """12: copying snapshots of Multi-AZ DB clusters is not supported."""
    family = Family(aws, "cluster")
    source = family.add(engine=engine)
    with refused("InvalidParameterValue"):
        family.copy(source.identifier, "copy", KmsKeyId=aws.sharing_key)


def test_an_rds_custom_snapshot_cannot_be_copied(aws: Sandbox) -> None:
    """2.43: the operation does not apply to RDS Custom."""
    family = Family(aws, "instance")
    source = family.add(engine="custom-oracle-ee")
    with refused("InvalidParameterValue"):
        family.copy(source.identifier, "copy", KmsKeyId=aws.sharing_key)
