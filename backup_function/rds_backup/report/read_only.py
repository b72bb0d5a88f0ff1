"""The reports of looks that change nothing: ``plan`` and ``status``.

Adds details to what was decided.  Pure: what was seen and what was decided are arguments.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from rds_backup.decide.plan import Plan, Subject
from rds_backup.decide.turns import Round, round_of, turns_in
from rds_backup.model.clock import iso
from rds_backup.model.identity import KEEP, RETIRED
from rds_backup.model.inventory import Side, Status
from rds_backup.model.settings import BackupSettings, Settings
from rds_backup.model.world import Learned, World
from rds_backup.report.actions import planned
from rds_backup.report.detail import Fleet, Removal, Setting
from rds_backup.report.details import detail_of
from rds_backup.report.entry import Entry
from rds_backup.report.from_plan import said_of_backup, said_of_expire
from rds_backup.report.gauges import Gauges
from rds_backup.report.removal import commands
from rds_backup.report.result import Report


def read_only_report(
    plan: Plan, world: World, settings: Settings, now: datetime, *, with_actions: bool
) -> Report:
    """The report of a ``plan``, which lists the actions that it would take, or of a ``status``."""
    backup = settings.backup
    subjects = {s.view.series.resource_id: s for s in plan.subjects}
    # A selector that leads nowhere, or a family that could not be read, may hide a live database.
    said = said_of_backup(plan, world, Learned(), settings, now)
    certain = all(entry.resource_id for entry in said.entries)

    def detailed(entry: Entry) -> Entry:
        subject = subjects.get(entry.resource_id or "")
        if subject is None:
            return entry
        detail = detail_of(entry, subject, world, backup, now, expires=settings.expire)
        return replace(entry, detail=detail)

    def unselected(entry: Entry) -> Entry:
        full = detailed(entry)
        if full.detail is None or not certain:
            return full
        removal = _removal(subjects[entry.resource_id or ""], backup)
        return replace(full, detail=replace(full.detail, removal=removal))

    accounts = {Side.SOURCE: settings.source_account, Side.BACKUP: backup.account}
    databases, others = map(detailed, said.entries), map(unselected, said.unselected)
    return _report(
        tuple(databases),
        tuple(others),
        actions=tuple(planned(plan, backup.prefix, accounts)) if with_actions else (),
        gauges=said.gauges,
        setting=replace(
            _setting(backup, settings.source_account, now, expires=settings.expire),
            region=settings.region,
            backup_region=settings.elsewhere,
        ),
    )


def status_of_backups(plan: Plan, world: World, backup: BackupSettings, now: datetime) -> Report:
    """The report of a ``status`` in the backup account: every series there.

    One that a person has retired is told apart from those that somebody relies on.
    """
    retired: list[Entry] = []

    def detailed(entry: Entry, subject: Subject) -> Entry:
        detail = detail_of(entry, subject, world, backup, now, expires=True)
        if not subject.proof or RETIRED not in subject.proof.snapshot.tags:
            return replace(entry, detail=detail)
        why = f"its newest verified backup is tagged {RETIRED}"
        retired.append(replace(entry, detail=detail, reason=why, fix=None))
        return retired[-1]

    said = said_of_expire(plan, world, Learned(), backup, now, detailed)
    ordered, whole = turns_in(world, backup, now)
    return _report(
        tuple(e for e in said.entries if not any(e is other for other in retired)),
        tuple(retired),
        gauges=said.gauges,
        setting=_setting(backup, None, now, expires=True),
        drills=round_of(ordered, backup.drills, now) if whole else None,
    )


def _report(
    databases: tuple[Entry, ...],
    others: tuple[Entry, ...],
    gauges: Gauges,
    setting: Setting,
    actions: tuple[Mapping[str, str], ...] = (),
    drills: Round | None = None,
) -> Report:
    """A look's report, with the sum of what is held."""
    fleet = Fleet.of(*([e.detail for e in each] for each in (databases, others)))
    return Report(
        actions,
        databases,
        unselected=others,
        gauges=gauges,
        setting=setting,
        fleet=fleet,
        drills=drills,
    )


def _setting(
    backup: BackupSettings, source_account: str | None, now: datetime, *, expires: bool
) -> Setting:
    return Setting(
        looked_at=iso(now),
        region=backup.region,
        source_account=source_account,
        backup_account=backup.account,
        max_snapshot_age_hours=backup.max_age_hours,
        backups_to_keep=backup.rules.keep,
        expires=expires,
        keep_weekly=backup.rules.weekly,
        keep_monthly=backup.rules.monthly,
        keep_yearly=backup.rules.yearly,
    )


def _removal(subject: Subject, backup: BackupSettings) -> Removal | None:
    """None while anything of it is under way, and where all of it is tagged to be kept."""
    view = subject.view
    busy = (Status.RUNNING, Status.GOING)
    ids = [b.snapshot.identifier for b in view.backups if KEEP not in b.snapshot.tags]
    if view.shared or not ids or any(b.snapshot.status in busy for b in view.backups):
        return None
    kind = view.backups[0].point.kind
    return commands(view.series, kind, backup.account, sorted(ids), backup.region)
