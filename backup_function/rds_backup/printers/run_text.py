"""The report for people: lines of text.  It prints what the report holds, and decides nothing."""

from collections.abc import Iterator

from rds_backup.report.entry import Entry
from rds_backup.report.result import Report


def lines(report: Report) -> Iterator[str]:
    """A line for each database, for each action and for each series that nobody selects."""
    for entry in report.databases:
        yield _entry(entry)
    for action in report.actions:
        yield "  {action} {snapshot} in account {account}".format_map(action)
    for entry in report.unselected:
        yield f"not selected: {_entry(entry)}"
    yield f"outcome: {report.outcome}"


def _entry(entry: Entry) -> str:
    age = "no backup" if entry.age_hours is None else f"{entry.age_hours:.1f} h old"
    kind = entry.kind or "selector"
    return (
        f"{entry.state:<12}{entry.database} ({kind}, {entry.backups_kept} kept, {age}): "
        f"{entry.told}"
    )
