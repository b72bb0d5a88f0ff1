"""Which backups of a series there is a reason to keep; a backup without a reason has expired.

Computes reasons to *keep*, so that what is not understood is kept.  What counts is the UTC day of
RDS's own creation time in the backup account, which nobody can forge: many copies of one day count
as one, and displace nothing of their own day.  ``taken-at`` only settles the order within it.
Which day is the first of its week, month or year is the business of ``tiers``.
This module must not know accounts, clients or what a deletion is.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from rds_backup.decide.tiers import Tier, period_of, tiers_of
from rds_backup.model.clock import utc_day
from rds_backup.model.decisions import Owned
from rds_backup.model.identity import KEEP
from rds_backup.model.inventory import Status
from rds_backup.model.proof import last_restored
from rds_backup.model.settings import Rules
from rds_backup.model.verified import Vault, good, sound_in, verified

_LATEST = datetime.max.replace(tzinfo=UTC)


class Verdict(NamedTuple):
    """One backup, and the reason to keep it, or the reason why there is none."""

    backup: Owned
    kept: bool
    reason: str


def age_order(backup: Owned) -> tuple[datetime, datetime, str]:
    """Oldest first; one whose creation time RDS does not show yet counts as the newest."""
    snapshot = backup.snapshot
    return (snapshot.created_at or _LATEST, backup.point.taken_at, snapshot.identifier)


def day_of(backup: Owned) -> date | None:
    """The UTC day on which RDS made it; None where RDS does not show that yet (1.15)."""
    created_at = backup.snapshot.created_at
    return utc_day(created_at) if created_at else None


def counted_days(backups: Iterable[Owned]) -> frozenset[date]:
    """The UTC days of backups, those that a person has tagged to be kept left out."""
    return frozenset(day for b in backups if (day := day_of(b)) and KEEP not in b.snapshot.tags)


def later_days(backup: Owned, days: Iterable[date]) -> int:
    """How many of the days come after the backup's own; none where its time is not known."""
    mine = day_of(backup)
    return sum(day > mine for day in days) if mine else 0


def tiers_held(backups: Iterable[Owned], account: str, rules: Rules) -> tuple[Tier, ...]:
    """The tiers of ONE series in the backup account, by its sound backups under whatever key.

    Those that a person has tagged to be kept are not counted: without them no more is lost.
    """
    return tiers_of(counted_days(b for b in backups if sound_in(b, account)), rules)


def first_of(backup: Owned, tiers: Iterable[Tier], account: str) -> str | None:
    """The period of whose first day it is, if it is sound."""
    day = day_of(backup)
    return period_of(day, tiers) if day and sound_in(backup, account) else None


def judge(
    backups: Sequence[Owned], vault: Vault | None, rules: Rules, now: datetime
) -> tuple[Verdict, ...]:
    """A verdict on every backup of ONE series, oldest first.

    ``backups`` has to be the complete listing.  ``vault`` is None where the backup key
    cannot be resolved: then nothing expires, and neither does it where no backup is verified.
    """
    ordered = sorted(backups, key=age_order)
    sound = [b for b in ordered if vault and verified(b, vault)]
    if not vault or not sound:
        why = "the series has no verified backup"
        return tuple(Verdict(b, kept=True, reason=why) for b in ordered)
    days, tiers = counted_days(sound), tiers_held(ordered, vault.account, rules)
    proven = proven_last(ordered, now)
    verdicts = []
    for backup in ordered:
        reason = (
            _reason(backup, ordered, sound, days, rules, now)
            or (
                f"of the first day of {first}"
                if (first := first_of(backup, tiers, vault.account))
                else None
            )
            or ("last restored" if backup is proven else None)
        )
        verdicts.append(
            Verdict(backup, reason is not None, reason or _why_expired(backup, rules.keep))
        )
    return tuple(verdicts)


def floor_of(backups: Iterable[Owned], vault: Vault, rules: Rules) -> tuple[Owned, ...]:
    """Of ONE series, one verified backup of each of the newest days, newest first, and the tiers'.

    While these are there, whatever has expired may go: of each first day that a tier holds, one
    sound backup.  Where a person has tagged all that is verified, the newest of it: a dead copy
    needs one.
    """
    ordered = sorted(backups, key=age_order)
    sound = [b for b in ordered if verified(b, vault)]
    newest = {day_of(b): b for b in sound if KEEP not in b.snapshot.tags}
    floor = [*newest.values()][: -rules.keep - 1 : -1] or sound[-1:]
    tiers = tiers_held(ordered, vault.account, rules)
    free = [b for b in ordered if KEEP not in b.snapshot.tags]
    firsts = {day_of(b): b for b in free if first_of(b, tiers, vault.account)}
    return tuple({b.snapshot.identifier: b for b in (*floor, *firsts.values())}.values())


def proven_last(backups: Iterable[Owned], now: datetime) -> Owned | None:
    """The one good backup of a series with the newest passed proof: it would expire with it."""
    found = last_restored((b for b in backups if good(b)), now)
    return found[0] if found else None


def _reason(
    backup: Owned,
    ordered: Sequence[Owned],
    sound: Sequence[Owned],
    days: Collection[date],
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
    later = later_days(backup, days)
    if backup in sound and later < rules.keep:
        return f"day {later + 1} of the newest {rules.keep}"
    if snapshot.created_at is None or now - snapshot.created_at < rules.min_age:
        return f"younger than {rules.min_age.days} days"
    if later < rules.keep:
        return f"not verified, and only {later} of {rules.keep} later days have a verified backup"
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
    return f"{keep} later days have a verified backup"
