"""The command line: the same night as a container task, and a look at it.

``run`` repeats passes until nothing is under way; ``check``, ``plan`` and ``status`` look once and
change nothing; ``restore-plan`` prints the commands that bring a backup back.  Configured by the
environment, like the function.
"""

import argparse
import json
import math
import os
import signal
import sys
import time
import traceback
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from types import FrameType

from rds_backup.aws.errors import AwsError, Meaning
from rds_backup.check.answer import Checked
from rds_backup.check.reading import check
from rds_backup.command_line import parser
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
DONE, ATTENTION, UNUSABLE, TIMED_OUT = 0, 1, 2, 3
STOPPED, INTERRUPTED, UNREAD = (128 + s for s in (signal.SIGTERM, signal.SIGINT, signal.SIGPIPE))
_WAITING = (State.IN_PROGRESS, State.QUEUED)
_GOES_ON = "copies under way go on, and so does the next run"
_PRINTERS = {"plan": plan_lines, "status": status_lines}


class Stopped(BaseException):
    """SIGTERM arrived: no error, and nothing on the way may take it for one."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    0: everything is protected (``plan``, ``status``: the look succeeded; ``restore-plan``: there
    is a backup).  1: a person should look.
    2: the environment or the arguments cannot be used.  3: timed out; the next run goes on.
    ``check`` ends with its worst answer: 0 for pass, 1 for warn, 2 for fail.
    143: ended by SIGTERM, 130: by Ctrl-C, 141: since nobody reads its output any more; at once and
    in the middle of whatever it did; the next run goes on.
    """
    options = parser(__doc__).parse_args(arguments)
    try:
        code = _command(options)
        sys.stdout.flush()
    except Stopped:
        print(f"stopped by SIGTERM; {_GOES_ON}", file=sys.stderr)
        return STOPPED
    except KeyboardInterrupt:
        print(f"stopped by Ctrl-C; {_GOES_ON}", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        return _unread()
    return code


def _unread() -> int:
    """Say so to whoever still reads the other stream, and let Python end without a traceback."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stderr, sys.stdout):
        try:
            print(f"nobody reads the output any more; {_GOES_ON}", file=stream, flush=True)
            break
        except OSError:
            os.dup2(nowhere, stream.fileno())
    os.dup2(nowhere, sys.stdout.fileno())
    return UNREAD


def _command(options: argparse.Namespace) -> int:
    """Run the command; what ends it in words is an exit code here."""
    try:
        if options.command == "restore-plan":
            print(restore_plan(options.database, options.at, os.environ), end="")
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
        return ATTENTION


def _check(*, as_json: bool) -> int:
    """Ask everything that could go wrong tonight, and print each answer."""
    try:
        checked = check(Request(Action.CHECK), os.environ, Time(_now, lambda: math.inf, time.sleep))
    except (SettingsError, RequestError, AwsError):
        raise
    except Exception:  # noqa: BLE001 - Python would end with 1, which here is a warning
        traceback.print_exc()
        return UNUSABLE
    _print(checked, check_lines(checked), as_json=as_json)
    return checked.exit_code


def _look(options: argparse.Namespace) -> int:
    """``plan`` or ``status``: look once, write the page if one is asked for, print."""
    clock = Time(_now, lambda: math.inf, time.sleep)
    report = perform(Request(Action(options.command)), os.environ, clock)
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
    """Passes with a sleep between them, until nothing is under way or the time is up.

    What may be different in a minute is waited for, too: an answer that did not come, credentials
    that could not be had just now.
    """
    deadline = _now() + timeout
    clock = Time(_now, lambda: (deadline - _now()) / timedelta(seconds=1), time.sleep)
    while True:
        report, reasons = _pass(clock)
        if not reasons or not clock.in_time():
            break
        for reason in reasons:
            print(f"{_now():%H:%M:%S} {reason}", file=sys.stderr)
        time.sleep(SECONDS_BETWEEN_PASSES)
        if not clock.in_time():
            break
    if report is None:
        print(*reasons, sep="\n", file=sys.stderr)
        return UNUSABLE
    _print(report, lines(report), as_json=as_json)
    if any(e.state in _WAITING for e in report.databases):
        return TIMED_OUT
    return DONE if all(e.state is State.PROTECTED for e in report.databases) else ATTENTION


def _pass(clock: Time) -> tuple[Report | None, list[str]]:
    """One pass, and why another one is needed; no report where AWS gave no answer at all."""
    try:
        report = perform(Request(Action.BACKUP), os.environ, clock)
    except (SettingsError, AwsError) as error:
        cause = error if isinstance(error, AwsError) else error.__cause__
        if isinstance(cause, AwsError) and cause.meaning is Meaning.LATER:
            return None, [str(error)]
        raise
    waiting = (*_WAITING, State.UNKNOWN)
    return report, [f"{e.database}: {e.told}" for e in report.databases if e.state in waiting]


def _print(report: Report | Checked, text: Iterable[str], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(report.as_dict(most=math.inf), indent=2))
        return
    for line in text:
        print(line)


def _now() -> datetime:
    return datetime.now(UTC)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise Stopped


if __name__ == "__main__":
    # The first process of a container ignores SIGTERM unless it asks for it.
    signal.signal(signal.SIGTERM, _stop)
    sys.exit(main())
