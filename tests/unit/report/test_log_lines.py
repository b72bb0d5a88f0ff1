"""The log: a line where there is something to say, every action, and no line too long."""

import json
from copy import replace
from typing import Any

import pytest

from rds_backup.decide.plan import Subject
from rds_backup.decide.series import SeriesView
from rds_backup.model.decisions import BAD, Decision, State
from rds_backup.model.inventory import Kind
from rds_backup.model.settings import BackupSettings, Rules
from rds_backup.report.entry import Entry, of_database
from rds_backup.report.result import Report
from tests.support.making import (
    BACKUP,
    BACKUP_KEY,
    HOUR,
    NIGHT,
    PREFIX,
    REGION,
    backup,
    database,
    point,
    series,
)

P, BLOCKED, STALE = State.PROTECTED, State.BLOCKED, State.STALE
# CloudWatch Logs takes 256 KB an event at least; Powertools adds its own keys.
MAX_LINE_BYTES = 250_000


def lines(of: Report, *, everyone: bool = False, tick: bool = False) -> list[dict[str, Any]]:
    """Every line, with its level and message, as JSON has it."""
    found = of.log_lines({"databases": {}}, everyone=everyone, tick=tick)
    told = [{"error": bad, "message": message, **keys} for bad, message, keys in found]
    assert all(len(json.dumps(line)) < MAX_LINE_BYTES for line in told)
    return [dict(json.loads(json.dumps(line))) for line in told]


def named(of: Report, *, everyone: bool = False, tick: bool = False) -> list[str]:
    """The databases that have a line."""
    return [line["database"] for line in lines(of, everyone=everyone, tick=tick)[:-1]]


def entry(state: State, fix: str | None = None) -> Entry:
    """A database that has the name of its state."""
    return Entry(state, Kind.INSTANCE, "db-1", state, "a reason", fix)


EVERY = Report((), tuple(map(entry, State)))


def test_a_database_has_a_line_if_a_person_should_look_at_it() -> None:
    """Those that are well, or only wait, are counted."""
    assert [state for state in State if state in BAD] == named(EVERY)
    assert list(State) == named(EVERY, everyone=True)


def test_a_tick_says_what_was_done_and_no_more() -> None:
    """It comes every ten minutes; what stays bad is told by the hour."""
    assert [] == named(EVERY, tick=True)


def test_a_line_is_an_error_if_its_database_is_bad_here() -> None:
    """``expire`` tolerates what is stale, and still says which series are."""
    of = replace(EVERY, tolerated=frozenset({STALE}))
    told = {line["database"]: line["error"] for line in lines(of, everyone=True)[:-1]}

    assert told == {state: state in BAD and state != STALE for state in State}


def test_a_database_that_is_well_has_a_line_if_there_is_something_to_do() -> None:
    """An older point of it that is stuck, or a backup that somebody else made."""
    assert ["protected"] == named(Report((), (entry(P, "find out who made it"), entry(P))))


@pytest.mark.parametrize("tick", [False, True])
def test_what_only_this_invocation_can_say_is_said_by_it(tick: bool) -> None:  # noqa: FBT001
    """A refused deletion, or tags without room: the next one may not meet them."""
    view = SeriesView(series(), database(), (), (), (backup(),), frozenset())
    settings = BackupSettings(BACKUP, REGION, BACKUP_KEY, PREFIX, Rules(7, 0 * HOUR), 36)
    subject = Subject(view, (Decision(point(), P, "a reason"),), backup())
    quiet, loud = (
        of_database(subject, remarks, settings, NIGHT + HOUR) for remarks in ((), ("denied",))
    )
    assert quiet
    assert loud

    assert [] == named(Report((), (quiet,)), tick=tick)
    (line, _) = lines(Report((), (loud,)), tick=tick)
    assert ("orders", "a reason; denied") == (line["database"], line["reason"])


@pytest.mark.parametrize(("number", "expected"), [(0, 1), (1, 1), (100, 1), (101, 2), (3_000, 30)])
def test_every_action_is_logged_whatever_their_number(number: int, expected: int) -> None:
    """In as many lines as it takes, each with the run's outcome and counts."""
    words = "7 later days have a verified backup"
    actions = tuple(
        {"action": "expire", "snapshot": f"copy-{n}", "database": "日" * 256, "reason": words}
        for n in range(number)
    )
    told = lines(Report(actions, ()))
    outcome = "completed" if number else "nothing_to_do"

    assert expected == len(told)
    assert [dict(a) for a in actions] == [a for line in told for a in line["actions"]]
    assert {(outcome, outcome)} == {(line["message"], line["outcome"]) for line in told}
    assert all({"databases": {}} == line["counts"] for line in told)


def test_a_reason_too_long_for_a_line_is_cut() -> None:
    """A thousand refused deletions of one series, in AWS's words."""
    wordy = replace(entry(BLOCKED), reason="日 is not authorized; " * 30_000)
    (line, _) = lines(Report((), (wordy,)))

    assert line["reason"].startswith("日 is not authorized; ")
    assert line["reason"].endswith("...")
