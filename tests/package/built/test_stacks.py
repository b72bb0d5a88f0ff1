"""Both stacks, deployed by `sam deploy` into a local emulator of AWS, whose schedule plays a night.

What linters and the sandbox cannot see: that CloudFormation's order works out, that the function
starts in the environment that the template gives it, and that the schedule reaches it.  The
emulator holds the stacks; RDS, STS, IAM and KMS of the running function are the sandbox's.  What
the emulator cannot do is listed in docs/explained/emulators.md.  ``make system`` runs these;
they need a build, and must not import the function.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from acceptance.ground import Ground
from acceptance.run import TAG, RunFile
from acceptance.sides import Side, config_of
from acceptance.stacks import Stacks, by_sam, of_run
from tests.package.built.door import door
from tests.support.programs import ROOT, Served, free_port, listening, program, sandbox
from tests.support.resolved_templates import Template

SAM = ROOT / ".tools/sam/bin/sam"
EMULATOR = ROOT / ".tools/stack/bin/ministack"
REGION = "eu-west-1"
# The emulator looks every ten seconds whether a schedule is due; its shortest rate is a minute.
EVERY_MINUTE = "rate(1 minute)"
SECONDS_OF_A_NIGHT = 600
# What the emulator does not know (nor an alarm over metric math), and what is left out of each
# template for it.
UNKNOWN_TYPES = ("AWS::CloudWatch::CompositeAlarm", "AWS::Logs::QueryDefinition")
LEFT_OUT = {
    ".aws-sam/build/template.yaml": {"BackupsNeedAPerson", "Dashboard", "DatabasesQuery"},
    ".aws-sam/backup/template.yaml": {
        *("AlertsUndelivered", "DatabasesQuery", "DrillsQuery", "SeriesDisappeared"),
    },
}


@dataclass(frozen=True, slots=True)
class Emulator:
    """The emulator: an access key of twelve digits is the account."""

    url: str
    folder: Path

    def client(self, service: str, account: str) -> Any:  # noqa: ANN401 - boto3's
        """A client in an account."""
        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name=REGION,
            endpoint_url=self.url,
            aws_access_key_id=account,
            aws_secret_access_key="any",
        )

    def deploy(self, account: str, template: str, **parameters: str) -> Mapping[str, str]:
        """`sam deploy` as a user runs it; gives the outputs."""
        given = [f'{name}="{value}"' for name, value in parameters.items()]
        known = str(_of_what_it_knows(template, account))
        command = [
            *(str(SAM), "deploy", "--template-file", known, "--resolve-s3"),
            *("--stack-name", "rds-backup", "--capabilities", "CAPABILITY_NAMED_IAM"),
            *("--no-confirm-changeset", "--region", REGION, "--parameter-overrides", *given),
        ]
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": account,
            "AWS_SECRET_ACCESS_KEY": "any",
            "SAM_CLI_TELEMETRY": "0",
        }
        done = subprocess.run(  # noqa: S603 - our own command
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        assert 0 == done.returncode, f"{done.stderr[-500:]}\n{self._refused(account)}"
        (stack,) = self.client("cloudformation", account).describe_stacks(StackName="rds-backup")[
            "Stacks"
        ]
        assert "CREATE_COMPLETE" == stack["StackStatus"]
        return {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}

    def ask(self, account: str, function: str, event: object) -> tuple[Any, str | None]:
        """What a function answers, and the kind of its error."""
        given = self.client("lambda", account).invoke(
            FunctionName=function, Payload=json.dumps(event)
        )
        return json.load(given["Payload"]), given.get("FunctionError")

    def _refused(self, account: str) -> list[str]:
        """What the emulator says of each resource that it did not make."""
        told = self.client("cloudformation", account).describe_stack_events(StackName="rds-backup")
        return [
            f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
            for event in told["StackEvents"]
            if event.get("ResourceStatusReason")
        ]


def _of_what_it_knows(template: str, account: str) -> Path:
    """The built template without what the emulator refuses, and what refers to it.

    It stands beside the other, since the code's place is given from there.
    """
    body = Template(template, account, {}).body
    resources = body["Resources"]
    left_out = {name for name, made in resources.items() if _unknown(made)}
    left_out |= {
        name
        for name, made in resources.items()
        if any(re.search(rf"\b{gone}\b", json.dumps(made, default=str)) for gone in left_out)
    }
    assert LEFT_OUT[template] == left_out
    body["Resources"] = {k: v for k, v in resources.items() if k not in left_out}
    path = (ROOT / template).with_name("emulated.json")
    path.write_text(json.dumps(_in_full(body), default=str))
    return path


def _unknown(made: Mapping[str, Any]) -> bool:
    return made["Type"] in UNKNOWN_TYPES or (
        "AWS::CloudWatch::Alarm" == made["Type"] and "Metrics" in made["Properties"]
    )


def _in_full(node: Any) -> Any:  # noqa: ANN401 - a template's node is any JSON
    """JSON knows no text for GetAtt."""
    match node:
        case {"Fn::GetAtt": str(text)}:
            return {"Fn::GetAtt": text.split(".", 1)}
        case dict():
            return {key: _in_full(value) for key, value in node.items()}
        case list():
            return [_in_full(value) for value in node]
        case _:
            return node


@pytest.fixture
def aws() -> Iterator[Served]:
    """The sandbox, an instance and a cluster in it; a copy takes a second."""
    with sandbox(copy_seconds=1) as served:
        yield served


@pytest.fixture
def emulator(aws: Served, tmp_path: Path) -> Iterator[Emulator]:
    """The emulator, on this machine's own address only; its functions call the sandbox."""
    source, port = aws.environment["SOURCE_ACCOUNT"], free_port()
    known = aws.environment["AWS_ACCESS_KEY_ID"], aws.environment["AWS_SESSION_TOKEN"]
    with ExitStack() as stack:
        address, _ = stack.enter_context(door(aws.url, badges={source: known}))
        environment = {
            "PATH": f"{ROOT / '.tools/stack/bin'}:/usr/bin:/bin",
            "HOME": str(tmp_path),
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            "LAMBDA_EXECUTOR": "local",
            "DOCKER_HOST": f"unix://{tmp_path}/none",
            **{f"AWS_ENDPOINT_URL_{service}": address for service in ("RDS", "STS", "IAM", "KMS")},
        }
        log = tmp_path / "emulator.log"
        stack.enter_context(program([str(EMULATOR)], port, environment, tmp_path, log))
        yield Emulator(f"http://127.0.0.1:{port}", tmp_path)
    assert not listening(port)


def test_the_deployed_schedule_plays_a_night(aws: Served, emulator: Emulator) -> None:
    """From `sam deploy` to a protected database nobody does anything."""
    source, backup = (aws.environment[f"{side}_ACCOUNT"] for side in ("SOURCE", "BACKUP"))
    outputs = emulator.deploy(
        source,
        ".aws-sam/build/template.yaml",
        DbTag="backup=nightly",
        BackupAccountId=backup,
        KmsKeyArn=aws.environment["KMS_KEY_ID"],
        NightSchedule=EVERY_MINUTE,
        ResumeSchedule=EVERY_MINUTE,
    )
    assert aws.environment["BACKUP_ACCOUNT_ROLE"] == outputs["BackupRoleArn"]

    deadline = time.monotonic() + SECONDS_OF_A_NIGHT
    good = ("available", backup)
    while ({"orders": good, "billing": good}, []) != (aws.backups(), aws.shared()):
        assert time.monotonic() < deadline, (emulator.folder / "emulator.log").read_text()[-3000:]
        time.sleep(1)


def test_the_function_that_only_looks_answers_and_refuses(aws: Served, emulator: Emulator) -> None:
    """As somebody finds it who has its policy: by the stack's name and its logical id."""
    source, backup = (aws.environment[f"{side}_ACCOUNT"] for side in ("SOURCE", "BACKUP"))
    outputs = emulator.deploy(
        source,
        ".aws-sam/build/template.yaml",
        DbTag="backup=nightly",
        BackupAccountId=backup,
        KmsKeyArn=aws.environment["KMS_KEY_ID"],
        ScheduleState="DISABLED",
    )
    found = emulator.client("cloudformation", source).describe_stack_resource(
        StackName="rds-backup", LogicalResourceId="LookFunction"
    )["StackResourceDetail"]["PhysicalResourceId"]
    assert outputs["LookFunctionName"] == found
    assert outputs["LookPolicyArn"].startswith(f"arn:aws:iam::{source}:policy/")

    asked = [emulator.ask(source, found, event) for event in ({"action": "status"}, {})]
    (answer, no_error), (refusal, error) = asked

    assert no_error is None
    assert {"orders", "billing"} == {each["database"] for each in answer["databases"]}
    assert "Unhandled" == error
    assert "output FunctionName" in refusal["errorMessage"]
    assert ({}, []) == (aws.backups(), aws.shared())

    told = _command(emulator, source, "status", "--function", "rds-backup")
    assert (0, "") == (told.returncode, told.stderr)
    assert told.stdout.startswith("0 of 2 protected, 2 not started; only a run shows")
    missing = _command(emulator, source, "plan", "--function", "nothing")
    assert 2 == missing.returncode
    assert "there is no function, and no stack, named nothing" in missing.stderr


def _command(emulator: Emulator, account: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line on a laptop, with credentials of an account."""
    return subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "rds_backup", *arguments],
        cwd=ROOT / "backup_function",
        env={
            "PATH": os.environ["PATH"],
            "AWS_ENDPOINT_URL": emulator.url,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": account,
            "AWS_SECRET_ACCESS_KEY": "any",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_each_stack_creates_from_the_others_outputs(aws: Served, emulator: Emulator) -> None:
    """The source account's stack makes its own key; the backup account's is given its outputs."""
    source, backup = (aws.environment[f"{side}_ACCOUNT"] for side in ("SOURCE", "BACKUP"))
    ours = emulator.deploy(
        source,
        ".aws-sam/build/template.yaml",
        DbTag="backup=nightly",
        BackupAccountId=backup,
        ScheduleState="DISABLED",
    )
    theirs = emulator.deploy(
        backup,
        ".aws-sam/backup/template.yaml",
        SourceAccountIds=source,
        FunctionRoleArns=ours["FunctionRoleArn"],
        SharingKeyArns=ours["SharingKeyArn"],
        SnapshotArnPatterns=ours["SnapshotArnPatterns"],
        KeyAdministrators=f"arn:aws:iam::{backup}:role/administrator",
        ScheduleState="DISABLED",
    )

    assert ours["BackupRoleArn"] in theirs.values()
    (key,) = emulator.client("kms", source).list_keys()["Keys"]
    assert ours["SharingKeyArn"] == key["KeyArn"]
    functions = emulator.client("lambda", backup).list_functions()["Functions"]
    told = [f["Environment"]["Variables"] for f in functions]
    assert [backup] * 2 == [variables["BACKUP_ACCOUNT"] for variables in told]
    assert ["false", "true"] == sorted(variables["READ_ONLY"] for variables in told)


RUN = "acc-2611261607ab12"


def test_the_kit_deploys_both_stacks_and_finds_them_again(
    aws: Served, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By sam, into a bucket of its own, with the run's tag on stacks and keys; all stacks go."""
    accounts = [aws.environment[f"{side}_ACCOUNT"] for side in ("SOURCE", "BACKUP")]
    monkeypatch.setenv("AWS_ENDPOINT_URL", emulator.url)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    (tmp_path / "credentials").write_text("".join(map(_profile, accounts)))
    emulator.client("iam", accounts[1]).create_role(
        RoleName="administrator", AssumeRolePolicyDocument="{}"
    )
    source, backup = (_side(account) for account in accounts)
    ground = Ground(
        source=source,
        backup=backup,
        file=RunFile.begin(tmp_path / "run.json", RUN, accounts),
        clock=lambda: datetime.now(UTC),
        sleep=time.sleep,
        say=lambda _: None,
        look_every=1,
    )
    stacks = Stacks(ground, _sam)
    stacks.deploy(incremental=True)

    assert stacks.outputs(source)["BackupRoleArn"] == stacks.outputs(backup)["BackupRoleArn"]
    tags = [
        tag
        for account in accounts
        for key in emulator.client("kms", account).list_keys()["Keys"]
        for tag in emulator.client("kms", account).list_resource_tags(KeyId=key["KeyId"])["Tags"]
    ]
    assert [{"TagKey": TAG, "TagValue": RUN}] * 2 == [tag for tag in tags if tag["TagKey"] == TAG]
    for side in (source, backup):
        found = list(of_run(side, REGION, RUN))
        assert {f"{RUN}-files", f"{RUN}-{side.name}"} == {thing.name for thing in found}
        assert not [told for thing in found if (told := thing.remove()).refused]
        assert not list(of_run(side, REGION, RUN))


def _profile(account: str) -> str:
    return f"[{account}]\naws_access_key_id = {account}\naws_secret_access_key = any\n"


def _side(account: str) -> Side:
    """An account of the emulator, whose callers are no roles."""

    def connect(service: str, region: str) -> Any:  # noqa: ANN401 - boto3's
        session = boto3.Session(profile_name=account)
        return session.client(service, region_name=region, config=config_of(service))  # type: ignore[call-overload]

    name = "source" if account == "111111111111" else "backup"
    side = Side.of(name, connect, REGION, account)
    return replace(side, caller=f"arn:aws:sts::{account}:assumed-role/administrator/somebody")


def _sam(side: Side, words: Sequence[str]) -> None:
    """With what the emulator knows of the template, and without drills, whose network it lacks."""
    words = [word for word in words if not word.startswith("DrillSchedule=")]
    at = words.index("--template-file") + 1
    known = str(_of_what_it_knows(words[at], side.account))
    by_sam(side, [*words[:at], known, *words[at + 1 :]])
