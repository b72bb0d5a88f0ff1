"""The proof: what every policy has to answer, and which of its parts nobody would miss."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from tests.permissions.asking import Request, decisions
from tests.permissions.attempts import Who
from tests.permissions.faults import FAULTS
from tests.permissions.forbidden import FORBIDDEN
from tests.permissions.grants import Grants
from tests.permissions.playing import placed, recorded
from tests.permissions.removals import Removal, removals
from tests.permissions.scenarios import SCENARIOS, Deployed, Scenario, deploy
from tests.permissions.unrecorded import unrecorded

_SOME = 6


@dataclass(frozen=True)
class Expectation:
    """A request and what is to become of it; ``name`` is that of a forbidden call."""

    request: Request
    allowed: bool
    name: str = ""

    def __str__(self) -> str:
        """For the message of a failed test."""
        return f"{self.name or 'has to be allowed'}: {self.request}"


@cache
def deployed(scenario: Scenario) -> Deployed:
    """The templates as they are, under a scenario."""
    return deploy(scenario)


@cache
def grants(scenario: Scenario) -> Grants:
    """Every policy under a scenario."""
    return deployed(scenario).grants


@cache
def played(scenario: Scenario) -> Sequence[Request]:
    """What the nights need, as recorded."""
    return recorded(deployed(scenario))


@cache
def allowed(scenario: Scenario) -> Sequence[Expectation]:
    """What has to be allowed."""
    more = (p for r in unrecorded(deployed(scenario)) for p in placed(r, scenario))
    needed = dict.fromkeys([*played(scenario), *more])
    return [Expectation(request, allowed=True) for request in needed]


@cache
def forbidden(scenario: Scenario) -> Sequence[Expectation]:
    """What has to be denied."""
    who = Who(deployed(scenario))
    return [
        Expectation(request, allowed=False, name=name)
        for name, requests in FORBIDDEN.items()
        for each in requests(who)
        for request in placed(each, scenario)
    ]


def failed(asked: Sequence[tuple[Grants, Expectation]]) -> list[bool]:
    """For each expectation whether these policies do not meet it."""
    answers = decisions((found, each.request) for found, each in asked)
    return [
        (answer == "Allowed") != each.allowed
        for (_, each), answer in zip(asked, answers, strict=True)
    ]


@cache
def unmet() -> Mapping[Scenario, Sequence[Expectation]]:
    """Everything that the templates as they are do not meet."""
    asked = [(s, each) for s in SCENARIOS for each in (*allowed(s), *forbidden(s))]
    answers = failed([(grants(scenario), each) for scenario, each in asked])
    found: dict[Scenario, list[Expectation]] = {scenario: [] for scenario in SCENARIOS}
    for (scenario, each), wrong in zip(asked, answers, strict=True):
        if wrong:
            found[scenario].append(each)
    return found


def parts(found: Grants) -> list[Removal]:
    """Every part of every policy; a second source account's are those of the first."""
    return [
        removal
        for name, policy in found.documents.items()
        if not name.startswith("source of")
        for removal in removals(name, policy)
    ]


def unnoticed(
    found: Grants, taken: Iterable[Removal], expected: Sequence[Expectation]
) -> list[Removal]:
    """The parts without which every expectation is still met."""
    left = [*taken]
    # A few expectations settle most parts; the few parts that are left are asked for all.
    for several in (slice(_SOME), slice(_SOME, None)):
        asked = [
            (number, removal.applied(found), each)
            for number, removal in enumerate(left)
            for each in [e for e in expected if removal.touches(e.request, found)][several]
        ]
        answers = failed([(changed, each) for _, changed, each in asked])
        noticed = {number for (number, _, _), wrong in zip(asked, answers, strict=True) if wrong}
        left = [removal for number, removal in enumerate(left) if number not in noticed]
    return left


def figures() -> dict[str, int]:
    """How much is asked, over all scenarios; docs/reference/permissions.md states it."""
    return {
        "ways to deploy": len(SCENARIOS),
        "distinct requests recorded": sum(len(played(s)) for s in SCENARIOS),
        "distinct requests that have to be allowed, those included": sum(
            len(allowed(s)) for s in SCENARIOS
        ),
        "parts of policies taken out one by one": sum(len(parts(grants(s))) for s in SCENARIOS),
        "kinds of forbidden calls": len(FORBIDDEN),
        "forbidden requests": sum(len(forbidden(s)) for s in SCENARIOS),
        "mistakes put into the templates": len(FAULTS),
    }
