"""Which databases RDS deletes, how they go, and what is known of them afterwards."""

from typing import Any

import pytest

from sandbox import Sandbox, Switches
from tests.sandbox.families import Family, refused
from tests.sandbox.test_restores_in_time import begin, word

STATES = {"instance": "InvalidDBInstanceState", "cluster": "InvalidDBClusterStateFault"}
MISSING = {"instance": "DBInstanceNotFound", "cluster": "DBClusterNotFoundFault"}


def delete(family: Family, name: str = "orders", **params: object) -> dict[str, Any]:
    """Delete a database; the answer."""
    client = family.aws.source.client("rds")
    params = {"SkipFinalSnapshot": True, **params}
    if family.kind == "cluster":
        return dict(client.delete_db_cluster(DBClusterIdentifier=name, **params)["DBCluster"])
    return dict(client.delete_db_instance(DBInstanceIdentifier=name, **params)["DBInstance"])


@pytest.fixture
def single(family: Family) -> Family:
    """Either family, with an instance or a cluster without members, and a snapshot of it."""
    if family.kind == "cluster":
        family.add(members=0)
    else:
        family.add()
    return family


def test_a_database_is_deleting_for_some_minutes_and_then_gone(single: Family) -> None:
    """4.8: its automated snapshots go with it, and its name is free again."""
    found = delete(single)
    assert "deleting" == word(single, "orders")
    if single.kind == "instance":
        assert "deleting" == found["DBInstanceStatus"]
    single.aws.clock.advance(minutes=4)
    assert "deleting" == word(single, "orders")
    single.aws.clock.advance(minutes=1)
    with refused(MISSING[single.kind], status=404):
        word(single, "orders")
    assert [] == single.aws.snapshots()


def test_the_answer_of_a_clusters_deletion_may_show_the_word_from_before(aws: Sandbox) -> None:
    """4.8: as AWS's own examples do."""
    family = Family(aws, "cluster")
    family.add(members=0)
    assert "available" == delete(family)["Status"]


def test_a_final_snapshot_is_made_or_skipped(single: Family) -> None:
    """4.9: one of the two has to be said."""
    with refused("InvalidParameterCombination", saying="FinalDBSnapshotIdentifier is required"):
        delete(single, SkipFinalSnapshot=False)
    with refused("InvalidParameterCombination"):
        delete(single, FinalDBSnapshotIdentifier="last")
    assert "available" == word(single, "orders")


def test_a_member_has_no_final_snapshot(aws: Sandbox) -> None:
    """4.9: its data is its cluster's; nothing has to be said."""
    aws.add_cluster("orders")
    members = Family(aws, "instance")
    with refused("InvalidParameterCombination"):
        delete(members, "orders-1", SkipFinalSnapshot=False, FinalDBSnapshotIdentifier="last")
    delete(members, "orders-1", SkipFinalSnapshot=False)
    assert "deleting" == aws.database("orders-1").status


def test_a_protected_database_is_not_deleted(single: Family) -> None:
    """4.10: not before protection is turned off."""
    single.aws.database("orders").fields = {"DeletionProtection": True}
    with refused("InvalidParameterCombination", saying="Cannot delete protected"):
        delete(single)
    assert "available" == word(single, "orders")


def test_a_database_is_deleted_once(single: Family) -> None:
    """4.11: it is in the wrong state then."""
    delete(single)
    with refused(STATES[single.kind]):
        delete(single)


def test_a_stopped_cluster_is_not_deleted(aws: Sandbox) -> None:
    """4.11: it has to be started first."""
    family = Family(aws, "cluster")
    family.add(members=0)
    aws.database("orders").status = "stopped"
    with refused("InvalidDBClusterStateFault"):
        delete(family)


@pytest.mark.parametrize(
    "status", ["failed", "incompatible-restore", "incompatible-network", "insufficient-capacity"]
)
def test_what_has_failed_can_be_deleted(single: Family, status: str) -> None:
    """4.11: without a final snapshot."""
    single.aws.database("orders").status = status
    delete(single)
    assert "deleting" == word(single, "orders")


@pytest.mark.parametrize(
    "switches", [Switches(delete_creating="accept"), Switches(delete_creating="refuse")]
)
def test_a_database_in_the_making_may_be_deleted(single: Family, switches: Switches) -> None:
    """4.12: documented nowhere; whatever it would have become, it is gone."""
    aws = single.aws
    begin(single, aws.snapshots()[0].identifier)
    if switches.delete_creating == "refuse":
        with refused(STATES[single.kind]):
            delete(single, "restored")
        aws.clock.advance(minutes=17)
        assert "available" == word(single)
        return
    delete(single, "restored")
    aws.clock.advance(minutes=5)
    assert ["orders"] == [row.identifier for row in aws.databases()]


def test_a_cluster_with_members_is_not_deleted_until_they_are_deleting(aws: Sandbox) -> None:
    """4.13: they are its members until they are gone."""
    clusters, instances = Family(aws, "cluster"), Family(aws, "instance")
    aws.add_cluster("orders", members=2)
    delete(instances, "orders-1")
    with refused("InvalidDBClusterStateFault", saying="in non-deleting state"):
        delete(clusters)
    aws.clock.advance(minutes=5)
    assert ("orders-2",) == aws.database("orders").members
    delete(instances, "orders-2")
    delete(clusters)
    assert {"deleting"} == {row.status for row in aws.databases()}
    aws.clock.advance(minutes=5)
    assert [] == aws.databases()


def test_what_is_not_there_is_not_found(family: Family) -> None:
    """4.14: nor is another account's."""
    family.aws.add_instance("orders", account=family.aws.backup)
    with refused(MISSING[family.kind], status=404):
        delete(family)


def test_who_made_and_who_deleted_a_database_is_known(single: Family) -> None:
    """Tests ask for it: by hand nobody, else the caller."""
    aws = single.aws
    person = aws.source.person.identity.arn
    begin(single, aws.snapshots()[0].identifier, Tags=[{"Key": "drill", "Value": "yes"}])
    rows = {row.identifier: row for row in aws.databases(aws.source)}
    assert {"orders": None, "restored": person} == {k: row.made_by for k, row in rows.items()}
    assert [] == aws.databases(aws.backup)
    made = rows["restored"]
    assert (single.kind, {"drill": "yes"}) == (made.kind, made.tags)
    assert [] == aws.deleted_databases()
    delete(single, "restored")
    (row,) = aws.deleted_databases()
    assert (made.resource_id, "creating") == (row.resource_id, row.status)
    assert (person, aws.clock.now) == (row.deleted_by, row.deleted_at)
    assert [] == aws.deleted_databases(aws.backup)
