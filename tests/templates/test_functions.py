"""The functions of both stacks, what starts them, what outlives them, and who is told."""

import json
import re
from typing import Any

import pytest

from rds_backup import __version__
from rds_backup.inputs import request
from rds_backup.inputs.environment import drill_from_env, expire_from_env, from_env
from rds_backup.inputs.variables import DEFAULTS, VARIABLES
from tests.support.resolved_templates import (
    BACKUP,
    BACKUP_KEY,
    BACKUP_TEMPLATE,
    ROOT,
    SOURCE_TEMPLATE,
    TEMPLATES,
    Stack,
    Template,
    strings,
)

FUNCTION: dict[str, Any] = SOURCE_TEMPLATE.resources["BackupFunction"]["Properties"]
EXPIRE: dict[str, Any] = BACKUP_TEMPLATE.resources["ExpireFunction"]["Properties"]
# The function that does the work, in each stack.
WORKING = {"template.yaml": "BackupFunction", "backup-account.yaml": "ExpireFunction"}
BY_TEMPLATE = pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
SCHEDULES = [
    pytest.param(template, name, id=name)
    for template in TEMPLATES
    for name in template.of_type("AWS::Scheduler::Schedule")
]
BY_SCHEDULE = pytest.mark.parametrize(("template", "name"), SCHEDULES)
ACTIONS = {
    "NightlySchedule": "backup",
    "ResumeTick": "resume",
    "StatusTick": "status",
    "ExpireTick": "expire",
    "DrillStart": "drill",
    "DrillTick": "drill",
}
# Every schedule there can be.
GIVEN = {"template.yaml": {}, "backup-account.yaml": {"DrillSchedule": "cron(0 4 * * ? *)"}}
UNITS = {"minute": 60, "hour": 3600, "day": 86400}


def _stack(template: Template, **given: str) -> Stack:
    return Stack(template, **GIVEN[template.name], **given)


def _expression(template: Template, name: str) -> str:
    schedule = _stack(template).resources()[name]
    return str(schedule["ScheduleExpression"])


def _seconds(expression: str) -> int:
    """The shortest time between two runs; a cron expression here runs within hours."""
    found = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression)
    return int(found[1]) * UNITS[found[2]] if found else 3600


class _Environment(dict[str, str]):
    """Variables of a function, and which of them were read."""

    def __init__(self, variables: dict[str, str]) -> None:
        """As Lambda has them; those of Powertools are not the function's own."""
        super().__init__(variables)
        self.given = {name for name in variables if not name.startswith("POWERTOOLS_")}
        self.read: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - as dict has it
        self.read.add(key)
        return super().get(key, default)


class TestEnvironment:
    """The templates and the function speak of the same variables."""

    def test_every_variable_of_the_settings_can_be_set_and_no_other_is(self) -> None:
        """A variable that the templates miss cannot be set, not even by `sam local --env-vars`."""
        environment = Stack(SOURCE_TEMPLATE).environment("BackupFunction")
        drill = _stack(BACKUP_TEMPLATE).environment("DrillFunction")
        own, drills = (
            {name for name in found if not name.startswith("POWERTOOLS_")}
            for found in (environment, drill)
        )
        only_drills = {name for name in VARIABLES if "DRILL" in name}

        assert set(VARIABLES) - only_drills == own
        assert only_drills == drills - own

    @pytest.mark.parametrize(
        "given",
        [
            {},
            {"DbId": "", "DbTag": "backup=yes"},
            {"DbId": "orders,invoices", "Cluster": "true", "BackupAccountExternalId": "nightly"},
            {"ExpireFrom": "source-account", "KeepAtLeastDays": "7"},
        ],
        ids=["least", "by-tag", "clusters", "expire-here"],
    )
    def test_the_settings_accept_what_the_template_sets(self, given: dict[str, str]) -> None:
        """An optional parameter that is left empty is a variable that is not set."""
        stack = Stack(SOURCE_TEMPLATE, **given)
        found = from_env(stack.environment("BackupFunction"))

        assert f"arn:aws:iam::{BACKUP}:role/rds-backup-writer" == found.role

    def test_defaults_are_those_of_the_function(self) -> None:
        """A default that differs by accident would be documented wrongly in one of two places."""
        drill = _stack(BACKUP_TEMPLATE).environment("DrillFunction")
        environment = drill | Stack(SOURCE_TEMPLATE).environment("BackupFunction")
        # The backup account deletes: a source account in the wrong hands then cannot.
        expected = DEFAULTS | {"EXPIRE_BACKUPS": "false"}

        assert expected == {name: environment[name] for name in expected}

    def test_the_source_account_deletes_backups_only_where_asked_to(self) -> None:
        """Who expires is a deployment's choice."""
        here = Stack(SOURCE_TEMPLATE, ExpireFrom="source-account")

        assert "true" == here.environment("BackupFunction")["EXPIRE_BACKUPS"]

    def test_the_function_that_expires_is_given_what_expire_reads(self) -> None:
        """All of it, and nothing that would let it do anything else.

        It is in the Region of the backups itself.
        """
        environment = _Environment(Stack(BACKUP_TEMPLATE).environment("ExpireFunction"))
        found = expire_from_env(environment)

        assert environment.read == environment.given | {"BACKUP_REGION"}
        assert (BACKUP, BACKUP_KEY, 7) == (found.account, found.key, found.rules.keep)
        assert 7 == found.rules.min_age.days

    @pytest.mark.parametrize("name", ["DrillFunction", "DrillLookFunction"])
    def test_the_functions_of_drills_are_given_what_a_drill_reads(self, name: str) -> None:
        """All of it, and nothing else; without a validator, that is an empty one."""
        stack = _stack(BACKUP_TEMPLATE)
        environment = _Environment(stack.environment(name))
        found = drill_from_env(environment)

        assert environment.read == environment.given | {"BACKUP_REGION"}
        assert (stack.arn("DrillProbe"), None, 12) == (
            found.probe,
            found.validator,
            found.deadline.total_seconds() / 3600,
        )
        assert "db.t4g.medium" == found.classes[0]


class TestTheFunctionThatOnlyLooks:
    """IAM sees no payload: so that people can look, there is a function that does nothing else."""

    @BY_TEMPLATE
    def test_it_is_the_other_one_but_for_what_makes_it_look(self, template: Template) -> None:
        """The same code, role, log group and environment; no place of the other's is reserved."""
        given = {"ReservedConcurrency": "1"} if template is SOURCE_TEMPLATE else {}
        made = Stack(template, **given).resources()
        looking, working = made["LookFunction"], made[WORKING[template.name]]
        own = {"Description", "Environment", "ReservedConcurrentExecutions"}

        assert {k: v for k, v in looking.items() if k not in own} == {
            k: v for k, v in working.items() if k not in own
        }
        assert "ReservedConcurrentExecutions" not in looking
        assert "Events" not in looking
        assert "false" == working["Environment"]["Variables"]["READ_ONLY"]
        assert looking["Environment"]["Variables"] == working["Environment"]["Variables"] | {
            "READ_ONLY": "true",
            "POWERTOOLS_METRICS_DISABLED": "true",
        }

    @BY_TEMPLATE
    def test_it_is_nobodys_but_for_the_policy_of_those_who_look(self, template: Template) -> None:
        """No schedule starts it, no alarm and no dashboard counts it, no rule lets it pass."""
        naming = {
            name
            for name, made in Stack(template, TrailExists="yes").resources().items()
            if any("LookFunction" in text for text in strings(made))
        }

        assert {"LookPolicy"} == naming

    @BY_TEMPLATE
    def test_its_name_and_its_policy_are_outputs(self, template: Template) -> None:
        """Whoever sets up a role for people needs both."""
        stack = Stack(template)

        assert "LookFunction" == stack.outputs()["LookFunctionName"]
        assert stack.outputs()["LookPolicyArn"].endswith(":policy/LookPolicy")

    def test_it_is_where_the_backup_account_has_a_function_of_its_own(self) -> None:
        """Without that one there is no role for it, and nothing to tell."""
        without = Stack(BACKUP_TEMPLATE, ExpireFrom="source-account")

        assert not {"LookFunction", "LookPolicy"} & set(without.resources())
        assert not {"LookFunctionName", "LookPolicyArn"} & set(without.outputs())


@BY_TEMPLATE
def test_a_stack_tells_its_release(template: Template) -> None:
    """The template cannot ask the package, so the version is written in it once more."""
    assert __version__ == Stack(template).outputs()["Version"]


class TestTimes:
    """Timeouts, ages and intervals fit each other."""

    @BY_SCHEDULE
    def test_its_expression_is_one(self, template: Template, name: str) -> None:
        """A cron has six fields, and rate(1 hours) is refused (Scheduler User Guide)."""
        expression = _expression(template, name)
        cron = re.fullmatch(r"cron\((.+)\)", expression)
        rate = re.fullmatch(
            r"rate\((1 (minute|hour|day)|[1-9]\d+ (minute|hour|day)s)\)", expression
        )

        assert rate or (cron and len(cron[1].split()) == 6 and "?" in cron[1].split())

    @BY_SCHEDULE
    def test_delivery_gives_up_before_the_next_event(self, template: Template, name: str) -> None:
        """An event that comes late is overtaken by the next."""
        schedule = _stack(template).resources()[name]
        age = schedule["Target"]["RetryPolicy"]["MaximumEventAgeInSeconds"]

        assert 60 <= age < _seconds(schedule["ScheduleExpression"])

    @BY_SCHEDULE
    def test_an_invocation_ends_before_the_next(self, template: Template, name: str) -> None:
        """Two at once do no harm, but need not be the rule."""
        function = FUNCTION if template is SOURCE_TEMPLATE else EXPIRE

        assert 60 < function["Timeout"] <= min(900, _seconds(_expression(template, name)))

    @pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
    def test_an_error_is_not_repeated_by_lambda(self, template: Template) -> None:
        """The next tick looks again; a repeat would only be a second alarm."""
        made = Stack(template).resources()[f"{WORKING[template.name]}EventInvokeConfig"]

        assert WORKING[template.name] == made["FunctionName"]
        assert 0 == made["MaximumRetryAttempts"]
        assert "DestinationConfig" not in made

    @pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
    def test_outcomes_are_sent_to_the_one_bus_that_is_named(self, template: Template) -> None:
        """Successes and errors, by Lambda itself; of looks none."""
        bus = "arn:aws:events:eu-west-1:111111111111:event-bus/outcomes"
        made = Stack(template, OutcomeEventBusArn=bus).resources()
        configured = [name for name in made if "EventInvokeConfig" in name]

        assert [f"{WORKING[template.name]}EventInvokeConfig"] == configured
        assert {
            "OnSuccess": {"Destination": bus},
            "OnFailure": {"Destination": bus},
        } == made[configured[0]]["DestinationConfig"]

    @pytest.mark.parametrize("function", [FUNCTION, EXPIRE], ids=["source", "backup"])
    def test_the_runtime_is_the_one_that_the_tests_run_on(self, function: dict[str, Any]) -> None:
        """`.python-version` decides for the project, the templates for Lambda."""
        assert f"python{(ROOT / '.python-version').read_text().strip()}" == function["Runtime"]


class TestSchedules:
    """What starts the functions."""

    def test_each_action_that_repeats_has_one(self) -> None:
        """The night, the tick, the ages, expiring, and a drill's beginning and its tick."""
        assert list(ACTIONS) == [parameter.values[1] for parameter in SCHEDULES]

    @BY_SCHEDULE
    def test_its_input_is_an_event_that_the_function_takes(
        self, template: Template, name: str
    ) -> None:
        """The input is a string that no linter parses."""
        event = json.loads(template.resources[name]["Properties"]["Target"]["Input"])

        assert request.Action(ACTIONS[name]) is request.parse(event).action

    @BY_SCHEDULE
    def test_an_event_that_cannot_be_delivered_is_kept(self, template: Template, name: str) -> None:
        """Delivery failures only: the function's own errors are the function's."""
        stack = _stack(template)
        made, queue = stack.resources(), stack.arn("UndeliveredEvents")

        assert queue == made[name]["Target"]["DeadLetterConfig"]["Arn"]
        assert made["UndeliveredEvents"]["SqsManagedSseEnabled"] is True
        assert "DeadLetterQueue" not in str(FUNCTION) + str(EXPIRE)
        assert "DestinationConfig" not in str(FUNCTION) + str(EXPIRE)

    @BY_SCHEDULE
    def test_it_can_be_switched_off_and_runs_on_time(self, template: Template, name: str) -> None:
        """A first deployment can plan before anything runs."""
        schedule = _stack(template, ScheduleState="DISABLED").resources()[name]

        assert ("DISABLED", {"Mode": "OFF"}) == (schedule["State"], schedule["FlexibleTimeWindow"])

    @BY_TEMPLATE
    def test_the_scheduler_is_trusted_for_this_stacks_group_only(self, template: Template) -> None:
        """By the group's ARN: the single schedule's is documented as wrong (7.19)."""
        stack = Stack(template)

        assert stack.trust("SchedulerRole")["Condition"]["StringEquals"] == {
            "aws:SourceAccount": template.account,
            "aws:SourceArn": stack.arn("Schedules"),
        }

    def test_concurrency_is_reserved_only_where_asked_for(self) -> None:
        """An account needs 100 unreserved, which a small limit does not have (10.6)."""
        none, one = (
            Stack(SOURCE_TEMPLATE, ReservedConcurrency=value).resources()["BackupFunction"]
            for value in ("", "1")
        )

        assert "ReservedConcurrentExecutions" not in none
        assert "1" == one["ReservedConcurrentExecutions"]


class TestWhatIsRetained:
    """Deleting or replacing a stack loses nothing that cannot be made again."""

    @pytest.mark.parametrize(
        ("template", "name"),
        [
            (SOURCE_TEMPLATE, "SharingKey"),
            (SOURCE_TEMPLATE, "BackupFunctionLogs"),
            (BACKUP_TEMPLATE, "BackupKey"),
            (BACKUP_TEMPLATE, "BackupAlias"),
            (BACKUP_TEMPLATE, "ExpireFunctionLogs"),
            (BACKUP_TEMPLATE, "DrillFunctionLogs"),
        ],
        ids=lambda value: value if isinstance(value, str) else value.name,
    )
    def test_it_outlives_its_stack(self, template: Template, name: str) -> None:
        """RetainExceptOnCreate: a first deployment that fails leaves nothing in the way."""
        resource = template.resources[name]

        assert ("RetainExceptOnCreate", "Retain") == (
            resource["DeletionPolicy"],
            resource["UpdateReplacePolicy"],
        )

    @BY_TEMPLATE
    def test_every_key_is_rotated_and_takes_its_time_to_die(self, template: Template) -> None:
        """Thirty days are the longest that KMS waits (SM:ScheduleKeyDeletion)."""
        [key] = template.of_type("AWS::KMS::Key").values()

        assert (True, 30) == (key["EnableKeyRotation"], key["PendingWindowInDays"])
        assert "BypassPolicyLockoutSafetyCheck" not in key

    @BY_TEMPLATE
    def test_log_lines_are_kept_for_a_time(self, template: Template) -> None:
        """A log group that Lambda makes keeps them for ever."""
        groups = template.of_type("AWS::Logs::LogGroup").values()

        assert [{"RetentionInDays": {"Ref": "LogRetentionDays"}}] * len(groups) == [*groups]


class TestDetection:
    """Nothing in IAM limits whom a snapshot is shared with (3.10): a person is told."""

    stack = Stack(SOURCE_TEMPLATE, TrailExists="yes", SnapshotPrefix="nightly")
    watched = stack.resources()

    def test_without_a_trail_there_is_no_rule_that_would_never_fire(self) -> None:
        """EventBridge sees API calls through a trail only."""
        made = Stack(SOURCE_TEMPLATE).resources()

        assert {"SharingWithOthers", "AlertRole", "AlertsUndelivered"} == (
            set(self.watched) - set(made)
        )

    def test_sharing_our_copies_with_anybody_else_is_reported(self) -> None:
        """Both families, in any case of the name."""
        detail = self.watched["SharingWithOthers"]["EventPattern"]["detail"]
        ours = [{"prefix": {"equals-ignore-case": "nightly-"}}]

        assert ["ModifyDBSnapshotAttribute", "ModifyDBClusterSnapshotAttribute"] == (
            detail["eventName"]
        )
        assert detail["requestParameters"] == {
            "valuesToAdd": [{"anything-but": [BACKUP]}],
            "$or": [{"dBSnapshotIdentifier": ours}, {"dBClusterSnapshotIdentifier": ours}],
        }
