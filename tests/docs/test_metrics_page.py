"""docs/reference/metrics.md: the metrics are those that the handler emits."""

from sandbox import Sandbox
from sandbox.serving.lambda_runtime import Function, Invocation
from tests.support.pages import Page, code


def test_metrics_are_those_that_the_handler_emits(aws: Sandbox, function: Function) -> None:
    """Full looks in both accounts emit all of them, an idle tick the heartbeat only."""
    aws.add_instance("orders", engine="postgres", kms_key="aws/rds", tags={"backup": "nightly"})
    idle, full = (function.invoke({"action": action}) for action in ("resume", "status"))
    expiring = Function(aws, aws.backup_environment()).invoke({"action": "expire"})

    assert {"Heartbeat"} == _metrics(idle)
    assert _metrics(full) | _metrics(expiring) == {
        code(row[0]) for row in Page("docs/reference/metrics.md").table("metric")
    }


def _metrics(invocation: Invocation) -> set[str]:
    return {
        metric["Name"]
        for line in invocation.metrics
        for group in line["_aws"]["CloudWatchMetrics"]
        for metric in group["Metrics"]
    }
