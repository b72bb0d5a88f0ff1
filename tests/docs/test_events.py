"""The sample events: each file is a request, and there is one for every action."""

import json
from pathlib import Path

import pytest

from rds_backup.inputs.request import Action, Request, parse

EVENTS = Path(__file__).parents[2] / "events"
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
