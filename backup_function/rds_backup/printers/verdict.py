"""What it all comes to: one sentence that names what needs a person, and each reason once."""

from collections import Counter
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
WAITING = (State.IN_PROGRESS, State.QUEUED)
_MOST_NAMES, _MOST_OF_A_CAUSE = 8, 20
_WOULD = {
    "copy": ("begin", "copy", "copies"),
    "back_up": ("hand over", "copy", "copies"),
    "delete_shared_copy": ("delete", "shared copy", "shared copies"),
    "expire": ("expire", "backup", "backups"),
}


class Summary(NamedTuple):
    """One sentence, and its tone."""

    words: str
    tone: str


class Cause(NamedTuple):
    """A state and a reason, with the fix, and the databases that they hold for."""

    state: State
    names: tuple[str, ...]
    reason: str
    fix: str | None


def verdict(report: Shown) -> Summary:
    """What a ``status`` or a ``plan`` comes to: who needs a person, or that nobody does."""
    waiting = report.count(*WAITING)
    said = verdict_on(report.total, report.needy, report.named, waiting)
    return Summary(f"{said.words}; {report.late}", "bad") if report.late else said


def verdict_on(total: int, needy: int, named: Sequence[tuple[str, State]], waiting: int) -> Summary:
    """The same of these numbers; not all of the needy have to be ``named``."""
    if needy:
        verb = "needs" if needy == 1 else "need"
        names = [f"{name} ({told_state(state)})" for name, state in named[:_MOST_NAMES]]
        more = f" and {needy - len(names)} more" if needy > len(names) else ""
        return Summary(f"{needy} of {total} {verb} a person: {', '.join(names)}{more}", "bad")
    if not total:
        return Summary("there is nothing to protect, and nothing is held", "doubt")
    if waiting:
        done = f"{total - waiting} of {total} protected"
        return Summary(f"nobody is needed: {done}, {waiting} on the way", "busy")
    return Summary("it is protected" if total == 1 else f"all {total} are protected", "good")


def verdict_lines(said: Summary, screen: Screen) -> Iterator[str]:
    """The sentence in its tone."""
    for line in screen.wrapped(said.words):
        yield screen.paint(line, said.tone)


def would(report: Shown) -> str:
    """What a ``plan`` would do, in numbers."""
    counts = Counter(action["action"] for action in report.actions)
    said = [
        f"{verb} {counts[word]} {one if counts[word] == 1 else many}"
        for word, (verb, one, many) in _WOULD.items()
        if counts[word]
    ]
    return f"a backup would now {', '.join(said)}" if said else "a backup would change nothing now"


def told_state(state: State) -> str:
    """A state as a word or two."""
    return state.replace("_", " ")


def causes(entries: Iterable[Entry]) -> list[Cause]:
    """Every reason once that a person has something to do or to know for, the bad ones first."""
    groups: dict[tuple[State, str, str | None], list[str]] = {}
    for entry in entries:
        if entry.state in BAD or entry.fix:
            groups.setdefault((entry.state, entry.reason, entry.fix), []).append(entry.database)
    found = [Cause(key[0], tuple(names), key[1], key[2]) for key, names in groups.items()]
    return sorted(found, key=lambda cause: cause.state not in BAD)


def cause_lines(entries: Iterable[Entry], screen: Screen) -> Iterator[str]:
    """Each cause as lines, with an empty one before it."""
    for cause in causes(entries):
        yield ""
        names = some_of(cause.names, _MOST_OF_A_CAUSE)
        yield from screen.wrapped(names, f"{told_state(cause.state)}: ", TONES[cause.state])
        yield from screen.wrapped(with_times(cause.reason), "    ")
        if cause.fix:
            yield from screen.wrapped(with_times(cause.fix), "    fix: ", "head")
