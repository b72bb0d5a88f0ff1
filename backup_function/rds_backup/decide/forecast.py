"""What of a series expires next, and what has to come first: retention, some nights later.

This module must not know accounts, clients or what a deletion is.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from rds_backup.decide.retention import (
    age_order,
    counted_days,
    judge,
    later_days,
    proven_last,
    tiers_held,
)
from rds_backup.decide.tiers import nights_held
from rds_backup.model.clock import utc_day
from rds_backup.model.decisions import Owned
from rds_backup.model.identity import KEEP
from rds_backup.model.settings import Rules
from rds_backup.model.verified import Vault, good, sound_in, verified

_DAY = timedelta(days=1)


class Outlook(NamedTuple):
    """What expires first: after ``after`` more days with a verified one, not before a time."""

    backup: Owned
    after: int
    not_before: datetime | None


def first_to_go(
    backups: Sequence[Owned], vault: Vault, rules: Rules, now: datetime
) -> Outlook | None:
    """What of ONE series expires next: what has expired already, else the first that can.

    From now on one verified backup is taken to be made each day: today, unless one is of today.
    None where nothing can expire: nothing is good, a person has tagged all of it to be kept, or it
    was the last restored.
    """
    due = next((v for v in judge(backups, vault, rules, now) if not v.kept), None)
    if due:
        return Outlook(due.backup, 0, None)
    dated = ((b, b.snapshot.created_at) for b in sorted(backups, key=age_order) if good(b))
    counted = [(b, at) for b, at in dated if at and KEEP not in b.snapshot.tags]
    days = counted_days(b for b, _ in counted if verified(b, vault))
    tiers = tiers_held(backups, vault.account, rules)
    proven = proven_last(backups, now)
    newest = max((at for _, at in counted), default=now)
    night = max(utc_day(newest) + _DAY, utc_day(now))
    found = []
    for backup, created_at in counted:
        if backup is proven:
            continue
        firm = sound_in(backup, vault.account)
        held = nights_held(utc_day(created_at), tiers, night) if firm else 0
        after = max(rules.keep - later_days(backup, days), held)
        until = created_at + rules.min_age
        then = max(utc_day(until), night + (after - 1) * _DAY)
        found.append((then, Outlook(backup, after, until if until > now else None)))
    return min(found, key=lambda each: each[0], default=(None, None))[1]
