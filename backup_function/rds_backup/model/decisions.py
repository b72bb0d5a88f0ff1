"""The values everything else speaks in.

Frozen, and without behaviour beyond reading themselves: what AWS said, what is to be done, and why.
This module must know no other module of the package, no clock and no client.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class Kind(StrEnum):
    """The two families of RDS snapshots; the difference in spelling lives in ``rds.SPELLING``."""

    INSTANCE = "instance"
    CLUSTER = "cluster"


class Side(StrEnum):
    """The account that a listing or a call belongs to."""

    SOURCE = "source"
    BACKUP = "backup"


@dataclass(frozen=True, slots=True)
class Lane:
    """One family in one account: what a listing covers, and where the limits of RDS hold."""

    side: Side
    kind: Kind


class State(StrEnum):
    """What is reported of one database; see ``BAD`` for those that a person should look at."""

    PROTECTED = "protected"
    IN_PROGRESS = "in_progress"
    QUEUED = "queued"
    STALE = "stale"
    STUCK = "stuck"
    BLOCKED = "blocked"
    UNSUPPORTED = "unsupported"
    UNKNOWN = "unknown"


BAD = frozenset({State.STALE, State.STUCK, State.BLOCKED, State.UNSUPPORTED, State.UNKNOWN})


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


@dataclass(frozen=True, slots=True)
class Series:
    """All backups of one database; RDS resource ids are never reused, names are."""

    account: str
    region: str
    resource_id: str


@dataclass(frozen=True, slots=True)
class Database:
    """An instance or a cluster in the source account, as the listing shows it.

    ``word`` is AWS's status, ``window`` the UTC times in which RDS backs it up
    (``PreferredBackupWindow``), ``encryption`` as of a Snapshot, ``tde`` whether it has a
    certificate for Transparent Data Encryption, ``special`` where or how it runs if not as usual.
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


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a database in the source account runs in: nothing of it is part of a snapshot.

    ``parameter_group`` is the instance's, of a cluster the writer's; so is ``instance_class``.
    """

    resource_id: str
    instance_class: str | None
    subnet_group: str | None
    security_groups: tuple[str, ...]
    parameter_group: str | None
    cluster_parameter_group: str | None
    option_group: str | None
    kms_key: str | None
    lifecycle: str | None


@dataclass(frozen=True, slots=True)
class Key:
    """A KMS key as DescribeKey shows it; ``manager``, ``state``, ``spec``, ``usage`` as it says."""

    arn: str
    manager: str
    state: str
    spec: str
    usage: str

    @property
    def region(self) -> str:
        """The Region that the key is in."""
        return self.arn.split(":")[3]

    @property
    def account(self) -> str:
        """The account that owns the key."""
        return self.arn.split(":")[4]


@dataclass(frozen=True, slots=True)
class Role:
    """An IAM role as GetRole shows it; ``boundary`` is the ARN of its permissions boundary."""

    arn: str
    tags: Mapping[str, str]
    boundary: str | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot as a listing shows it.

    ``word`` is AWS's status; ``status`` reads it, and takes every word that no document names for
    a copy still running.  ``created_at`` is absent while RDS is still creating the snapshot.
    ``encryption`` is ``none``, ``sse-rds`` or ``sse-kms``.  ``full_bytes`` is the full
    size that RDS states for instance snapshots, ``allocated_gib`` the database's storage.
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

    @property
    def status(self) -> Status:
        """What AWS's status word means to us."""
        return _WORDS.get(self.word, Status.RUNNING)

    @property
    def account(self) -> str:
        """The account that owns the snapshot."""
        return self.arn.split(":", 5)[4]


@dataclass(frozen=True, slots=True)
class Point:
    """One backup to be made: of this series, from this automated snapshot."""

    series: Series
    kind: Kind
    database: str
    source_arn: str
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Owned:
    """A snapshot that is ours: its tags say so and reproduce its name."""

    snapshot: Snapshot
    point: Point
    attempt: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something cannot be known, or may not be done, with what to do about it."""

    state: State
    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A complete listing of one family's manual snapshots in one account."""

    snapshots: tuple[Snapshot, ...]
    read_at: datetime


@dataclass(frozen=True, slots=True)
class CopyAutomated:
    """Copy the point's automated snapshot under the sharing key: makes the shared copy."""

    point: Point
    attempt: int
    database: Database
    encryption: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """Share the shared copy with the backup account, and copy it there under the backup key."""

    shared: Owned
    attempt: int


@dataclass(frozen=True, slots=True)
class DeleteShared:
    """Delete a shared copy that no copy needs any more.

    With ``backup``, the verified backup it served; without, the point gave way or was abandoned,
    and ``rivals`` are the names in the backup account of which none may be alive.
    """

    shared: Owned
    why: str
    backup: Owned | None = None
    rivals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expire:
    """Delete a backup that retention found no reason to keep."""

    backup: Owned
    why: str


Start = CopyAutomated | HandOver


Action = CopyAutomated | HandOver | DeleteShared | Expire


@dataclass(frozen=True, slots=True)
class Decision:
    """What one point of a series comes to: one state, one reason, what is to be done.

    ``holds`` says that the point is under way, and that a newer one of its series has to wait.
    """

    point: Point | None
    state: State
    reason: str
    start: Start | None = None
    deletes: tuple[DeleteShared, ...] = ()
    holds: bool = False


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC, to the millisecond, as tags, results and logs carry it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
