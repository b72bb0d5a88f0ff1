"""Database instances and clusters, and how DescribeDBInstances and DescribeDBClusters show them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
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
# The first words that fit an engine's name; CreateDBInstanceMessage.Port.
_PORTS = {
    "aurora-mysql": 3306,
    "aurora-postgresql": 5432,
    "db2-": 50000,
    "docdb": 27017,
    "mariadb": 3306,
    "mysql": 3306,
    "neptune": 8182,
    "oracle-": 1521,
    "postgres": 5432,
    "sqlserver-": 1433,
}
# RestoreDBInstanceFromDBSnapshotMessage.LicenseModel, the sandbox's default first.
LICENSES = {
    "aurora-mysql": ("general-public-license",),
    "aurora-postgresql": ("postgresql-license",),
    "db2-": ("bring-your-own-license", "marketplace-license"),
    "mariadb": ("general-public-license",),
    "mysql": ("general-public-license",),
    "oracle-": ("bring-your-own-license", "license-included"),
    "postgres": ("postgresql-license",),
    "sqlserver-": ("license-included", "bring-your-own-media"),
}
STORAGE = 20  # GiB, unless said otherwise
# UTC, as the API has it.
BACKUP_WINDOW = "01:30-02:00"


@dataclass(frozen=True, slots=True)
class Step:
    """What a database comes to at a time: its status, or None when it is gone.

    ``shows`` are members of its listing that are new then.
    """

    at: datetime
    status: str | None
    shows: Mapping[str, Any] = field(default_factory=dict)


@dataclass(eq=False, slots=True, kw_only=True)
class Database:
    """One database of either family; ``fields`` are further members of its listing.

    ``coming`` is what it comes to by itself, the next first; ``placed`` says whether it has its
    endpoint; ``made_by`` is the ARN of the caller that made it, None for one made by hand.
    ``failed_over``: to another zone, since its last automated snapshot.
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
    coming: tuple[Step, ...] = ()
    placed: bool = True
    made_by: str | None = None
    backup_window: str = BACKUP_WINDOW
    failed_over: bool = False

    @property
    def arn(self) -> str:
        """The database's ARN."""
        word = FAMILIES[self.kind].database_arn_word
        return arn(self.region, self.account, word, self.name)

    @property
    def endpoint(self) -> tuple[str, int] | None:
        """Host and port, once it has them."""
        if not self.placed:
            return None
        place = sha256(f"{self.account}/{self.region}".encode()).hexdigest()[:12]
        family = "cluster-" if self.kind == "cluster" else ""
        port = next((p for start, p in _PORTS.items() if self.engine.startswith(start)), 5432)
        return f"{self.name}.{family}{place}.{self.region}.rds.amazonaws.com", port

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


def default_license(engine: str) -> str:
    """The license model of a database of this engine unless said otherwise."""
    return next((m[0] for start, m in LICENSES.items() if engine.startswith(start)), "")


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
        "AllocatedStorage": STORAGE,
        "MasterUsername": "master",
        "TagList": as_list(database.tags),
    }
    if database.encryption == "sse-kms":
        found["KmsKeyId"] = database.key
    if database.endpoint:
        host, port = database.endpoint
        address = {"Endpoint": host, "Port": port}
        whole = {"Endpoint": {"Address": host, "Port": port}}
        found |= address if database.kind == "cluster" else whole
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
        found["LicenseModel"] = default_license(database.engine) or None
        found["InstanceCreateTime"] = database.created_at
        if database.member_of:
            found["DBClusterIdentifier"] = database.member_of
    return found | dict(database.fields)
