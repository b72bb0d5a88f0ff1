"""IAM's roles that somebody makes by calls: CreateRole, its inline policies, and the end of it.

What its policies allow is not judged: the sandbox plays no policies of callers.
"""

import json
from typing import Any

from sandbox.calls import Ask
from sandbox.errors import AwsError
from sandbox.iam.roles import role_answer
from sandbox.iam.stack_roles import Role
from sandbox.world import World


def create_role(world: World, ask: Ask) -> dict[str, Any]:
    """A role with its trust policy and tags."""
    params = ask.params
    name, path = params["RoleName"], params.get("Path", "/")
    if any((role.account, role.name) == (ask.account, name) for role in world.roles):
        raise AwsError("EntityAlreadyExists", f"Role with name {name} already exists.")
    made = Role(
        arn=f"arn:aws:iam::{ask.account}:role{path}{name}",
        created_at=ask.now,
        tags={tag["Key"]: tag["Value"] for tag in params.get("Tags", ())},
        document=json.loads(params["AssumeRolePolicyDocument"]),
    )
    world.roles = (*world.roles, made)
    return {"Role": role_answer(world, made)}


def put_policy(world: World, ask: Ask) -> dict[str, Any]:
    """Give a role an inline policy, in the place of one of the same name."""
    _found(world, ask).policies[ask.params["PolicyName"]] = ask.params["PolicyDocument"]
    return {}


def delete_policy(world: World, ask: Ask) -> dict[str, Any]:
    """Take an inline policy from a role."""
    policies, name = _found(world, ask).policies, ask.params["PolicyName"]
    if name not in policies:
        raise AwsError("NoSuchEntity", f"The role policy with name {name} cannot be found.")
    del policies[name]
    return {}


def delete_role(world: World, ask: Ask) -> dict[str, Any]:
    """Delete a role that has no policies any more."""
    role = _found(world, ask)
    if role.policies:
        raise AwsError("DeleteConflict", "Cannot delete entity, must delete policies first.")
    world.roles = tuple(each for each in world.roles if each is not role)
    return {}


def list_roles(world: World, ask: Ask) -> dict[str, Any]:
    """The account's roles under a path, in one page, without their tags (IAM API, ListRoles)."""
    path = ask.params.get("PathPrefix", "/")
    found = [role for role in world.roles if role.account == ask.account]
    shown = [role_answer(world, role) for role in found if role.path.startswith(path)]
    untagged = [{k: v for k, v in each.items() if k != "Tags"} for each in shown]
    return {"Roles": untagged, "IsTruncated": False}


def _found(world: World, ask: Ask) -> Role:
    name = ask.params["RoleName"]
    for role in world.roles:
        if (role.account, role.name) == (ask.account, name):
            return role
    raise AwsError("NoSuchEntity", f"The role with name {name} cannot be found.")
