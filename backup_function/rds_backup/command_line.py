"""The options of the command line, and how their values are read; knows nothing of the package."""

import argparse
import re
from datetime import datetime, timedelta
from pathlib import Path

_UNITS = {"s": 1, "m": 60, "h": 3600}


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


def parser(description: str | None) -> argparse.ArgumentParser:
    """The parser of every command; ``description`` is the program's."""
    program = argparse.ArgumentParser(prog="python -m rds_backup", description=description)
    commands = program.add_subparsers(dest="command", required=True)
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
    return program
