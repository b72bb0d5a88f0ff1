"""The process dies at any call of a night, and the next invocations go on (promises 2, 3, 5, 6, 7).

Every night is of an instance and a cluster at once.
"""

import random

import pytest

from tests.support.process import Dies
from tests.support.stories import (
    HEALS_WITHIN,
    IN_TWO_REGIONS,
    PAIRS_OF_DEATHS,
    STORIES,
    Story,
    crash_points,
    world,
)

SLICES = 8
SEED = 20260302


def crashed(story: Story, *points: tuple[int, str]) -> list[str]:
    """What is wrong after a night with deaths at these points: empty, or a line each."""
    with world(story) as night:
        dies = Dies(dict(points))
        night.aws.hooks.append(dies)
        night.until(
            lambda: (
                night.deaths == len(points)
                or (dies.seen > 0 and not (night.unwell() or night.overdue()))
            )
        )
        ticks = night.tick_on()
        late = [f"not well after {ticks} ticks"] * (ticks > HEALS_WITHIN)
        wrongs = late + night.judge() + night.alarms()
    return [f"{story}, died {points}: {wrong}" for wrong in wrongs]


@pytest.mark.parametrize("part", range(SLICES))
@pytest.mark.parametrize("story", STORIES, ids=str)
def test_a_night_that_dies_at_any_call_ends_well(story: Story, part: int) -> None:
    """Before and after every call, exhaustively: nothing good is lost, tonight's backup arrives.

    No shared copy is left, N hold, nobody else's snapshot is touched, nobody is alarmed, and all of
    it within HEALS_WITHIN ticks.
    """
    wrongs = [w for point in crash_points(story)[part::SLICES] for w in crashed(story, point)]
    assert [] == wrongs


@pytest.mark.parametrize("story", IN_TWO_REGIONS, ids=str)
def test_a_night_in_two_regions_that_dies_ends_as_well(story: Story) -> None:
    """Sampled: nothing in the order of the calls is another one."""
    chosen = random.Random(f"{SEED} {story}")  # noqa: S311 - not for secrets
    points = chosen.sample(crash_points(story), PAIRS_OF_DEATHS)
    wrongs = [w for point in points for w in crashed(story, point)]
    assert [] == wrongs, f"the points are those of the seed {SEED}"


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_a_night_that_dies_twice_ends_well(story: Story) -> None:
    """Pairs of deaths, sampled: the second may hit the repair of the first."""
    chosen = random.Random(f"{SEED} {story}")  # noqa: S311 - not for secrets
    points = crash_points(story)
    pairs = [sorted(chosen.sample(points, 2)) for _ in range(PAIRS_OF_DEATHS // len(STORIES))]
    wrongs = [w for first, second in pairs for w in crashed(story, first, second)]
    assert [] == wrongs, f"the pairs are those of the seed {SEED}"
