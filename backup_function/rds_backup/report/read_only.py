"""The report of a look that changes nothing: ``plan`` and ``status``.

Adds to what was decided what is held, why it is kept, and what comes next.  Pure: what was seen and
what was decided are arguments.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from rds_backup.decide.plan import Plan, Subject
from rds_backup.decide.retention import age_order, first_to_go, judge
from rds_backup.model.clock import iso
from rds_backup.model.decisions import Owned, State
from rds_backup.model.identity import KEEP, STARTED_AT
from rds_backup.model.inventory import Side, Status
from rds_backup.model.settings import Settings
from rds_backup.model.verified import Vault, under, verified
from rds_backup.model.world import Learned, World
from rds_backup.report.actions import planned
from rds_backup.report.detail import (
    Condition,
    Detail,
    Flight,
    Held,
    Left,
    NextExpiry,
    Removal,
    Setting,
    Size,
)
from rds_backup.report.entry import Entry
from rds_backup.report.from_plan import said_of_backup
from rds_backup.report.removal import commands
from rds_backup.report.result import Report

_ALL = ("copy", "share", "back_up", "delete_shared_copy")
_HOPELESS = (State.STUCK, State.UNSUPPORTED)
_CONDITIONS = {
    Status.AVAILABLE: Condition.UNVERIFIED,
    Status.RUNNING: Condition.COPYING,
    Status.GOING: Condition.DELETING,
    Status.DEAD: Condition.FAILED,
}


def read_only_report(
    plan: Plan, world: World, settings: Settings, now: datetime, *, with_actions: bool
) -> Report:
    """The report of a ``plan``, which lists the actions that it would take, or of a ``status``."""
    subjects = {s.view.series.resource_id: s for s in plan.subjects}
    # A selector that leads nowhere, or a family that could not be read, may hide a live database.
    said = said_of_backup(plan, world, Learned(), settings, now)
    certain = all(entry.resource_id for entry in said.entries)

    def detailed(entry: Entry) -> Entry:
        subject = subjects.get(entry.resource_id or "")
        return replace(
            entry, detail=_detail(entry, subject, world, settings, now) if subject else None
        )

    def unselected(entry: Entry) -> Entry:
        full = detailed(entry)
        if full.detail is None or not certain:
            return full
        removal = _removal(subjects[entry.resource_id or ""], settings)
        return replace(full, detail=replace(full.detail, removal=removal))

    accounts = {Side.SOURCE: settings.source_account, Side.BACKUP: settings.backup.account}
    return Report(
        actions=tuple(planned(plan, settings.backup.prefix, accounts)) if with_actions else (),
        databases=tuple(map(detailed, said.entries)),
        unselected=tuple(map(unselected, said.unselected)),
        gauges=said.gauges,
        setting=Setting(
            looked_at=iso(now),
            region=settings.backup.region,
            source_account=settings.source_account,
            backup_account=settings.backup.account,
            max_snapshot_age_hours=settings.backup.max_age_hours,
            backups_to_keep=settings.backup.rules.keep,
            expires=settings.expire,
        ),
    )


def _detail(
    entry: Entry, subject: Subject, world: World, settings: Settings, now: datetime
) -> Detail:
    view, proof = subject.view, subject.proof
    vault = settings.backup.vault(str(world.backup_key))  # decided on, hence resolved
    ordered = sorted(view.backups, key=age_order)
    sound = [b for b in ordered if verified(b, vault)]
    flying = [("copy", s) for s in view.shared] + [("back_up", b) for b in ordered]
    return Detail(
        remaining=_remaining(entry, subject, world, settings),
        in_flight=tuple(_flight(a, o) for a, o in flying if o.snapshot.status is Status.RUNNING),
        backups=_held(ordered, sound, vault, settings, now),
        backup_taken_at=iso(proof.point.taken_at) if proof else None,
        oldest_backup_taken_at=iso(min(b.point.taken_at for b in sound)) if sound else None,
        kms_key=proof.snapshot.kms_key if proof else None,
        size=Size.of(proof.snapshot) if proof else None,
        total_size=Size.total(Size.of(b.snapshot) for b in ordered),
        left=tuple(_left(item) for item in subject.left),
        next_expiry=_next_expiry(ordered, vault, settings, now) if settings.expire else None,
    )


def _remaining(entry: Entry, subject: Subject, world: World, settings: Settings) -> tuple[str, ...]:
    """The actions still to come for the reported point, the one under way included."""
    if entry.source_snapshot is None or entry.state in _HOPELESS:
        return ()
    view = subject.view
    shared = [s for s in view.shared if s.point.source_arn == entry.source_snapshot]
    backups = [b for b in view.backups if b.point.source_arn == entry.source_snapshot]
    vault, sharing_key = settings.backup.vault(str(world.backup_key)), world.sharing_key
    if any(verified(b, vault) for b in backups):
        return _ALL[3:] if shared else ()
    if any(b.snapshot.status is Status.RUNNING for b in backups):
        return _ALL[2:]
    there = (s.snapshot for s in shared if s.snapshot.status is Status.AVAILABLE)
    ready = isinstance(sharing_key, str) and any(under(s, sharing_key) for s in there)
    return _ALL[1:] if ready else _ALL


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
    settings: Settings,
    now: datetime,
) -> tuple[Held, ...]:
    verdicts = judge(ordered, vault, settings.backup.rules, now)
    held = []
    for verdict in verdicts:
        backup, snapshot = verdict.backup, verdict.backup.snapshot
        reason = verdict.reason
        if not settings.expire:
            tagged = KEEP in snapshot.tags
            reason = f"tagged {KEEP}" if tagged else "the backup account decides"
        held.append(
            Held(
                snapshot=snapshot.identifier,
                condition=Condition.VERIFIED if backup in sound else _CONDITIONS[snapshot.status],
                taken_at=iso(backup.point.taken_at),
                created_at=iso(snapshot.created_at) if snapshot.created_at else None,
                size=Size.of(snapshot),
                kept=verdict.kept if settings.expire else None,
                reason=reason,
            )
        )
    return tuple(held)


def _next_expiry(
    ordered: Sequence[Owned], vault: Vault, settings: Settings, now: datetime
) -> NextExpiry | None:
    first = first_to_go(ordered, vault, settings.backup.rules, now)
    if first is None:
        return None
    not_before = iso(first.not_before) if first.not_before else None
    return NextExpiry(first.backup.snapshot.identifier, first.after, not_before)


def _left(item: Owned) -> Left:
    snapshot, point = item.snapshot, item.point
    told = commands(point.series, point.kind, snapshot.account, [snapshot.identifier])
    return Left(snapshot.identifier, iso(point.taken_at), snapshot.kms_key, told.delete)


def _removal(subject: Subject, settings: Settings) -> Removal | None:
    """None while anything of it is under way, and where all of it is tagged to be kept."""
    view = subject.view
    busy = (Status.RUNNING, Status.GOING)
    ids = [b.snapshot.identifier for b in view.backups if KEEP not in b.snapshot.tags]
    if view.shared or not ids or any(b.snapshot.status in busy for b in view.backups):
        return None
    kind = view.backups[0].point.kind
    return commands(view.series, kind, settings.backup.account, sorted(ids))
