"""What is sent for a copy from another Region, and where a role is asked for."""

import io
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

from rds_backup.aws import account
from rds_backup.aws.account import Account
from rds_backup.aws.errors import AwsError
from rds_backup.model.inventory import Kind
from tests.support.lean import CREDENTIALS, lean

NOWHERE = Path("/nowhere")
LEGACY = {"AWS_STS_REGIONAL_ENDPOINTS": "legacy"}
type Sent = tuple[str, dict[str, list[str]]]


def account_in(region: str, folder: Path) -> Account:
    """An account as the function sees it, with the data in the folder, if it is there."""
    with patch.dict("os.environ", CREDENTIALS | LEGACY), patch.object(account, "LEAN", folder):
        return account.own.__wrapped__(region)


def watch(client: Any) -> list[Sent]:  # noqa: ANN401 - boto3's
    """Where each call of a client goes, and its parameters; all of them are refused."""
    sent: list[Sent] = []

    def refuse(request: AWSPreparedRequest, **_: Any) -> AWSResponse:  # noqa: ANN401 - botocore's
        text = request.body.decode() if isinstance(request.body, bytes) else str(request.body)
        sent.append((str(urlsplit(request.url).hostname), parse_qs(text)))
        body: Any = io.BytesIO(b"<ErrorResponse/>")
        body.stream = lambda **_: [body.read()]
        return AWSResponse(request.url, 400, HTTPHeaders(), body)

    client.meta.events.register("before-send", refuse)
    return sent


@pytest.mark.parametrize("folder", [NOWHERE, lean()], ids=["botocore's data", "trimmed"])
@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize(
    ("partition", "here", "there"),
    [
        ("aws", "eu-west-1", "eu-central-1"),
        ("aws", "eu-west-1", "eu-west-1"),
        ("aws-us-gov", "us-gov-west-1", "us-gov-east-1"),
        ("aws-us-gov", "us-gov-west-1", "us-gov-west-1"),
    ],
)
def test_only_between_the_regions_of_gov_cloud_a_copy_is_signed_twice(
    partition: str, here: str, there: str, kind: Kind, folder: Path
) -> None:
    """2.24, 2.25: called where the copy is to be; SourceRegion itself is never sent.

    The group of another Region has to be named, and only there (2.20).
    """
    rds = account_in(there, folder).rds
    sent = watch(rds.calls._client)  # noqa: SLF001 - what is sent is asked of botocore
    source = f"arn:{partition}:rds:{here}:111111111111:snapshot:name"
    group = "mine" if kind is Kind.INSTANCE else None
    with pytest.raises(AwsError):
        rds.copy(kind, source, "target", "key", {}, group)
    ((host, params),) = sent
    assert f"rds.{there}.amazonaws.com" == host
    assert "SourceRegion" not in params
    assert (here != there and kind is Kind.INSTANCE) == ("OptionGroupName" in params)
    signed = params.get("PreSignedUrl", [])
    assert (partition == "aws-us-gov" and here != there) == bool(signed)
    for url in signed:
        at = urlsplit(url)
        assert f"rds.{here}.amazonaws.com" == at.hostname
        assert [there] == parse_qs(at.query)["DestinationRegion"]


def test_a_role_is_asked_for_in_a_region_whatever_the_environment_says() -> None:
    """2.27b: sessions of the global endpoint do not work in Regions that have to be enabled."""
    sts = account_in("eu-west-1", NOWHERE).sts
    sent = watch(sts)
    with pytest.raises(Exception, match="AssumeRole"):
        sts.assume_role(RoleArn="arn:aws:iam::222222222222:role/x", RoleSessionName="name")
    assert ["sts.eu-west-1.amazonaws.com"] == [host for host, _ in sent]
