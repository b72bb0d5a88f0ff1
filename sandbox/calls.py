"""One API call, as the operations receive it and as it is recorded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.accounts import Identity

_READING = ("Describe", "List", "Get", "Assume")


@dataclass(frozen=True, slots=True)
class Ask:
    """A call whose credentials were accepted: who asks, where, and the parameters."""

    caller: Identity
    region: str
    params: Mapping[str, Any]
    now: datetime

    @property
    def account(self) -> str:
        """The caller's account."""
        return self.caller.account


@dataclass(slots=True)
class Call:
    """A call that reached the server; ``error`` is the code or exception that answered it.

    ``account`` and ``caller`` (an ARN) are those of the credentials, None if these are unknown.
    """

    at: datetime
    service: str
    operation: str
    region: str
    params: dict[str, Any] = field(repr=False)
    account: str | None = None
    caller: str | None = None
    error: str | None = None

    @property
    def mutating(self) -> bool:
        """Whether the operation changes anything (AssumeRole does not)."""
        return not self.operation.startswith(_READING)
