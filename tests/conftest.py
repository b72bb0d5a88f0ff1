"""Fixtures of the workflow tests: a sandbox, and the function deployed in it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from sandbox import Sandbox, Switches
from sandbox.serving.lambda_runtime import Function
from tests.support.playing import NIGHT


@pytest.fixture
def switches() -> Switches:
    """The settings of the world; a test parametrizes this to change them."""
    return Switches()


@pytest.fixture
def aws(switches: Switches) -> Iterator[Sandbox]:
    """Two empty accounts, two hours before the night."""
    with Sandbox(start=NIGHT - timedelta(hours=2), switches=switches) as sandbox:
        yield sandbox


@pytest.fixture
def function(aws: Sandbox) -> Function:
    """The function in the source account, for everything tagged backup=nightly."""
    return Function(aws, aws.environment(DB_TAG="backup=nightly"))
