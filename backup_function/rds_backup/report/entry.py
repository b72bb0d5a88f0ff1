"""What is said of a database or a series, from what was decided on it.

Pure, and the only place where decisions become lines of a report.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from rds_backup.decide.plan import Subject
from rds_backup.model.clock import iso
from rds_backup.model.decisions import Decision, Owned, Problem, State, told
from rds_backup.model.inventory import Database, Kind
from rds_backup.model.settings import BackupSettings
from rds_backup.model.verified import data_at, misdated, started_at, verified
from rds_backup.report.conclusion import conclusion, unless_old, with_remark

if TYPE_CHECKING:
    # Only a look has details, and only a look pays for their import.
    from rds_backup.report.detail import Detail

# What printers and the log know beside the result object.
_NOT_IN_JSON = ("detail", "percent", "since", "news")


@dataclass(frozen=True, slots=True)
class Entry:
    """What is reported of one database; times are ISO 8601 in UTC.

    ``fix`` is what a person can do about it.  ``detail`` is what ``plan`` and ``status`` add for
    one that could be looked at.  ``percent`` and ``since`` are of the copy under way that the
    reason tells of; ``news`` says that it tells what this invocation met, and no later one may say
    again.
    """

    database: str
    kind: Kind | None
    resource_id: str | None
    state: State
    reason: str
    fix: str | None = None
    source_snapshot: str | None = None
    taken_at: str | None = None
    backup: str | None = None
    age_hours: float | None = None
    backups_kept: int | None = 0
    detail: "Detail | None" = None
    percent: int | None = None
    since: str | None = None
    news: bool = False

    @property
    def place(self) -> str:
        """Its place among all: an instance, a cluster and a former one may share a name."""
        return f"{self.database} {self.resource_id or ''}".rstrip()

    @property
    def cause(self) -> dict[str, str | None]:
        """What it has in common with those that are bad for the same reason."""
        return {"state": str(self.state), "reason": self.reason, "fix": self.fix}

    @property
    def told(self) -> str:
        """The reason, then the fix."""
        return told(self.reason, self.fix)

    def as_dict(self) -> dict[str, Any]:
        """The entry without its detail, JSON-ready."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in _NOT_IN_JSON}
        return {k: str(v) if isinstance(v, StrEnum) else v for k, v in values.items()}

    def as_log(self) -> dict[str, Any]:
        """The entry as a log line carries it: one sentence, the reason and then the fix."""
        line = self.as_dict() | {"reason": self.told}
        del line["fix"]
        return line

    def in_full(self) -> dict[str, Any]:
        """The entry with its detail, JSON-ready."""
        return self.as_dict() | (self.detail.as_dict() if self.detail else {})


def of_problem(name: str, kind: Kind | None, resource_id: str | None, problem: Problem) -> Entry:
    """The entry on something that could not be looked at, or leads to no database."""
    return Entry(name, kind, resource_id, problem.state, problem.reason, problem.fix)


def of_unreadable(kind: Kind, selected: Sequence[Database], problem: Problem) -> list[Entry]:
    """Every selected database of a family that could not be read, or the family itself."""
    if not selected:
        return [of_problem(f"all {kind}s", kind, None, problem)]
    return [of_problem(d.identifier, kind, d.resource_id, problem) for d in selected]


def of_database(
    subject: Subject, remarks: Iterable[str], backup: BackupSettings, now: datetime
) -> Entry | None:
    """The entry on a selected database, or on one that left while its point is under way.

    None for a series that is neither, or can go no further: it is ``of_unselected``'s.
    """
    decisions, proof = subject.decisions, subject.proof
    shown = None
    if subject.by_names:
        shown = _on_names(subject, backup, now)
    elif subject.view.database is not None or any(d.state is not State.STALE for d in decisions):
        shown = conclusion(decisions, proof, now, backup.max_age_hours)
    return _remarked(subject, shown, remarks, backup, now) if shown else None


def _on_names(subject: Subject, backup: BackupSettings, now: datetime) -> Decision | None:
    """What a tick can say that has read names only; not whether a copy is endless.

    Where nothing is decided any more, the shared copy of a verified backup has just been deleted.
    """
    proof = subject.proof
    if proof is None:
        return subject.decisions[-1] if subject.decisions else None
    shown = subject.decisions[-1] if subject.decisions else _is_verified(proof)
    protected = shown.state is State.PROTECTED
    return unless_old(shown, data_at(proof), now, backup.max_age_hours) if protected else shown


def of_series(
    subject: Subject, remarks: Iterable[str], backup: BackupSettings, now: datetime
) -> Entry:
    """The entry on a series in ``expire``, where nobody can see the database or its snapshots."""
    proof = subject.proof
    if proof is None:
        shown = Decision(None, State.STALE, "the series has no verified backup; nothing expires")
    else:
        shown = unless_old(_is_verified(proof), data_at(proof), now, backup.max_age_hours)
    return _remarked(subject, shown, remarks, backup, now)


def of_unselected(subject: Subject, backup: BackupSettings, now: datetime) -> Entry:
    """The entry on backups whose database is not selected, or does not exist any more."""
    point = subject.proof.point if subject.proof else None
    reason = "no selected database has this resource id"
    return _entry(subject, Decision(point, State.STALE, reason), backup, now)


def _is_verified(proof: Owned) -> Decision:
    said = f"{proof.snapshot.identifier} is verified"
    return Decision(proof.point, State.PROTECTED, said)


def _remarked(
    subject: Subject,
    shown: Decision,
    remarks: Iterable[str],
    backup: BackupSettings,
    now: datetime,
) -> Entry:
    odd = misdated(subject.proof) if subject.proof else None
    if odd:
        shown = with_remark(shown, odd, "find out in CloudTrail who made that backup")
    bare = shown
    for remark in remarks:
        shown = with_remark(shown, remark)
    return replace(_entry(subject, shown, backup, now), news=shown is not bare)


def _entry(subject: Subject, shown: Decision, backup: BackupSettings, now: datetime) -> Entry:
    """What is shown of a series, with its newest verified backup beside it."""
    view, proof, point = subject.view, subject.proof, shown.point
    named = view.database or (view.shared or view.backups)[0].point
    key = proof.snapshot.kms_key if proof else None
    age = (now - data_at(proof)).total_seconds() / 3600 if proof else None
    kept = sum(verified(b, backup.vault(key)) for b in view.backups) if key else 0
    return Entry(
        database=named.identifier if isinstance(named, Database) else named.database,
        kind=named.kind,
        resource_id=view.series.resource_id,
        state=shown.state,
        reason=shown.reason,
        fix=shown.fix,
        source_snapshot=point.source_arn if point else None,
        taken_at=iso(point.taken_at) if point else None,
        backup=proof.snapshot.arn if proof else None,
        age_hours=None if age is None else round(age, 2),
        backups_kept=None if subject.by_names else kept,
        percent=shown.copy.snapshot.percent if shown.copy else None,
        since=iso(started_at(shown.copy, now)) if shown.copy else None,
    )
