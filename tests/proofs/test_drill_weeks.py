"""Drills beside nights and expiry for weeks, and in storms of faults, deaths and people."""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from sandbox import Call, Hook, Row, Sandbox, Switches
from tests.proofs.test_drill_people import MEDDLINGS, Undo
from tests.support import mishaps
from tests.support.drill_checker import RESULT, DrillChecker
from tests.support.drill_stories import DRILL_STORIES, drill_calls, drill_world
from tests.support.drilling import DRILL, GO_ON
from tests.support.playing import BACKUP, DAY, EXPIRE, NIGHT, TICK, automated, backups
from tests.support.process import Death, Process
from tests.support.truth import day_of

DAYS = 21
KEEP = 2
SERIES = {"orders": "postgres", "users": "mysql", "billing": "aurora-mysql"}
DRILL_TICKS = 9
# Behind which invocation of the drill the night falls, and who lets backups expire.
WEEKS = [(number, ("source", "backup")[number % 2]) for number in range(6)]
DRILL_STORMS = range(16)
STORM_STEPS = 24
CLIENTS_LAST = 4


class Weeks:
    """Three series; every day one drill, one night and one expiry, which fall into one hour."""

    def __init__(self, aws: Sandbox, expires: str) -> None:
        """Deploy everything."""
        self.aws = aws
        for name, engine in SERIES.items():
            make = aws.add_cluster if engine.startswith("aurora-") else aws.add_instance
            make(name, engine=engine, kms_key="aws/rds", tags={"backup": "nightly"})
        aws.copies.duration = timedelta(0)
        keep = {"BACKUPS_TO_KEEP": str(KEEP)}
        by_source = str(expires == "source").lower()
        self.backing_up = Process(
            aws, aws.environment(DB_TAG="backup=nightly", EXPIRE_BACKUPS=by_source, **keep)
        )
        self.backing_up.restart()
        self.expiring = Process(aws, aws.backup_environment(**keep))
        self.by_source = expires == "source"
        self.drilling = Process(aws, aws.drill_environment())
        self.checker = DrillChecker(aws, timedelta(hours=12)).install()

    def day(self, number: int, before: int) -> Iterator[str]:
        """What is wrong on a day whose drill begins so many ticks before the night's run."""
        aws, night = self.aws, NIGHT + number * DAY
        automated(aws, night)
        for tick in range(DRILL_TICKS):
            aws.clock.move_to(night + (tick - before) * TICK)
            done = self.drilling.invoke(GO_ON if tick else DRILL)
            self.checker.looked(1)
            if done.error:
                yield f"{night:%d}, tick {tick}: {done.error}"
            if tick == before:
                yield from self._night()
        if self.checker.made():
            yield f"{night:%d}: a database is left"
        yield from self.checker.broken

    def _night(self) -> Iterator[str]:
        runs = [(self.backing_up, BACKUP)] + [(self.expiring, EXPIRE)] * (not self.by_source)
        for function, event in runs:
            if (done := function.invoke(event)).error:
                yield str(done.error)
        for name, mine in self.series().items():
            newest = sorted({day_of(row) for row in mine})[-KEEP:]
            more = [row for row in mine if day_of(row) not in newest]
            if len(more) > 1 or any(row != _proven(mine) for row in more):
                yield f"{name} has {mine}"

    def series(self) -> dict[str, list[Row]]:
        """The backups of each series."""
        found = defaultdict(list)
        for row in backups(self.aws):
            found[row.database].append(row)
        return found


def _proven(rows: list[Row]) -> Row | None:
    """The backup with the newest drill that passed."""
    passed = [row for row in rows if row.tags.get(RESULT, "").split()[:1] == ["passed"]]
    return max(passed, key=lambda row: row.tags["rds-backup:restored-at"], default=None)


@pytest.mark.parametrize(("before", "expires"), WEEKS)
def test_drills_and_retention_go_on_beside_each_other_for_weeks(expires: str, before: int) -> None:
    """A series with a proof keeps one backup more at most, and each is restored in each round.

    The night's run falls behind each invocation of the drill of that day in turn.
    """
    with Sandbox(start=NIGHT - DAY) as aws:
        weeks = Weeks(aws, expires)
        restored = defaultdict(list)
        wrongs: list[str] = []
        for number in range(DAYS):
            had = {name: _proven(mine) for name, mine in weeks.series().items()}
            wrongs += weeks.day(number, before)
            for name, mine in weeks.series().items():
                proven = _proven(mine)
                if had.get(name) and not proven:
                    wrongs.append(f"{number}: the proof of {name} is gone")
                if proven and proven != had.get(name):
                    restored[name].append(number)
        assert [] == wrongs
        # The first drill finds nothing: it begins before the first night's run.
        for name in SERIES:
            days = [0, *restored[name], DAYS]
            assert all(later - day <= len(SERIES) for day, later in pairwise(days)), days


class DrillStorm(Hook):
    """Any call of the drill may be refused, unanswered, lost after its effect, or the last one."""

    def __init__(self, lot: random.Random, role: str) -> None:
        """Everything follows from the lot."""
        self._lot, self._role = lot, role

    def before(self, call: Call) -> None:
        """Maybe refuse the call, or die."""
        self._maybe(call, mishaps.COMMON)

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Maybe lose the answer, or die."""
        del answer
        self._maybe(call, tuple(a for a in mishaps.COMMON if a.breaks))

    def _maybe(self, call: Call, answers: tuple[mishaps.Answer, ...]) -> None:
        if call.caller != self._role:
            return
        fate = self._lot.random()
        if fate < 0.03:
            raise Death
        if fate < 0.1:
            raise self._lot.choice(answers).answer(mishaps.kind_of(call))


@pytest.mark.parametrize("seed", DRILL_STORMS)
def test_after_a_storm_nothing_of_a_drill_is_left_and_the_backup_passes(seed: int) -> None:
    """Errors, lost answers, deaths, restores that fail, people and late ticks; then none.

    The parameter is the seed of everything that happens.
    """
    lot = random.Random(seed)  # noqa: S311 - not for secrets
    switches = Switches(
        delete_creating=lot.choice(("accept", "refuse")),
        restoring_cluster=lot.choice(("creating", "migrating")),
    )
    story = DRILL_STORIES[seed % len(DRILL_STORIES)]
    drill_calls(story)
    with drill_world(story, switches) as world:
        undo: list[Undo] = []
        world.aws.hooks.append(storm := DrillStorm(lot, world.checker.role))
        for step in range(STORM_STEPS):
            if step % CLIENTS_LAST == 0:
                Process.new_clients()
            world.aws.clock.advance(lot.choice([0, 1, 1, 1, 2, 8]) * TICK)
            fate = lot.random()
            if fate < 0.1:
                world.aws.restores.end_next(lot.choice(["failed", "incompatible-restore"]))
            if fate > 0.9 and backups(world.aws) and (back := lot.choice(MEDDLINGS)(world)):
                undo.append(back)
            world.invoke(lot.choice([DRILL, GO_ON, GO_ON]))
        Process.new_clients()
        world.aws.hooks.remove(storm)
        world.aws.restores.forget_fates()
        for back in reversed(undo):
            back()
        wrongs = world.heal(passes=False)
        if not world.passed():
            world.night(NIGHT + 3 * DAY)
            wrongs += world.heal()
        assert [] == wrongs
    Process.new_clients()
