"""The proof fails when it should: mistakes in the templates, each noticed in its own way."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from fnmatch import fnmatchcase
from functools import cache

import pytest

from tests.permissions import exempt, proving
from tests.permissions.asking import concerns
from tests.permissions.faults import FAULTS, Fault
from tests.permissions.grants import Grants
from tests.permissions.proving import Expectation
from tests.permissions.removals import listed, wide
from tests.permissions.resolving import UnknownError
from tests.permissions.scenarios import SCENARIOS, Deployed, deploy_all

BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


@cache
def deployments() -> Mapping[Fault, Deployed]:
    """Every faulty template resolved, in one run of sam's translator."""
    found = deploy_all([(BY_NAME[fault.scenario], fault.texts) for fault in FAULTS])
    return dict(zip(FAULTS, found, strict=True))


@cache
def resolved() -> Mapping[Fault, Grants]:
    """The policies of every faulty deployment that can be judged."""
    found = {}
    for fault, deployed in deployments().items():
        with suppress(UnknownError):
            found[fault] = deployed.grants
    return found


@cache
def answers() -> Mapping[Fault, AbstractSet[str]]:
    """Which answers are wrong: something is ``denied``, or ``allowed``."""
    asked = [
        (fault, found, each)
        for fault, found in resolved().items()
        for each in _concerned(fault, found)
    ]
    wrong = proving.failed([(found, each) for _, found, each in asked])
    noticed: dict[Fault, set[str]] = {fault: set() for fault in resolved()}
    for (fault, _, each), is_wrong in zip(asked, wrong, strict=True):
        if is_wrong:
            noticed[fault].add("denied" if each.allowed else "allowed")
    return noticed


@pytest.mark.parametrize("fault", [pytest.param(f, id=f.name) for f in FAULTS])
def test_it_is_noticed(fault: Fault) -> None:
    """By the part of the proof that is there for it."""
    if fault not in resolved():
        assert "unknown" == fault.noticed
        return
    found = resolved()[fault]
    noticed = {
        *answers()[fault],
        *(["wide"] if _wide(fault, found) else []),
        *(["unneeded"] if fault.noticed == "unneeded" and _unneeded(fault, found) else []),
    }

    assert fault.noticed in noticed


def _changed(fault: Fault, found: Grants) -> AbstractSet[str]:
    """The policies in which the fault is."""
    before = proving.grants(BY_NAME[fault.scenario]).documents
    return {name for name, policy in found.documents.items() if policy != before.get(name)}


def _concerned(fault: Fault, found: Grants) -> list[Expectation]:
    """The expectations that the fault may break: of an action of a statement that it changes."""
    scenario = BY_NAME[fault.scenario]
    before = proving.grants(scenario).documents
    actions = {
        name: {
            action
            for one, other in ((policy, before[name]), (before[name], policy))
            for statement in one["Statement"]
            if statement not in other["Statement"]
            for action in listed(statement["Action"])
        }
        for name, policy in found.documents.items()
    }
    return [
        each
        for each in (*proving.allowed(scenario), *proving.forbidden(scenario))
        if any(
            fnmatchcase(each.request.action, action)
            for name in concerns(each.request, found)
            for action in actions[name]
        )
    ]


def _wide(fault: Fault, found: Grants) -> bool:
    """Whether there is a wildcard without a reason."""
    return any(
        set(wide(name, found.documents[name])) - set(exempt.WIDE) for name in _changed(fault, found)
    )


def _unneeded(fault: Fault, found: Grants) -> bool:
    """Whether a part that the fault put in could be taken out again unnoticed."""
    before = {removal.name for removal in proving.parts(proving.grants(BY_NAME[fault.scenario]))}
    added = [removal for removal in proving.parts(found) if removal.name not in before]
    return bool(proving.unnoticed(found, added, _concerned(fault, found)))
