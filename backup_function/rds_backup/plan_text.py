"""A plan for people: per database what would be done now and why, and what would be kept."""

from collections.abc import Iterator, Mapping

from rds_backup.report import Entry, Report
from rds_backup.wording import ELSEWHERE, STAGES, flight, when


def plan_lines(report: Report) -> Iterator[str]:
    """The plan, database by database; it prints what the report holds, and decides nothing."""
    setting = report.setting
    if setting:
        yield f"Plan of {when(setting.looked_at)} UTC, {setting.region}; nothing has been changed."
        if not setting.expires:
            yield ELSEWHERE
    known = {entry.resource_id for entry in report.databases}
    for entry in (*report.databases, *(e for e in report.unselected if e.resource_id not in known)):
        yield ""
        actions = [a for a in report.actions if a["resource_id"] == entry.resource_id]
        yield from _entry(entry, actions)
    yield ""
    yield f"outcome: {report.outcome}"


def _entry(entry: Entry, actions: list[Mapping[str, str]]) -> Iterator[str]:
    yield f"{entry.database} ({entry.kind or 'selector'}): {entry.state}"
    yield f"  reason     {entry.reason}"
    if entry.detail is None:
        return
    detail = entry.detail
    for action in actions:
        yield f"  now        {action['action']} {action['snapshot']}"
        yield f"             in account {action['account']}: {action['reason']}"
    if not actions:
        yield "  now        nothing"
    for found in detail.in_flight:
        yield f"  under way  {flight(found)}"
    remaining = ", then ".join(STAGES[stage] for stage in detail.remaining)
    yield f"  remaining  {remaining or 'nothing'}"
    for held in detail.backups:
        word = {True: "keep", False: "expire", None: "held"}[held.kept]
        yield f"  {word:<10} {held.snapshot}: {held.reason}"
