"""Instances and clusters: how RDS spells what both have."""

from dataclasses import dataclass
from typing import Literal

from botocore import xform_name

type Kind = Literal["instance", "cluster"]


@dataclass(frozen=True, slots=True)
class Family:
    """The words of one family; ``noun`` is a snapshot's, ``database`` a database's."""

    kind: Kind
    noun: str
    database: str
    status: str
    resource_id: str
    in_flight: int

    @property
    def snapshots(self) -> str:
        """A snapshot in the names of boto3's methods."""
        return xform_name(self.noun)

    @property
    def databases(self) -> str:
        """The same of a database."""
        return xform_name(self.database)

    @property
    def snapshot_filter(self) -> str:
        """The filter by a snapshot's name."""
        return f"{xform_name(self.noun, '-')}-id"

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
    database="DBInstance",
    status="DBInstanceStatus",
    resource_id="DbiResourceId",
    in_flight=20,
)
CLUSTER = Family(
    kind="cluster",
    noun="DBClusterSnapshot",
    database="DBCluster",
    status="Status",
    resource_id="DbClusterResourceId",
    in_flight=5,
)
FAMILIES: dict[Kind, Family] = {"instance": INSTANCE, "cluster": CLUSTER}
# A copy from another Region is pending first.
RUNNING = ("creating", "copying", "pending")
