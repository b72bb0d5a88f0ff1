"""A plan for people: what needs a person, and per database what would be done now and why."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from rds_backup.model.decisions import BAD
from rds_backup.printers.screen import Screen, aligned
from rds_backup.printers.status_text import where
from rds_backup.printers.verdict import (
    TONES,
    cause_lines,
    told_state,
    verdict,
    verdict_lines,
    would,
)
from rds_backup.printers.wording import ELSEWHERE, STAGES, flight, kept_base, with_times
from rds_backup.report.detail import Detail
from rds_backup.report.entry import Entry
from rds_backup.report.shown import Shown

_INDENT = " " * 13
_HEAD = ("state", "database", "now")

type _Actions = Sequence[Mapping[str, str]]


def plan_lines(
    report: Shown, screen: Screen, *, everything: bool = False, only_bad: bool = False
) -> Iterator[str]:
    """The plan, the worst first; it prints what the report holds, and decides nothing.

    ``everything`` has each action with its reason, and what is kept and why.
    """
    said = verdict(report)
    yield from verdict_lines(said, screen)
    yield from screen.wrapped(f"{would(report)}; nothing has been changed")
    yield from screen.wrapped(where(report.setting))
    if everything and not report.setting.expires:
        yield from screen.wrapped(ELSEWHERE)
    entries = report.bad if only_bad else report.databases
    yield from cause_lines(entries, screen, everything=everything)
    yield ""
    if everything:
        yield from _in_full(report, entries, screen)
        if not only_bad:
            yield from _unselected(report, screen)
    else:
        yield from _table(report, entries, screen)
    yield from verdict_lines(said, screen)


def _table(report: Shown, entries: Sequence[Entry], screen: Screen) -> Iterator[str]:
    actions = _by_resource(report)
    rows = [
        (told_state(e.state), e.database, _now(actions.get(e.resource_id, ()))) for e in entries
    ]
    if rows:
        head, *cells = aligned([_HEAD, *rows])
        yield "  ".join(head).rstrip()
        for entry, (state, name, now) in zip(entries, cells, strict=True):
            lead = f"{screen.paint(state, TONES[entry.state])}  {name}  "
            room = screen._replace(width=max(20, screen.width - len(state) - len(name) - 4))
            first, *rest = room.wrapped(now.rstrip())
            yield lead + first
            yield from (" " * (len(state) + len(name) + 4) + line for line in rest)
    yield ""


def _now(actions: _Actions) -> str:
    """What would be done, in a few words; each thing once, and how often."""
    counted = Counter(STAGES.get(action["action"], action["action"]) for action in actions)
    said = [f"{word} ({count})" if count > 1 else word for word, count in counted.items()]
    return ", ".join(said) or "nothing"


def _in_full(report: Shown, entries: Sequence[Entry], screen: Screen) -> Iterator[str]:
    actions = _by_resource(report)
    for entry in entries:
        named = f"{entry.database} ({entry.kind or 'selector'}): "
        yield named + screen.paint(told_state(entry.state), TONES[entry.state])
        if entry.state not in BAD and not entry.fix:  # else it is told above
            yield from _line("reason", with_times(entry.reason), screen)
        if entry.detail:
            yield from _steps(entry.detail, actions.get(entry.resource_id, ()), screen)
            yield from _held(entry.detail, screen)
        yield ""


def _unselected(report: Shown, screen: Screen) -> Iterator[str]:
    for entry in report.unselected:
        yield f"{entry.database} ({entry.kind}), not selected"
        if entry.detail:
            yield from _held(entry.detail, screen)
        yield ""


def _by_resource(report: Shown) -> Mapping[str | None, _Actions]:
    found = defaultdict[str | None, list[Mapping[str, str]]](list)
    for action in report.actions:
        found[action["resource_id"]].append(action)
    return found


def _steps(detail: Detail, actions: _Actions, screen: Screen) -> Iterator[str]:
    for action in actions:
        did = STAGES.get(action["action"], action["action"])
        yield from _line("now", f"{did}: {action['reason']}", screen)
        yield f"{_INDENT}{action['snapshot']} in account {action['account']}"
    if not actions:
        yield from _line("now", "nothing", screen)
    for found in detail.in_flight:
        yield from _line("under way", flight(found), screen)
    left = ", ".join(STAGES[s] for s in detail.remaining)
    yield from _line("remaining", left or "nothing", screen)


def _held(detail: Detail, screen: Screen) -> Iterator[str]:
    if base := kept_base(detail):
        yield from _line("keep", base, screen)
    for held in detail.backups:
        word = {True: "keep", False: "expire", None: "held"}[held.kept]
        yield from _line(word, f"{held.snapshot}: {held.reason}", screen)


def _line(label: str, text: str, screen: Screen) -> Iterator[str]:
    yield from screen.wrapped(text, f"  {label}".ljust(len(_INDENT)))
