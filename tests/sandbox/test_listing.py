"""Listings: pages, order, filters, and what is missing from them."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox import Sandbox, Switches
from tests.sandbox.families import Family, refused

DATABASES = {
    "instance": ("describe_db_instances", "DBInstances", "DBInstanceIdentifier"),
    "cluster": ("describe_db_clusters", "DBClusters", "DBClusterIdentifier"),
}


def pages(family: Family, **params: object) -> Iterator[list[str]]:
    """The names on each page of a listing of snapshots."""
    client = family.aws.source.client("rds")
    for page in client.get_paginator(f"describe_{family.word}s").paginate(**params):
        yield [item[f"{family.noun}Identifier"] for item in page[f"{family.noun}s"]]


def test_snapshots_come_in_pages_of_a_hundred(aws: Sandbox, family: Family) -> None:
    """1.9: MaxRecords is 100 at most and by default; a Marker leads on; nothing twice."""
    names = {f"snapshot-{n}" for n in range(250)}
    for name in names:
        aws.add_snapshot(aws.source, family.kind, name)
    found = list(pages(family, SnapshotType="manual"))
    assert [100, 100, 50] == [len(page) for page in found]
    assert names == {name for page in found for name in page}
    assert 20 == len(family.list(MaxRecords=20))


def test_a_filter_holds_on_every_page(aws: Sandbox, family: Family) -> None:
    """1.7, 1.9: filters and pages go together."""
    for n in range(150):
        aws.add_snapshot(aws.source, family.kind, f"other-{n}", engine="other")
        aws.add_snapshot(aws.source, family.kind, f"ours-{n}")
    wanted = [{"Name": "engine", "Values": ["postgres", "aurora-postgresql"]}]
    found = [name for page in pages(family, Filters=wanted) for name in page]
    assert {f"ours-{n}" for n in range(150)} == set(found)
    assert 150 == len(found)


@pytest.mark.parametrize("size", [19, 101])
def test_a_page_size_out_of_bounds_is_refused(family: Family, size: int) -> None:
    """1.9: MaxRecords is 20 to 100."""
    with refused("InvalidParameterValue"):
        family.list(MaxRecords=size)


def test_a_listing_is_ordered_neither_by_time_nor_by_name(aws: Sandbox, family: Family) -> None:
    """1.10: no order is documented, so there is none to rely on."""
    for n in range(20):
        aws.add_snapshot(aws.source, family.kind, f"snapshot-{n:02d}")
        aws.clock.advance(minutes=1)
    (found,) = pages(family)
    assert found not in (sorted(found), sorted(found, reverse=True))
    assert [found] == list(pages(family))


def test_one_automated_snapshot_is_found_only_with_its_type(family: Family) -> None:
    """1.3: SnapshotType must be given to look up one automated snapshot by its identifier."""
    source = family.add()
    with refused(family.codes["not found"], status=404):
        family.one(source.identifier)
    shown = family.one(source.identifier, SnapshotType="automated")
    assert source.arn == shown[f"{family.noun}Arn"]


def test_a_missing_identifier_is_not_found(family: Family) -> None:
    """1.12: the only modelled error of the listings."""
    with refused(family.codes["not found"], status=404):
        family.one("nothing")


def test_filters_select_and_an_empty_result_is_no_error(aws: Sandbox, family: Family) -> None:
    """1.7: the filters of the operations, several values each; together they narrow."""
    for name in ("first", "second", "third"):
        aws.add_snapshot(aws.source, family.kind, name, database=f"{name}-database")
    names = {"Name": family.snapshot_filter, "Values": ["FIRST", "third", "nothing"]}
    of = {
        "Name": "db-cluster-id" if family.kind == "cluster" else "db-instance-id",
        "Values": ["third-database"],
    }
    manual = {"Name": "snapshot-type", "Values": ["manual"]}
    assert {"first", "third"} == family.names(Filters=[names])
    assert {"third"} == family.names(Filters=[names, of, manual])
    assert set() == family.names(Filters=[{"Name": "snapshot-type", "Values": ["automated"]}])
    assert set() == family.names(Filters=[{"Name": family.snapshot_filter, "Values": ["none"]}])
    with refused("InvalidParameterValue"):
        family.list(Filters=[{"Name": "status", "Values": ["available"]}])


def test_snapshots_of_one_database_are_found_by_its_resource_id(
    aws: Sandbox, family: Family
) -> None:
    """1.7, 1.8: a recreated namesake has another resource id, by which both families list."""
    first = family.add()
    aws.delete_database("orders", retain_automated=True)
    aws.clock.advance(hours=1)
    second = family.add()
    assert first.resource_id != second.resource_id
    assert {first.identifier} == family.names(**{family.resource_id: first.resource_id})


def test_a_filter_of_databases_has_at_most_a_hundred_values(aws: Sandbox, family: Family) -> None:
    """1.7b: more different ones are refused, whatever they are."""
    operation, members, _ = DATABASES[family.kind]
    describe = getattr(aws.source.client("rds"), operation)
    name = f"db-{family.kind}-id"

    def listed(count: int) -> list[Any]:
        values = [f"name-{n}" for n in range(count)]
        found: list[Any] = describe(Filters=[{"Name": name, "Values": values}])[members]
        return found

    assert [] == listed(100)
    with refused("InvalidParameterCombination", "unique filter"):
        listed(101)


@pytest.mark.parametrize("switches", [Switches(), Switches(snapshot_filter_values="any")])
def test_a_filter_of_snapshots_may_have_at_most_a_hundred_values(
    family: Family, switches: Switches
) -> None:
    """1.7b: seen for databases; whether snapshots have the same limit is said nowhere."""
    values = [f"name-{n}" for n in range(101)]
    wanted = [{"Name": family.snapshot_filter, "Values": values}]
    if switches.snapshot_filter_values == "any":
        assert set() == family.names(Filters=wanted)
        return
    assert set() == family.names(Filters=[{**wanted[0], "Values": [*values[:100], *values[:100]]}])
    with refused("InvalidParameterCombination", "unique filter"):
        family.list(Filters=wanted)


def test_only_instances_have_a_filter_by_resource_id(aws: Sandbox) -> None:
    """1.7: ``dbi-resource-id`` exists for instance snapshots; clusters have none of the kind."""
    source = Family(aws, "instance").add()
    wanted = [{"Name": "dbi-resource-id", "Values": [source.resource_id]}]
    assert {source.identifier} == Family(aws, "instance").names(Filters=wanted)
    with refused("InvalidParameterValue"):
        Family(aws, "cluster").list(Filters=wanted)


@pytest.mark.parametrize(
    "switches",
    [Switches(describe_absent_database="error"), Switches(describe_absent_database="copies")],
)
def test_the_name_of_a_database_that_is_elsewhere_may_be_refused(
    aws: Sandbox, family: Family, switches: Switches
) -> None:
    """1.6: "must match an existing" database; in the backup account there is none."""
    shared = family.shared()
    family.copied(shared.arn, "backup", aws.backup, KmsKeyId=aws.backup_key)
    assert "shared" in family.names(**{family.database: "orders"})
    if switches.describe_absent_database == "copies":
        assert {"backup"} == family.names(aws.backup, **{family.database: "orders"})
        return
    code = "DBClusterNotFoundFault" if family.kind == "cluster" else "DBInstanceNotFound"
    with refused(code, status=404):
        family.list(aws.backup, **{family.database: "orders"})


@pytest.mark.parametrize("switches", [Switches(listing_lag_calls=2)])
def test_a_new_snapshot_may_show_some_listings_later(
    aws: Sandbox, family: Family, switches: Switches
) -> None:
    """1.11: nothing is documented about when a created snapshot is first listed."""
    source = family.add()
    family.copy(source.identifier, "copy")
    seen = [family.names(SnapshotType="manual") for _ in range(3)]
    assert [set()] * switches.listing_lag_calls + [{"copy"}] == seen
    assert "copy" in {row.identifier for row in aws.snapshots()}


@pytest.mark.parametrize("switches", [Switches(status_lag_calls=2)])
def test_the_end_of_a_copy_may_show_some_listings_later(
    aws: Sandbox, family: Family, switches: Switches
) -> None:
    """1.11: nor when a listing shows that a copy has ended."""
    family.copy(family.add().identifier, "copy")
    family.list(aws.source, SnapshotType="manual")
    aws.clock.advance(hours=1)
    seen = [family.list(aws.source, SnapshotType="manual")[0]["Status"] for _ in range(3)]
    assert [family.copying] * switches.status_lag_calls + ["available"] == seen


@pytest.mark.parametrize("switches", [Switches(status_lag_calls=2)])
def test_what_was_deleted_may_show_some_listings_longer(
    aws: Sandbox, family: Family, switches: Switches
) -> None:
    """1.11: nor when a deleted snapshot disappears; the snapshot itself has gone at once."""
    family.copy(family.add().identifier, "copy")
    aws.remove_snapshot(aws.source, family.kind, "copy")
    seen = [family.names(SnapshotType="manual") for _ in range(3)]
    assert [{"copy"}] * switches.status_lag_calls + [set()] == seen


def test_databases_come_in_pages_and_with_their_tags(aws: Sandbox, family: Family) -> None:
    """1.9: DescribeDBInstances and DescribeDBClusters: pages of 100, TagList, resource id."""
    for n in range(120):
        tags = {"number": str(n)}
        if family.kind == "cluster":
            aws.add_cluster(f"database-{n}", tags=tags, members=0)
        else:
            aws.add_instance(f"database-{n}", tags=tags)
    operation, key, name = DATABASES[family.kind]
    paginator = aws.source.client("rds").get_paginator(operation)
    found: list[list[dict[str, Any]]] = [page[key] for page in paginator.paginate()]
    assert [100, 20] == [len(page) for page in found]
    for item in (item for page in found for item in page):
        assert [{"Key": "number", "Value": item[name].split("-")[1]}] == item["TagList"]
        assert aws.database(item[name]).resource_id == item[family.resource_id]


def test_a_missing_database_is_not_found(aws: Sandbox, family: Family) -> None:
    """DescribeDBInstances, DescribeDBClusters: DBInstanceNotFound, DBClusterNotFoundFault."""
    operation, _, name = DATABASES[family.kind]
    code = "DBClusterNotFoundFault" if family.kind == "cluster" else "DBInstanceNotFound"
    with refused(code, status=404):
        getattr(aws.source.client("rds"), operation)(**{name: "nothing"})


def test_members_name_their_cluster_and_other_engines_are_listed_too(aws: Sandbox) -> None:
    """12, 12.1: members carry DBClusterIdentifier; Neptune and DocumentDB come with the rest."""
    aws.add_cluster("billing", members=2)
    aws.add_cluster("graph", engine="neptune")
    aws.add_cluster("papers", engine="docdb")
    rds = aws.source.client("rds")
    clusters = {c["DBClusterIdentifier"]: c for c in rds.describe_db_clusters()["DBClusters"]}
    members = {i["DBInstanceIdentifier"]: i for i in rds.describe_db_instances()["DBInstances"]}
    assert {"aurora-postgresql", "neptune", "docdb"} == {c["Engine"] for c in clusters.values()}
    assert {"billing-1", "billing-2", "graph-1", "papers-1"} == set(members)
    assert "billing" == members["billing-2"]["DBClusterIdentifier"]
    assert ["billing-1", "billing-2"] == [
        m["DBInstanceIdentifier"] for m in clusters["billing"]["DBClusterMembers"]
    ]


def test_a_database_shows_its_encryption(aws: Sandbox) -> None:
    """1b, 2.11: StorageEncryptionType tells; for ``sse-rds`` the boolean is false."""
    aws.add_cluster("none", encryption="none", members=0)
    aws.add_cluster("sse-rds", encryption="sse-rds", members=0)
    aws.add_cluster("sse-kms", kms_key=aws.sharing_key, members=0)
    found = aws.source.client("rds").describe_db_clusters()["DBClusters"]
    assert {
        "none": ("none", False, None),
        "sse-rds": ("sse-rds", False, None),
        "sse-kms": ("sse-kms", True, aws.sharing_key),
    } == {
        c["DBClusterIdentifier"]: (
            c["StorageEncryptionType"],
            c["StorageEncrypted"],
            c.get("KmsKeyId"),
        )
        for c in found
    }


def test_a_database_shows_when_it_is_backed_up(aws: Sandbox, family: Family) -> None:
    """1.21: the daily window of its automated snapshots; a member shows its cluster's."""
    family.add("usual")
    family.add("orders", backup_window="22:10-22:40")
    operation, key, name = DATABASES[family.kind]
    shown = {d[name]: d for d in getattr(aws.source.client("rds"), operation)()[key]}
    assert "01:30-02:00" == shown["usual"]["PreferredBackupWindow"]
    assert "22:10-22:40" == shown["orders"]["PreferredBackupWindow"]
    windows = {
        member["PreferredBackupWindow"]
        for member in aws.source.client("rds").describe_db_instances()["DBInstances"]
    }
    assert {"01:30-02:00", "22:10-22:40"} == windows


def test_a_database_shows_who_backs_it_up(aws: Sandbox, family: Family) -> None:
    """1.18c: AWS Backup's recovery point stands in the listing; its snapshots are not automated."""
    arn = "arn:aws:backup:eu-west-1:111111111111:recovery-point:continuous:orders"
    family.add(AwsBackupRecoveryPointArn=arn)
    aws.add_snapshot(aws.source, family.kind, "awsbackup:job-1", type="awsbackup")
    operation, key, name = DATABASES[family.kind]
    shown = {d[name]: d for d in getattr(aws.source.client("rds"), operation)()[key]}
    assert arn == shown["orders"]["AwsBackupRecoveryPointArn"]
    assert ["automated"] == [s["SnapshotType"] for s in family.list(SnapshotType="automated")]


def test_a_read_replica_names_its_source(aws: Sandbox) -> None:
    """1.18d: an instance that of an instance or a cluster, a cluster that of a cluster."""
    rds, of = aws.source.client("rds"), "ReadReplicaSourceDBInstanceIdentifier"
    aws.add_instance("orders-r1", retention_days=0, ReadReplicaSourceDBInstanceIdentifier="orders")
    aws.add_instance("b-r1", retention_days=0, ReadReplicaSourceDBClusterIdentifier="billing")
    aws.add_cluster(
        "far", members=0, ReplicationSourceIdentifier="arn:aws:rds:eu-west-2:1:cluster:b"
    )
    shown = {d["DBInstanceIdentifier"]: d for d in rds.describe_db_instances()["DBInstances"]}
    assert ("orders", 0) == (shown["orders-r1"][of], shown["orders-r1"]["BackupRetentionPeriod"])
    assert "billing" == shown["b-r1"]["ReadReplicaSourceDBClusterIdentifier"]
    (cluster,) = rds.describe_db_clusters()["DBClusters"]
    assert cluster["ReplicationSourceIdentifier"].startswith("arn:aws:rds:eu-west-2:")


def test_a_database_shows_its_engine_s_version(aws: Sandbox) -> None:
    """12.5: a custom engine version, which belongs to one account, among them."""
    aws.add_instance("dev", engine="sqlserver-dev-ee", EngineVersion="16.00.4215.2.my-cev")
    (shown,) = aws.source.client("rds").describe_db_instances()["DBInstances"]
    assert ("sqlserver-dev-ee", "16.00.4215.2.my-cev") == (shown["Engine"], shown["EngineVersion"])


def test_a_snapshot_shows_its_storage_and_only_an_instance_s_its_full_size(
    aws: Sandbox, family: Family
) -> None:
    """1b: AllocatedStorage in GiB for both; a cluster's has no FullSnapshotSizeInBytes at all."""
    known = aws.source.client("rds").meta.service_model.shape_for(family.noun).members
    full = {"FullSnapshotSizeInBytes": 17_502_003_200} if family.kind == "instance" else {}
    aws.add_snapshot(aws.source, family.kind, "sized", fields={"AllocatedStorage": 50, **full})
    (found,) = family.list(SnapshotType="manual")
    assert 50 == found["AllocatedStorage"]
    assert full == {name: found[name] for name in full}
    assert bool(full) == ("FullSnapshotSizeInBytes" in known)


def test_a_database_is_found_by_its_resource_id_under_any_name(
    aws: Sandbox, family: Family
) -> None:
    """1.8: renamed, it answers to the same id, and its old name to nobody."""
    row = family.add()
    aws.rename_database("orders", "orders-main")
    cluster = family.kind == "cluster"
    client = aws.source.client("rds")
    listing = client.describe_db_clusters if cluster else client.describe_db_instances
    by_id = "db-cluster-resource-id" if cluster else "dbi-resource-id"
    by_name = "db-cluster-id" if cluster else "db-instance-id"
    for name, value, expected in (
        (by_id, row.resource_id, ["orders-main"]),
        (by_name, "orders-main", ["orders-main"]),
        (by_name, "orders", []),
    ):
        answer = listing(Filters=[{"Name": name, "Values": [value]}])
        found = answer["DBClusters" if cluster else "DBInstances"]
        assert expected == [database[family.database] for database in found]
