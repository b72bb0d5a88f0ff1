"""Database instances and clusters, and how DescribeDBInstances and DescribeDBClusters show them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.kinds import FAMILIES, Encryption, Kind
from sandbox.rds.identifiers import arn
from sandbox.rds.tags import as_list

_VERSIONS = {
    "aurora-mysql": "8.0.mysql_aurora.3.08.0",
    "aurora-postgresql": "16.6",
    "docdb": "5.0.0",
    "mariadb": "11.4.4",
    "mysql": "8.4.3",
    "neptune": "1.4.0.0",
    "postgres": "17.2",
}
# UTC, as the API has it.
BACKUP_WINDOW = "01:30-02:00"


@dataclass(eq=False, slots=True, kw_only=True)
class Database:
    """One database of either family; ``fields`` are further members of its listing.

    ``available_at`` is when one in the making will be there.
    """

    kind: Kind
    account: str
    region: str
    name: str
    resource_id: str
    engine: str
    created_at: datetime
    status: str = "available"
    encryption: Encryption = "none"
    key: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    retention_days: int = 7
    copy_tags: bool = True
    member_of: str | None = None
    members: tuple[str, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    available_at: datetime | None = None
    backup_window: str = BACKUP_WINDOW

    @property
    def arn(self) -> str:
        """The database's ARN."""
        word = FAMILIES[self.kind].database_arn_word
        return arn(self.region, self.account, word, self.name)

    @property
    def option_group(self) -> str | None:
        """The option group that its listing shows, if any."""
        shown = self.fields.get("OptionGroupMemberships", ())
        return next((str(group["OptionGroupName"]) for group in shown), None)

    @property
    def version(self) -> str:
        """The version of the engine; the Region's default unless said otherwise."""
        return str(self.fields.get("EngineVersion", default_version(self.engine)))


def default_version(engine: str) -> str:
    """The version of an engine that is the Region's default."""
    return _VERSIONS.get(engine, "1.0")


def database_answer(database: Database) -> dict[str, Any]:
    """The database as RDS lists it."""
    family = FAMILIES[database.kind]
    found: dict[str, Any] = {
        family.database_id: database.name,
        f"{family.database_noun}Arn": database.arn,
        family.resource_id: database.resource_id,
        "Engine": database.engine,
        "EngineVersion": database.version,
        "StorageEncrypted": database.encryption == "sse-kms",
        "StorageEncryptionType": database.encryption,
        "BackupRetentionPeriod": database.retention_days,
        "PreferredBackupWindow": database.backup_window,
        "CopyTagsToSnapshot": database.copy_tags,
        "AllocatedStorage": 20,
        "MasterUsername": "master",
        "TagList": as_list(database.tags),
    }
    if database.encryption == "sse-kms":
        found["KmsKeyId"] = database.key
    if database.kind == "cluster":
        found["Status"] = database.status
        found["EngineMode"] = "provisioned"
        found["ClusterCreateTime"] = database.created_at
        found["DBClusterMembers"] = [
            {"DBInstanceIdentifier": name, "IsClusterWriter": name == database.members[0]}
            for name in database.members
        ]
    else:
        found["DBInstanceStatus"] = database.status
        found["DBInstanceClass"] = "db.r7g.large"
        found["InstanceCreateTime"] = database.created_at
        if database.member_of:
            found["DBClusterIdentifier"] = database.member_of
    return found | dict(database.fields)
