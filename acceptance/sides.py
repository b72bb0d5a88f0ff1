"""The two accounts: whose credentials there are, and a call with AWS's own words for an answer.

Decides that both are of different accounts.  Must not know what is asked.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from botocore.config import Config
from botocore.exceptions import ClientError

type Connect = Callable[[str, str], Any]
# AWS's words, and the sandbox's, for an operation that is not there: a mistake of the kit.
_UNKNOWN = frozenset({"InvalidAction", "UnknownOperationException", "UnsupportedOperation"})
# Nothing is known of the call's effect before this many tries; botocore waits in between.
RETRIES = Config(retries={"mode": "standard", "total_max_attempts": 8})
# An invocation takes ten minutes at most, and is never made twice.
_ONCE = Config(retries={"total_max_attempts": 1}, read_timeout=620)


def config_of(service: str) -> Config:
    """How a client of the service waits and tries again."""
    return _ONCE if service == "lambda" else RETRIES


class RefusedToBeginError(Exception):
    """The kit does not begin; the message says why, and what to do."""


class UnknownCallError(Exception):
    """AWS does not know an operation that the kit calls: the kit is wrong."""


@dataclass(frozen=True, slots=True)
class Told:
    """What AWS answered: members, or the code and message of an error."""

    answer: Mapping[str, Any]
    code: str = ""
    message: str = ""

    @property
    def refused(self) -> bool:
        """Whether it is an error."""
        return bool(self.code)

    @property
    def words(self) -> str:
        """AWS's own words of an error."""
        return f"{self.code}: {self.message}"

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - whatever AWS says
        """A member of the answer; RuntimeError with AWS's words if the call was refused."""
        if self.refused:
            raise RuntimeError(self.words)
        return self.answer[name]


@dataclass(frozen=True, kw_only=True)
class Side:
    """One account: its id, the caller's ARN, the Region, the profile for programs, and clients."""

    name: str
    account: str
    caller: str
    region: str
    connect: Connect
    profile: str = ""
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, name: str, connect: Connect, region: str, profile: str = "") -> Self:
        """The account of these credentials; RefusedToBeginError if they cannot be used."""
        try:
            told = connect("sts", region).get_caller_identity()
        except Exception as error:
            raise RefusedToBeginError(f"{name}: the credentials cannot be used: {error}") from error
        return cls(
            name=name,
            account=told["Account"],
            caller=told["Arn"],
            region=region,
            connect=connect,
            profile=profile,
        )

    @property
    def partition(self) -> str:
        """The partition of the account."""
        return self.caller.split(":")[1]

    @property
    def root(self) -> str:
        """The account as a policy's principal."""
        return f"arn:{self.partition}:iam::{self.account}:root"

    def client(self, service: str, region: str | None = None) -> Any:  # noqa: ANN401 - boto3's
        """A client of the service."""
        key = service, region or self.region
        if key not in self._clients:
            self._clients[key] = self.connect(*key)
        return self._clients[key]

    def ask(self, service: str, method: str, /, *, at: str | None = None, **params: Any) -> Told:  # noqa: ANN401
        """One call, in the Region ``at`` or the side's own; an error of AWS is an answer, too."""
        return told_by(self.client(service, at), method, **params)

    def listed(
        self, service: str, method: str, key: str, /, *, at: str | None = None, **params: object
    ) -> list[Any]:
        """All pages of a listing; RuntimeError with AWS's words if one is refused."""
        pages = self.client(service, at).get_paginator(method).paginate(**params)
        try:
            return [one for page in pages for one in page[key]]
        except ClientError as error:
            raise RuntimeError(_known(method, _told(error)).words) from error


def told_by(client: Any, method: str, /, **params: Any) -> Told:  # noqa: ANN401 - boto3's
    """One call of a client; UnknownCallError for an operation that AWS does not know."""
    try:
        return Told(getattr(client, method)(**params))
    except ClientError as error:
        return _known(method, _told(error))


def _known(method: str, told: Told) -> Told:
    """The answer, unless it says that the operation is not there."""
    if told.code in _UNKNOWN:
        raise UnknownCallError(f"{method}: {told.words}")
    return told


def _told(error: ClientError) -> Told:
    said = error.response["Error"]
    return Told({}, said["Code"], said.get("Message", ""))


def different(source: Side, backup: Side) -> None:
    """Raise RefusedToBeginError unless the two are of different accounts."""
    if source.account == backup.account:
        raise RefusedToBeginError(
            "SOURCE_PROFILE and BACKUP_PROFILE are of the same account: name two of different ones"
        )
