"""The attempts at the two stages of a point: their numbers, their names, and which is alive."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from rds_backup.model.decisions import (
    DeleteShared,
    Owned,
    Point,
    Problem,
)
from rds_backup.model.identity import identifier
from rds_backup.model.inventory import Database, Snapshot, Status
from rds_backup.model.verified import Vault, under


class Terms(NamedTuple):
    """What the decisions rest on besides the snapshots; the same for every series of a pass.

    ``sharing_key`` is a key ARN; without the backup key, which is the vault's, nothing is decided.
    """

    prefix: str
    vault: Vault
    max_attempts: int
    sharing_key: str | Problem


@dataclass(frozen=True, slots=True)
class PointView:
    """One point: the attempts at its two stages, and what it could still be made from.

    ``database`` is None where it has left the configuration, ``automated`` where the snapshot is
    gone.  ``taken`` holds the identifiers in either account that are not ours.  ``refusal`` is what
    AWS refused for this database in this very invocation.  ``newest`` is the series' verified
    backup with the newest data; ``keeps_base`` says that the shared copy of that one stays.
    """

    point: Point
    database: Database | None
    automated: Snapshot | None
    shared: tuple[Owned, ...]
    backups: tuple[Owned, ...]
    taken: frozenset[str]
    refusal: Problem | None = None
    newest: Owned | None = None
    keeps_base: bool = False

    @property
    def ended(self) -> bool:
        """Whether nothing new can be made of it: a shared copy is all that there may be."""
        return self.database is None or self.automated is None


def without_rivals(
    view: PointView, terms: Terms, why: str, shared: Iterable[Owned] | None = None
) -> tuple[DeleteShared, ...]:
    """The deletions of a point's shared copies, or of some of them, while no copy is alive."""
    last = next_attempt(view.backups)
    rivals = tuple(identifier(terms.prefix, view.point, n) for n in range(1, last + 1))
    return tuple(
        DeleteShared(s, why, rivals=rivals)
        for s in (view.shared if shared is None else shared)
        if s.snapshot.status in (Status.AVAILABLE, Status.DEAD)
    )


def base_of(view: PointView, terms: Terms) -> Owned | None:
    """The last shared copy that was completed under KMS_KEY_ID, as far as that key is known."""
    key = terms.sharing_key
    fit = [
        s
        for s in view.shared
        if s.snapshot.status is Status.AVAILABLE
        and (isinstance(key, Problem) or under(s.snapshot, key))
    ]
    return max(fit, key=lambda s: s.attempt, default=None)


def taken_name(view: PointView, terms: Terms) -> str | None:
    """The first name of the point, used or next to be used, that something not ours bears."""
    last = min(next_attempt((*view.shared, *view.backups)), terms.max_attempts)
    names = (identifier(terms.prefix, view.point, n) for n in range(1, last + 1))
    return next((name for name in names if name in view.taken), None)


def next_attempt(attempts: Iterable[Owned]) -> int:
    """One more than the highest number seen, whatever became of it."""
    return max((a.attempt for a in attempts), default=0) + 1


def first(attempts: Iterable[Owned], *statuses: Status) -> Owned | None:
    """The first attempt with the first of these statuses that any has."""
    return next((a for s in statuses for a in attempts if a.snapshot.status is s), None)
