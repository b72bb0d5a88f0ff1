"""What to report of a database: the newest point's decision, or why there is none."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from rds_backup.decide.series import CANNOT_GO_ON
from rds_backup.model.clock import iso
from rds_backup.model.decisions import Decision, Owned, State
from rds_backup.model.verified import data_at, started_at


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
    limit = timedelta(hours=max_age_hours)
    endless = _endless(shown, live, proof, now, limit)
    if endless:
        return endless
    if proof and shown.state is State.PROTECTED:
        return unless_old(shown, data_at(proof), now, max_age_hours)
    return _unless_of_old_data(shown, now, max_age_hours)


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
    fix = "check whether RDS still makes automated snapshots of it"
    return with_remark(
        replace(shown, state=State.STALE, reason=reason, fix=fix), shown.reason, shown.fix
    )


def _unless_of_old_data(shown: Decision, now: datetime, max_age_hours: int) -> Decision:
    """The same, or ``stale`` where there was only old data to copy when the copy began.

    How long a copy takes is no reason: a first backup may take 30 hours and is no alarm.
    """
    if shown.point is None:
        return shown
    began = started_at(shown.copy, now) if shown.copy else now
    return unless_old(shown, shown.point.taken_at, began, max_age_hours)


def _endless(
    shown: Decision,
    decisions: Sequence[Decision],
    proof: Owned | None,
    now: datetime,
    limit: timedelta,
) -> Decision | None:
    """What to report of a copy that has run for too long while nothing younger is verified."""
    if proof and now - data_at(proof) <= limit:
        return None
    for decision in decisions:
        if decision.copy and now - started_at(decision.copy, now) > limit:
            snapshot, since = decision.copy.snapshot, started_at(decision.copy, now)
            hours = (now - since).total_seconds() / 3600
            reason = (
                f"{snapshot.identifier} in account {snapshot.account} has been under way for "
                f"{hours:.1f} hours, since {iso(since)}, and no data of the last "
                f"{limit.total_seconds() / 3600:.0f} hours is verified"
            )
            fix = "delete it there to start again, or ask AWS Support why it does not finish"
            return Decision(shown.point, State.STALE, reason, fix, copy=decision.copy)
    return None


def with_remark(shown: Decision, remark: str, fix: str | None = None) -> Decision:
    """The same, with one more thing to say, and what a person can do about that."""
    fixes = dict.fromkeys(f for f in (shown.fix, fix) if f)
    return replace(
        shown,
        reason=f"{shown.reason}; {remark}",
        fix="; ".join(fixes) or None,
    )


def _tells_of(shown: Decision, older: Decision) -> bool:
    """Whether what is shown already says what is the matter with an older point."""
    return shown.waits_for == older.point or shown.cause == older.cause is not None
