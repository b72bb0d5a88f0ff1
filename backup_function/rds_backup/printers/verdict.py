"""What it all comes to: one sentence that names what needs a person, and each reason once."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from rds_backup.model.decisions import BAD, State
from rds_backup.printers.wording import some_of
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
MOST_NAMES = 8
_WOULD = {
    "copy": "begin {} of a new snapshot",
    "back_up": "hand over {}",
    "delete_shared_copy": "delete {} that served",
    "expire": "expire {}",
}


class Verdict(NamedTuple):
    """One sentence, and its tone."""

    words: str
    tone: str


class Cause(NamedTuple):
    """A state and a reason, with the fix, and the databases that they hold for."""

    state: State
    names: tuple[str, ...]
    reason: str
    fix: str | None


def verdict(report: Shown) -> Verdict:
    """What a ``status`` or a ``plan`` comes to: who needs a person, or that nobody does."""
    said, tone = _said(report)
    if report.late:
        said, tone = f"{said}; {report.late}", "bad"
    return Verdict(said, tone)


def _said(report: Shown) -> Verdict:
    total, needy = report.total, report.needy
    if needy:
        verb = "needs" if needy == 1 else "need"
        named = [f"{name} ({told(state)})" for name, state in report.named]
        names = some_of([*named, *[""] * (needy - len(named))], min(MOST_NAMES, len(named)))
        return Verdict(f"{needy} of {total} {verb} a person: {names}", "bad")
    if not total:
        return Verdict("there is nothing to protect, and nothing is held", "doubt")
    waiting = report.count(State.IN_PROGRESS, State.QUEUED)
    if waiting:
        done = total - waiting
        return Verdict(
            f"nobody is needed: {done} of {total} protected, {waiting} on the way", "busy"
        )
    return Verdict(
        "the one database is protected" if total == 1 else f"all {total} are protected", "good"
    )


def would(report: Shown) -> str:
    """What a ``plan`` would do, in numbers."""
    counts = Counter(action["action"] for action in report.actions)
    said = [
        words.format(f"{counts[word]} {'copy' if counts[word] == 1 else 'copies'}")
        for word, words in _WOULD.items()
        if counts[word]
    ]
    return f"a backup would now {', '.join(said)}" if said else "a backup would now change nothing"


def told(state: State) -> str:
    """A state as a word or two."""
    return state.replace("_", " ")


def causes(entries: Iterable[Entry]) -> list[Cause]:
    """Every reason once that a person has something to do or to know for, the bad ones first."""
    groups: dict[tuple[State, str, str | None], list[str]] = {}
    for entry in entries:
        if entry.state in BAD or entry.fix:
            groups.setdefault((entry.state, entry.reason, entry.fix), []).append(entry.database)
    found = [Cause(state, tuple(names), *said) for (state, *said), names in groups.items()]
    return sorted(found, key=lambda cause: cause.state not in BAD)
