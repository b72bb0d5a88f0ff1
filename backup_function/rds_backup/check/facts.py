"""What ``check`` has read in both accounts, before anything is concluded from it.

Values only; an AwsError stands for whatever AWS did not tell, None for what was not asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from rds_backup.aws.errors import AwsError
from rds_backup.check.statements import Statements
from rds_backup.decide.plan import Plan
from rds_backup.model.decisions import Owned, Problem
from rds_backup.model.identity import all_owned
from rds_backup.model.inventory import (
    Database,
    Kind,
    Lane,
    Listing,
    Role,
    Side,
    Snapshot,
    Status,
)
from rds_backup.model.keys import Key
from rds_backup.model.settings import Settings
from rds_backup.model.world import World
from rds_backup.report.from_plan import Said

SOURCE, BACKUP = "source account", "backup account"
WHOSE = {Side.SOURCE: SOURCE, Side.BACKUP: BACKUP}


@dataclass(frozen=True, slots=True)
class SeenKey:
    """A key as its own account's role reads it.

    ``policy`` is JSON; that of ``aws/rds`` is AWS's own and not read: empty.
    """

    key: Key | AwsError
    policy: str | AwsError


@dataclass(frozen=True, slots=True)
class Has:
    """What the Region of the backups has: versions by engine and name, and its option groups."""

    versions: Mapping[tuple[str, str], bool | AwsError]
    option_groups: Mapping[str, tuple[str, ...]] | AwsError


@dataclass(frozen=True, slots=True)
class There:
    """What the role in the backup account has read there; ``has`` only in another Region."""

    caller: tuple[str, str] | AwsError
    role: Role | AwsError | None = None
    key: SeenKey | None = None
    sharing_key: Key | AwsError | None = None
    has: Has | None = None

    @property
    def tags(self) -> Mapping[str, str]:
        """The settings that the backup account's stack writes on the role; none if unread."""
        return self.role.tags if isinstance(self.role, Role) else {}


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything read; ``caller`` is an account and an ARN.

    ``at_work``: the credentials are the function's own, or the container task's.
    ``newest`` are the newest available automated snapshots, by the databases' resource ids.
    ``night`` is what a backup would decide now, over every selected database, and ``said`` what it
    would report; ``only`` narrows the answers to these databases (empty: all).  ``default_key`` is
    the ARN of ``aws/rds``, None where the account has none.  ``option_groups`` are the lasting
    options by group, where any database has one of its own.  ``utc_offset`` is that of the
    schedule's time zone at this time, None where the zone is not known.
    """

    now: datetime
    settings: Settings
    statements: Statements
    caller: tuple[str, str]
    at_work: bool
    role: Role | AwsError | None
    world: World
    newest: Mapping[str, Snapshot]
    plan: Plan
    said: Said
    only: frozenset[str]
    sharing_key: SeenKey
    default_key: str | AwsError | None
    database_keys: Mapping[str, SeenKey]
    quotas: Mapping[Lane, tuple[int, int] | AwsError]
    option_groups: Mapping[str, tuple[str, ...]] | AwsError
    utc_offset: timedelta | None
    there: There

    @property
    def selected(self) -> tuple[Database, ...]:
        """The selected databases that are asked about one by one."""
        chosen = self.world.selection.databases
        return tuple(d for d in chosen if not self.only or d.identifier in self.only)

    def owned(self, lane: Lane) -> list[Owned]:
        """What bears this deployment's marker in a listing, of whichever source account."""
        listing, marker = self.world.manual[lane], self.settings.backup.marker
        snapshots = listing.snapshots if isinstance(listing, Listing) else ()
        return all_owned(snapshots, marker)

    def unread(self, kind: Kind) -> Problem | None:
        """The first reason why a family was not seen whole, in either account."""
        unlisted = (
            r.problem
            for r in self.world.selection.rejected
            if kind in self.world.unlisted and r.kind is kind
        )
        return self.world.problem(kind) or next(unlisted, None)

    @property
    def anything_unread(self) -> Problem | None:
        """The same of any family."""
        return next((p for kind in Kind if (p := self.unread(kind))), None)


def newest_by_database(world: World) -> dict[str, Snapshot]:
    """The newest automated snapshot that can be copied, by the database's resource id."""
    found: dict[str, Snapshot] = {}
    for listed in world.automated.values():
        for snapshot in listed if isinstance(listed, tuple) else ():
            available = snapshot.status is Status.AVAILABLE
            if available and snapshot.created_at and snapshot.resource_id:
                known = found.get(snapshot.resource_id, snapshot)
                found[snapshot.resource_id] = max(known, snapshot, key=_made)
    return found


def _made(snapshot: Snapshot) -> tuple[datetime | None, str]:
    return snapshot.created_at, snapshot.arn
