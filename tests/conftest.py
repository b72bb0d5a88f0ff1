"""Fixtures of the workflow tests: a sandbox, and the function deployed in it."""

import dataclasses
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TypeGuard

import pytest

from sandbox import Sandbox, Switches
from sandbox.observing import OBSERVED, worlds
from sandbox.serving.lambda_runtime import Function
from tests.support.playing import NIGHT
from tests.support.usual import RESTS_ON

# The usual settings, and beside them what was seen on AWS, once there is a report of it.
_WORLDS = worlds(Path(os.environ.get("RDS_BACKUP_OBSERVED", OBSERVED)))
_SEEN = len(_WORLDS) > 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what rests on the usual value of a switch that was seen otherwise."""
    if not _SEEN:
        return
    usual, seen = map(dataclasses.asdict, _WORLDS)
    away = {n for s, names in RESTS_ON.items() if usual[s] != seen[s] for n in names}
    gone = {item for item in items if _in_the_observed(item) and item.originalname in away}
    config.hook.pytest_deselected(items=[*gone])
    items[:] = [item for item in items if item not in gone]


def _in_the_observed(item: pytest.Item) -> TypeGuard[pytest.Function]:
    called = getattr(item, "callspec", None)
    return called is not None and called.params.get("switches") is _WORLDS[-1]


@pytest.fixture(params=_WORLDS if _SEEN else None, ids=("usual", "observed") if _SEEN else None)
def switches(request: pytest.FixtureRequest) -> Switches:
    """The settings of the world; a test parametrizes this to change them."""
    found: Switches = getattr(request, "param", _WORLDS[0])
    return found


@pytest.fixture
def aws(switches: Switches) -> Iterator[Sandbox]:
    """Two empty accounts, two hours before the night."""
    with Sandbox(start=NIGHT - timedelta(hours=2), switches=switches) as sandbox:
        yield sandbox


@pytest.fixture
def function(aws: Sandbox) -> Function:
    """The function in the source account, for everything tagged backup=nightly."""
    return Function(aws, aws.environment(DB_TAG="backup=nightly"))
