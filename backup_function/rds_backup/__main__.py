"""The command line: the same night as a container task, and a look at it.

``run`` repeats passes until nothing is under way; ``check``, ``plan`` and ``status`` look once and
change nothing; ``restore-plan`` prints the commands that bring a backup back.  Configured by the
environment, like the function.
"""

import argparse
import json
import os
import re
import signal
import sys
import time
import traceback
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType

from rds_backup.aws.errors import AwsError
from rds_backup.check.answer import Checked
from rds_backup.check.reading import check
from rds_backup.inputs.environment import SettingsError
from rds_backup.inputs.request import Action, Request, RequestError
from rds_backup.model.clock import Time
from rds_backup.model.decisions import State
from rds_backup.printers.check_text import check_lines
from rds_backup.printers.page import page
from rds_backup.printers.plan_text import plan_lines
from rds_backup.printers.run_text import lines
from rds_backup.printers.status_text import status_lines
from rds_backup.report.result import Report
from rds_backup.restore.choice import RestoreError
from rds_backup.restore.find import restore_plan
from rds_backup.run import perform

SECONDS_BETWEEN_PASSES = 60.0
DONE, BAD, UNUSABLE, TIMED_OUT = 0, 1, 2, 3
STOPPED = 128 + signal.SIGTERM
_UNITS = {"s": 1, "m": 60, "h": 3600}
_WAITING = (State.IN_PROGRESS, State.QUEUED)
_PRINTERS = {"plan": plan_lines, "status": status_lines}


class Stopped(BaseException):
    """SIGTERM arrived: no error, and nothing on the way may take it for one."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    0: everything is protected (``plan``, ``status``: the look succeeded; ``restore-plan``: there
    is a backup).  1: a person should look.
    2: the environment or the arguments cannot be used.  3: timed out; the next run goes on.
    ``check`` ends with its worst answer: 0 for pass, 1 for warn, 2 for fail.
    143: ended by SIGTERM, at once and in the middle of whatever it did; the next run goes on.
    """
    options = _parser().parse_args(arguments)
    try:
        if options.command == "restore-plan":
            print(restore_plan(options.database, options.at, os.environ, _now), end="")
            return DONE
        if options.command == "run":
            return _run(options.timeout, as_json=options.json)
        if options.command == "check":
            return _check(as_json=options.json)
        return _look(options)
    except (SettingsError, RequestError) as error:
        print(error, file=sys.stderr)
        return UNUSABLE
    except AwsError as error:
        print(f"the credentials cannot be used: {error}", file=sys.stderr)
        return UNUSABLE
    except RestoreError as error:
        print(error, file=sys.stderr)
        return BAD
    except Stopped:
        print(
            "stopped by SIGTERM; copies under way go on, and so does the next run", file=sys.stderr
        )
        return STOPPED


def _check(*, as_json: bool) -> int:
    """Ask everything that could go wrong tonight, and print each answer."""
    try:
        checked = check(Request(Action.CHECK), os.environ, _now)
    except (SettingsError, RequestError, AwsError):
        raise
    except Exception:  # noqa: BLE001 - Python would end with 1, which here is a warning
        traceback.print_exc()
        return UNUSABLE
    _print(checked, check_lines(checked), as_json=as_json)
    return checked.exit_code


def _look(options: argparse.Namespace) -> int:
    """``plan`` or ``status``: look once, write the page if one is asked for, print."""
    report = perform(Request(Action(options.command)), os.environ, Time(_now, _unlimited))
    setting = report.setting
    assert setting is not None  # noqa: S101 - a look always says under which settings
    if options.command == "status" and options.html:
        try:
            options.html.write_text(page(report, setting), encoding="utf-8")
        except OSError as error:
            print(f"the page cannot be written: {error}", file=sys.stderr)
            return UNUSABLE
    _print(report, _PRINTERS[options.command](report, setting), as_json=options.json)
    return DONE


def _run(timeout: timedelta, *, as_json: bool) -> int:
    """Passes with a sleep between them, until nothing is under way or the time is up."""
    deadline = _now() + timeout

    def left() -> float:
        return (deadline - _now()).total_seconds()

    clock = Time(_now, left)
    while True:
        report = perform(Request(Action.BACKUP), os.environ, clock)
        waiting = [e for e in report.databases if e.state in _WAITING]
        over = not clock.in_time()
        if not waiting or over:
            break
        for entry in waiting:
            print(f"{_now():%H:%M:%S} {entry.database}: {entry.reason}", file=sys.stderr)
        time.sleep(SECONDS_BETWEEN_PASSES)
        if not clock.in_time():
            break
    _print(report, lines(report), as_json=as_json)
    if waiting:
        return TIMED_OUT
    return DONE if all(e.state is State.PROTECTED for e in report.databases) else BAD


def _print(report: Report | Checked, text: Iterable[str], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(report.as_dict(), indent=2))
        return
    for line in text:
        print(line)


def _now() -> datetime:
    return datetime.now(UTC)


def _unlimited() -> float:
    return float("inf")


def _duration(text: str) -> timedelta:
    """``23h``, ``90m`` or ``3600s``."""
    found = re.fullmatch(r"([0-9]+)([smh])", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration; expected 23h, 90m or 3600s")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def _moment(text: str) -> datetime:
    """ISO 8601 with its zone: nobody has to know whose two o'clock is meant."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; expected 2026-03-09T02:00:00Z")
    return moment


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rds_backup", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="back up, and wait until everything is protected")
    run.add_argument(
        "--timeout",
        type=_duration,
        default="23h",
        metavar="DURATION",
        help="give up waiting after 23h, 90m or 3600s (default: 23h)",
    )
    preflight = commands.add_parser(
        "check", help="what could go wrong tonight, in both accounts, and the fix; changes nothing"
    )
    plan = commands.add_parser("plan", help="what a run would do now; changes nothing")
    status = commands.add_parser("status", help="how well each database is protected")
    restore = commands.add_parser(
        "restore-plan", help="the AWS CLI commands that bring a backup back; runs none of them"
    )
    restore.add_argument("database", help="its identifier or resource id")
    restore.add_argument(
        "--at", type=_moment, metavar="TIME", help="the newest with data at or before this time"
    )
    status.add_argument(
        "--html", type=Path, metavar="FILE", help="also write it as one self-contained page"
    )
    for command in (run, preflight, plan, status):
        command.add_argument("--json", action="store_true", help="print the result object")
    return parser


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise Stopped


if __name__ == "__main__":
    # The first process of a container ignores SIGTERM unless it asks for it.
    signal.signal(signal.SIGTERM, _stop)
    sys.exit(main())
