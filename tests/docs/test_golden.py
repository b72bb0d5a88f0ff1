"""Every output of ``check``, ``plan`` and ``status``, as a person and a program get it.

The files in tests/docs/golden/looks are what a run printed.  ``make golden`` writes them again;
read the difference before it is committed.
"""

import json
import os
from collections.abc import Callable
from contextlib import redirect_stdout
from datetime import timedelta
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pytest

from rds_backup import __version__
from rds_backup.__main__ import main
from rds_backup.aws import account
from sandbox import Sandbox
from sandbox.serving.lambda_runtime import Function
from tests.support.drilling import DRILL, drill, ready
from tests.support.playing import NIGHT, mutations
from tests.support.week import a_week, into_the_night, without_the_grant

GOLDEN = Path(__file__).parent / "golden" / "looks"
NAMES = (
    *("check.txt", "check.json", "check-all.txt", "plan.txt", "plan.json", "plan-all.txt"),
    *("status.txt", "status-all.txt", "status.json", "status.html", "run.txt"),
    *("drill.txt", "drill.json", "drill-under-way.txt"),
)
REWRITE = "REWRITE_GOLDEN" in os.environ


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the commands print, with the results of the events of the same names."""
    page = tmp_path_factory.mktemp("page") / "status.html"
    with Sandbox(start=NIGHT - timedelta(hours=2)) as aws:
        function = a_week(aws)
        before = len(aws.calls)
        with without_the_grant(aws):
            said = _looks(function, "check")
        said |= _looks(function, "plan")
        assert [] == mutations(aws, before)
        into_the_night(aws, function)
        before = len(aws.calls)
        said |= _looks(function, "status", "--html", str(page))
        assert [] == mutations(aws, before)
        said["status.html"] = page.read_text(encoding="utf-8")
        aws.copies.duration = timedelta(0)
        with patch("rds_backup.__main__.time.sleep", _sleep(aws)):
            said["run.txt"] = _printed(function, "run")
    with Sandbox(start=NIGHT - timedelta(hours=2)) as aws:
        said |= _drills(aws)
    return said


def _drills(aws: Sandbox) -> dict[str, str]:
    """What is said of the next drill, and of one under way."""
    function = ready(aws, orders="postgres", billing="aurora-mysql", users="mysql")
    drill(aws, function)
    schedule = {"DRILL_SCHEDULE": "cron(0 9 * * ? *)"}
    looking = Function(aws, aws.drill_environment(READ_ONLY="true", **schedule))
    said = {
        "drill.txt": _printed(looking, "drill", "--plan"),
        "drill.json": _printed(looking, "drill", "--plan", "--json"),
    }
    function.invoke(DRILL)
    return said | {"drill-under-way.txt": _printed(looking, "drill", "--plan")}


@pytest.mark.parametrize("name", NAMES)
def test_it_prints_what_is_on_file(outputs: dict[str, str], name: str) -> None:
    """A changed output is changed on purpose, and seen by whoever reads the change."""
    printed = outputs[name].replace(f'"release": "{__version__}"', '"release": "RELEASE"')
    if REWRITE:
        (GOLDEN / name).write_text(printed, encoding="utf-8")

    assert (GOLDEN / name).read_text(encoding="utf-8") == printed


def test_every_file_is_printed_by_something() -> None:
    """A file that nothing compares with is no test."""
    assert set(NAMES) == {path.name for path in GOLDEN.iterdir()}


@pytest.mark.parametrize("command", ["check", "plan", "status"])
def test_the_event_gives_the_same_object_as_the_command(
    outputs: dict[str, str], command: str
) -> None:
    """Whoever has only the console's Test button sees as much."""
    assert json.loads(outputs[f"{command}.json"]) == json.loads(outputs[f"{command}.event"])


def _looks(function: Function, command: str, *options: str) -> dict[str, str]:
    event = function.invoke({"action": command})
    assert event.error is None
    return {
        f"{command}.event": json.dumps(event.result),
        f"{command}.json": _printed(function, command, "--json"),
        f"{command}.txt": _printed(function, command, *options),
        f"{command}-all.txt": _printed(function, command, "--all"),
    }


def _printed(function: Function, *arguments: str) -> str:
    out = StringIO()
    with patch.dict("os.environ", function.environment, clear=True), redirect_stdout(out):
        account.own.cache_clear()
        account.assumed.cache_clear()
        main(arguments)
    return out.getvalue()


def _sleep(aws: Sandbox) -> Callable[[float], None]:
    def sleep(_seconds: float) -> None:
        """Until the next minute in which something may have ended."""
        aws.clock.advance(minutes=10)

    return sleep
