"""docs/explained/performance.md says what is counted; ``make bench`` counts the larger fleets."""

import re

import pytest

from tests.support.fleet.__main__ import PAGE
from tests.support.fleet.page import calls_row, row
from tests.support.fleet.polling import poll
from tests.support.fleet.scenarios import (
    HUNDRED,
    ONE,
    ONE_BY_ID,
    SCHEDULES,
    TEN,
    Scenario,
    play,
    ticks,
)
from tests.support.resolved_templates import TEMPLATES, Stack

TEXT = PAGE.read_text(encoding="utf-8")
FLEETS = (ONE, ONE_BY_ID, TEN, HUNDRED)


@pytest.mark.parametrize("fleet", FLEETS, ids=[fleet.title for fleet in FLEETS])
def test_the_calls_on_the_page_are_those_that_are_made(fleet: Scenario) -> None:
    """A call more is seen by whoever adds it: ``make bench WRITE=--write`` writes the tables."""
    assert row(calls_row(play(fleet), poll(fleet))) in TEXT


def test_the_page_on_reliability_states_the_same() -> None:
    """A night and a day, of one database and of a hundred."""
    reliability = PAGE.with_name("reliability.md").read_text(encoding="utf-8")
    one, hundred = (
        re.search(rf"^\| {n} \| (.*) \|$", TEXT, re.MULTILINE) for n in ("1, by tag", 100)
    )
    assert one
    assert hundred
    (night, _, day, *_), (_, each_night, _, each_day, *_) = (
        found[1].split(" | ") for found in (one, hundred)
    )

    assert f"One database takes {night} calls a night and {day} a day" in reliability
    assert f"one of 100 takes {each_night} a night and {each_day} a day" in reliability


def test_no_table_is_missing() -> None:
    """A mark with nothing behind it is a promise."""
    marks = re.findall(r"<!-- (\w+):begin -->\n(.*?)<!-- \1:end -->", TEXT, flags=re.DOTALL)

    assert TEXT.count(":begin -->") == len(marks)
    assert [] == [name for name, table in marks if table.count("\n") < 3]


def test_the_day_is_that_of_the_templates() -> None:
    """Another schedule is another day: then ``ticks`` has to change, and the page says so."""
    found = {}
    for template in TEMPLATES:
        defaults = {name: p.get("Default") for name, p in template.parameters.items()}
        by_default = Stack(template).resources()
        for name, schedule in template.of_type("AWS::Scheduler::Schedule").items():
            if name not in by_default:
                continue
            when = schedule["ScheduleExpression"]
            action = re.findall(r"\w+", schedule["Target"]["Input"])[-1]
            found[action] = defaults[when["Ref"]] if isinstance(when, dict) else when
    counts = [action for _, action in ticks()]

    assert SCHEDULES == found
    assert {"backup": 7, "resume": 144, "status": 24, "expire": 24} == {
        action: counts.count(action) for action in SCHEDULES
    }
