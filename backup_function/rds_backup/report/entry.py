"""What is said of a database or a series, from what was decided on it.

Pure, and the only place where decisions become lines of a report.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from rds_backup.decide.series import SeriesView, conclusion, data_at, unless_old
from rds_backup.inputs.environment import BackupSettings
from rds_backup.model.decisions import Database, Decision, Kind, Owned, Problem, State
from rds_backup.model.identity import verified
from rds_backup.report.result import Entry


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
