"""With botocore's data trimmed, calls go where botocore sends them: in every Region there is."""

import io
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from rds_backup.aws import account
from rds_backup.aws.functions import FunctionAnswer, Functions
from tests.support.lean import CREDENTIALS, REGION, lean

NOWHERE = Path("/nowhere")
CALLS: dict[str, tuple[str, dict[str, str]]] = {
    "iam": ("get_role", {"RoleName": "role"}),
    "kms": ("describe_key", {"KeyId": "key"}),
    "lambda": ("invoke", {"FunctionName": "function"}),
    "rds": ("describe_account_attributes", {}),
    "sts": ("get_caller_identity", {}),
}


@cache
def session(folder: Path) -> Session:
    """A session as the function makes it, with the data in the folder, if it is there."""
    with patch.dict("os.environ", CREDENTIALS), patch.object(account, "LEAN", folder):
        made = account.own.__wrapped__(REGION)
    found: Session = made._session._session  # noqa: SLF001 - botocore's, in boto3's, in ours
    return found


@cache
def regions() -> frozenset[str]:
    """Every Region of every partition."""
    partitions = session(NOWHERE).get_data("partitions")["partitions"]
    return frozenset(name for partition in partitions for name in partition["regions"])


def names(service: str) -> frozenset[str]:
    """What stands for an endpoint of the service beside the Regions, such as `us-east-1-fips`."""
    own = session(NOWHERE)
    return frozenset(
        name
        for partition in own.get_available_partitions()
        for name in own.get_available_regions(service, partition, allow_non_regional=True)
    )


def sent_to(service: str, region: str, folder: Path, *, dual: bool, fips: bool) -> str:
    """Where a call goes and what it is signed for, or why there is no such endpoint."""
    sent: list[str] = []

    def refuse(request: AWSPreparedRequest, **_: Any) -> AWSResponse:  # noqa: ANN401 - botocore's
        sent.append(f"{request.url} {request.headers['Authorization']!r}".split("/aws4_request")[0])
        body: Any = io.BytesIO(b"{}" if service in ("kms", "lambda") else b"<ErrorResponse/>")
        body.stream = lambda **_: [body.read()]
        return AWSResponse(request.url, 400, HTTPHeaders(), body)

    call, arguments = CALLS[service]
    config = Config(use_dualstack_endpoint=dual, use_fips_endpoint=fips)
    try:
        client: Any = session(folder).create_client(service, region, config=config)
        client.meta.events.register("before-send", refuse)
        getattr(client, call)(**arguments)
    except (BotoCoreError, ClientError) as error:
        return sent[0] if sent else str(error)
    raise AssertionError(sent)


@pytest.mark.parametrize("service", CALLS)
@pytest.mark.parametrize("dual", [False, True])
@pytest.mark.parametrize("fips", [False, True])
def test_a_call_goes_where_it_went(service: str, dual: bool, fips: bool) -> None:  # noqa: FBT001
    """Plain, FIPS and dual-stack."""
    plain = not dual and not fips
    for region in sorted(regions() | names(service) if plain else regions()):
        expected, found = (
            sent_to(service, region, folder, dual=dual, fips=fips) for folder in (NOWHERE, lean())
        )
        assert expected == found, region


def test_the_regions_are_known_as_before() -> None:
    """The partitions, too, as far as the services go."""
    whole, trimmed = session(NOWHERE), session(lean())
    assert whole.get_available_partitions() == trimmed.get_available_partitions()
    for service, partition in product(CALLS, whole.get_available_partitions()):
        expected = whole.get_available_regions(service, partition, allow_non_regional=True)
        assert expected == trimmed.get_available_regions(
            service, partition, allow_non_regional=True
        )


def test_a_function_is_asked_with_the_trimmed_data() -> None:
    """What it is sent, what it answers, and that it failed: no member of either is dropped."""

    def answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse:  # noqa: ANN401 - botocore's
        assert isinstance(request.body, bytes)
        sent.append(request.body)
        body: Any = io.BytesIO(b'{"errorMessage": "no"}')
        body.stream = lambda **_: [body.read()]
        headers = HTTPHeaders.from_dict({"X-Amz-Function-Error": "Unhandled"})
        return AWSResponse(request.url, 200, headers, body)

    sent: list[bytes] = []
    client: Any = session(lean()).create_client("lambda", REGION)
    client.meta.events.register("before-send", answer)
    found = Functions(client).ask("probe", {"host": "h", "port": 1})
    assert FunctionAnswer({"errorMessage": "no"}, failed=True) == found
    assert [b'{"host": "h", "port": 1}'] == sent
