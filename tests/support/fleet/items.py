"""What RDS lists in the light accounts, item by item, in the shape that AWS gives it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rds_backup.aws.spelling import SPELLING
from rds_backup.model.identity import identifier, tags
from rds_backup.model.inventory import Kind
from tests.support.making import (
    BACKUP_KEY,
    DATABASE_KEY,
    ENGINE,
    HOUR,
    MARKER,
    NOUN,
    REGION,
    SHARING_KEY,
    point,
)

TAGS = {"backup": "nightly", "team": "payments", "environment": "production"}
COPYING = {Kind.INSTANCE: "creating", Kind.CLUSTER: "copying"}
_ENCRYPTED = {"StorageEncryptionType": "sse-kms", "KmsKeyId": DATABASE_KEY}
type Item = dict[str, Any]


def database(kind: Kind, name: str) -> Item:
    """A database that is backed up."""
    spelling = SPELLING[kind]
    return {
        spelling.database: name,
        spelling.resource: point(database=name, kind=kind).series.resource_id,
        spelling.created: datetime(2024, 1, 1, tzinfo=UTC),
        spelling.status: "available",
        "Engine": ENGINE[kind],
        "EngineVersion": "16.6",
        "StorageEncrypted": True,
        **_ENCRYPTED,
        "BackupRetentionPeriod": 7,
        "PreferredBackupWindow": "01:30-02:00",
        "TagList": _listed(TAGS),
    }


def member(cluster: Item) -> Item:
    """The instance of a cluster that has one; tagged is the cluster alone."""
    name = f"{cluster['DBClusterIdentifier']}-1"
    return cluster | {
        "DBInstanceIdentifier": name,
        "DbiResourceId": f"db-{name.upper()}",
        "DBInstanceStatus": "available",
        "TagList": [],
    }


def automated(kind: Kind, name: str, at: datetime) -> Item:
    """The automated snapshot of one night."""
    of, spelling = point(at, name, kind), SPELLING[kind]
    return {
        f"{spelling.noun}Identifier": of.source_arn.split(":", 6)[6],
        f"{spelling.noun}Arn": of.source_arn,
        "SnapshotType": "automated",
        "Status": "available",
        "PercentProgress": 100,
        "SnapshotCreateTime": at,
        spelling.database: name,
        spelling.resource: of.series.resource_id,
        "Engine": ENGINE[kind],
        "EngineVersion": "16.6",
        "AllocatedStorage": 20,
        spelling.encrypted: True,
        **_ENCRYPTED,
        "TagList": [],
    }


def copied(
    kind: Kind, account: str, name: str, source: Item, key: str, said: Sequence[Item]
) -> Item:
    """A copy that has just been asked for."""
    spelling = SPELLING[kind]
    identifying, arn = f"{spelling.noun}Identifier", f"{spelling.noun}Arn"
    item = source | {
        identifying: name,
        arn: f"arn:aws:rds:{REGION}:{account}:{NOUN[kind]}:{name}",
        "SnapshotType": "manual",
        "Status": COPYING[kind],
        "PercentProgress": 0,
        "KmsKeyId": key,
        "TagList": list(said),
    }
    taken_at = item.pop("SnapshotCreateTime")
    # RDS names an instance's source only in another account (docs/explained/aws-contract.md, 1.16).
    if kind is Kind.CLUSTER or account not in source[arn]:
        item[spelling.copied_from] = source[arn]
    if kind is Kind.INSTANCE:
        item.setdefault("OriginalSnapshotCreateTime", taken_at)
    return item


def backed_up(kind: Kind, name: str, at: datetime, account: str) -> Item:
    """The verified backup of one night, an hour younger than its data."""
    of = point(at, name, kind)
    said = tags(MARKER, of, 1, BACKUP_KEY, at + HOUR / 2, TAGS)
    source = automated(kind, name, at) | {"KmsKeyId": SHARING_KEY}
    made = copied(kind, account, backup_name(kind, name, at), source, BACKUP_KEY, _listed(said))
    return made | {"Status": "available", "PercentProgress": 100, "SnapshotCreateTime": at + HOUR}


def backup_name(kind: Kind, name: str, at: datetime) -> str:
    """How the backup of one night is called."""
    return identifier(MARKER.prefix, point(at, name, kind), 1)


def _listed(said: Mapping[str, str]) -> list[Item]:
    return [{"Key": key, "Value": value} for key, value in said.items()]
