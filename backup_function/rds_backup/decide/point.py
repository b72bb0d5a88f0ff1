"""One point, one decision, one reason: docs/explained/decision-table.md, first match wins.

Pure: which points a series has is the business of ``series``, what may start now of ``limits``.
The calls are made in ``apply``.
"""

from rds_backup.decide.attempts import (
    PointView,
    Terms,
    base_of,
    first,
    next_attempt,
    taken_name,
    without_rivals,
)
from rds_backup.model.decisions import (
    CopyAutomated,
    Decision,
    DeleteShared,
    HandOver,
    Owned,
    Point,
    Problem,
    State,
)
from rds_backup.model.identity import KMS_KEY, STARTED_AT
from rds_backup.model.inventory import Database, Snapshot, Status
from rds_backup.model.verified import contradiction, data_at, under, verified


def decide(view: PointView, terms: Terms) -> Decision:
    """The first row of the decision table that fits the point."""
    point = view.point
    proof = next((b for b in view.backups if verified(b, terms.vault)), None)
    taken = taken_name(view, terms)
    if taken:
        reason = f"the name {taken} is taken by a snapshot that is not ours"
        return Decision(point, State.BLOCKED, reason, "delete or rename it")
    if proof:
        return _verified(view, proof, terms)
    alive = first(view.backups, Status.RUNNING, Status.GOING)
    if alive:
        return _under_way(point, "copying into the backup account", alive)
    if next_attempt(view.backups) > terms.max_attempts:
        hopeless = view.ended and all(s.snapshot.status is Status.DEAD for s in view.shared)
        return _leftover(view, terms) if hopeless else _backup_attempts_used(view, terms)
    if isinstance(terms.sharing_key, Problem):
        return Decision.of_problem(point, terms.sharing_key, holds=True)
    return _shared_stage(view, terms.sharing_key, terms)


def _shared_stage(view: PointView, key: str, terms: Terms) -> Decision:
    """The rows that need the shared copy: there is no backup yet, and none under way."""
    point = view.point
    available = [s for s in view.shared if s.snapshot.status is Status.AVAILABLE]
    ready = next((s for s in available if under(s.snapshot, key)), None)
    if ready:
        reason = "the shared copy exists; it will be shared, and copied into the backup account"
        start = HandOver(ready, next_attempt(view.backups))
        return _unless_refused(
            view, Decision(point, State.IN_PROGRESS, reason, start=start, holds=True)
        )
    alive = first(view.shared, Status.RUNNING, Status.GOING)
    if alive:
        return _under_way(point, "copying under the sharing key", alive)
    if view.database is None or view.automated is None:
        return _leftover(view, terms)
    names = ", ".join(s.snapshot.identifier for s in view.shared)
    ignored = next((s for s in available if s.snapshot.tags.get(KMS_KEY) == key), None)
    if ignored:
        return _key_ignored(point, ignored.snapshot, key)
    attempt = next_attempt(view.shared)
    if attempt > terms.max_attempts:
        return Decision(
            point,
            State.STUCK,
            f"{len(view.shared)} copies of the automated snapshot failed, or are not under "
            f"KMS_KEY_ID ({names})",
            "look in CloudTrail for KMS AccessDenied; raise MAX_ATTEMPTS to try again, or wait for "
            "the next automated snapshot",
        )
    return _copy_automated(view, view.database, view.automated, attempt)


def _copy_automated(
    view: PointView, database: Database, automated: Snapshot, attempt: int
) -> Decision:
    point = view.point
    reason = "the newest automated snapshot has no backup; it will be copied under the sharing key"
    start = CopyAutomated(point, attempt, database, automated.encryption)
    holds = bool(view.shared)
    return _unless_refused(
        view, Decision(point, State.IN_PROGRESS, reason, start=start, holds=holds)
    )


def _leftover(view: PointView, terms: Terms) -> Decision:
    """A point that can go no further: its dead copies go; an available one may be the last data.

    One under another key goes only if data as new as its own is verified.
    """
    reason = "its automated snapshot no longer exists" if view.database else "no longer configured"
    passed = view.newest is not None and data_at(view.newest) >= view.point.taken_at
    stays = () if passed else tuple(s for s in view.shared if s.snapshot.status is Status.AVAILABLE)
    goes = tuple(s for s in view.shared if s not in stays)
    return Decision(
        view.point,
        State.STALE,
        reason,
        deletes=without_rivals(view, terms, reason, goes),
        left=stays,
    )


def _verified(view: PointView, proof: Owned, terms: Terms) -> Decision:
    """Its shared copies go, on the strength of newer data where that is verified.

    By then its own backup may have expired.  Of the newest data's point one may stay, as the base.
    """
    newest, why = view.newest or proof, "its backup is verified"
    reason = f"{proof.snapshot.identifier} is verified"
    if data_at(newest) > view.point.taken_at:
        proof, why = newest, "a newer backup is verified"
    goes = {
        s.snapshot.identifier: DeleteShared(s, why, backup=proof)
        for s in view.shared
        if s.snapshot.status not in (Status.RUNNING, Status.GOING)
    }
    is_newest = newest.point.source_arn == view.point.source_arn
    base = base_of(view, terms) if view.keeps_base and is_newest else None
    stays = goes.pop(base.snapshot.identifier) if base else None
    return Decision(view.point, State.PROTECTED, reason, deletes=tuple(goes.values()), base=stays)


def _backup_attempts_used(view: PointView, terms: Terms) -> Decision:
    other = [b for b in view.backups if b.snapshot.status is Status.AVAILABLE]
    odd = next((b for b in other if contradiction(b)), None)
    if odd:
        return Decision(
            view.point,
            State.BLOCKED,
            f"RDS says that {odd.snapshot.identifier} {contradiction(odd)}, and no attempt is left",
            "find out in the backup account's CloudTrail who made it, and delete it",
        )
    if other:
        snapshot = other[-1].snapshot
        return Decision(
            view.point,
            State.BLOCKED,
            f"{snapshot.identifier} is under {snapshot.kms_key or 'no key'}, not under the backup "
            f"key {terms.vault.key}, and no attempt is left",
            "correct BACKUP_KMS_KEY_ID",
        )
    names = ", ".join(b.snapshot.identifier for b in view.backups)
    return Decision(
        view.point,
        State.STUCK,
        f"{len(view.backups)} copies into the backup account failed ({names})",
        "look in CloudTrail there for KMS AccessDenied; raise MAX_ATTEMPTS to try again, or wait "
        "for the next automated snapshot",
    )


def _key_ignored(point: Point, snapshot: Snapshot, key: str) -> Decision:
    """RDS was asked for this very key: a new copy would end the same way, for ever.

    One under another key is like a dead one: the next attempt has another name, so that nobody's
    old plan to delete it can meet the new one.
    """
    return Decision(
        point,
        State.UNSUPPORTED,
        f"RDS was asked to copy under {key}, and made {snapshot.identifier} "
        f"{snapshot.encryption} under {snapshot.kms_key or 'no key'}: it cannot be shared",
        "restore the database into one encrypted under a customer managed key",
    )


def _unless_refused(view: PointView, decision: Decision) -> Decision:
    """A call that AWS refused in this invocation is not made again in it."""
    refusal = view.refusal
    if refusal is None:
        return decision
    return Decision.of_problem(decision.point, refusal, holds=refusal.state is State.UNKNOWN)


def _under_way(point: Point, doing: str, item: Owned) -> Decision:
    """A copy runs: since when and how far; 0 % for hours is a queue, not a failure."""
    snapshot = item.snapshot
    since = snapshot.tags.get(STARTED_AT, "an unknown time")
    percent = "" if snapshot.percent is None else f" {snapshot.percent} %"
    reason = f"{doing}: {snapshot.identifier} is {snapshot.word}{percent} since {since}"
    return Decision(point, State.IN_PROGRESS, reason, holds=True, copy=item)
