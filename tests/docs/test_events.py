"""The sample events and docs/reference/events.md: each is a request, and every action is there."""

import json
import re
from pathlib import Path

import pytest

from rds_backup.inputs.request import READ_ONLY, Action, Request, parse
from tests.support.pages import ROOT, Page, code

EVENTS = ROOT / "events"
PAGE = Page("docs/reference/events.md")
ROWS = PAGE.table("event")
MEANING = {
    "scheduled": Request(Action.BACKUP),
    "scheduler": Request(Action.BACKUP),
    "resume": Request(Action.RESUME),
    "backup-one": Request(Action.BACKUP, ("orders",)),
    "plan": Request(Action.PLAN),
    "status": Request(Action.STATUS),
    "check": Request(Action.CHECK),
    "restore-plan": Request(Action.RESTORE_PLAN, database="orders"),
    "expire": Request(Action.EXPIRE),
    "drill": Request(Action.DRILL),
    "drill-resume": Request(Action.DRILL, resume=True),
    "drill-plan": Request(Action.DRILL, plan=True),
    "console-test": Request(Action.BACKUP),
}


@pytest.mark.parametrize("name", MEANING)
def test_a_sample_event_asks_for_what_its_name_says(name: str) -> None:
    """They are used with ``sam local invoke`` and in the console."""
    assert MEANING[name] == parse(json.loads((EVENTS / f"{name}.json").read_text()))


def test_every_sample_event_is_known_and_every_action_has_one() -> None:
    """A new file, or a new action, belongs into the table above."""
    assert set(MEANING) == {path.stem for path in EVENTS.iterdir()}
    assert set(Action) == {request.action for request in MEANING.values()}


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_an_event_of_the_page_is_understood_as_the_action_beside_it(row: list[str]) -> None:
    """So is the sample file in its row."""
    paths = re.findall(r"\(\.\./\.\./(.+?)\)", row[3])
    samples = [json.loads((ROOT / path).read_text()) for path in paths]

    assert samples
    for event in (json.loads(code(row[0])), *samples):
        assert code(row[1]) == parse(event).action


def test_every_action_is_on_the_page() -> None:
    """And no other."""
    assert set(Action) == {code(row[1]) for row in ROWS}


def test_those_called_read_only_are() -> None:
    """Whoever reads that nothing is changed may ask for it in production."""
    assert {code(row[1]) for row in ROWS if "read only" in row[2]} == READ_ONLY


@pytest.mark.parametrize("path", sorted(EVENTS.glob("*.json")), ids=lambda p: p.stem)
def test_every_sample_is_mentioned(path: Path) -> None:
    """Samples that nobody finds help nobody."""
    assert f"](../../events/{path.name})" in PAGE.text
