"""What is said of a database or a series, from what was decided on it.

Pure, and the only place where decisions become lines of a report.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from rds_backup.decide.series import SeriesView
from rds_backup.model.clock import iso
from rds_backup.model.decisions import Decision, Owned, Problem, Series, State
from rds_backup.model.inventory import Database, Kind
from rds_backup.model.settings import BackupSettings
from rds_backup.model.verified import data_at, verified
from rds_backup.report.conclusion import conclusion, unless_old

if TYPE_CHECKING:
    # Only a look has details, and only a look pays for their import.
    from rds_backup.report.detail import Detail


@dataclass(frozen=True, slots=True)
class Entry:
    """What is reported of one database; times are ISO 8601 in UTC.

    ``detail`` is what ``plan`` and ``status`` add for one that could be looked at.
    """

    database: str
    kind: Kind | None
    resource_id: str | None
    state: State
    reason: str
    source_snapshot: str | None = None
    taken_at: str | None = None
    backup: str | None = None
    age_hours: float | None = None
    backups_kept: int = 0
    detail: "Detail | None" = None

    @classmethod
    def of_problem(
        cls, name: str, kind: Kind | None, resource_id: str | None, problem: Problem
    ) -> Self:
        """An entry on something that could not be looked at, or leads to no database."""
        return cls(name, kind, resource_id, problem.state, problem.reason)

    @classmethod
    def of_series(
        cls,
        *,
        database: str,
        kind: Kind | None,
        series: Series,
        shown: Decision,
        proof: Owned | None,
        kept: int,
        now: datetime,
    ) -> Self:
        """The newest point's decision, with the newest verified backup beside it."""
        point = shown.point
        age = None
        if proof and proof.snapshot.created_at:
            earlier = min(proof.snapshot.created_at, proof.point.taken_at)
            age = round((now - earlier).total_seconds() / 3600, 2)
        return cls(
            database=database,
            kind=kind,
            resource_id=series.resource_id,
            state=shown.state,
            reason=shown.reason,
            source_snapshot=point.source_arn if point else None,
            taken_at=iso(point.taken_at) if point else None,
            backup=proof.snapshot.arn if proof else None,
            age_hours=age,
            backups_kept=kept,
        )

    def as_dict(self) -> dict[str, Any]:
        """The entry without its detail, JSON-ready."""
        found = asdict(replace(self, detail=None))
        del found["detail"]
        return {k: str(v) if isinstance(v, StrEnum) else v for k, v in found.items()}

    def in_full(self) -> dict[str, Any]:
        """The entry with its detail, JSON-ready."""
        return self.as_dict() | (self.detail.as_dict() if self.detail else {})


def of_unreadable(kind: Kind, selected: Sequence[Database], problem: Problem) -> list[Entry]:
    """Every selected database of a family that could not be read, or the family itself."""
    if not selected:
        return [Entry.of_problem(f"all {kind}s", kind, None, problem)]
    return [Entry.of_problem(d.identifier, kind, d.resource_id, problem) for d in selected]


def of_database(
    view: SeriesView,
    decisions: Sequence[Decision],
    proof: Owned | None,
    undeleted: Iterable[str],
    backup: BackupSettings,
    now: datetime,
) -> Entry | None:
    """The entry on a selected database, or on one that left while its point is under way.

    None for a series that is neither: it is ``of_unselected``'s.
    """
    if view.database is None and not decisions:
        return None
    shown = conclusion(decisions, proof, now, backup.max_age_hours)
    return _entry(view, _with(shown, undeleted), proof, backup, now)


def of_series(
    view: SeriesView,
    proof: Owned | None,
    undeleted: Iterable[str],
    backup: BackupSettings,
    now: datetime,
) -> Entry:
    """The entry on a series in ``expire``, where nobody can see the database or its snapshots."""
    if proof is None:
        shown = Decision(None, State.STALE, "nothing of the series is verified; nothing expires")
    else:
        said = f"{proof.snapshot.identifier} is verified"
        newest = Decision(proof.point, State.PROTECTED, said)
        shown = unless_old(newest, data_at(proof), now, backup.max_age_hours)
    return _entry(view, _with(shown, undeleted), proof, backup, now)


def of_unselected(
    view: SeriesView, proof: Owned | None, backup: BackupSettings, now: datetime
) -> Entry:
    """The entry on backups whose database is not selected, or does not exist any more."""
    reason = "no selected database has this resource id"
    shown = Decision(proof.point if proof else None, State.STALE, reason)
    return _entry(view, shown, proof, backup, now)


def _with(shown: Decision, undeleted: Iterable[str]) -> Decision:
    return replace(shown, reason="; ".join((shown.reason, *undeleted)))


def _entry(
    view: SeriesView, shown: Decision, proof: Owned | None, backup: BackupSettings, now: datetime
) -> Entry:
    database = view.database or (view.shared or view.backups)[0].point
    key = proof.snapshot.kms_key if proof else None
    return Entry.of_series(
        database=database.identifier if isinstance(database, Database) else database.database,
        kind=database.kind,
        series=view.series,
        shown=shown,
        proof=proof,
        kept=sum(verified(b, backup.account, key) for b in view.backups) if key else 0,
        now=now,
    )
