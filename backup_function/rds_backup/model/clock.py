"""The clock of an invocation, and its deadline: times are arguments, and come from here."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import NamedTuple

# A call may take five attempts; what starts later than this before the deadline may be cut off.
MARGIN_SECONDS = 60.0

type Clock = Callable[[], datetime]


class Time(NamedTuple):
    """The clock, how many seconds this invocation has left, and how it pauses for some."""

    now: Clock
    left: Callable[[], float]
    pause: Callable[[float], None]

    def in_time(self, seconds: float = 0.0) -> bool:
        """Whether there is time for one more call, after so many seconds."""
        return self.left() - seconds > MARGIN_SECONDS


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC, to the millisecond, as tags, results and logs carry it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def utc_day(moment: datetime) -> date:
    """The day in UTC, wherever the code runs."""
    return moment.astimezone(UTC).date()


def zoned(text: str) -> datetime:
    """A moment with its zone, in UTC; raises ValueError for anything else.

    Nobody has to know whose two o'clock is meant.
    """
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise ValueError(text) from None
