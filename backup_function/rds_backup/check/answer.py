"""What ``check`` comes to: one answer a question, with the fix and what is to be pasted for it.

Values only.  This module must not know what is asked, or how it is found out.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from rds_backup.report.bounded import MAX_RESULT_BYTES, Item, bounded
from rds_backup.report.known import known

type Statement = Mapping[str, Any]


class Level(StrEnum):
    """How an answer is to be taken.

    ``fail``: backups fail tonight, or by the night that is named.  ``warn``: it cannot be told, or
    a person should know.  ``pass`` is said only of what was seen.
    """

    PASS = "pass"  # noqa: S105 - no password
    WARN = "warn"
    FAIL = "fail"


_SHOWN = 3
_ORDER = (Level.PASS, Level.WARN, Level.FAIL)


@dataclass(frozen=True, slots=True)
class Paste:
    """A policy statement that is missing, and the policy that it belongs in."""

    into: str
    statement: Statement


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question: ``about`` whom or what it is, and the fact that was found."""

    about: str
    question: str
    level: Level
    fact: str
    fix: str | None = None
    paste: tuple[Paste, ...] = ()

    @property
    def cause(self) -> dict[str, str | None]:
        """What it has in common with the same answer about others."""
        said = {"level": str(self.level), "question": self.question}
        return said | {"fact": self.fact, "fix": self.fix}

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> Self:
        """The answer read back."""
        pastes = tuple(known(Paste, paste) for paste in found["paste"] or ())
        return known(cls, {**found, "level": Level(found["level"]), "paste": pastes})

    def as_dict(self) -> dict[str, Any]:
        """The answer, JSON-ready."""
        return {
            "about": self.about,
            "question": self.question,
            "level": str(self.level),
            "fact": self.fact,
            "fix": self.fix,
            "paste": [{"into": p.into, "statement": dict(p.statement)} for p in self.paste],
        }


def some(found: Sequence[str], between: str = ", ") -> str:
    """The first three, and how many more there are: a flood makes no page of one answer."""
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return between.join(found[:_SHOWN]) + more


@dataclass(frozen=True, slots=True)
class Checked:
    """Every answer, with the time (ISO 8601, UTC) and the Region of the look.

    ``backup_region`` is that of the backups, if it is another.

    One that is read back may be a page: ``missing`` is how many it leaves out, ``counted`` are
    all; ``as_of`` says in words that the look is an old one.
    """

    looked_at: str
    region: str
    answers: tuple[Answer, ...]
    missing: int = 0
    as_of: str | None = None
    counted: Mapping[str, int] = field(default_factory=dict)
    backup_region: str | None = None

    @classmethod
    def read(cls, result: Mapping[str, Any]) -> Self:
        """A result object read back; raises KeyError, TypeError or ValueError where it is none."""
        return cls(
            result["looked_at"],
            result["region"],
            tuple(map(Answer.read, result["answers"])),
            missing=result["more"]["count"] if "more" in result else 0,
            counted=result["counts"]["answers"],
            backup_region=result.get("backup_region"),
        )

    @property
    def counts(self) -> Counter[str]:
        """How many answers there are of each level; pages of two looks may disagree."""
        return Counter(self.counted) | Counter(str(a.level) for a in self.answers)

    @property
    def outcome(self) -> Level:
        """The worst answer; no answer at all is no pass."""
        levels = (Level(word) for word, number in self.counts.items() if number)
        return max(levels, key=_ORDER.index, default=Level.FAIL)

    @property
    def exit_code(self) -> int:
        """0 for ``pass``, 1 for ``warn``, 2 for ``fail``."""
        return _ORDER.index(self.outcome)

    def as_dict(self, after: str | None = None, most: float = MAX_RESULT_BYTES) -> dict[str, Any]:
        """The result object, JSON-ready: a page of it, of at most ``most`` bytes."""
        head = {
            "action": "check",
            "outcome": str(self.outcome),
            "looked_at": self.looked_at,
            "region": self.region,
            "backup_region": self.backup_region,
        }
        return bounded(head, ("answers",), self._items(), after, most)

    def _items(self) -> Iterator[Item]:
        for answer in self.answers:
            cause = None if answer.level is Level.PASS else answer.cause
            place = f"{answer.about}: {answer.question}"
            yield Item("answers", place, answer.level, answer.as_dict, cause, answer.about)
