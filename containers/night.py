"""What a finished night looks like, asked of both accounts through plain boto3.

Knows RDS's API and the promise, and nothing of the function's code.
"""

from typing import Any

from containers.engine import FailedError
from sandbox.serving.served import Served

TICK_SECONDS = 600
_LISTINGS = {
    "orders": ("describe_db_snapshots", "DBSnapshots", "DBInstanceIdentifier", "Encrypted"),
    "billing": (
        "describe_db_cluster_snapshots",
        "DBClusterSnapshots",
        "DBClusterIdentifier",
        "StorageEncrypted",
    ),
}


def show(answer: dict[str, Any]) -> None:
    """Print a result object for a person: the outcome, what was done, and each database."""
    print(f"  outcome: {answer['outcome']}")
    for action in answer["actions"]:
        print(f"    {action['action']} in {action['account']}: {action['snapshot']}")
    for entry in answer["databases"]:
        print(f"    {entry['database']}: {entry['state']}, {entry['reason']}")


def verify(aws: Served) -> None:
    """Raise FailedError unless each database has its one backup, and nothing of ours is left over.

    The backup is available, in the backup account, under its key; the automated snapshots stay.
    """
    account = aws.environment["BACKUP_ACCOUNT"]
    source = aws.client("rds", aws.environment)
    there = aws.client("rds", aws.person_in_backup)
    key = aws.client("kms", aws.person_in_backup).describe_key(KeyId="alias/rds-backup")
    for database, (operation, listing, of, encrypted) in _LISTINGS.items():
        in_source = getattr(source, operation)()[listing]
        in_backup = getattr(there, operation)()[listing]
        found = {
            "automated snapshots": [s[of] for s in in_source if s["SnapshotType"] == "automated"],
            "shared copies": [s for s in in_source if s["SnapshotType"] == "manual"],
            "backups": [
                (s[of], s["Status"], s[encrypted], s["KmsKeyId"], _account_of(s)) for s in in_backup
            ],
        }
        expected = {
            "automated snapshots": [database],
            "shared copies": [],
            "backups": [(database, "available", True, key["KeyMetadata"]["Arn"], account)],
        }
        if expected != found:
            raise FailedError(f"{database}: expected {expected}, found {found}")
        print(f"  {database}: 1 backup in {account}, available, under its key; no shared copy left")


def _account_of(snapshot: dict[str, Any]) -> str:
    arn = next(value for name, value in snapshot.items() if name.endswith("SnapshotArn"))
    return str(arn).split(":")[4]
