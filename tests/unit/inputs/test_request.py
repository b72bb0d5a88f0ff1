"""Events: which action they ask for, and what is said of those that ask for nothing there is."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from rds_backup.inputs.request import (
    READ_ONLY,
    Action,
    Request,
    RequestError,
    parse,
    refuse_changes,
    refuse_unknown,
)
from rds_backup.model.inventory import Kind
from rds_backup.model.settings import BackupSettings, Rules, Selector
from tests.support.making import NIGHT

EVENTS = Path(__file__).parents[3] / "events"
CONSOLE_DEFAULT = {"key1": "value1", "key2": "value2", "key3": "value3"}
SCHEDULED = {
    "version": "0",
    "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
    "detail-type": "Scheduled Event",
    "account": "111111111111",
    "time": "2026-03-14T03:00:00Z",
    "region": "eu-west-1",
}


@pytest.mark.parametrize(
    ("event", "request_"),
    [
        ({}, Request(Action.BACKUP)),
        *(
            ({"action": str(action)}, Request(action))
            for action in sorted(set(Action) - {Action.RESTORE_PLAN})
        ),
        ({"databases": ["orders"]}, Request(Action.BACKUP, ("orders",))),
        *(
            ({"action": str(action), "after": after}, Request(action, (), after))
            for action in sorted(READ_ONLY - {Action.RESTORE_PLAN})
            for after in ("! blocked Orders db-1", "")
        ),
        ({"action": "drill", "resume": True}, Request(Action.DRILL, resume=True)),
        ({"action": "drill", "plan": True}, Request(Action.DRILL, plan=True)),
        ({"action": "drill", "plan": False, "resume": False}, Request(Action.DRILL)),
        (
            SCHEDULED | {"source": "aws.scheduler", "action": "drill", "resume": True},
            Request(Action.DRILL, resume=True),
        ),
        (
            {"action": "status", "databases": ["orders"], "after": "orders"},
            Request(Action.STATUS, ("orders",), "orders"),
        ),
        (
            {"action": "plan", "databases": ["orders", "billing"]},
            Request(Action.PLAN, ("orders", "billing")),
        ),
        (
            {"action": "status", "databases": [" Orders ", "billing", "ORDERS"]},
            Request(Action.STATUS, ("orders", "billing")),
        ),
        (
            SCHEDULED
            | {
                "source": "aws.events",
                "detail": {},
                "resources": ["arn:aws:events:eu-west-1:111111111111:rule/nightly"],
            },
            Request(Action.BACKUP),
        ),
        (
            SCHEDULED
            | {
                "source": "aws.scheduler",
                "detail": "{}",
                "resources": ["arn:aws:scheduler:eu-west-1:111111111111:schedule/default/nightly"],
            },
            Request(Action.BACKUP),
        ),
        (SCHEDULED | {"source": "aws.events", "action": "plan"}, Request(Action.PLAN)),
        (
            SCHEDULED | {"source": "aws.events", "a-new-field": {"of": "EventBridge's"}},
            Request(Action.BACKUP),
        ),
        (
            {"action": "restore_plan", "database": " db-ABC "},
            Request(Action.RESTORE_PLAN, database="db-ABC"),
        ),
        (
            {"action": "restore_plan", "database": "orders", "at": NIGHT.isoformat()},
            Request(Action.RESTORE_PLAN, database="orders", at=NIGHT),
        ),
        (
            {"action": "restore_plan", "database": "orders", "at": "2026-03-02T03:00:30.250+01:00"},
            Request(Action.RESTORE_PLAN, database="orders", at=NIGHT),
        ),
        (
            SCHEDULED | {"source": "aws.events", "action": "plan", "databases": ["orders"]},
            Request(Action.PLAN, ("orders",)),
        ),
        (
            {"source": "aws.scheduler", "detail-type": "Scheduled Event", "databases": ["orders"]},
            Request(Action.BACKUP, ("orders",)),
        ),
    ],
)
def test_an_event_asks_for_an_action_and_may_narrow_it(
    event: dict[str, object], request_: Request
) -> None:
    """Nothing, a schedule of either kind, or the action by name; names as in DB_ID."""
    assert request_ == parse(event)


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("backup-one.json", Request(Action.BACKUP, ("orders",))),
        ("check.json", Request(Action.CHECK)),
        ("console-test.json", Request(Action.BACKUP)),
        ("expire.json", Request(Action.EXPIRE)),
        ("plan.json", Request(Action.PLAN)),
        ("resume.json", Request(Action.RESUME)),
        ("scheduled.json", Request(Action.BACKUP)),
        ("scheduler.json", Request(Action.BACKUP)),
        ("status.json", Request(Action.STATUS)),
    ],
)
def test_an_example_event_asks_for_what_its_name_says(name: str, request_: Request) -> None:
    """The files in events/ are what people send with sam and from the console."""
    assert request_ == parse(json.loads((EVENTS / name).read_text()))


@pytest.mark.parametrize(
    ("event", "fact"),
    [
        ({"action": "delete"}, "unknown action 'delete'"),
        ({"action": "Backup"}, "unknown action 'Backup'"),
        ({"action": "BACKUP"}, "unknown action 'BACKUP'"),
        ({"action": ""}, "unknown action ''"),
        ({"action": None}, "unknown action None"),
        ({"action": 1}, "unknown action 1"),
        ({"action": ["backup"]}, "unknown action ['backup']"),
        ({"action": {"backup": True}}, "unknown action {'backup': True}"),
        (CONSOLE_DEFAULT, "unknown key key1, key2, key3"),
        ({"action": "backup", "database": "orders"}, '"backup" does not take "database"'),
        (
            {"action": "status", "at": "2026-03-02", "database": "orders"},
            '"status" does not take "database", "at"',
        ),
        ({"action": "restore_plan"}, '"database" is None'),
        ({"action": "restore_plan", "database": " "}, "\"database\" is ' '"),
        ({"action": "restore_plan", "database": ["orders"]}, "\"database\" is ['orders']"),
        *(
            ({"action": "restore_plan", "database": "orders", "at": at}, f'"at" is {at!r}')
            for at in ("yesterday", "2026-03-02T03:00:00", "", None, 1)
        ),
        (
            {"action": "restore_plan", "database": "orders", "databases": ["orders"]},
            '"restore_plan" does not take "databases"',
        ),
        (
            {"action": "restore_plan", "database": "orders", "after": "orders"},
            '"restore_plan" does not take "after"',
        ),
        ({"action": "plan", "DB_ID": "orders"}, "unknown key DB_ID"),
        ({"action": "backup", "BACKUP_ACCOUNT": "333333333333"}, "unknown key BACKUP_ACCOUNT"),
        ({"Action": "backup"}, "unknown key Action"),
        (SCHEDULED | {"source": "aws.rds"}, "unknown key account"),
        (SCHEDULED | {"source": "aws.events", "detail-type": "Other"}, "unknown key account"),
        (
            SCHEDULED | {"source": "aws.events", "detail": {"action": "plan"}},
            "unknown key detail.action",
        ),
        (
            SCHEDULED | {"source": "aws.scheduler", "detail": '{"databases": ["orders"]}'},
            "unknown key detail.databases",
        ),
        *(
            (SCHEDULED | {"source": source, key: value}, f"unknown key {key} in")
            for source in ("aws.events", "aws.scheduler")
            for key, value in (
                ("Action", "plan"),
                ("DATABASES", ["orders"]),
                ("After", ""),
                ("Database", "orders"),
                ("AT", "2026-03-02T03:00:00Z"),
                ("Resume", True),
                ("pLan", True),
            )
        ),
        (
            SCHEDULED | {"source": "aws.events", "detail": {"Action": "plan"}},
            "unknown key detail.action",
        ),
        (
            SCHEDULED | {"source": "aws.scheduler", "detail": '{"DATABASES": ["orders"]}'},
            "unknown key detail.databases",
        ),
        (SCHEDULED | {"source": "aws.events", "action": "Plan"}, "unknown action 'Plan'"),
        (SCHEDULED | {"source": "aws.events", "databases": []}, '"databases" is empty'),
        (
            SCHEDULED | {"source": "aws.events", "action": "expire", "databases": ["orders"]},
            '"expire" does not take "databases"',
        ),
        *(({"action": "plan", "after": a}, f'"after" is {a!r}') for a in (None, 7, ["orders"])),
        ({"after": "orders"}, '"backup" does not take "after"'),
        *(
            ({"action": str(action), "after": "orders"}, f'"{action}" does not take "after"')
            for action in sorted(set(Action) - READ_ONLY)
        ),
        (
            SCHEDULED | {"source": "aws.events", "detail": {"after": "orders"}},
            "unknown key detail.after",
        ),
        ([], "list, not an object"),
        (["backup"], "list, not an object"),
        ("backup", "str, not an object"),
        ("", "str, not an object"),
        (None, "NoneType, not an object"),
        (0, "int, not an object"),
        ({"databases": "orders"}, "\"databases\" is 'orders'"),
        ({"databases": None}, '"databases" is None'),
        ({"databases": {"orders": True}}, "\"databases\" is {'orders': True}"),
        ({"databases": ["orders", 1]}, "\"databases\" is ['orders', 1]"),
        ({"databases": [["orders"]]}, "\"databases\" is [['orders']]"),
        ({"databases": [None]}, '"databases" is [None]'),
        ({"databases": ["orders", " "]}, "\"databases\" is ['orders', ' ']"),
        ({"databases": []}, '"databases" is empty'),
        ({"action": "expire", "databases": ["orders"]}, '"expire" does not take "databases"'),
        ({"action": "expire", "databases": []}, '"databases" is empty'),
        ({"action": "drill", "databases": ["orders"]}, '"drill" does not take "databases"'),
        ({"action": "drill", "database": "orders"}, '"drill" does not take "database"'),
        ({"action": "drill", "resume": "yes"}, "{'resume': 'yes'} cannot be asked for"),
        ({"action": "drill", "plan": 1}, "{'plan': 1} cannot be asked for"),
        (
            {"action": "drill", "plan": True, "resume": True},
            "{'resume': True, 'plan': True} cannot be asked for",
        ),
        ({"action": "status", "plan": True}, '"status" does not take "plan"'),
        ({"action": "backup", "resume": True}, '"backup" does not take "resume"'),
        (
            SCHEDULED | {"source": "aws.events", "detail": {"plan": True}},
            "unknown key detail.plan",
        ),
    ],
)
def test_an_event_that_asks_for_nothing_there_is_lists_what_is_accepted(
    event: object, fact: str
) -> None:
    """Who pressed the console's Test button reads in the error what to send instead."""
    with pytest.raises(RequestError) as caught:
        parse(event)
    message = str(caught.value)
    assert fact in message
    assert "accepted are {}, an EventBridge scheduled event, or " in message
    assert all(action in message for action in Action)
    assert '"databases"' in message
    assert 'in check, plan, status with "after"' in message


def test_only_a_look_at_drills_changes_nothing() -> None:
    """A drill restores; its plan only looks, and going on is no look."""
    assert Request(Action.DRILL, plan=True).looks
    assert not Request(Action.DRILL, resume=True).looks
    assert not Request(Action.DRILL).looks


def test_plan_status_check_and_restore_plan_change_nothing() -> None:
    """Four actions only look; a new action is no reader until it says so."""
    assert {"plan", "status", "check", "restore_plan"} == READ_ONLY


@pytest.mark.parametrize(
    "asked",
    [
        Request(Action.STATUS),
        Request(Action.PLAN, ("orders", "billing"), "orders"),
        Request(Action.CHECK, after=""),
        Request(Action.DRILL, plan=True),
        Request(Action.DRILL, resume=True),
        Request(Action.RESTORE_PLAN, database="orders"),
        Request(Action.RESTORE_PLAN, database="db-1", at=NIGHT),
    ],
)
def test_a_request_makes_the_event_that_asks_for_it(asked: Request) -> None:
    """The command line sends it to a function, which reads the same out of it."""
    assert asked == parse(json.loads(json.dumps(asked.as_event())))


@pytest.mark.parametrize("action", Action)
def test_the_log_lists_every_database_once_a_day(action: Action) -> None:
    """Of what the templates run each hour, by the clock alone: there is no memory."""
    day = [NIGHT + timedelta(minutes=37, hours=n) for n in range(24)]
    told = [at.hour for at in day if Request(action).lists_all(at)]

    assert told == ([12] if action in ("status", "expire") else [])
    assert not any(Request(action, (), "orders").lists_all(at) for at in day)


BY_NAME = Selector(("orders", "billing"), Kind.INSTANCE, None)
BY_TAG = Selector((), Kind.INSTANCE, ("backup", "nightly"))


@pytest.mark.parametrize(
    "databases", [(), ("orders",), ("billing", "orders")], ids=["all", "one", "both"]
)
def test_configured_databases_may_be_asked_for(databases: tuple[str, ...]) -> None:
    """An event narrows the configuration; without names it is all of it."""
    refuse_unknown(Request(Action.PLAN, databases), {"orders", "billing"}, BY_NAME)


def test_a_database_that_is_not_configured_is_refused_with_those_that_are() -> None:
    """An event never widens what the environment chose."""
    request = Request(Action.BACKUP, ("zebra", "orders", "apple"))
    with pytest.raises(RequestError) as caught:
        refuse_unknown(request, {"orders", "billing"}, BY_NAME)
    expected = "not configured: apple, zebra; the configured databases are billing, orders"
    assert expected == str(caught.value)


def test_a_database_without_the_tag_is_refused_with_the_tag() -> None:
    """Selected by tag, the fix may be a tag: so the selector is told."""
    with pytest.raises(RequestError) as caught:
        refuse_unknown(Request(Action.BACKUP, ("orders",)), set(), BY_TAG)
    expected = (
        "not configured: orders; "
        "the configured databases (selected by DB_TAG backup=nightly) are none"
    )
    assert expected == str(caught.value)


@pytest.mark.parametrize("action", Action)
def test_what_may_change_anything_is_refused_where_only_looks_are_taken(action: Action) -> None:
    """By READ_ONLY alone; the message says which function takes it."""
    rules = Rules(7, timedelta(0))
    settings = BackupSettings("210987654321", "eu-west-1", "alias/a", "rds-backup", rules, 36)
    looks = settings._replace(read_only=True)
    refuse_changes(Request(action), settings)
    refuse_changes(Request(Action.DRILL, plan=True), looks)
    if action in READ_ONLY:
        refuse_changes(Request(action), looks)
        return

    with pytest.raises(RequestError) as caught:
        refuse_changes(Request(action), looks)
    told = str(caught.value)
    assert told.startswith(f'"{action}" is refused: READ_ONLY is true')
    named = "DrillFunctionName" if action is Action.DRILL else "FunctionName"
    assert told.endswith(f"the stack's output {named} names")
    assert all(look in told for look in READ_ONLY)
