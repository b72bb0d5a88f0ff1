"""The server's side of every API call: moto's response classes, wrapped.

moto takes the request from botocore and reads it, so botocore's own signing, retries and parsing
run.  Then: the call is recorded, its credentials are checked, what the clock has made due happens,
hooks may interfere, and all but KMS are answered by the sandbox's own operations, KMS by
moto's.
"""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

from moto.awslambda.responses import LambdaResponse
from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.exceptions import ServiceException
from moto.core.responses import BaseResponse
from moto.iam.responses import IamResponse
from moto.kms.responses import KmsResponse
from moto.logs.responses import LogsResponse
from moto.rds.responses import RDSResponse
from moto.sts.responses import TokenResponse

from sandbox.accounts import GLOBAL, Identity
from sandbox.calls import Ask, Call
from sandbox.cloudformation import CloudFormationResponse
from sandbox.errors import AwsError
from sandbox.operations import OPERATIONS
from sandbox.wire import JSON_SERVICES, Reply, answer_reply, error_reply
from sandbox.world import World

RESPONDERS: dict[str, type[BaseResponse]] = {
    "cloudformation": CloudFormationResponse,
    "cloudtrail": CloudTrailResponse,
    "iam": IamResponse,
    "kms": KmsResponse,
    "lambda": LambdaResponse,
    "logs": LogsResponse,
    "rds": RDSResponse,
    "sts": TokenResponse,
}
_REFUSED = 300
_INVOKE = re.compile(r"/2015-03-31/functions/([^/]+)/invocations/?")
_CONFIGURATION = re.compile(r"/2015-03-31/functions/([^/]+)/configuration")
# The parameters by which calls of KMS name a key; moving an alias names two.
_NAMING_KEYS = ("KeyId", "TargetKeyId", "AliasName")


class Hook:
    """Something that interferes with calls.

    ``before`` may raise an AwsError (the answer), a botocore HTTPClientError (a connection that
    botocore retries) or any BaseException (the death of the process).  ``after`` may raise the
    same, the call having taken effect, or change the answer, a dict with AWS's names.
    """

    def before(self, call: Call) -> None:
        """Interfere before the call takes effect."""

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Interfere after the call took effect; not called for one that was refused."""


class Gate:
    """Every call of one sandbox goes through here, one at a time."""

    def __init__(self, world: World) -> None:
        """Record into ``calls``; let ``hooks`` interfere."""
        self.calls: list[Call] = []
        self.hooks: list[Hook] = []
        self.lock = threading.RLock()
        self._world = world
        world.calls = self.calls

    @contextmanager
    def open(self) -> Iterator[None]:
        """Stand in for moto's answers as long as this is open."""
        with ExitStack() as stack:
            for service, responder in RESPONDERS.items():
                stack.enter_context(_replaced(responder, service, self))
            yield

    def reply(self, service: str, response: BaseResponse) -> Reply:
        """The reply to one call, whatever it is."""
        with self.lock:
            call = Call(
                at=self._world.now,
                service=service,
                operation=_operation(service, response),
                region=_region(service, response),
                params=_params(service, response),
            )
            self.calls.append(call)
            try:
                answer = self._answer(call, response)
            except ServiceException as error:
                call.error = error.code
                return error_reply(service, error)
            except BaseException as error:
                call.error = type(error).__name__
                raise
            return answer_reply(service, call.operation, answer)

    def _answer(self, call: Call, response: BaseResponse) -> dict[str, Any]:
        caller = self._caller(call, response)
        self._world.settle()
        for hook in tuple(self.hooks):
            hook.before(call)
        if call.service == "kms":
            answer = _from_moto(self._world, call, caller, response)
        else:
            operation = OPERATIONS[call.service].get(call.operation)
            if operation is None:
                raise AwsError("InvalidAction", f"The sandbox does not play {call.operation}.")
            answer = operation(self._world, Ask(caller, call.region, call.params, call.at))
        for hook in tuple(self.hooks):
            hook.after(call, answer)
        return answer

    def _caller(self, call: Call, response: BaseResponse) -> Identity:
        access_key = response.get_access_key()
        known = self._world.sessions.identify(access_key)
        if known is not None:
            call.account, call.caller = known.account, known.arn
        token = response.headers.get("X-Amz-Security-Token", "")
        return self._world.sessions.check(call.service, call.region, access_key, token, call.at)


def _from_moto(
    world: World, call: Call, caller: Identity, response: BaseResponse
) -> dict[str, Any]:
    """The answer of moto, in the account of the key's ARN, if every key's policy allows the call.

    A key of another account can only be described.
    """
    text = call.params.get("KeyId", "")
    account = text.split(":")[4] if text.startswith("arn:") else caller.account
    action = f"kms:{call.operation}"
    names = [call.params[name] for name in _NAMING_KEYS if name in call.params]
    found = [world.keys.find(name, caller.account, call.region) for name in names]
    keys = [key for key in found if key is not None]
    foreign = account != caller.account
    if (foreign and (not keys or action != "kms:DescribeKey")) or not all(
        world.keys.allows(key, caller, action) for key in keys
    ):
        raise AwsError(
            "AccessDeniedException",
            f"User: {caller.arn} is not authorized to perform: {action} on this resource "
            "because the resource does not exist in this Region, no resource-based policies "
            "allow access, or a resource-based policy explicitly denies access",
        )
    response.current_account = account
    # moto would refuse by a statement that denies, whatever its condition and whom it names.
    response._validate_key_policy = lambda *_: None  # type: ignore[attr-defined]  # noqa: SLF001
    status, _, body = BaseResponse.call_action(response)
    answer: dict[str, Any] = json.loads(body or "null") or {}
    if status >= _REFUSED:
        raise AwsError(answer.get("__type", "KMSInternalException"), answer["message"], status)
    if call.operation == "CreateKey" and world.switches.key_policy_check == "denied":
        world.keys.refuse_lock_out(answer["KeyMetadata"]["Arn"], caller)
    return answer


@contextmanager
def _replaced(responder: type[BaseResponse], service: str, gate: Gate) -> Iterator[None]:
    """Answer through the gate; the class is as it was afterwards."""

    def call_action(self: BaseResponse) -> Reply:
        return gate.reply(service, self)

    setattr(responder, "call_action", call_action)  # noqa: B010 - not an override to a type checker
    try:
        yield
    finally:
        del responder.call_action


def _operation(service: str, response: BaseResponse) -> str:
    """What is called; Lambda's path says it."""
    if service == "lambda":
        if _CONFIGURATION.fullmatch(response.path):
            return "UpdateFunctionConfiguration"
        return "Invoke" if _INVOKE.fullmatch(response.path) else response.path
    return response._get_action()  # noqa: SLF001 - moto has no public way to ask


def _region(service: str, response: BaseResponse) -> str:
    """Where it is called; STS has an endpoint of no Region beside the regional ones."""
    host = urlsplit(getattr(response, "uri", "")).hostname
    return GLOBAL if service == "sts" and host == "sts.amazonaws.com" else response.region


def _params(service: str, response: BaseResponse) -> dict[str, Any]:
    if service == "lambda":
        return _invocation(response)
    if service in JSON_SERVICES:
        found: dict[str, Any] = json.loads(response.body or "{}")
        return found
    params = response.params
    return dict(params.original_dict() if hasattr(params, "original_dict") else params)


def _invocation(response: BaseResponse) -> dict[str, Any]:
    """The parameters of Invoke, the payload read, and of a configuration; none of any other."""
    if named := _CONFIGURATION.fullmatch(response.path):
        return {"FunctionName": unquote(named[1]), **json.loads(response.body or "{}")}
    named = _INVOKE.fullmatch(response.path)
    if named is None:
        return {}
    return {
        "FunctionName": unquote(named[1]),
        "InvocationType": response.headers.get("X-Amz-Invocation-Type", "RequestResponse"),
        "Payload": json.loads(response.body or "null"),
    }
