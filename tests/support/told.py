"""Results for printers: made as the function makes them, and read back."""

import json

from rds_backup.model.decisions import State
from rds_backup.model.inventory import Kind
from rds_backup.report.detail import Condition, Detail, Flight, Held, Setting, Size
from rds_backup.report.entry import Entry
from rds_backup.report.result import Report
from rds_backup.report.shown import Shown, shown

SETTING = Setting("2026-03-08T04:05:00.000Z", "eu-west-1", "1" * 12, "2" * 12, 36, 4, expires=True)
KEY = f"arn:aws:kms:eu-west-1:{'2' * 12}:key/cce7c28e-8f14-514e-8297-67a2b25919ec"


def told(*entries: Entry, unselected: tuple[Entry, ...] = (), action: str = "status") -> Shown:
    """These entries as a result says them."""
    report = Report((), entries, unselected=unselected, setting=SETTING, action=action)
    return shown(json.loads(json.dumps(report.as_dict())))


def entry(
    name: str,
    state: State = State.PROTECTED,
    *,
    age: float | None = 2.1,
    reason: str = "it is verified",
    fix: str | None = None,
    days: tuple[int, ...] = (7, 8),
    percent: int | None = None,
) -> Entry:
    """One database; with ``percent`` a copy is under way, and without ``days`` none is held."""
    newest = f"2026-03-{days[-1]:02}T02:00:00.000Z" if days else None
    size = Size(20.0, "AllocatedStorage")
    flight = Flight(
        "copy",
        f"rds-backup-{name}-1",
        "1" * 12,
        "2026-03-08T02:00:00.000Z",
        "copying",
        percent,
        "2026-03-08T03:00:00.000Z",
    )
    detail = Detail(
        remaining=(),
        in_flight=() if percent is None else (flight,),
        backups=tuple(
            Held(
                f"rds-backup-{name}-{day}",
                Condition.VERIFIED,
                f"2026-03-{day:02}T02:00:00.000Z",
                None,
                size,
                kept=True,
                reason=f"day {day}",
            )
            for day in days
        ),
        backup_taken_at=newest,
        oldest_backup_taken_at=f"2026-03-{days[0]:02}T02:00:00.000Z" if days else None,
        kms_key=KEY if days else None,
        size=size if days else None,
        total_size=Size(20.0 * len(days), "AllocatedStorage") if days else None,
        next_expiry=None,
        source_account="1" * 12,
    )
    return Entry(
        name,
        Kind.INSTANCE,
        f"db-{name.upper()}",
        state,
        reason,
        fix,
        age_hours=age,
        backups_kept=len(days),
        detail=detail,
    )
