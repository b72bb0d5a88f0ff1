"""A plan for people: per database what would be done now and why, and what would be kept."""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap

from rds_backup.printers.wording import ELSEWHERE, STAGES, flight, when
from rds_backup.report.detail import Detail, Setting
from rds_backup.report.result import Report

_WIDTH = 100
_INDENT = " " * 13


def plan_lines(report: Report, setting: Setting) -> Iterator[str]:
    """The plan, database by database; it prints what the report holds, and decides nothing."""
    yield f"Plan of {when(setting.looked_at)} UTC, {setting.region}; nothing has been changed."
    if not setting.expires:
        yield ELSEWHERE
    for entry in report.databases:
        yield ""
        yield f"{entry.database} ({entry.kind or 'selector'}): {entry.state}"
        yield from _line("reason", entry.told)
        if entry.detail:
            actions = [a for a in report.actions if a["resource_id"] == entry.resource_id]
            yield from _steps(entry.detail, actions)
            yield from _held(entry.detail)
    for entry in report.unselected:
        yield ""
        yield f"{entry.database} ({entry.kind}), not selected"
        if entry.detail:
            yield from _held(entry.detail)
    yield ""
    yield f"outcome: {report.outcome}"


def _steps(detail: Detail, actions: Sequence[Mapping[str, str]]) -> Iterator[str]:
    for action in actions:
        did = STAGES.get(action["action"], action["action"])
        yield from _line("now", f"{did}: {action['reason']}")
        yield f"{_INDENT}{action['snapshot']} in account {action['account']}"
    if not actions:
        yield from _line("now", "nothing")
    for found in detail.in_flight:
        yield from _line("under way", flight(found))
    yield from _line("remaining", ", ".join(STAGES[s] for s in detail.remaining) or "nothing")


def _held(detail: Detail) -> Iterator[str]:
    for held in detail.backups:
        word = {True: "keep", False: "expire", None: "held"}[held.kept]
        yield from _line(word, f"{held.snapshot}: {held.reason}")


def _line(label: str, text: str) -> Iterator[str]:
    first = f"  {label}".ljust(len(_INDENT))
    yield from wrap(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )
