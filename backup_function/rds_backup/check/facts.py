"""What ``check`` has read in both accounts, before anything is concluded from it.

Values only; an AwsError stands for whatever AWS did not tell, None for what was not asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from rds_backup.check.statements import Statements
from rds_backup.errors import AwsError
from rds_backup.model import Database, Key, Lane, Role, Side, Snapshot
from rds_backup.night import Night
from rds_backup.settings import Settings
from rds_backup.world import World

SOURCE, BACKUP = "source account", "backup account"
WHOSE = {Side.SOURCE: SOURCE, Side.BACKUP: BACKUP}


@dataclass(frozen=True, slots=True)
class SeenKey:
    """A key as its own account's role reads it; ``policy`` is JSON."""

    key: Key | AwsError
    policy: str | AwsError


@dataclass(frozen=True, slots=True)
class There:
    """What the role in the backup account has read there."""

    caller: tuple[str, str] | AwsError
    role: Role | AwsError | None = None
    key: SeenKey | None = None
    sharing_key: Key | AwsError | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything read; ``caller`` is an account and an ARN.

    ``night`` is what a backup would decide now, over every selected database; ``only`` narrows the
    answers to these databases (empty: all).  ``default_key`` is the ARN of ``aws/rds``, None where
    the account has none.  ``option_groups`` are the lasting options by group.  ``utc_offset`` is
    that of the schedule's time zone at this time, None where the zone is not known.
    """

    now: datetime
    settings: Settings
    statements: Statements
    caller: tuple[str, str]
    role: Role | AwsError | None
    world: World
    night: Night
    only: frozenset[str]
    sharing_key: SeenKey
    default_key: str | AwsError | None
    database_keys: Mapping[str, SeenKey]
    quotas: Mapping[Lane, tuple[int, int] | AwsError]
    option_groups: Mapping[str, tuple[str, ...]] | AwsError | None
    utc_offset: timedelta | None
    there: There

    @property
    def selected(self) -> tuple[Database, ...]:
        """The selected databases that are asked about one by one."""
        chosen = self.world.selection.databases
        return tuple(d for d in chosen if not self.only or d.identifier in self.only)

    def newest(self, database: Database) -> Snapshot | None:
        """The newest automated snapshot of a database that has a time, as far as listed."""
        listed = self.world.automated.get(database.kind, ())
        if not isinstance(listed, tuple):
            return None
        mine = [s for s in listed if s.resource_id == database.resource_id]
        dated = [(s.created_at, s.arn, s) for s in mine if s.created_at]
        return max(dated, key=lambda d: d[:2])[2] if dated else None
