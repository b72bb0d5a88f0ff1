"""STS and IAM: who the caller is, who may take a role, and what is told of one.

Decides by the trust policies; what these say is in ``iam``.
"""

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from sandbox.accounts import role_id, role_session
from sandbox.calls import Ask
from sandbox.errors import AwsError
from sandbox.iam.policies import Request, allows
from sandbox.iam.stack_roles import Role, trust_policy
from sandbox.rds.tags import as_list
from sandbox.world import World

LONGEST_CHAINED_SECONDS = 3600
_LONGEST_SECONDS = 3600  # the maximum session duration of a role of which nothing is said
_DURATIONS = range(900, 43201)
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}")


def get_caller_identity(_world: World, ask: Ask) -> dict[str, Any]:
    """The identity behind the credentials."""
    return {"Account": ask.account, "Arn": ask.caller.arn, "UserId": ask.caller.user_id}


def assume_role(world: World, ask: Ask) -> dict[str, Any]:
    """Credentials of a role whose trust policy admits the caller, for at most an hour.

    STS service model, AssumeRole: a role assumed with another role's credentials (role chaining)
    lasts an hour at most.
    """
    arn, name = ask.params["RoleArn"], ask.params["RoleSessionName"]
    seconds = int(ask.params.get("DurationSeconds", LONGEST_CHAINED_SECONDS))
    if seconds not in _DURATIONS or not _SESSION_NAME.fullmatch(name):
        raise AwsError("ValidationError", "1 validation error detected in the parameters")
    role = next((role for role in world.roles if role.arn == arn), None)
    if role is None or not _trusts(world, role, ask):
        raise AwsError(
            "AccessDenied",
            f"User: {ask.caller.arn} is not authorized to perform: sts:AssumeRole "
            f"on resource: {arn}",
        )
    if seconds > LONGEST_CHAINED_SECONDS:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining",
        )
    identity = role_session(role.account, role.name, name)
    given = world.sessions.assume(identity, ask.now + timedelta(seconds=seconds), ask.region)
    return {
        "Credentials": {
            "AccessKeyId": given.access_key,
            "SecretAccessKey": given.secret_key,
            "SessionToken": given.token,
            "Expiration": given.expires,
        },
        "AssumedRoleUser": {"AssumedRoleId": identity.user_id, "Arn": identity.arn},
    }


def get_role(world: World, ask: Ask) -> dict[str, Any]:
    """The role of this name in the caller's account."""
    name = ask.params["RoleName"]
    for role in world.roles:
        if (role.account, role.name) == (ask.account, name):
            return {"Role": role_answer(world, role)}
    raise AwsError("NoSuchEntity", f"The role with name {name} cannot be found.")


def _trusts(world: World, role: Role, ask: Ask) -> bool:
    given = ask.params.get("ExternalId")
    context = {} if given is None else {"sts:ExternalId": given}
    policy = trust_policy(role, world.external_id)
    return allows(policy, Request(ask.caller, "sts:AssumeRole", context))


def role_answer(world: World, role: Role) -> dict[str, Any]:
    """The role as GetRole and CreateRole answer it."""
    policy = json.dumps(trust_policy(role, world.external_id))
    found: dict[str, Any] = {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role_id(role.account, role.name),
        "Arn": role.arn,
        "CreateDate": role.created_at,
        "AssumeRolePolicyDocument": quote(policy, safe=""),
        "MaxSessionDuration": _LONGEST_SECONDS,
    }
    if role.tags:
        found["Tags"] = as_list(role.tags)
    if role.boundary:
        found["PermissionsBoundary"] = {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": role.boundary,
        }
    return found
