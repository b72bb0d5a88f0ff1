"""The command ``run``: passes with a pause between them, until nothing is under way."""

import json
import math
import os
import sys
from datetime import timedelta

from rds_backup.aws.errors import AwsError, Meaning
from rds_backup.commands.look import ATTENTION, DONE, ON_THE_WAY, UNUSABLE
from rds_backup.inputs.environment import SettingsError
from rds_backup.inputs.request import Action, Request
from rds_backup.model.clock import Time, iso
from rds_backup.model.decisions import WAITING, State
from rds_backup.printers.run_text import Progress, run_lines
from rds_backup.printers.screen import Screen
from rds_backup.printers.wording import when
from rds_backup.report.result import Report
from rds_backup.run import run_of

SECONDS_BETWEEN_PASSES = 60.0


def run(timeout: timedelta, screen: Screen, clock: Time, *, as_json: bool) -> int:
    """Passes until nothing is under way or the time is up; progress goes to standard error.

    What may be different in a minute is waited for, too: an answer that did not come, credentials
    that could not be had just now.
    """
    now, deadline = clock.now, clock.now() + timeout
    clock = clock._replace(left=lambda: (deadline - now()) / timedelta(seconds=1))
    progress = Progress()
    while True:
        report, trouble = _pass(clock)
        goes_on = _goes_on(report) and clock.in_time()
        again = now() + timedelta(seconds=SECONDS_BETWEEN_PASSES) if goes_on else None
        lines = (
            progress.lines(report, now(), again) if report else [f"{when(iso(now()))} {trouble}"]
        )
        for line in lines:
            print(line, file=sys.stderr)
        if not goes_on:
            break
        clock.pause(SECONDS_BETWEEN_PASSES)
        if not clock.in_time():
            break
    if report is None:
        return UNUSABLE
    if as_json:
        print(json.dumps(report.as_dict(most=math.inf), indent=2))
    else:
        for line in run_lines(report, screen):
            print(line)
    if any(e.state in WAITING for e in report.databases):
        return ON_THE_WAY
    well = all(e.state is State.PROTECTED for e in report.databases)
    return DONE if well and not report.undeleted and not report.late else ATTENTION


def _goes_on(report: Report | None) -> bool:
    """Whether another pass may find more done; there is no report where AWS gave no answer."""
    waited_for = (*WAITING, State.UNKNOWN)
    return report is None or any(e.state in waited_for for e in report.databases)


def _pass(clock: Time) -> tuple[Report | None, str]:
    """One pass; no report where AWS gave no answer at all, and then in words why."""
    try:
        return run_of(Request(Action.BACKUP), os.environ, clock), ""
    except (SettingsError, AwsError) as error:
        cause = error if isinstance(error, AwsError) else error.__cause__
        if isinstance(cause, AwsError) and cause.meaning is Meaning.LATER:
            return None, str(error)
        raise
