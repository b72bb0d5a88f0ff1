"""The restore drill of the backup account's stack: its functions, network and permissions."""

from ipaddress import ip_network
from typing import Any

import pytest

import probe
from rds_backup.model import identity
from rds_backup.model.drills import DRILL as DRILL_TAG
from rds_backup.model.proof import RESTORE_MINUTES, RESTORE_RESULT, RESTORED_AT
from tests.support.resolved_templates import BACKUP, BACKUP_KEY, BACKUP_TEMPLATE, Stack, listed

VALIDATOR = f"arn:aws:lambda:eu-west-1:{BACKUP}:function:validator"
GIVEN = {"DrillSchedule": "rate(1 day)", "SnapshotPrefix": "nightly"}
NETWORK = {
    "DrillSubnetGroup": "private",
    "DrillSubnetIds": "subnet-0123abcd,subnet-0123abce",
    "DrillSecurityGroup": "sg-0123abcd",
}
MODES = ("backup-account", "source-account")
DRILL = Stack(BACKUP_TEMPLATE, **GIVEN)
VALIDATED = Stack(BACKUP_TEMPLATE, **GIVEN, DrillValidatorArn=VALIDATOR)
ELSEWHERE = Stack(BACKUP_TEMPLATE, **GIVEN, **NETWORK, DrillValidatorArn=VALIDATOR)
MADE, WITH_VALIDATOR = DRILL.resources(), VALIDATED.resources()
SECRETS = f"arn:aws:secretsmanager:eu-west-1:{BACKUP}:secret:rds!*"
PROOF = [RESTORED_AT, RESTORE_MINUTES, RESTORE_RESULT]
# Everything that changes a database that exists, and what a drill may do of it.
CHANGES = {"rds:DeleteDBCluster", "rds:DeleteDBInstance"}
PASSWORDS = {"rds:ModifyDBCluster", "rds:ModifyDBInstance"}


def _arn(kind: str, name: str) -> str:
    return f"arn:aws:rds:eu-west-1:{BACKUP}:{kind}:{name}"


def _type(name: str) -> str:
    return str(BACKUP_TEMPLATE.resources[name]["Type"])


def _both(*kinds: str, name: str = "nightly-drill-*") -> set[str]:
    return {_arn(kind, name) for kind in kinds}


DATABASES, BACKUPS = _both("db", "cluster"), _both("snapshot", "cluster-snapshot", name="nightly-*")


def _statements(stack: Stack, role: str = "DrillFunctionRole") -> dict[str, dict[str, Any]]:
    return {statement["Sid"]: statement for statement in stack.statements(role)}


class TestWhetherThereIsAny:
    """Nobody pays for a drill, or can be harmed by one, who has not asked for it."""

    @pytest.mark.parametrize("mode", MODES)
    def test_without_a_schedule_there_is_nothing_of_it(self, mode: str) -> None:
        """No function, role, network, alarm or output, whatever else is given."""
        stack = Stack(
            BACKUP_TEMPLATE,
            ExpireFrom=mode,
            MaxDrillAgeDays="90",
            DrillValidatorArn=VALIDATOR,
            **NETWORK,
        )

        assert not [n for n in (*stack.resources(), *stack.outputs()) if "Drill" in n]
        assert "RestoreTooLongAgo" not in stack.resources()
        assert ":function:validator" not in str(stack.resources())

    @pytest.mark.parametrize("mode", MODES)
    def test_with_one_it_is_whole_whoever_expires(self, mode: str) -> None:
        """It needs nothing of the function that expires, nor of a source account."""
        stack = Stack(BACKUP_TEMPLATE, **GIVEN, ExpireFrom=mode)
        made = stack.resources()

        assert set(MADE) - set(Stack(BACKUP_TEMPLATE).resources()) <= set(made)
        assert {"Schedules", "SchedulerRole", "UndeliveredEvents", "Alerts", "LookPolicy"} <= set(
            made
        )
        assert ("ExpireFunction" in made) == (mode == "backup-account")
        assert {
            *("DrillFunctionName", "DrillLookFunctionName", "DrillLogGroupName"),
            *("DrillSubnetIds", "DrillProbeGroupId", "LookPolicyArn", "UndeliveredEventsUrl"),
        } <= set(stack.outputs())

    @pytest.mark.parametrize("mode", MODES)
    def test_the_scheduler_and_people_who_look_reach_the_functions_that_there_are(
        self, mode: str
    ) -> None:
        """The one by name, the others those that only look."""
        stack = Stack(BACKUP_TEMPLATE, **GIVEN, ExpireFrom=mode)
        own = mode == "backup-account"
        look = {s["Sid"]: s for s in stack.resources()["LookPolicy"]["PolicyDocument"]["Statement"]}

        for found, names in (
            (_statements(stack, "SchedulerRole")["InvokeFunction"], ("Expire", "Drill")),
            (look["InvokeLookFunction"], ("Look", "DrillLook")),
        ):
            expected = [stack.arn(f"{name}Function") for name in names if own or "Drill" in name]
            assert expected == listed(found["Resource"])
        logs = [stack.arn(f"{n}FunctionLogs") for n in ("Expire", "Drill") if own or n == "Drill"]
        assert logs == listed(look["LookAtLogs"]["Resource"])


class TestFunctions:
    """One restores, one says what it would restore, one connects."""

    def test_the_one_that_restores_is_told_all_that_it_needs(self) -> None:
        """Its classes, its network, its probe; no validator is an empty one."""
        environment = DRILL.environment("DrillFunction")

        assert {
            "DRILL_CLASSES": "db.t4g.medium,db.t3.medium,db.t3.xlarge,db.r6g.large,db.r6i.large",
            "DRILL_DEADLINE_HOURS": "12",
            "DRILL_PROBE": DRILL.arn("DrillProbe"),
            "DRILL_SCHEDULE": "rate(1 day)",
            "DRILL_SECURITY_GROUP": DRILL.resolve({"Ref": "DrillDatabaseGroup"}),
            "DRILL_SUBNET_GROUP": DRILL.resolve({"Ref": "DrillSubnets"}),
            "DRILL_VALIDATOR_ARN": "",
        } == {name: value for name, value in environment.items() if name.startswith("DRILL_")}
        assert ("false", "0") == (environment["READ_ONLY"], environment["MAX_DRILL_AGE_DAYS"])
        assert VALIDATOR == VALIDATED.environment("DrillFunction")["DRILL_VALIDATOR_ARN"]

    def test_every_function_that_looks_is_told_of_the_drills(self) -> None:
        """`status` says how long a round takes, and what is due."""
        told = {"DRILL_SCHEDULE": "rate(1 day)", "MAX_DRILL_AGE_DAYS": "0"}

        for name in ("ExpireFunction", "LookFunction", "DrillLookFunction"):
            assert told.items() <= DRILL.environment(name).items()

    def test_the_one_that_looks_is_the_other_but_for_what_makes_it_look(self) -> None:
        """The same code, role, log group and network."""
        looking, working = MADE["DrillLookFunction"], MADE["DrillFunction"]
        own = {"Description", "Environment"}

        assert {k: v for k, v in looking.items() if k not in own} == {
            k: v for k, v in working.items() if k not in own
        }
        assert looking["Environment"]["Variables"] == working["Environment"]["Variables"] | {
            "READ_ONLY": "true",
            "POWERTOOLS_METRICS_DISABLED": "true",
        }

    @pytest.mark.parametrize("mode", MODES)
    def test_each_writes_into_a_log_group_that_is_there(self, mode: str) -> None:
        """The one that Globals name is there only if this account expires."""
        made = Stack(BACKUP_TEMPLATE, **GIVEN, ExpireFrom=mode).resources()

        for name, group in (
            ("DrillFunction", "DrillFunctionLogs"),
            ("DrillLookFunction", "DrillFunctionLogs"),
            ("DrillProbe", "DrillProbeLogs"),
        ):
            assert {"LogFormat": "Text", "LogGroup": group} == made[name]["LoggingConfig"]
            assert group in made

    def test_an_error_is_not_repeated_by_lambda(self) -> None:
        """The next tick goes on; outcomes are sent as those of the function that expires."""
        bus = "arn:aws:events:eu-west-1:111111111111:event-bus/outcomes"
        made = Stack(BACKUP_TEMPLATE, **GIVEN, OutcomeEventBusArn=bus).resources()
        expire, drill = (made[f"{name}FunctionEventInvokeConfig"] for name in ("Expire", "Drill"))

        assert expire | {"FunctionName": "DrillFunction"} == drill
        assert (
            bus
            == _statements(Stack(BACKUP_TEMPLATE, **GIVEN, OutcomeEventBusArn=bus))[
                "SendDrillOutcomes"
            ]["Resource"]
        )

    def test_the_probe_is_small_and_has_time_for_its_minute(self) -> None:
        """The same package, a handler of its own."""
        made = MADE["DrillProbe"]

        assert ("probe.lambda_handler", 128, 90) == (
            made["Handler"],
            made["MemorySize"],
            made["Timeout"],
        )
        assert MADE["DrillFunction"]["CodeUri"] == made["CodeUri"]
        assert probe.SECONDS + probe.ATTEMPT_SECONDS + probe.PAUSE_SECONDS < made["Timeout"]

    def test_the_probe_alone_is_in_the_network(self) -> None:
        """The function that restores calls RDS, which the network has no way to."""
        inside = {name for name, made in MADE.items() if "VpcConfig" in made}

        assert {"DrillProbe"} == inside
        assert {
            "SecurityGroupIds": [DRILL.resolve({"Ref": "DrillProbeGroup"})],
            "SubnetIds": ["DrillSubnetA", "DrillSubnetB"],
        } == MADE["DrillProbe"]["VpcConfig"]


class TestNetwork:
    """What is restored can be reached by the probe, and can reach nothing."""

    def test_it_has_two_subnets_and_no_way_out(self) -> None:
        """No gateway, no route, no address, no peer: nothing of EC2 but what is named here."""
        kinds = {
            n: r["Type"] for n, r in BACKUP_TEMPLATE.resources.items() if "::EC2::" in r["Type"]
        }
        subnets = [MADE[name] for name in ("DrillSubnetA", "DrillSubnetB")]

        assert {
            *("VPC", "Subnet", "SecurityGroup", "SecurityGroupIngress", "VPCEndpoint"),
        } == {kind.rpartition(":")[2] for kind in kinds.values()}
        assert ["eu-west-1a", "eu-west-1b"] == [each["AvailabilityZone"] for each in subnets]
        assert not [each for each in subnets if "MapPublicIpOnLaunch" in each]
        assert {"DrillSubnetA", "DrillSubnetB"} == set(MADE["DrillSubnets"]["SubnetIds"])
        assert (True, True) == (
            MADE["DrillVpc"]["EnableDnsSupport"],
            MADE["DrillVpc"]["EnableDnsHostnames"],
        )

    def test_its_addresses_do_not_overlap(self) -> None:
        """Both halves of the VPC's."""
        vpc, *subnets = (
            ip_network(MADE[name]["CidrBlock"])
            for name in ("DrillVpc", "DrillSubnetA", "DrillSubnetB")
        )

        assert [*vpc.subnets()] == subnets

    def test_a_database_admits_the_probe_and_reaches_nothing(self) -> None:
        """One rule in; the only one out leads nowhere: without it EC2 would make a wide one."""
        database, asking = (
            VALIDATED.resolve({"Ref": f"Drill{name}Group"}) for name in ("Database", "Probe")
        )
        rules = [
            made
            for name, made in WITH_VALIDATOR.items()
            if name in BACKUP_TEMPLATE.of_type("AWS::EC2::SecurityGroupIngress")
            and made["GroupId"] == database
        ]
        [out] = WITH_VALIDATOR["DrillDatabaseGroup"]["SecurityGroupEgress"]

        assert [(asking, "tcp", 1150, 65535)] == [
            (r["SourceSecurityGroupId"], r["IpProtocol"], r["FromPort"], r["ToPort"]) for r in rules
        ]
        assert "127.0.0.1/32" == out["CidrIp"]
        assert "SecurityGroupIngress" not in WITH_VALIDATOR["DrillDatabaseGroup"]

    @pytest.mark.parametrize("stack", [DRILL, VALIDATED], ids=["without", "with-validator"])
    def test_the_probe_reaches_databases_and_with_a_validator_the_secrets(
        self, stack: Stack
    ) -> None:
        """Groups only: no rule of it names an address."""
        made = stack.resources()
        rules = made["DrillProbeGroup"]["SecurityGroupEgress"]
        database = (stack.resolve({"Ref": "DrillDatabaseGroup"}), 1150, 65535)
        secrets = (
            [(stack.resolve({"Ref": "DrillSecretsGroup"}), 443, 443)] if stack is VALIDATED else []
        )

        assert [database, *secrets] == [
            (r["DestinationSecurityGroupId"], r["FromPort"], r["ToPort"]) for r in rules
        ]
        assert {"tcp"} == {r["IpProtocol"] for r in rules}
        assert "SecurityGroupIngress" not in made["DrillProbeGroup"]

    def test_every_rule_is_of_this_stacks_own_groups(self) -> None:
        """The VPC's default group is nobody's: what has no group of its own would be in it."""
        for name in BACKUP_TEMPLATE.of_type("AWS::EC2::SecurityGroupIngress"):
            assert "CidrIp" not in WITH_VALIDATOR[name]
        assert "DefaultSecurityGroup" not in BACKUP_TEMPLATE.text
        assert [VALIDATED.resolve({"Ref": "DrillSecretsGroup"})] == (
            WITH_VALIDATOR["DrillSecretsEndpoint"]["SecurityGroupIds"]
        )

    def test_the_role_of_the_probe_outlives_its_place_in_the_network(self) -> None:
        """Lambda deletes the network interface with it (Lambda guide, Hyperplane ENIs)."""
        assert "DrillProbeRole" == BACKUP_TEMPLATE.resources["DrillProbeGroup"]["DependsOn"]

    def test_secrets_are_reached_only_where_a_validator_reads_one(self) -> None:
        """The endpoint costs by the hour; what passes it is the passwords that RDS made here."""
        endpoint = WITH_VALIDATOR["DrillSecretsEndpoint"]
        [passing] = endpoint["PolicyDocument"]["Statement"]
        gained = {"DrillSecretsEndpoint", "DrillSecretsGroup", "DrillSecretsFromProbe"}

        assert gained == set(WITH_VALIDATOR) - set(MADE)
        assert (True, "Interface", "com.amazonaws.eu-west-1.secretsmanager") == (
            endpoint["PrivateDnsEnabled"],
            endpoint["VpcEndpointType"],
            endpoint["ServiceName"],
        )
        assert ("secretsmanager:GetSecretValue", SECRETS) == (
            passing["Action"],
            passing["Resource"],
        )
        assert "by the hour" in BACKUP_TEMPLATE.parameters["DrillValidatorArn"]["Description"]

    def test_a_network_that_is_given_is_used_instead(self) -> None:
        """The stack then makes nothing of EC2; group and subnets are the user's."""
        made = ELSEWHERE.resources()
        network = {n for n in BACKUP_TEMPLATE.resources if "::EC2::" in _type(n)} | {"DrillSubnets"}
        group, subnets = NETWORK["DrillSecurityGroup"], NETWORK["DrillSubnetIds"].split(",")
        environment = ELSEWHERE.environment("DrillFunction")

        assert not network & set(made)
        assert {"SecurityGroupIds": [group], "SubnetIds": subnets} == made["DrillProbe"][
            "VpcConfig"
        ]
        assert ("private", group) == (
            environment["DRILL_SUBNET_GROUP"],
            environment["DRILL_SECURITY_GROUP"],
        )
        assert _arn("subgrp", "private") in _statements(ELSEWHERE)["UseGroupsForDrills"]["Resource"]

    @pytest.mark.parametrize("stack", [VALIDATED, ELSEWHERE], ids=["its-own", "given"])
    def test_whoever_deploys_a_validator_finds_the_probes_place_in_the_outputs(
        self, stack: Stack
    ) -> None:
        """The validator goes where the probe is: that is what databases admit."""
        outputs, place = stack.outputs(), stack.resources()["DrillProbe"]["VpcConfig"]

        assert ",".join(place["SubnetIds"]) == outputs["DrillSubnetIds"]
        assert place["SecurityGroupIds"] == [outputs["DrillProbeGroupId"]]


class TestTheProbesRole:
    """Lambda puts it into the network; its code can do nothing."""

    statements = _statements(DRILL, "DrillProbeRole")

    def test_its_own_code_is_denied_what_lambda_needs(self) -> None:
        """AWS Lambda Developer Guide, Giving Lambda functions access to resources in a VPC."""
        needed, denied = (
            set(self.statements[sid]["Action"])
            for sid in ("LambdaAttachesTheProbe", "NeverByItsOwnCode")
        )

        assert needed < denied
        assert {"Null": {"lambda:SourceFunctionArn": "false"}} == (
            self.statements["NeverByItsOwnCode"]["Condition"]
        )
        assert {"LambdaAttachesTheProbe", "NeverByItsOwnCode", "WriteProbeLogs"} == set(
            self.statements
        )


class TestTheDrillsRole:
    """It restores backups of ours into databases of its own, and can touch nothing else."""

    statements = _statements(VALIDATED)

    def _allowed(self, action: str) -> dict[str, dict[str, Any]]:
        return {
            sid: s
            for sid, s in self.statements.items()
            if s["Effect"] == "Allow" and action in listed(s["Action"])
        }

    @pytest.mark.parametrize("action", ["DBInstanceFromDBSnapshot", "DBClusterFromSnapshot"])
    def test_it_restores_backups_of_ours_into_databases_of_its_own(self, action: str) -> None:
        """From our names and marker, to its names and tags, within its own subnet group."""
        found = self._allowed(f"rds:Restore{action}")
        made = found["MakeDrillDatabases"]

        assert {"RestoreFromBackups", "MakeDrillDatabases", "UseGroupsForDrills"} == set(found)
        assert BACKUPS == set(found["RestoreFromBackups"]["Resource"])
        assert {"StringEquals": {f"aws:ResourceTag/{identity.MANAGED_BY}": "nightly"}} == (
            found["RestoreFromBackups"]["Condition"]
        )
        assert DATABASES == set(made["Resource"])
        assert {f"aws:RequestTag/{identity.MANAGED_BY}": "nightly"} == (
            made["Condition"]["StringEquals"]
        )
        assert {f"aws:RequestTag/{DRILL_TAG}": "false"} == made["Condition"]["Null"]
        assert {
            _arn("subgrp", DRILL.resolve({"Ref": "DrillSubnets"})),
            *(_arn(kind, "default.*") for kind in ("pg", "cluster-pg")),
            _arn("og", "*"),
        } == set(found["UseGroupsForDrills"]["Resource"])

    def test_the_classes_that_it_may_make_are_those_that_it_is_told(self) -> None:
        """What a drill may cost is the parameter's to say."""
        stack = Stack(BACKUP_TEMPLATE, **GIVEN, DrillClasses="db.t4g.small,db.serverless")
        condition = _statements(stack)["MakeDrillDatabases"]["Condition"]

        assert {"rds:DatabaseClass": ["db.t4g.small", "db.serverless"]} == (
            condition["StringEqualsIfExists"]
        )
        assert "db.t4g.small,db.serverless" == stack.environment("DrillFunction")["DRILL_CLASSES"]

    def test_a_restored_database_has_no_public_address(self) -> None:
        """No call may ask for one; IfExists would deny every drill where AWS sends no such key."""
        denied = self.statements["NeverRestorePublicly"]

        databases = "arn:aws:rds:eu-west-1:222222222222:db:*"
        assert ("Deny", databases) == (denied["Effect"], denied["Resource"])
        assert {"Bool": {"rds:PubliclyAccessible": "true"}} == denied["Condition"]
        assert {"rds:CreateDBInstance", "rds:RestoreDBInstanceFromDBSnapshot"} == set(
            denied["Action"]
        )

    @pytest.mark.parametrize("action", sorted(CHANGES | PASSWORDS))
    def test_it_changes_and_deletes_only_what_a_drill_made(self, action: str) -> None:
        """By name, and by both tags; for a password only, where there is a validator."""
        found = self._allowed(action)
        found.pop("DeleteClustersWithoutSnapshot", None)
        [(sid, statement)] = found.items()
        condition = dict(statement["Condition"])

        assert DATABASES == set(statement["Resource"])
        assert {f"aws:ResourceTag/{identity.MANAGED_BY}": "nightly"} == (
            condition.pop("StringEquals")
        )
        assert {f"aws:ResourceTag/{DRILL_TAG}": "false"} == condition.pop("Null")
        assert condition == (
            {"Bool": {"rds:ManageMasterUserPassword": "true"}} if action in PASSWORDS else {}
        )
        assert (sid in _statements(DRILL)) == (action in CHANGES)

    def test_databases_of_others_are_denied_to_it_whatever_else_it_may(self) -> None:
        """All but its own; the final snapshot of a cluster, which is none, is not denied."""
        denied = self.statements["NeverTouchOtherDatabases"]

        assert ("Deny", DATABASES | {_arn("cluster-snapshot", "*")}) == (
            denied["Effect"],
            set(denied["NotResource"]),
        )
        assert CHANGES | PASSWORDS <= set(denied["Action"])
        assert {"rds:RebootDBInstance", "rds:StopDBCluster", "rds:StartDBInstance"} <= set(
            denied["Action"]
        )
        assert "Condition" not in denied

    def test_no_snapshot_is_deleted_shared_exported_or_changed(self) -> None:
        """Backups least of all; without a condition."""
        denied = self.statements["NeverTouchSnapshots"]

        assert ("Deny", "*") == (denied["Effect"], denied["Resource"])
        assert {
            *("rds:DeleteDBSnapshot", "rds:DeleteDBClusterSnapshot", "rds:ModifyDBSnapshot"),
            *("rds:ModifyDBSnapshotAttribute", "rds:ModifyDBClusterSnapshotAttribute"),
            *("rds:StartExportTask", "rds:RemoveTagsFromResource"),
        } <= set(denied["Action"])
        assert "Condition" not in denied

    def test_it_writes_the_three_tags_of_a_proof_and_no_other_onto_backups(self) -> None:
        """Not none at all either: ForAllValues is met by an empty list."""
        found = self._allowed("rds:AddTagsToResource")
        proofs, databases = found["WriteProofs"], found["TagDrillDatabases"]
        denied = self.statements["NeverMarkSnapshots"]

        assert {"WriteProofs", "TagDrillDatabases"} == set(found)
        assert BACKUPS == set(proofs["Resource"])
        assert proofs["Condition"] == {
            "StringEquals": {f"aws:ResourceTag/{identity.MANAGED_BY}": "nightly"},
            "Null": {"aws:TagKeys": "false"},
            "ForAllValues:StringEquals": {"aws:TagKeys": PROOF},
        }
        assert DATABASES == set(databases["Resource"])
        assert {"aws:TagKeys": [identity.MANAGED_BY, DRILL_TAG]} == (
            databases["Condition"]["ForAllValues:StringEquals"]
        )
        assert {identity.KEEP, identity.MANAGED_BY, identity.RETIRED} == set(
            denied["Condition"]["ForAnyValue:StringEquals"]["aws:TagKeys"]
        )
        assert _both("snapshot", "cluster-snapshot", name="*") == set(denied["Resource"])

    def test_it_uses_the_backup_key_and_asks_the_probe_and_the_validator(self) -> None:
        """No other key's data, no other function."""
        keys = {
            r
            for s in self.statements.values()
            if "kms:Decrypt" in s["Action"] or "kms:CreateGrant" in s["Action"]
            for r in listed(s["Resource"])
        }

        assert {BACKUP_KEY} == keys
        for stack, expected in (
            (DRILL, [DRILL.arn("DrillProbe")]),
            (VALIDATED, [VALIDATED.arn("DrillProbe"), VALIDATOR]),
        ):
            assert expected == _statements(stack)["AskRestoredDatabases"]["Resource"]

    def test_only_with_a_validator_can_it_have_passwords_made(self) -> None:
        """By RDS, in its name: it reads none."""
        gained = set(self.statements) - set(_statements(DRILL))

        assert {"GiveDrillDatabasesPasswords", "MakeSecretsThroughRds", "ReadSecretsKey"} == gained
        assert SECRETS == self.statements["MakeSecretsThroughRds"]["Resource"]
        assert "GetSecretValue" not in str(self.statements)

    def test_it_may_have_rds_make_its_own_role_and_no_other(self) -> None:
        """Amazon RDS User Guide, Using service-linked roles."""
        statement = self.statements["MakeRoleOfRds"]

        assert {"StringEquals": {"iam:AWSServiceName": "rds.amazonaws.com"}} == (
            statement["Condition"]
        )
        assert (
            f"arn:aws:iam::{BACKUP}:role/aws-service-role/*/AWSServiceRoleForRDS"
            == (statement["Resource"])
        )
        assert "iam:PassRole" not in str(self.statements)

    def test_nobody_else_gains_anything_by_drills(self) -> None:
        """The writer's and the expirer's roles are as they were."""
        without = Stack(BACKUP_TEMPLATE, SnapshotPrefix="nightly")

        for role in ("BackupRole", "ExpireFunctionRole"):
            assert without.statements(role) == VALIDATED.statements(role)
