"""Two invocations at once over one drill, in every order of their calls.

At each moment of a drill two invocations meet: two of its schedules, or one and the expiry of
backups.  Every order of their calls is played from it, then the ticks go on.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from rds_backup import backup_account
from rds_backup.drill.perform import perform_drill
from rds_backup.inputs.environment import drill_from_env, expire_from_env
from rds_backup.inputs.request import Action, Request
from rds_backup.model.clock import Time
from tests.support.drill_stories import (
    PLAIN,
    WHOLE_CLUSTER,
    DrillStory,
    DrillWorld,
    drill_calls,
    drill_world,
    marks_of,
)
from tests.support.interleaving import Race, account, every_order, stops
from tests.support.playing import DAY, NIGHT, TICK

STORIES = (PLAIN, WHOLE_CLUSTER)
# How many orders there are that differ in anything, at each moment of a drill; the third is that of
# one that is overdue, which the expiry of backups does not meet.
DRILL_ORDERS: dict[DrillStory, dict[tuple[str, str], list[int]]] = {
    PLAIN: {
        ("resume", "resume 2"): [1, 4, 4, 4, 1],
        ("drill", "drill 2"): [4, 6, 4, 4, 4],
        ("drill", "resume"): [2, 5, 4, 4, 2],
        ("drill", "expire"): [3, 6, 2, 1],
    },
    WHOLE_CLUSTER: {
        ("resume", "resume 2"): [1, 6, 20, 4, 4, 12, 1],
        ("drill", "drill 2"): [4, 6, 28, 4, 6, 12, 4],
        ("drill", "resume"): [2, 6, 24, 4, 5, 12, 2],
        ("drill", "expire"): [3, 4, 4, 6, 2, 2],
    },
}
PAIRS = tuple(pair for pair in DRILL_ORDERS[PLAIN] if "expire" not in pair)
NO_END = 600.0


@dataclass
class Meeting:
    """Two invocations at one moment of a drill, and what came of their orders."""

    world: DrillWorld
    names: tuple[str, ...]
    orders: int = 0
    wrong: list[str] = field(default_factory=list)
    _ended: set[object] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Remember the moment."""
        self._mark = self.world.mark()

    def begin(self) -> Race:
        """The moment again, with the invocations before their first calls that matter."""
        self.world.back(self._mark)
        return Race({name: self._work(name) for name in self.names})

    def _work(self, name: str) -> Callable[[], Any]:
        aws, env = self.world.aws, self.world.environment
        advance = aws.clock.advance
        time = Time(lambda: aws.clock.now, lambda: NO_END, lambda s: advance(seconds=s))
        who = aws.backup.function if name == "expire" else aws.drill
        own = account(who, aws.region, name)
        vars(own).pop("_asked", None)  # it is its execution environment's first
        if name == "expire":
            expiring = expire_from_env(aws.backup_environment(BACKUPS_TO_KEEP="1"))
            return lambda: backup_account.expire(expiring, own, time)
        request = Request(Action.DRILL, resume=name.startswith("resume"))
        settings = drill_from_env(env)
        return lambda: perform_drill(request, settings, own, time)

    def state(self) -> tuple[object, ...]:
        """All that an answer of AWS can depend on, and who has answered."""
        aws, seen = self.world.aws, self.world.checker.seen
        databases = [
            (row.arn, row.status, row.resource_id, str(row.tags), str(row.fields))
            for row in aws.databases()
        ]
        snapshots = [(row.arn, row.status, str(row.tags)) for row in aws.snapshots()]
        answered = [sorted(who) for who in seen.answered.values()]
        return aws.clock.now, str(databases), str(snapshots), str(answered)

    def end(self, race: Race) -> None:
        """What every order has to come to: nobody is alarmed, and the ticks go on."""
        self.orders += 1
        world = self.world
        for name, one in race.invocations.items():
            if one.error:
                self._wrong(race, f"{name} raised {one.error!r}")
            elif name != "expire" and one.result.problems:
                self._wrong(race, f"{name} raises an alarm: {one.result.problems}")
        world.checker.looked(0)
        state = self.state()
        if state not in self._ended:
            self._ended.add(state)
            self._wrong(race, *world.heal())
        self._wrong(race, *world.checker.broken)

    def _wrong(self, race: Race, *words: str) -> None:
        self.wrong += [f"{' '.join(race.played)}: {w}" for w in words]

    def every_order(self) -> None:
        """Play them all."""
        every_order(self.begin, self.state, self.end)


def meetings(world: DrillWorld, *names: str) -> Iterator[Meeting]:
    """At each moment of a drill; the last one is that of a drill that is overdue."""
    for number, at in marks_of(world):
        world.back(at)
        if number:
            world.aws.clock.advance(TICK)
        yield Meeting(world, names)
        if number == 1:
            world.aws.clock.advance(world.checker.deadline)
            yield Meeting(world, names)


@pytest.mark.parametrize("names", PAIRS, ids="-".join)
@pytest.mark.parametrize("story", STORIES, ids=str)
def test_two_invocations_of_a_drill_at_once_come_to_what_one_alone_does(
    story: DrillStory, names: tuple[str, str]
) -> None:
    """There is one database, it is asked and deleted, and nobody is alarmed."""
    found = []
    drill_calls(story)
    with drill_world(story) as world:
        for meeting in meetings(world, *names):
            meeting.every_order()
            assert [] == meeting.wrong
            found.append(meeting.orders)
    assert DRILL_ORDERS[story][names] == found


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_a_backup_may_expire_at_any_call_of_its_drill(story: DrillStory) -> None:
    """The next night has come: the drill ends, and the next one restores the newer backup."""
    found = []
    drill_calls(story)
    with drill_world(story, hours=48) as world:
        for number, at in marks_of(world):
            world.back(at)
            world.night(NIGHT + DAY)
            meeting = Meeting(world, ("drill", "expire"))
            meeting.every_order()
            assert [] == meeting.wrong, number
            found.append(meeting.orders)
    assert DRILL_ORDERS[story]["drill", "expire"] == found


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_an_invocation_that_sleeps_as_long_as_lambda_lets_it_does_no_harm(
    story: DrillStory,
) -> None:
    """A quarter of an hour, before any of its calls; a tick and a beginning come in between."""
    drill_calls(story)
    wrong: list[str] = []
    with drill_world(story) as world:
        for meeting in meetings(world, "resume"):
            for race in stops(meeting.begin, "resume"):
                world.tick()
                world.aws.clock.advance(minutes=5)
                world.begin()
                race.finish()
                wrong += [f"{race.played}: {w}" for w in world.heal()]
    assert [] == wrong
