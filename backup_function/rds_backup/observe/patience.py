"""Read again what may be different in a minute, the others first, for three minutes at most.

Nothing is remembered between invocations: one throttled call at the start of the night must not
cost the hour until the next one.
"""

from collections.abc import Callable, Mapping

from rds_backup.aws.errors import MORE_TIME, OUT_OF_TIME
from rds_backup.model.clock import Time
from rds_backup.model.decisions import Problem, State

# Seconds between readings: they grow, and are three minutes in all.
PAUSES = (5, 10, 20, 40, 45, 60)


class Patience:
    """The pauses of one invocation: all of its readings share them."""

    def __init__(self, time: Time) -> None:
        """Take the clock; no pause is made that the time does not hold."""
        self._time = time
        self._pauses = iter(PAUSES)

    def read[K, V](self, reads: Mapping[K, Callable[[], V | Problem]]) -> dict[K, V | Problem]:
        """What each reading gives, in their order; a Problem is what did not pass.

        Nothing is read when there is no time left for it: that is a Problem, too.
        """
        found = {name: self._once(read) for name, read in reads.items()}
        while failing := [name for name, value in found.items() if _may_pass(value)]:
            pause = next(self._pauses, None)
            if pause is None or not self._time.in_time(pause):
                break
            self._time.pause(pause)
            found |= {name: self._once(reads[name]) for name in failing}
        return found

    def one[V](self, read: Callable[[], V | Problem]) -> V | Problem:
        """The same for a single reading."""
        return self.read({"": read})[""]

    def _once[V](self, read: Callable[[], V | Problem]) -> V | Problem:
        return read() if self._time.in_time() else _no_time(self._time.left())


def _may_pass(value: object) -> bool:
    if not isinstance(value, Problem) or value.code == OUT_OF_TIME:
        return False
    return value.state is State.UNKNOWN


def _no_time(left: float) -> Problem:
    return Problem(
        State.UNKNOWN,
        f"not read: {left:.0f} seconds of this invocation were left, which is too little",
        MORE_TIME,
    )
