"""CloudTrail's history of events: the calls of an account, some minutes later."""

import json
from datetime import timedelta
from typing import Any

from sandbox.calls import Ask, Call
from sandbox.errors import AwsError
from sandbox.world import World

_LATE = timedelta(minutes=5)


def lookup_events(world: World, ask: Ask) -> dict[str, Any]:
    """The events of one operation, in one page, the newest first."""
    ((key, name),) = [one.values() for one in ask.params["LookupAttributes"]]
    if key != "EventName":
        raise AwsError("InvalidAction", "The sandbox looks up events by their name only.", 400)
    found = [
        {
            "EventName": name,
            "EventTime": call.at.timestamp(),
            "CloudTrailEvent": _event(world, call),
        }
        for call in reversed(world.calls)
        if (call.account, call.operation) == (ask.account, name) and call.at + _LATE <= ask.now
    ]
    return {"Events": found}


def _event(world: World, call: Call) -> str:
    """As JSON; parameters begin with a small letter (CloudTrail guide: Record contents)."""
    shown = call.error is None or world.switches.refused_event == "kept"
    names = {f"{name[0].lower()}{name[1:]}": value for name, value in call.params.items()}
    told = {
        "eventSource": f"{call.service}.amazonaws.com",
        "eventName": call.operation,
        "userIdentity": {"arn": call.caller},
        "requestParameters": names if shown else None,
        **({"errorCode": call.error} if call.error else {}),
    }
    return json.dumps(told, default=str)
