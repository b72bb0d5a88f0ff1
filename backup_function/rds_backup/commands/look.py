"""The commands that look: whence the result comes, how it is printed, which code it ends with."""

import argparse
import json
import os
import sys
from collections.abc import Iterable

from rds_backup.asking.own import own_look
from rds_backup.asking.result import Result, recognised, whole
from rds_backup.asking.saved import saved
from rds_backup.aws.deployed import Deployed, NoAnswerError
from rds_backup.check.answer import Checked
from rds_backup.inputs.request import Action, Request, RequestError
from rds_backup.model.clock import Time
from rds_backup.printers.check_text import check_lines
from rds_backup.printers.page import page
from rds_backup.printers.plan_text import plan_lines
from rds_backup.printers.screen import Screen
from rds_backup.printers.status_text import status_lines
from rds_backup.printers.verdict import WAITING
from rds_backup.report.result import Outcome
from rds_backup.report.shown import Shown, shown

DONE, ATTENTION, UNUSABLE, ON_THE_WAY = 0, 1, 2, 3


def look(options: argparse.Namespace, screen: Screen, clock: Time) -> int:
    """Print what was asked for, and return the exit code; raises NoAnswerError in words."""
    request = _request(options)
    result = _result(options, request, clock)
    if request.action is Action.RESTORE_PLAN:
        return _restore_plan(result)
    read = Checked.read if request.action is Action.CHECK else shown
    try:
        found = read(result)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        whose = options.function or options.result
        if not whose:
            raise  # a defect of this process, and no bad input
        words = f"{whose} is no whole result of this release: {type(error).__name__}: {error}"
        raise NoAnswerError(words) from error
    return _printed(options, result, found, screen)


def _request(options: argparse.Namespace) -> Request:
    action = Action(options.command.replace("-", "_"))
    if action is not Action.RESTORE_PLAN:
        return Request(action)
    if not options.database and not options.result:
        raise RequestError("restore-plan: which database? Give its identifier or resource id")
    return Request(action, database=options.database or "", at=options.at)


def _result(options: argparse.Namespace, request: Request, clock: Time) -> Result:
    if options.result:
        return recognised(saved(options.result), str(request.action), str(options.result))
    if options.function:
        region, profile = os.environ.get("AWS_REGION"), os.environ.get("AWS_PROFILE")
        deployed = Deployed(options.function, region, profile)
        return whole(deployed.ask, request.as_event(), options.function)
    return own_look(request, os.environ, clock)


def _restore_plan(result: Result) -> int:
    if result["outcome"] == Outcome.FAILED:
        print(result["reason"], file=sys.stderr)
        return ATTENTION
    print(result["text"], end="")
    return DONE


def _printed(
    options: argparse.Namespace, result: Result, found: Shown | Checked, screen: Screen
) -> int:
    if isinstance(found, Shown) and options.command == "status" and options.html:
        try:
            options.html.write_text(page(found), encoding="utf-8")
        except OSError as error:
            raise NoAnswerError(f"the page cannot be written: {error}") from error
    _print(
        json.dumps(result, indent=2).splitlines() if options.json else _text(options, found, screen)
    )
    if isinstance(found, Checked):
        return found.exit_code
    return _code(found) if options.exit_code else DONE


def _text(options: argparse.Namespace, found: Shown | Checked, screen: Screen) -> Iterable[str]:
    everything, only_bad = options.all, options.only_bad
    if isinstance(found, Checked):
        return check_lines(found, screen, everything=everything, only_bad=only_bad)
    printer = status_lines if options.command == "status" else plan_lines
    return printer(found, screen, everything=everything, only_bad=only_bad)


def _code(report: Shown) -> int:
    if report.needy or report.late or not report.total:
        return ATTENTION
    return ON_THE_WAY if report.actions or report.count(*WAITING) else DONE


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)
