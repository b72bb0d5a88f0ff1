"""The parameters of both stacks: a mistake is refused when a stack is made, not at night."""

import json
import re
import shlex
import tomllib

import pytest

from tests.support.resolved_templates import (
    ADMINISTRATOR,
    BACKUP,
    BACKUP_TEMPLATE,
    FUNCTION_ROLE,
    KEY,
    LONGEST_KEY,
    MOST_KEYS,
    ROOT,
    SOURCE,
    SOURCE_TEMPLATE,
    TEMPLATES,
    Stack,
    Template,
)

BY_PARAMETER = pytest.mark.parametrize(
    ("template", "name"),
    [pytest.param(t, name, id=f"{t.name}-{name}") for t in TEMPLATES for name in t.parameters],
)
VALIDATOR = f"arn:aws:lambda:eu-west-1:{BACKUP}:function:validator"
PATTERNS = f"arn:aws:rds:eu-west-1:{SOURCE}:cluster-snapshot:rds-backup-*"

TIERS = ("KeepWeekly", "KeepMonthly", "KeepYearly")

# Good and bad values of every parameter that has a pattern or bounds, whichever template it is in.
VALUES: dict[str, tuple[list[str], list[str]]] = {
    "DbId": (
        ["", "orders", "orders,invoices", "Orders , invoices,", "a"],
        [f"arn:aws:rds:eu-west-1:{SOURCE}:db:orders", "1orders", "a b", ",", "x" * 2001],
    ),
    "DbTag": (
        ["", "backup", "backup=yes", "team=", "a/b:c=d e"],
        ["=yes", " ", "k" * 129, "k=" + "v" * 257],
    ),
    "BackupAccountId": ([BACKUP], ["", "22222222222", "2222-2222-2222", "22222222222x"]),
    "BackupRoleName": (
        ["rds-backup-writer", "Backup_Writer@1"],
        ["", f"arn:aws:iam::{BACKUP}:role/writer", "x" * 65],
    ),
    "BackupAccountExternalId": (["", "ab", "a-b/c:d", "x" * 128], ["a", "a b", "x" * 129]),
    "ExternalId": (["", "ab", "a-b/c:d", "x" * 128], ["a", "a b", "x" * 129]),
    "BackupKmsKeyId": (
        ["alias/rds-backup", "alias/aws/rds", "abcd-1234-efgh-5678", KEY],
        [
            "",
            "alias/aws/ebs",
            "alias/aws/rds2",
            "alias/",
            "a key",
            KEY.replace("key/", "alias/" + "a" * 200),
        ],
    ),
    "BackupRegion": (
        ["", "eu-central-1", "us-gov-east-1", "eusc-de-east-1"],
        ["Frankfurt", "eu-centarl-1", "eu-central-1a", "cn-north-1", "eu-central-1,eu-west-1"],
    ),
    "SourceRegions": (
        ["", "eu-west-1", "eu-west-1,us-east-1"],
        ["Ireland", "eu-west-1, us-east-1", "eu-wset-1", "cn-north-1"],
    ),
    "BackupKeyAlias": (
        ["alias/rds-backup", "alias/team/backups", "alias/aws/rds"],
        ["", "alias/aws/ebs", "alias/aws/rds2", "alias/", "rds-backup", "alias/a b"],
    ),
    "KmsKeyArn": (
        ["", KEY, KEY.replace("aws:", "aws-cn:"), KEY.replace("key/", "key/mrk-")],
        ["alias/sharing", "alias/aws/rds", KEY.replace("key/", "alias/"), "abcd-1234"],
    ),
    "DatabaseKmsKeyArns": (
        ["", KEY, f"{KEY},{KEY}", f"{KEY} , {KEY}", ",".join([LONGEST_KEY] * MOST_KEYS)],
        ["alias/aws/rds", f"{KEY},abcd", f"{KEY},", ",".join([KEY] * (MOST_KEYS + 1))],
    ),
    "SharingKeyArns": ([KEY, f"{KEY},{KEY}"], ["", "alias/sharing", f"{KEY},", f"{KEY}, {KEY}"]),
    "SourceAccountIds": ([SOURCE, f"{SOURCE},{BACKUP}"], ["", "1111", f"{SOURCE}, {BACKUP}"]),
    "FunctionRoleArns": (
        [FUNCTION_ROLE, f"{FUNCTION_ROLE},{FUNCTION_ROLE}", ADMINISTRATOR],
        ["", "rds-backup-function", FUNCTION_ROLE.replace("function", "*"), f"{SOURCE}"],
    ),
    "KeyAdministrators": (
        [
            ADMINISTRATOR,
            "none",
            f"{ADMINISTRATOR},{FUNCTION_ROLE}",
            FUNCTION_ROLE.replace("aws:", "aws-cn:"),
            f"arn:aws:iam::{BACKUP}:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_A_0",
        ],
        [
            *("", f"arn:aws:iam::{BACKUP}:root", f"arn:aws:iam::{BACKUP}:role/*"),
            ADMINISTRATOR + ",",
            # As a session of IAM Identity Center shows it: without the path (6.13e).
            f"arn:aws:iam::{BACKUP}:role/AWSReservedSSO_Admin_0123456789abcdef",
        ],
    ),
    "SnapshotArnPatterns": (
        [PATTERNS, PATTERNS.replace("cluster-", ""), f"{PATTERNS},{PATTERNS}"],
        [
            "",
            "*",
            PATTERNS.replace("rds-backup-*", "*"),
            PATTERNS.replace(SOURCE, "*"),
            PATTERNS[:-2],
        ],
    ),
    "OrganizationId": (["", "o-a1b2c3d4e5"], ["a1b2c3d4e5", "o-*", "o-short", "O-A1B2C3D4E5"]),
    "BackupsToKeep": (["1", "7"], ["0", "-1", "seven"]),
    "KeepAtLeastDays": (["0", "7"], ["-1", "a week"]),
    **{name: (["0", "4", "1000"], ["-1", "1001", "four"]) for name in TIERS},
    "NightSchedule": (
        ["cron(0 3-9 * * ? *)", "rate(1 hour)"],
        ["", "0 3 * * *", "cron()", "rate(0 minutes)", "at(2026-01-01)", f"cron({'0' * 128})"],
    ),
    "ResumeSchedule": (["rate(10 minutes)"], ["10 minutes", "rate(ten minutes)"]),
    "ScheduleTimezone": (
        ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"],
        ["", "+02:00", "A" * 51],
    ),
    "OutcomeEventBusArn": (
        ["", "arn:aws:events:eu-west-1:111111111111:event-bus/default"],
        ["default", "arn:aws:events:eu-west-1:111111111111:rule/x", "arn:aws:sqs:eu-west-1:1:q"],
    ),
    "RunbookUrl": (
        ["docs/guides/operations.md", "https://wiki.example.com/rds?page=backups#alarms"],
        ["", "two words", 'a"quote', "a<b>"],
    ),
    "AlertEmail": (["", "on-call@example.com"], ["on-call", "a@b", "a b@example.com"]),
    "MaxSnapshotAgeHours": (["1", "36"], ["0", "a day"]),
    "MaxBackupsOfOneAccount": (["1", "50", "500"], ["0", "half"]),
    "MaxAttempts": (["1", "99"], ["0", "100"]),
    "MaxInstanceCopies": (["1", "20"], ["0", "many"]),
    "MaxClusterCopies": (["1", "5"], ["0", "many"]),
    "SnapshotPrefix": (
        ["rds-backup", "a", "a1", "a" * 20],
        ["", "Rds", "1rds", "rds--backup", "rds-", "a" * 21, "rds_backup"],
    ),
    "FunctionRoleName": (
        ["rds-backup-function", "Backup_Function@1"],
        ["", FUNCTION_ROLE, "a,b", "x" * 65],
    ),
    "ReservedConcurrency": (["", "1", "100"], ["0", "-1", "one"]),
    "DrillSchedule": (
        ["", "rate(1 day)", "cron(0 4 * * ? *)"],
        ["daily", "rate(0 days)", "at(2026-01-01)", f"cron({'0' * 128})"],
    ),
    "DrillClasses": (
        ["db.t4g.medium", "db.serverless", "db.r6g.large,db.m5.large.tpc1.mem2x"],
        ["", "t4g.medium", "db.t4g.medium, db.r6g.large", "db.*"],
    ),
    "MaxDrillAgeDays": (["0", "90"], ["-1", "a quarter"]),
    "DrillDeadlineHours": (["1", "12", "72"], ["0", "73", "a day"]),
    "DrillValidatorArn": (
        ["", VALIDATOR, f"{VALIDATOR}:live", f"{VALIDATOR}:$LATEST"],
        ["validator", f"arn:aws:iam::{BACKUP}:role/validator", f"{VALIDATOR}*"],
    ),
    "DrillSubnetGroup": (["", "drills", "default-vpc-0123"], ["Drills", "a b", "*", "x" * 256]),
    "DrillSubnetIds": (
        ["", "subnet-0123abcd", "subnet-0123456789abcdef0,subnet-0123456789abcdef1"],
        ["subnet-x", "subnet-0123abcd, subnet-0123abce", ",".join(["subnet-0123abcd"] * 17)],
    ),
    "DrillSecurityGroup": (["", "sg-0123456789abcdef0"], ["default", "sg-1,sg-2", "sg-0123abcg"]),
    "PermissionsBoundaryArn": (["", f"arn:aws:iam::{SOURCE}:policy/team/boundary"], ["boundary"]),
}


class TestEach:
    """What holds for every parameter."""

    @BY_PARAMETER
    def test_it_says_what_it_is_and_what_empty_means(self, template: Template, name: str) -> None:
        """People deploy without reading the code."""
        parameter = template.parameters[name]
        empty_is_explained = "Empty:" in parameter["Description"]

        assert (parameter.get("Default") == "") == empty_is_explained

    @BY_PARAMETER
    def test_it_is_bounded_and_the_refusal_says_by_what(
        self, template: Template, name: str
    ) -> None:
        """CloudFormation's own message would quote the pattern."""
        parameter = template.parameters[name]
        bounds = {"AllowedPattern", "MinValue", "MaxValue"} & set(parameter)

        assert bounds or "AllowedValues" in parameter
        assert bool(bounds) == ("ConstraintDescription" in parameter)

    @BY_PARAMETER
    def test_a_default_is_a_value_that_is_accepted(self, template: Template, name: str) -> None:
        """A default that breaks its own pattern stops every deployment."""
        default = template.parameters[name].get("Default")

        assert default is None or template.accepts(name, str(default))

    @BY_PARAMETER
    def test_no_default_is_somebodys_own(self, template: Template, name: str) -> None:
        """StackSets deploy the template into accounts that it knows nothing of."""
        default = str(template.parameters[name].get("Default"))

        assert not re.search(r"\d{12}|arn:|\b[a-z]{2}-[a-z]+-\d\b", default)

    @BY_PARAMETER
    def test_good_values_are_accepted_and_bad_ones_refused(
        self, template: Template, name: str
    ) -> None:
        """What the function accepts can be deployed; what it would refuse is refused before it."""
        if "AllowedValues" in template.parameters[name]:
            assert not template.accepts(name, "")
            return
        good, bad = VALUES[name]

        assert good == [value for value in good if template.accepts(name, value)]
        assert [] == [value for value in bad if template.accepts(name, value)]
        assert good
        assert bad

    @pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
    def test_all_are_grouped_and_labelled(self, template: Template) -> None:
        """The console shows an ungrouped parameter last, by its bare name."""
        interface = template.body["Metadata"]["AWS::CloudFormation::Interface"]
        grouped = [name for group in interface["ParameterGroups"] for name in group["Parameters"]]

        assert sorted(template.parameters) == sorted(grouped)
        assert sorted(template.parameters) == sorted(interface["ParameterLabels"])


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
def test_a_stack_of_0_1_0_is_updated_with_the_parameters_that_it_has(template: Template) -> None:
    """No parameter or output of it is taken away, and no new parameter has to be given."""
    old = Template(f"tests/support/release_0_1_0/{template.name}", template.account, template.given)
    new = [template.parameters[name] for name in template.parameters.keys() - old.parameters.keys()]

    assert set(old.parameters) <= set(template.parameters)
    assert set(old.body["Outputs"]) <= set(template.body["Outputs"])
    assert all("Default" in parameter for parameter in new)


def _network(*parts: str) -> dict[str, str]:
    """Some of the parameters that name a network for drills."""
    whole = {
        "Group": ("DrillSubnetGroup", "drills"),
        "Ids": ("DrillSubnetIds", "subnet-0123abcd"),
        "Security": ("DrillSecurityGroup", "sg-0123abcd"),
    }
    return dict(whole[part] for part in parts)


class TestRules:
    """What spans parameters."""

    @pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
    def test_what_a_user_has_to_give_passes(self, template: Template) -> None:
        """A rule that always refuses would stop every deployment."""
        assert set() == Stack(template).broken_rules()

    def test_the_backup_account_is_not_the_source_stacks_own(self) -> None:
        """A backup in the account of the database is none."""
        assert {"BackupsLeaveThisAccount"} == Stack(SOURCE_TEMPLATE, BACKUP).broken_rules()

    @pytest.mark.parametrize("accounts", [BACKUP, f"{SOURCE},{BACKUP}"])
    def test_a_source_account_is_not_the_backup_stacks_own(self, accounts: str) -> None:
        """Not even as one of several."""
        stack = Stack(BACKUP_TEMPLATE, SourceAccountIds=accounts)

        assert {"BackupsComeFromOtherAccounts"} == stack.broken_rules()

    def test_no_database_at_all_is_refused(self) -> None:
        """A backup of nothing would be silent."""
        assert {"SomethingIsChosen"} == Stack(SOURCE_TEMPLATE, DbId="").broken_rules()

    @pytest.mark.parametrize("given", [{"DbId": "", "DbTag": "backup"}, {"DbTag": "backup"}])
    def test_databases_are_chosen_either_way_or_both(self, given: dict[str, str]) -> None:
        """By tag alone, or by both."""
        assert set() == Stack(SOURCE_TEMPLATE, **given).broken_rules()

    @pytest.mark.parametrize("named", ["none", f"{ADMINISTRATOR},none"])
    def test_a_key_that_the_stack_makes_has_administrators(self, named: str) -> None:
        """Nobody could ever change or delete it; aws/rds has none (6.13d)."""
        default = {"BackupKeyAlias": "alias/aws/rds"}

        assert {"KeyHasAdministrators"} == (
            Stack(BACKUP_TEMPLATE, KeyAdministrators=named).broken_rules()
        )
        for given in ({}, {"KeyAdministrators": named}):
            assert set() == Stack(BACKUP_TEMPLATE, **default, **given).broken_rules()

    def test_increments_of_clusters_only_are_refused(self) -> None:
        """With a tag there may be instances, too."""
        clusters = {"Incremental": "true", "Cluster": "true"}
        assert {"IncrementsAreOfInstances"} == Stack(SOURCE_TEMPLATE, **clusters).broken_rules()
        for one in ({"DbTag": "backup"}, {"Cluster": "false"}, {"Incremental": "false"}):
            assert set() == Stack(SOURCE_TEMPLATE, **clusters | one).broken_rules()

    @pytest.mark.parametrize("given", [(), ("Group", "Ids", "Security")], ids=["none", "all"])
    def test_the_network_of_drills_is_the_stacks_or_given_whole(self, given: tuple[str]) -> None:
        """A subnet group without its subnets would have the probe in another network."""
        assert set() == Stack(BACKUP_TEMPLATE, **_network(*given)).broken_rules()

    @pytest.mark.parametrize(
        "given",
        [
            *(("Group",), ("Ids",), ("Security",)),
            *(("Group", "Ids"), ("Group", "Security"), ("Ids", "Security")),
        ],
        ids="-".join,
    )
    def test_a_part_of_a_network_for_drills_is_refused(self, given: tuple[str]) -> None:
        """Whichever is missing."""
        stack = Stack(BACKUP_TEMPLATE, **_network(*given))

        assert {"DrillNetworkIsWhole"} == stack.broken_rules()

    @pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
    def test_they_use_functions_that_rules_may_use(self, template: Template) -> None:
        """Ref and the rules' own functions (CloudFormation User Guide, Rule functions)."""
        functions = set(re.findall(r"'(Fn::\w+|Condition)'", str(template.body["Rules"])))

        assert functions <= {"Fn::And", "Fn::Contains", "Fn::Equals", "Fn::Not", "Fn::Or"}


class TestBothStacks:
    """What the two have to agree on."""

    @pytest.mark.parametrize(
        "name", sorted(set(SOURCE_TEMPLATE.parameters) & set(BACKUP_TEMPLATE.parameters))
    )
    def test_a_parameter_of_both_takes_the_same_values(self, name: str) -> None:
        """A value of the one is given to the other."""
        one, other = (
            {k: v for k, v in t.parameters[name].items() if k != "Description"} for t in TEMPLATES
        )
        if name == "KeepAtLeastDays":  # the backup account's own guard against a flood of copies
            assert (0, 7) == (one.pop("Default"), other.pop("Default"))

        assert one == other

    def test_both_say_who_deletes_and_mean_the_backup_account(self) -> None:
        """The safe choice is the one that nobody has to make."""
        for template in TEMPLATES:
            assert "backup-account" == template.parameters["ExpireFrom"]["Default"]
            assert ["backup-account", "source-account"] == (
                template.parameters["ExpireFrom"]["AllowedValues"]
            )

    def test_the_external_id_that_is_sent_is_one_that_can_be_asked_for(self) -> None:
        """They are two parameters of two names."""
        sent = SOURCE_TEMPLATE.parameters["BackupAccountExternalId"]["AllowedPattern"]

        assert BACKUP_TEMPLATE.parameters["ExternalId"]["AllowedPattern"] == sent

    def test_the_backup_key_is_found_under_its_alias(self) -> None:
        """The function in the source account knows the key by name only."""
        alias = BACKUP_TEMPLATE.parameters["BackupKeyAlias"]["Default"]

        assert SOURCE_TEMPLATE.parameters["BackupKmsKeyId"]["Default"] == alias


class TestTheNextCommand:
    """The source stack prints the command that deploys the other one."""

    @pytest.mark.parametrize(
        "given",
        [
            {},
            {"KmsKeyArn": KEY, "BackupAccountExternalId": "between-us"},
            {"BackupKmsKeyId": "alias/aws/rds"},
            {
                "ExpireFrom": "source-account",
                "BackupRoleName": "writer",
                "SnapshotPrefix": "nightly",
                "ScheduleState": "DISABLED",
                "TagGuard": "off",
                "KeepMonthly": "12",
            },
        ],
        ids=["least", "own-key", "aws/rds", "other-names"],
    )
    def test_it_gives_everything_that_the_backup_stack_asks_for(
        self, given: dict[str, str]
    ) -> None:
        """And everything that both have to agree on; only the administrator is to be filled in."""
        source = Stack(SOURCE_TEMPLATE, **given)
        words = shlex.split(source.outputs()["NextCommand"])
        start = words.index("--parameter-overrides") + 1
        overrides = dict(word.split("=", 1) for word in words[start:])
        required = {n for n, p in BACKUP_TEMPLATE.parameters.items() if "Default" not in p}

        assert words[:start] == [
            *("sam", "deploy", "--config-env", "backup", "--region", "eu-west-1"),
            "--parameter-overrides",
        ]
        assert required <= set(overrides)
        assert [] == [n for n, v in overrides.items() if not BACKUP_TEMPLATE.accepts(n, v)]
        default = given.get("BackupKmsKeyId") == "alias/aws/rds"
        administrators = "none" if default else f"arn:aws:iam::{BACKUP}:role/NAME"
        assert administrators == overrides["KeyAdministrators"]
        assert ("alias/aws/rds" if default else None) == overrides.get("BackupKeyAlias")
        agreed = (
            *("BackupRoleName", "SnapshotPrefix"),
            *("ExpireFrom", "BackupsToKeep", "MaxSnapshotAgeHours", "TagGuard", *TIERS),
        )
        assert source.resolve({"Ref": "ScheduleState"}) == overrides["SourceSchedules"]
        assert {n: source.resolve({"Ref": n}) for n in agreed} == {n: overrides[n] for n in agreed}
        assert given.get("BackupAccountExternalId") == overrides.get("ExternalId")
        assert set() == Stack(BACKUP_TEMPLATE, **overrides).broken_rules()

    def test_it_names_what_the_function_is_and_makes(self) -> None:
        """The backup account admits exactly this role, this key and these snapshots."""
        command = Stack(SOURCE_TEMPLATE, SnapshotPrefix="nightly").outputs()["NextCommand"]
        shared = f"arn:aws:rds:eu-west-1:{SOURCE}:{{}}:nightly-*"
        both = ",".join(shared.format(kind) for kind in ("snapshot", "cluster-snapshot"))

        assert f" FunctionRoleArns={FUNCTION_ROLE} SharingKeyArns={KEY} " in command
        assert f" 'SnapshotArnPatterns={both}' " in command

    def test_what_is_to_be_filled_in_is_printed_by_a_command(self) -> None:
        """A role of IAM Identity Center has a path, which its sessions leave out (6.13e)."""
        command = Stack(SOURCE_TEMPLATE).outputs()["KeyAdministratorCommand"]
        guide = (ROOT / "docs/guides/set-up.md").read_text()

        assert "iam get-role --query Role.Arn" in command
        assert command in " ".join(guide.split())
        description = BACKUP_TEMPLATE.parameters["KeyAdministrators"]["Description"]
        assert all(word in description for word in command.split())


class TestTheEnvironmentOfTheFunction:
    """Lambda takes 4 KB of variables, and says so when the stack is deployed, not before."""

    def test_the_longest_values_fit_together(self) -> None:
        """Measured as Lambda's own error shows it, as JSON, with room for some more variables."""
        longest = {
            "DbId": "x" * 2000,
            "DbTag": f"{'k' * 128}={'v' * 256}",
            "KmsKeyArn": LONGEST_KEY,
            "BackupAccountExternalId": "x" * 128,
            "BackupRoleName": "r" * 64,
            "BackupKmsKeyId": "alias/" + "a" * 250,
            "BackupRegion": "ap-southeast-1",
            "ScheduleTimezone": "A" * 50,
            "NightSchedule": f"cron({'0' * 122})",
            "SnapshotPrefix": "a" * 20,
            "ScheduleState": "DISABLED",
            "LogLevel": "WARNING",
        }
        assert [] == [n for n, v in longest.items() if not SOURCE_TEMPLATE.accepts(n, v)]
        assert [] == [
            name
            for name, value in longest.items()
            if name not in ("KmsKeyArn", "BackupRegion")
            and SOURCE_TEMPLATE.accepts(name, value + "x")
        ]
        numbers = {
            name: str(SOURCE_TEMPLATE.parameters[name]["MaxValue"])
            for name in SOURCE_TEMPLATE.parameters
            if "MaxValue" in SOURCE_TEMPLATE.parameters[name]
        }
        # It has a variable more than the other function.
        function = Stack(SOURCE_TEMPLATE, **longest, **numbers).resources()["LookFunction"]
        said = json.dumps(function["Environment"]["Variables"], separators=(",", ":"))

        assert len(said.encode()) + 128 <= 4096


class TestSamconfig:
    """An environment of the sam command line for each stack."""

    config = tomllib.loads((ROOT / "samconfig.toml").read_text())

    def test_each_environment_builds_and_deploys_its_own_template(self) -> None:
        """`default` needs no name of a file: they are sam's own defaults."""
        backup = self.config["backup"]
        built = f"{backup['build']['parameters']['build_dir']}/template.yaml"

        assert {"default", "backup"} == set(self.config) - {"version"}
        assert "template_file" not in str(self.config["default"])
        assert BACKUP_TEMPLATE.name == backup["build"]["parameters"]["template_file"]
        assert built == backup["deploy"]["parameters"]["template_file"]

    @pytest.mark.parametrize("environment", ["default", "backup"])
    def test_roles_with_names_may_be_made_and_changes_are_shown(self, environment: str) -> None:
        """CloudFormation asks for the consent; a person sees what a change replaces."""
        deploy = self.config[environment]["deploy"]["parameters"]

        assert ("CAPABILITY_NAMED_IAM", True) == (
            deploy["capabilities"],
            deploy["confirm_changeset"],
        )

    @pytest.mark.parametrize(
        ("environment", "working"), [("default", "BackupFunction"), ("backup", "ExpireFunction")]
    )
    def test_who_names_no_function_invokes_the_one_that_works(
        self, environment: str, working: str
    ) -> None:
        """As when a stack had only one: `sam local invoke -e events/plan.json`."""
        commands = self.config[environment]
        named = {
            commands["local_invoke"]["parameters"]["function_logical_id"],
            commands["remote_invoke"]["parameters"]["resource_id"],
        }

        assert {working} == named

    def test_no_account_stands_in_it(self) -> None:
        """Account numbers and keys are a user's own."""
        assert not re.search(r"\d{12}", (ROOT / "samconfig.toml").read_text())
