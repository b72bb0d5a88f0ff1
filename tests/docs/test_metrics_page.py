"""docs/reference/metrics.md: the metrics are those that the handler emits."""

from sandbox import Sandbox
from sandbox.serving.lambda_runtime import Function, Invocation
from tests.support.drilling import DRILL, GO_ON, drill, ready
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


def test_metrics_of_drills_are_those_that_the_handler_emits(aws: Sandbox) -> None:
    """A drill that has begun after another was proven emits all of them, a tick the counts only."""
    ready(aws)
    function = Function(aws, aws.drill_environment(MAX_DRILL_AGE_DAYS="30"))
    drill(aws, function)
    tick, begun = (function.invoke(event) for event in (GO_ON, DRILL))
    told = {code(row[0]) for row in Page("docs/reference/metrics.md").table("metric of drills")}

    assert _metrics(begun) - {"Heartbeat"} == told
    assert {"Heartbeat", "DrillsUnderWay", "DrillsOverdue", "DrillsFailed"} == _metrics(tick)


def _metrics(invocation: Invocation) -> set[str]:
    return {
        metric["Name"]
        for line in invocation.metrics
        for group in line["_aws"]["CloudWatchMetrics"]
        for metric in group["Metrics"]
    }
