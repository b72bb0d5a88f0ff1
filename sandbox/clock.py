"""Time in the sandbox: it stands still until somebody moves it.

In process nothing sleeps: what botocore would sleep moves the clock.  Behind a port the clock runs
on from where it was set.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import botocore.endpoint
import botocore.waiter
import time_machine

RETRY_SECONDS = 1.0


class Clock:
    """The time of both accounts, and of the process as long as the sandbox is open."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        """Move what time_machine holds; ``after_moving`` is called whenever it was moved."""
        self._traveller = traveller
        self.after_moving: Callable[[], None] = lambda: None

    @property
    def now(self) -> datetime:
        """The time, aware, UTC."""
        return datetime.now(UTC)

    def advance(self, delta: timedelta | None = None, **units: float) -> None:
        """Move on by a timedelta or its keywords: ``advance(minutes=10)``."""
        self._traveller.shift(delta if delta is not None else timedelta(**units))
        self.after_moving()

    def move_to(self, moment: datetime) -> None:
        """Move to a moment, earlier or later."""
        self._traveller.move_to(moment)
        self.after_moving()


class _Time:
    """The ``time`` module with another ``sleep``."""

    def __init__(self, clock: Clock, fixed: float | None) -> None:
        self._clock = clock
        self._fixed = fixed

    def sleep(self, seconds: float) -> None:
        self._clock.advance(seconds=seconds if self._fixed is None else self._fixed)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the time module has
        return getattr(time, name)


@contextmanager
def stopped(start: datetime, *, running: bool) -> Iterator[Clock]:
    """The process's time stands at ``start``, or runs on from there; restored at the end.

    A retry's sleep moves the clock by RETRY_SECONDS: botocore's own number is partly random.
    """
    with time_machine.travel(start, tick=running) as traveller:
        clock = Clock(traveller)
        if running:
            yield clock
            return
        with (
            patch.object(botocore.endpoint, "time", _Time(clock, RETRY_SECONDS)),
            patch.object(botocore.waiter, "time", _Time(clock, None)),
            patch.object(time, "sleep", lambda seconds: clock.advance(seconds=seconds)),
        ):
            yield clock
