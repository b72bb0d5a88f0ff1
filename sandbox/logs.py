"""CloudWatch Logs, as far as somebody removes log groups: found by name, told by their tags."""

from typing import Any

from sandbox.calls import Ask
from sandbox.errors import AwsError
from sandbox.world import World


def describe_groups(world: World, ask: Ask) -> dict[str, Any]:
    """The log groups whose names begin so, in one page, without their tags."""
    prefix, place = ask.params.get("logGroupNamePrefix", ""), (ask.account, ask.region)
    found = [name for name in sorted(world.log_groups[place]) if name.startswith(prefix)]
    return {"logGroups": [{"logGroupName": name, "logGroupArn": _arn(ask, name)} for name in found]}


def list_tags(world: World, ask: Ask) -> dict[str, Any]:
    """The tags of a log group, which its ARN names."""
    name = ask.params["resourceArn"].split(":", 6)[6]
    return {"tags": _found(world, ask, name)[name]}


def delete_group(world: World, ask: Ask) -> dict[str, Any]:
    """Delete a log group."""
    name = ask.params["logGroupName"]
    del _found(world, ask, name)[name]
    return {}


def _found(world: World, ask: Ask, name: str) -> dict[str, dict[str, str]]:
    groups = world.log_groups[ask.account, ask.region]
    if name not in groups:
        raise AwsError("ResourceNotFoundException", f"The log group {name} does not exist.", 400)
    return groups


def _arn(ask: Ask, name: str) -> str:
    return f"arn:aws:logs:{ask.region}:{ask.account}:log-group:{name}"
