"""RDS as a restore drill speaks it: list, restore, ask for a password, delete, for both families.

Every argument that RDS would choose by itself is named, so that nothing depends on an account's
defaults.  Numbers are rules of docs/explained/aws-contract.md.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from rds_backup.aws.calls import Calls
from rds_backup.aws.errors import NO_DATABASE, AwsError
from rds_backup.aws.parsing import read_there
from rds_backup.aws.restored_as import lifecycle, storage_types, terms_of
from rds_backup.aws.spelling import SPELLING
from rds_backup.model.drills import DatabaseThere, member_name
from rds_backup.model.inventory import Kind, Snapshot

SERVERLESS = "db.serverless"
# Half a capacity unit is the least that every version takes; four answer a few questions.
_CAPACITY = {"ServerlessV2ScalingConfiguration": {"MinCapacity": 0.5, "MaxCapacity": 4.0}}
_NEVER = {
    "PubliclyAccessible": False,
    "DeletionProtection": False,
    "CopyTagsToSnapshot": False,
}


class Offer(NamedTuple):
    """A DB instance class that RDS offers for a snapshot, and the storage type to go with it."""

    instance_class: str
    storage: str


class Target(NamedTuple):
    """What a snapshot is restored to: a name, a network, a key for clusters, and tags.

    ``scales``: a cluster gets a capacity range.
    """

    name: str
    subnet_group: str
    security_group: str
    key: str
    tags: Mapping[str, str]
    scales: bool = False


class Restores:
    """Restores in one account and Region, with one set of credentials."""

    def __init__(self, calls: Calls) -> None:
        """Take the calls of a boto3 RDS client."""
        self._calls = calls

    def there(self, kind: Kind) -> tuple[DatabaseThere, ...]:
        """Every instance or cluster, all pages."""
        noun = f"{SPELLING[kind].databases}s"
        return tuple(read_there(kind, i) for i in self._calls.pages(f"Describe{noun}", noun))

    def offers(self, snapshot: Snapshot, instance_class: str) -> list[Offer]:
        """As what this snapshot can be restored with this class: its own storage type first.

        For its engine, version, license model and size, encrypted, within a VPC.
        """
        licensed = snapshot.traits.license
        listed = self._calls.pages(
            "DescribeOrderableDBInstanceOptions",
            "OrderableDBInstanceOptions",
            Engine=snapshot.engine,
            EngineVersion=snapshot.engine_version,
            DBInstanceClass=instance_class,
            Vpc=True,
            **({"LicenseModel": licensed} if licensed else {}),
        )
        size = snapshot.allocated_gib or 0
        able = {
            option.get("StorageType")
            for option in listed
            if option.get("SupportsStorageEncryption")
            and size <= option.get("MaxStorageSize", size)
        }
        return [Offer(instance_class, each) for each in storage_types(snapshot) if each in able]

    def restore(self, snapshot: Snapshot, offer: Offer, target: Target) -> None:
        """Begin to make a database of a snapshot; returns at once."""
        groups = {
            "DBSubnetGroupName": target.subnet_group,
            "VpcSecurityGroupIds": [target.security_group],
            "StorageType": offer.storage,
            "Engine": snapshot.engine,
            "Tags": _tag_list(target.tags),
            **_NEVER,
            **lifecycle(snapshot),
        }
        if snapshot.kind is Kind.INSTANCE:
            self._restore_instance(snapshot, offer, target, groups)
            return
        self._calls.call(
            "RestoreDBClusterFromSnapshot",
            DBClusterIdentifier=target.name,
            SnapshotIdentifier=snapshot.identifier,
            EngineVersion=snapshot.engine_version,
            KmsKeyId=target.key,
            EnableIAMDatabaseAuthentication=False,
            BackupRetentionPeriod=1,  # the least that a cluster can have
            **groups,
            **(_CAPACITY if target.scales else {}),
        )

    def _restore_instance(
        self, snapshot: Snapshot, offer: Offer, target: Target, groups: Mapping[str, Any]
    ) -> None:
        """RDS takes neither a version nor a key: both are the snapshot's (11.2, 11.5)."""
        self._calls.call(
            "RestoreDBInstanceFromDBSnapshot",
            DBInstanceIdentifier=target.name,
            DBSnapshotIdentifier=snapshot.identifier,
            DBInstanceClass=offer.instance_class,
            MultiAZ=False,
            AutoMinorVersionUpgrade=False,
            BackupRetentionPeriod=0,  # no backups of a backup
            **groups,
            **terms_of(snapshot, offer.storage),
        )

    def add_member(self, cluster: DatabaseThere, offer: Offer, tags: Mapping[str, str]) -> None:
        """Begin to make the instance that a restored cluster is born without (11.4)."""
        self._calls.call(
            "CreateDBInstance",
            DBInstanceIdentifier=member_name(cluster.identifier),
            DBClusterIdentifier=cluster.identifier,
            DBInstanceClass=offer.instance_class,
            Engine=cluster.engine,
            PubliclyAccessible=False,
            AutoMinorVersionUpgrade=False,
            Tags=_tag_list(tags),
        )

    def set_password(self, database: DatabaseThere) -> None:
        """Have RDS make a master password: that of the database at home stays there (12.6)."""
        noun = SPELLING[database.kind].databases
        arguments = {f"{noun}Identifier": database.identifier}
        self._calls.call(
            f"Modify{noun}", **arguments, ManageMasterUserPassword=True, ApplyImmediately=True
        )

    def delete(self, database: DatabaseThere) -> None:
        """Begin to delete it, with all that RDS keeps of it; what is not there is deleted."""
        noun = SPELLING[database.kind].databases
        whole = {} if database.member_of else {"DeleteAutomatedBackups": True}
        try:
            self._calls.call(
                f"Delete{noun}",
                **{f"{noun}Identifier": database.identifier, "SkipFinalSnapshot": True, **whole},
            )
        except AwsError as error:
            if error.code not in NO_DATABASE:
                raise

    def tag(self, arn: str, tags: Mapping[str, str]) -> None:
        """Put tags on a backup, beside those that it has."""
        self._calls.call("AddTagsToResource", ResourceName=arn, Tags=_tag_list(tags))


def _tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": name, "Value": value} for name, value in tags.items()]
