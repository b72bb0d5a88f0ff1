"""The process dies at any call of a drill, and the next ticks go on."""

import random
from collections.abc import Iterator

import pytest

from sandbox import Switches
from tests.support.drill_stories import (
    DRILL_STORIES,
    DrillStory,
    DrillWorld,
    drill_calls,
    drill_world,
    marks_of,
)
from tests.support.playing import TICK
from tests.support.process import Dies

SLICES = 2
SEED = 20260302
PAIRS_OF_DRILL_DEATHS = 32


def drill_deaths(story: DrillStory) -> list[tuple[int, int, str]]:
    """Invocation and call at which a drill dies: before each, and after each that changes."""
    return [
        (invocation, number, when)
        for invocation, calls in enumerate(drill_calls(story))
        for number, call in enumerate(calls)
        for when in ("before", *["after"] * call.mutating)
    ]


def died(world: DrillWorld, invocation: int, number: int, when: str) -> Iterator[str]:
    """What is wrong after this death.

    Where it leaves another world than the first one of its invocation, it is played again with no
    tick before the deadline.
    """
    before = world.mark()
    for late in (False, True) if number == 0 or when == "after" else (False,):
        world.back(before)
        dies = Dies({number: when})
        world.aws.hooks.append(dies)
        world.step(invocation)
        world.aws.hooks.remove(dies)
        if dies.died != 1:
            yield f"{invocation}, {number}, {when}: nothing died"
        if late:
            world.aws.clock.advance(world.checker.deadline + TICK / 2)
            world.tick()
        yield from (f"{invocation}, {number}, {when}, {late}: {w}" for w in world.heal())


@pytest.mark.parametrize("part", range(SLICES))
@pytest.mark.parametrize("story", DRILL_STORIES, ids=str)
def test_a_drill_that_dies_at_any_call_ends_well(story: DrillStory, part: int) -> None:
    """Nothing is left within DRILL_HEALS_WITHIN ticks, and the backup passes the same or next day.

    Also where no tick came before the deadline.
    """
    points = drill_deaths(story)[part::SLICES]
    wrongs: list[str] = []
    with drill_world(story) as world:
        for invocation, at in marks_of(world):
            for point in points:
                if point[0] == invocation:
                    world.back(at)
                    wrongs += died(world, *point)
    assert [] == wrongs


@pytest.mark.parametrize("story", DRILL_STORIES, ids=str)
def test_a_drill_that_dies_twice_ends_well(story: DrillStory) -> None:
    """Pairs of deaths by lot; a database that is still being made cannot be deleted here."""
    chosen = random.Random(f"{SEED} {story}")  # noqa: S311 - not for secrets
    points = drill_deaths(story)
    wrongs: list[str] = []
    with drill_world(story, Switches(delete_creating="refuse")) as world:
        start = world.mark()
        for _ in range(PAIRS_OF_DRILL_DEATHS // len(DRILL_STORIES)):
            pair = sorted(chosen.sample(points, 2))
            world.back(start)
            for number in range(len(drill_calls(story))):
                world.function.restart()
                dies = Dies({call: when for at, call, when in pair if at == number})
                world.aws.hooks.append(dies)
                world.step(number)
                world.aws.hooks.remove(dies)
            wrongs += [f"{pair}: {wrong}" for wrong in world.heal()]
    assert [] == wrongs, f"the pairs are those of the seed {SEED}"
