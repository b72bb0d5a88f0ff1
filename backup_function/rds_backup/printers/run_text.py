"""A run for people: a line for each change, how far it is, and what it came to at the end."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from rds_backup.model.clock import iso
from rds_backup.model.decisions import BAD, WAITING, State
from rds_backup.printers.screen import Screen
from rds_backup.printers.verdict import (
    TONES,
    Summary,
    cause_lines,
    told_state,
    verdict_lines,
    verdict_on,
)
from rds_backup.printers.wording import some_of, when, with_times
from rds_backup.report.entry import Entry
from rds_backup.report.result import Report
from rds_backup.report.shown import worst_first

_QUIET = timedelta(minutes=10)
_MOST_NAMES = 5
_DID = {
    "copy": "copy under the sharing key started",
    "unshare": "no longer shared with others",
    "back_up": "copy under the backup key started",
    "delete_shared_copy": "shared copy deleted",
    "expire": "expired",
}


class Progress:
    """What a run has said so far, so that it says each thing once."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._told: dict[str, tuple[State, str]] | None = None
        self._at: datetime | None = None

    def lines(self, report: Report, now: datetime, again: datetime | None) -> Iterator[str]:
        """What has changed since the pass before, then how far it is, and when the next look is.

        How far is told when anything else is, and else every ten minutes; not where no look comes
        ``again``.
        """
        at = when(iso(now))
        changed = [f"{at} {line}" for line in self._changes(report)]
        yield from changed
        waiting = [e for e in report.databases if e.state in WAITING]
        if again and (changed or self._at is None or now - self._at >= _QUIET):
            self._at = now
            done = sum(e.state is State.PROTECTED for e in report.databases)
            far = some_of(map(_how_far, waiting), _MOST_NAMES) or "nothing is under way"
            total = len(report.databases)
            later = f"looks again at {when(iso(again))} UTC"
            yield f"{at} {done} of {total} protected; {far}; {later}"

    def _changes(self, report: Report) -> Iterator[str]:
        for action in report.actions:
            if did := _DID.get(action["action"]):  # what is shared is copied in the same breath
                yield f"{action['database']}: {did}: {action['snapshot']}"
        before, first = self._told or {}, self._told is None
        touched = {a["database"] for a in report.actions}
        self._told = {e.place: (e.state, e.reason) for e in report.databases}
        for entry in report.databases:
            state, reason = before.get(entry.place, (None, ""))
            if entry.state in BAD and (entry.state, entry.reason) != (state, reason):
                yield f"{entry.database}: {told_state(entry.state)}: {with_times(entry.told)}"
            elif entry.state is State.PROTECTED is not state and (
                not first or entry.database in touched
            ):
                yield f"{entry.database}: protected"


def _how_far(entry: Entry) -> str:
    percent = "" if entry.percent is None else f" {entry.percent} %"
    since = f" since {when(entry.since)}" if entry.since else ""
    return f"{entry.database} {told_state(entry.state)}{percent}{since}"


def run_lines(report: Report, screen: Screen) -> Iterator[str]:
    """What the last pass left: the verdict, what needs a person, a line for each database."""
    entries = sorted(report.databases, key=worst_first)
    bad = [(e.database, e.state) for e in entries if e.state in BAD]
    waiting = sum(e.state in WAITING for e in entries)
    said = verdict_on(len(entries), len(bad), bad, waiting)
    left = [f"{u.database}: {u.words}" for u in report.undeleted]
    if left or report.late:
        more = [f"{len(left)} could not be deleted"] if left else []
        said = Summary("; ".join([said.words, *more, *filter(None, [report.late])]), "bad")
    yield from verdict_lines(said, screen)
    yield from cause_lines(entries, screen)
    yield ""
    yield from _rows(entries, screen)
    for entry in report.unselected:
        yield f"not selected: {entry.database} ({entry.kind}, {entry.backups_kept} kept)"
    for words in left:
        yield from screen.wrapped(with_times(words), "not deleted: ", "bad")
    yield from verdict_lines(said, screen)


def _rows(entries: Sequence[Entry], screen: Screen) -> Iterator[str]:
    for entry in entries:
        age = "no backup" if entry.age_hours is None else f"{entry.age_hours:.1f} h old"
        known = f", {entry.backups_kept} kept, {age}" if entry.backup else ""
        state = screen.paint(f"{told_state(entry.state):<12}", TONES[entry.state])
        yield f"{state}{entry.database} ({entry.kind or 'selector'}{known})"
