"""What the listings of AWS show: databases, snapshots, keys and roles, as frozen values.

This module must know no clock and no client.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """The two families of RDS snapshots; the difference in spelling lives in ``aws.spelling``."""

    INSTANCE = "instance"
    CLUSTER = "cluster"


class Side(StrEnum):
    """The account that a listing or a call belongs to."""

    SOURCE = "source"
    BACKUP = "backup"


class Lane(NamedTuple):
    """One family in one account: what a listing covers, and where the limits of RDS hold."""

    side: Side
    kind: Kind


class Status(StrEnum):
    """The four things a snapshot's status word can mean to us."""

    AVAILABLE = "available"
    RUNNING = "running"
    GOING = "going"
    DEAD = "dead"


_WORDS = {
    "available": Status.AVAILABLE,
    "deleting": Status.GOING,
    "deleted": Status.GOING,
    "failed": Status.DEAD,
    "incompatible-restore": Status.DEAD,
    "incompatible-parameters": Status.DEAD,
}


_SNAPSHOT_ARN = re.compile(
    r"arn:[a-z-]+:rds:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):(cluster-)?snapshot:.+"
)


class Database(NamedTuple):
    """An instance or a cluster in the source account, as the listing shows it.

    ``word`` is AWS's status, ``window`` the UTC times in which RDS backs it up
    (``PreferredBackupWindow``), ``encryption`` as of a Snapshot, ``tde`` whether it has a
    certificate for Transparent Data Encryption, ``special`` where or how it runs if not as usual.
    ``replica_of`` is the database that it is a read replica of, ``aws_backup`` whether AWS Backup
    manages its automated backups.
    """

    kind: Kind
    identifier: str
    resource_id: str
    engine: str
    tags: Mapping[str, str]
    member_of: str | None = None
    created_at: datetime | None = None
    word: str = "available"
    retention_days: int | None = None
    window: str | None = None
    encryption: str = "none"
    kms_key: str | None = None
    option_groups: tuple[str, ...] = ()
    tde: bool = False
    special: str | None = None
    engine_version: str = ""
    replica_of: str | None = None
    aws_backup: bool = False


class Traits(NamedTuple):
    """What a restored database has only if the call says so; a snapshot shows it, too.

    ``storage`` is the storage type, with ``iops`` provisioned, ``log_volume`` a dedicated one,
    ``license`` the license model.
    """

    storage: str | None = None
    iops: int | None = None
    log_volume: bool = False
    iam_login: bool = False
    license: str | None = None


NO_TRAITS = Traits()


class Role(NamedTuple):
    """An IAM role as GetRole shows it; ``boundary`` is the ARN of its permissions boundary."""

    arn: str
    tags: Mapping[str, str]
    boundary: str | None


class Snapshot(NamedTuple):
    """One snapshot as a listing shows it.

    ``word`` is AWS's status; ``status`` reads it, and takes every word that no document names for
    a copy still running.  ``created_at`` is absent while RDS is still creating the snapshot.
    ``encryption`` is ``none``, ``sse-rds`` or ``sse-kms``.  ``full_bytes`` is the full
    size that RDS states for instance snapshots, ``allocated_gib`` the database's storage.
    ``original_at`` does not change when an instance snapshot is copied; clusters have none
    (1.16b).  ``copied_from`` is RDS's own pointer to the source, in whatever form it has (1.16).
    """

    kind: Kind
    identifier: str
    arn: str
    type: str
    word: str
    percent: int | None
    created_at: datetime | None
    database: str
    resource_id: str | None
    encryption: str
    kms_key: str | None
    tags: Mapping[str, str]
    engine: str | None = None
    engine_version: str | None = None
    option_group: str | None = None
    full_bytes: int | None = None
    allocated_gib: int | None = None
    original_at: datetime | None = None
    copied_from: str | None = None
    traits: Traits = NO_TRAITS

    @property
    def status(self) -> Status:
        """What AWS's status word means to us.

        One that is available without a creation time is not there yet: RDS fills it in (1.15).
        """
        status = _WORDS.get(self.word, Status.RUNNING)
        undated = status is Status.AVAILABLE and self.created_at is None
        return Status.RUNNING if undated else status

    @property
    def own_option_group(self) -> str | None:
        """The option group of its database, if it is no default one of RDS."""
        return own_group(self.option_group)

    @property
    def account(self) -> str:
        """The account that owns the snapshot; nothing where RDS gives no ARN."""
        return "".join(self.arn.split(":", 5)[4:5])

    @property
    def origin(self) -> tuple[str, str] | None:
        """Account and Region that it was copied from; None unless RDS names a snapshot's ARN."""
        found = _SNAPSHOT_ARN.fullmatch(self.copied_from or "")
        return (found["account"], found["region"]) if found else None


def own_group(name: str | None) -> str | None:
    """An option group's name, if there is one, and it is no default one of RDS."""
    return None if not name or name.startswith("default:") else name


class Listing(NamedTuple):
    """A complete listing of one family's manual snapshots in one account.

    With ``names``, it is complete for these identifiers, and says nothing of others.
    """

    snapshots: tuple[Snapshot, ...]
    names: frozenset[str] | None = None
