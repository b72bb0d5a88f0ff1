"""From an item of RDS's answer to a value of ours; the only place that knows the answers' keys.

What is missing of an item is empty here, and makes one database ``unknown``, never a listing.
"""

from collections.abc import Mapping
from sys import intern
from typing import Any

from rds_backup.aws.spelling import SPELLING
from rds_backup.model.drills import DatabaseThere
from rds_backup.model.inventory import Database, Kind, Snapshot, Traits
from rds_backup.model.surroundings import Scaling, Surroundings

# What names the source of a read replica: an instance's, and a cluster's.
_REPLICATES = (
    "ReadReplicaSourceDBInstanceIdentifier",
    "ReadReplicaSourceDBClusterIdentifier",
    "ReplicationSourceIdentifier",
)


def read_accounts(noun: str, answer: Mapping[str, Any]) -> frozenset[str]:
    """The accounts that an answer on a snapshot's attributes says it is shared with."""
    attributes = answer[f"{noun}AttributesResult"][f"{noun}Attributes"]
    return frozenset(
        value
        for attribute in attributes
        if attribute["AttributeName"] == "restore"
        for value in attribute["AttributeValues"]
    )


def _tags(item: Mapping[str, Any]) -> dict[str, str]:
    return {
        intern(tag["Key"]): intern(tag.get("Value", ""))
        for tag in item.get("TagList", ())
        if "Key" in tag
    }


def _once(item: Mapping[str, Any]) -> dict[str, Any]:
    """With each text kept once: of a thousand databases, most say what others say."""
    return {key: intern(said) if isinstance(said, str) else said for key, said in item.items()}


def read_database(kind: Kind, item: Mapping[str, Any]) -> Database:
    """An instance or a cluster, as DescribeDBInstances or DescribeDBClusters lists it."""
    item, spelling = _once(item), SPELLING[kind]
    member_of = item.get("DBClusterIdentifier") if kind is Kind.INSTANCE else None
    return Database(
        kind=kind,
        identifier=item.get(spelling.database, "").lower(),
        resource_id=item.get(spelling.resource, ""),
        engine=item.get("Engine", ""),
        tags=_tags(item),
        member_of=member_of.lower() if member_of else None,
        created_at=item.get(spelling.created),
        word=item.get(spelling.status, ""),
        retention_days=item.get("BackupRetentionPeriod"),
        window=item.get("PreferredBackupWindow"),
        encryption=_encryption("StorageEncrypted", item),
        kms_key=item.get("KmsKeyId"),
        option_groups=tuple(g["OptionGroupName"] for g in item.get("OptionGroupMemberships", ())),
        tde=bool(item.get("TdeCredentialArn")),
        special=_special(item),
        engine_version=item.get("EngineVersion", ""),
        replica_of=next((item[name] for name in _REPLICATES if item.get(name)), None),
        aws_backup=bool(item.get("AwsBackupRecoveryPointArn")),
    )


def _special(item: Mapping[str, Any]) -> str | None:
    """Aurora Limitless, and backups kept on an Outpost or in a Local Zone; None for the usual."""
    if item.get("ClusterScalabilityType", "standard") != "standard":
        return f"ClusterScalabilityType {item['ClusterScalabilityType']}"
    if item.get("BackupTarget", "region") != "region":
        return f"BackupTarget {item['BackupTarget']}"
    return None


def _encryption(encrypted: str, item: Mapping[str, Any]) -> str:
    """Read from ``StorageEncryptionType``; from the boolean of this name only where it is absent.

    For an ``sse-rds`` cluster the boolean says false (RDS service model).
    """
    return str(item.get("StorageEncryptionType") or ("sse-kms" if item.get(encrypted) else "none"))


def read_snapshot(kind: Kind, item: Mapping[str, Any]) -> Snapshot:
    """A snapshot of either family, as a listing or a copy's answer shows it."""
    item, spelling = _once(item), SPELLING[kind]
    return Snapshot(
        kind=kind,
        identifier=item.get(f"{spelling.noun}Identifier", "").lower(),
        arn=item.get(f"{spelling.noun}Arn", ""),
        type=item.get("SnapshotType", ""),
        word=item.get("Status", ""),
        percent=item.get("PercentProgress"),
        created_at=item.get("SnapshotCreateTime"),
        database=item.get(spelling.database, "").lower(),
        resource_id=item.get(spelling.resource) or None,
        encryption=_encryption(spelling.encrypted, item),
        kms_key=item.get("KmsKeyId"),
        tags=_tags(item),
        engine=item.get("Engine"),
        engine_version=item.get("EngineVersion"),
        option_group=item.get("OptionGroupName"),
        full_bytes=item.get("FullSnapshotSizeInBytes"),
        allocated_gib=item.get("AllocatedStorage"),
        original_at=item.get("OriginalSnapshotCreateTime"),
        copied_from=item.get(spelling.copied_from) or None,
        traits=_traits(item),
    )


def _traits(item: Mapping[str, Any]) -> Traits:
    """What a snapshot and its database both show; of a cluster, RDS shows less."""
    return Traits(
        storage=item.get("StorageType"),
        iops=item.get("Iops"),
        log_volume=bool(item.get("DedicatedLogVolume")),
        license=item.get("LicenseModel"),
        iam_login=bool(item.get("IAMDatabaseAuthenticationEnabled")),
    )


def _scaling(item: Mapping[str, Any]) -> Scaling | None:
    """A pause is shown only where the least capacity is none (RDS service model)."""
    found = item.get("ServerlessV2ScalingConfiguration", {})
    if not {"MinCapacity", "MaxCapacity"} <= set(found):
        return None
    pause = found.get("SecondsUntilAutoPause")
    return Scaling(found["MinCapacity"], found["MaxCapacity"], pause)


def read_surroundings(
    kind: Kind, item: Mapping[str, Any], member: Mapping[str, Any]
) -> Surroundings:
    """What a database runs in.

    ``member`` is the instance itself, or the cluster's writer (empty if it has none).
    """
    groups = item.get("DBSubnetGroup")
    parameters = (group["DBParameterGroupName"] for group in member.get("DBParameterGroups", ()))
    options = (group["OptionGroupName"] for group in item.get("OptionGroupMemberships", ()))
    return Surroundings(
        kind=kind,
        identifier=item.get(SPELLING[kind].database, "").lower(),
        resource_id=item.get(SPELLING[kind].resource, ""),
        instance_class=member.get("DBInstanceClass"),
        subnet_group=groups["DBSubnetGroupName"] if isinstance(groups, Mapping) else groups,
        security_groups=tuple(g["VpcSecurityGroupId"] for g in item.get("VpcSecurityGroups", ())),
        parameter_group=next(parameters, None),
        cluster_parameter_group=item.get("DBClusterParameterGroup"),
        option_group=next(options, None),
        kms_key=item.get("KmsKeyId"),
        lifecycle=item.get("EngineLifecycleSupport"),
        traits=_traits(item),
        scaling=_scaling(item),
        managed_password=bool(item.get("MasterUserSecret")),
        deletion_protection=bool(item.get("DeletionProtection")),
    )


def read_there(kind: Kind, item: Mapping[str, Any]) -> DatabaseThere:
    """A database of the backup account; a cluster's endpoint is a text, an instance's has parts."""
    spelling, endpoint = SPELLING[kind], item.get("Endpoint")
    parts = endpoint if isinstance(endpoint, Mapping) else {"Address": endpoint}
    secret = item.get("MasterUserSecret", {})
    member_of = item.get("DBClusterIdentifier") if kind is Kind.INSTANCE else None
    return DatabaseThere(
        kind=kind,
        identifier=item.get(spelling.database, "").lower(),
        word=item.get(spelling.status, ""),
        tags=_tags(item),
        instance_class=item.get("DBInstanceClass"),
        engine=item.get("Engine", ""),
        engine_version=item.get("EngineVersion", ""),
        encryption=_encryption("StorageEncrypted", item),
        kms_key=item.get("KmsKeyId"),
        gib=item.get("AllocatedStorage"),
        host=parts.get("Address"),
        port=parts.get("Port") or item.get("Port"),
        secret=secret.get("SecretArn"),
        secret_word=secret.get("SecretStatus"),
        member_of=member_of.lower() if member_of else None,
    )
