"""Pieces of the status page: every value is escaped here, and every shape has a text beside it."""

from collections.abc import Iterable
from html import escape

from rds_backup.model.decisions import State
from rds_backup.printers.verdict import TONES, told_state
from rds_backup.printers.wording import with_times


def shape(tone: str) -> str:
    """The drawn shape of a tone, to stand beside a word."""
    drawn = f'<use href="#{tone}"/>'
    return f'<svg class="shape {tone}" viewBox="0 0 16 16" aria-hidden="true">{drawn}</svg>'


def with_shape(state: State) -> str:
    """A state as its shape and its word."""
    return f'<span class="state">{shape(TONES[state])} {told_state(state)}</span>'


def prose(text: str) -> str:
    """A running text, with the times in it as people read them."""
    return escape(with_times(text))


def facts(pairs: Iterable[tuple[str, str | None]]) -> str:
    """Names and values side by side, as a list; without those that have no value."""
    found = (
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
        for name, value in pairs
        if value
    )
    return f'<dl class="facts">{"".join(found)}</dl>\n'
