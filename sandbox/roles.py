"""STS: who the caller is, and who may take the role in the backup account."""

import re
from datetime import timedelta
from typing import Any

from sandbox.accounts import role_session
from sandbox.calls import Ask
from sandbox.errors import AwsError
from sandbox.world import World

LONGEST_CHAINED_SECONDS = 3600
_DURATIONS = range(900, 43201)
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}")


def get_caller_identity(_world: World, ask: Ask) -> dict[str, Any]:
    """The identity behind the credentials."""
    return {"Account": ask.account, "Arn": ask.caller.arn, "UserId": ask.caller.user_id}


def assume_role(world: World, ask: Ask) -> dict[str, Any]:
    """Credentials of the one role that trusts the source account, for at most an hour.

    STS service model, AssumeRole: a role assumed with another role's credentials (role chaining)
    lasts an hour at most.
    """
    arn, name = ask.params["RoleArn"], ask.params["RoleSessionName"]
    seconds = int(ask.params.get("DurationSeconds", LONGEST_CHAINED_SECONDS))
    if seconds not in _DURATIONS or not _SESSION_NAME.fullmatch(name):
        raise AwsError("ValidationError", "1 validation error detected in the parameters")
    external_id = world.external_id
    if (
        arn != world.role_arn
        or ask.account != world.source
        or (external_id is not None and ask.params.get("ExternalId") != external_id)
    ):
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
    account, role = arn.split(":")[4], arn.rsplit("/", 1)[1]
    identity = role_session(account, role, name)
    given = world.sessions.assume(identity, ask.now + timedelta(seconds=seconds))
    return {
        "Credentials": {
            "AccessKeyId": given.access_key,
            "SecretAccessKey": given.secret_key,
            "SessionToken": given.token,
            "Expiration": given.expires,
        },
        "AssumedRoleUser": {"AssumedRoleId": identity.user_id, "Arn": identity.arn},
    }
