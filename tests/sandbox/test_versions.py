"""Which versions RDS offers, and what becomes of a snapshot whose version it offers no more."""

import pytest

from sandbox import Kind, Sandbox
from tests.sandbox.families import Family, refused
from tests.sandbox.test_restoring import restore

OLD = {"instance": ("postgres", "13.4"), "cluster": ("aurora-postgresql", "13.4")}


def test_what_is_not_offered_any_more_cannot_be_restored(aws: Sandbox, family: Family) -> None:
    """11.14: the snapshot stays, and makes no database."""
    engine, version = OLD[family.kind]
    source = family.add(EngineVersion=version)
    params = {"EngineVersion": version} if family.kind == "cluster" else {}
    aws.withdraw_version(engine, version, "16.9")
    with refused("InvalidParameterCombination", saying=f"Cannot find version {version}"):
        restore(family, source.identifier, **params)


def test_a_cluster_is_restored_to_a_newer_version(aws: Sandbox) -> None:
    """11.14: the version of the call counts."""
    family = Family(aws, "cluster")
    source = family.add(EngineVersion="13.4")
    aws.withdraw_version("aurora-postgresql", "13.4", "16.9")
    assert "16.9" == restore(family, source.identifier, EngineVersion="16.9")["EngineVersion"]


@pytest.mark.parametrize("kind", ["instance", "cluster"])
def test_a_version_that_is_not_offered_is_listed_only_if_asked_for(
    aws: Sandbox, kind: Kind
) -> None:
    """11.14: no error, just nothing; with IncludeAll it shows what it can be upgraded to."""
    engine, version = OLD[kind]
    client = aws.source.client("rds")
    asked = {"Engine": engine, "EngineVersion": version}
    assert 1 == len(client.describe_db_engine_versions(**asked)["DBEngineVersions"])
    aws.withdraw_version(engine, version, "16.9")
    assert [] == client.describe_db_engine_versions(**asked)["DBEngineVersions"]
    (found,) = client.describe_db_engine_versions(**asked, IncludeAll=True)["DBEngineVersions"]
    assert "deprecated" == found["Status"]
    assert ["16.9"] == [target["EngineVersion"] for target in found["ValidUpgradeTarget"]]


def test_an_own_snapshot_is_upgraded(aws: Sandbox) -> None:
    """11.14: manual, available, shared with nobody, to a version that there is a way to."""
    family = Family(aws, "instance")
    family.add(EngineVersion="13.4")
    aws.withdraw_version("postgres", "13.4", "16.9")
    client = aws.source.client("rds")
    row = aws.add_manual("own", of="orders")
    call = {"DBSnapshotIdentifier": "own", "EngineVersion": "16.9"}
    with refused("InvalidParameterCombination", saying="from 13.4 to 17.2"):
        client.modify_db_snapshot(**call | {"EngineVersion": "17.2"})
    aws.change_snapshot(aws.source, "instance", "own", shared_with={aws.backup.id})
    with refused(family.codes["state"]):
        client.modify_db_snapshot(**call)
    aws.change_snapshot(aws.source, "instance", "own", shared_with=set())
    client.modify_db_snapshot(**call)
    assert "16.9" == restore(family, row.identifier)["EngineVersion"]
    with refused(family.codes["not found"], status=404):
        client.modify_db_snapshot(**call | {"DBSnapshotIdentifier": "none"})


def test_not_every_engines_snapshots_can_be_upgraded(aws: Sandbox) -> None:
    """11.14: those of SQL Server cannot."""
    Family(aws, "instance").add(engine="sqlserver-se", EngineVersion="13.00")
    aws.withdraw_version("sqlserver-se", "13.00", "16.00")
    aws.add_manual("own", of="orders")
    with refused("InvalidParameterCombination"):
        aws.source.client("rds").modify_db_snapshot(
            DBSnapshotIdentifier="own", EngineVersion="16.00"
        )
