"""Lambda, as far as the handler can tell: an environment, an event, a context, and what came of it.

Runs the real ``backup_function/app.py`` in this process.  It must know nothing of what the
function does.
"""

import io
import json
import os
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import patch

import app
from rds_backup.aws import account
from sandbox.sandbox import Sandbox

EVENTS = Path(__file__).parents[2] / "events"
TIMEOUT = timedelta(minutes=10)
_requests = count(1)


def event(name: str) -> Any:  # noqa: ANN401 - an event is whatever JSON says
    """One of the sample events, by the name of its file."""
    return json.loads((EVENTS / f"{name}.json").read_text())


@dataclass(frozen=True, slots=True)
class Invocation:
    """What one invocation came to: a result or an error, and what it printed."""

    result: dict[str, Any] | None
    error: Exception | None
    logs: tuple[dict[str, Any], ...]
    metrics: tuple[dict[str, Any], ...]

    @property
    def outcome(self) -> str:
        """The outcome, out of the result or out of the error's message."""
        return self.result["outcome"] if self.result else str(self.error).split("\n", 1)[0]

    def entry(self, database: str) -> dict[str, Any]:
        """The log line's entry on one database: there whether the invocation raised or not."""
        return next(line for line in self.logs if line.get("database") == database)


class _Context:
    """The members of Lambda's context object that the function uses."""

    def __init__(self, aws: Sandbox, timeout: timedelta) -> None:
        self._aws = aws
        self._deadline = aws.clock.now + timeout
        self.aws_request_id = f"00000000-0000-4000-8000-{next(_requests):012d}"

    def get_remaining_time_in_millis(self) -> int:
        return int((self._deadline - self._aws.clock.now) / timedelta(milliseconds=1))


class Function:
    """A deployed function: the real handler under one environment.

    Warm while no other function is invoked in between: clients and assumed credentials live on.
    """

    _warm: ClassVar["Function | None"] = None

    def __init__(
        self, aws: Sandbox, environment: Mapping[str, str], *, timeout: timedelta = TIMEOUT
    ) -> None:
        """Deploy it."""
        self.aws = aws
        self.environment = dict(environment)
        self.timeout = timeout

    def invoke(self, event: Any) -> Invocation:  # noqa: ANN401 - an event is whatever JSON says
        """Invoke it once; errors come back in the answer."""
        result, error = None, None
        log, metrics = io.StringIO(), io.StringIO()
        handler = app.logger.handlers[0]
        # Whoever sets no level gets a line for every database, at every look.
        app.logger.setLevel(self.environment.get("POWERTOOLS_LOG_LEVEL", "DEBUG"))
        with (
            patch.dict(os.environ, self.environment, clear=True),
            patch.object(handler, "stream", log),
            redirect_stdout(metrics),
        ):
            if Function._warm is not self:
                account.own.cache_clear()
                account.assumed.cache_clear()
                Function._warm = self
            try:
                context: Any = _Context(self.aws, self.timeout)
                result = app.lambda_handler(event, context)
            except Exception as raised:  # noqa: BLE001 - Lambda catches everything, too
                error = raised
        return Invocation(result, error, _lines(log), _lines(metrics))

    def at(self, when: datetime, event: Any) -> Invocation:  # noqa: ANN401 - as above
        """Invoke it at a time of the sandbox's clock."""
        self.aws.clock.move_to(when)
        return self.invoke(event)


def _lines(stream: io.StringIO) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(line) for line in stream.getvalue().splitlines() if line)
