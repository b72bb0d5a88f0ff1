"""Fixtures of the sandbox's own tests."""

from collections.abc import Iterator

import pytest

from sandbox import Kind, Sandbox, Switches
from tests.sandbox.families import Family


@pytest.fixture
def switches() -> Switches:
    """The usual settings: these tests are of the sandbox, whatever was seen on AWS."""
    return Switches()


@pytest.fixture
def aws(switches: Switches) -> Iterator[Sandbox]:
    """Two empty accounts.

    The sharing key has AWS's own example for a policy, so that a person of the backup account can
    copy, too; test_key_policies.py has the policies of the templates.
    """
    with Sandbox(switches=switches) as sandbox:
        sandbox.keys.shut_out(sandbox.sharing_key, sandbox.backup.id)
        sandbox.keys.admit_as_documented(sandbox.sharing_key, sandbox.backup.id)
        yield sandbox


@pytest.fixture(params=["instance", "cluster"])
def family(request: pytest.FixtureRequest, aws: Sandbox) -> Family:
    """Each of the two families."""
    kind: Kind = request.param
    return Family(aws, kind)
