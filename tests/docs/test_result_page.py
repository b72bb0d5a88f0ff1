"""docs/reference/result.md: states, outcomes, keys and actions are those of the code."""

import json
import re
from dataclasses import fields
from itertools import chain

from rds_backup.model.decisions import BAD, State
from rds_backup.report import actions
from rds_backup.report.detail import Condition, Detail
from rds_backup.report.entry import Entry
from rds_backup.report.result import BackupFailedError, Outcome, Report
from sandbox import demo
from tests.support.pages import Page, code

PAGE = Page("docs/reference/result.md")
NAMED = set(re.findall(r"`(\w+)`", PAGE.text))


def test_the_result_shown_is_part_of_the_returned_one() -> None:
    """It is an excerpt: some of the actions and databases, each of them whole."""
    [returned] = (t.done.result for t in demo.play().ticks if f"{t.at:%H:%M}" == "04:00")
    shown = json.loads(PAGE.between("result"))

    assert returned is not None
    assert returned["outcome"] == shown["outcome"]
    for part in ("actions", "databases"):
        assert shown[part]
        assert [] == [item for item in shown[part] if item not in returned[part]]


def test_every_state_is_there_and_whether_a_person_should_look() -> None:
    """In the code's own order."""
    expected = [[state, "yes" if state in BAD else "no"] for state in State]

    assert expected == [[code(row[0]), row[1]] for row in PAGE.table("state")]


def test_every_outcome_is_there_and_whether_it_raises() -> None:
    """Each outcome by a report that comes to it."""
    told = {code(row[0]): row[1] for row in PAGE.table("outcome")}
    found = dict(map(_outcome, REPORTS))

    assert list(Outcome) == list(told)
    assert told == found


def test_the_keys_of_a_database_are_those_of_the_code() -> None:
    """The example has all of them, but those that only `plan` and `status` add."""
    shown = json.loads(PAGE.between("result"))["databases"][0]

    entry = Entry("orders", None, None, State.PROTECTED, "a reason")
    assert list(entry.as_dict()) == list(shown)


def test_the_keys_that_plan_and_status_add_are_those_of_the_code() -> None:
    """In a table of their own."""
    told = [re.findall(r"`(\w+)`", row[0]) for row in PAGE.table("key")]

    assert [field.name for field in fields(Detail)] == list(chain.from_iterable(told))


def test_every_condition_of_a_copy_is_named() -> None:
    """A program that reads them has to know them all."""
    assert set(Condition) <= NAMED


def test_every_action_that_a_result_can_list_is_named() -> None:
    """Those that start something say why in a table, those that delete in their own words."""
    assert {*actions.WHY, "delete_shared_copy", "expire"} <= NAMED


def _entry(state: State) -> Entry:
    return Entry("orders", None, None, state, "")


DONE = ({"action": "copy"},)
REPORTS = (
    Report((), (_entry(State.BLOCKED),)),
    Report((), (_entry(State.BLOCKED), _entry(State.PROTECTED))),
    Report((), (_entry(State.QUEUED), _entry(State.PROTECTED))),
    Report(DONE, (_entry(State.PROTECTED),)),
    Report((), (_entry(State.PROTECTED),)),
)


def _outcome(report: Report) -> tuple[str, str]:
    try:
        report.raise_if_bad()
    except BackupFailedError:
        return report.outcome, "yes"
    return report.outcome, "no"
