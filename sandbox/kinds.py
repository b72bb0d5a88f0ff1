"""Instance and cluster: two spellings of one thing.

Holds every name, number and code in which the two families of the RDS API differ, and the few that
both share.  Decides nothing.
"""

from dataclasses import dataclass
from typing import Literal

type Kind = Literal["instance", "cluster"]
type Encryption = Literal["none", "sse-rds", "sse-kms"]


@dataclass(frozen=True, slots=True)
class Family:
    """How one family spells what both have; names from the RDS service model 2014-10-31."""

    kind: Kind
    noun: str
    database_noun: str
    arn_word: str
    database_arn_word: str
    database_id: str
    resource_id: str
    resource_prefix: str
    encrypted: str
    copied_from: str
    snapshot_filter: str
    database_filter: str
    longest_name: int
    copying: str
    quota: str
    not_found: str
    already_exists: str
    invalid_state: str
    database_not_found: str
    database_exists: str
    database_invalid_state: str
    database_quota: str
    undeletable: str
    no_key: str

    @property
    def identifier(self) -> str:
        """The member that names a snapshot."""
        return f"{self.noun}Identifier"


INSTANCE = Family(
    kind="instance",
    noun="DBSnapshot",
    database_noun="DBInstance",
    arn_word="snapshot",
    database_arn_word="db",
    database_id="DBInstanceIdentifier",
    resource_id="DbiResourceId",
    resource_prefix="db-",
    encrypted="Encrypted",
    copied_from="SourceDBSnapshotIdentifier",
    snapshot_filter="db-snapshot-id",
    database_filter="db-instance-id",
    longest_name=255,
    copying="creating",
    quota="ManualSnapshots",
    not_found="DBSnapshotNotFound",
    already_exists="DBSnapshotAlreadyExists",
    invalid_state="InvalidDBSnapshotState",
    database_not_found="DBInstanceNotFound",
    database_exists="DBInstanceAlreadyExists",
    database_invalid_state="InvalidDBInstanceState",
    database_quota="InstanceQuotaExceeded",
    undeletable="automated snapshots cannot be deleted",
    no_key="The target KMS key [None]",
)
CLUSTER = Family(
    kind="cluster",
    noun="DBClusterSnapshot",
    database_noun="DBCluster",
    arn_word="cluster-snapshot",
    database_arn_word="cluster",
    database_id="DBClusterIdentifier",
    resource_id="DbClusterResourceId",
    resource_prefix="cluster-",
    encrypted="StorageEncrypted",
    copied_from="SourceDBClusterSnapshotArn",
    snapshot_filter="db-cluster-snapshot-id",
    database_filter="db-cluster-id",
    longest_name=63,
    copying="copying",
    quota="ManualClusterSnapshots",
    not_found="DBClusterSnapshotNotFoundFault",
    already_exists="DBClusterSnapshotAlreadyExistsFault",
    invalid_state="InvalidDBClusterSnapshotStateFault",
    database_not_found="DBClusterNotFoundFault",
    database_exists="DBClusterAlreadyExistsFault",
    database_invalid_state="InvalidDBClusterStateFault",
    database_quota="DBClusterQuotaExceededFault",
    undeletable="Only manual snapshots may be deleted",
    no_key="Specified KMS key [None]",
)
FAMILIES: dict[Kind, Family] = {"instance": INSTANCE, "cluster": CLUSTER}
# A copy from another Region is `pending` first (seen in the field; no model names it).
PENDING = "pending"
RUNNING = frozenset({"creating", "copying", PENDING})
DEAD = frozenset({"failed", "incompatible-restore", "incompatible-parameters"})
