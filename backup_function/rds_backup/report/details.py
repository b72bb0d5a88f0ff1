"""What a look adds to what is said of a series: what is held, why it is kept, what comes next.

Pure: what was seen and what was decided are arguments.
"""

from collections.abc import Sequence
from datetime import datetime

from rds_backup.decide.forecast import first_to_go
from rds_backup.decide.plan import Subject
from rds_backup.decide.retention import age_order, judge
from rds_backup.model.clock import iso
from rds_backup.model.decisions import Owned, State
from rds_backup.model.identity import KEEP, STARTED_AT
from rds_backup.model.inventory import Status
from rds_backup.model.proof import last_drill, last_restored
from rds_backup.model.settings import BackupSettings
from rds_backup.model.verified import Vault, under, verified
from rds_backup.model.world import World
from rds_backup.report.base import Base
from rds_backup.report.detail import (
    WHOLE_WAY,
    Condition,
    Detail,
    Flight,
    Held,
    Left,
    NextExpiry,
    Size,
)
from rds_backup.report.drilled import Drilled
from rds_backup.report.entry import Entry
from rds_backup.report.removal import commands

_HOPELESS = (State.STUCK, State.UNSUPPORTED)
_CONDITIONS = {
    Status.AVAILABLE: Condition.UNVERIFIED,
    Status.RUNNING: Condition.COPYING,
    Status.GOING: Condition.DELETING,
    Status.DEAD: Condition.FAILED,
}


def detail_of(
    entry: Entry,
    subject: Subject,
    world: World,
    backup: BackupSettings,
    now: datetime,
    *,
    expires: bool,
) -> Detail:
    """The detail of one series; ``expires`` says whether this deployment deletes old backups."""
    view, proof = subject.view, subject.proof
    vault = backup.vault(str(world.backup_key))  # decided on, hence resolved
    ordered = sorted(view.backups, key=age_order)
    sound = [b for b in ordered if verified(b, vault)]
    flying = [("copy", s) for s in view.shared] + [("back_up", b) for b in ordered]
    return Detail(
        remaining=_remaining(entry, subject, world, vault),
        in_flight=tuple(_flight(a, o) for a, o in flying if o.snapshot.status is Status.RUNNING),
        backups=_held(ordered, sound, vault, backup, now, expires=expires),
        backup_taken_at=iso(proof.point.taken_at) if proof else None,
        oldest_backup_taken_at=iso(min(b.point.taken_at for b in sound)) if sound else None,
        kms_key=proof.snapshot.kms_key if proof else None,
        size=Size.of(proof.snapshot) if proof else None,
        total_size=Size.total(Size.of(b.snapshot) for b in ordered),
        left=tuple(_left(item) for item in subject.left),
        next_expiry=_next_expiry(ordered, vault, backup, now) if expires else None,
        source_account=view.series.account,
        restored=Drilled.of(last_restored(ordered, now)),
        last_drill=Drilled.of(last_drill(ordered, now)),
        base=Base.of(subject, sound, now),
    )


def _remaining(entry: Entry, subject: Subject, world: World, vault: Vault) -> tuple[str, ...]:
    """The actions still to come for the reported point, the one under way included."""
    if entry.source_snapshot is None or entry.state in _HOPELESS:
        return ()
    view = subject.view
    shared = [s for s in view.shared if s.point.source_arn == entry.source_snapshot]
    backups = [b for b in view.backups if b.point.source_arn == entry.source_snapshot]
    if any(verified(b, vault) for b in backups):
        return WHOLE_WAY[3:] if any(s not in subject.bases for s in shared) else ()
    if any(b.snapshot.status is Status.RUNNING for b in backups):
        return WHOLE_WAY[2:]
    there = (s.snapshot for s in shared if s.snapshot.status is Status.AVAILABLE)
    key = world.sharing_key
    ready = isinstance(key, str) and any(under(s, key) for s in there)
    return WHOLE_WAY[1:] if ready else WHOLE_WAY


def _flight(action: str, item: Owned) -> Flight:
    snapshot = item.snapshot
    return Flight(
        action=action,
        snapshot=snapshot.identifier,
        account=snapshot.account,
        taken_at=iso(item.point.taken_at),
        status=snapshot.word,
        percent=snapshot.percent,
        since=snapshot.tags.get(STARTED_AT),
    )


def _held(
    ordered: Sequence[Owned],
    sound: Sequence[Owned],
    vault: Vault,
    backup: BackupSettings,
    now: datetime,
    *,
    expires: bool,
) -> tuple[Held, ...]:
    held = []
    for verdict in judge(ordered, vault, backup.rules, now):
        snapshot, reason = verdict.backup.snapshot, verdict.reason
        if not expires:
            tagged = KEEP in snapshot.tags
            reason = f"tagged {KEEP}" if tagged else "the backup account decides"
        good = verdict.backup in sound
        held.append(
            Held(
                snapshot=snapshot.identifier,
                condition=Condition.VERIFIED if good else _CONDITIONS[snapshot.status],
                taken_at=iso(verdict.backup.point.taken_at),
                created_at=iso(snapshot.created_at) if snapshot.created_at else None,
                size=Size.of(snapshot),
                kept=verdict.kept if expires else None,
                reason=reason,
            )
        )
    return tuple(held)


def _next_expiry(
    ordered: Sequence[Owned], vault: Vault, backup: BackupSettings, now: datetime
) -> NextExpiry | None:
    first = first_to_go(ordered, vault, backup.rules, now)
    if first is None:
        return None
    not_before = iso(first.not_before) if first.not_before else None
    return NextExpiry(first.backup.snapshot.identifier, first.after, not_before)


def _left(item: Owned) -> Left:
    snapshot, point = item.snapshot, item.point
    told = commands(point.series, point.kind, snapshot.account, [snapshot.identifier])
    return Left(snapshot.identifier, iso(point.taken_at), snapshot.kms_key, told.delete)
