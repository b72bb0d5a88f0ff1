"""Fixtures of the sandbox's own tests."""

from collections.abc import Iterator

import pytest

from sandbox import Kind, Sandbox, Switches
from tests.sandbox.families import Family


@pytest.fixture
def switches() -> Switches:
    """The settings of the world; a test parametrizes this to change them."""
    return Switches()


@pytest.fixture
def aws(switches: Switches) -> Iterator[Sandbox]:
    """Two empty accounts."""
    with Sandbox(switches=switches) as sandbox:
        yield sandbox


@pytest.fixture(params=["instance", "cluster"])
def family(request: pytest.FixtureRequest, aws: Sandbox) -> Family:
    """Each of the two families."""
    kind: Kind = request.param
    return Family(aws, kind)
