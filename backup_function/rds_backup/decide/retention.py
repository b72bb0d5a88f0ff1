"""Which backups of a series there is a reason to keep; a backup without a reason has expired.

Computes reasons to *keep*, so that what is not understood is kept.  The order is RDS's own creation
time in the backup account, which nobody can forge; ``taken-at`` only settles ties.
This module must not know accounts, clients or what a deletion is.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from rds_backup.model.decisions import Owned
from rds_backup.model.identity import KEEP
from rds_backup.model.inventory import Status
from rds_backup.model.settings import Rules
from rds_backup.model.verified import Vault, good, verified

_LATEST = datetime.max.replace(tzinfo=UTC)


class Verdict(NamedTuple):
    """One backup, and the reason to keep it, or the reason why there is none."""

    backup: Owned
    kept: bool
    reason: str


class Outlook(NamedTuple):
    """What expires first: once ``after`` more backups are verified, and not before a time."""

    backup: Owned
    after: int
    not_before: datetime | None


def age_order(backup: Owned) -> tuple[datetime, datetime, str]:
    """Oldest first; one whose creation time RDS does not show yet counts as the newest."""
    snapshot = backup.snapshot
    return (snapshot.created_at or _LATEST, backup.point.taken_at, snapshot.identifier)


def judge(
    backups: Sequence[Owned], vault: Vault | None, rules: Rules, now: datetime
) -> tuple[Verdict, ...]:
    """A verdict on every backup of ONE series, oldest first.

    ``backups`` has to be the complete listing.  ``vault`` is None where the backup key
    cannot be resolved: then nothing expires, and neither does it where no backup is verified.
    """
    ordered = sorted(backups, key=age_order)
    sound = [b for b in ordered if vault and verified(b, vault)]
    counted = [b for b in sound if KEEP not in b.snapshot.tags]
    newest = counted[-rules.keep :]
    verdicts = []
    for backup in ordered:
        reason = (
            "nothing of the series is verified"
            if not sound
            else _reason(backup, ordered, sound, newest, rules, now)
        )
        verdicts.append(
            Verdict(backup, reason is not None, reason or _why_expired(backup, rules.keep))
        )
    return tuple(verdicts)


def first_to_go(
    backups: Sequence[Owned], vault: Vault, rules: Rules, now: datetime
) -> Outlook | None:
    """What of ONE series expires next: what has expired already, else the oldest that can.

    Backups verified later are taken to be newer than all that is there.  None where nothing can
    expire: nothing is good, or a person has tagged all of it to be kept.
    """
    due = next((v for v in judge(backups, vault, rules, now) if not v.kept), None)
    if due:
        return Outlook(due.backup, 0, None)
    able = [b for b in backups if good(b) and KEEP not in b.snapshot.tags]
    oldest = min(able, key=age_order, default=None)
    if oldest is None or oldest.snapshot.created_at is None:
        return None
    newer = sum(verified(b, vault) and age_order(b) > age_order(oldest) for b in able)
    until = oldest.snapshot.created_at + rules.min_age
    return Outlook(oldest, max(0, rules.keep - newer), until if until > now else None)


def _reason(
    backup: Owned,
    ordered: Sequence[Owned],
    sound: Sequence[Owned],
    newest: Sequence[Owned],
    rules: Rules,
    now: datetime,
) -> str | None:
    snapshot = backup.snapshot
    if KEEP in snapshot.tags:
        return f"tagged {KEEP}"
    if snapshot.status is Status.DEAD:
        return _reason_for_dead(backup, ordered, sound)
    if not good(backup):
        return f"not finished: {snapshot.word}"
    if backup in newest:
        return f"number {len(newest) - newest.index(backup)} of the newest {rules.keep}"
    if snapshot.created_at is None or now - snapshot.created_at < rules.min_age:
        return f"younger than {rules.min_age.days} days"
    if backup not in sound:
        counted = (b for b in sound if KEEP not in b.snapshot.tags)
        newer = sum(age_order(b) > age_order(backup) for b in counted)
        if newer < rules.keep:
            return f"not verified, and only {newer} of {rules.keep} verified ones are newer"
    return None


def _reason_for_dead(backup: Owned, ordered: Sequence[Owned], sound: Sequence[Owned]) -> str | None:
    """A dead copy holds no data; it is kept as the memory of its attempt."""
    taken_at = backup.point.taken_at
    done = any(b.point.taken_at >= taken_at for b in sound)
    passed = any(b.point.taken_at > taken_at for b in ordered)
    return None if done or passed else "a failed attempt, remembered until its point is done"


def _why_expired(backup: Owned, keep: int) -> str:
    if backup.snapshot.status is Status.DEAD:
        return "a failed attempt at a point that is done or passed"
    return f"beyond the newest {keep}"
