"""The points of one database in order: what is under way first, then the newest.

A point under way is finished before a newer one of its series starts, else a large database would
never finish; it gives way when it cannot go on.  Pure, like ``point``.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from rds_backup.decide.attempts import PointView, Terms, taken_name, without_rivals
from rds_backup.decide.point import decide
from rds_backup.model.clock import iso
from rds_backup.model.decisions import Decision, Owned, Point, Problem, Series, State
from rds_backup.model.identity import point_of
from rds_backup.model.inventory import Database, Snapshot, Status
from rds_backup.model.verified import data_at, verified

CANNOT_GO_ON = (State.STUCK, State.BLOCKED, State.UNSUPPORTED)


@dataclass(frozen=True, slots=True)
class SeriesView:
    """Everything known of one database, from complete listings; see ``attempts.PointView``.

    ``keeps_base``: the shared copy of its newest verified backup is what the next copy rests on.
    """

    series: Series
    database: Database | None
    automated: tuple[Snapshot, ...]
    shared: tuple[Owned, ...]
    backups: tuple[Owned, ...]
    taken: frozenset[str]
    refusal: Problem | None = None
    keeps_base: bool = False


def plan_series(view: SeriesView, terms: Terms) -> tuple[Decision, ...]:
    """The decisions on every point of a series that is due or under way, oldest first.

    The last is the newest point's: the one to report.  Empty where nothing is due, nothing under
    way, and no automated snapshot there.
    """
    proof = newest_verified(view, terms)
    newest = _newest(view, proof)
    older = sorted(
        (
            f
            for f in _under_way(view, proof)
            if newest is None or f.point.source_arn != newest.point.source_arn
        ),
        key=lambda f: (f.point.taken_at, f.point.source_arn),
    )
    begun = _latest_begun(view)
    decisions = [_older(f, terms, newest, proof, begun) for f in older]
    if newest is None:
        none_now = "; there is no automated snapshot now" if view.database else ""
        return tuple(replace(d, reason=d.reason + none_now) if d.base else d for d in decisions)
    decision = decide(newest, terms)
    busy = next((d for d in decisions if d.holds), None)
    if busy and busy.point and decision.start:
        when = iso(busy.point.taken_at)
        reason = f"waits for the point of {when}, which is under way: {busy.reason}"
        decision = Decision(
            newest.point,
            State.IN_PROGRESS,
            reason,
            busy.fix,
            waits_for=busy.point,
            copy=busy.copy,
        )
    # A point under way may be newer than every automated snapshot that is left.
    later = sum(f.point.taken_at <= newest.point.taken_at for f in older)
    return (*decisions[:later], decision, *decisions[later:])


def newest_verified(view: SeriesView, terms: Terms) -> Owned | None:
    """The verified backup with the newest data, by ``data_at``."""
    sound = (b for b in view.backups if verified(b, terms.vault))
    return max(sound, key=lambda b: (data_at(b), b.snapshot.identifier), default=None)


def _older(
    view: PointView,
    terms: Terms,
    newest: PointView | None,
    proof: Owned | None,
    begun: datetime,
) -> Decision:
    """The decision on an older point, which gives way to a newer one if it cannot go on.

    One that has given way does not begin again: its shared copy may be there only since nobody
    could delete it, and ``begun`` is the newest point of which anything has been made.

    One that newer verified data has passed is abandoned: an invocation with an old view may have
    begun it, and its backup, the latest made, would cost a newer one its place among those kept.
    """
    decision = decide(view, terms)
    if proof and data_at(proof) > view.point.taken_at and _abandonable(decision, view, terms):
        reason = f"{proof.snapshot.identifier} is verified, and newer"
        busy = any(s.snapshot.status is Status.RUNNING for s in view.shared)
        deletes = without_rivals(view, terms, reason)
        return Decision(view.point, State.STALE, reason, deletes=deletes, holds=busy)
    if decision.start and begun > view.point.taken_at and view.shared:
        reason = "gives way to a newer point, which has started"
        deletes = without_rivals(view, terms, "its point gives way to a newer one")
        return Decision(view.point, State.STALE, reason, deletes=deletes)
    if newest is None or newest.point.taken_at <= view.point.taken_at or decision.holds:
        return decision
    if decision.state in CANNOT_GO_ON and not taken_name(view, terms):
        reason = f"gives way to a newer automated snapshot: {decision.reason}"
        deletes = without_rivals(view, terms, "its point gives way to a newer one")
        return replace(decision, reason=reason, deletes=deletes, cause=None)
    return decision


def _latest_begun(view: SeriesView) -> datetime:
    """Of the points of which there is an attempt in either account, the newest one's time."""
    return max(
        (o.point.taken_at for o in (*view.shared, *view.backups)),
        default=datetime.min.replace(tzinfo=UTC),
    )


def _abandonable(decision: Decision, view: PointView, terms: Terms) -> bool:
    """Whether there is no backup of the point, and none is being made."""
    alive = any(b.snapshot.status is Status.RUNNING for b in view.backups)
    return decision.state is not State.PROTECTED and not alive and not taken_name(view, terms)


def _under_way(view: SeriesView, proof: Owned | None) -> list[PointView]:
    """Every point with a shared copy or a running backup."""
    points = {s.point.source_arn: s.point for s in view.shared}
    points |= {
        b.point.source_arn: b.point for b in view.backups if b.snapshot.status is Status.RUNNING
    }
    return [_point_view(point, view, proof) for point in points.values()]


def _newest(view: SeriesView, proof: Owned | None) -> PointView | None:
    """The point of the newest available automated snapshot of a selected database."""
    dated = [
        (s.created_at, s.arn, s)
        for s in view.automated
        if s.created_at is not None and s.status is Status.AVAILABLE
    ]
    if not dated or view.database is None:
        return None
    created_at, _, automated = max(dated, key=lambda item: item[:2])
    return _point_view(point_of(automated, view.series, created_at), view, proof)


def _point_view(point: Point, view: SeriesView, proof: Owned | None) -> PointView:
    arn = point.source_arn
    automated = (s for s in view.automated if s.arn == arn and s.status is Status.AVAILABLE)
    return PointView(
        point,
        view.database,
        next(automated, None),
        tuple(s for s in view.shared if s.point.source_arn == arn),
        tuple(b for b in view.backups if b.point.source_arn == arn),
        view.taken,
        view.refusal,
        proof,
        view.keeps_base,
    )
