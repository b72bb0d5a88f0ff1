"""The function that only looks: whatever it is asked, it starts, changes and deletes nothing.

It is the real handler in the environment that each stack gives its ``LookFunction``.
"""

from typing import Any

import pytest

from rds_backup.inputs.environment import SettingsError
from rds_backup.inputs.request import APART, READ_ONLY, Action, RequestError, parse
from sandbox import Sandbox
from sandbox.serving.lambda_runtime import EVENTS, Function, event
from tests.support.playing import DAY, EXPIRE, NIGHT, RESUME, automated, nights
from tests.support.resolved_templates import BACKUP_TEMPLATE, SOURCE_TEMPLATE, Stack

SAMPLES = {path.stem: event(path.stem) for path in EVENTS.glob("*.json")}
OF_EVENTBRIDGE = {"source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": "{}"}
LOOKS = {name: asked for name, asked in SAMPLES.items() if parse(asked).action in READ_ONLY}
OTHERS = {
    **{name: asked for name, asked in SAMPLES.items() if name not in LOOKS},
    "nothing": {},
    "one database": {"databases": ["orders"]},
    "a resume of one": RESUME | {"databases": ["orders"]},
    "a schedule that backs up": OF_EVENTBRIDGE | {"action": "backup"},
    "a schedule that expires": OF_EVENTBRIDGE | EXPIRE,
}
ENVIRONMENTS = {
    "source": (Sandbox.environment, Stack(SOURCE_TEMPLATE, DbId="", DbTag="backup=nightly")),
    "backup": (Sandbox.backup_environment, Stack(BACKUP_TEMPLATE)),
}


def environment(aws: Sandbox, side: str, **changed: str) -> dict[str, str]:
    """The variables of a stack's LookFunction, with the sandbox's accounts and keys."""
    own, stack = ENVIRONMENTS[side]
    return stack.environment("LookFunction") | own(aws) | changed


@pytest.fixture
def busy(aws: Sandbox, function: Function) -> Sandbox:
    """Much is due: a night's copy, and in the backup account an expiry."""
    aws.add_instance("orders", kms_key="aws/rds", tags={"backup": "nightly"})
    nights(aws, function, 3)
    automated(aws, NIGHT + 3 * DAY)
    aws.clock.move_to(NIGHT + 3 * DAY)
    return aws


@pytest.mark.parametrize("side", ENVIRONMENTS)
@pytest.mark.parametrize("asked", [pytest.param(e, id=name) for name, e in OTHERS.items()])
def test_whatever_is_no_look_is_refused_before_any_call(
    busy: Sandbox,
    side: str,
    asked: Any,  # noqa: ANN401 - an event is whatever JSON says
) -> None:
    """In words; and the other function, in the same state, would have had much to do."""
    before = len(busy.calls)
    found = Function(busy, environment(busy, side)).invoke(asked)

    assert isinstance(found.error, RequestError | SettingsError)
    assert before == len(busy.calls)
    assert () == found.metrics


@pytest.mark.parametrize("asked", [pytest.param(e, id=name) for name, e in OTHERS.items()])
def test_a_refusal_names_the_function_to_use_instead(
    busy: Sandbox,
    asked: Any,  # noqa: ANN401 - as above
) -> None:
    """Whoever invoked the wrong one of two functions reads it at once."""
    found = Function(busy, environment(busy, "source")).invoke(asked)

    assert isinstance(found.error, RequestError)
    named = "DrillFunctionName" if asked.get("action") == "drill" else "FunctionName"
    assert f"output {named}" in str(found.error)


@pytest.mark.parametrize(
    ("side", "asked"),
    [
        pytest.param(side, asked, id=f"{side}-{name}")
        for side in ENVIRONMENTS
        for name, asked in LOOKS.items()
        if side == "source" or parse(asked).action in (Action.STATUS, Action.RESTORE_PLAN)
    ],
)
def test_a_look_is_answered_and_writes_no_metric(
    busy: Sandbox,
    side: str,
    asked: Any,  # noqa: ANN401 - as above
) -> None:
    """The same answer as the other function's; an alarm on silence hears of schedules only."""
    looking = environment(busy, side)
    working = looking | {"READ_ONLY": "false", "POWERTOOLS_METRICS_DISABLED": "false"}
    found, other = (Function(busy, each).invoke(asked) for each in (looking, working))

    assert found.result is not None
    assert found.result == other.result
    assert () == found.metrics
    assert bool(other.metrics) == (parse(asked).action not in APART)


@pytest.mark.parametrize("asked", [{}, RESUME, EXPIRE, {"action": "status"}], ids=str)
def test_a_value_that_is_neither_true_nor_false_refuses_everything(
    busy: Sandbox,
    asked: Any,  # noqa: ANN401 - as above
) -> None:
    """Nobody can tell which of the two was meant."""
    before = len(busy.calls)
    found = Function(busy, environment(busy, "source", READ_ONLY="yes")).invoke(asked)

    assert isinstance(found.error, SettingsError)
    assert "READ_ONLY is 'yes'" in str(found.error)
    assert before == len(busy.calls)
