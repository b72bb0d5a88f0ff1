"""What KMS asks of a new key's policy, and what CloudTrail tells of a call that was refused."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from acceptance.ground import CannotTellError
from acceptance.keys import policy_of
from acceptance.probes.answers import Answer, refusal
from acceptance.probes.guard import under_the_role
from acceptance.run import TAG
from acceptance.sides import told_by
from acceptance.stage import Stage

_REFUSED = "DeleteDBSnapshot"


def key_policy(stage: Stage) -> Mapping[str, Answer]:
    """A key whose policy allows its maker to change that, and denies it."""
    side = stage.ground.source
    policy = policy_of(side)
    (allowed,) = policy["Statement"]
    denied = {**allowed, "Sid": "NobodyMay", "Effect": "Deny", "Action": "kms:PutKeyPolicy"}
    policy["Statement"] = [allowed, denied]
    told = side.ask(
        "kms",
        "create_key",
        Description=f"asked by the acceptance run {stage.ground.run}",
        Policy=json.dumps(policy),
        Tags=[{"TagKey": TAG, "TagValue": stage.ground.run}],
    )
    if told.refused:
        answer = refusal(told, "MalformedPolicyDocumentException", value="denied")
    else:
        answer = Answer(value="allowed", evidence=["the key was made"])
    return {"key_policy_check": answer}


def refused_event(stage: Stage) -> Mapping[str, Answer]:
    """The event of a deletion that a role may not do, of a snapshot that is not there."""
    side, name = stage.ground.source, stage.ground.fresh("refused")
    began = stage.ground.clock() - timedelta(minutes=1)
    told = told_by(under_the_role(stage), "delete_db_snapshot", DBSnapshotIdentifier=name)
    if not told.refused:
        raise CannotTellError("a role that may not delete was not refused")

    def look() -> dict[str, Any] | None:
        wanted = [{"AttributeKey": "EventName", "AttributeValue": _REFUSED}]
        listed = side.ask("cloudtrail", "lookup_events", LookupAttributes=wanted, StartTime=began)
        for event in listed["Events"]:
            found: dict[str, Any] = json.loads(event["CloudTrailEvent"])
            by = str(found["userIdentity"].get("arn"))
            if found.get("errorCode") and stage.ground.named("guard") in by:
                return found
        return None

    event = stage.ground.wait("the event in CloudTrail", look, minutes=40, every=4)
    given = event["requestParameters"] or {}
    kept = name in given.values()
    evidence = [told.words, f"members: {', '.join(sorted(event))}", f"requestParameters: {given}"]
    return {"refused_event": Answer(value="kept" if kept else "absent", evidence=evidence)}
