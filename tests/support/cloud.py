"""Lambda and CloudFormation as the command line meets them: their answers on the wire.

Real clients of boto3 ask; what they would send is answered here, as the services' API references
say, so that parsing, error codes and configuration are botocore's own.
"""

import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar
from unittest.mock import patch
from urllib.parse import parse_qs, unquote

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from moto.core.models import botocore_stubber

from sandbox.serving.lambda_runtime import Function

type Invoked = Callable[[Any], tuple[object, bool]]
_STACK_ERROR = """<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>
<Message>{message}</Message></Error><RequestId>1</RequestId></ErrorResponse>"""
_STACK_RESOURCE = """<DescribeStackResourceResponse><DescribeStackResourceResult>
<StackResourceDetail><PhysicalResourceId>{name}</PhysicalResourceId></StackResourceDetail>
</DescribeStackResourceResult></DescribeStackResourceResponse>"""


@dataclass
class Cloud:
    """Functions and stacks by name, who may not invoke, and what was asked.

    A function takes an event, and gives its answer and whether that is an error.  A stack has the
    name of its function for looks, or None; ``parts`` are the logical ids that were looked up.
    """

    functions: dict[str, Invoked] = field(default_factory=dict)
    stacks: dict[str, str | None] = field(default_factory=dict)
    denied: frozenset[str] = frozenset()
    invoked: list[tuple[str, Any]] = field(default_factory=list)
    clients: list[Any] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    def answer(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        """The answer to one request, as botocore receives it."""
        found = re.search(r"/functions/([^/]+)/invocations", request.url)
        return self._invoke(request, unquote(found[1])) if found else self._stack(request)

    def _invoke(self, request: AWSPreparedRequest, name: str) -> AWSResponse:
        if "Invoke" in self.denied:
            message = f"not authorized to perform: lambda:InvokeFunction on {name}"
            return _error(request, 403, "AccessDeniedException", message)
        if name not in self.functions:
            return _error(request, 404, "ResourceNotFoundException", f"Function not found: {name}")
        event = json.loads(_text(request.body))
        self.invoked.append((name, event))
        said, failed = self.functions[name](event)
        headers = {"X-Amz-Function-Error": "Unhandled"} if failed else {}
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        return _response(request, 200, body, headers)

    def _stack(self, request: AWSPreparedRequest) -> AWSResponse:
        asked = parse_qs(_text(request.body))
        name, part = asked["StackName"][0], asked["LogicalResourceId"][0]
        self.parts.append(part)
        if "DescribeStackResource" in self.denied:
            body = _STACK_ERROR.format(code="AccessDenied", message="not authorized")
            return _response(request, 403, body.encode())
        if name not in self.stacks:
            message = f"Stack '{name}' does not exist"
        elif self.stacks[name] is None:
            message = f"Resource {part} does not exist for stack {name}"
        else:
            body = _STACK_RESOURCE.format(name=self.stacks[name])
            return _response(request, 200, body.encode())
        body = _STACK_ERROR.format(code="ValidationError", message=message)
        return _response(request, 400, body.encode())


class _Session(boto3.Session):
    """A session whose clients reach a cloud, and no network."""

    cloud: ClassVar[Cloud]

    def client(self, name: str, **options: Any) -> Any:  # type: ignore[override]  # noqa: ANN401
        made = super().client(name, **options)  # type: ignore[call-overload]
        made.meta.events.unregister("before-send", botocore_stubber)  # moto's, in a sandbox
        made.meta.events.register("before-send", self.cloud.answer)
        self.cloud.clients.append(made)
        return made


@contextmanager
def clouded(cloud: Cloud) -> Iterator[Cloud]:
    """While it lasts, the command line asks this cloud, whatever its credentials are."""
    _Session.cloud = cloud
    with (
        patch("rds_backup.aws.deployed.Session", _Session),
        patch.dict("os.environ", AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x"),
    ):
        yield cloud


def answering(function: Function) -> Invoked:
    """A deployed function, as Lambda invokes it."""

    def invoke(event: Any) -> tuple[object, bool]:  # noqa: ANN401 - whatever JSON says
        done = function.invoke(event)
        if done.error is None:
            return done.result, False
        kind = type(done.error).__name__
        return {"errorMessage": str(done.error), "errorType": kind, "stackTrace": []}, True

    return invoke


def _error(request: AWSPreparedRequest, status: int, code: str, message: str) -> AWSResponse:
    body = json.dumps({"Type": "User", "Message": message}).encode()
    return _response(request, status, body, {"x-amzn-ErrorType": code})


def _response(
    request: AWSPreparedRequest, status: int, body: bytes, headers: Mapping[str, str] | None = None
) -> AWSResponse:
    found: Any = HeadersDict(headers or {})  # the stubs want a class of the standard library
    return AWSResponse(request.url, status, found, _Raw(body))


class _Raw(io.BytesIO):
    """A body as urllib3 hands it over."""

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.read()


def _text(body: object) -> str:
    return body.decode() if isinstance(body, bytes) else str(body)
