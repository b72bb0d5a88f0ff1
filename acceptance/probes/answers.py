"""A probe, and what it answers: a value, AWS's own words, and whether the product's handling fits.

The codes are those that the product reads as that answer; another code fits no handling.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from acceptance.sides import Told
from acceptance.stage import Stage

PARAMETERS = ("InvalidParameterValue", "InvalidParameterCombination", "ValidationError")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer; ``value`` is that of the sandbox's switch, where there is one."""

    value: Any
    evidence: list[str] = field(default_factory=list)
    fits: bool = True


@dataclass(frozen=True, slots=True)
class Probe:
    """What asks some questions, together: their ids, the calls, and the part of a run."""

    asks: tuple[str, ...]
    play: Callable[[Stage], Mapping[str, Answer]]
    part: str = "probes"


def refusal(told: Told, *codes: str, value: object = "refuse") -> Answer:
    """A refused call; it fits if the product reads its code as that."""
    return Answer(value=value, evidence=[told.words], fits=told.code in codes)


def shown(found: Mapping[str, Any], *names: str) -> str:
    """The members of a listing, by name; what is absent is called so."""
    return ", ".join(f"{name}={found.get(name, 'absent')}" for name in names)
