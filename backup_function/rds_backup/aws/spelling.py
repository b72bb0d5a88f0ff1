"""How RDS spells the two families: the one table of what differs between instance and cluster."""

from typing import NamedTuple

from rds_backup.model.inventory import Kind


class Spelling(NamedTuple):
    """How one family spells what both have; names from the RDS service model 2014-10-31."""

    noun: str
    databases: str
    database: str
    resource: str
    created: str
    status: str
    encrypted: str
    copied_from: str
    filter: str
    database_filter: str
    resource_filter: str
    quota: str


SPELLING = {
    Kind.INSTANCE: Spelling(
        noun="DBSnapshot",
        databases="DBInstance",
        database="DBInstanceIdentifier",
        resource="DbiResourceId",
        created="InstanceCreateTime",
        status="DBInstanceStatus",
        encrypted="Encrypted",
        copied_from="SourceDBSnapshotIdentifier",
        filter="db-snapshot-id",
        database_filter="db-instance-id",
        resource_filter="dbi-resource-id",
        quota="ManualSnapshots",
    ),
    Kind.CLUSTER: Spelling(
        noun="DBClusterSnapshot",
        databases="DBCluster",
        database="DBClusterIdentifier",
        resource="DbClusterResourceId",
        created="ClusterCreateTime",
        status="Status",
        encrypted="StorageEncrypted",
        copied_from="SourceDBClusterSnapshotArn",
        filter="db-cluster-snapshot-id",
        database_filter="db-cluster-id",
        resource_filter="db-cluster-resource-id",
        quota="ManualClusterSnapshots",
    ),
}
