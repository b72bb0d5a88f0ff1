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
            "no automated snapshot and no backup; turn on automated backups "
            "(BackupRetentionPeriod above 0), or wait for the first one",
        )
    else:
        reason = f"{proof.snapshot.identifier} is verified; there is no automated snapshot now"
        shown = Decision(proof.point, State.PROTECTED, reason)
    older = [
        f"the point of {iso(d.point.taken_at)} is {d.state}: {d.reason}"
        for d in live[:-1]
        if d.point and d.state in CANNOT_GO_ON and d.reason not in shown.reason
    ]
    shown = replace(shown, reason="; ".join((shown.reason, *older)))
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
    reason = (
        f"the newest data is {hours:.1f} hours old, more than {max_age_hours}; see whether RDS "
        f"still makes automated snapshots of it; {shown.reason}"
    )
    return replace(shown, state=State.STALE, reason=reason)
