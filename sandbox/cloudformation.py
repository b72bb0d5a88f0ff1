"""CloudFormation's stacks: those that somebody has, and one that makes a bucket.

Decides when a stack is gone.  What other resources do is not played: a stack that tests put here
says which there are.
"""

import json
from datetime import timedelta
from typing import Any

from moto.core.responses import BaseResponse
from moto.s3.models import s3_backends

from sandbox.calls import Ask
from sandbox.errors import AwsError
from sandbox.stacks import Stack
from sandbox.world import World

_BUCKET = "AWS::S3::Bucket"
_DELETING = timedelta(minutes=2)
# moto's S3 has one account of its own, whoever calls.
_OF_MOTO = "123456789012"


class CloudFormationResponse(BaseResponse):
    """Reads the calls; moto's own class would need more than is installed."""

    def __init__(self) -> None:
        """Of the query protocol, as RDS."""
        super().__init__(service_name="cloudformation")


def create_stack(world: World, ask: Ask) -> dict[str, Any]:
    """Make the one bucket of a template, at once."""
    name, resources = ask.params["StackName"], json.loads(ask.params["TemplateBody"])["Resources"]
    if any(each.name == name for each in _stacks(world, ask)):
        raise AwsError("AlreadyExistsException", f"Stack [{name}] already exists")
    ((logical, made),) = resources.items()
    if made["Type"] != _BUCKET:
        raise AwsError("InvalidAction", f"The sandbox makes no {made['Type']}.")
    bucket = made["Properties"]["BucketName"]
    s3_backends[_OF_MOTO]["aws"].create_bucket(bucket, ask.region)
    stack = Stack(
        name=name,
        account=ask.account,
        region=ask.region,
        created_at=ask.now,
        tags={tag["Key"]: tag["Value"] for tag in ask.params.get("Tags", ())},
        resources={logical: bucket},
        bucket=bucket,
    )
    world.stacks.append(stack)
    return {"StackId": _id(stack)}


def describe_stacks(world: World, ask: Ask) -> dict[str, Any]:
    """All stacks that are not deleted, or one by its name (API: DescribeStacks)."""
    wanted, found = ask.params.get("StackName"), _stacks(world, ask)
    if wanted is not None:
        found = [_named(world, ask)]
    return {"Stacks": [_answer(stack) for stack in found]}


def describe_resource(world: World, ask: Ask) -> dict[str, Any]:
    """Which thing a resource of a stack is."""
    stack, logical = _named(world, ask), ask.params["LogicalResourceId"]
    if logical not in stack.resources:
        raise AwsError("ValidationError", f"Resource {logical} does not exist", 400)
    detail = {"LogicalResourceId": logical, "PhysicalResourceId": stack.resources[logical]}
    return {"StackResourceDetail": detail}


def delete_stack(world: World, ask: Ask) -> dict[str, Any]:
    """Begin to delete a stack, if it is there; one whose bucket has something in it fails."""
    for stack in _stacks(world, ask):
        if stack.name == ask.params["StackName"] and stack.gone_at is None:
            buckets = s3_backends[_OF_MOTO]["aws"]
            if stack.bucket and buckets.get_bucket(stack.bucket).keys:
                stack.status = "DELETE_FAILED"
                continue
            if stack.bucket:
                buckets.delete_bucket(stack.bucket)
            stack.status, stack.gone_at = "DELETE_IN_PROGRESS", ask.now + _DELETING
    return {}


def _stacks(world: World, ask: Ask) -> list[Stack]:
    world.stacks = [s for s in world.stacks if s.gone_at is None or s.gone_at > ask.now]
    return [s for s in world.stacks if (s.account, s.region) == (ask.account, ask.region)]


def _named(world: World, ask: Ask) -> Stack:
    name = ask.params["StackName"]
    for stack in _stacks(world, ask):
        if name in (stack.name, _id(stack)):
            return stack
    raise AwsError("ValidationError", f"Stack with id {name} does not exist", 400)


def _id(stack: Stack) -> str:
    return f"arn:aws:cloudformation:{stack.region}:{stack.account}:stack/{stack.name}/0"


def _answer(stack: Stack) -> dict[str, Any]:
    return {
        "StackId": _id(stack),
        "StackName": stack.name,
        "CreationTime": stack.created_at,
        "StackStatus": stack.status,
        "Outputs": [{"OutputKey": k, "OutputValue": v} for k, v in stack.outputs.items()],
        "Tags": [{"Key": k, "Value": v} for k, v in stack.tags.items()],
    }
