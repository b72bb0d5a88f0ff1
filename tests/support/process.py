"""The function's process, as the proofs run it: it dies where they want, and starts quickly.

Knows nothing of what the function does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from unittest.mock import patch

from rds_backup.aws import account
from sandbox import Call, Hook
from sandbox.serving.lambda_runtime import Function, Invocation


class Death(BaseException):
    """The process is gone; no handler of the function may catch it."""


class Once:
    """Makes a thing once for each of its arguments; what was made can be gone through."""

    def __init__(self, make: Callable[..., Any]) -> None:
        """Nothing is made yet."""
        self._make = make
        self.made: dict[tuple[Any, ...], Any] = {}

    def __call__(self, *arguments: Any) -> Any:  # noqa: ANN401 - whatever is made
        """The one for these."""
        if arguments not in self.made:
            self.made[arguments] = self._make(*arguments)
        return self.made[arguments]


class Process(Function):
    """A deployed function whose boto3 clients outlive the world: making them takes half the time.

    ``restart`` forgets what a new process would not know: whose the credentials are, and the
    assumed role's own.
    ``new_clients`` forgets everything; due after retries, which a client counts.
    """

    _clients: ClassVar[dict[str, tuple["Once", "Once"]]] = {}

    def invoke(self, event: Any) -> Invocation:  # noqa: ANN401 - an event is whatever JSON says
        """Invoke it once; only a Death is raised."""
        access_key = self.environment["AWS_ACCESS_KEY_ID"]
        own, assumed = self._clients.setdefault(
            access_key, (Once(account.own.__wrapped__), Once(account.assumed.__wrapped__))
        )
        Function._warm = self  # noqa: SLF001 - it must not clear what is kept here
        with patch.object(account, "own", own), patch.object(account, "assumed", assumed):
            try:
                return super().invoke(event)
            except Death:
                self.restart()
                raise
            finally:
                Function._warm = None  # noqa: SLF001 - the next plain Function starts cold

    def restart(self) -> None:
        """What a cold start does, as far as AWS can see."""
        for own, assumed in self._clients.values():
            for made in own.made.values():
                vars(made).pop("_asked", None)
            for made in assumed.made.values():
                credentials = made._session._session._credentials  # noqa: SLF001
                credentials._frozen_credentials = None  # noqa: SLF001 - as if never refreshed

    @classmethod
    def new_clients(cls) -> None:
        """Let the next invocation make its clients anew."""
        cls._clients.clear()


@dataclass(eq=False)
class Dies(Hook):
    """The process dies at the calls with these numbers, before or after they take effect."""

    at: Mapping[int, str]
    seen: int = -1
    died: int = 0

    def before(self, call: Call) -> None:
        """Count the call; die."""
        del call
        self.seen += 1
        self._die("before")

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Die, the call having taken effect."""
        del call, answer
        self._die("after")

    def _die(self, when: str) -> None:
        if self.at.get(self.seen) == when:
            self.died += 1
            raise Death
