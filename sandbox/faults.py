"""Faults that tests put into the way of calls, as hooks.

Each counts the calls that match it: ``after`` of them pass unharmed, then ``times`` are hit.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from botocore.exceptions import ConnectionClosedError

from sandbox.accounts import Account, account_id
from sandbox.calls import Call
from sandbox.errors import AwsError
from sandbox.gate import Gate, Hook

type When = Callable[[Call], bool]


@dataclass(eq=False, kw_only=True)
class Fault(Hook):
    """What hits matching calls; ``operation`` may have wildcards, ``times=None`` is for ever."""

    operation: str
    account: str | None = None
    times: int | None = None
    after_calls: int = 0
    when: When | None = None
    hits: int = 0
    _hooks: list[Hook] = field(default_factory=list, repr=False)
    _seen: int = 0

    def put_into(self, hooks: list[Hook]) -> None:
        """Begin to interfere."""
        self._hooks = hooks
        hooks.append(self)

    def remove(self) -> None:
        """Interfere no more."""
        if self in self._hooks:
            self._hooks.remove(self)

    def strikes(self, call: Call) -> bool:
        """Whether this call is hit; counts it."""
        if (
            not fnmatchcase(call.operation, self.operation)
            or (self.account is not None and call.account != self.account)
            or (self.when is not None and not self.when(call))
        ):
            return False
        self._seen += 1
        if self._seen <= self.after_calls or self.hits == self.times:
            return False
        self.hits += 1
        return True


@dataclass(eq=False, kw_only=True)
class Refusal(Fault):
    """An error answer instead of the call."""

    code: str
    message: str
    status: int | None = None

    def before(self, call: Call) -> None:
        """Refuse the call."""
        if self.strikes(call):
            raise AwsError(self.code, self.message, self.status)


@dataclass(eq=False, kw_only=True)
class LostAnswer(Fault):
    """The call takes effect and the connection closes before the answer is there."""

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Lose the answer."""
        del answer
        if self.strikes(call):
            raise ConnectionClosedError(endpoint_url=f"https://{call.service}.amazonaws.com/")


class Interference:
    """The ways to interfere with calls; a part of Sandbox."""

    gate: Gate

    @property
    def hooks(self) -> list[Hook]:
        """What interferes with calls, in this order; append, remove."""
        return self.gate.hooks

    def fault(  # noqa: PLR0913 - one keyword a fact
        self,
        operation: str,
        *,
        code: str,
        message: str = "A fault of the sandbox.",
        account: Account | str | None = None,
        times: int | None = None,
        after: int = 0,
        status: int | None = None,
        when: When | None = None,
    ) -> Refusal:
        """An AWS error instead of matching calls; for ever, unless ``times`` says how often."""
        fault = Refusal(
            operation=operation,
            code=code,
            message=message,
            status=status,
            account=account_id(account) if account else None,
            times=times,
            after_calls=after,
            when=when,
        )
        fault.put_into(self.hooks)
        return fault

    def lose_answer(
        self,
        operation: str,
        *,
        times: int | None = 1,
        account: Account | str | None = None,
        after: int = 0,
        when: When | None = None,
    ) -> LostAnswer:
        """Let matching calls take effect and close the connection before the answer."""
        fault = LostAnswer(
            operation=operation,
            account=account_id(account) if account else None,
            times=times,
            after_calls=after,
            when=when,
        )
        fault.put_into(self.hooks)
        return fault
