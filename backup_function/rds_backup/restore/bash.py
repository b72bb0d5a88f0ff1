"""Commands of the AWS CLI as text for bash: what is known is written out, what is not stops them.

Knows quoting and layout, and no operation of AWS.
"""

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Blank:
    """A value that a person has to fill in: a shell variable, and what it has to be."""

    name: str
    note: str

    def __str__(self) -> str:
        """The reference; bash refuses the whole command while the variable is unset or empty."""
        return f'"${{{self.name}:?}}"'


type Word = str | Blank
type Option = tuple[str, *tuple[Word, ...]]


@dataclass(frozen=True, slots=True)
class Command:
    """One command, with the reason for it; an option a line, so that a line can be taken out."""

    why: str
    operation: str
    options: tuple[Option, ...]

    def lines(self) -> Iterator[str]:
        """The reason as comments, then the command."""
        yield from comment(self.why)
        ends = [*(" \\" for _ in self.options), ""]
        yield f"aws {self.operation}{ends[0]}"
        for option, end in zip(self.options, ends[1:], strict=True):
            yield f"  {' '.join(map(_quoted, option))}{end}"


def blanks(commands: Iterable[Command]) -> tuple[Blank, ...]:
    """What has to be filled in for these, each once, in the order of use."""
    words = (word for command in commands for option in command.options for word in option)
    return tuple(dict.fromkeys(word for word in words if isinstance(word, Blank)))


def assignments(values: Sequence[Blank]) -> Iterator[str]:
    """A line for each value: empty, with what it has to be."""
    width = max((len(blank.name) for blank in values), default=0) + 1
    for blank in values:
        yield f"{f'{blank.name}=':<{width}}  # {blank.note}"


def comment(text: str) -> Iterator[str]:
    """The lines of a text as comments."""
    for line in text.splitlines():
        yield f"# {line}".rstrip()


def _quoted(word: Word) -> str:
    return str(word) if isinstance(word, Blank) else shlex.quote(word)
