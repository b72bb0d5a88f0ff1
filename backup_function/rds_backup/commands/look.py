"""The commands that look: whence the result comes, how it is printed, which code it ends with."""

import argparse
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from rds_backup.asking.own import own_look
from rds_backup.asking.plain import plain
from rds_backup.asking.result import Result, recognised, whole
from rds_backup.asking.saved import saved
from rds_backup.aws.deployed import DRILL_LOOK, LOOK_FUNCTION, Deployed, NoAnswerError
from rds_backup.check.answer import Checked
from rds_backup.inputs.request import Action, Request, RequestError
from rds_backup.model.clock import Time
from rds_backup.printers.check_text import check_lines
from rds_backup.printers.drill_text import drill_lines
from rds_backup.printers.page import page
from rds_backup.printers.plan_text import plan_lines
from rds_backup.printers.screen import Screen
from rds_backup.printers.status_text import status_lines
from rds_backup.printers.wording import when
from rds_backup.report.result import Outcome
from rds_backup.report.shown import Shown, shown

DONE, ATTENTION, UNUSABLE, ON_THE_WAY = 0, 1, 2, 3
_HOUR = timedelta(hours=1)


def look(options: argparse.Namespace, screen: Screen, clock: Time) -> int:
    """Print what was asked for, and return the exit code; raises NoAnswerError in words."""
    request = _request(options)
    if options.function is None and options.result is None:
        lines, code = _told(options, own_look(request, os.environ, clock), screen, clock)
    else:
        whose = str(options.result or options.function)
        try:
            lines, code = _told(options, _elsewhere(options, request), screen, clock)
        except (NoAnswerError, RequestError):
            raise
        except Exception as error:  # whatever it holds is bad input, and no defect of this process
            words = (
                f"{whose} is not a complete result of this release: {type(error).__name__}: {error}"
            )
            raise NoAnswerError(words) from error
    failed = request.action is Action.RESTORE_PLAN and code != DONE
    for line in lines:
        print(line, file=sys.stderr if failed else sys.stdout)
    return code


def _request(options: argparse.Namespace) -> Request:
    action = Action(options.command.replace("-", "_"))
    if options.function == "":
        raise RequestError("--function is empty: give the name of the stack, or of the function")
    if action is not Action.RESTORE_PLAN:
        return Request(action, plan=action is Action.DRILL)
    if not options.database and not options.result:
        raise RequestError("restore-plan: which database? Give its identifier or resource id")
    if options.result and options.at:
        raise RequestError("--at cannot be used with --result: the saved plan is already made")
    return Request(action, database=options.database or "", at=options.at)


def _elsewhere(options: argparse.Namespace, request: Request) -> Result:
    """The result of a deployed function, or out of a file."""
    if options.function:
        region, profile = os.environ.get("AWS_REGION"), os.environ.get("AWS_PROFILE")
        part = DRILL_LOOK if request.action is Action.DRILL else LOOK_FUNCTION
        deployed = Deployed(options.function, region, profile, part)
        return whole(deployed.ask, request.as_event(), options.function)
    result = recognised(saved(options.result), str(request.action), str(options.result))
    if request.database and request.database != result["database"]:
        raise RequestError(f"{options.result} has the plan of {result['database']}")
    return result


def _told(
    options: argparse.Namespace, result: Result, screen: Screen, clock: Time
) -> tuple[list[str], int]:
    """Every line to print, and the exit code; the page is written."""
    result = plain(result)
    if result["action"] == Action.RESTORE_PLAN:
        failed = result["outcome"] == Outcome.FAILED
        text = result["reason"] if failed else result["text"]
        return text.splitlines(), ATTENTION if failed else DONE
    if result["action"] == Action.DRILL:
        code = ATTENTION if result["outcome"] == Outcome.FAILED else DONE
        return _lines(options, result, drill_lines(result, screen)), code
    check = result["action"] == Action.CHECK
    head = result if check else result["setting"]
    age = clock.now() - datetime.fromisoformat(head["looked_at"])
    as_of = (
        f"as of {when(head['looked_at'])} UTC, {age // _HOUR} hours ago" if age > _HOUR else None
    )
    if check:
        checked = replace(Checked.read(result), as_of=as_of)
        text = check_lines(checked, screen, everything=options.all, only_bad=options.only_bad)
        return _lines(options, result, text), checked.exit_code
    report = shown(result, as_of)
    if options.command == "status" and options.html:
        _write(options.html, page(report))
    printer = status_lines if options.command == "status" else plan_lines
    text = printer(report, screen, everything=options.all, only_bad=options.only_bad)
    too_old = age > _HOUR * report.setting.max_snapshot_age_hours
    code = _code(report, too_old=too_old) if options.exit_code else DONE
    return _lines(options, result, text), code


def _lines(options: argparse.Namespace, result: Result, text: Iterable[str]) -> list[str]:
    return json.dumps(result, indent=2).splitlines() if options.json else list(text)


def _write(path: Path, html: str) -> None:
    try:
        path.write_text(html, encoding="utf-8")
    except OSError as error:
        raise NoAnswerError(f"the page cannot be written: {error}") from error


def _code(report: Shown, *, too_old: bool) -> int:
    if report.needy or report.late or too_old or not report.total:
        return ATTENTION
    return ON_THE_WAY if report.planned or report.waiting else DONE
