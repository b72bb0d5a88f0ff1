"""Values as people read them, the same in every printer: times, sizes, copies under way, expiry."""

import re
from collections.abc import Iterable, Iterator

from rds_backup.decide.turns import Round
from rds_backup.report.detail import Detail, Flight, Setting, Size
from rds_backup.report.entry import Entry
from rds_backup.report.shown import Shown

SIZES = (
    "Sizes are full sizes as RDS states them (FullSnapshotSizeInBytes, or the database's "
    "AllocatedStorage, marked with ~, where RDS states none). They are not what AWS bills."
)
ELSEWHERE = "The backup account expires backups by its own settings, not this deployment."
NO_REMOVAL = (
    "No command is given while one of its copies is under way, while all of them are tagged to be "
    "kept, or while a failed listing or a selector that leads nowhere may only hide the database."
)
TO_REMOVE = (
    "To delete these copies for good, run in the backup account (nothing does it by itself):"
)
STAGES = {
    "copy": "copy under the sharing key",
    "share": "share with the backup account",
    "back_up": "copy under the backup key",
    "delete_shared_copy": "delete the shared copy",
}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z", re.ASCII)


def when(moment: str | None) -> str:
    """``2026-03-09 02:00``, in UTC, from ISO 8601; a dash for none."""
    return moment[:16].replace("T", " ") if moment else "-"


def with_times(text: str) -> str:
    """The text with every time of ISO 8601 in it as ``when`` writes it."""
    return _TIME.sub(lambda found: when(found[0]), text)


def hours(age: float | None, objective: int) -> str:
    """An age against the objective, in hours."""
    return "no backup" if age is None else f"{age:.1f} of {objective} h"


def size(found: Size | None) -> str:
    """GiB, with ~ for the allocated storage instead of the full size."""
    if found is None:
        return "-"
    return f"{'~' if found.measure == 'AllocatedStorage' else ''}{found.gib:,g} GiB"


def some_of(names: Iterable[str], most: int, between: str = ", ") -> str:
    """So many names, and how many more there are."""
    found = list(names)
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return between.join(found[:most]) + more


def keys(report: Shown) -> list[str]:
    """The ARNs of all keys that are shown by ``key_id``."""
    details = (e.detail for e in (*report.databases, *report.unselected))
    return sorted({detail.kms_key for detail in details if detail and detail.kms_key})


def key_id(arn: str | None) -> str:
    """The first part of a key's id, for a column; the whole ARN belongs beside the table."""
    return arn.rsplit("/", 1)[-1].split("-")[0] if arn else "-"


def flight(found: Flight) -> str:
    """One copy under way: what, how far, since when."""
    percent = "" if found.percent is None else f" {found.percent} %"
    return f"{STAGES[found.action]}: {found.status}{percent} since {when(found.since)}"


def fleet(report: Shown) -> str:
    """How many copies there are, their full sizes together, and with one more of each database."""
    found = report.fleet
    unread = f"the copies of {found.unread} could not be read" if found.unread else ""
    if not found.copies:
        return unread or "no copy held"
    copies = f"{found.copies:,} {'copy' if found.copies == 1 else 'copies'} held"
    more = size(found.with_one_more)
    said = f"{copies}, {size(found.size)} together; {more} with one more of each database"
    return f"{said}; {unread}" if unread else said


def restored(detail: Detail | None, *, whole: bool = False) -> str:
    """How its last drill ended, and how long the restore took; ``whole``: also what was asked."""
    if detail is None:
        return "-"
    found = detail.restored
    failed = detail.last_drill if detail.last_drill != found else None
    if failed and not whole:
        return f"failed {when(failed.at)[:10]}"
    said = f"{when(found.at)[:10]}, {found.minutes} min" if found else "never"
    if not whole:
        return said
    if found:
        said = f"{when(found.at)} UTC, {found.minutes} minutes after the call; asked: "
        said += ", ".join(found.asked)
    if failed:
        said += f"; the drill of {when(failed.at)} UTC failed: {failed.result}"
    return said


def restored_in_all(report: Shown) -> str:
    """Of how many databases a backup was ever restored, and how the drills of the account stand."""
    details = [entry.detail for entry in report.databases if entry.detail]
    proven = [detail.restored for detail in details if detail.restored]
    said = f"restored by a drill: {len(proven) or 'none'} of {len(details)} databases"
    if proven:
        said += f", the longest ago on {when(min(p.at for p in proven))[:10]}"
    return f"{said}; {a_round(report.drills)}" if report.drills and report.drills.days else said


def a_round(found: Round) -> str:
    """How long it takes until every series had its turn, and whether that is too long."""
    if found.days is None:
        return "how long a round takes is not known: DrillSchedule is neither daily nor a rate"
    said = f"a round of all takes {found.days} days"
    if 0 < found.max_age_days < found.days:
        said += f", more than MaxDrillAgeDays, {found.max_age_days}: drill more often, or raise it"
    return said


def left_lying(entry: Entry) -> Iterator[tuple[str, str]]:
    """Each shared copy that stays: what it is, and the commands to delete it."""
    for left in entry.detail.left if entry.detail else ():
        words = (
            f"left in the source account: {left.snapshot}, under {left.kms_key or 'no key'}; it "
            f"may be the last data of {when(left.taken_at)}; if nobody needs it, delete it there:"
        )
        yield words, left.delete


def kept_base(detail: Detail) -> str | None:
    """The shared copy that stays, and how long copies take; None where there is no base."""
    base = detail.base
    if base is None:
        return None
    said = f"{base.snapshot} in the source account, kept as the base of the next copy"
    if base.hours is None:
        return said
    said += f"; handed over {base.hours:.1f} h after the automated snapshot"
    return said if base.hours_before is None else f"{said}, before that {base.hours_before:.1f} h"


def held_in_all(entry: Entry, detail: Detail) -> str:
    """How much is held of a series, and how new it is."""
    return (
        f"{len(detail.backups)} copies, {entry.backups_kept} of them verified, the newest of "
        f"{when(detail.backup_taken_at)}, {size(detail.total_size)} together"
    )


def to_keep(setting: Setting) -> str | None:
    """How many are kept; None where this deployment does not expire."""
    tiers = {
        "weeks": setting.keep_weekly,
        "months": setting.keep_monthly,
        "years": setting.keep_yearly,
    }
    kept = [f"the first day of {number} {periods}" for periods, number in tiers.items() if number]
    told = ", ".join([f"{setting.backups_to_keep} verified backups", *kept])
    return told if setting.expires else None


def next_expiry(detail: Detail) -> str | None:
    """What expires next, and on what condition; None where this deployment does not expire."""
    found = detail.next_expiry
    if found is None:
        return None
    plural = "backup is" if found.after_backups == 1 else "backups are"
    conditions = []
    if found.after_backups:
        conditions.append(f"once {found.after_backups} more {plural} verified")
    if found.not_before:
        conditions.append(f"not before {when(found.not_before)}")
    return f"{found.snapshot}, {' and '.join(conditions) or 'at the next run'}"
