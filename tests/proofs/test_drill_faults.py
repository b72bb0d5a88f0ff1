"""Any error answer at any kind of call of a drill: once, for ever, or instead of its own."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import pytest

from tests.support.drill_mishaps import LostAt, Place, Struck, answers_at, places
from tests.support.drill_stories import PLAIN, DrillWorld, drill_world, marks_of
from tests.support.mishaps import ATTEMPTS, COMMON, Answer
from tests.support.process import Process

PLACES = [pytest.param(place, id=str(place)) for place in places()]
CHANGES = [pytest.param(place, id=str(place)) for place in places() if place.mutating]
CLIENT_LASTS = 7
# An answer that says that what was asked for is so already, or is gone, alarms nobody.
_SILENT = ("AlreadyExists", "NotFound", "State")
type Play = Callable[[DrillWorld, Place, Answer], Iterator[str]]


def wrongs_at(place: Place, answers: Iterable[Answer], play: Play) -> list[str]:
    """What is wrong after each of these answers, from before the first call of this kind."""
    found = []
    with drill_world(place.story) as world:
        before = next(mark for number, mark in marks_of(world) if number == place.invocation)
        left = 0
        for answer in answers:
            if left == 0:
                Process.new_clients()
                left = CLIENT_LASTS
            left -= answer.retried
            world.back(before)
            found += [f"{answer}: {wrong}" for wrong in play(world, place, answer)]
    Process.new_clients()
    return found


def once(world: DrillWorld, place: Place, answer: Answer) -> Iterator[str]:
    """What is wrong after one such answer."""
    mishap = Struck(place, answer, once=True)
    world.aws.hooks.append(mishap)
    world.step(place.invocation)
    world.aws.hooks.remove(mishap)
    if not mishap.struck:
        yield "it was not struck"
    yield from world.heal()


def for_ever(world: DrillWorld, place: Place, answer: Answer) -> Iterator[str]:
    """What is wrong after such answers to all such calls until after the deadline."""
    mishap = Struck(place, answer, once=False)
    world.aws.hooks.append(mishap)
    world.step(place.invocation)
    world.tick()
    world.aws.clock.advance(world.checker.deadline)
    world.tick()
    world.aws.hooks.remove(mishap)
    if not any(done.error for done in world.invocations) and not _silent(answer):
        yield "nobody was told"
    yield from world.heal()


def lasting(place: Place) -> tuple[Answer, ...]:
    """The answers that go on: those of the models in the shortest drill, and any call's in all."""
    return answers_at(place) if place.story == PLAIN else COMMON


def _silent(answer: Answer) -> bool:
    return any(word in code for code in answer.codes.values() for word in _SILENT)


def lost(world: DrillWorld, place: Place, answer: Answer, *, times: int) -> Iterator[str]:
    """What is wrong after a call that took effect, and of which so many answers were lost."""
    mishap = LostAt(place, answer, times)
    world.aws.hooks.append(mishap)
    world.step(place.invocation)
    world.aws.hooks.remove(mishap)
    if mishap.struck != (1 if place.operation == "Invoke" else times):  # it is never tried again
        yield f"{mishap.struck} were lost"
    yield from world.heal()


@pytest.mark.parametrize("place", PLACES)
def test_a_drill_in_which_a_call_fails_once_ends_well(place: Place) -> None:
    """Every error that the call may get; nothing is left, and the backup passes within a round."""
    assert [] == wrongs_at(place, answers_at(place), once)


@pytest.mark.parametrize("place", PLACES)
def test_a_drill_in_which_a_call_fails_until_its_deadline_ends_well(place: Place) -> None:
    """Somebody is told, and when it works again nothing is left and the backup passes."""
    assert [] == wrongs_at(place, lasting(place), for_ever)


@pytest.mark.parametrize("place", CHANGES)
@pytest.mark.parametrize("times", [1, ATTEMPTS])
def test_a_drill_that_loses_an_answer_ends_well(place: Place, times: int) -> None:
    """Of every changing call: one answer, which botocore asks for again, or all of them."""
    breaks = [answer for answer in COMMON if answer.breaks]
    assert [] == wrongs_at(place, breaks, partial(lost, times=times))
