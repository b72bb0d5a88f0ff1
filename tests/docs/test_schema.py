"""docs/reference/result.schema.json against the results that the function gives.

Strictly: a key that the schema does not have is a key that no client may rely on, so there is none.
"""

import json
from copy import deepcopy
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from rds_backup.check.answer import Level
from rds_backup.inputs.request import Action
from rds_backup.model.decisions import State
from rds_backup.report.actions import WHY
from rds_backup.report.bounded import RESULT_VERSION
from rds_backup.report.detail import Condition, Detail, Fleet, Flight, Held, Setting
from rds_backup.report.entry import Entry
from rds_backup.report.result import Outcome, Report
from sandbox import Sandbox
from sandbox.serving.lambda_runtime import Function
from tests.support.drilling import DRILL, GO_ON, PLAN, ready
from tests.support.playing import BACKUP, DAY, EXPIRE, NIGHT, RESUME, automated, nights
from tests.support.week import a_week, into_the_night, without_the_grant

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs/reference/result.schema.json").read_text())


def _strict(schema: Any) -> Any:  # noqa: ANN401 - a piece of JSON
    """The same, and no key beside those that it has."""
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {"additionalProperties": False} if "properties" in schema else {}
    return {key: _strict(value) for key, value in schema.items()} | closed


STRICT = Draft202012Validator(_strict(SCHEMA), format_checker=FormatChecker())


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    """A result of every action, of a week in which a bit of everything has happened."""
    with Sandbox(start=NIGHT - timedelta(hours=2)) as aws:
        function = a_week(aws)
        with without_the_grant(aws):
            found = {"check": _of(function, {"action": "check"})}
        found["plan"] = _of(function, {"action": "plan"})
        into_the_night(aws, function)
        found["status"] = _of(function, {"action": "status"})
        for database in ("orders", "nothing"):
            event = {"action": "restore_plan", "database": database}
            found[f"restore_plan {database}"] = _of(function, event)
        there = Function(aws, aws.backup_environment(BACKUPS_TO_KEEP="3"))
        found["status there"] = _of(there, {"action": "status"})
        found["expire"] = _of(there, EXPIRE)
    with Sandbox(start=NIGHT - timedelta(hours=2)) as aws:
        aws.add_instance("orders", engine="postgres", kms_key="aws/rds", tags={"backup": "nightly"})
        function = Function(aws, aws.environment(DB_TAG="backup=nightly", BACKUPS_TO_KEEP="1"))
        nights(aws, function, 1)
        automated(aws, NIGHT + DAY)
        found["backup"] = _of(function, BACKUP)
        aws.clock.advance(minutes=30)
        found["resume"] = _of(function, RESUME)
        found["idle"] = _of(
            Function(aws, aws.environment(DB_ID="orders", SNAPSHOT_PREFIX="x")), RESUME
        )
    with Sandbox(start=NIGHT - timedelta(hours=2)) as aws:
        found |= _drills(aws)
    return found


def _drills(aws: Sandbox) -> dict[str, Any]:
    """A drill's plan, its beginning, a wait, its answers and its end; an idle tick, a failure."""
    drilling = ready(aws, orders="postgres")
    found = {"drill plan": _of(drilling, PLAN), "drill begun": _of(drilling, DRILL)}
    found["drill waits"] = _of(drilling, GO_ON)
    aws.clock.advance(minutes=30)
    found["drill asked"] = _of(drilling, GO_ON)
    found["drill ended"] = _of(drilling, GO_ON)
    aws.clock.advance(minutes=30)
    found["drill idle"] = _of(drilling, GO_ON)
    aws.restores.offer("postgres")
    found["drill skipped"] = _of(drilling, PLAN)
    return found


def _of(function: Function, event: dict[str, Any]) -> Any:  # noqa: ANN401 - a piece of JSON
    done = function.invoke(event)
    assert done.result, done.error
    return json.loads(json.dumps(done.result))


def test_it_is_a_schema() -> None:
    """Of the draft that it names."""
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "name",
    [
        *("backup", "resume", "idle", "expire", "plan", "status", "status there", "check"),
        *("restore_plan orders", "restore_plan nothing"),
        *("drill plan", "drill begun", "drill waits", "drill asked", "drill ended", "drill idle"),
        "drill skipped",
    ],
)
def test_every_result_is_as_it_says(results: dict[str, Any], name: str) -> None:
    """Each action's, with everything in it and nothing beside it."""
    assert [] == [error.message for error in STRICT.iter_errors(results[name])]
    assert name.split(maxsplit=1)[0] in (results[name]["action"], "idle")


def test_every_action_has_a_result_here(results: dict[str, Any]) -> None:
    """A new action needs a shape."""
    assert set(Action) == {result["action"] for result in results.values()}


@pytest.mark.parametrize("most", [2_200, 2_500])
def test_a_page_is_as_it_says(results: dict[str, Any], most: int) -> None:
    """Cut texts and lists that are left out included."""
    entry = Entry("orders", None, None, State.BLOCKED, "x" * 5_000)
    setting, fleet = Setting(**results["status"]["setting"]), Fleet(0, None, None)
    report = Report((), (entry,) * 3, setting=setting, fleet=fleet, action="status")
    page = report.as_dict(most=most)

    assert "more" in page
    assert [] == [error.message for error in STRICT.iter_errors(page)]


def test_a_client_may_ignore_what_it_does_not_know(results: dict[str, Any]) -> None:
    """What is published lets keys come; what is required must be there."""
    open_ = Draft202012Validator(SCHEMA)
    more = results["status"] | {"new": 1}
    less = deepcopy(results["status"])
    del less["databases"][0]["state"]

    assert open_.is_valid(more)
    assert not STRICT.is_valid(more)
    assert not open_.is_valid(less)


def test_no_key_of_this_version_is_taken_away() -> None:
    """Whoever reads version 1 reads every later release of it: keys come, and none goes."""
    promised = json.loads(
        (ROOT / f"tests/support/result_version_{RESULT_VERSION}.json").read_text()
    )

    assert {} == {
        name: missing
        for name, keys in promised.items()
        if (missing := {*keys} - {*_properties(name)})
    }


def _properties(name: str) -> Any:  # noqa: ANN401 - a piece of JSON
    return SCHEMA["$defs"][name]["properties"]


def test_its_words_are_those_of_the_code() -> None:
    """A word that a client has never heard of is not sent."""
    assert list(State) == _properties("entry")["state"]["enum"]
    assert set(Outcome) == set(_properties("run")["outcome"]["enum"])
    assert list(Condition) == _properties("held")["condition"]["enum"]
    assert list(Level) == _properties("answer")["level"]["enum"]
    assert set(WHY) | {"delete_shared_copy", "expire"} == set(
        _properties("action")["action"]["enum"]
    )


@pytest.mark.parametrize(
    ("name", "of"), [("flight", Flight), ("held", Held), ("setting", Setting), ("fleet", Fleet)]
)
def test_its_keys_are_the_fields_of_the_values(name: str, of: type) -> None:
    """In their order, for whoever reads both."""
    assert [f.name for f in fields(of)] == list(_properties(name))


def test_the_keys_of_a_detail_are_those_of_the_value() -> None:
    """Behind those of the entry."""
    assert {f.name for f in fields(Detail)} | set(_properties("entry")) == set(
        _properties("entry_in_detail")
    )
