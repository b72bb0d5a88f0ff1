"""Fleets as a printer gets them: made of entries and details, reported, and read back.

The world of the defaults: databases that are backed up every night until 2026-03-12, a Thursday.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from math import inf

from rds_backup.decide.turns import Round
from rds_backup.model.clock import iso
from rds_backup.model.decisions import State
from rds_backup.model.inventory import Kind
from rds_backup.report.detail import Condition, Detail, Fleet, Held, NextExpiry, Setting, Size
from rds_backup.report.drilled import Drilled
from rds_backup.report.entry import Entry
from rds_backup.report.result import Report
from rds_backup.report.shown import Shown, shown

SETTING = Setting(
    "2026-03-12T04:05:00.000Z", "eu-west-1", "111111111111", "222222222222", 36, 7, expires=True
)
TONIGHT = datetime(2026, 3, 12, 2, 0, tzinfo=UTC)
KEY = "arn:aws:kms:eu-west-1:222222222222:key/cce7c28e-8f14-514e-8297-67a2b25919ec"
REASON = (
    "KMS refuses the copy in the backup account: the sharing key's policy does not let the role "
    "arn:aws:iam::222222222222:role/rds-backup make a grant, so that nothing newer than "
    "2026-03-10T02:00:00.000Z is held"
)
FIX = "add kms:CreateGrant for that role to the policy of the sharing key"
PROVEN = Drilled(
    "rds-backup-proven-20260309-0200-4433f4ea5e-1",
    "2026-03-09T06:42:00.000Z",
    42,
    "passed",
    ("available", "connection"),
)


def held(name: str, night: datetime, condition: Condition = Condition.VERIFIED) -> Held:
    """One copy of a night."""
    return Held(
        snapshot=f"rds-backup-{name[:20]}-{night:%Y%m%d-%H%M}-4433f4ea5e-1",
        condition=condition,
        taken_at=iso(night),
        created_at=iso(night + timedelta(hours=1)),
        size=Size(16.3, "FullSnapshotSizeInBytes"),
        kept=True,
        reason="day 3 of the newest 7",
    )


def backed_up(
    name: str, kept: int = 7, newest: datetime = TONIGHT, kind: Kind = Kind.INSTANCE
) -> Entry:
    """A database that is well: so many backups, up to the night of the newest."""
    nights = [newest - timedelta(days=number) for number in reversed(range(kept))]
    backups = tuple(held(name, night) for night in nights)
    detail = Detail(
        remaining=(),
        in_flight=(),
        backups=backups,
        backup_taken_at=iso(newest) if kept else None,
        oldest_backup_taken_at=iso(nights[0]) if kept else None,
        kms_key=KEY if kept else None,
        size=Size(16.3, "FullSnapshotSizeInBytes") if kept else None,
        total_size=Size(16.3 * kept, "FullSnapshotSizeInBytes") if kept else None,
        restored=PROVEN if kept else None,
        last_drill=PROVEN if kept else None,
        next_expiry=NextExpiry(backups[0].snapshot, 1, None) if kept else None,
        source_account="111111111111",
    )
    age = datetime.fromisoformat(SETTING.looked_at) - newest
    return Entry(
        database=name,
        kind=kind,
        resource_id=f"db-{name.upper()}",
        state=State.PROTECTED,
        reason="its newest automated snapshot has a verified backup",
        backup=f"arn:aws:rds:eu-west-1:222222222222:snapshot:{backups[-1].snapshot}"
        if kept
        else None,
        age_hours=age / timedelta(hours=1) if kept else None,
        backups_kept=kept,
        detail=detail,
    )


def read_back(
    entries: Iterable[Entry],
    unselected: Iterable[Entry] = (),
    setting: Setting = SETTING,
    drills: Round | None = None,
) -> Shown:
    """What a printer is given: the result object, as JSON carries it, and read again."""
    selected, others = tuple(entries), tuple(unselected)
    fleet = Fleet.of(*([e.detail for e in each] for each in (selected, others)))
    report = Report((), selected, unselected=others, setting=setting, fleet=fleet, drills=drills)
    return shown(json.loads(json.dumps(report.as_dict(most=inf))))
