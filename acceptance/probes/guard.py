"""The condition on the marker, as the templates have it with ``TagGuard=on``, under a role.

The role may copy within the source account to names of the run's that lack the marker, as the
function may.  Without KMS: a copy under ``aws/rds`` keeps its key.
"""

import json
from collections.abc import Mapping
from typing import Any

import boto3

from acceptance.families import INSTANCE
from acceptance.found import ROLES
from acceptance.ground import CannotTellError, expect_made
from acceptance.probes.answers import Answer
from acceptance.run import tags_of
from acceptance.sides import RETRIES, Told, told_by
from acceptance.stage import Stage

MARKER = "rds-backup:managed-by"
_DENIED = ("AccessDenied", "AccessDeniedException")
_EXISTS = ("DBSnapshotAlreadyExists", "DBSnapshotAlreadyExistsFault")
_CREDENTIALS = {
    "aws_access_key_id": "AccessKeyId",
    "aws_secret_access_key": "SecretAccessKey",
    "aws_session_token": "SessionToken",
}


def marked(stage: Stage) -> Mapping[str, Answer]:
    """A first copy under a guarded permission, and a second to the same name."""
    side, source = stage.ground.source, stage.snapshot("postgres")
    client, name = under_the_role(stage), stage.ground.fresh("guarded")
    marks = _marks(stage)
    told = _copy(client, source, name, marks)
    if told.code in _DENIED:
        denied = Answer(value="denied", evidence=[told.words, _without(stage, client, source)])
        return {"null_tag": denied, "copy_onto_marked": Answer(value=None, evidence=[told.words])}
    if told.refused:
        raise CannotTellError(told.words)
    first = Answer(value="allowed", evidence=["the first copy was begun with TagGuard's condition"])
    stage.available(side, INSTANCE, name)
    told = _copy(client, source, name, marks)
    value = "denied" if told.code in _DENIED else "exists" if told.code in _EXISTS else None
    words = told.words if told.refused else "the second copy was taken"
    again = Answer(value=value, evidence=[words], fits=value is not None)
    return {"null_tag": first, "copy_onto_marked": again}


def _without(stage: Stage, client: Any, source: str) -> str:  # noqa: ANN401 - boto3's
    """Whether the same copy is allowed as the templates have it with ``TagGuard=off``."""
    name, marks = stage.ground.fresh("guarded"), _marks(stage)
    _allow(stage, guarded=False)

    def copy() -> Told | None:
        told = _copy(client, source, name, marks)
        return None if told.code in _DENIED else told

    try:
        told = stage.ground.wait("the role's new policy", copy, minutes=5)
    except CannotTellError:
        return "denied without the condition (TagGuard=off), too"
    return f"without the condition (TagGuard=off): {told.words if told.refused else 'begun'}"


def _marks(stage: Stage) -> list[dict[str, str]]:
    return [*tags_of(stage.ground.run), {"Key": MARKER, "Value": stage.ground.run}]


def _copy(client: Any, source: str, target: str, tags: list[dict[str, str]]) -> Told:  # noqa: ANN401
    names = {"SourceDBSnapshotIdentifier": source, "TargetDBSnapshotIdentifier": target}
    return told_by(client, "copy_db_snapshot", **names, Tags=tags)


def under_the_role(stage: Stage) -> Any:  # noqa: ANN401 - boto3's
    """RDS as the role sees it, once its policy is in force."""
    side, name = stage.ground.source, stage.ground.named("guard")
    trust = {"Effect": "Allow", "Principal": {"AWS": side.root}, "Action": "sts:AssumeRole"}
    told = side.ask(
        "iam",
        "create_role",
        RoleName=name,
        Path=ROLES,
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        Tags=tags_of(stage.ground.run),
    )
    expect_made(told)
    _allow(stage, guarded=True)
    arn = f"arn:{side.partition}:iam::{side.account}:role{ROLES}{name}"

    def assume() -> Any | None:  # noqa: ANN401 - as above
        taken = side.ask("sts", "assume_role", RoleArn=arn, RoleSessionName="acceptance")
        if taken.code in _DENIED:
            return None
        given = {ours: taken["Credentials"][theirs] for ours, theirs in _CREDENTIALS.items()}
        client = boto3.client("rds", region_name=side.region, config=RETRIES, **given)
        # The policy is in force once it lets the role list; or else a denial tells nothing.
        return None if told_by(client, "describe_db_snapshots").refused else client

    return stage.ground.wait("the role", assume, minutes=10)


def _allow(stage: Stage, *, guarded: bool) -> None:
    """Give the role its policy, in the place of the one it has."""
    told = stage.ground.source.ask(
        "iam",
        "put_role_policy",
        RoleName=stage.ground.named("guard"),
        PolicyName="guard",
        PolicyDocument=json.dumps(_policy(stage, guarded=guarded)),
    )
    _ = told["ResponseMetadata"]


def _policy(stage: Stage, *, guarded: bool) -> dict[str, Any]:
    """As MakeSharedCopies of template.yaml, under the run's prefix."""
    guard = {"Null": {f"aws:ResourceTag/{MARKER}": "true"}} if guarded else {}
    side, own = stage.ground.source, stage.ground.run
    arn = f"arn:{side.partition}:rds:{side.region}:{side.account}:snapshot"
    copying, source = ["rds:CopyDBSnapshot", "rds:AddTagsToResource"], f"{arn}:{own}-postgres-*"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "rds:DescribeDBSnapshots", "Resource": "*"},
            {"Effect": "Allow", "Action": "rds:CopyDBSnapshot", "Resource": source},
            {
                "Effect": "Allow",
                "Action": copying,
                "Resource": f"{arn}:{own}-guarded-*",
                "Condition": {
                    "StringEquals": {f"aws:RequestTag/{MARKER}": own},
                    **guard,
                },
            },
        ],
    }
