"""The source account's template: what the linters cannot know about this function."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from rds_backup import requests, settings

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "template.yaml").read_text()
SOURCE, BACKUP = "111111111111", "222222222222"
KEY = f"arn:aws:kms:eu-west-1:{SOURCE}:key/12345678-1234-1234-1234-123456789012"
PSEUDO = {
    "AWS::AccountId": SOURCE,
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "rds-backup",
    "AWS::NoValue": None,
}
# What a user has to give; everything else has a default.
GIVEN = {"DbId": "orders", "BackupAccountId": BACKUP, "KmsKeyArn": KEY}

# Read only, and their permission names no single resource (Service Authorization Reference).
ANY_RESOURCE = {
    "ListDatabasesAndSnapshots": "a listing is not scoped by resource",
    "ReadQuotas": "the action has no resource type",
}
# What changes or exposes a snapshot that exists.
RISKY = re.compile(r"rds:(Delete|Modify|Restore|Stop|Start|Remove|Create|Export)")


class Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms: !Ref, !Sub, !If and the others."""


def _short_form(loader: Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix == "Ref" else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {name: loader.construct_mapping(node, deep=True)}


Loader.add_multi_constructor("!", _short_form)
TEMPLATE: dict[str, Any] = Loader(TEXT).get_single_data()
PARAMETERS: dict[str, dict[str, Any]] = TEMPLATE["Parameters"]
RESOURCES: dict[str, dict[str, Any]] = TEMPLATE["Resources"]
FUNCTION: dict[str, Any] = RESOURCES["BackupFunction"]["Properties"]


class Stack:
    """The template as CloudFormation resolves it for given parameters."""

    def __init__(self, account: str = SOURCE, **given: str) -> None:
        """Take the defaults of the parameters that are not given."""
        self._values: dict[str, Any] = {**PSEUDO, "AWS::AccountId": account}
        for name, parameter in PARAMETERS.items():
            value = given.get(name, parameter.get("Default"))
            self._values[name] = str(value)
            if parameter["Type"] == "CommaDelimitedList":
                self._values[name] = str(value).split(",")

    def resolve(self, node: Any) -> Any:  # noqa: ANN401 - a template's node is any JSON
        """The node with its functions evaluated; a resource's attribute becomes its own name."""
        match node:
            case {"Ref": str(name)}:
                return self._values.get(name, name)
            case {"Fn::GetAtt": str(name)}:
                return name
            case {"Fn::Sub": str(text)}:
                return re.sub(r"\$\{([\w:]+)\}", lambda m: str(self._values[m[1]]), text)
            case {"Fn::Join": [glue, parts]}:
                return str(glue).join(map(str, self.resolve(parts)))
            case {"Fn::If": [condition, then, otherwise]}:
                holds = self.holds(TEMPLATE["Conditions"][condition])
                return self.resolve(then if holds else otherwise)
            case dict():
                return {
                    k: v
                    for k, v in ((k, self.resolve(v)) for k, v in node.items())
                    if v is not None
                }
            case list():
                return [value for value in map(self.resolve, node) if value is not None]
            case _:
                return node

    def holds(self, condition: Any) -> bool:  # noqa: ANN401 - a template's node is any JSON
        """Whether a condition, or a rule's assertion, is true."""
        match condition:
            case {"Fn::Equals": [left, right]}:
                return bool(self.resolve(left) == self.resolve(right))
            case {"Fn::Not": [inner]}:
                return not self.holds(inner)
            case {"Fn::And": [*parts]}:
                return all(map(self.holds, parts))
            case _:
                pytest.fail(f"no condition: {condition}")

    def environment(self) -> dict[str, str]:
        """The function's variables, with those that Lambda sets itself."""
        variables: dict[str, str] = self.resolve(FUNCTION["Environment"]["Variables"])
        return variables | {"AWS_REGION": "eu-west-1"}

    def statements(self, role: str) -> list[dict[str, Any]]:
        """The statements of a role's own policies."""
        policies = self.resolve(RESOURCES[role]["Properties"]["Policies"])
        return [s for policy in policies for s in policy["PolicyDocument"]["Statement"]]

    def broken_rules(self) -> set[str]:
        """The names of the rules that refuse these parameters."""
        return {
            name
            for name, rule in TEMPLATE["Rules"].items()
            if not all(self.holds(a["Assert"]) for a in rule["Assertions"])
        }


# Every permission that the function can get: the widest parameters.
WIDEST = Stack(**GIVEN, DatabaseKmsKeyArns=KEY.replace("1234-", "4321-"))
ROLES = [name for name, r in RESOURCES.items() if r["Type"] == "AWS::IAM::Role"]
STATEMENTS = [(role, statement) for role in ROLES for statement in WIDEST.statements(role)]
BY_SID = pytest.mark.parametrize(
    "statement", [pytest.param(s, id=f"{role}-{s['Sid']}") for role, s in STATEMENTS]
)
BY_PARAMETER = pytest.mark.parametrize("name", PARAMETERS)
SCHEDULES = {
    n: r["Properties"] for n, r in RESOURCES.items() if r["Type"] == "AWS::Scheduler::Schedule"
}


def _listed(value: Any) -> list[str]:  # noqa: ANN401 - IAM takes one string or a list of them
    return [value] if isinstance(value, str) else list(value)


def _strings(node: Any) -> Iterator[str]:  # noqa: ANN401 - a template's node is any JSON
    match node:
        case str():
            yield node
        case Mapping():
            for value in node.values():
                yield from _strings(value)
        case list():
            for value in node:
                yield from _strings(value)
        case _:
            return


def _fits(name: str, value: str) -> bool:
    """Whether CloudFormation accepts the value: the pattern has to match all of it."""
    parameter = PARAMETERS[name]
    if "AllowedValues" in parameter:
        return value in map(str, parameter["AllowedValues"])
    if parameter["Type"] == "Number":
        number = re.fullmatch(r"-?\d+(\.\d+)?", value)
        return bool(number) and parameter["MinValue"] <= float(value) <= parameter["MaxValue"]
    is_list = parameter["Type"] == "CommaDelimitedList"
    values = value.split(",") if is_list else [value]
    return all(re.fullmatch(parameter["AllowedPattern"], each) for each in values)


class TestEnvironment:
    """The template and the function speak of the same variables."""

    def test_every_variable_of_the_settings_can_be_set_and_no_other_is(self) -> None:
        """A variable that the template misses cannot be set, not even by `sam local --env-vars`."""
        own = {name for name in Stack(**GIVEN).environment() if not name.startswith("POWERTOOLS_")}

        assert set(settings.VARIABLES) == own

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
        found = settings.from_env(Stack(**GIVEN | given).environment())

        assert f"arn:aws:iam::{BACKUP}:role/rds-backup-writer" == found.role

    def test_defaults_are_those_of_the_function(self) -> None:
        """A default that differs by accident would be documented wrongly in one of two places."""
        environment = Stack(**GIVEN).environment()
        # The backup account deletes: a source account in the wrong hands then cannot.
        expected = settings.DEFAULTS | {"EXPIRE_BACKUPS": "false"}

        assert expected == {name: environment[name] for name in expected}

    def test_the_source_account_deletes_backups_only_where_asked_to(self) -> None:
        """Who expires is a deployment's choice."""
        here = Stack(**GIVEN, ExpireFrom="source-account").environment()

        assert "true" == here["EXPIRE_BACKUPS"]


class TestParameters:
    """A mistake is refused when the stack is made, not at night."""

    @BY_PARAMETER
    def test_it_says_what_it_is_and_what_empty_means(self, name: str) -> None:
        """People deploy without reading the code."""
        parameter = PARAMETERS[name]
        empty_is_explained = "Empty:" in parameter["Description"]

        assert (parameter.get("Default") == "") == empty_is_explained

    @BY_PARAMETER
    def test_it_is_bounded_and_the_refusal_says_by_what(self, name: str) -> None:
        """CloudFormation's own message would quote the pattern."""
        parameter = PARAMETERS[name]
        bounds = {"AllowedPattern", "MinValue", "MaxValue"} & set(parameter)

        assert bounds or "AllowedValues" in parameter
        assert bool(bounds) == ("ConstraintDescription" in parameter)

    def test_all_are_grouped_and_labelled(self) -> None:
        """The console shows an ungrouped parameter last, by its bare name."""
        interface = TEMPLATE["Metadata"]["AWS::CloudFormation::Interface"]
        grouped = [name for group in interface["ParameterGroups"] for name in group["Parameters"]]

        assert sorted(PARAMETERS) == sorted(grouped) == sorted(interface["ParameterLabels"])

    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("DbId", ["", "orders", "orders,invoices", "Orders , invoices,", "a"]),
            ("DbTag", ["", "backup", "backup=yes", "team=", "a/b:c=d e"]),
            ("BackupAccountId", [BACKUP]),
            ("BackupRoleName", ["rds-backup-writer", "Backup_Writer@1"]),
            ("BackupAccountExternalId", ["", "ab", "a-b/c:d", "x" * 1224]),
            ("BackupKmsKeyId", ["alias/rds-backup", "abcd-1234-efgh-5678", KEY]),
            ("KmsKeyArn", [KEY, KEY.replace("aws:", "aws-cn:"), KEY.replace("key/", "key/mrk-")]),
            ("DatabaseKmsKeyArns", ["", KEY, f"{KEY},{KEY}"]),
            ("BackupsToKeep", ["1", "7"]),
            ("KeepAtLeastDays", ["0", "7"]),
            ("NightSchedule", ["cron(0 3-9 * * ? *)", "rate(1 hour)"]),
            ("ResumeSchedule", ["rate(10 minutes)"]),
            ("ScheduleTimezone", ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"]),
            ("MaxAttempts", ["1", "99"]),
            ("SnapshotPrefix", ["rds-backup", "a", "a1", "a" * 20]),
            ("ReservedConcurrency", ["", "1", "100"]),
            ("PermissionsBoundaryArn", ["", f"arn:aws:iam::{SOURCE}:policy/team/boundary"]),
            ("Architecture", ["arm64", "x86_64"]),
        ],
    )
    def test_good_values_are_accepted(self, name: str, values: list[str]) -> None:
        """Whatever the function accepts can be deployed."""
        assert values == [value for value in values if _fits(name, value)]

    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("DbId", [f"arn:aws:rds:eu-west-1:{SOURCE}:db:orders", "1orders", "a b", ","]),
            ("DbTag", ["=yes", " ", "k" * 129, "k=" + "v" * 257]),
            ("BackupAccountId", ["", "22222222222", "2222-2222-2222", "22222222222x"]),
            ("BackupRoleName", ["", f"arn:aws:iam::{BACKUP}:role/writer", "x" * 65]),
            ("BackupAccountExternalId", ["a", "a b", "x" * 1225]),
            ("BackupKmsKeyId", ["", "alias/aws/rds", "alias/", "a key"]),
            ("KmsKeyArn", ["", "alias/sharing", KEY.replace("key/", "alias/"), "abcd-1234"]),
            ("DatabaseKmsKeyArns", ["alias/aws/rds", f"{KEY},abcd"]),
            ("BackupsToKeep", ["0", "-1", "seven"]),
            ("KeepAtLeastDays", ["-1", "a week"]),
            ("NightSchedule", ["", "0 3 * * *", "cron()", "rate(0 minutes)", "at(2026-01-01)"]),
            ("ResumeSchedule", ["10 minutes", "rate(ten minutes)"]),
            ("ScheduleTimezone", ["", "+02:00"]),
            ("MaxAttempts", ["0", "100"]),
            ("MaxInstanceCopies", ["0", "many"]),
            ("MaxClusterCopies", ["0"]),
            ("MaxSnapshotAgeHours", ["0"]),
            ("SnapshotPrefix", ["", "Rds", "1rds", "rds--backup", "rds-", "a" * 21, "rds_backup"]),
            ("ReservedConcurrency", ["0", "-1", "one"]),
            ("PermissionsBoundaryArn", ["boundary"]),
            ("ExpireFrom", ["", "both"]),
            ("Cluster", ["", "yes", "TRUE"]),
            ("LogRetentionDays", ["0", "2"]),
        ],
    )
    def test_bad_values_are_refused(self, name: str, values: list[str]) -> None:
        """What the function would refuse is refused before it."""
        assert [] == [value for value in values if _fits(name, value)]

    @BY_PARAMETER
    def test_a_default_is_a_value_that_is_accepted(self, name: str) -> None:
        """A default that breaks its own pattern stops every deployment."""
        default = PARAMETERS[name].get("Default")

        assert default is None or _fits(name, str(default))

    def test_the_same_account_on_both_sides_is_refused(self) -> None:
        """A backup in the account of the database is none."""
        assert {"BackupsLeaveThisAccount"} == Stack(account=BACKUP, **GIVEN).broken_rules()

    def test_no_database_at_all_is_refused(self) -> None:
        """A backup of nothing would be silent."""
        assert {"SomethingIsChosen"} == Stack(**GIVEN | {"DbId": ""}).broken_rules()

    @pytest.mark.parametrize("given", [{}, {"DbId": "", "DbTag": "backup"}, {"DbTag": "backup"}])
    def test_anything_else_passes_the_rules(self, given: dict[str, str]) -> None:
        """Either way to choose, or both."""
        assert set() == Stack(**GIVEN | given).broken_rules()


class TestTimes:
    """Timeouts, ages and intervals fit each other."""

    def test_an_invocation_ends_before_the_next_tick(self) -> None:
        """Two at once do no harm, but need not be the rule."""
        found = re.fullmatch(r"rate\((\d+) minutes\)", PARAMETERS["ResumeSchedule"]["Default"])

        assert found
        assert FUNCTION["Timeout"] <= int(found[1]) * 60 <= 900

    def test_an_error_is_not_repeated_by_lambda(self) -> None:
        """The next tick looks again; a repeat would only be a second alarm."""
        assert FUNCTION["EventInvokeConfig"]["MaximumRetryAttempts"] == 0

    @pytest.mark.parametrize(("name", "interval"), [("NightlySchedule", 3600), ("ResumeTick", 600)])
    def test_delivery_gives_up_before_the_next_event(self, name: str, interval: int) -> None:
        """An event that comes late is overtaken by the next."""
        assert 60 <= SCHEDULES[name]["Target"]["RetryPolicy"]["MaximumEventAgeInSeconds"] < interval

    def test_the_runtime_is_the_one_that_the_tests_run_on(self) -> None:
        """`.python-version` decides for the project, the template for Lambda."""
        assert f"python{(ROOT / '.python-version').read_text().strip()}" == FUNCTION["Runtime"]


class TestSchedules:
    """What starts the function."""

    @pytest.mark.parametrize(
        ("name", "action"), [("NightlySchedule", "backup"), ("ResumeTick", "resume")]
    )
    def test_its_input_is_an_event_that_the_function_takes(self, name: str, action: str) -> None:
        """The input is a string that no linter parses."""
        event = json.loads(SCHEDULES[name]["Target"]["Input"])

        assert requests.Action(action) is requests.parse(event).action

    @pytest.mark.parametrize("name", SCHEDULES)
    def test_an_event_that_cannot_be_delivered_is_kept(self, name: str) -> None:
        """Delivery failures only: the function's own errors are the function's."""
        queue = Stack(**GIVEN).resolve(SCHEDULES[name]["Target"]["DeadLetterConfig"]["Arn"])

        assert queue == "UndeliveredEvents.Arn"
        assert RESOURCES["UndeliveredEvents"]["Properties"]["SqsManagedSseEnabled"] is True

    @pytest.mark.parametrize("name", SCHEDULES)
    def test_it_can_be_switched_off_and_runs_on_time(self, name: str) -> None:
        """A first deployment can plan before anything runs."""
        schedule = Stack(**GIVEN, ScheduleState="DISABLED").resolve(SCHEDULES[name])

        assert ("DISABLED", {"Mode": "OFF"}) == (schedule["State"], schedule["FlexibleTimeWindow"])


class TestPermissions:
    """Each permission has one purpose, a reason, and no more reach than that."""

    @BY_SID
    def test_it_has_a_reason_in_the_template(self, statement: dict[str, Any]) -> None:
        """The line above the statement, or above its condition, is a comment that says why."""
        before = TEXT[: re.search(rf"Sid: {statement['Sid']}\n", TEXT).start()]  # type: ignore[union-attr]
        reason = re.search(r"# .+\n((\s+- (!If|DatabasesHaveOwnKeys))+\s+)?\s+- $", before)
        same_reason = statement["Sid"] == "GrantDatabaseKeysToRds"  # with the statement above it

        assert reason or same_reason

    def test_names_are_unique(self) -> None:
        """A Sid is how a person finds the statement that a message names."""
        names = [statement["Sid"] for _, statement in STATEMENTS]

        assert sorted(set(names)) == sorted(names)

    @BY_SID
    def test_its_actions_are_spelled_out(self, statement: dict[str, Any]) -> None:
        """A wildcard takes in what AWS will add tomorrow."""
        assert not [action for action in _listed(statement["Action"]) if "*" in action]

    @BY_SID
    def test_every_resource_is_allowed_only_where_there_is_no_other_way(
        self, statement: dict[str, Any]
    ) -> None:
        """The exceptions are listed above, with reasons."""
        anything = "*" in _listed(statement["Resource"])

        assert anything == (statement["Sid"] in ANY_RESOURCE)

    @BY_SID
    def test_what_it_may_do_to_any_resource_is_to_list(self, statement: dict[str, Any]) -> None:
        """Nothing changes anything outside our names."""
        if statement["Sid"] in ANY_RESOURCE:
            assert all(a.startswith("rds:Describe") for a in _listed(statement["Action"]))

    @BY_SID
    def test_a_snapshot_is_changed_only_by_our_prefix_and_our_tag(
        self, statement: dict[str, Any]
    ) -> None:
        """Two guards that fail apart: a person's snapshot may have our prefix, never both."""
        if not any(RISKY.match(action) for action in _listed(statement["Action"])):
            return
        marked = {"aws:ResourceTag/rds-backup:managed-by": "rds-backup"}

        assert marked == statement["Condition"]["StringEquals"]
        assert all(
            re.search(rf":{SOURCE}:(cluster-)?snapshot:rds-backup-\*$", resource)
            for resource in _listed(statement["Resource"])
        )

    @BY_SID
    def test_a_snapshot_is_made_and_tagged_only_as_ours(self, statement: dict[str, Any]) -> None:
        """What bears our marker can be deleted by us: nobody else's may come to bear it."""
        if not re.search("rds:(Copy|AddTags)", " ".join(_listed(statement["Action"]))):
            return
        marked = {"aws:RequestTag/rds-backup:managed-by": "rds-backup"}
        sources = [r for r in _listed(statement["Resource"]) if not r.endswith(":rds-backup-*")]
        automated = [r for r in sources if r.endswith("snapshot:rds:*")]

        assert marked == statement["Condition"]["StringEquals"]
        assert automated == sources
        assert not automated or "AddTags" not in str(statement["Action"])

    @BY_SID
    def test_the_key_is_used_through_rds_only(self, statement: dict[str, Any]) -> None:
        """The function never encrypts or decrypts anything itself."""
        actions = _listed(statement["Action"])
        if not any(action.startswith("kms:") for action in actions) or actions == [
            "kms:DescribeKey"
        ]:
            return
        condition = statement["Condition"]

        assert condition["StringEquals"] == {"kms:ViaService": "rds.eu-west-1.amazonaws.com"}
        assert ("kms:CreateGrant" in actions) == ("Bool" in condition)

    def test_one_role_can_be_assumed(self) -> None:
        """The assumed role is the only way into the backup account."""
        found = {
            resource
            for _, statement in STATEMENTS
            if "sts:AssumeRole" in _listed(statement["Action"])
            for resource in _listed(statement["Resource"])
        }

        assert {f"arn:aws:iam::{BACKUP}:role/rds-backup-writer"} == found

    def test_without_keys_of_databases_there_is_no_permission_for_them(self) -> None:
        """Empty means the default key aws/rds, which needs none."""
        all_of_them = {s["Sid"] for s in WIDEST.statements("BackupFunctionRole")}
        least = {s["Sid"] for s in Stack(**GIVEN).statements("BackupFunctionRole")}

        assert {"ReadUnderDatabaseKeys", "GrantDatabaseKeysToRds"} == all_of_them - least

    def test_no_name_of_a_partition_is_written_down(self) -> None:
        """The template works in China's and the government's Regions."""
        assert [] == [
            text for text in _strings(RESOURCES) if re.search(r"arn:aws|amazonaws\.com/", text)
        ]

    def test_the_boundary_is_on_every_role(self) -> None:
        """An organisation that demands one demands it of every role."""
        boundary = f"arn:aws:iam::{SOURCE}:policy/boundary"
        stack = Stack(**GIVEN, PermissionsBoundaryArn=boundary)
        roles = [stack.resolve(RESOURCES[role]["Properties"]) for role in ROLES]

        assert [boundary] * len(ROLES) == [role["PermissionsBoundary"] for role in roles]


class TestBuild:
    """What `sam build` packs is what the tests ran with."""

    @staticmethod
    def _pins(path: str) -> dict[str, str]:
        return dict(re.findall(r"^([a-z0-9_.-]+)==(\S+)", (ROOT / path).read_text(), re.MULTILINE))

    def test_the_function_gets_the_versions_that_the_tests_run_with(self) -> None:
        """Two compilations of one list, at two times, could differ."""
        function = self._pins("backup_function/requirements.txt")
        tests = self._pins("requirements/dev.txt")

        assert function == {name: tests.get(name) for name in function}

    @pytest.mark.parametrize(
        "path",
        [
            "backup_function/requirements.txt",
            "requirements/dev.txt",
            "requirements/sam.txt",
            "requirements/uv.txt",
        ],
    )
    def test_requirements_are_pinned_by_hash_and_name_no_index(self, path: str) -> None:
        """They install from wherever the machine installs from, and only what was tested."""
        text = (ROOT / path).read_text()

        hashed = re.findall(r"^\S+==\S+( ; .+)? \\\n    --hash=sha256:", text, re.MULTILINE)

        assert len(self._pins(path)) == len(hashed) > 0
        assert not re.search(r"://|--(extra-)?index|--find-links", text)
