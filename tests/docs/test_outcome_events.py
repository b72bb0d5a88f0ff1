"""docs/guides/outcome-events.md: its rule takes what a person wants to read, and nothing else."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from rds_backup.report.result import Outcome

PAGE = (Path(__file__).parents[2] / "docs" / "guides" / "outcome-events.md").read_text()
FUNCTION = "arn:aws:lambda:eu-west-1:111111111111:function:rds-backup-BackupFunction-1A"
SUCCESS, FAILURE = (f"Lambda Function Invocation Result - {w}" for w in ("Success", "Failure"))


class _Loader(yaml.SafeLoader):
    """With CloudFormation's short forms, as what they name."""


_Loader.add_multi_constructor(
    "!", lambda _loader, _, node: FUNCTION if node.value == "FunctionArn" else node.value
)


def _pattern() -> Any:  # noqa: ANN401 - a piece of JSON
    (block,) = re.findall(r"<!-- rule:begin -->\n```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    made = yaml.load(block, _Loader)  # noqa: S506 - a safe loader with one more word
    return made["Resources"]["WorthReading"]["Properties"]["EventPattern"]


def _matches(pattern: Any, event: Any) -> bool:  # noqa: ANN401 - pieces of JSON
    """What EventBridge does, as far as this rule goes (EventBridge, event pattern syntax)."""
    for key, wanted in pattern.items():
        if key == "$or":
            if not any(_matches(one, event) for one in wanted):
                return False
        elif isinstance(wanted, dict):
            if not isinstance(event.get(key), dict) or not _matches(wanted, event[key]):
                return False
        elif key not in event or not any(_value(w, v) for w in wanted for v in _all(event[key])):
            return False
    return True


def _all(value: Any) -> list[Any]:  # noqa: ANN401 - a piece of JSON
    return value if isinstance(value, list) else [value]


def _value(wanted: Any, value: Any) -> bool:  # noqa: ANN401 - pieces of JSON
    if not isinstance(wanted, dict):
        return bool(wanted == value)
    if "prefix" in wanted:
        return str(value).startswith(wanted["prefix"])
    return value not in wanted["anything-but"]


def event(kind: str, response: Any, function: str = FUNCTION) -> dict[str, Any]:  # noqa: ANN401
    """An event as Lambda sends it."""
    return {
        "source": "lambda",
        "detail-type": kind,
        "resources": [f"{function}:$LATEST", "arn:aws:events:eu-west-1:111111111111:event-bus/x"],
        "detail": {"version": "1.0", "requestPayload": {}, "responsePayload": response},
    }


@pytest.mark.parametrize("outcome", Outcome)
def test_a_quiet_outcome_is_left_out_and_every_other_is_read(outcome: Outcome) -> None:
    """A tick comes every ten minutes."""
    quiet = outcome in (Outcome.NOTHING_TO_DO, Outcome.IN_PROGRESS)

    assert quiet != _matches(_pattern(), event(SUCCESS, {"outcome": str(outcome)}))


def test_every_error_is_read() -> None:
    """It has no outcome: the message names it."""
    assert _matches(_pattern(), event(FAILURE, {"errorMessage": "failed\norders: stuck"}))


def test_no_other_function_is_read() -> None:
    """A bus carries what others send, too."""
    other = FUNCTION.replace("rds-backup", "other")

    assert not _matches(_pattern(), event(FAILURE, {"errorMessage": "x"}, other))
