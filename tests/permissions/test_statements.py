"""The policies of both stacks: each permission has one purpose, a reason, and no more reach.

Whether they allow what the function does, and nothing else, is no question of reading: here is what
can be seen in the templates themselves.
"""

import json
import re
from typing import Any

import pytest

from rds_backup.model import identity
from rds_backup.model.proof import RESTORE_MINUTES, RESTORE_RESULT, RESTORED_AT
from sandbox import Sandbox
from sandbox.serving.lambda_runtime import Function
from tests.support.playing import nights
from tests.support.resolved_templates import (
    ADMINISTRATOR,
    BACKUP,
    BACKUP_KEY,
    BACKUP_TEMPLATE,
    FUNCTION_ROLE,
    KEY,
    LONGEST_KEY,
    MOST_KEYS,
    SOURCE,
    SOURCE_TEMPLATE,
    TEMPLATES,
    Stack,
    Template,
    documents,
    listed,
    strings,
)

MARK = "rds-backup:managed-by"
OWN_KEY = KEY.replace("1234-", "4321-")
# Every permission that there can be: the widest parameters, whoever expires.
DRILLS = {
    "DrillSchedule": "rate(1 day)",
    "DrillValidatorArn": f"arn:aws:lambda:eu-west-1:{BACKUP}:function:validator",
}
WIDEST = (
    Stack(SOURCE_TEMPLATE, DatabaseKmsKeyArns=OWN_KEY, TrailExists="yes"),
    Stack(BACKUP_TEMPLATE, TrailExists="yes", **DRILLS),
    Stack(BACKUP_TEMPLATE, ExpireFrom="source-account"),
)
STATEMENTS = {
    (stack.template.name, resource, statement["Sid"]): statement
    for stack in WIDEST
    for resource, document in documents(stack)
    for statement in document["Statement"]
}
BY_SID = pytest.mark.parametrize(
    ("where", "statement"),
    [pytest.param(w, s, id="-".join(w)) for w, s in STATEMENTS.items()],
)
ROLES = {key: s for key, s in STATEMENTS.items() if "Principal" not in s}
BY_ROLE_SID = pytest.mark.parametrize(
    "statement", [pytest.param(s, id="-".join(w)) for w, s in ROLES.items()]
)
# Read only, and their permission names no single resource (Service Authorization Reference).
ANY_RESOURCE = {
    "ListDatabasesAndSnapshots": "a listing is not scoped by resource",
    "ListBackups": "the same",
    "ListBackupsToExpire": "the same",
    "ReadQuotas": "the action has no resource type",
    "ReadQuotasToExpire": "the same",
    "ReadOptionGroups": "a listing is not scoped by resource",
    "ReadEngineVersions": "the action has no resource type",
    "LookAtAlarms": "composite alarms are shown under no narrower permission",
    "LookAtMetrics": "an account's metrics are one resource",
    "FindLogs": "the actions have no resource type",
    "ListBackupsAndDatabases": "a listing is not scoped by resource",
    "ReadOfferedClasses": "the action has no resource type",
    "LambdaAttachesTheProbe": "Lambda asks for all resources, and the code is denied them",
}
# In those that only the drill has: the databases that it makes, by name.
DRILL_DATABASES = {
    f"arn:aws:rds:eu-west-1:{BACKUP}:{kind}:rds-backup-drill-*" for kind in ("db", "cluster")
}
READING = re.compile(r"rds:Describe\w+|(cloudwatch|logs):(Describe|Get|List)\w+|logs:StopQuery")
# What changes or exposes a snapshot that exists.
RISKY = re.compile(r"rds:(Delete|Modify|Restore|Stop|Start|Remove|Create|Export)")
# Characters without blanks: IAM quotas, and the KMS key policy document size.
INLINE_POLICIES, MANAGED_POLICY, TRUST_POLICY, KEY_POLICY = 10_240, 6_144, 2_048, 32_768


def _reason(template: str, sid: str) -> str:
    """The comment lines directly above a statement."""
    [text] = [t.text for t in TEMPLATES if t.name == template]
    lines = text[: re.search(rf"- Sid: {sid}\n", text).start()].splitlines()[:-1]  # type: ignore[union-attr]
    while lines and re.fullmatch(
        r"\s+- (!If|[A-Z][A-Za-z]+)",
        lines[-1],
    ):
        lines.pop()
    reason: list[str] = []
    while lines and lines[-1].lstrip().startswith("#"):
        reason.insert(0, lines.pop().lstrip(" #"))
    return " ".join(reason)


def _statements(role: str, stack: Stack) -> dict[str, dict[str, Any]]:
    return {statement["Sid"]: statement for statement in stack.statements(role)}


def _speaks_of_snapshots(statement: dict[str, Any]) -> bool:
    """Whether it is about snapshots, and not about the databases of a drill and their groups.

    The final snapshot of a cluster that a drill deletes is none.
    """
    resources = [r for r in listed(statement["Resource"]) if not r.endswith("cluster-snapshot:*")]
    return any("snapshot:" in resource for resource in resources)


class TestEveryStatement:
    """Of every role, key and topic."""

    @BY_SID
    def test_it_has_a_reason_in_the_template(
        self, where: tuple[str, str, str], statement: dict[str, Any]
    ) -> None:
        """The comment above it becomes its line in docs/reference/permissions.md."""
        assert re.search(r"[a-z].*\.$", _reason(where[0], statement["Sid"]))

    @BY_SID
    def test_a_wildcard_has_its_reason_beside_it(
        self, where: tuple[str, str, str], statement: dict[str, Any]
    ) -> None:
        """Of an action, a principal or every resource: the comment names it and says why."""
        principals = statement.get("Principal", {}).values()
        named = [*listed(statement["Action"]), *listed(statement.get("Resource", [])), *principals]
        everything = [text for text in named if text == "*" or re.fullmatch(r"\w+:\*", str(text))]

        assert bool(everything) == ('"*"' in _reason(where[0], statement["Sid"]))

    @BY_SID
    def test_its_name_is_of_letters(
        self, where: tuple[str, str, str], statement: dict[str, Any]
    ) -> None:
        """IAM accepts no others; a Sid is how a person finds what a message names."""
        assert where[2] == statement["Sid"]
        assert re.fullmatch(r"[A-Z][A-Za-z]+", statement["Sid"])

    @pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
    def test_names_are_unique(self, template: Template) -> None:
        """Within a template, whichever role they are of."""
        names = re.findall(r"- Sid: (\w+)", template.text)

        assert sorted(set(names)) == sorted(names)

    @pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
    def test_no_name_of_a_partition_is_written_down(self, template: Template) -> None:
        """The templates work in China's and the government's Regions."""
        written = strings([template.resources, template.body["Outputs"]])

        assert [] == [text for text in written if re.search(r"arn:aws|amazonaws\.com/", text)]


class TestRoles:
    """What the roles' own policies allow and deny."""

    @BY_ROLE_SID
    def test_its_actions_are_spelled_out(self, statement: dict[str, Any]) -> None:
        """A wildcard takes in what AWS will add tomorrow."""
        assert not [action for action in listed(statement["Action"]) if "*" in action]

    @BY_ROLE_SID
    def test_every_resource_is_allowed_only_where_there_is_no_other_way(
        self, statement: dict[str, Any]
    ) -> None:
        """The exceptions are listed above, only read, and in this Region."""
        if statement["Effect"] == "Deny":
            return
        anything = "*" in listed(statement["Resource"])

        assert anything == (statement["Sid"] in ANY_RESOURCE)
        if anything:
            reads = all(READING.fullmatch(action) for action in listed(statement["Action"]))
            assert reads != (statement["Sid"] == "LambdaAttachesTheProbe")
            assert {"aws:RequestedRegion": "eu-west-1"} == statement["Condition"]["StringEquals"]

    @BY_ROLE_SID
    def test_a_snapshot_is_changed_only_by_our_prefix_and_our_tag(
        self, statement: dict[str, Any]
    ) -> None:
        """Two guards that fail apart: a person's snapshot may have our prefix, never both."""
        risky = any(RISKY.match(action) for action in listed(statement["Action"]))
        if statement["Effect"] == "Deny" or not risky or not _speaks_of_snapshots(statement):
            return

        assert {f"aws:ResourceTag/{MARK}": "rds-backup"} == statement["Condition"]["StringEquals"]
        assert all(
            re.search(rf":({SOURCE}|{BACKUP}):(cluster-)?snapshot:rds-backup-\*$", resource)
            for resource in listed(statement["Resource"])
        )

    @BY_ROLE_SID
    def test_a_snapshot_is_made_and_tagged_only_as_ours_and_only_once(
        self, statement: dict[str, Any]
    ) -> None:
        """What bears our marker can be deleted by us: nothing that exists may come to bear it."""
        made = re.search("rds:(Copy|AddTags)", " ".join(listed(statement["Action"])))
        if statement["Effect"] == "Deny" or not made or not _speaks_of_snapshots(statement):
            return
        if statement["Sid"] in ("CopyFromSharedCopies", "WriteProofs"):
            return
        resources = listed(statement["Resource"])
        # Automated snapshots have the tags of their database, which are not ours to judge.
        automated = all(r.endswith("snapshot:rds:*") and f":{SOURCE}:" in r for r in resources)
        unmarked = {"Null": {f"aws:ResourceTag/{MARK}": "true"}}

        assert statement["Condition"] == {
            "StringEquals": {f"aws:RequestTag/{MARK}": "rds-backup"},
            **({} if automated else unmarked),
        }
        assert automated or all(r.endswith(":rds-backup-*") for r in resources)
        assert not automated or "AddTags" not in str(statement["Action"])

    @BY_ROLE_SID
    def test_a_key_is_used_through_rds_only(self, statement: dict[str, Any]) -> None:
        """No function ever encrypts or decrypts anything itself; what it reads stands apart."""
        actions = listed(statement["Action"])
        if not any(action.startswith("kms:") for action in actions):
            return
        if set(actions) <= {"kms:DescribeKey", "kms:GetKeyPolicy"}:
            assert statement["Sid"].startswith(("Read", "Resolve"))
            return
        condition = statement["Condition"]

        assert {"kms:ViaService": "rds.eu-west-1.amazonaws.com"} == condition["StringEquals"]
        assert ("kms:CreateGrant" in actions) == ("Bool" in condition)

    @BY_ROLE_SID
    def test_keys_are_named_exactly(self, statement: dict[str, Any]) -> None:
        """The sharing key, the backup key, the databases' own where they are given, the default."""
        if statement["Sid"] == "ReadDefaultKey":
            assert {"StringEquals": {"kms:RequestAlias": "alias/aws/rds"}} == statement["Condition"]
            assert "kms:DescribeKey" == statement["Action"]
        elif statement["Sid"] == "ReadSecretsKey":
            assert f"arn:aws:kms:eu-west-1:{BACKUP}:key/*" == statement["Resource"]
            assert "kms:DescribeKey" == statement["Action"]
        elif "kms:" in str(statement["Action"]):
            assert set(listed(statement["Resource"])) in ({KEY}, {BACKUP_KEY}, {OWN_KEY})

    def test_automated_snapshots_are_denied_by_name(self) -> None:
        """In every role that may delete or share anything, whatever else is attached to it."""
        for stack, role in (
            (WIDEST[0], "BackupFunctionRole"),
            (WIDEST[1], "BackupRole"),
            (WIDEST[1], "ExpireFunctionRole"),
            (WIDEST[2], "BackupRole"),
        ):
            statements = stack.statements(role)
            denied = {
                (action, resource)
                for s in statements
                if s["Effect"] == "Deny"
                for action in listed(s["Action"])
                for resource in listed(s["Resource"])
            }
            allowed = {a for s in statements for a in listed(s["Action"]) if RISKY.match(a)}

            assert {"rds:DeleteDBSnapshot", "rds:DeleteDBClusterSnapshot"} <= allowed
            for kind in ("snapshot", "cluster-snapshot"):
                name = f"arn:aws:rds:eu-west-1:{stack.template.account}:{kind}:rds:*"
                assert {(action, name) for action in allowed} <= denied

    def test_one_role_can_be_assumed(self) -> None:
        """The assumed role is the only way into the backup account."""
        found = {
            resource
            for statement in ROLES.values()
            if "sts:AssumeRole" in listed(statement["Action"])
            for resource in listed(statement["Resource"])
        }

        assert {f"arn:aws:iam::{BACKUP}:role/rds-backup-writer"} == found

    def test_without_keys_of_databases_there_is_no_permission_for_them(self) -> None:
        """Empty means the default key aws/rds, which needs none."""
        least = _statements("BackupFunctionRole", Stack(SOURCE_TEMPLATE))
        widest = _statements("BackupFunctionRole", WIDEST[0])

        assert {
            "ReadDatabaseKeys",
            "ReadUnderDatabaseKeys",
            "GrantDatabaseKeysToRds",
        } == set(widest) - set(least)

    @pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
    def test_the_boundary_is_on_every_role(self, template: Template) -> None:
        """An organisation that demands one demands it of every role."""
        boundary = f"arn:aws:iam::{SOURCE}:policy/boundary"
        given = DRILLS if template is BACKUP_TEMPLATE else {}
        stack = Stack(template, PermissionsBoundaryArn=boundary, TrailExists="yes", **given)
        made = stack.resources()
        roles = template.of_type("AWS::IAM::Role")

        assert len(roles) > 1
        assert [boundary] * len(roles) == [made[role]["PermissionsBoundary"] for role in roles]

    @pytest.mark.parametrize(
        ("stack", "role"),
        [
            pytest.param(stack, role, id=f"{number}-{role}")
            for number, stack in enumerate(
                (
                    Stack(
                        SOURCE_TEMPLATE,
                        DatabaseKmsKeyArns=",".join([LONGEST_KEY] * MOST_KEYS),
                        KmsKeyArn=LONGEST_KEY,
                        SnapshotPrefix="a" * 20,
                        FunctionRoleName="f" * 64,
                        BackupRoleName="b" * 64,
                    ),
                    Stack(
                        BACKUP_TEMPLATE,
                        ExpireFrom="source-account",
                        SnapshotPrefix="a" * 20,
                        SourceAccountIds=",".join([SOURCE] * 15),
                        SourceRegions=",".join(["ap-southeast-1"] * 8),
                        FunctionRoleArns=",".join([FUNCTION_ROLE] * 15),
                        SharingKeyArns=",".join([KEY] * 15),
                        SnapshotArnPatterns=",".join(
                            [BACKUP_TEMPLATE.given["SnapshotArnPatterns"]] * 15
                        ),
                        ExternalId="x" * 128,
                        OrganizationId="o-" + "a" * 32,
                        DrillSchedule="rate(1 day)",
                        DrillClasses=",".join(["db.m5.12xlarge.tpc2.mem2x"] * 10),
                        DrillSubnetGroup="g" * 255,
                        DrillSubnetIds="subnet-0123456789abcdef0",
                        DrillSecurityGroup="sg-0123456789abcdef0",
                        DrillValidatorArn=f"{DRILLS['DrillValidatorArn']}{'v' * 55}:{'q' * 128}",
                        OutcomeEventBusArn=f"arn:aws:events:eu-west-1:{BACKUP}:event-bus/outcomes",
                    ),
                )
            )
            for role in ("BackupFunctionRole", "BackupRole", "SchedulerRole", "DrillFunctionRole")
            if role in stack.resources()
        ],
    )
    def test_policies_stay_within_iams_quotas(self, stack: Stack, role: str) -> None:
        """Fifteen source accounts, or the most keys of databases; IAM's refusal would come late."""
        made = stack.resources()
        own = "".join(json.dumps(p["PolicyDocument"]) for p in made[role]["Policies"])

        assert len(own.replace(" ", "")) <= INLINE_POLICIES
        for name in made.keys() & stack.template.of_type("AWS::IAM::ManagedPolicy").keys():
            apart = json.dumps(made[name]["PolicyDocument"])
            assert len(apart.replace(" ", "")) <= MANAGED_POLICY
        assert len(json.dumps(stack.trust(role)).replace(" ", "")) <= TRUST_POLICY


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
def test_without_the_guard_of_tags_only_its_condition_is_gone(template: Template) -> None:
    """No other condition, and no denial: it is there for what nobody has seen on AWS (13.13)."""
    on, off = (
        [s for _, d in documents(Stack(template, TagGuard=guard)) for s in d["Statement"]]
        for guard in ("on", "off")
    )
    guarded = {"Null": {f"aws:ResourceTag/{MARK}": "true"}}
    less = [
        s | {"Condition": {k: v for k, v in s["Condition"].items() if {k: v} != guarded}}
        if "Condition" in s
        else s
        for s in on
    ]

    assert 2 == sum("Null" in s.get("Condition", {}) for s in on)
    assert less == off
    assert "off" in template.parameters["TagGuard"]["Description"]


class TestTheAssumedRole:
    """What whoever controls a source account can do in the backup account."""

    def test_it_cannot_delete_by_default(self) -> None:
        """No delete permission of any kind: deny statements only speak of it."""
        allowed = [
            s for s in Stack(BACKUP_TEMPLATE).statements("BackupRole") if s["Effect"] == "Allow"
        ]

        assert not re.search("Delete|Remove", str([s["Action"] for s in allowed]))

    def test_it_deletes_where_the_source_account_expires_and_nobody_else_does(self) -> None:
        """The function is not even there."""
        here, there = (
            Stack(BACKUP_TEMPLATE, ExpireFrom=e) for e in ("backup-account", "source-account")
        )
        gained = set(_statements("BackupRole", there)) - set(_statements("BackupRole", here))
        gone = set(here.resources()) - set(there.resources())

        assert {"ExpireBackupsFromSource"} == gained
        assert set() == set(there.resources()) - set(here.resources())
        assert {"ExpireFunction", "ExpireFunctionRole", "ExpireTick", "SchedulerRole"} <= gone
        assert {"BackupKey", "BackupAlias", "BackupRole"} == set(there.resources())

    def test_it_may_do_every_call_that_a_night_makes_there(self, aws: Sandbox) -> None:
        """Both families, a deletion included; STS needs no permission to say who the caller is."""
        tags = {"backup": "nightly"}
        aws.add_instance("orders", engine="postgres", kms_key="aws/rds", tags=tags)
        aws.add_cluster("billing", engine="aurora-postgresql", kms_key="aws/rds", tags=tags)
        function = Function(aws, aws.environment(DB_TAG="backup=nightly", BACKUPS_TO_KEEP="1"))
        nights(aws, function, 2)
        made = {
            f"{call.service}:{call.operation}"
            for call in aws.calls
            if call.account == aws.backup.id and call.service != "sts"
        }
        allowed = {
            action
            for statement in WIDEST[2].statements("BackupRole")
            if statement["Effect"] == "Allow"
            for action in listed(statement["Action"])
        }

        assert {"rds:CopyDBSnapshot", "rds:DeleteDBClusterSnapshot", "kms:DescribeKey"} <= made
        assert made <= allowed

    def test_it_never_marks_a_backup_to_be_kept_or_its_series_as_retired(self) -> None:
        """Both are a person's word in the backup account; the second silences an alarm.

        Nor that it was restored, which is the drill's word; with or without TagGuard.
        """
        denied = _statements("BackupRole", WIDEST[1])["NeverMarkAsKept"]
        proof = (RESTORED_AT, RESTORE_MINUTES, RESTORE_RESULT)

        assert (
            denied
            == _statements("BackupRole", Stack(BACKUP_TEMPLATE, TagGuard="off"))["NeverMarkAsKept"]
        )
        assert "Deny" == denied["Effect"]
        assert {
            "ForAnyValue:StringEquals": {"aws:TagKeys": [identity.KEEP, identity.RETIRED, *proof]}
        } == denied["Condition"]
        assert {"rds:AddTagsToResource", "rds:CopyDBSnapshot", "rds:CopyDBClusterSnapshot"} == set(
            denied["Action"]
        )

    def test_it_copies_from_the_source_accounts_in_a_statement_without_tags(self) -> None:
        """How tags of a foreign snapshot are evaluated is not documented."""
        statement = _statements("BackupRole", WIDEST[1])["CopyFromSharedCopies"]

        assert "Condition" not in statement
        assert all(f":{SOURCE}:" in resource for resource in statement["Resource"])

    def test_functions_of_the_source_accounts_may_assume_it_and_nobody_else(self) -> None:
        """Neither another account nor another role of a source account."""
        assert {
            "Sid": "FunctionsOfTheSourceAccounts",
            "Effect": "Allow",
            "Principal": {"AWS": [SOURCE]},
            "Action": "sts:AssumeRole",
            "Condition": {"ArnEquals": {"aws:PrincipalArn": [FUNCTION_ROLE]}},
        } == Stack(BACKUP_TEMPLATE).trust("BackupRole")

    def test_an_external_id_and_an_organization_are_asked_for_where_given(self) -> None:
        """Both at once."""
        stack = Stack(BACKUP_TEMPLATE, ExternalId="between-us", OrganizationId="o-a1b2c3d4e5")

        assert {
            "ArnEquals": {"aws:PrincipalArn": [FUNCTION_ROLE]},
            "StringEquals": {"sts:ExternalId": "between-us"},
            "StringLike": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
        } == stack.trust("BackupRole")["Condition"]

    def test_the_function_has_the_name_that_is_trusted(self) -> None:
        """The role's name is the source stack's parameter."""
        role = Stack(SOURCE_TEMPLATE).resources()["BackupFunctionRole"]

        assert FUNCTION_ROLE == f"arn:aws:iam::{SOURCE}:role/{role['RoleName']}"


class TestTheBackupKey:
    """Whoever ends it ends every backup."""

    statements = _statements("BackupKey", Stack(BACKUP_TEMPLATE))

    def test_nobody_of_another_account_is_admitted(self) -> None:
        """Not the source account, and no service."""
        allowed = [s["Principal"] for s in self.statements.values() if s["Effect"] == "Allow"]

        assert [{"AWS": f"arn:aws:iam::{BACKUP}:root"}] == allowed

    def test_its_administrators_alone_end_or_change_it(self) -> None:
        """Whatever a role's own policy says."""
        denied = self.statements["OnlyAdministratorsEndOrChangeIt"]

        assert ("Deny", {"AWS": "*"}) == (denied["Effect"], denied["Principal"])
        assert {"ArnNotEquals": {"aws:PrincipalArn": [ADMINISTRATOR]}} == denied["Condition"]
        assert {
            *("kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:DisableKey"),
            *("kms:DisableKeyRotation", "kms:UpdateAlias", "kms:DeleteAlias"),
        } == set(denied["Action"])

    def test_nobody_gives_it_away_by_a_grant(self) -> None:
        """A grant needs no key policy; RDS's own are for AWS resources."""
        denied = self.statements["OnlyServicesMakeOrRevokeGrants"]

        assert "Deny" == denied["Effect"]
        assert {"kms:CreateGrant", "kms:RevokeGrant"} == set(denied["Action"])
        assert {
            "StringEquals": {"aws:PrincipalAccount": BACKUP},
            "BoolIfExists": {"kms:GrantIsForAWSResource": "false"},
        } == denied["Condition"]

    def test_its_policy_is_one_that_kms_takes(self) -> None:
        """With ten administrators."""
        stack = Stack(BACKUP_TEMPLATE, KeyAdministrators=",".join([ADMINISTRATOR] * 10))

        assert len(json.dumps(stack.resources()["BackupKey"]["KeyPolicy"])) <= KEY_POLICY


class TestTheSharingKey:
    """The backup account's role decrypts under it, and does nothing else."""

    statements = _statements("SharingKey", Stack(SOURCE_TEMPLATE))
    foreign = tuple(s for s in statements.values() if BACKUP in s["Principal"]["AWS"])

    def test_the_backup_account_is_the_principal_and_its_role_the_condition(self) -> None:
        """KMS refuses a principal that does not exist yet."""
        role = {"aws:PrincipalArn": f"arn:aws:iam::{BACKUP}:role/rds-backup-writer"}

        assert 3 == len(self.foreign)
        for statement in self.foreign:
            assert f"arn:aws:iam::{BACKUP}:root" == statement["Principal"]["AWS"]
            assert role == statement["Condition"]["ArnEquals"]

    def test_the_backup_account_uses_it_through_rds_only(self) -> None:
        """But for reading its state (6.11)."""
        via = {"kms:ViaService": "rds.eu-west-1.amazonaws.com"}
        reads, uses, grants = self.foreign

        assert "kms:DescribeKey" == reads["Action"]
        assert ["ArnEquals"] == list(reads["Condition"])
        assert via == uses["Condition"]["StringEquals"] == grants["Condition"]["StringEquals"]
        assert "kms:CreateGrant" == grants["Action"]
        assert {"kms:GrantIsForAWSResource": "true"} == grants["Condition"]["Bool"]
        assert not {a for a in uses["Action"] if "Grant" in a or "*" in a}

    def test_both_sides_allow_the_backup_role_the_same(self) -> None:
        """Across accounts neither the key's policy nor the role's suffices alone (6.1)."""
        role = Stack(BACKUP_TEMPLATE).statements("BackupRole")
        mine = {a for s in role if listed(s["Resource"]) == [KEY] for a in listed(s["Action"])}
        theirs = {a for s in self.foreign for a in listed(s["Action"])}

        assert mine == theirs

    def test_a_key_of_ones_own_is_used_instead(self) -> None:
        """Then the stack makes neither a key nor an alias."""
        stack = Stack(SOURCE_TEMPLATE, KmsKeyArn=OWN_KEY)

        assert {"SharingKey", "SharingAlias"} == (
            set(Stack(SOURCE_TEMPLATE).resources()) - set(stack.resources())
        )
        assert OWN_KEY == stack.environment("BackupFunction")["KMS_KEY_ID"]
        assert OWN_KEY == stack.outputs()["SharingKeyArn"]
        assert KEY not in str(stack.statements("BackupFunctionRole"))
