"""What is true of the two accounts, read from the sandbox's rows and from nothing of the function.

The few words that this shares with the function (tags, the prefix) are those that its users know.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sandbox import Row, Sandbox

TAG = "rds-backup:"
KEEP_TAG = TAG + "keep"
POINT = TAG + "source-snapshot"
RESOURCE = TAG + "resource-id"
DEAD = ("failed", "incompatible-restore", "incompatible-parameters")
ENDS = (*DEAD, "available", "deleting", "deleted")


@dataclass(kw_only=True)
class Rules:
    """What the deployment was told, to be changed when its settings change; keys are ARNs."""

    sharing_key: str
    backup_key: str
    keep: int = 7
    keep_days: int = 0
    weekly: int = 0
    monthly: int = 0
    yearly: int = 0
    prefix: str = "rds-backup"
    max_attempts: int = 3
    max_age_hours: int = 36
    incremental: bool = False
    several_at_once: bool = False
    """Several invocations run at once: one may report on what the other has just changed."""


@dataclass(eq=False)
class Truth:
    """Which snapshots are the function's, and which of them are backups.

    ``made`` are the ARNs that the function's own calls have created: nothing else is ours.
    """

    aws: Sandbox
    rules: Rules
    made: set[str] = field(default_factory=set)

    def ours(self, row: Row) -> bool:
        """Whether the function made it, under the prefix of today."""
        return (
            row.arn in self.made
            and row.tags.get(TAG + "managed-by") == self.rules.prefix
            and row.identifier.startswith(self.rules.prefix + "-")
        )

    def verified(
        self, rows: Iterable[Row] | None = None, resource_id: str | None = None
    ) -> list[Row]:
        """The verified backups among the rows (None: all), in the order in which RDS made them."""
        found = [
            (row.created_at, row.taken_at, row.identifier, row)
            for row in (self.aws.snapshots() if rows is None else rows)
            if row.kms_key == self.rules.backup_key
            and self._sound(row)
            and resource_id in (None, row.resource_id)
        ]
        return [item[3] for item in sorted(found, key=lambda item: item[:3])]

    def _sound(self, row: Row) -> bool:
        """Whether it is a backup of its series, under whatever key of the backup account."""
        return (
            row.account == self.aws.backup.id
            and self.ours(row)
            and row.status == "available"
            and f":{self.aws.backup.id}:" in (row.kms_key or "")
            and row.created_at is not None
            and row.resource_id == row.tags[RESOURCE]
            and _of_its_series(row)
        )

    def first_days(self, rows: Iterable[Row], resource_id: str) -> set[date]:
        """The first days of the newest weeks, months and years of which a database has a backup."""
        mine = (row for row in rows if row.resource_id == resource_id and self._sound(row))
        days = {day_of(row) for row in mine if KEEP_TAG not in row.tags}
        periods: tuple[tuple[int, Callable[[date], tuple[int, ...]]], ...] = (
            (self.rules.weekly, lambda day: day.isocalendar()[:2]),
            (self.rules.monthly, lambda day: (day.year, day.month)),
            (self.rules.yearly, lambda day: (day.year,)),
        )
        found = set()
        for most, period in periods:
            newest = sorted({period(day) for day in days}, reverse=True)[:most]
            found |= {min(day for day in days if period(day) == one) for one in newest}
        return found

    def surplus(self) -> list[Row]:
        """Verified backups that should be gone: enough later days are there, and no tier has it."""
        counted = [row for row in self.verified() if KEEP_TAG not in row.tags]
        days = {(row.resource_id, day_of(row)) for row in counted}
        return [
            row
            for row in counted
            if sum(of == row.resource_id and day > day_of(row) for of, day in days)
            >= self.rules.keep
            and day_of(row) not in self.first_days(self.aws.snapshots(), row.resource_id)
        ]

    def series(self) -> set[tuple[str, ...]]:
        """The databases of which the backup account has anything: account, Region, resource id."""
        return {
            (*row.tags[POINT].split(":")[3:5], row.tags[RESOURCE])
            for row in self.aws.snapshots(account=self.aws.backup.id)
            if self.ours(row)
        }

    def shared_copies(self) -> list[Row]:
        """What the function has made in the source account, and not deleted, under this prefix."""
        return [row for row in self.aws.snapshots(account=self.aws.source.id) if self.ours(row)]

    def is_base(self, row: Row, rows: Iterable[Row] | None = None) -> bool:
        """Whether the next copy of its database rests on it: it is that of the newest backup."""
        databases = {d.resource_id for d in self.aws.databases(row.account)}
        newest = max(
            self.verified(rows, row.resource_id), key=lambda r: (data_at(r), r.arn), default=None
        )
        return (
            self.rules.incremental
            and (row.kind, row.status) == ("instance", "available")
            and row.kms_key == self.rules.sharing_key
            and row.resource_id in databases
            and newest is not None
            and newest.tags[POINT] == row.tags[POINT]
        )

    def leftovers(self) -> list[Row]:
        """The shared copies that serve nothing: all but one base for each instance at most."""
        left = self.shared_copies()
        bases = {row.resource_id: row.arn for row in left if self.is_base(row)}
        return [row for row in left if row.arn not in bases.values()]


def _of_its_series(row: Row) -> bool:
    """Whether it was copied from a snapshot of the account and Region that its tags name."""
    return (
        row.source_arn is None or row.source_arn.split(":")[3:5] == row.tags[POINT].split(":")[3:5]
    )


def identity(row: Row) -> tuple[object, ...]:
    """All that a snapshot is, so that any change to it shows."""
    return row.arn, row.status, row.created_at, row.kms_key, row.shared_with, str(row.tags)


def day_of(row: Row) -> date:
    """The UTC day on which RDS made a backup."""
    assert row.created_at is not None
    return row.created_at.astimezone(UTC).date()


def data_at(row: Row) -> datetime:
    """When the data of a snapshot is from: the earlier of its taking and its creation."""
    return min(row.taken_at, row.created_at or row.taken_at)


def newest_automated(resource_id: str, rows: Iterable[Row]) -> Row | None:
    """The newest automated snapshot of a database that is available."""
    mine = [
        row
        for row in rows
        if (row.type, row.resource_id, row.status) == ("automated", resource_id, "available")
    ]
    return max(mine, key=lambda row: row.taken_at, default=None)
