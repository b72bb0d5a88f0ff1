"""What may be different in a minute is read again; nothing else is, and not for ever."""

from collections.abc import Callable

from rds_backup.model.clock import Time
from rds_backup.model.decisions import Problem, State
from rds_backup.observe.patience import PAUSES, Patience
from tests.support.making import NIGHT

THROTTLED = Problem(State.UNKNOWN, "Rate exceeded")
DENIED = Problem(State.BLOCKED, "not authorized")


class _Watch:
    """A clock that is moved by pauses only, and what was read in which order."""

    def __init__(self, left: float = 600.0) -> None:
        self.left = left
        self.paused: list[float] = []
        self.read: list[str] = []

    def patience(self) -> Patience:
        return Patience(Time(lambda: NIGHT, lambda: self.left, self._pause))

    def _pause(self, seconds: float) -> None:
        self.paused.append(seconds)
        self.left -= seconds

    def reading(self, name: str, *answers: str | Problem) -> Callable[[], str | Problem]:
        """A reading with these answers in turn, the last one for ever."""
        rest = list(answers)

        def read() -> str | Problem:
            self.read.append(name)
            return rest.pop(0) if rest[1:] else rest[0]

        return read


def test_what_passes_is_read_again_after_the_others() -> None:
    """One throttled call costs some seconds, and not the hour."""
    watch = _Watch()
    found = watch.patience().read(
        {"a": watch.reading("a", THROTTLED, THROTTLED, "A"), "b": watch.reading("b", "B")}
    )
    assert {"a": "A", "b": "B"} == found
    assert ["a", "b", "a", "a"] == watch.read
    assert [5, 10] == watch.paused


def test_what_is_refused_is_not_read_again() -> None:
    """A person has to mend it, and should know at once."""
    watch = _Watch()
    assert DENIED == watch.patience().one(watch.reading("a", DENIED))
    assert [] == watch.paused


def test_the_pauses_grow_and_are_three_minutes_in_all_of_one_invocation() -> None:
    """Whatever has not passed by then is an error, and is not waited for once more."""
    watch = _Watch()
    patience = watch.patience()
    assert THROTTLED == patience.one(watch.reading("a", THROTTLED))
    assert THROTTLED == patience.one(watch.reading("b", THROTTLED))
    assert list(PAUSES) == watch.paused == sorted(watch.paused)
    assert 180 == sum(watch.paused)
    assert ["a"] * 7 + ["b"] == watch.read


def test_no_pause_is_longer_than_the_time_that_is_left() -> None:
    """What would be read after it could not be acted on."""
    watch = _Watch(left=80.0)
    assert THROTTLED == watch.patience().one(watch.reading("a", THROTTLED))
    assert [5, 10] == watch.paused


def test_nothing_is_read_when_there_is_no_time_for_it() -> None:
    """It says so, and what to do; nobody takes it for an empty account."""
    watch = _Watch(left=60.0)
    found = watch.patience().one(watch.reading("a", "A"))
    assert isinstance(found, Problem)
    assert State.UNKNOWN is found.state
    assert "60 seconds of this invocation were left" in found.reason
    assert found.fix == "give the function a longer timeout or more memory"
    assert not watch.read
    assert not watch.paused
