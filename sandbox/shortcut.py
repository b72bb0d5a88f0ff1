"""The way from botocore to the gate within one process, for the services that the gate answers.

moto looks for the service among the patterns of all that it knows, and makes a WSGI request of what
botocore sends, which takes most of a call's time.  Here the host names the service, and moto's own
parser reads what was sent.  A port (``serving.server``) and other services keep moto's way.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl, urlsplit

from botocore.awsrequest import AWSPreparedRequest
from moto.core.models import botocore_stubber
from moto.core.responses import BaseResponse

type Responders = Mapping[str, type[BaseResponse]]
_FORM = "application/x-www-form-urlencoded"


@contextmanager
def straight_to(responders: Responders) -> Iterator[None]:
    """Hand every request for one of these services to its class."""
    as_moto_does = botocore_stubber.process_request

    def process(request: AWSPreparedRequest) -> Any:  # noqa: ANN401 - moto's
        responder = responders.get(_service(request.url))
        if responder is None:
            return as_moto_does(request)
        return read(responder, request).call_action()

    with patch.object(botocore_stubber, "process_request", process):
        yield


def read(responder: type[BaseResponse], request: AWSPreparedRequest) -> BaseResponse:
    """What was sent, as moto reads it: all that the gate and moto's KMS ask for."""
    response = responder()
    headers = {name: _text(value) for name, value in request.headers.items()}
    response.body, response.headers, response.response_headers = (
        _text(request.body or ""),
        headers,
        {},
    )
    response.uri, response.path = request.url, urlsplit(request.url).path
    response.region = response.get_region_from_url(response, request.url)
    response.querystring = {}
    if headers.get("Content-Type", "").startswith(_FORM):
        # A class has a hash, too, which mypy does not see.
        said = _form(responder, response.body)  # type: ignore[arg-type]
        response.querystring, response.params = said
    return response


@lru_cache(maxsize=500)
def _form(responder: type[BaseResponse], body: str) -> tuple[dict[str, Any], Any]:
    """What the query protocol says: word by word, and as the parameters of an operation."""
    response, values = responder(), dict(parse_qsl(body, keep_blank_values=True))
    response.querystring, response.uri_match = {k: [value] for k, value in values.items()}, {}
    sent: Any = SimpleNamespace(  # all that moto looks at
        method="POST", content_type=_FORM, values=values, headers={}, data=body, path="/"
    )
    response.parse_parameters(sent)
    return response.querystring, response.params


@cache
def _service(url: str) -> str:
    """The first word of the host: ``rds`` of rds.eu-west-1.amazonaws.com; none of other hosts."""
    host = urlsplit(url).hostname or ""
    return host.partition(".")[0] if ".amazonaws.com" in host else ""


def _text(value: Any) -> str:  # noqa: ANN401 - botocore's stubs say more than these services send
    """Text that is sent as bytes or as it is."""
    return value.decode() if isinstance(value, bytes) else str(value)
