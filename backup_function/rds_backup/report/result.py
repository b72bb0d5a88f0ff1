"""The report of one invocation, as data; JSON, text and metric values are printers of it.

This module decides the outcome and nothing else.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import partial
from itertools import batched
from typing import TYPE_CHECKING, Any

from rds_backup.model.decisions import BAD, WAITING, State

if TYPE_CHECKING:
    # Only a look has details, and only a look pays for their import.
    from rds_backup.decide.turns import Round
    from rds_backup.report.detail import Fleet, Setting
from rds_backup.model.world import Undeleted
from rds_backup.report.bounded import MAX_RESULT_BYTES, Item, bounded, fitting
from rds_backup.report.entry import Entry
from rds_backup.report.gauges import Gauges

MAX_MESSAGE_BYTES = 2048
# So that a line has less than the 256 KB that CloudWatch Logs has always taken.
_ACTIONS_A_LINE = 100


class Outcome(StrEnum):
    """What an invocation came to."""

    FAILED = "failed"
    PARTIALLY_FAILED = "partially_failed"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    NOTHING_TO_DO = "nothing_to_do"


class BackupFailedError(Exception):
    """Raised once, after everything is out: the outcome, and a line for each bad database."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything to say about one invocation.

    ``tolerated`` are states that do not count as bad here; ``undeleted`` are the deletions that
    were refused.  ``unfinished`` says that the time ended before everything decided was done,
    ``late`` in words that reading alone took it.
    ``idle`` is a tick that found nothing under way, and looked no further; ``by_names`` one that
    read of a family no more than what it waited for: it gives no metrics.  ``setting`` is there
    for ``plan`` and ``status``, and so is ``fleet``; ``drills`` for the backup account's own
    ``status``; ``action`` is what was asked for.
    """

    actions: tuple[Mapping[str, str], ...]
    databases: tuple[Entry, ...]
    undeleted: tuple[Undeleted, ...] = ()
    tolerated: frozenset[State] = frozenset()
    unselected: tuple[Entry, ...] = ()
    unfinished: bool = False
    idle: bool = False
    by_names: bool = False
    late: str | None = None
    gauges: Gauges = field(default_factory=Gauges)
    setting: "Setting | None" = None
    fleet: "Fleet | None" = None
    drills: "Round | None" = None
    action: str = ""

    @property
    def bad(self) -> tuple[Entry, ...]:
        """The databases that a person should look at."""
        return tuple(e for e in self.databases if e.state in BAD - self.tolerated)

    @property
    def outcome(self) -> Outcome:
        """Every database bad, any bad or a refused deletion, under way, done, nothing."""
        if self.bad and len(self.bad) == len(self.databases):
            return Outcome.FAILED
        if self.bad or self.undeleted or self.late:
            return Outcome.PARTIALLY_FAILED
        waiting = any(e.state in WAITING for e in self.databases)
        if waiting or self.unfinished:
            return Outcome.IN_PROGRESS
        return Outcome.COMPLETED if self.actions else Outcome.NOTHING_TO_DO

    def as_dict(self, after: str | None = None, most: float = MAX_RESULT_BYTES) -> dict[str, Any]:
        """The result object, JSON-ready: a page of it, of at most ``most`` bytes."""
        head: dict[str, Any] = {"action": str(self.action), "outcome": str(self.outcome)}
        if self.late:
            head["late"] = self.late
        if self.setting:
            head["setting"] = self.setting.as_dict()
        if self.fleet:
            head["fleet"] = asdict(self.fleet)
        if self.drills:
            head["drills"] = asdict(self.drills)
        return bounded(head, ("actions", "databases"), self._items(), after, most)

    def _items(self) -> Iterator[Item]:
        """Every entry and every action: those of one database have one name."""
        for entry in self.databases:
            cause = entry.cause if entry.state in BAD - self.tolerated else None
            yield Item("databases", entry.place, entry.state, entry.in_full, cause, entry.database)
        for entry in self.unselected:
            yield Item("unselected_series", entry.place, entry.state, entry.in_full)
        for action in self.actions:
            place = f"{action['database']} {action['resource_id']}"
            yield Item("actions", place, action["action"], partial(dict, action))

    def log_lines(
        self, counts: Mapping[str, Any], *, everyone: bool, tick: bool
    ) -> Iterator[tuple[bool, str, Mapping[str, Any]]]:
        """Each line of the log: whether it is an error, its message and its keys.

        A database has one where a person has something to do or to know, or for ``everyone``; in a
        ``tick`` only for what this invocation did.  Then the run itself, with every action.
        """
        bad = BAD - self.tolerated
        for entry in self.databases:
            if everyone or entry.news or (not tick and (entry.fix or entry.state in BAD)):
                keys = fitting(entry.as_log(), MAX_RESULT_BYTES / 2)
                yield entry.state in bad, f"{entry.database}: {entry.state}", keys
        outcome = str(self.outcome)
        for actions in list(batched(self.actions, _ACTIONS_A_LINE, strict=False)) or [()]:
            yield False, outcome, {"outcome": outcome, "counts": counts, "actions": actions}

    def metrics(self) -> dict[str, float]:
        """The metric values of a full look, by name; hours where the name says so, else counts."""
        if self.by_names:
            return {}
        states = [e.state for e in self.databases]
        gauges = self.gauges
        values = {
            "DatabasesProtected": states.count(State.PROTECTED),
            "DatabasesInProgress": states.count(State.IN_PROGRESS) + states.count(State.QUEUED),
            "DatabasesBad": len(self.bad),
            "BackupsExpired": sum(action["action"] == "expire" for action in self.actions),
            "OldestBackupAgeHours": gauges.oldest_backup_hours,
            "CopiesInFlight": gauges.copies_in_flight,
            "SharedCopiesOpen": gauges.shared_copies,
            "OldestSharedCopyHours": gauges.oldest_shared_copy_hours,
            "SeriesNotSelected": gauges.series_not_selected,
            "BackupKeyUsable": gauges.backup_key_usable,
            "Series": gauges.series,
            "SeriesRetired": gauges.series_retired,
            "MostBackupsOfOneDay": gauges.most_backups_of_one_day,
            "PlacesUsedPercent": gauges.places_used_percent,
            "MostBackupsOfOneAccount": gauges.most_backups_of_one_account,
        }
        return {name: float(value) for name, value in values.items() if value is not None}

    def raise_if_bad(self) -> None:
        """Raise BackupFailedError if a person should look; its message is at most 2 KB."""
        if self.outcome not in (Outcome.FAILED, Outcome.PARTIALLY_FAILED):
            return
        lines = [self.late] if self.late else []
        lines += [f"{e.database}: {e.state}: {e.told}" for e in self.bad]
        told = {e.database for e in self.bad}
        lines += [f"{u.database}: {u.words}" for u in self.undeleted if u.database not in told]
        raise BackupFailedError(_fitting(str(self.outcome), lines))


def _fitting(head: str, lines: Sequence[str]) -> str:
    """All lines, each cut to its share where together they would be too long."""
    room = MAX_MESSAGE_BYTES - len(head) - len("\nand 000000 more")
    share = max(80, room // max(1, len(lines)) - 1)
    text, shown = head, 0
    for line in lines:
        cut = (
            line
            if len(line.encode()) <= share
            else line.encode()[: share - 3].decode(errors="ignore") + "..."
        )
        if len(text.encode()) + len(cut.encode()) + 1 > room + len(head):
            break
        text, shown = f"{text}\n{cut}", shown + 1
    rest = len(lines) - shown
    return f"{text}\nand {rest} more" if rest else text
