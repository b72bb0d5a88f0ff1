"""What of the decisions may be started now: order, limits, full accounts.

Pure.  Deletions pass untouched; nothing is added.  It must not know why anything was decided.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import NamedTuple

from rds_backup.model.decisions import CopyAutomated, Decision, HandOver, Problem, Start, State
from rds_backup.model.inventory import Kind, Lane, Side

# Shared copies beyond those that either account's places hold: what waits for the next tick.
_WAITING = 2


def lane_of(start: Start) -> Lane:
    """The lane in which the copy that a start asks for would run."""
    if isinstance(start, CopyAutomated):
        return Lane(Side.SOURCE, start.point.kind)
    return Lane(Side.BACKUP, start.shared.point.kind)


class Decided(NamedTuple):
    """The decisions on one series, and how old its protection is (None: there is none).

    ``size`` is in bytes, as far as RDS shows it: a large copy takes long.
    """

    decisions: tuple[Decision, ...]
    protected_at: datetime | None
    size: int = 0


def most_open(places: int) -> int:
    """How many shared copies of a family may be open: both accounts' places, and a few more."""
    return 2 * places + _WAITING


def opened(decisions: Iterable[Decision]) -> Counter[Kind]:
    """The open shared copies: being made, or to be handed over, or with their backup under way.

    Not the dead ones, those of which only the deletion is left, those that are stuck, blocked or
    were refused in this invocation, nor those that are left lying.
    """
    return Counter(
        d.point.kind
        for d in decisions
        if d.point and not d.waits_for and (d.copy or isinstance(d.start, HandOver))
    )


def within_limits(
    decided: Sequence[Decided],
    running: Mapping[Lane, int],
    limits: Mapping[Kind, int],
    full: Mapping[Lane, Problem],
) -> list[tuple[Decision, ...]]:
    """The same decisions in the same order, those that may not start now without their start.

    Oldest protection first; never more copies in a lane than its limit, everybody's counted
    (``running``); none at all where AWS has just said that the lane is full; and no new shared
    copy of a family beyond ``most_open``, so that a slow backup account does not fill the source
    account with them.
    """
    room = _Room(
        lanes={
            Lane(side, kind): limits[kind] - running.get(Lane(side, kind), 0)
            for side in Side
            for kind in Kind
        },
        opened=opened(one for d in decided for one in d.decisions),
    )
    screened: list[tuple[Decision, ...]] = [d.decisions for d in decided]
    for index in _in_order(decided):
        screened[index] = tuple(
            _screened(decision, room, limits, full) for decision in screened[index]
        )
    return screened


def starts_in_order(
    decided: Sequence[Decided], screened: Sequence[tuple[Decision, ...]]
) -> list[Start]:
    """Everything that may start, oldest protection first."""
    return [d.start for index in _in_order(decided) for d in screened[index] if d.start]


class _Room(NamedTuple):
    """What is left: places of each lane; and how many shared copies of a family are open."""

    lanes: dict[Lane, int]
    opened: Counter[Kind]


def turn(one: Decided) -> tuple[date, int]:
    """The oldest protection first, by UTC day; of one day the largest, which takes longest."""
    at = one.protected_at
    return at.astimezone(UTC).date() if at else date.min, -one.size


def _in_order(decided: Sequence[Decided]) -> list[int]:
    return sorted(range(len(decided)), key=lambda index: turn(decided[index]))


def _screened(
    decision: Decision,
    room: _Room,
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
    reason = None
    if room.lanes[lane] <= 0:
        reason = (
            f"queued: {limits[lane.kind]} {lane.kind} copies are in flight in the {lane.side} "
            "account, which is the limit"
        )
    elif lane.side is Side.SOURCE and room.opened[lane.kind] >= most_open(limits[lane.kind]):
        reason = (
            f"queued: {room.opened[lane.kind]} shared copies of {lane.kind}s are open, which is "
            "the limit: the backup account copies more slowly"
        )
    if reason:
        return replace(decision, state=State.QUEUED, reason=reason, start=None)
    room.lanes[lane] -= 1
    room.opened[lane.kind] += lane.side is Side.SOURCE
    return decision
