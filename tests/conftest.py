"""Fixtures of the workflow tests: a sandbox, and the function deployed in it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from sandbox import Sandbox
from sandbox.serving.lambda_runtime import Function
from tests.support.playing import NIGHT


@pytest.fixture
def aws() -> Iterator[Sandbox]:
    """Two empty accounts, two hours before the night."""
    with Sandbox(start=NIGHT - timedelta(hours=2)) as sandbox:
        yield sandbox


@pytest.fixture
def function(aws: Sandbox) -> Function:
    """The function in the source account, for everything tagged backup=nightly."""
    return Function(aws, aws.environment(DB_TAG="backup=nightly"))
