"""When the faults stop, it heals within HEALS_WITHIN ticks (promise 7, reliability.md's figure)."""

import random
from collections.abc import Iterator
from copy import replace
from typing import Any

import pytest

from sandbox import Call, Hook
from tests.support import mishaps
from tests.support.mishaps import Mishap
from tests.support.process import Death, Process
from tests.support.stories import BY_BACKUP, HEALS_WITHIN, NEIGHBOURS, STORIES, Story, world

STORMS = range(8)
STORM_TICKS = 14


@pytest.fixture(autouse=True)
def _new_clients() -> Iterator[None]:
    """Retries use up a client's allowance: the next test gets new clients."""
    yield
    Process.new_clients()


class Storm(Hook):
    """Any call may be refused, put off, unanswered, lost after its effect, or the last one."""

    def __init__(self, seed: int) -> None:
        """Everything follows from the seed."""
        self.chosen = random.Random(seed)  # noqa: S311 - not for secrets

    def before(self, call: Call) -> None:
        """Maybe refuse the call, or die."""
        self._maybe(call)

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Maybe lose the answer, or die."""
        del answer
        self._maybe(call, lost=True)

    def _maybe(self, call: Call, *, lost: bool = False) -> None:
        fate = self.chosen.random()
        if fate < 0.02:
            raise Death
        if fate < 0.12:
            answers = [a for a in mishaps.COMMON if a.breaks] if lost else mishaps.COMMON
            raise self.chosen.choice(answers).answer(mishaps.kind_of(call))


@pytest.mark.parametrize("seed", STORMS)
def test_after_a_storm_of_faults_every_database_is_protected(seed: int) -> None:
    """Errors, lost answers and deaths at one call in six, and copies that fail; then none.

    The parameter is the seed of everything that happens.
    """
    story = replace(STORIES[1 + 2 * (seed % 2)], databases=NEIGHBOURS)
    with world(story) as night:
        storm = Storm(seed)
        night.aws.copies.fail_next(2)
        night.aws.hooks.append(storm)
        while night.ticks < STORM_TICKS:
            night.step()
        night.aws.hooks.remove(storm)
        night.aws.copies.forget_failures()
        Process.new_clients()
        assert night.tick_on() <= HEALS_WITHIN, night.unwell()
        assert [] == night.judge()


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_what_is_under_way_is_finished_outside_the_window(story: Story) -> None:
    """A fault that ends after the window's last run: ``resume`` alone goes on, at any hour."""
    with world(story) as night:
        mishap = Mishap(mishaps.CHANGES[2], mishaps.DENIED)
        night.aws.hooks.append(mishap)
        night.play(2)
        night.skip(36)
        night.play(1)
        night.aws.hooks.remove(mishap)
        invocations = night.play(2)
        assert 9 == night.aws.clock.now.hour
        assert {"protected"} == {
            line["state"] for line in invocations[-1].logs if line.get("database") in mishaps.HIT
        }
        assert [] == night.checker.broken
        assert mishap.struck


def test_a_window_in_which_nothing_works_is_made_up_for_in_the_next_one() -> None:
    """Faults that outlast the window: the next night's first ticks heal, from its own snapshot."""
    with world(BY_BACKUP) as night:
        role = next(s for s in mishaps.ACCOUNTS if s.operation == "AssumeRole")
        mishap = Mishap(role, mishaps.DENIED)
        night.aws.hooks.append(mishap)
        invocations = [i for i in night.play(48) if i.error]
        assert 7 == len(invocations)
        assert {"blocked"} == {w["state"] for i in invocations for w in i.logs if "state" in w}
        night.aws.hooks.remove(mishap)
        night.next_night()
        assert night.tick_on() <= HEALS_WITHIN
        assert [] == night.judge()
