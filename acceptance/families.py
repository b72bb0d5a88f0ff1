"""Instances and clusters: how RDS spells what both have."""

from dataclasses import dataclass
from typing import Literal

type Kind = Literal["instance", "cluster"]


@dataclass(frozen=True, slots=True)
class Family:
    """The words of one family; ``noun`` is a snapshot's, ``database`` a database's."""

    kind: Kind
    noun: str
    snapshots: str
    database: str
    databases: str
    status: str
    encrypted: str
    resource_id: str
    snapshot_filter: str
    in_flight: int

    @property
    def name(self) -> str:
        """The member that names a snapshot."""
        return f"{self.noun}Identifier"

    @property
    def arn(self) -> str:
        """The member with a snapshot's ARN."""
        return f"{self.noun}Arn"

    @property
    def database_name(self) -> str:
        """The member that names a database."""
        return f"{self.database}Identifier"


INSTANCE = Family(
    kind="instance",
    noun="DBSnapshot",
    snapshots="db_snapshot",
    database="DBInstance",
    databases="db_instance",
    status="DBInstanceStatus",
    encrypted="Encrypted",
    resource_id="DbiResourceId",
    snapshot_filter="db-snapshot-id",
    in_flight=20,
)
CLUSTER = Family(
    kind="cluster",
    noun="DBClusterSnapshot",
    snapshots="db_cluster_snapshot",
    database="DBCluster",
    databases="db_cluster",
    status="Status",
    encrypted="StorageEncrypted",
    resource_id="DbClusterResourceId",
    snapshot_filter="db-cluster-snapshot-id",
    in_flight=5,
)
FAMILIES: dict[Kind, Family] = {"instance": INSTANCE, "cluster": CLUSTER}
