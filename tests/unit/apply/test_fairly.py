"""A call that hangs keeps the same others waiting in one invocation at most."""

from datetime import timedelta

from rds_backup.apply.fairly import fairly
from rds_backup.model.clock import Time
from tests.support.making import NIGHT

TICK = timedelta(minutes=10)


def reached(tick: int, hanging: str, items: str = "abcdefgh") -> str:
    """What one invocation of ten minutes comes to; a call that hangs takes four of them."""
    left = [600.0]
    time = Time(lambda: NIGHT + tick * TICK, lambda: left[0], lambda _: None)
    found = ""
    for item in fairly(items, time):
        found += item
        left[0] -= 240 if item in hanging else 1
    return found


def test_without_a_long_call_the_order_is_that_of_the_plan() -> None:
    """The oldest protection is first, at every tick."""
    assert {"abcdefgh"} == {reached(tick, hanging="") for tick in range(10)}


def test_nothing_begins_when_the_time_is_up() -> None:
    """One minute is left for what is under way."""
    assert "abc" == reached(0, hanging="abc")[:3]
    assert 3 == len(reached(0, hanging="abcdefgh"))


def test_what_hangs_keeps_nobody_waiting_for_ever() -> None:
    """The first always is; the others come in turn."""
    found = [reached(tick, hanging="abcdefgh") for tick in range(7)]
    assert {"a"} == {each[0] for each in found}
    assert set("abcdefgh") == {item for each in found for item in each}
