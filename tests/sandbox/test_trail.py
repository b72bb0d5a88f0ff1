"""CloudTrail's history: what was called, by whom, and with which parameters."""

import json
from typing import Any

import pytest

from sandbox import Sandbox, Switches
from tests.sandbox.families import refused


def events(aws: Sandbox) -> list[dict[str, Any]]:
    """What it tells of deletions in the source account."""
    wanted = [{"AttributeKey": "EventName", "AttributeValue": "DeleteDBSnapshot"}]
    found = aws.source.client("cloudtrail").lookup_events(LookupAttributes=wanted)["Events"]
    return [json.loads(event["CloudTrailEvent"]) for event in found]


def deleted(aws: Sandbox, name: str) -> None:
    """One deletion that is refused, as all of what is not there."""
    with refused("DBSnapshotNotFound", status=404):
        aws.source.client("rds").delete_db_snapshot(DBSnapshotIdentifier=name)


def test_a_call_is_an_event_some_minutes_later(aws: Sandbox) -> None:
    """15.6: in its own account, with an error code if it was refused."""
    deleted(aws, "nothing")
    assert [] == events(aws)
    aws.clock.advance(minutes=10)
    (event,) = events(aws)

    assert ("DeleteDBSnapshot", "DBSnapshotNotFound") == (event["eventName"], event["errorCode"])
    assert event["userIdentity"]["arn"] == aws.source.person.identity.arn


@pytest.mark.parametrize(
    ("switches", "shown"),
    [
        (Switches(), {"dBSnapshotIdentifier": "nothing"}),
        (Switches(refused_event="absent"), None),
    ],
    ids=["kept", "absent"],
)
def test_the_event_of_a_refused_call_may_lack_its_parameters(
    aws: Sandbox, shown: dict[str, str] | None
) -> None:
    """15.6: nothing is said of it."""
    deleted(aws, "nothing")
    aws.clock.advance(minutes=10)
    (event,) = events(aws)

    assert shown == event["requestParameters"]
