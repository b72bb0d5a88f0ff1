"""The answers of ``check`` for people: the worst first, and what is to be pasted under it."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rds_backup.check.answer import Answer, Checked, Level
from rds_backup.printers.screen import Screen
from rds_backup.printers.verdict import Summary, verdict_lines
from rds_backup.printers.wording import some_of, when, with_times

_INDENT = " " * 8
_MOST_NAMES = 8
_TONES = {Level.FAIL: "bad", Level.WARN: "doubt", Level.PASS: "good"}
# What no look can tell, said with every answer: a pass is no promise of it.
_NOT_ASKED = (
    "Not checked, since only a real copy can show it: whether the roles' own policies allow each "
    "call of a night, and what RDS itself refuses."
)


def check_lines(
    checked: Checked, screen: Screen, *, everything: bool = False, only_bad: bool = False
) -> Iterator[str]:
    """The answers, the worst first; it prints what they hold, and decides nothing.

    What passes is one line for all that is asked about the same; ``everything`` has each answer,
    in the order of asking.
    """
    said = _verdict(checked)
    if checked.as_of:
        said = said._replace(words=f"{checked.as_of}: {said.words}")
    yield from verdict_lines(said, screen)
    there = f", backups in {checked.backup_region}" if checked.backup_region else ""
    yield f"{when(checked.looked_at)} UTC, {checked.region}{there}; nothing has been changed"
    if everything:
        yield from _by_subject(checked.answers, screen)
    else:
        yield from _causes(checked.answers, screen)
        if not only_bad:
            yield from _passed(checked.answers, screen)
    yield ""
    if checked.missing:
        yield f"{checked.missing:,} more answers are not in this result."
    yield from screen.wrapped(_NOT_ASKED)
    yield from verdict_lines(said, screen)


def _verdict(checked: Checked) -> Summary:
    counts = checked.counts
    total, fails, warns = sum(counts.values()), counts[Level.FAIL], counts[Level.WARN]
    if not total:
        return Summary("fail: no answer at all", "bad")
    if not fails and not warns:
        return Summary(f"pass: all {total} answers", "good")
    bad = sorted(
        (a for a in checked.answers if a.level is not Level.PASS),
        key=lambda a: a.level is not Level.FAIL,
    )
    names = some_of(dict.fromkeys(f"{a.about}: {a.question}" for a in bad), _MOST_NAMES, "; ")
    words = f"{checked.outcome}: {fails} fail and {warns} warn of {total} answers; {names}"
    return Summary(words, _TONES[checked.outcome])


def _causes(answers: Iterable[Answer], screen: Screen) -> Iterator[str]:
    """Each answer that is no pass once, with all that it is about, failures first."""
    groups: dict[tuple[object, ...], list[Answer]] = {}
    for answer in answers:
        if answer.level is not Level.PASS:
            key = (answer.level, answer.question, answer.fact, answer.fix, repr(answer.paste))
            groups.setdefault(key, []).append(answer)
    for alike in sorted(groups.values(), key=lambda g: g[0].level is not Level.FAIL):
        yield ""
        names = some_of((a.about for a in alike), _MOST_NAMES)
        first = alike[0]
        yield from screen.wrapped(names, f"{first.level}  ", _TONES[first.level])
        yield from _said(first, screen)


def _passed(answers: Iterable[Answer], screen: Screen) -> Iterator[str]:
    counts = Counter(a.about for a in answers if a.level is Level.PASS)
    if counts:
        yield ""
    for about, count in counts.items():
        yield f"{screen.paint('pass', 'good')}  {about}: {count} answer{'s' * (count != 1)}"


def _by_subject(answers: Sequence[Answer], screen: Screen) -> Iterator[str]:
    for about in dict.fromkeys(a.about for a in answers):
        yield ""
        yield about
        for answer in (a for a in answers if a.about == about):
            text = with_times(f"{answer.question}: {answer.fact}")
            yield from screen.wrapped(text, f"  {answer.level:<6}", _TONES[answer.level])
            yield from _mend(answer, screen)


def _said(answer: Answer, screen: Screen) -> Iterator[str]:
    yield from screen.wrapped(with_times(f"{answer.question}: {answer.fact}"), " " * 6)
    yield from _mend(answer, screen)


def _mend(answer: Answer, screen: Screen) -> Iterator[str]:
    if answer.fix:
        yield from screen.wrapped(with_times(answer.fix), f"{_INDENT}fix: ", "head")
    for into, pastes in groupby(answer.paste, key=lambda p: p.into):
        yield from screen.wrapped(f"into {into}:", _INDENT)
        for paste in pastes:
            yield f"{_INDENT}{json.dumps(paste.statement)}"
