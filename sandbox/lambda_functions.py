"""Lambda: functions are Python callables, called with the event while the caller waits.

Decides which function is meant, and what comes of one that raises.
"""

from typing import Any

from sandbox.calls import Ask
from sandbox.errors import AwsError
from sandbox.rds.databases import Database
from sandbox.rds.restores import REACHABLE
from sandbox.world import Function, World

_PARTS = 7
# How many seconds a function takes before it does anything.
_TAKES = 3


def invoke(world: World, ask: Ask) -> dict[str, Any]:
    """What the function answers; an error of its own is an answer, too."""
    if ask.params["InvocationType"] != "RequestResponse":
        raise AwsError("InvalidAction", "The sandbox plays synchronous calls only.", 400)
    account, name = _named(ask, ask.params["FunctionName"])
    function = world.functions.get((account, name))
    if function is None:
        arn = f"arn:aws:lambda:{ask.region}:{account}:function:{name}"
        raise AwsError("ResourceNotFoundException", f"Function not found: {arn}")
    if world.timeouts.get((account, name), _TAKES) < _TAKES:
        return _failed("Sandbox.Timedout", "Error: Task timed out")
    try:
        return {"StatusCode": 200, "Payload": function(ask.params["Payload"])}
    except Exception as error:  # noqa: BLE001 - Lambda catches everything, too
        return _failed(type(error).__name__, str(error))


def _failed(kind: str, message: str) -> dict[str, Any]:
    raised = {"errorMessage": message, "errorType": kind, "stackTrace": []}
    return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": raised}


def configure(world: World, ask: Ask) -> dict[str, Any]:
    """Change after how many seconds a function is killed; one of fewer than three does nothing."""
    place = account, name = _named(ask, ask.params["FunctionName"])
    if place not in world.functions:
        raise AwsError("ResourceNotFoundException", f"Function not found: {name} of {account}")
    world.timeouts[place] = ask.params["Timeout"]
    return {"Payload": {"FunctionName": name, "Timeout": ask.params["Timeout"]}}


def _named(ask: Ask, text: str) -> tuple[str, str]:
    """Account and name; a function of another account is denied, since none has a policy here."""
    if not text.startswith("arn:"):
        return ask.account, text
    parts = text.split(":")
    if len(parts) != _PARTS or parts[3] != ask.region:
        raise AwsError("ResourceNotFoundException", f"Function not found: {text}")
    if parts[4] != ask.account:
        raise AwsError(
            "AccessDeniedException",
            f"User: {ask.caller.arn} is not authorized to perform: lambda:InvokeFunction on "
            f"resource: {text}",
        )
    return parts[4], parts[6]


def probing(world: World, account: str, group: str) -> Function:
    """The probe of the drill's network: it reaches the account's databases in a security group."""

    def probe(event: Any) -> dict[str, Any]:  # noqa: ANN401 - an event is whatever JSON says
        wanted = event["host"], event["port"]
        found = [d for place in world.databases.values() for d in place.values()]
        for database in found:
            if database.account == account and database.endpoint == wanted:
                if _admits(world, database, group) and _reached(world, database):
                    return {"ok": True, "milliseconds": 12}
                return {"ok": False, "reason": "the connection timed out"}
        return {"ok": False, "reason": "the name is not known"}

    return probe


def _admits(world: World, database: Database, group: str) -> bool:
    """A member is in the security groups of its cluster."""
    clusters = world.databases[database.account, database.region, "cluster"]
    owner = clusters.get(database.member_of or "", database)
    groups = owner.fields.get("VpcSecurityGroups", ())
    return group in [found["VpcSecurityGroupId"] for found in groups]


def _reached(world: World, database: Database) -> bool:
    """A cluster is reached by its members only."""
    if database.kind == "instance":
        return database.status in REACHABLE
    instances = world.databases[database.account, database.region, "instance"]
    return any(instances[name].status in REACHABLE for name in database.members)
