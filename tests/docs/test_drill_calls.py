"""docs/explained/how-it-works.md: what a restore drill takes in calls, as it is on the sandbox."""

import re
from datetime import timedelta

import pytest

from sandbox import Sandbox
from tests.support.drilling import GO_ON, drill, ready
from tests.support.pages import Page
from tests.support.playing import NIGHT

SAID = re.search(
    r"an instance takes (\d+) calls, (\d+) of which change anything, and one of a cluster (\d+) "
    r"and (\d+); a tick without a drill takes (\d+)",
    Page("docs/explained/how-it-works.md").text,
)


@pytest.mark.parametrize(("engine", "first"), [("postgres", 0), ("aurora-postgresql", 2)])
def test_the_calls_of_a_drill_are_as_they_are_stated(engine: str, first: int) -> None:
    """From its beginning to the tick that finds nothing; and such a tick by itself."""
    assert SAID
    stated = [int(number) for number in SAID.groups()]
    with Sandbox(start=NIGHT - timedelta(hours=2)) as aws:
        function = ready(aws, orders=engine)
        before = len(aws.calls)
        drill(aws, function)
        calls = aws.calls[before:]
        assert stated[first : first + 2] == [len(calls), sum(call.mutating for call in calls)]
        function.invoke(GO_ON)
        assert stated[4] == len(aws.calls) - before - len(calls)
