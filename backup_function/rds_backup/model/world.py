"""What was seen, and what this invocation has learned since: the input of every decision.

``World`` is what the listings said.  ``Learned`` lives for one invocation only, and holds nothing
that is needed by the next one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from rds_backup.model.decisions import Problem, Series
from rds_backup.model.inventory import Database, Kind, Lane, Listing, Side, Snapshot


class Rejected(NamedTuple):
    """A name or a selector that leads to no backup, and why."""

    name: str
    kind: Kind | None
    problem: Problem


class Selection(NamedTuple):
    """The chosen databases, in order of kind and name, and what was rejected."""

    databases: tuple[Database, ...]
    rejected: tuple[Rejected, ...]


class World(NamedTuple):
    """Both accounts as listed; a Problem stands for whatever could not be read completely.

    ``unlisted`` are the families selected from whose databases could not be listed.  A lane that
    is not in ``manual`` was not looked at.
    """

    selection: Selection
    unlisted: frozenset[Kind]
    automated: Mapping[Kind, tuple[Snapshot, ...] | Problem]
    manual: Mapping[Lane, Listing | Problem]
    sharing_key: str | Problem
    backup_key: str | Problem

    def chosen(self, only: frozenset[str]) -> tuple[Database, ...]:
        """The selected databases, or those of them that have one of these identifiers."""
        selected = self.selection.databases
        return tuple(d for d in selected if not only or d.identifier in only)

    def whole(self, kind: Kind) -> bool:
        """Whether the family was looked at as a whole, and not only by names or not at all."""
        listed = self.manual.get(Lane(Side.BACKUP, kind))
        return listed is not None and (isinstance(listed, Problem) or listed.names is None)

    def problem(self, kind: Kind) -> Problem | None:
        """The first reason why nothing may be decided for this family."""
        seen = (
            *(self.manual.get(Lane(side, kind)) for side in Side),
            self.automated.get(kind),
            self.backup_key,
        )
        return next((s for s in seen if isinstance(s, Problem)), None)


class Undeleted(NamedTuple):
    """A deletion that was refused, and the words; ``database`` is whose snapshot it was of."""

    database: str
    words: str


@dataclass(slots=True)
class Learned:
    """What the calls of this invocation taught.

    ``refusals``: no further copy or share for these databases in this invocation.  ``full``: lanes
    that AWS said take no more copies.  ``started`` and ``gone``: copies made and snapshots deleted
    that a listing may not show, or still show.  ``crowded``: those of the full lanes in which no
    place for one more manual snapshot is left.  ``undeleted``: the
    deletions that were refused, by identifier.  ``relist`` and ``reselect``: what
    has to be looked at again.  ``most``: how many manual snapshots a lane
    may have.
    """

    refusals: dict[Series, Problem] = field(default_factory=dict)
    full: dict[Lane, Problem] = field(default_factory=dict)
    started: dict[Lane, dict[str, Snapshot]] = field(default_factory=dict)
    gone: dict[Lane, set[str]] = field(default_factory=dict)
    crowded: set[Lane] = field(default_factory=set)
    looked: set[Series] = field(default_factory=set)
    undeleted: dict[Series, dict[str, Undeleted]] = field(default_factory=dict)
    relist: set[Lane] = field(default_factory=set)
    reselect: set[Kind] = field(default_factory=set)
    most: dict[Lane, int] = field(default_factory=dict)
    done: list[dict[str, str]] = field(default_factory=list)

    @property
    def refused(self) -> int:
        """How much was refused."""
        undeleted = sum(len(names) for names in self.undeleted.values())
        return len(self.refusals) + len(self.full) + undeleted

    def snapshots(self, lane: Lane, listing: Listing) -> tuple[Snapshot, ...]:
        """The listing, with what this invocation has changed since."""
        gone = self.gone.get(lane, set())
        there = {s.identifier: s for s in listing.snapshots} | self.started.get(lane, {})
        return tuple(s for s in there.values() if s.identifier not in gone)

    def listed(self, lane: Lane, listing: Listing) -> None:
        """A fresh listing: what it shows of the copies made says more than their own answers."""
        shown = {s.identifier for s in listing.snapshots}
        made = self.started.get(lane, {})
        self.started[lane] = {name: s for name, s in made.items() if name not in shown}
