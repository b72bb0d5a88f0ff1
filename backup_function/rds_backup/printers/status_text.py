"""The status for people: a table with a row for each database, and what no database claims."""

from collections.abc import Iterator, Sequence

from rds_backup.printers.wording import (
    ELSEWHERE,
    NO_REMOVAL,
    SIZES,
    TO_REMOVE,
    flights_to_tell,
    held_in_all,
    hours,
    key_id,
    keys,
    left_lying,
    next_expiry,
    reason_to_tell,
    size,
    when,
)
from rds_backup.report.detail import Setting
from rds_backup.report.entry import Entry
from rds_backup.report.result import Report

_HEAD = ("state", "database", "newest verified", "age", "kept", "oldest", "size", "key")


def status_lines(report: Report, setting: Setting) -> Iterator[str]:
    """The status; it prints what the report holds, and decides nothing."""
    objective = setting.max_snapshot_age_hours
    yield (
        f"{when(setting.looked_at)} UTC, {setting.region}: databases of account "
        f"{setting.source_account}, backups in account {setting.backup_account}"
    )
    yield f"Objective: a verified backup with data at most {objective} hours old."
    yield ""
    rows = _aligned([_HEAD, *(_row(entry, objective) for entry in report.databases)])
    yield next(rows)
    for entry, row in zip(report.databases, rows, strict=True):
        yield row
        yield from (f"    {note}" for note in _notes(entry))
        yield from _left(entry)
    yield ""
    yield SIZES
    if not setting.expires:
        yield ELSEWHERE
    for arn in keys(report):
        yield f"Key {key_id(arn)} is {arn}"
    for entry in report.unselected:
        yield ""
        yield from _unselected(entry, setting.source_account)
    yield ""
    yield f"outcome: {report.outcome}"


def _row(entry: Entry, objective: int) -> tuple[str, ...]:
    detail = entry.detail
    if detail is None:
        return (entry.state, entry.database, *"------")
    return (
        entry.state,
        entry.database,
        when(detail.backup_taken_at),
        hours(entry.age_hours, objective),
        str(entry.backups_kept),
        when(detail.oldest_backup_taken_at),
        size(detail.size),
        key_id(detail.kms_key),
    )


def _notes(entry: Entry) -> Iterator[str]:
    reason = reason_to_tell(entry)
    if reason:
        yield reason
    if entry.detail:
        yield from flights_to_tell(entry)
        expiry = next_expiry(entry.detail)
        if expiry:
            yield f"next to expire: {expiry}"


def _left(entry: Entry) -> Iterator[str]:
    for words, command in left_lying(entry):
        yield f"    {words}"
        yield from (f"      {line}" for line in command.splitlines())


def _unselected(entry: Entry, account: str) -> Iterator[str]:
    yield f"Not selected: {entry.database} ({entry.kind} {entry.resource_id})"
    yield from _left(entry)
    if entry.detail is None:
        return
    detail = entry.detail
    yield f"    {held_in_all(entry, detail)}"
    if detail.removal is None:
        yield f"    {NO_REMOVAL}"
        return
    yield f"    To see whether the database exists, in account {account}:"
    yield f"      {detail.removal.look}"
    yield f"    {TO_REMOVE}"
    yield from (f"      {line}" for line in detail.removal.delete.splitlines())


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
