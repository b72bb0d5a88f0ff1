"""What of the decisions may be started now: order, limits, full accounts.

Pure.  Deletions pass untouched; nothing is added.  It must not know why anything was decided.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from rds_backup.model.decisions import CopyAutomated, Decision, Problem, Start, State
from rds_backup.model.inventory import Kind, Lane, Side

_NEVER = datetime.min.replace(tzinfo=UTC)


def lane_of(start: Start) -> Lane:
    """The lane in which the copy that a start asks for would run."""
    if isinstance(start, CopyAutomated):
        return Lane(Side.SOURCE, start.point.kind)
    return Lane(Side.BACKUP, start.shared.point.kind)


class Decided(NamedTuple):
    """The decisions on one series, and how old its protection is (None: there is none)."""

    decisions: tuple[Decision, ...]
    protected_at: datetime | None


def within_limits(
    decided: Sequence[Decided],
    running: Mapping[Lane, int],
    limits: Mapping[Kind, int],
    full: Mapping[Lane, Problem],
) -> list[tuple[Decision, ...]]:
    """The same decisions in the same order, those that may not start now without their start.

    Oldest protection first; never more copies in a lane than its limit, everybody's counted
    (``running``); and none at all where AWS has just said that the lane is full.
    """
    room = {
        Lane(side, kind): limits[kind] - running.get(Lane(side, kind), 0)
        for side in Side
        for kind in Kind
    }
    screened: list[tuple[Decision, ...]] = [d.decisions for d in decided]
    by_age = sorted(range(len(decided)), key=lambda i: (decided[i].protected_at or _NEVER, i))
    for index in by_age:
        screened[index] = tuple(
            _screened(decision, room, limits, full) for decision in screened[index]
        )
    return screened


def starts_in_order(
    decided: Sequence[Decided], screened: Sequence[tuple[Decision, ...]]
) -> list[Start]:
    """Everything that may start, oldest protection first."""
    by_age = sorted(range(len(decided)), key=lambda i: (decided[i].protected_at or _NEVER, i))
    return [d.start for index in by_age for d in screened[index] if d.start]


def _screened(
    decision: Decision,
    room: dict[Lane, int],
    limits: Mapping[Kind, int],
    full: Mapping[Lane, Problem],
) -> Decision:
    if decision.start is None:
        return decision
    lane = lane_of(decision.start)
    if lane in full:
        why = full[lane]
        return replace(
            decision, state=why.state, reason=why.reason, fix=why.fix, start=None, cause=why
        )
    if room[lane] <= 0:
        reason = (
            f"queued: {limits[lane.kind]} {lane.kind} copies are in flight in the {lane.side} "
            "account, which is the limit"
        )
        return replace(decision, state=State.QUEUED, reason=reason, start=None)
    room[lane] -= 1
    return decision
