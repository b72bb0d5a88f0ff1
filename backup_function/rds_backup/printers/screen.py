"""A terminal's width and colours, as printers use them; nothing is asked of a terminal here."""

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import NamedTuple

# Select Graphic Rendition (ECMA-48); the colours are the terminal's own.
_CODES = {"good": "32", "busy": "36", "doubt": "33", "bad": "31", "head": "1"}


class Screen(NamedTuple):
    """How wide lines are, and whether tones are coloured."""

    width: int = 100
    colour: bool = False

    def paint(self, text: str, tone: str) -> str:
        """The text in the colour of a tone, or as it is."""
        return f"\x1b[{_CODES[tone]}m{text}\x1b[0m" if self.colour and tone else text

    def wrapped(self, text: str, first: str = "", tone: str = "") -> Iterator[str]:
        """Lines of this width, all behind as much space as ``first`` takes, which is in a tone.

        A word that is longer than a line stays whole, to be copied.
        """
        indent = " " * len(first)
        lines = wrap(
            text,
            self.width,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for number, line in enumerate(lines or [indent]):
            yield line if number else self.paint(first, tone) + line[len(first) :]


def fitted(rows: Sequence[Sequence[str]], width: int) -> list[list[str]]:
    """``aligned``, without the last columns where it would not fit; the first two stay."""
    cells = aligned(rows)
    for columns in range(len(rows[0]), 2, -1):
        if len("  ".join(cells[0][:columns])) <= width:
            return [row[:columns] for row in cells]
    return [row[:2] for row in cells]


def aligned(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The cells of each row, padded to the width of their columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows]
