"""The Lambda handler: event and environment in; log lines, metrics and the result object out."""

import gc
import os
import time
from datetime import UTC, datetime
from logging import DEBUG
from typing import Any

# What is loaded from here on stays: looking for garbage in it takes time, and finds none.
gc.disable()

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from rds_backup import __version__, run
from rds_backup.aws import account
from rds_backup.inputs.request import APART, Action, parse
from rds_backup.inputs.variables import DEFAULTS
from rds_backup.model.clock import Time

SERVICE = os.environ.get("POWERTOOLS_SERVICE_NAME", "rds-backup")
NAMESPACE = os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "RdsBackup")
UNITS = {"Hours": MetricUnit.NoUnit, "Percent": MetricUnit.Percent}  # CloudWatch has no hours
logger, metrics = Logger(SERVICE, release=__version__), Metrics(SERVICE, NAMESPACE)
# Clients are made while the runtime starts, where Lambda gives a full processor.
account.own(os.environ.get("AWS_REGION", DEFAULTS["AWS_REGION"]))
gc.freeze()
gc.enable()


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """One invocation; raises once, after everything is out, if a person should look."""
    request = parse(event)
    logger.set_correlation_id(event.get("id") or context.aws_request_id)
    left = context.get_remaining_time_in_millis
    clock = Time(lambda: datetime.now(UTC), lambda: left() / 1000, time.sleep)
    if request.action in APART:
        from rds_backup.looks import looked  # noqa: PLC0415 - no night pays for it

        answer = looked(request, os.environ, clock)
        logger.info(str(request.action), outcome=answer["outcome"], counts=answer.get("counts"))
        return answer
    report = run.perform(request, os.environ, clock)
    result = report.as_dict(request.after)
    metrics.add_metric("Heartbeat", MetricUnit.Count, 1)
    if not report.idle:
        everyone = logger.log_level <= DEBUG or request.lists_all(clock.now())
        tick = request.action is Action.RESUME
        for bad, message, keys in report.log_lines(result["counts"], everyone=everyone, tick=tick):
            (logger.error if bad else logger.info)(message, **keys)
        for name, value in report.metrics().items():
            unit = next((u for end, u in UNITS.items() if name.endswith(end)), MetricUnit.Count)
            metrics.add_metric(name, unit, value)
    metrics.flush_metrics()
    if not request.looks:
        report.raise_if_bad()
    return result
