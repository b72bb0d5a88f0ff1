"""A night of several databases on the template's schedules, and how soon it heals.

A proof lets one thing go wrong in a story and looks at what exists in both accounts; a checker
judges every call and every answer on the way.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from rds_backup.model import identity
from rds_backup.model.decisions import Point, Series
from rds_backup.model.inventory import Kind as Family
from sandbox import Call, Row, Sandbox
from sandbox.kinds import FAMILIES, Kind
from sandbox.serving.lambda_runtime import Invocation
from tests.support.checker import Checker
from tests.support.playing import BACKUP, DAY, EXPIRE, NIGHT, RESUME, TICK, WINDOW
from tests.support.process import Death, Process
from tests.support.truth import POINT, Rules

# When faults stop, every healthy database is protected and no shared copy is left within so many
# ticks of ten minutes, the copies' own time not counted: the next `backup` of the window is at most
# six ticks away, and three more see the shared copy, the backup, and what then goes.  What is
# beyond the number to keep goes with the `backup` after that.
HEALS_WITHIN = 9
EXPIRES_WITHIN = HEALS_WITHIN + 6
# No night of the proofs has more ticks than this: 24 hours of them.
LONGEST = 144
_UNDER_WAY = ("creating", "copying")
KEEP = 2
MAX_ATTEMPTS = 3
# Two copies end within the tick that started them: what is counted are the function's own ticks.
COPY = timedelta(minutes=8)
EXPIRE_MINUTE = timedelta(minutes=25)
TAGGED = {"backup": "nightly"}


@dataclass(frozen=True, slots=True)
class Story:
    """What there is before the night, who expires backups, and how long a copy takes."""

    earlier: int = KEEP
    expiring: str = "source"
    copy: timedelta = COPY
    databases: tuple[tuple[str, Kind], ...] = (("orders", "instance"), ("billing", "cluster"))
    backup_region: str | None = None
    incremental: bool = False

    def __str__(self) -> str:
        """The id of a test."""
        where = f", backups in {self.backup_region}" if self.backup_region else ""
        bases = ", with bases" if self.incremental else ""
        return f"{self.earlier} earlier, {self.expiring} expires{where}{bases}"


STORIES = (
    *(Story(n, who) for who in ("source", "backup") for n in (0, KEEP)),
    *(Story(KEEP, who, incremental=True) for who in ("source", "backup")),
)
# Where the time that copies take does not matter: one invocation goes through all stages.
BY_SOURCE, BY_BACKUP = (Story(KEEP, who, timedelta(0)) for who in ("source", "backup"))
# Another Region for the backups, which an account has to enable.
ELSEWHERE = "eu-south-1"
IN_TWO_REGIONS = tuple(replace(s, backup_region=ELSEWHERE) for s in (STORIES[1], STORIES[5]))
AT_ONCE = (BY_SOURCE, BY_BACKUP, replace(BY_SOURCE, incremental=True))
PAIRS_OF_DEATHS = 24
NEIGHBOURS: tuple[tuple[str, Kind], ...] = (
    ("orders", "instance"),
    ("billing", "cluster"),
    ("healthy", "instance"),
    ("steady", "cluster"),
)


class World:
    """One sandbox in which a story is played on the template's schedules."""

    def __init__(self, aws: Sandbox, story: Story) -> None:
        """Everything as on the evening before: RDS has just made its automated snapshots."""
        self.aws, self.story, self._night = aws, story, NIGHT
        self.rules = Rules(
            sharing_key=aws.sharing_key,
            backup_key=aws.backup_key,
            keep=KEEP,
            max_attempts=MAX_ATTEMPTS,
            incremental=story.incremental,
        )
        self.checker = Checker(aws, self.rules)
        aws.copies.duration = story.copy
        for number, (name, kind) in enumerate(story.databases):
            if kind == "instance":
                aws.add_instance(name, tags=TAGGED)
            else:
                aws.add_cluster(name, tags=TAGGED)
            for night in range(story.earlier):
                self._earlier_backup(name, kind, NIGHT - (story.earlier - night) * DAY)
            if story.incremental and kind == "instance":
                base = self._made(self.rules.prefix, aws.source.id, name, kind, NIGHT - DAY)
                self.checker.made.add(base.arn)
            if number < len(FAMILIES):
                self._strangers(name, kind)
        self._of_tonight()
        by_source = story.expiring == "source"
        shared = {"BACKUPS_TO_KEEP": str(KEEP)}
        self.function = Process(
            aws,
            aws.environment(
                DB_TAG="backup=nightly",
                EXPIRE_BACKUPS=str(by_source).lower(),
                INCREMENTAL=str(story.incremental).lower(),
                MAX_ATTEMPTS=str(MAX_ATTEMPTS),
                **shared,
            ),
        )
        self.expiring = None if by_source else Process(aws, aws.backup_environment(**shared))
        self.invocations: list[Invocation] = []
        self.calls: list[list[Call]] = []
        self.ticks = 0
        self._schedule = self._plan()
        self.deaths = 0
        self.checker.install()

    def _of_tonight(self) -> None:
        self.aws.clock.move_to(self._night - timedelta(hours=1))
        self.sources = {row.arn for row in self.aws.take_automated_of_all()}

    def _point(self, name: str, kind: Kind, taken_at: datetime) -> Point:
        aws = self.aws
        word = FAMILIES[kind].arn_word
        arn = (
            f"arn:aws:rds:{aws.region}:{aws.source.id}:{word}:rds:{name}-{taken_at:%Y-%m-%d-%H-%M}"
        )
        resource = aws.database(name, kind=kind).resource_id
        series = Series(aws.source.id, aws.region, resource)
        return Point(series, Family(kind), name, arn, taken_at)

    def _earlier_backup(self, name: str, kind: Kind, night: datetime) -> None:
        made = self._made(self.rules.prefix, self.aws.backup.id, name, kind, night)
        self.checker.made.add(made.arn)

    def _made(self, prefix: str, account: str, name: str, kind: Kind, night: datetime) -> Row:
        """A finished copy, as a deployment under this prefix makes it."""
        aws = self.aws
        point = self._point(name, kind, night - timedelta(hours=1))
        key = aws.backup_key if account == aws.backup.id else aws.sharing_key
        return aws.add_snapshot(
            account,
            kind,
            identity.identifier(prefix, point, 1),
            database=name,
            resource_id=point.series.resource_id,
            taken_at=point.taken_at,
            created_at=night + timedelta(minutes=20),
            kms_key=key,
            source_arn=point.source_arn,
            tags=identity.tags(
                identity.Marker(prefix, aws.backup.id), point, 1, key, night, TAGGED
            ),
        )

    def _strangers(self, name: str, kind: Kind) -> None:
        """A person's own snapshot and another deployment's, of this very database.

        In each account one of each, of either family.
        """
        aws = self.aws
        first, second = (aws.source, aws.backup) if kind == "instance" else (aws.backup, aws.source)
        self.checker.strangers += [
            aws.add_manual(f"{name}-by-hand", of=name, kind=kind, account=first),
            self._made("other", second.id, name, kind, NIGHT - 3 * DAY),
        ]

    def _plan(self) -> Iterator[tuple[bool, datetime, Process, Mapping[str, Any]]]:
        """Whether it is a tick, when, whose, and what: every ten minutes, for four days."""
        when = self._night
        while True:
            night = when.replace(hour=NIGHT.hour, minute=0)
            starts = {night + timedelta(hours=h) for h in WINDOW}
            yield True, when, self.function, BACKUP if when in starts else RESUME
            expire_at = when.replace(minute=0) + EXPIRE_MINUTE
            in_window = when.hour in range(NIGHT.hour, NIGHT.hour + len(WINDOW))
            if self.expiring and in_window and when <= expire_at < when + TICK:
                yield False, expire_at, self.expiring, EXPIRE
            when += TICK

    def step(self) -> Invocation | None:
        """The next invocation of the schedule; None if the process died in it."""
        is_tick, when, function, event = next(self._schedule)
        self.ticks += is_tick
        before = len(self.aws.calls)
        try:
            done = function.at(max(when, self.aws.clock.now), event)
        except Death:
            self.deaths += 1
            return None
        finally:
            self.calls.append(self.aws.calls[before:])
        self.invocations.append(done)
        self.checker.answered(done, series_only=function is self.expiring)
        return done

    def until(self, happened: Callable[[], object]) -> None:
        """Play until something has happened, which it has to within a day."""
        while not happened():
            assert self.ticks < LONGEST, "it never happened"
            self.step()

    def skip(self, ticks: int) -> None:
        """Let so many ticks, and what is between them, be lost."""
        while ticks:
            is_tick, *_ = next(self._schedule)
            ticks -= is_tick

    def next_night(self) -> None:
        """RDS makes the automated snapshots of the next night, which is about to begin."""
        self._night += DAY
        self._of_tonight()
        self._schedule = self._plan()

    def play(self, ticks: int) -> list[Invocation]:
        """So many ticks, with the backup account's ``expire`` between them."""
        until, before = self.ticks + ticks, len(self.invocations)
        while self.ticks < until:
            self.step()
        return self.invocations[before:]

    def tick_on(self, limit: int = HEALS_WITHIN) -> int:
        """Tick until the night has ended well, or the limit is passed; how many ticks it took.

        Then, not counted, until nothing is overdue, as long as that may take.
        """
        before = self.ticks
        while self.unwell() and self.ticks - before <= limit:
            self.step()
        took = self.ticks - before
        while self.overdue() and self.ticks - before <= EXPIRES_WITHIN:
            self.step()
        return took

    def unwell(self) -> list[str]:
        """What the night still lacks, in truth: empty when all of it is protected."""
        wanting = []
        sound = self.checker.verified()
        done = Counter(r.tags[POINT] for r in sound)
        wanting += [f"no backup of {arn}" for arn in sorted(self.sources) if not done[arn]]
        wanting += [f"{arn} is backed up {n} times" for arn, n in done.items() if n > 1]
        wanting += [f"{row.identifier} is left" for row in self.checker.leftovers()]
        keep = min(KEEP, self.story.earlier + 1)
        for name, kind in self.story.databases:
            resource = self.aws.database(name, kind=kind).resource_id
            mine = [r for r in sound if r.resource_id == resource]
            if len(mine) < keep:
                wanting.append(f"{len(mine)} backups of {name}, not {keep}")
        return wanting + [f"{name} is under way" for name in self._unsound(*_UNDER_WAY)]

    def overdue(self) -> list[str]:
        """What retention has still to do."""
        # Two that ended on one UTC day are as one: then one more is kept.
        surplus = [f"{row.identifier} should be gone" for row in self.checker.surplus()]
        return surplus + [f"{name} is not sound" for name in self._unsound("available", "failed")]

    def _unsound(self, *statuses: str) -> list[str]:
        """Our copies in the backup account that are not verified, of these statuses."""
        sound = self.checker.verified()
        everything = self.aws.snapshots(account=self.aws.backup.id)
        ours = [row for row in everything if self.checker.ours(row) and row not in sound]
        return [row.identifier for row in ours if row.status in statuses]

    def alarms(self) -> list[str]:
        """Every invocation that raised: for nothing, where a person has nothing to do."""
        return [f"an alarm: {i.error}" for i in self.invocations if i.error]

    def judge(self) -> list[str]:
        """Everything that is wrong, or was."""
        self.checker.looked()
        return self.checker.broken + self.unwell() + self.overdue()


@contextmanager
def world(story: Story, **sandbox: Any) -> Iterator[World]:  # noqa: ANN401 - Sandbox's keywords
    """A story about to begin."""
    where = story.backup_region
    with Sandbox(start=NIGHT - timedelta(hours=2), backup_region=where, **sandbox) as aws:
        made = World(aws, story)
        made.function.restart()
        yield made


@cache
def invocations_of(story: Story) -> tuple[tuple[Call, ...], ...]:
    """The calls that each invocation makes in a night in which nothing goes wrong."""
    with world(story) as night:
        night.tick_on()
        assert [] == night.judge()
        return tuple(tuple(calls) for calls in night.calls)


def calls_of(story: Story) -> list[Call]:
    """The calls of a night in which nothing goes wrong."""
    return [call for calls in invocations_of(story) for call in calls]


def crash_points(story: Story) -> list[tuple[int, str]]:
    """Every death there is in a night: before each call, and after the last of each invocation.

    A death after any other call is the one before the next call: the function changes nothing but
    by calls, so nothing happens in between.
    """
    points: list[tuple[int, str]] = []
    for calls in invocations_of(story):
        count = len(calls)
        first = len(points) and points[-1][0] + 1
        points += [(number, "before") for number in range(first, first + count)]
        points.append((first + count - 1, "after"))
    return points


def lost_answers(story: Story) -> range:
    """The changing calls of a night in which nothing goes wrong, by number."""
    return range(sum(call.mutating for call in calls_of(story)))
