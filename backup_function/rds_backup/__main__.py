"""Looks at the backups of RDS databases in another account, or makes them, as a container task.

``check``, ``plan`` and ``status`` look once and change nothing; ``restore-plan`` prints the
commands that bring a backup back.  They ask a deployed function (``--function``), or look from here
with the variables of the environment.  ``run`` repeats passes until nothing is under way.
"""

import argparse
import math
import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from types import FrameType

from rds_backup import __version__
from rds_backup.asking.plain import plain
from rds_backup.aws.deployed import NoAnswerError
from rds_backup.aws.errors import AwsError
from rds_backup.commands.look import UNUSABLE, look
from rds_backup.commands.options import parser
from rds_backup.commands.run import run
from rds_backup.inputs.environment import SettingsError
from rds_backup.inputs.request import RequestError
from rds_backup.model.clock import Time
from rds_backup.printers.screen import Screen

STOPPED, INTERRUPTED, UNREAD = (128 + s for s in (signal.SIGTERM, signal.SIGINT, signal.SIGPIPE))
_GOES_ON = "RDS finishes copies under way; the next run continues"


class Stopped(BaseException):
    """SIGTERM arrived: no error, and nothing on the way may take it for one."""


def command() -> int:
    """The command as a process of its own; returns the exit code of ``main``."""
    # The first process of a container ignores SIGTERM unless it asks for it.
    signal.signal(signal.SIGTERM, _stop)
    return main()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    0: everything is protected (``plan``, ``status``: the look succeeded; ``restore-plan``: there
    is a backup).  1: a person should look.
    2: the environment or the arguments cannot be used, or there is no answer.  3: timed out; the
    next run goes on.  ``check`` ends with its worst answer: 0 for pass, 1 for warn, 2 for fail.
    With ``--exit-code`` ``plan`` and ``status`` end with 1 if a person is needed, and with 3 if
    anything is on the way, or would be done.
    143: ended by SIGTERM, 130: by Ctrl-C, 141: since nobody reads its output any more; at once and
    in the middle of whatever it did; the next run goes on.
    """
    program = "python -m rds_backup" if sys.argv[0].endswith("__main__.py") else "rds-backup"
    options = parser(program, __version__, (__doc__ or "").replace("``", "")).parse_args(arguments)
    try:
        code = _code(options)
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
            print(f"the output was closed; {_GOES_ON}", file=stream, flush=True)
            break
        except OSError:
            os.dup2(nowhere, stream.fileno())
    os.dup2(nowhere, sys.stdout.fileno())
    return UNREAD


def _code(options: argparse.Namespace) -> int:
    """Run the command; what ends it in words is an exit code here."""
    for name in ("profile", "region"):
        if name in options:
            os.environ[f"AWS_{name.upper()}"] = getattr(options, name)
    clock = Time(lambda: datetime.now(UTC), lambda: math.inf, time.sleep)
    try:
        if options.command == "run":
            return run(options.timeout, _screen(), clock, as_json=options.json)
        return look(options, _screen(), clock)
    except (SettingsError, RequestError, NoAnswerError) as error:
        print(plain(str(error), "text"), file=sys.stderr)
    except AwsError as error:
        print(plain(error.unusable), file=sys.stderr)
    except BrokenPipeError:
        raise
    except Exception:  # noqa: BLE001 - Python would end with 1, which here has a meaning
        traceback.print_exc()
    return UNUSABLE


def _screen() -> Screen:
    """Standard output: as wide as the terminal, coloured only where that is one."""
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return Screen(shutil.get_terminal_size((100, 24)).columns, colour)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise Stopped


if __name__ == "__main__":
    sys.exit(command())
