"""What it all comes to: one sentence that names what needs a person, and each reason once."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rds_backup.model.decisions import BAD, State
from rds_backup.printers.screen import Screen
from rds_backup.printers.wording import some_of, with_times
from rds_backup.report.entry import Entry
from rds_backup.report.shown import Shown

# As the page's and the terminal's colours are called.
TONES = {
    State.PROTECTED: "good",
    State.IN_PROGRESS: "busy",
    State.QUEUED: "busy",
    State.STALE: "doubt",
    State.STUCK: "bad",
    State.BLOCKED: "bad",
    State.UNSUPPORTED: "bad",
    State.UNKNOWN: "bad",
}
_MOST_NAMES, _MOST_OF_A_CAUSE, _MOST_CAUSES = 8, 20, 15
_WOULD = {
    "copy": ("start", "copy", "copies"),
    "back_up": ("hand over", "copy", "copies"),
    "delete_shared_copy": ("delete", "shared copy", "shared copies"),
    "expire": ("expire", "backup", "backups"),
}
# Two reasons are alike where they differ in numbers, times and the names of snapshots only.
_OWN = re.compile(r"\S*\d\S*")


class Summary(NamedTuple):
    """One sentence, and its tone."""

    words: str
    tone: str


class Cause(NamedTuple):
    """A state and a reason, with the fix, and the databases that they hold for.

    Where these have it in words that differ in numbers and names, the reason is the first one's.
    """

    state: State
    names: tuple[str, ...]
    reason: str
    fix: str | None
    differs: bool = False

    @property
    def told(self) -> str:
        """The reason, and whose it is where not all have the same."""
        return f"{self.names[0]}, for one: {self.reason}" if self.differs else self.reason


def verdict(report: Shown) -> Summary:
    """What a ``status`` or a ``plan`` comes to: who needs a person, or that nobody does."""
    said = _verdict(report)
    words = f"{said.words}; {report.late}" if report.late else said.words
    if report.missing:
        words = f"{words} ({report.missing:,} more are not in this result)"
    if report.as_of:
        words = f"{report.as_of}: {words}"
    return Summary(words, "bad" if report.late else said.tone)


def _verdict(report: Shown) -> Summary:
    total, unseen = report.total, report.setting.source_account is None
    if not total and report.unselected:
        count = len(report.unselected)
        retired = "retired" if unseen else "not selected"
        return Summary(f"nothing to protect: {count} series held, {retired}", "doubt")
    said = verdict_on(total, report.needy, report.named, report.waiting, len(report.not_begun))
    if unseen and total and said.tone == "good":
        words = f"all {total} series held here have fresh data"
        blind = "databases without any backup here cannot be seen"
        return Summary(f"{words}; {blind}", "good")
    return said


def verdict_on(
    total: int,
    needy: int,
    named: Sequence[tuple[str, State]],
    waiting: int,
    not_begun: int = 0,
) -> Summary:
    """The same of these numbers; not all of the needy have to be ``named``.

    Of what has ``not_begun`` only a run can tell whether AWS refuses it.
    """
    if needy:
        verb = "needs" if needy == 1 else "need"
        names = [f"{name} ({told_state(state)})" for name, state in named[:_MOST_NAMES]]
        more = f" and {needy - len(names)} more" if needy > len(names) else ""
        return Summary(f"{needy} of {total} {verb} a person: {', '.join(names)}{more}", "bad")
    if not total:
        return Summary("there is nothing to protect, and nothing is held", "doubt")
    if not waiting:
        return Summary("it is protected" if total == 1 else f"all {total} are protected", "good")
    parts = [f"{total - waiting} of {total} protected"]
    if waiting > not_begun:
        parts.append(f"{waiting - not_begun} on the way")
    if not_begun:
        parts.append(f"{not_begun} not started; only a run shows whether AWS refuses it")
        return Summary(", ".join(parts), "busy")
    return Summary(f"no action needed: {', '.join(parts)}", "busy")


def verdict_lines(said: Summary, screen: Screen) -> Iterator[str]:
    """The sentence in its tone."""
    for line in screen.wrapped(said.words):
        yield screen.paint(line, said.tone)


def would(report: Shown) -> str:
    """What a ``plan`` would do, in numbers."""
    counts = report.planned
    said = [
        f"{verb} {counts[word]} {one if counts[word] == 1 else many}"
        for word, (verb, one, many) in _WOULD.items()
        if counts.get(word)
    ]
    return f"a backup would now {', '.join(said)}" if said else "a backup would change nothing now"


def told_state(state: State) -> str:
    """A state as a word or two."""
    return state.replace("_", " ")


def causes(entries: Iterable[Entry]) -> list[Cause]:
    """Every reason once that a person has something to do or to know for, the bad ones first."""
    groups: dict[tuple[State, str, str], list[Entry]] = {}
    for entry in entries:
        if entry.state in BAD or entry.fix:
            alike = (entry.state, _alike(entry.reason, entry), _alike(entry.fix or "", entry))
            groups.setdefault(alike, []).append(entry)
    found = [
        Cause(
            state=each[0].state,
            names=tuple(entry.database for entry in each),
            reason=each[0].reason,
            fix=each[0].fix,
            differs=len({(entry.reason, entry.fix) for entry in each}) > 1,
        )
        for each in groups.values()
    ]
    return sorted(found, key=lambda cause: cause.state not in BAD)


def _alike(text: str, entry: Entry) -> str:
    return _OWN.sub("#", text.replace(entry.database, "#"))


def cause_lines(
    entries: Iterable[Entry], screen: Screen, *, everything: bool = False
) -> Iterator[str]:
    """Each cause as lines, with an empty one before it; not more than a screen of them."""
    found = causes(entries)
    shown = found if everything else found[:_MOST_CAUSES]
    for cause in shown:
        yield ""
        names = some_of(cause.names, _MOST_OF_A_CAUSE)
        yield from screen.wrapped(names, f"{told_state(cause.state)}: ", TONES[cause.state])
        yield from screen.wrapped(with_times(cause.told), "    ")
        if cause.fix:
            yield from screen.wrapped(with_times(cause.fix), "    fix: ", "head")
    if len(found) > len(shown):
        yield ""
        yield f"and {len(found) - len(shown)} more reasons; --all prints them"
