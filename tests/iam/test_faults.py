"""The proof fails when it should: mistakes in the templates, each noticed in the way it has to be."""

from collections.abc import Iterator, Mapping
from functools import cache

import pytest

from tests.iam import exempt, proving
from tests.iam.asking import concerns
from tests.iam.faults import FAULTS, Fault
from tests.iam.grants import Grants
from tests.iam.removals import wide
from tests.iam.resolving import UnknownError
from tests.iam.scenarios import SCENARIOS, Deployed, Scenario, deploy_all

BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


@cache
def deployments() -> Mapping[Fault, Deployed]:
    """Every faulty template resolved, in one run of sam's translator."""
    found = deploy_all([(BY_NAME[fault.scenario], fault.texts) for fault in FAULTS])
    return dict(zip(FAULTS, found, strict=True))


@pytest.mark.parametrize("fault", [pytest.param(f, id=f.name) for f in FAULTS])
def test_it_is_noticed(fault: Fault) -> None:
    """By the part of the proof that is there for it."""
    scenario = BY_NAME[fault.scenario]
    try:
        found = deployments()[fault].grants
    except UnknownError:
        assert fault.noticed == "unknown"
        return
    changed = _changed(proving.grants(scenario), found)

    assert changed
    assert fault.noticed in _noticed(scenario, found, changed)


def _changed(before: Grants, after: Grants) -> frozenset[str]:
    """The policies in which the fault is."""
    return frozenset(
        name for name, policy in after.documents.items() if policy != before.documents.get(name)
    )


def _noticed(scenario: Scenario, found: Grants, changed: frozenset[str]) -> Iterator[str]:
    """What the proof says about the changed policies."""
    expected = [
        each
        for each in (*proving.allowed(scenario), *proving.forbidden(scenario))
        if changed & concerns(each.request, found)
    ]
    for each in proving.failed(found, expected):
        yield "denied" if each.allowed else "allowed"
    for name in changed:
        if set(wide(name, found.documents[name])) - set(exempt.WIDE):
            yield "wide"
    before = {removal.name for removal in proving.parts(proving.grants(scenario))}
    added = [r for r in proving.parts(found) if r.policy in changed and r.name not in before]
    if proving.unnoticed(found, added, expected):
        yield "unneeded"
