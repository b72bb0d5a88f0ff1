"""Both stacks of a run: deployed as the guide says, and found again by their marks.

``sam deploy`` does it, into a bucket of the run's own, which is a stack, too, so that it bears the
run's tag from its first moment.
"""

import json
import shlex
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from acceptance.found import Thing
from acceptance.ground import CannotTellError, Ground, expect_made
from acceptance.run import TAG, as_mapping, bears, tags_of
from acceptance.sides import Side, Told

ROOT = Path(__file__).parents[1]
SAM = ROOT / ".tools/sam/bin/sam"
_BUCKET = "Files"
type Sam = Callable[[Side, Sequence[str]], None]


def by_sam(side: Side, words: Sequence[str]) -> None:
    """Run it; CannotTellError with its last words if it fails, or is not there."""
    command = [str(SAM), *words, "--profile", side.profile]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    except OSError as error:
        raise CannotTellError(f"{error}: `make build` installs it") from error
    if done.returncode:
        raise CannotTellError(" ".join(done.stderr.split())[-500:])


class Stacks:
    """The stacks of one run."""

    def __init__(self, ground: Ground, sam: Sam = by_sam) -> None:
        """Nothing is deployed yet."""
        self._ground, self._sam = ground, sam

    def deploy(self, *, incremental: bool) -> str:
        """Both, in the guide's order; or bring them to what they should be."""
        source, backup = self._ground.source, self._ground.vault
        given = {
            "DbTag": f"{TAG}={self._ground.run}",
            "BackupAccountId": backup.account,
            "BackupKmsKeyId": f"alias/{self._ground.run}",
            "BackupRoleName": f"{self._ground.run}-writer",
            "FunctionRoleName": f"{self._ground.run}-function",
            "SnapshotPrefix": self._ground.run,
            "BackupsToKeep": "1",
            "KeepAtLeastDays": "0",
            "ScheduleState": "DISABLED",
            "TagGuard": self._guard(),
            "Incremental": "true" if incremental else "false",
            "BackupRegion": backup.region if backup.region != source.region else "",
        }
        self._deploy(source, ".aws-sam/build/template.yaml", given)
        # The guide: the second stack's parameters are those of the first one's output.
        told = shlex.split(self.outputs(source)["NextCommand"])
        given = dict(word.split("=", 1) for word in told if "=" in word)
        given |= {
            "KeyAdministrators": self._administrator(),
            "BackupKeyAlias": f"alias/{self._ground.run}",
            "KeepAtLeastDays": "0",
            "DrillSchedule": "rate(1 day)",
            "ScheduleState": "DISABLED",
        }
        self._deploy(backup, ".aws-sam/backup/template.yaml", given)
        return "both stacks are deployed"

    def outputs(self, side: Side) -> Mapping[str, str]:
        """What the stack of an account says; CannotTellError if it is not there."""
        told = side.ask("cloudformation", "describe_stacks", StackName=self._named(side))
        if told.refused:
            raise CannotTellError(f"the stacks are not deployed (PARTS=stacks): {told.words}")
        return {each["OutputKey"]: each["OutputValue"] for each in told["Stacks"][0]["Outputs"]}

    def resource(self, side: Side, logical: str) -> str:
        """What a resource of an account's stack is called."""
        told = side.ask(
            "cloudformation",
            "describe_stack_resource",
            StackName=self._named(side),
            LogicalResourceId=logical,
        )
        return str(told["StackResourceDetail"]["PhysicalResourceId"])

    def _named(self, side: Side) -> str:
        return self._ground.named(side.name)

    def _guard(self) -> str:
        """Off, if the account denies a first copy under it, as the handbook says."""
        found = self._ground.file.answers.get("null_tag", {}).get("value")
        return "off" if found == "denied" else "on"

    def _administrator(self) -> str:
        """The role behind the backup profile, with its path."""
        kind, _, rest = self._ground.backup.caller.split(":")[5].partition("/")
        if kind != "assumed-role":
            raise CannotTellError("BACKUP_PROFILE is no role, and only a role administers the key")
        told = self._ground.backup.ask("iam", "get_role", RoleName=rest.split("/")[0])
        return str(told["Role"]["Arn"])

    def _deploy(self, side: Side, template: str, parameters: Mapping[str, str]) -> None:
        self._ground.say(f"{side.name}: deploying {template}")
        words = ["deploy", "--template-file", template, "--stack-name", self._named(side)]
        words += ["--no-resolve-s3", "--s3-bucket", self._bucket(side), "--region", side.region]
        words += ["--capabilities", "CAPABILITY_NAMED_IAM", "--no-confirm-changeset"]
        words += ["--no-fail-on-empty-changeset", "--tags", f"{TAG}={self._ground.run}"]
        given = [f'{name}="{value}"' for name, value in parameters.items()]
        self._sam(side, [*words, "--parameter-overrides", *given])

    def _bucket(self, side: Side) -> str:
        stack, name = self._ground.named("files"), self._ground.named(side.account, side.region)
        made = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name}}
        told = side.ask(
            "cloudformation",
            "create_stack",
            StackName=stack,
            TemplateBody=json.dumps({"Resources": {_BUCKET: made}}),
            Tags=tags_of(self._ground.run),
        )
        expect_made(told)

        def look() -> bool | None:
            (found,) = side.ask("cloudformation", "describe_stacks", StackName=stack)["Stacks"]
            return True if found["StackStatus"] == "CREATE_COMPLETE" else None

        self._ground.wait("the bucket for sam", look, minutes=10)
        return name


def of_run(side: Side, region: str, run: str | None) -> Iterator[Thing]:
    """The stacks of a run in one account and Region."""
    for found in side.listed("cloudformation", "describe_stacks", "Stacks", at=region):
        name, status = found["StackName"], found["StackStatus"]
        if bears(name, as_mapping(found.get("Tags", [])), run):
            going = status == "DELETE_IN_PROGRESS"
            yield Thing("stack", name, _remover(side, region, name), going)


def _remover(side: Side, region: str, name: str) -> Callable[[], Told]:
    """A bucket has to be empty first; the stack that has none knows no such resource."""

    def remove() -> Told:
        resource = {"StackName": name, "LogicalResourceId": _BUCKET}
        told = side.ask("cloudformation", "describe_stack_resource", at=region, **resource)
        if not told.refused:
            emptied = _empty(side, region, told["StackResourceDetail"]["PhysicalResourceId"])
            if emptied.refused:
                return emptied
        return side.ask("cloudformation", "delete_stack", at=region, StackName=name)

    return remove


def _empty(side: Side, region: str, bucket: str) -> Told:
    """Delete all that is in it, a thousand at a time."""
    while True:
        told = side.ask("s3", "list_object_versions", at=region, Bucket=bucket)
        if told.refused:
            return Told({}) if told.code == "NoSuchBucket" else told
        every = [*told.answer.get("Versions", ()), *told.answer.get("DeleteMarkers", ())]
        if not every:
            return told
        objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in every]
        told = side.ask(
            "s3", "delete_objects", at=region, Bucket=bucket, Delete={"Objects": objects}
        )
        if told.refused:
            return told
