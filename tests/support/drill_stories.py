"""A restore drill of one backup, tick by tick, with a checker beside it, to be come back to.

A proof lets one thing go wrong in a drill; then the ticks go on, and ``heal`` says what is wrong
with what there is in the end.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple

from sandbox import Call, Sandbox, Switches
from sandbox.kinds import Kind
from sandbox.rds.database_rows import DatabaseRow
from sandbox.serving.lambda_runtime import Invocation
from sandbox.serving.memory import Moment
from tests.support.drill_checker import RESULT, VALIDATOR, DrillChecker
from tests.support.drilling import DRILL, GO_ON, MORNING
from tests.support.playing import BACKUP, DAY, NIGHT, TICK, automated, backups
from tests.support.process import Death, Process

# When faults stop, nothing of a drill is left within so many ticks of ten minutes, the time that
# RDS takes not counted: an instance for the cluster, a password, the questions, the deletion, two
# more where an answer was lost, and one that sees that it is gone.
DRILL_HEALS_WITHIN = 7
_QUICK = timedelta(minutes=5)
_NAMED = re.compile(r"rds-backup-drill-[0-9a-f]{10}-.+")
_IDLE = ["DescribeDBInstances", "DescribeDBClusters"]
PERSONS = "a-persons-own"


@dataclass(frozen=True, slots=True)
class DrillStory:
    """What is restored, and whether a validator is asked."""

    engine: str
    validated: bool

    def __str__(self) -> str:
        """The id of a test."""
        return f"{self.engine}{', validated' * self.validated}"

    @property
    def kind(self) -> Kind:
        """The family."""
        return "cluster" if self.engine.startswith("aurora-") else "instance"


DRILL_STORIES = tuple(
    DrillStory(engine, validated)
    for engine in ("postgres", "aurora-postgresql")
    for validated in (False, True)
)
PLAIN, _, _, WHOLE_CLUSTER = DRILL_STORIES


class _Mark(NamedTuple):
    """A moment of a story, and what its checker knew."""

    moment: Moment
    checker: DrillChecker


class DrillWorld:
    """One sandbox with one backup of one database, in the morning after its night."""

    def __init__(self, aws: Sandbox, story: DrillStory, hours: int = 1) -> None:
        """Play the night; a person has a database in the backup account, too."""
        self.aws, self.story = aws, story
        make = aws.add_cluster if story.kind == "cluster" else aws.add_instance
        make("orders", engine=story.engine, kms_key="aws/rds", tags={"backup": "nightly"})
        aws.add_instance(PERSONS, account=aws.backup)
        aws.copies.duration = timedelta(0)
        aws.restores.creating = aws.restores.deleting = _QUICK
        self.backing_up = Process(aws, aws.environment(DB_TAG="backup=nightly"))
        more = {}
        if story.validated:
            answer = {"ok": True, "facts": {"rows": 1}}
            more["DRILL_VALIDATOR_ARN"] = aws.add_function(VALIDATOR, lambda _: answer)
        self.environment = aws.drill_environment(DRILL_DEADLINE_HOURS=str(hours), **more)
        self.function = Process(aws, self.environment)
        self.checker = DrillChecker(aws, timedelta(hours=hours), story.validated)
        self.invocations: list[Invocation] = []
        self.quiet = 0
        self.backing_up.restart()
        self.night(NIGHT)
        self.checker.install()

    def night(self, night: Any) -> None:  # noqa: ANN401 - a datetime
        """A backup arrives; it is the morning after."""
        automated(self.aws, night)
        self.aws.clock.move_to(night)
        done = self.backing_up.invoke(BACKUP)
        assert done.error is None, done.error
        self.aws.clock.move_to(night + MORNING)

    def invoke(self, event: dict[str, Any], *, quiet: bool = False) -> Invocation | None:
        """One invocation, judged; None if it died."""
        self.quiet = self.quiet + 1 if quiet else 0
        done = None
        try:
            done = self.function.invoke(event)
            self.invocations.append(done)
        except Death:
            pass
        self.checker.looked(self.quiet)
        return done

    def begin(self) -> Invocation | None:
        """The schedule of drills."""
        return self.invoke(DRILL)

    def tick(self, *, quiet: bool = False) -> Invocation | None:
        """Ten minutes later."""
        self.aws.clock.advance(TICK)
        return self.invoke(GO_ON, quiet=quiet)

    def step(self, number: int) -> Invocation | None:
        """The invocation of a drill with this number: it begins, or goes on."""
        return self.tick() if number else self.begin()

    def until_gone(self) -> int:
        """Ticks in which nothing goes wrong, until nothing of a drill is there; how many."""
        for number in range(DRILL_HEALS_WITHIN + 2):
            if not self.checker.made():
                return number
            self.tick(quiet=True)
        return DRILL_HEALS_WITHIN + 2

    def heal(self, *, passes: bool = True) -> list[str]:
        """What is wrong once nothing goes wrong any more.

        ``passes``: the series is restored within a round, which is one day for one series.
        """
        wrongs = []
        if (ticks := self.until_gone()) > DRILL_HEALS_WITHIN:
            wrongs.append(f"{self.left()} left after {ticks} ticks")
        wrongs += self._idle()
        if passes and not self.passed():
            told = self.invoke(DRILL, quiet=True)
            if told and self._alarms(told):
                wrongs.append(f"the next drill: {told.error}")
            if self.until_gone() > DRILL_HEALS_WITHIN or not self.passed():
                wrongs.append(f"the next drill left {self.left()}, {self.results()}")
        if not any(row.identifier == PERSONS for row in self.aws.databases(self.aws.backup.id)):
            wrongs.append("a person's database is gone")
        return wrongs + self.checker.broken

    def _idle(self) -> list[str]:
        """A tick with nothing under way: two calls, no change, nobody is alarmed."""
        before = len(self.aws.calls)
        done = self.tick(quiet=True)
        calls = [call.operation for call in self.aws.calls[before:]]
        if calls != _IDLE or done is None or self._alarms(done):
            return [f"an idle tick made {calls}, {done and done.error}"]
        return []

    def _alarms(self, done: Invocation) -> list[str]:
        """What an error says, but for the names of a drill's that somebody's databases have.

        Those are to be told, each once.
        """
        told = str(done.error).splitlines()[1:] if done.error else []
        theirs = {
            row.identifier
            for row in self.aws.databases(self.aws.backup.id)
            if _NAMED.fullmatch(row.identifier) and row.made_by is None
        }
        named = [line for line in told if line.partition(" ")[0] in theirs]
        untold = theirs - {line.partition(" ")[0] for line in named}
        return [line for line in told if line not in named] + sorted(untold)

    def left(self) -> list[str]:
        """The drill's databases that are there."""
        return [row.identifier for row in self.checker.made()]

    def results(self) -> list[str | None]:
        """What the backups say, oldest first."""
        return [row.tags.get(RESULT) for row in backups(self.aws)]

    def passed(self) -> bool:
        """Whether a backup says that it was restored."""
        return any((said or "").startswith("passed") for said in self.results())

    def whole(self) -> DatabaseRow | None:
        """The drill's database, no member."""
        return next((row for row in self.checker.made() if row.member_of is None), None)

    def mark(self) -> _Mark:
        """The moment that it is, to come back to."""
        return _Mark(Moment(self.aws), self.checker.fork())

    def back(self, mark: _Mark) -> None:
        """That moment again, in a new process, without any hook but its checker."""
        mark.moment.restore()
        self.aws.hooks.clear()
        self.function.restart()
        self.checker = mark.checker.fork().install()
        self.invocations, self.quiet = [], 0


@contextmanager
def drill_world(
    story: DrillStory, switches: Switches | None = None, hours: int = 1
) -> Iterator[DrillWorld]:
    """A sandbox with a story that has not begun; a drill may take so many hours."""
    with Sandbox(start=NIGHT - DAY / 4, switches=switches) as aws:
        yield DrillWorld(aws, story, hours)


def marks_of(world: DrillWorld) -> Iterator[tuple[int, _Mark]]:
    """The moment before each invocation of an undisturbed drill, with the number of each."""
    at = world.mark()
    for number in range(len(drill_calls(world.story))):
        yield number, at
        world.back(at)
        world.step(number)
        at = world.mark()


@cache
def drill_calls(story: DrillStory) -> tuple[tuple[Call, ...], ...]:
    """The calls of a drill in which nothing goes wrong, by invocation, up to the idle tick."""
    found: list[tuple[Call, ...]] = []
    if Sandbox._open:  # noqa: SLF001 - there can be only one in a process
        raise RuntimeError("ask before a sandbox is open")
    with drill_world(story) as world:
        while not found or world.checker.made():
            before = len(world.aws.calls)
            world.step(len(found))
            found.append(tuple(world.aws.calls[before:]))
        assert world.passed()
        assert [] == world.checker.broken
    return tuple(found)
