"""The values everything else speaks in.

Frozen, and without behaviour beyond reading themselves: what AWS said, what is to be done, and why.
This module must know no other module of the package, no clock and no client.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Self

from rds_backup.model.inventory import Database, Kind, Snapshot


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


WAITING = (State.IN_PROGRESS, State.QUEUED)
BAD = frozenset({State.STALE, State.STUCK, State.BLOCKED, State.UNSUPPORTED, State.UNKNOWN})


class Series(NamedTuple):
    """All backups of one database; RDS resource ids are never reused, names are."""

    account: str
    region: str
    resource_id: str


class Point(NamedTuple):
    """One backup to be made: of this series, from this automated snapshot."""

    series: Series
    kind: Kind
    database: str
    source_arn: str
    taken_at: datetime


class Owned(NamedTuple):
    """A snapshot that is ours: its tags say so and reproduce its name."""

    snapshot: Snapshot
    point: Point
    attempt: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something cannot be known, or may not be done.

    ``fix`` is what a person can do about it, ``code`` the AWS error code that it came of.
    """

    state: State
    reason: str
    fix: str | None = None
    code: str | None = None

    @property
    def told(self) -> str:
        """The reason, then the fix."""
        return told(self.reason, self.fix)


class CopyAutomated(NamedTuple):
    """Copy the point's automated snapshot under the sharing key: makes the shared copy."""

    point: Point
    attempt: int
    database: Database
    encryption: str


class HandOver(NamedTuple):
    """Share the shared copy with the backup account, and copy it there under the backup key."""

    shared: Owned
    attempt: int


class DeleteShared(NamedTuple):
    """Delete a shared copy that no copy needs any more.

    With ``backup``, the verified backup of its point, or of newer data; without, the point gave way
    or was abandoned, and ``rivals`` are the names in the backup account of which none may be alive.
    """

    shared: Owned
    why: str
    backup: Owned | None = None
    rivals: tuple[str, ...] = ()


class Expire(NamedTuple):
    """Delete a backup that retention found no reason to keep."""

    backup: Owned
    why: str


Start = CopyAutomated | HandOver


@dataclass(frozen=True, slots=True)
class Decision:
    """What one point of a series comes to: one state, one reason, what is to be done.

    ``fix`` is what a person can do about it.  ``holds`` says that the point is under way, and that
    a newer one of its series has to wait; ``waits_for`` is the older point that it waits for.
    ``cause`` is the problem that the reason is of.  ``copy`` is the copy under way that the reason
    tells of.  ``left`` are shared copies that stay, of a point that can go no further.  ``base`` is
    how the shared copy would go that stays as what the next copy is incremental to.
    """

    point: Point | None
    state: State
    reason: str
    fix: str | None = None
    start: Start | None = None
    deletes: tuple[DeleteShared, ...] = ()
    holds: bool = False
    waits_for: Point | None = None
    cause: Problem | None = None
    copy: Owned | None = None
    left: tuple[Owned, ...] = ()
    base: DeleteShared | None = None

    @classmethod
    def of_problem(cls, point: Point | None, problem: Problem, *, holds: bool = False) -> Self:
        """A point that can go no further now, for the reason of a problem."""
        return cls(point, problem.state, problem.reason, problem.fix, holds=holds, cause=problem)

    def without_base(self) -> Self:
        """The same, with the base deleted like any other shared copy."""
        goes = self.deletes if self.base is None else (*self.deletes, self.base)
        return replace(self, deletes=goes, base=None)


def told(reason: str, fix: str | None) -> str:
    """The reason, then the fix, as text, log lines and exceptions have them."""
    return f"{reason}; {fix}" if fix else reason
