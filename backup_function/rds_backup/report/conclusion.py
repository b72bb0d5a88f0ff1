"""What to report of a database: the newest point's decision, or why there is none."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from rds_backup.decide.series import CANNOT_GO_ON
from rds_backup.model.clock import iso
from rds_backup.model.decisions import Decision, Owned, State
from rds_backup.model.verified import data_at


def conclusion(
    decisions: Sequence[Decision],
    proof: Owned | None,
    now: datetime,
    max_age_hours: int,
) -> Decision:
    """What to report of a database: its newest point's decision, or why there is none.

    ``proof`` is the newest verified backup.  Protected needs one at most ``max_age_hours`` old; a
    database whose newest data anywhere is older than that is stale, whatever is under way.
    An abandoned point is as if it had never been.
    """
    live = [d for d in decisions if d.state is not State.STALE]
    if live:
        shown = live[-1]
    elif proof is None:
        return Decision(
            None,
            State.STALE,
            "no automated snapshot and no backup",
            "turn on automated backups (BackupRetentionPeriod above 0), or wait for the first one",
        )
    else:
        reason = f"{proof.snapshot.identifier} is verified; there is no automated snapshot now"
        shown = Decision(proof.point, State.PROTECTED, reason)
    for older in live[:-1]:
        if older.point and older.state in CANNOT_GO_ON and not _tells_of(shown, older):
            when = iso(older.point.taken_at)
            remark = f"the point of {when} is {older.state}: {older.reason}"
            shown = with_remark(shown, remark, older.fix)
    newest_data = shown.point.taken_at if shown.point else None
    if proof and shown.state is State.PROTECTED:
        newest_data = data_at(proof)
    return unless_old(shown, newest_data, now, max_age_hours)


def unless_old(
    shown: Decision, newest_data: datetime | None, now: datetime, max_age_hours: int
) -> Decision:
    """The same, or ``stale`` where the newest data is more than ``max_age_hours`` old."""
    if newest_data is None or shown.state not in (
        State.PROTECTED,
        State.IN_PROGRESS,
        State.QUEUED,
    ):
        return shown
    hours = (now - newest_data).total_seconds() / 3600
    if hours <= max_age_hours:
        return shown
    reason = f"the newest data is {hours:.1f} hours old, more than {max_age_hours}"
    fix = "see whether RDS still makes automated snapshots of it"
    return with_remark(
        replace(shown, state=State.STALE, reason=reason, fix=fix), shown.reason, shown.fix
    )


def with_remark(shown: Decision, remark: str, fix: str | None = None) -> Decision:
    """The same, with one more thing to say, and what a person can do about that."""
    fixes = dict.fromkeys(f for f in (shown.fix, fix) if f)
    return replace(
        shown,
        reason=f"{shown.reason}; {remark}",
        fix="; ".join(fixes) or None,
        plain=False,
    )


def _tells_of(shown: Decision, older: Decision) -> bool:
    """Whether what is shown already says what is the matter with an older point."""
    return shown.waits_for == older.point or shown.cause == older.cause is not None
