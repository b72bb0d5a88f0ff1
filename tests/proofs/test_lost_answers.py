"""A call takes effect, and nobody is told (promises 1, 2 and 6)."""

from typing import Literal

import pytest

from sandbox import Switches
from tests.support.mishaps import ATTEMPTS, Lost
from tests.support.process import Process
from tests.support.stories import HEALS_WITHIN, STORIES, Story, lost_answers, world


def lose(story: Story, number: int, attempts: int, switches: Switches) -> list[str]:
    """What is wrong after a night that lost the answers to a changing call."""
    Process.new_clients()
    with world(story, switches=switches) as night:
        lost = Lost(number, attempts)
        night.aws.hooks.append(lost)
        night.until(lambda: lost.lost)
        ticks = night.tick_on()
        wrongs = night.judge() + [f"not well after {ticks} ticks"] * (ticks > HEALS_WITHIN)
        wrongs += night.alarms() if attempts == 1 else []
        return [f"change {number}: {wrong}" for wrong in wrongs]


@pytest.mark.parametrize("onto", ["exists", "denied"])
@pytest.mark.parametrize("attempts", [1, ATTEMPTS])
@pytest.mark.parametrize("story", [s for s in STORIES if s.earlier], ids=str)
def test_a_night_that_loses_any_answer_ends_well(
    story: Story, attempts: int, onto: Literal["exists", "denied"]
) -> None:
    """Of every changing call: one answer, which botocore asks for again, or all of them.

    Nothing is doubled, nothing is adopted unverified, and the night ends within HEALS_WITHIN ticks.
    Nights in which nothing expires yet are the same, less the last deletions.  A copy that is asked
    for again meets its own name, which may be denied instead (7.6): nobody is alarmed by it.
    """
    numbers, switches = lost_answers(story), Switches(copy_onto_marked=onto)
    assert [] == [wrong for number in numbers for wrong in lose(story, number, attempts, switches)]
