"""The answers of ``check`` for people: a line a question, and what is to be pasted under it."""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from textwrap import wrap

from rds_backup.check.answer import Answer, Checked
from rds_backup.printers.wording import when

_WIDTH = 100
_INDENT = " " * 8
# What no look can tell, said with every answer: a pass is no promise of it.
_NOT_ASKED = (
    "Not asked, since only a copy can tell: whether the roles' own policies allow each call of a "
    "night, and what RDS itself refuses."
)


def check_lines(checked: Checked) -> Iterator[str]:
    """The answers in their order; it prints what they hold, and decides nothing."""
    yield f"Check of {when(checked.looked_at)} UTC, {checked.region}; nothing has been changed."
    for about, answers in groupby(checked.answers, key=lambda a: a.about):
        yield ""
        yield about
        for answer in answers:
            yield from _answer(answer)
    yield ""
    yield from wrap(_NOT_ASKED, _WIDTH)
    counts = Counter(a.level for a in checked.answers)
    told = ", ".join(f"{counts[level]} {level}" for level in sorted(counts))
    yield f"outcome: {checked.outcome} ({told})"


def _answer(answer: Answer) -> Iterator[str]:
    yield from _wrapped(f"{answer.question}: {answer.fact}", f"  {answer.level:<6}")
    if answer.fix:
        yield from _wrapped(f"fix: {answer.fix}", _INDENT)
    for into, pastes in groupby(answer.paste, key=lambda p: p.into):
        yield from _wrapped(f"into {into}:", _INDENT)
        for paste in pastes:
            yield f"{_INDENT}{json.dumps(paste.statement)}"


def _wrapped(text: str, first: str) -> Iterator[str]:
    yield from wrap(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=_INDENT + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
