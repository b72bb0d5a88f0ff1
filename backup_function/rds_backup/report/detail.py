"""What ``plan`` and ``status`` add to an entry: what is held, what is under way, what comes next.

The values only, JSON-ready; how they come about is the business of ``read_only``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from rds_backup.model.inventory import Snapshot
from rds_backup.report.base import Base
from rds_backup.report.drilled import Drilled

_GIB = 1 << 30
# The actions that a point takes, in their order: none has begun while all of them remain.
WHOLE_WAY = ("copy", "share", "back_up", "delete_shared_copy")


class Condition(StrEnum):
    """What a copy in the backup account is good for."""

    VERIFIED = "verified"
    COPYING = "copying"
    UNVERIFIED = "unverified"
    FAILED = "failed"
    DELETING = "deleting"


@dataclass(frozen=True, slots=True)
class Size:
    """A size in GiB, and the member of RDS's answer it comes from; never what is billed.

    ``FullSnapshotSizeInBytes`` is the full size of an instance's snapshot, not the incremental one.
    ``AllocatedStorage``, the database's storage, stands in where RDS states no full size.
    """

    gib: float
    measure: str

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self | None:
        """The size of one snapshot, or None where RDS states none."""
        if snapshot.full_bytes is not None:
            return cls(round(snapshot.full_bytes / _GIB, 2), "FullSnapshotSizeInBytes")
        if snapshot.allocated_gib is not None:
            return cls(float(snapshot.allocated_gib), "AllocatedStorage")
        return None

    @classmethod
    def total(cls, sizes: Iterable[Self | None]) -> Self | None:
        """The sum of those that are known; as coarse as the coarsest of them."""
        known = [size for size in sizes if size]
        if not known:
            return None
        measures = sorted({size.measure for size in known})
        return cls(round(sum(size.gib for size in known), 2), measures[0])


@dataclass(frozen=True, slots=True)
class Held:
    """One copy in the backup account; ``kept`` is None where this deployment does not expire."""

    snapshot: str
    condition: Condition
    taken_at: str
    created_at: str | None
    size: Size | None
    kept: bool | None
    reason: str


@dataclass(frozen=True, slots=True)
class Flight:
    """A copy under way; ``percent`` 0 for hours is a queue of RDS's own, not a failure."""

    action: str
    snapshot: str
    account: str
    taken_at: str
    status: str
    percent: int | None
    since: str | None


@dataclass(frozen=True, slots=True)
class NextExpiry:
    """The backup that goes first: after so many more verified backups, and not before."""

    snapshot: str
    after_backups: int
    not_before: str | None


@dataclass(frozen=True, slots=True)
class Removal:
    """Commands for a person, never run here: see whether the database is gone, then delete."""

    look: str
    delete: str


@dataclass(frozen=True, slots=True)
class Left:
    """A shared copy that stays in the source account, with the commands to delete it.

    It is under another key than KMS_KEY_ID, its point can go no further, and no data as new as its
    own is verified: it may be the last.
    """

    snapshot: str
    taken_at: str
    kms_key: str | None
    delete: str


@dataclass(frozen=True, slots=True)
class Detail:
    """One series in detail; ``remaining`` are the actions still to come for the reported point.

    ``kms_key`` and ``size`` are the newest verified backup's, ``total_size`` is that of all copies
    held, ``backups`` are oldest first, ``left`` the shared copies that stay.  ``source_account`` is
    the account of the database.  ``restored`` is the newest drill that passed, ``last_drill`` the
    newest, whatever came of it.  ``base`` is there where increments are on.
    """

    remaining: tuple[str, ...]
    in_flight: tuple[Flight, ...]
    backups: tuple[Held, ...]
    backup_taken_at: str | None
    oldest_backup_taken_at: str | None
    kms_key: str | None
    size: Size | None
    total_size: Size | None
    next_expiry: NextExpiry | None
    left: tuple[Left, ...] = ()
    removal: Removal | None = None
    source_account: str = ""
    restored: Drilled | None = None
    last_drill: Drilled | None = None
    base: Base | None = None

    def as_dict(self) -> dict[str, Any]:
        """The detail, JSON-ready."""
        found = asdict(self)
        for held in found["backups"]:
            held["condition"] = str(held["condition"])
        return {k: list(v) if isinstance(v, tuple) else v for k, v in found.items()}


@dataclass(frozen=True, slots=True)
class Fleet:
    """Everything held together: how many copies, their size, and with one more of each database.

    The newest verified backup of a database stands for one more of it.  Of ``unread`` databases it
    is not known what is held.
    """

    copies: int
    size: Size | None
    with_one_more: Size | None
    unread: int = 0

    @classmethod
    def of(cls, selected: Sequence[Detail | None], others: Sequence[Detail | None]) -> Self:
        """The sum of what is held of the selected databases, and of others that get no more."""
        read = [detail for detail in (*selected, *others) if detail]
        held = [detail.total_size for detail in read]
        more = [detail.size for detail in selected if detail]
        return cls(
            copies=sum(len(detail.backups) for detail in read),
            size=Size.total(held),
            with_one_more=Size.total([*held, *more]),
            unread=len(selected) + len(others) - len(read),
        )


@dataclass(frozen=True, slots=True)
class Setting:
    """When and under which settings was looked; ``expires`` says whether this deployment does.

    ``region`` is that of the databases; ``backup_region`` that of the backups, if it is another.
    Without a ``source_account`` it is the backup account's own look, over every series there.
    """

    looked_at: str
    region: str
    source_account: str | None
    backup_account: str
    max_snapshot_age_hours: int
    backups_to_keep: int
    expires: bool
    keep_weekly: int = 0
    keep_monthly: int = 0
    keep_yearly: int = 0
    backup_region: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The setting, JSON-ready."""
        return asdict(self)
