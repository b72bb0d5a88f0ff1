"""The status for people: what needs a person, a line for each database, what no database claims."""

from collections.abc import Iterator

from rds_backup.model.decisions import BAD
from rds_backup.printers.screen import Screen, fitted
from rds_backup.printers.verdict import TONES, cause_lines, told_state, verdict, verdict_lines
from rds_backup.printers.wording import (
    ELSEWHERE,
    NO_REMOVAL,
    SIZES,
    TO_REMOVE,
    fleet,
    flight,
    held_in_all,
    kept_base,
    key_id,
    keys,
    left_lying,
    next_expiry,
    restored,
    restored_in_all,
    size,
    some_of,
    when,
    with_times,
)
from rds_backup.report.detail import Detail, Setting
from rds_backup.report.entry import Entry
from rds_backup.report.shown import Shown

_HEAD = ("state", "database", "age", "kept", "newest verified", "size", "restored")
_INDENT = " " * 4
_MOST_NAMES = 20


def status_lines(
    report: Shown, screen: Screen, *, everything: bool = False, only_bad: bool = False
) -> Iterator[str]:
    """The status, the worst first; it prints what the report holds, and decides nothing.

    ``everything`` adds to each database what is held of it, and the commands.
    """
    said = verdict(report)
    yield from verdict_lines(said, screen)
    yield from screen.wrapped(where(report.setting))
    entries = report.bad if only_bad else report.databases
    yield from cause_lines(entries, screen, everything=everything)
    if not only_bad:
        yield from _not_begun(report, screen)
    yield ""
    yield from _table(report, screen, everything=everything, only_bad=only_bad)
    if not only_bad:
        yield from _others(report, screen, everything=everything)
    yield ""
    yield from screen.wrapped(fleet(report))
    yield from screen.wrapped(restored_in_all(report))
    yield from verdict_lines(said, screen)


def where(setting: Setting) -> str:
    """When and where was looked, and what for."""
    whose = setting.source_account
    source = f"databases of {whose}" if whose else "series of every account"
    there = f" in {setting.backup_region}" if setting.backup_region else ""
    return (
        f"{when(setting.looked_at)} UTC, {setting.region}: {source}, backups in "
        f"{setting.backup_account}{there}, data to be at most "
        f"{setting.max_snapshot_age_hours} hours old"
    )


def _not_begun(report: Shown, screen: Screen) -> Iterator[str]:
    """Why nothing has begun yet of what is due, each reason once."""
    reasons: dict[str, list[str]] = {}
    for entry in report.not_begun:
        reasons.setdefault(entry.reason, []).append(entry.database)
    for reason, names in reasons.items():
        yield ""
        yield from screen.wrapped(some_of(names, _MOST_NAMES), "not started: ", "busy")
        yield from screen.wrapped(with_times(reason), _INDENT)


def _table(report: Shown, screen: Screen, *, everything: bool, only_bad: bool) -> Iterator[str]:
    entries = report.bad if only_bad else report.databases
    if not entries:
        return
    head, *rows = fitted([_HEAD, *map(_row, entries)], screen.width)
    yield "  ".join(head).rstrip()
    for entry, (state, *cells) in zip(entries, rows, strict=True):
        yield "  ".join((screen.paint(state, TONES[entry.state]), *cells)).rstrip()
        for found in entry.detail.in_flight if entry.detail else ():
            yield f"{_INDENT}{flight(found)}"
        yield from _left(entry, screen, commands=everything)
        if everything:
            yield from _more(entry, screen)


def _row(entry: Entry) -> tuple[str, ...]:
    detail = entry.detail
    if detail is None:  # it could not be looked at: nothing is known of its backups
        return (told_state(entry.state), entry.database, *"-----")
    return (
        told_state(entry.state),
        entry.database,
        "no backup" if entry.age_hours is None else f"{entry.age_hours:.1f} h",
        str(entry.backups_kept),
        when(detail.backup_taken_at),
        size(detail.size),
        restored(detail),
    )


def _more(entry: Entry, screen: Screen) -> Iterator[str]:
    """What is known of a database beside its row."""
    if entry.state not in BAD and not entry.fix:
        yield from screen.wrapped(with_times(entry.reason), _INDENT)
    detail = entry.detail
    if detail is None:
        return
    facts = [f"{entry.kind} {entry.resource_id} of account {detail.source_account}"]
    if entry.backups_kept:
        oldest = when(detail.oldest_backup_taken_at)
        facts.append(f"oldest verified {oldest}, key {key_id(detail.kms_key)}")
    facts.append(f"restored: {restored(detail, whole=True)}")
    if base := kept_base(detail):
        facts.append(f"base: {base}")
    if expiry := next_expiry(detail):
        facts.append(f"next to expire: {expiry}")
    for fact in facts:
        yield from screen.wrapped(fact, _INDENT)


def _left(entry: Entry, screen: Screen, *, commands: bool) -> Iterator[str]:
    for words, command in left_lying(entry):
        yield from screen.wrapped(words, _INDENT)
        if commands:
            yield from (f"{_INDENT}  {line}" for line in command.splitlines())


def _others(report: Shown, screen: Screen, *, everything: bool) -> Iterator[str]:
    for entry in report.unselected:
        yield ""
        named = f"{entry.database} ({entry.kind} {entry.resource_id}): {with_times(entry.reason)}"
        yield from screen.wrapped(named, "not selected: ", "doubt")
        yield from _left(entry, screen, commands=everything)
        if entry.detail:
            yield from screen.wrapped(held_in_all(entry, entry.detail), _INDENT)
            if everything:
                yield from _removal(entry.detail, screen, report.setting)
    if not everything:
        return
    yield ""
    yield from screen.wrapped(SIZES)
    if not report.setting.expires:
        yield from screen.wrapped(ELSEWHERE)
    for arn in keys(report):
        yield f"Key {key_id(arn)} is {arn}"


def _removal(detail: Detail, screen: Screen, setting: Setting) -> Iterator[str]:
    if detail.removal is None:
        if setting.source_account:
            yield from screen.wrapped(NO_REMOVAL, _INDENT)
        return
    yield f"{_INDENT}To see whether the database exists, in account {setting.source_account}:"
    yield f"{_INDENT}  {detail.removal.look}"
    yield from screen.wrapped(TO_REMOVE, _INDENT)
    yield from (f"{_INDENT}  {line}" for line in detail.removal.delete.splitlines())
