"""Answers and errors as the services send them: XML of the query protocol, or JSON.

Only members that an answer has are written, which makes long listings quick.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from botocore.model import ListShape, Shape, StructureShape
from moto.core.exceptions import ServiceException
from moto.core.utils import get_service_model

JSON_SERVICES = frozenset({"cloudtrail", "kms", "logs"})
type Reply = tuple[int, dict[str, str], str]
_UNMODELLED = {
    "AccessDenied": 403,
    "ExpiredToken": 403,
    "InternalError": 500,
    "InternalFailure": 500,
    "InvalidClientTokenId": 403,
    "ServiceUnavailable": 503,
}
_UNMODELLED_OF_LAMBDA = {
    "AccessDeniedException": 403,
    "ExpiredTokenException": 403,
    "UnrecognizedClientException": 403,
}
_SERVER_FAULT = 500
_REQUEST = "<RequestId>00000000-0000-0000-0000-000000000000</RequestId>"
_XML = {"content-type": "text/xml"}
_JSON = {"content-type": "application/x-amz-json-1.1"}
_JSON_OF_LAMBDA = {"content-type": "application/json"}


def answer_reply(service: str, operation: str, answer: Mapping[str, Any]) -> Reply:
    """The reply to a call that succeeded: status, headers and body."""
    if service in JSON_SERVICES:
        return 200, _JSON, json.dumps(answer)
    if service == "lambda":
        failed = answer.get("FunctionError")
        headers = {"X-Amz-Function-Error": failed} if failed else {}
        return 200, _JSON_OF_LAMBDA | headers, json.dumps(answer["Payload"])
    shape = get_service_model(service).operation_model(operation).output_shape
    parts: list[str] = []
    if shape is not None:
        _write(parts, shape, answer, f"{operation}Result")
    parts.append(f"<ResponseMetadata>{_REQUEST}</ResponseMetadata>")
    name, body = f"{operation}Response", "".join(parts)
    return 200, _XML, f'<{name} xmlns="{_namespace(service)}">{body}</{name}>'


def error_reply(service: str, error: ServiceException) -> Reply:
    """The reply to a call that failed: status, headers and body."""
    status = getattr(error, "status", None) or _statuses(service).get(error.code, 400)
    if service in JSON_SERVICES:
        return status, _JSON, json.dumps({"__type": error.code, "message": error.message})
    if service == "lambda":
        said = json.dumps({"Type": "User", "Message": error.message})
        return status, _JSON_OF_LAMBDA | {"x-amzn-ErrorType": error.code}, said
    kind = "Receiver" if status >= _SERVER_FAULT else "Sender"
    body = (
        f'<ErrorResponse xmlns="{_namespace(service)}"><Error><Type>{kind}</Type>'
        f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message></Error>"
        f"{_REQUEST}</ErrorResponse>"
    )
    return status, _XML, body


def _write(
    parts: list[str],
    shape: Shape,
    value: Any,  # noqa: ANN401 - any shape's
    name: str,
) -> None:
    """Append the value as an XML element; members it does not have are left out."""
    parts.append(f"<{name}>")
    if isinstance(shape, StructureShape):
        for key, content in value.items():
            member = shape.members[key]
            if content is not None:
                _write(parts, member, content, member.serialization.get("name", key))
    elif isinstance(shape, ListShape):
        item_name = shape.member.serialization.get("name", "member")
        for item in value:
            _write(parts, shape.member, item, item_name)
    elif isinstance(value, bool):
        parts.append("true" if value else "false")
    elif isinstance(value, datetime):
        parts.append(value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    else:
        parts.append(escape(str(value)))
    parts.append(f"</{name}>")


@cache
def _namespace(service: str) -> str:
    return str(get_service_model(service).metadata["xmlNamespace"])


@cache
def _statuses(service: str) -> Mapping[str, int]:
    """HTTP status by error code, from the service model (``error`` traits)."""
    found = _UNMODELLED | (_UNMODELLED_OF_LAMBDA if service == "lambda" else {})
    for shape in get_service_model(service).error_shapes:
        trait = shape.metadata.get("error", {})
        found[trait.get("code", shape.name)] = trait.get("httpStatusCode", 400)
    return found
