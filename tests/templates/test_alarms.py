"""The alarms of both stacks: what sets them off, who hears of it, and what a person is told."""

import json
import re
from dataclasses import fields
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from botocore import xform_name
from botocore.model import ServiceModel
from botocore.session import get_session
from moto.events.models import EventPattern

from rds_backup.model.decisions import BAD
from rds_backup.report.entry import Entry
from sandbox import Sandbox
from sandbox.serving.lambda_runtime import Function
from tests.support.drilling import drill, ready
from tests.support.pages import Page
from tests.support.playing import nights
from tests.support.resolved_templates import (
    BACKUP,
    BACKUP_KEY,
    BACKUP_TEMPLATE,
    REGION,
    ROOT,
    SOURCE,
    SOURCE_TEMPLATE,
    Stack,
    listed,
)

OURS = {"SnapshotPrefix": "nightly", "MaxSnapshotAgeHours": "40", "TrailExists": "yes"}
SHARED = {"SourceAccountIds": f"{SOURCE},333333333333", "MaxBackupsOfOneAccount": "60"}
DRILLS = {"DrillSchedule": "rate(1 day)", "MaxDrillAgeDays": "90", "DrillDeadlineHours": "8"}
STACKS = {
    "source": Stack(SOURCE_TEMPLATE, **OURS),
    "backup": Stack(BACKUP_TEMPLATE, **OURS, **SHARED, **DRILLS),
}
MADE = {side: stack.resources() for side, stack in STACKS.items()}
ALARMS = {
    (side, name): MADE[side][name]
    for side, stack in STACKS.items()
    for name in stack.template.of_type("AWS::CloudWatch::Alarm")
}
RULES = {
    (side, name): MADE[side][name]
    for side, stack in STACKS.items()
    for name in stack.template.of_type("AWS::Events::Rule")
}
COMPOSITE = MADE["source"]["BackupsNeedAPerson"]
BY_ALARM = pytest.mark.parametrize(
    ("side", "alarm"), [pytest.param(k[0], a, id="-".join(k)) for k, a in ALARMS.items()]
)
TEXTS = {
    **{k: a["AlarmDescription"] for k, a in ALARMS.items()},
    ("source", "BackupsNeedAPerson"): COMPOSITE["AlarmDescription"],
    **{k: r["Targets"][0]["InputTransformer"]["InputTemplate"] for k, r in RULES.items()},
}
BY_TEXT = pytest.mark.parametrize("text", TEXTS.values(), ids=map("-".join, TEXTS))
# What AWS's services emit, by namespace: the metric, and the dimension that names what it is of.
AWS_METRICS = {
    "AWS/Events": ({"FailedInvocations"}, "RuleName"),
    "AWS/Lambda": ({"Errors", "Duration"}, "FunctionName"),
    "AWS/SQS": ({"ApproximateNumberOfMessagesVisible"}, "QueueName"),
}
KEY_ID = BACKUP_KEY.rsplit("/", 1)[1]
HANDBOOK = (ROOT / "docs/guides/operations.md").read_text()
# The other pages with commands of the AWS CLI.
GUIDES = "".join(
    (ROOT / f"docs/guides/{name}.md").read_text() for name in ("who-may-look", "remove")
)
REFERENCE = (ROOT / "docs/reference/alarms.md").read_text()
METRICS = Page("docs/reference/metrics.md")
CHAPTERS: dict[str, str] = dict(
    re.findall(r"^#{3,4} ([^\n]+)\n(.*?)(?=^#{2,4} |\Z)", HANDBOOK, re.MULTILINE | re.DOTALL)
)
# The functions that emit, and what starts a full look of each.
FUNCTIONS = {"source": ("BackupFunction", "status"), "backup": ("ExpireFunction", "expire")}


def spoken(side: str) -> tuple[str, str]:
    """Namespace and service under which a stack's function is told to emit its metrics."""
    variables = MADE[side][FUNCTIONS[side][0]]["Environment"]["Variables"]
    return variables["POWERTOOLS_METRICS_NAMESPACE"], variables["POWERTOOLS_SERVICE_NAME"]


def measured(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """The metrics that an alarm is on: its own, or those that its expression is of."""
    if "Metrics" not in alarm:
        return [alarm]
    stats = [m["MetricStat"] for m in alarm["Metrics"] if "MetricStat" in m]
    return [s["Metric"] | {"Period": s["Period"], "Statistic": s["Stat"]} for s in stats]


MEASURED = [(side, name, metric) for (side, name), a in ALARMS.items() for metric in measured(a)]


@cache
def model_of(service: str) -> ServiceModel:
    """What AWS's own library knows of a service; reading it takes a second."""
    return get_session().get_service_model(service)


@pytest.fixture
def told(aws: Sandbox, function: Function) -> dict[str, set[str]]:
    """The names of the metrics of a full look in each account, whose only dimension is service."""
    aws.add_instance("orders", engine="postgres", kms_key="aws/rds", tags={"backup": "nightly"})
    nights(aws, function, 1)
    functions = {"source": function, "backup": Function(aws, aws.backup_environment())}
    return {
        side: {
            metric["Name"]
            for line in functions[side].invoke({"action": action}).metrics
            for group in line["_aws"]["CloudWatchMetrics"]
            for metric in group["Metrics"]
            if group["Dimensions"] == [["service"]]
        }
        for side, (_, action) in FUNCTIONS.items()
    }


class TestEveryAlarm:
    """Of both stacks, but for the composite one."""

    def test_it_hears_what_the_function_of_its_stack_says(self, told: dict[str, set[str]]) -> None:
        """An alarm on a metric that nobody emits is for ever silent, or for ever on."""
        of_drills = {row[0].strip("`") for row in METRICS.table("metric of drills")}
        ours = [each for each in MEASURED if each[2]["Namespace"] == "RdsBackup"]
        told["backup"] |= of_drills

        assert 13 == len(ours)
        for side, name, metric in ours:
            [dimension] = metric["Dimensions"]

            assert spoken(side) == (metric["Namespace"], dimension["Value"])
            assert "service" == dimension["Name"]
            assert metric["MetricName"] in told[side], name

    @BY_ALARM
    def test_it_hears_what_aws_says_of_this_stack(self, side: str, alarm: dict[str, Any]) -> None:
        """Of its function, its queue, or its rules."""
        rules = {p["Name"] for (s, _), p in RULES.items() if s == side}
        for metric in measured(alarm):
            if metric["Namespace"] == "RdsBackup":
                continue
            metrics, name = AWS_METRICS[metric["Namespace"]]
            [dimension] = metric["Dimensions"]

            assert metric["MetricName"] in metrics
            assert name == dimension["Name"]
            assert dimension["Value"].removesuffix(".QueueName") in MADE[side].keys() | rules

    @BY_ALARM
    def test_its_numbers_fit_each_other(self, side: str, alarm: dict[str, Any]) -> None:
        """CloudWatch looks back over a day at most where a period is shorter than an hour."""
        evaluated = alarm["EvaluationPeriods"]
        [period] = {metric["Period"] for metric in measured(alarm)}

        assert side in STACKS
        assert 1 <= alarm["DatapointsToAlarm"] <= evaluated
        assert 0 == period % 60
        assert period * evaluated <= 86400

    def test_an_expression_is_of_its_own_metrics_and_the_one_that_counts(self) -> None:
        """An alarm watches one time series; the others only feed it (PutMetricAlarm)."""
        found = [alarm["Metrics"] for alarm in ALARMS.values() if "Metrics" in alarm]

        assert 2 == len(found)
        for expression, *metrics in found:
            named = set(re.findall(r"\b[a-z]\w*", expression["Expression"]))

            assert named == {metric["Id"] for metric in metrics}
            assert [False] * len(metrics) == [metric["ReturnData"] for metric in metrics]
            assert "ReturnData" not in expression

    @BY_ALARM
    def test_silence_is_judged_and_by_one_alarm_only(
        self, side: str, alarm: dict[str, Any]
    ) -> None:
        """The age stands for it; the others neither end nor begin by it."""
        expected = {
            "OldestBackupAgeHours": "breaching",
            "DatabasesBad": "ignore",
            "OldestSharedCopyHours": "ignore",
            "BackupKeyUsable": "ignore",
            "Series": "ignore",
            "SeriesRetired": "ignore",
            "SeriesNotRestored": "ignore",
            "DrillsFailed": "ignore",
            "DrillsOverdue": "breaching",
            "MostBackupsOfOneDay": "ignore",
            "PlacesUsedPercent": "ignore",
            "MostBackupsOfOneAccount": "ignore",
            "Errors": "notBreaching",
            "Duration": "notBreaching",
            "FailedInvocations": "notBreaching",
            "ApproximateNumberOfMessagesVisible": "notBreaching",
        }

        assert side in STACKS
        for metric in measured(alarm):
            assert expected[metric["MetricName"]] == alarm["TreatMissingData"]


class TestTheAge:
    """The one number that says whether the backups are there."""

    @pytest.mark.parametrize("side", STACKS)
    def test_three_bad_hours_in_a_row_are_an_alarm_in_either_account(self, side: str) -> None:
        """Bad is too old or silent, by the objective that the function has."""
        alarm = ALARMS[side, "OldestBackupTooOld"]

        assert (3600, 3, 3, "Maximum", "GreaterThanThreshold", "40", "breaching") == tuple(
            alarm[key]
            for key in (
                *("Period", "EvaluationPeriods", "DatapointsToAlarm", "Statistic"),
                *("ComparisonOperator", "Threshold", "TreatMissingData"),
            )
        )

    @pytest.mark.parametrize(("side", "tick"), [("source", "StatusTick"), ("backup", "ExpireTick")])
    def test_the_function_looks_in_every_period(self, side: str, tick: str) -> None:
        """A schedule that is slower than the period would be silence by design."""
        assert "rate(1 hour)" == MADE[side][tick]["ScheduleExpression"]

    def test_where_nobody_looks_in_the_backup_account_there_is_no_alarm(self) -> None:
        """It would be on for ever; what a trail shows is still told."""
        given = {**OURS, "ExpireFrom": "source-account"}
        watched = set(Stack(BACKUP_TEMPLATE, **given).resources())
        unwatched = set(Stack(BACKUP_TEMPLATE, **{**given, "TrailExists": "no"}).resources())

        assert {
            *("DeletionsByOthers", "BackupKeyTouched", "AlertRole", "AlertsUndelivered"),
            *("Alerts", "AlertsPolicy"),
        } == (watched - unwatched)
        assert {"AlertsUndelivered"} == {n for _, n in ALARMS} & watched

    @pytest.mark.parametrize(
        ("side", "off"),
        [
            ("source", "ScheduleState"),
            ("backup", "ScheduleState"),
            ("backup", "SourceSchedules"),
        ],
    )
    def test_schedules_that_are_off_wake_nobody(self, side: str, off: str) -> None:
        """The alarm is there and on, and sends nothing; no other is quiet with it."""
        made = Stack(STACKS[side].template, **OURS, **{off: "DISABLED"}).resources()
        quiet = {n for n, p in made.items() if p.get("ActionsEnabled", True) is False}

        assert {"OldestBackupTooOld"} == quiet
        assert made["OldestBackupTooOld"]["AlarmActions"]
        assert "OldestBackupTooOld" not in made.get("BackupsNeedAPerson", {}).get("AlarmRule", "")
        assert MADE[side]["OldestBackupTooOld"]["ActionsEnabled"] is True


class TestDrills:
    """What is told of restores that are tried."""

    def test_a_series_whose_last_restore_is_too_long_ago_is_told_by_the_first_look(self) -> None:
        """The function counts them by MaxDrillAgeDays; between two looks nothing new is known."""
        alarm = ALARMS["backup", "RestoreTooLongAgo"]

        assert ("SeriesNotRestored", "Maximum", "GreaterThanThreshold", 0, 1, "ignore") == tuple(
            alarm[k]
            for k in (
                *("MetricName", "Statistic", "ComparisonOperator", "Threshold"),
                *("EvaluationPeriods", "TreatMissingData"),
            )
        )
        assert "90 days" in alarm["AlarmDescription"]

    def test_one_drill_that_failed_is_told_for_a_day(self) -> None:
        """By the first hour that has one; the next drill, which may pass, does not end it."""
        alarm = ALARMS["backup", "DrillFailed"]

        assert ("DrillsFailed", "Maximum", "GreaterThanThreshold", 0) == tuple(
            alarm[k] for k in ("MetricName", "Statistic", "ComparisonOperator", "Threshold")
        )
        assert (3600, 24, 1, "ignore") == tuple(
            alarm[k]
            for k in ("Period", "EvaluationPeriods", "DatapointsToAlarm", "TreatMissingData")
        )

    def test_a_database_beyond_its_deadline_is_told_after_two_hours_as_silence_is(self) -> None:
        """Only the function deletes it: one that is gone, or fails, is as bad."""
        alarm = ALARMS["backup", "DrillOverdue"]

        assert ("DrillsOverdue", "Maximum", "GreaterThanThreshold", 0) == tuple(
            alarm[k] for k in ("MetricName", "Statistic", "ComparisonOperator", "Threshold")
        )
        assert (3600, 2, 2, "breaching") == tuple(
            alarm[k]
            for k in ("Period", "EvaluationPeriods", "DatapointsToAlarm", "TreatMissingData")
        )
        assert "rate(10 minutes)" == MADE["backup"]["DrillTick"]["ScheduleExpression"]

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ({}, {"DrillFailed", "DrillFails", "DrillOverdue", "RestoreTooLongAgo"}),
            ({"MaxDrillAgeDays": "0"}, {"DrillFailed", "DrillFails", "DrillOverdue"}),
            ({"DrillSchedule": ""}, set()),
        ],
        ids=["with an age", "without", "no drills"],
    )
    def test_there_is_an_alarm_for_what_was_asked_for(
        self, given: dict[str, str], expected: set[str]
    ) -> None:
        """Whoever expires; the topic is there for them."""
        for mode in ("backup-account", "source-account"):
            made = Stack(BACKUP_TEMPLATE, ExpireFrom=mode, **(DRILLS | given)).resources()

            assert expected == {n for n in made if "Drill" in n or "Restore" in n} & {
                n for _, n in ALARMS
            }
            assert not expected or {"Alerts", "AlertsPolicy"} <= set(made)

    def test_a_schedule_that_is_off_wakes_nobody(self) -> None:
        """That of the source accounts does not matter: a drill needs backups, and no new ones."""
        off, source = (
            Stack(BACKUP_TEMPLATE, **DRILLS, **given).resources()["DrillOverdue"]["ActionsEnabled"]
            for given in ({"ScheduleState": "DISABLED"}, {"SourceSchedules": "DISABLED"})
        )

        assert (False, True) == (off, source)

    def test_the_history_is_of_lines_that_have_a_result(self, aws: Sandbox) -> None:
        """One a drill, and it has all that the query shows."""
        query = MADE["backup"]["DrillsQuery"]
        first, *_ = query["QueryString"].splitlines()
        shown = set(re.findall(r"\bdrill\.(\w+)", query["QueryString"]))
        lines = [line for done in drill(aws, ready(aws)) for line in done.logs]
        [said] = [
            line["drill"]
            for line in lines
            if line["message"] == "drill" and "result" in line["drill"]
        ]

        assert {"database", "result", "minutes", "begun", "ended", "class", "backup"} <= shown
        assert shown <= set(said)
        assert 'filter message = "drill" and ispresent(drill.result)' == first
        assert ["DrillFunctionLogs"] == query["LogGroupNames"]


class TestTheOthers:
    """Thresholds that follow from another number."""

    def test_the_duration_is_four_fifths_of_the_timeout(self) -> None:
        """In milliseconds, where the timeout is in seconds."""
        timeout = MADE["source"]["BackupFunction"]["Timeout"]

        assert timeout * 1000 * 4 // 5 == ALARMS["source", "DurationNearTheLimit"]["Threshold"]

    def test_errors_count_where_they_come_at_every_tick(self) -> None:
        """Two of three ten-minute periods: the tick runs once in each."""
        alarm = ALARMS["source", "FunctionErrors"]

        assert (600, 2, 3, "Sum", 0) == tuple(
            alarm[k]
            for k in ("Period", "DatapointsToAlarm", "EvaluationPeriods", "Statistic", "Threshold")
        )
        assert "rate(10 minutes)" == MADE["source"]["ResumeTick"]["ScheduleExpression"]

    def test_a_shared_copy_is_open_too_long_when_a_backup_would_be_too_old(self) -> None:
        """One objective, and no second parameter."""
        assert "40" == ALARMS["source", "SharedCopyOpenTooLong"]["Threshold"]

    def test_a_series_that_is_gone_and_not_retired_is_told_for_a_day(self) -> None:
        """Any hour of a day: what fell in a gap shows in the first look after it."""
        alarm = ALARMS["backup", "SeriesDisappeared"]
        metrics = {(m["MetricName"], m["Statistic"], m["Period"]) for m in measured(alarm)}

        assert {("Series", "Average", 3600), ("SeriesRetired", "Average", 3600)} == metrics
        assert (24, 1, "LessThanThreshold") == tuple(
            alarm[k] for k in ("EvaluationPeriods", "DatapointsToAlarm", "ComparisonOperator")
        )

    @pytest.mark.parametrize(
        ("series", "retired", "alarms"),
        [
            ([3, 3], [0, 0], False),
            ([3, 4], [0, 0], False),
            ([3, 2], [0, 0], True),
            ([3, 2], [0, 1], False),
            ([3, 1], [0, 1], True),
            # A retired series that a person removes, and one that comes back.
            ([3, 3], [1, 0], False),
            ([3, 4], [1, 0], False),
            # Two looks in one hour, before and after a series is retired.
            ([3, 2.5], [0, 0.5], False),
            ([3, 7 / 3], [0, 2 / 3], False),
            # Nothing to compare with.
            ([3], [0], False),
        ],
    )
    def test_a_series_is_gone_where_it_was_not_retired(
        self, series: list[float], retired: list[float], *, alarms: bool
    ) -> None:
        """The expression itself, on two hours of both gauges."""
        alarm = ALARMS["backup", "SeriesDisappeared"]
        expression = alarm["Metrics"][0]["Expression"]
        fell, rose = ([b - a for a, b in pairwise(values)] for values in (series, retired))
        found = [fall + rise if fall < 0 else 0 for fall, rise in zip(fell, rose, strict=True)]

        assert expression == "IF(DIFF(series) < 0, DIFF(series) + DIFF(retired), 0)"
        assert alarms == any(value < alarm["Threshold"] for value in found)

    def test_a_day_may_have_two_backups_and_three_are_told(self) -> None:
        """A night makes one, a new key or a repeated night another."""
        alarm = ALARMS["backup", "TooManyBackupsOfOneDay"]

        assert ("MostBackupsOfOneDay", "Maximum", "GreaterThanThreshold", 2, 1) == tuple(
            alarm[k]
            for k in (
                *("MetricName", "Statistic", "ComparisonOperator", "Threshold"),
                "EvaluationPeriods",
            )
        )

    def test_places_are_told_of_at_four_fifths_for_three_hours(self) -> None:
        """In time to have the quota raised, and not for what expires after a night."""
        alarm = ALARMS["backup", "PlacesNearlyUsed"]

        assert ("PlacesUsedPercent", "GreaterThanOrEqualToThreshold", 80, 3, 3) == tuple(
            alarm[k]
            for k in (
                *("MetricName", "ComparisonOperator", "Threshold"),
                *("EvaluationPeriods", "DatapointsToAlarm"),
            )
        )

    def test_the_number_of_one_account_is_told_where_several_share(self) -> None:
        """By the bound that they agree on; one alone has nobody to leave without places."""
        alarm = ALARMS["backup", "TooManyBackupsOfOneAccount"]
        alone = Stack(BACKUP_TEMPLATE, **OURS, **DRILLS).resources()
        expired = {**OURS, **SHARED, "ExpireFrom": "source-account"}

        assert ("MostBackupsOfOneAccount", "GreaterThanThreshold", "60", 3, 3) == tuple(
            alarm[k]
            for k in (
                *("MetricName", "ComparisonOperator", "Threshold"),
                *("EvaluationPeriods", "DatapointsToAlarm"),
            )
        )
        assert {"TooManyBackupsOfOneAccount"} == MADE["backup"].keys() - alone.keys()
        assert "TooManyBackupsOfOneAccount" not in Stack(BACKUP_TEMPLATE, **expired).resources()

    def test_a_key_that_cannot_be_used_is_told_at_the_first_hour(self) -> None:
        """The least value of the hour counts: a key that was off was off."""
        alarm = ALARMS["backup", "BackupKeyNotUsable"]

        assert (1, "Minimum", "LessThanThreshold", 1) == tuple(
            alarm[k] for k in ("EvaluationPeriods", "Statistic", "ComparisonOperator", "Threshold")
        )


class TestWhoHears:
    """One topic a stack, and one alarm to page on."""

    def test_the_composite_alarm_is_on_when_any_other_is(self) -> None:
        """All of them, and none that does not exist."""
        named = re.findall(r'ALARM\("(\w+)"\)', COMPOSITE["AlarmRule"])
        joined = " OR ".join(f'ALARM("{name}")' for name in named)

        assert joined == COMPOSITE["AlarmRule"]
        assert sorted(name for side, name in ALARMS if side == "source") == sorted(named)

    def test_in_the_source_account_it_sends_and_so_does_the_worst(self) -> None:
        """What is on already would hide it otherwise."""
        sending = {n for n, p in MADE["source"].items() if "AlarmActions" in p}

        assert {"BackupsNeedAPerson", "OldestBackupTooOld"} == sending

    def test_in_the_backup_account_every_alarm_sends(self) -> None:
        """There is no composite one."""
        sending = {n for n, p in MADE["backup"].items() if "AlarmActions" in p}

        assert {n for side, n in ALARMS if side == "backup"} == sending

    @pytest.mark.parametrize("side", STACKS)
    def test_whatever_sends_sends_to_the_topic_and_says_when_it_is_over(self, side: str) -> None:
        """And only to this stack's own."""
        alarms = [p for p in MADE[side].values() if "AlarmDescription" in p]
        sent = [p[k] for p in alarms if "AlarmActions" in p for k in ("AlarmActions", "OKActions")]
        targets = [r["Targets"] for (s, _), r in RULES.items() if s == side]

        topic = STACKS[side].arn("Alerts")

        assert [[topic]] * len(sent) == sent
        assert all([topic] == [t["Arn"] for t in each] for each in targets)

    @pytest.mark.parametrize("side", STACKS)
    def test_eventbridge_publishes_with_a_role_of_its_own(self, side: str) -> None:
        """For this stack's rules and to its topic only; each rule's target has it (8.9)."""
        account, stack = STACKS[side].template.account, STACKS[side]
        rules = {n: p for (s, n), p in RULES.items() if s == side}
        arns = [f"arn:aws:events:{REGION}:{account}:rule/{p['Name']}" for p in rules.values()]
        trust = stack.trust("AlertRole")

        assert ("Allow", {"Service": "events.amazonaws.com"}, "sts:AssumeRole") == (
            trust["Effect"],
            trust["Principal"],
            trust["Action"],
        )
        assert arns == listed(trust["Condition"]["ArnEquals"]["aws:SourceArn"])
        assert {"aws:SourceAccount": account} == trust["Condition"]["StringEquals"]
        assert [stack.arn("AlertRole")] * len(rules) == [
            target["RoleArn"] for p in rules.values() for target in p["Targets"]
        ]
        [allowed] = stack.statements("AlertRole")
        assert ("Allow", "sns:Publish", stack.arn("Alerts")) == (
            allowed["Effect"],
            allowed["Action"],
            allowed["Resource"],
        )

    @pytest.mark.parametrize("side", STACKS)
    def test_only_this_accounts_alarms_publish_and_rules_without_a_condition(
        self, side: str
    ) -> None:
        """EventBridge meets no condition in a topic's policy (8.9): with one, rules are mute."""
        account = STACKS[side].template.account
        alarms, rules = MADE[side]["AlertsPolicy"]["PolicyDocument"]["Statement"]

        assert {"Service": "cloudwatch.amazonaws.com"} == alarms["Principal"]
        assert alarms["Condition"] == {
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{REGION}:{account}:alarm:*"},
        }
        assert {"Service": "events.amazonaws.com"} == rules["Principal"]
        assert "Condition" not in rules
        assert "KmsMasterKeyId" not in MADE[side]["Alerts"]  # else its key had to admit both
        for statement in (alarms, rules):
            assert ("Allow", "sns:Publish", STACKS[side].arn("Alerts")) == (
                statement["Effect"],
                statement["Action"],
                statement["Resource"],
            )

    @pytest.mark.parametrize("template", [SOURCE_TEMPLATE, BACKUP_TEMPLATE], ids=lambda t: t.name)
    def test_without_a_trail_the_topic_is_there_for_the_alarms_only(self, template: Any) -> None:  # noqa: ANN401 - a Template
        """No rule may publish that does not exist."""
        made = Stack(template).resources()

        assert ["AlarmsPublish"] == [
            s["Sid"] for s in made["AlertsPolicy"]["PolicyDocument"]["Statement"]
        ]
        assert "Subscription" not in made["Alerts"]
        assert Stack(template).arn("Alerts") == Stack(template).outputs()["AlertsTopicArn"]

    @pytest.mark.parametrize("template", [SOURCE_TEMPLATE, BACKUP_TEMPLATE], ids=lambda t: t.name)
    def test_an_address_is_asked_to_subscribe_where_given(self, template: Any) -> None:  # noqa: ANN401 - a Template
        """With or without a trail."""
        made = Stack(template, AlertEmail="on-call@example.com").resources()

        assert [{"Protocol": "email", "Endpoint": "on-call@example.com"}] == (
            made["Alerts"]["Subscription"]
        )


class TestWhatAPersonIsTold:
    """At four in the morning."""

    @BY_TEXT
    def test_it_says_what_happened_what_is_safe_and_what_to_do_first(self, text: str) -> None:
        """In that order, within what CloudWatch takes."""
        order = [text.find(words) for words in ("What happened: ", "Still safe: ", "First: ")]

        assert -1 not in order
        assert sorted(order) == order
        assert len(text) <= 1024

    @BY_TEXT
    def test_it_names_a_heading_of_the_handbook(self, text: str) -> None:
        """All of which are alike: see below."""
        [heading] = re.findall(r"""See ["'](.+)["'] in docs/guides/operations\.md\.""", text)

        assert heading in CHAPTERS

    @pytest.mark.parametrize("name", sorted({n for _, n in TEXTS}))
    def test_the_handbook_knows_it_by_name(self, name: str) -> None:
        """The name is what a message begins with."""
        assert re.search(rf"^(Alarm|Rule) `{name}`", HANDBOOK, re.MULTILINE)

    @pytest.mark.parametrize("state", sorted(BAD))
    def test_every_state_that_a_person_should_look_at_has_its_heading(self, state: str) -> None:
        """As `status` spells it."""
        assert f"State: {state}" in CHAPTERS

    @pytest.mark.parametrize("heading", CHAPTERS)
    def test_every_heading_is_in_the_same_order(self, heading: str) -> None:
        """What happened, what is still safe, the first command, then the rest."""
        marks = re.findall(r"^\*\*([\w ]+)\.\*\*(?: |$)", CHAPTERS[heading], flags=re.MULTILINE)

        assert ["What happened", "Still safe", "First", "Then"] == marks
        assert re.search(r"^\*\*First\.\*\* .+:\n\n```sh\n", CHAPTERS[heading], re.MULTILINE)

    def test_links_within_the_handbook_resolve(self) -> None:
        """To the headings as GitHub names them."""
        anchors = {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in CHAPTERS}

        assert set(re.findall(r"\]\(#([^)]+)\)", HANDBOOK)) <= anchors

    @pytest.mark.parametrize(
        "command", sorted(set(re.findall(r"\baws [a-z]+ [a-z-]+[^`\n]*", HANDBOOK + GUIDES)))
    )
    def test_every_command_is_one_of_the_aws_cli(self, command: str) -> None:
        """Service, operation and options, by AWS's own model of them."""
        _, service, operation, *_ = command.split()
        options = set(re.findall(r"(?<= )--([a-z-]+)", command))
        options -= {"query", "output", "cli-binary-format", "cli-read-timeout"}
        if (service, operation) == ("logs", "tail"):  # the CLI's own, which has no model
            assert options <= {"since", "filter-pattern", "format"}
            return
        model = model_of(service)
        found = {xform_name(n, "-"): n for n in model.operation_names}
        shape = model.operation_model(found[operation]).input_shape
        assert shape is not None
        known = {xform_name(m, "-") for m in shape.members} | {"max-results"}

        assert options <= known

    @pytest.mark.parametrize("output", sorted(set(re.findall(r"\$\(output (\w+)\)", HANDBOOK))))
    def test_every_output_that_a_command_reads_exists(self, output: str) -> None:
        """In the stack of the part in which the command stands."""
        source, backup = HANDBOOK.split("## In the backup account\n")
        for part, side in ((source, "source"), (backup, "backup")):
            if f"$(output {output})" in part:
                assert output in STACKS[side].outputs()

    @pytest.mark.parametrize("event", sorted(set(re.findall(r"ask '(.+?)'", HANDBOOK + GUIDES))))
    def test_every_event_that_it_asks_is_one(self, event: str) -> None:
        """An event with a slip is refused, with a long list."""
        assert json.loads(event)["action"] in {"check", "status", "plan", "backup"}


class TestTheDashboard:
    """A page for whoever asks whether the backups are there."""

    body = json.loads(MADE["source"]["Dashboard"]["DashboardBody"])
    widgets: tuple[dict[str, Any], ...] = tuple(body["widgets"])

    def test_its_top_left_corner_says_whether_we_are_protected(self) -> None:
        """By the alarm, which knows silence, too."""
        [corner] = [w for w in self.widgets if (w["x"], w["y"]) == (0, 0)]

        assert "alarm" == corner["type"]
        assert corner["properties"]["title"].startswith("Are we protected?")
        assert [STACKS["source"].arn("OldestBackupTooOld")] == corner["properties"]["alarms"]

    def test_it_shows_every_alarm_once(self) -> None:
        """The composite one among them."""
        shown = [a for w in self.widgets for a in w["properties"].get("alarms", ())]
        names = [n for s, n in ALARMS if s == "source"] + ["BackupsNeedAPerson"]
        alarms = set(map(STACKS["source"].arn, names))

        assert sorted(alarms) == sorted(shown)

    def test_it_shows_metrics_that_exist(self, told: dict[str, set[str]]) -> None:
        """A widget of another's metric is empty, and looks like peace."""
        shown = [m for w in self.widgets for m in w["properties"].get("metrics", ())]
        ours = [m for m in shown if m[0] == "RdsBackup"]

        assert 8 == len(ours)
        assert {name for _, name, *_ in ours} <= told["source"]
        assert {(*spoken("source"), "service")} == {(m[0], m[3], m[2]) for m in ours}
        for space, name, dimension, value, _ in (m for m in shown if m not in ours):
            metrics, expected = AWS_METRICS[space]
            assert name in metrics
            assert expected == dimension
            assert value in MADE["source"]

    def test_it_draws_the_objective(self) -> None:
        """As a line at the hours from which on a backup is stale."""
        lines = [
            line["value"]
            for w in self.widgets
            for line in w["properties"].get("annotations", {}).get("horizontal", ())
        ]

        assert [40] == lines

    def test_no_widget_lies_upon_another(self) -> None:
        """On CloudWatch's grid of 24 columns."""
        places = [
            (x, y)
            for w in self.widgets
            for x in range(w["x"], w["x"] + w["width"])
            for y in range(w["y"], w["y"] + w["height"])
        ]

        assert len(places) == len(set(places))
        assert 23 == max(x for x, _ in places)


@pytest.mark.parametrize("side", STACKS)
def test_the_saved_query_reads_keys_that_the_log_has(side: str) -> None:
    """Those of an entry of the result, and the invocation's own."""
    query = MADE[side]["DatabasesQuery"]
    named = set(re.findall(r"(?:latest|max|ispresent)\((@?\w+)\)", query["QueryString"]))
    [grouped] = re.findall(r"^\s*by (.+)$", query["QueryString"], flags=re.MULTILINE)
    keys = {field.name for field in fields(Entry)} | {"correlation_id", "@timestamp"}

    assert {"database", "state", "reason", "age_hours"} <= named
    assert named | set(grouped.split(", ")) <= keys
    assert query["LogGroupNames"][0] in STACKS[side].template.of_type("AWS::Logs::LogGroup")


def matches(rule: str, detail: dict[str, Any], *, given: dict[str, str] | None = None) -> bool:
    """Whether a rule of the backup stack fires, by moto's reading of the pattern.

    EventBridge looks into lists of objects, which moto does not: they are spread out for it.
    """
    pattern = Stack(BACKUP_TEMPLATE, **{**OURS, **(given or {})}).resources()[rule]["EventPattern"]
    spread = {"resources": {"ARN": [r["ARN"] for r in detail["resources"]]}}
    event = {
        "source": pattern["source"][0],
        "detail-type": "AWS API Call via CloudTrail",
        "detail": detail | spread,
    }
    return EventPattern.load(json.dumps(pattern)).matches_event(event)  # type: ignore[arg-type]


def session(role: str, name: str) -> str:
    """How CloudTrail names who has assumed a role."""
    return f"arn:aws:sts::{BACKUP}:assumed-role/{role}/{name}"


class TestDeletionsByOthers:
    """Whoever deletes a backup, a person hears of it."""

    function = session("ExpireFunctionRole", "ExpireFunction")

    @staticmethod
    def deletion(who: str | None, name: str = "nightly-orders-1", **other: str) -> dict[str, Any]:
        """The detail of a deletion; the root user of an account has an ARN, a service has none."""
        identity = {"type": "AWSService"} if who is None else {"type": "AssumedRole", "arn": who}
        parameters = other or {"dBSnapshotIdentifier": name}
        cluster = "dBClusterSnapshotIdentifier" in parameters
        return {
            "eventSource": "rds.amazonaws.com",
            "eventName": "DeleteDBClusterSnapshot" if cluster else "DeleteDBSnapshot",
            "userIdentity": identity,
            "requestParameters": parameters,
            "resources": [],
        }

    @pytest.mark.parametrize(
        "who",
        [
            f"arn:aws:iam::{BACKUP}:root",
            f"arn:aws:iam::{BACKUP}:user/anna",
            session("Administrator", "anna"),
            session("rds-backup-writer", f"rds-backup-{SOURCE}"),
            session("ExpireFunctionRole", "AnotherFunction"),
            None,
        ],
    )
    def test_a_deletion_by_anybody_else_is_told(self, who: str | None) -> None:
        """By root, a user, a role, the source account's role, another function with the role."""
        assert matches("DeletionsByOthers", self.deletion(who))

    def test_the_expiring_function_is_not_told_of(self) -> None:
        """It deletes every night."""
        assert not matches("DeletionsByOthers", self.deletion(self.function))

    def test_both_families_are_watched_in_any_case_of_the_name(self) -> None:
        """RDS takes names in any case."""
        for name in ("nightly-billing-1", "Nightly-Billing-1"):
            detail = self.deletion("somebody", dBClusterSnapshotIdentifier=name)
            assert matches("DeletionsByOthers", detail)

    def test_snapshots_of_others_are_not_ours_to_watch(self) -> None:
        """A person's own manual snapshot is theirs."""
        assert not matches("DeletionsByOthers", self.deletion("somebody", "before-the-upgrade"))

    def test_where_the_source_account_expires_its_role_is_not_told_of(self) -> None:
        """Nothing in the call says whether it was the function; anybody else is told of."""
        given = {"ExpireFrom": "source-account"}
        role = self.deletion(session("rds-backup-writer", f"rds-backup-{SOURCE}"))

        assert not matches("DeletionsByOthers", role, given=given)
        assert matches("DeletionsByOthers", self.deletion(self.function), given=given)


class TestBackupKeyTouched:
    """Whoever ends or changes the key, a person hears of it."""

    @staticmethod
    def call(name: str, parameters: dict[str, str], *arns: str) -> dict[str, Any]:
        """The detail of a call; one that was refused may name no resources."""
        return {
            "eventSource": "kms.amazonaws.com",
            "eventName": name,
            "requestParameters": parameters,
            "resources": [{"ARN": arn} for arn in arns],
        }

    def test_it_watches_what_the_keys_policy_leaves_to_its_administrators(self) -> None:
        """One list, in two forms."""
        [denial] = [
            s
            for s in STACKS["backup"].statements("BackupKey")
            if s["Sid"] == "OnlyAdministratorsEndOrChangeIt"
        ]
        pattern = RULES["backup", "BackupKeyTouched"]["EventPattern"]

        assert denial["Action"] == [f"kms:{name}" for name in pattern["detail"]["eventName"]]

    @pytest.mark.parametrize(
        ("parameters", "arns"),
        [
            ({"keyId": BACKUP_KEY}, ()),
            ({"keyId": KEY_ID}, ()),
            ({"keyId": KEY_ID}, (BACKUP_KEY,)),
            ({"aliasName": "alias/rds-backup"}, ()),
            ({"aliasName": "alias/another"}, ("alias/another", BACKUP_KEY)),
        ],
        ids=["arn", "id", "resources", "alias", "another alias of it"],
    )
    def test_the_key_is_known_however_a_call_names_it(
        self, parameters: dict[str, str], arns: tuple[str, ...]
    ) -> None:
        """By id, ARN or alias, done or refused."""
        assert matches("BackupKeyTouched", self.call("UpdateAlias", parameters, *arns))

    def test_other_keys_and_harmless_calls_are_not_told(self) -> None:
        """A message for each copy would be none."""
        assert not matches("BackupKeyTouched", self.call("DisableKey", {"keyId": "another"}))
        assert not matches(
            "BackupKeyTouched", self.call("GenerateDataKey", {"keyId": BACKUP_KEY}, BACKUP_KEY)
        )


@pytest.mark.parametrize(
    "transformer",
    [r["Targets"][0]["InputTransformer"] for r in RULES.values()],
    ids=map("-".join, RULES),
)
def test_a_message_is_made_of_what_an_event_has(transformer: dict[str, Any]) -> None:
    """Every variable is given and used, and the text is one string for EventBridge."""
    used = re.findall(r"<(\w+)>", transformer["InputTemplate"])

    assert set(transformer["InputPathsMap"]) == set(used)
    assert isinstance(json.loads(transformer["InputTemplate"]), str)
    assert all(p.startswith(("$.detail.", "$.time")) for p in transformer["InputPathsMap"].values())


def test_the_reference_lists_every_alarm_and_rule_and_where_it_is() -> None:
    """Whoever deploys should know what may wake them."""
    rows = re.findall(r"^\| `(\w+)` \| (source|backup|both)(.*?) \|", REFERENCE, re.MULTILINE)
    shown = {
        (side, name, trail == ", with `TrailExists`")
        for name, where, trail in rows
        for side in (STACKS if where == "both" else (where,))
    }

    with_trail = {*RULES, *((side, "AlertsUndelivered") for side in STACKS)}
    assert shown == {(side, name, (side, name) in with_trail) for side, name in TEXTS}
