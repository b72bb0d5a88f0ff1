"""The options of the command line, and how their values are read."""

import argparse
import re
from datetime import datetime, timedelta
from pathlib import Path

from rds_backup.model.clock import zoned

_UNITS = {"s": 1, "m": 60, "h": 3600}
# Nothing is started in the last minute; and a year is for ever.
_LEAST_SECONDS, _MOST_SECONDS = 120, 8760 * 3600

type _Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - its only name


def _duration(text: str) -> timedelta:
    """``23h``, ``90m`` or ``3600s``."""
    found = re.fullmatch(r"([0-9]+)([smh])", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not a duration; expected 23h, 90m or 3600s")
    seconds = int(found[1]) * _UNITS[found[2]]
    if not _LEAST_SECONDS <= seconds <= _MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 2m and 8760h")
    return timedelta(seconds=seconds)


def _moment(text: str) -> datetime:
    try:
        return zoned(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a time; expected 2026-03-09T02:00:00Z"
        ) from None


def parser(program: str, version: str, description: str | None) -> argparse.ArgumentParser:
    """The parser of every command; ``description`` is the program's."""
    top = argparse.ArgumentParser(prog=program, description=description, parents=[_whose()])
    top.add_argument("--version", action="version", version=f"rds-backup {version}")
    commands = top.add_subparsers(dest="command", required=True)
    status = _look(commands, "status", "how well each database is protected")
    status.add_argument(
        "--html", type=Path, metavar="FILE", help="also write it as one self-contained page"
    )
    plan = _look(commands, "plan", "what a backup would do now; changes nothing")
    for command in (status, plan):
        command.add_argument(
            "--exit-code",
            action="store_true",
            help="exit with 1 if a person is needed, 3 if anything is on the way or to be done",
        )
    _look(commands, "check", "what could go wrong tonight, and the fix; changes nothing")
    _restores(commands)
    run = commands.add_parser(
        "run", help="back up, and wait until everything is protected", parents=[_whose()]
    )
    run.add_argument(
        "--timeout",
        type=_duration,
        default="23h",
        metavar="DURATION",
        help="give up waiting after 23h, 90m or 3600s (default: 23h)",
    )
    run.add_argument("--json", action="store_true", help="print the result object")
    return top


def _restores(commands: "_Commands") -> None:
    """The commands on what is, or would be, restored."""
    restore = _asked(
        commands, "restore-plan", "the AWS CLI commands that bring a backup back; runs none of them"
    )
    restore.add_argument("database", nargs="?", help="its identifier or resource id")
    restore.add_argument(
        "--at",
        type=_moment,
        metavar="TIME",
        help="use the newest backup with data at or before this time",
    )
    drill = _asked(commands, "drill", "what a restore drill would do now; changes nothing")
    drill.add_argument(
        "--plan",
        action="store_true",
        required=True,
        help="say what is under way, or would be restored next; only the function itself drills",
    )
    drill.add_argument("--json", action="store_true", help="print the result object")


def _look(commands: "_Commands", name: str, about: str) -> argparse.ArgumentParser:
    """A command that prints a table of what was found."""
    command = _asked(commands, name, about)
    how = command.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="print the result object")
    how.add_argument("--all", action="store_true", help="print everything, not only the worst")
    how.add_argument("--only-bad", action="store_true", help="leave out what is fine")
    return command


def _asked(commands: "_Commands", name: str, about: str) -> argparse.ArgumentParser:
    """A command that a deployed function can answer, too."""
    command = commands.add_parser(name, help=about, description=about, parents=[_whose()])
    where = command.add_mutually_exclusive_group()
    where.add_argument(
        "--function",
        metavar="NAME",
        help="ask a deployed function, by its own name or its stack's, instead of looking from "
        "here with the variables of the environment",
    )
    where.add_argument(
        "--result", type=Path, metavar="FILE", help="print a saved result; - is standard input"
    )
    return command


def _whose() -> argparse.ArgumentParser:
    """The options that may stand before and behind a command."""
    options = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    options.add_argument("--profile", metavar="NAME", help="a profile of the AWS CLI")
    options.add_argument("--region", metavar="REGION", help="a Region, such as eu-west-1")
    return options
