"""Restore plans of the real command line on the sandbox, and a person who follows them.

``python -m tests.support.restore_plans instance`` prints a plan, with
``PYTHONPATH=backup_function``; so does ``cluster``.
"""

import io
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from rds_backup import __main__ as command_line
from rds_backup.aws import account
from sandbox import Account, Kind, Sandbox, Switches
from sandbox.serving.lambda_runtime import Function
from tests.support import aws_cli
from tests.support.playing import NIGHT, nights

ROLE = "<ROLE>"
NIGHTS = 2
# What somebody fills in where the plan cannot know it.
FILLED_IN = {
    "DB_INSTANCE_CLASS": "db.t4g.medium",
    "DB_SUBNET_GROUP": "isolated",
    "SECURITY_GROUP_ID": "sg-0c3",
    "DB_PARAMETER_GROUP": "filled-in",
    "DB_CLUSTER_PARAMETER_GROUP": "filled-in-for-clusters",
    "OPTION_GROUP": "filled-in",
    "ACCOUNT": "111111111111",
    "SERVERLESS_SCALING": "MinCapacity=0.5,MaxCapacity=16",
    "ENGINE_VERSION": "16.9",
}
# What the databases of the scenes run in at home; the cluster's members have its own.
AT_HOME: dict[str, dict[str, Any]] = {
    "instance": {
        "EngineVersion": "16.3",
        "DBInstanceClass": "db.m7g.large",
        "DBSubnetGroup": {"DBSubnetGroupName": "private"},
        "VpcSecurityGroups": [
            {"VpcSecurityGroupId": "sg-0a1", "Status": "active"},
            {"VpcSecurityGroupId": "sg-0b2", "Status": "active"},
        ],
        "DBParameterGroups": [{"DBParameterGroupName": "orders-postgres16"}],
        "OptionGroupMemberships": [{"OptionGroupName": "default:postgres-16"}],
    },
    "cluster": {
        "EngineVersion": "15.4",
        "DBSubnetGroup": "private",
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-0a1", "Status": "active"}],
        "DBClusterParameterGroup": "default.aurora-postgresql15",
        "EngineLifecycleSupport": "open-source-rds-extended-support-disabled",
    },
}


@contextmanager
def scene(
    kind: Kind,
    switches: Switches | None = None,
    backup_region: str | None = None,
    **facts: Any,  # noqa: ANN401 - as by hand: members of the listing, and the engine and key
) -> Iterator[Sandbox]:
    """Two nights after which ``orders`` has two backups; ``facts`` come on top of ``AT_HOME``."""
    start = NIGHT - timedelta(hours=2)
    with Sandbox(start=start, switches=switches, backup_region=backup_region) as aws:
        if kind == "instance":
            aws.add_instance("orders", tags={"team": "shop"}, **AT_HOME[kind] | facts)
        else:
            aws.add_cluster("orders", tags={"team": "shop"}, **AT_HOME[kind] | facts)
        nights(aws, Function(aws, environment(aws, kind)), NIGHTS)
        yield aws


def environment(aws: Sandbox, kind: Kind) -> dict[str, str]:
    """That of the function in the source account, which is that of ``plan``."""
    return aws.environment(DB_ID="orders", CLUSTER=str(kind == "cluster").lower())


@dataclass(frozen=True)
class Printed:
    """What one run of the command line came to."""

    code: int
    out: str
    err: str


def run(environment: Mapping[str, str], *arguments: str) -> Printed:
    """One run of ``python -m rds_backup restore-plan``."""
    out, err = io.StringIO(), io.StringIO()
    account.own.cache_clear()
    account.assumed.cache_clear()
    with (
        patch.dict(os.environ, environment, clear=True),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        code = command_line.main(["restore-plan", *arguments])
    return Printed(code, out.getvalue(), err.getvalue())


def section(plan: str, letter: str) -> str:
    """The text of way A or B."""
    found = re.search(rf"^# {letter}\. .*?(?=^# [A-Z]\. |\Z)", plan, re.MULTILINE | re.DOTALL)
    assert found
    return found[0]


def statements(text: str) -> list[dict[str, object]]:
    """The statements that the key's administrator is to add."""
    return [json.loads(line[2:]) for line in text.splitlines() if line.startswith("# {")]


class Person:
    """Somebody who reads one way of a plan, does what it says, and runs its commands."""

    def __init__(self, aws: Sandbox, text: str, **values: str) -> None:
        """``values`` are what is filled in beside the profiles."""
        self.aws, self.text = aws, text
        self.values = {"BACKUP_PROFILE": "backup", "TARGET_PROFILE": "target", **values}
        self.parsed = [
            aws_cli.parse(aws_cli.filled(words, self.values)) for words in aws_cli.commands(text)
        ]

    def account(self, profile: str) -> Account:
        """Whose credentials a profile has."""
        return {"backup": self.aws.backup, "target": self.aws.source}[profile]

    def make_groups(self) -> None:
        """Make every group that a command names, in the account of that command."""
        for command in self.parsed:
            for parameter, name in command.params.items():
                if parameter.endswith("GroupName"):
                    self.aws.add_group(parameter, name, self.account(command.options["profile"]))

    def open_key(self) -> None:
        """As the key's administrator: add the statements for the role of the person."""
        role = self.aws.source.person.identity.principal.rsplit("/", 1)[1]
        key = self.aws.keys[self.aws.backup_key]
        policy = json.loads(key.policy)
        text = json.dumps(statements(self.text)).replace(ROLE, role)
        policy["Statement"] += json.loads(text)
        key.policy = json.dumps(policy)

    def follow(self) -> list[Any]:
        """Run every command, in its account and Region; the answers."""
        answers = []
        for command in self.parsed:
            account = self.account(command.options["profile"])
            assert command.options["region"] == self.aws.region_of(account)
            answers.append(command.run(account.client(command.service)))
        return answers


def plan_of(kind: Kind) -> str:
    """The instance's while it is still there; the cluster's when its account is lost."""
    with scene(kind) as aws:
        if kind == "instance":
            return run(environment(aws, kind), "orders").out
        aws.delete_database("orders")
        return run(aws.backup_environment(), "orders").out


if __name__ == "__main__":
    sys.stdout.write(plan_of("cluster" if sys.argv[1:] == ["cluster"] else "instance"))
