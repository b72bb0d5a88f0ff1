"""The short way of a call within one process tells the gate what moto's own way would."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ClientError
from moto.core.parse import XFormedDict
from moto.core.request import normalize_request
from moto.core.responses import BaseResponse

from sandbox import Sandbox
from sandbox.gate import RESPONDERS
from sandbox.shortcut import read

TAGS = [{"Key": "backup", "Value": "a + b & c = ü"}, {"Key": "empty", "Value": ""}]
CALLS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "nothing said": ("rds", lambda rds: rds.describe_db_snapshots()),
    "yes and no": (
        "rds",
        lambda rds: rds.describe_db_snapshots(IncludeShared=True, IncludePublic=False),
    ),
    "lists of lists": (
        "rds",
        lambda rds: rds.describe_db_instances(
            Filters=[{"Name": "engine", "Values": ["mysql", "postgres"]}], MaxRecords=20
        ),
    ),
    "tags": (
        "rds",
        lambda rds: rds.copy_db_snapshot(
            SourceDBSnapshotIdentifier="one", TargetDBSnapshotIdentifier="two", Tags=TAGS
        ),
    ),
    "an empty list": (
        "rds",
        lambda rds: rds.modify_db_snapshot_attribute(
            DBSnapshotIdentifier="one", AttributeName="restore", ValuesToAdd=[]
        ),
    ),
    "sts": (
        "sts",
        lambda sts: sts.assume_role(RoleArn="arn:aws:iam::1:role/a", RoleSessionName="session"),
    ),
    "a service without a Region": ("iam", lambda iam: iam.get_role(RoleName="a")),
    "json": ("kms", lambda kms: kms.describe_key(KeyId="alias/aws/rds")),
}


def _told(response: BaseResponse) -> tuple[Any, ...]:
    params = vars(response).get("params", response.body)
    return (
        response._get_action(),  # noqa: SLF001 - as the gate asks
        response.region,
        response.get_access_key(),
        response.headers.get("X-Amz-Security-Token"),
        params.original_dict() if isinstance(params, XFormedDict) else params,
    )


@pytest.mark.parametrize("name", CALLS)
def test_the_gate_is_told_what_moto_reads(aws: Sandbox, name: str) -> None:
    """Action, Region, credentials and every parameter."""
    service, make = CALLS[name]
    sent: list[AWSPreparedRequest] = []

    def note(request: AWSPreparedRequest, **_: object) -> None:
        sent.append(request)

    client = aws.source.client(service)
    client.meta.events.register_first("before-send", note)
    with suppress(ClientError):
        make(client)
    by_moto = RESPONDERS[service]()
    by_moto.setup_class(normalize_request(sent[0]))
    assert _told(by_moto) == _told(read(RESPONDERS[service], sent[0]))


def test_another_service_is_motos(aws: Sandbox) -> None:
    """What the sandbox does not answer is none of its calls."""
    assert [] == aws.source.client("sns").list_topics()["Topics"]
    assert [] == aws.calls


def test_an_answer_is_the_callers_own(aws: Sandbox) -> None:
    """The same answer is parsed once; whoever changes what they got changes nobody else's."""
    aws.add_instance("orders", tags={"backup": "nightly"})
    rds = aws.source.client("rds")
    first = rds.describe_db_instances()
    (database,) = first["DBInstances"]
    database["TagList"].clear()
    database["Engine"] = "changed"
    del first["ResponseMetadata"]["RequestId"]
    again = rds.describe_db_instances()
    assert [{"Key": "backup", "Value": "nightly"}] == again["DBInstances"][0]["TagList"]
    assert "changed" != again["DBInstances"][0]["Engine"]
    assert again["ResponseMetadata"]["RequestId"]


def test_each_session_reads_times_in_its_own_way(aws: Sandbox) -> None:
    """The function's reads them in another way than boto3 does (`aws/account.py`)."""
    aws.add_instance("orders")
    aws.take_automated("orders")
    core = botocore.session.get_session()
    core.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=str)
    person = aws.source.person
    reader: Any = boto3.Session(
        person.access_key, person.secret_key, person.token, aws.region, core
    ).client("rds")

    boto3s, own = (rds.describe_db_snapshots() for rds in (aws.source.client("rds"), reader))
    (made,), (said,) = boto3s["DBSnapshots"], own["DBSnapshots"]
    assert made["SnapshotCreateTime"].isoformat()[:19] == said["SnapshotCreateTime"][:19]
