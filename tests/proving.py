"""What the proofs share: a night with witnesses, what may go wrong in it, and how soon it heals.

A proof plays the template's schedules on the sandbox through the real handler, lets one thing go
wrong, and looks at what exists in both accounts.  ``Witness`` judges every mutating call by the
true state of the accounts, and knows nothing of how the function decides.

``python -m tests.proving`` prints how many crash points, fault places and lost answers there are.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, ClassVar
from unittest.mock import patch

from rds_backup import naming, sessions
from rds_backup.model import Kind as Family
from rds_backup.model import Point, Series
from sandbox import Call, Hook, Row, Sandbox
from sandbox.kinds import FAMILIES, Kind
from sandbox.lambda_runtime import Function, Invocation
from sandbox.operations import OPERATIONS
from tests import mishaps
from tests.mishaps import Answer, Stage
from tests.nights import BACKUP, DAY, EXPIRE, NIGHT, RESUME, TICK, WINDOW, shared_copies

# When faults stop, every healthy database is protected, no shared copy is left and N hold within so
# many ticks of ten minutes, the copies' own time not counted: the next `backup` of the window is at
# most six ticks away, and three more see the shared copy, the backup, and what then goes.
HEALS_WITHIN = 9
# No night of the proofs has more ticks than this: 24 hours of them.
LONGEST = 144
KEEP = 2
MAX_ATTEMPTS = 3
# Two copies end within the tick that started them: what is counted are the function's own ticks.
COPY = timedelta(minutes=8)
EXPIRE_MINUTE = timedelta(minutes=25)
TAGGED = {"backup": "nightly"}
PREFIX = "rds-backup"
RESOURCE_TAG, SOURCE_TAG = "rds-backup:resource-id", "rds-backup:source-snapshot"


class Death(BaseException):
    """The process is gone; no handler of the function may catch it."""


@dataclass(frozen=True, slots=True)
class Story:
    """What there is before the night, who expires backups, and how long a copy takes."""

    earlier: int = KEEP
    expiring: str = "source"
    copy: timedelta = COPY
    databases: tuple[tuple[str, Kind], ...] = (("orders", "instance"), ("billing", "cluster"))

    def __str__(self) -> str:
        """The id of a test."""
        return f"{self.earlier} earlier, {self.expiring} expires"


STORIES = tuple(Story(n, who) for who in ("source", "backup") for n in (0, KEEP))
# Where the time that copies take does not matter: one invocation goes through all stages.
BY_SOURCE, BY_BACKUP = (Story(KEEP, who, timedelta(0)) for who in ("source", "backup"))
PAIRS_OF_DEATHS = 24
NEIGHBOURS: tuple[tuple[str, Kind], ...] = (
    ("orders", "instance"),
    ("billing", "cluster"),
    ("healthy", "instance"),
    ("steady", "cluster"),
)


class Process(Function):
    """A deployed function whose boto3 clients outlive the world: making them takes half the time.

    ``restart`` forgets what a new process would not know: the assumed role's credentials.
    ``new_clients`` forgets everything; due after retries, which a client counts.
    """

    _clients: ClassVar[dict[str, tuple[Any, Any]]] = {}

    def invoke(self, event: Any) -> Invocation:  # noqa: ANN401 - an event is whatever JSON says
        """Invoke it once; only a Death is raised."""
        access_key = self.environment["AWS_ACCESS_KEY_ID"]
        own, assumed = self._clients.setdefault(
            access_key, (cache(sessions.own.__wrapped__), cache(sessions.assumed.__wrapped__))
        )
        Function._warm = self  # noqa: SLF001 - it must not clear what is kept here
        with patch.object(sessions, "own", own), patch.object(sessions, "assumed", assumed):
            try:
                return super().invoke(event)
            except Death:
                self.restart()
                raise
            finally:
                Function._warm = None  # noqa: SLF001 - the next plain Function starts cold

    def restart(self) -> None:
        """What a cold start does, as far as AWS can see."""
        for _, assumed in self._clients.values():
            if assumed.cache_info().currsize:
                role, region = self.environment.get("BACKUP_ACCOUNT_ROLE"), self.aws.region
                account = assumed(role, None, region, f"rds-backup-{self.aws.source.id}")
                credentials = account._session._session._credentials  # noqa: SLF001
                credentials._frozen_credentials = None  # noqa: SLF001 - as if never refreshed

    @classmethod
    def new_clients(cls) -> None:
        """Let the next invocation make its clients anew."""
        cls._clients.clear()


@dataclass(eq=False)
class Witness(Hook):
    """Sees every call, and notes what must never be, by the true state of both accounts."""

    aws: Sandbox
    strangers: tuple[Row, ...] = ()
    wrongs: list[str] = field(default_factory=list)
    copies: Counter[tuple[str, str]] = field(default_factory=Counter)

    def before(self, call: Call) -> None:
        """Judge a deletion by what it is about to take away."""
        if not call.operation.startswith("DeleteDB"):
            return
        rows = [r for r in self.aws.snapshots(account=call.account) if r.identifier == _named(call)]
        for row in rows:
            if not is_ours(row):
                self.wrongs.append(f"deletes {row.identifier}, which is not ours")
            elif row.account == self.aws.backup.id:
                self._expires(row)
            else:
                self._takes_back(row)

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Count copies; look for strangers touched and snapshots shared with others."""
        del answer
        if not call.mutating:
            return
        if call.operation.startswith("CopyDB") and call.account:
            tags = {t["Key"]: t["Value"] for t in call.params["Tags"]}
            stage = tags[SOURCE_TAG], call.account
            self.copies[stage] += 1
            if self.copies[stage] > MAX_ATTEMPTS:
                self.wrongs.append(f"copy number {self.copies[stage]} of {stage}")
            alive = [r for r in self._attempts(*stage) if r.status in ("creating", "copying")]
            if len(alive) > 1:
                self.wrongs.append(f"{[r.identifier for r in alive]} are copied at once")
        self.look_around()

    def look_around(self) -> None:
        """Note strangers that are not as they were, and snapshots shared with others."""
        rows = self.aws.snapshots()
        untouched = {identity(r) for r in rows}
        for row in self.strangers:
            if identity(row) not in untouched:
                self.wrongs.append(f"{row.identifier} is not as it was")
        for row in rows:
            if is_ours(row) and not row.shared_with <= {self.aws.backup.id}:
                self.wrongs.append(f"{row.identifier} is shared with {sorted(row.shared_with)}")

    def _expires(self, row: Row) -> None:
        resource = row.tags[RESOURCE_TAG]
        sound = verified(self.aws, resource)
        if row in sound[-KEEP:] or (row.status == "available" and len(sound) <= KEEP):
            self.wrongs.append(f"expires {row.identifier}, one of the newest {KEEP} verified")
        if row.status not in ("available", "failed"):
            self.wrongs.append(f"deletes {row.identifier}, which is {row.status}")

    def _takes_back(self, row: Row) -> None:
        made = self._attempts(row.tags[SOURCE_TAG], self.aws.backup.id)
        if any(r.status in ("creating", "copying") for r in made):
            self.wrongs.append(f"deletes {row.identifier} while a copy is made from it")
        gives_way = row.tags[SOURCE_TAG] not in self._newest_automated()
        needed = row.status == "available" and not gives_way
        if needed and not any(r in verified(self.aws) for r in made):
            self.wrongs.append(f"deletes {row.identifier}, and nothing was made from it")

    def _newest_automated(self) -> set[str]:
        rows = self.aws.snapshots(account=self.aws.source.id, type="automated")
        newest = {r.resource_id: r.arn for r in sorted(rows, key=lambda r: r.taken_at)}
        return set(newest.values())

    def _attempts(self, source: str, account: str) -> list[Row]:
        rows = self.aws.snapshots(account=account, type="manual")
        return [r for r in rows if is_ours(r) and r.tags[SOURCE_TAG] == source]


def _named(call: Call) -> str:
    found: str = (
        call.params.get("DBSnapshotIdentifier") or call.params["DBClusterSnapshotIdentifier"]
    )
    return found


def is_ours(row: Row) -> bool:
    """Whether a snapshot carries this deployment's marker."""
    return row.tags.get("rds-backup:managed-by") == PREFIX


def identity(row: Row) -> tuple[object, ...]:
    """All that a snapshot is, so that any change to it shows."""
    return row.arn, row.status, row.created_at, row.kms_key, row.shared_with, str(row.tags)


def verified(aws: Sandbox, resource: str | None = None) -> list[Row]:
    """The backups that are sound in truth, oldest first: available, ours, under the backup key."""
    return sorted(
        (
            r
            for r in aws.snapshots(account=aws.backup.id, type="manual")
            if is_ours(r)
            and (r.status, r.kms_key) == ("available", aws.backup_key)
            and r.tags[RESOURCE_TAG] == r.resource_id
            and resource in (None, r.resource_id)
        ),
        key=lambda r: (r.created_at, r.identifier),
    )


class World:
    """One sandbox in which a story is played on the template's schedules."""

    def __init__(self, aws: Sandbox, story: Story) -> None:
        """Everything as on the evening before: RDS has just made its automated snapshots."""
        self.aws, self.story, self._night = aws, story, NIGHT
        aws.copies.duration = story.copy
        for number, (name, kind) in enumerate(story.databases):
            if kind == "instance":
                aws.add_instance(name, tags=TAGGED)
            else:
                aws.add_cluster(name, tags=TAGGED)
            for night in range(story.earlier):
                self._earlier_backup(name, kind, NIGHT - (story.earlier - night) * DAY)
            if number < len(FAMILIES):
                self._strangers(name, kind)
        self.witness = Witness(aws, tuple(r for r in aws.snapshots() if not is_ours(r)))
        self._of_tonight()
        by_source = story.expiring == "source"
        shared = {"BACKUPS_TO_KEEP": str(KEEP), "MAX_ATTEMPTS": str(MAX_ATTEMPTS)}
        self.function = Process(
            aws,
            aws.environment(
                DB_TAG="backup=nightly", EXPIRE_BACKUPS=str(by_source).lower(), **shared
            ),
        )
        del shared["MAX_ATTEMPTS"]
        self.expiring = None if by_source else Process(aws, aws.backup_environment(**shared))
        self.invocations: list[Invocation] = []
        self.calls: list[list[Call]] = []
        self.ticks = 0
        self._schedule = self._plan()
        self.deaths = 0
        aws.hooks.append(self.witness)

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
        self._made(PREFIX, self.aws.backup.id, name, kind, night)

    def _made(self, prefix: str, account: str, name: str, kind: Kind, night: datetime) -> None:
        """A finished copy, as a deployment under this prefix makes it."""
        aws = self.aws
        point = self._point(name, kind, night - timedelta(hours=1))
        key = aws.backup_key if account == aws.backup.id else aws.sharing_key
        aws.add_snapshot(
            account,
            kind,
            naming.identifier(prefix, point, 1),
            database=name,
            resource_id=point.series.resource_id,
            taken_at=point.taken_at,
            created_at=night + timedelta(minutes=20),
            kms_key=key,
            source_arn=point.source_arn,
            tags=naming.tags(prefix, aws.backup.id, point, 1, key, night, TAGGED),
        )

    def _strangers(self, name: str, kind: Kind) -> None:
        """A person's own snapshot and another deployment's, of this very database.

        In each account one of each, of either family.
        """
        aws = self.aws
        first, second = (aws.source, aws.backup) if kind == "instance" else (aws.backup, aws.source)
        aws.add_manual(f"{name}-by-hand", of=name, kind=kind, account=first)
        self._made("other", second.id, name, kind, NIGHT - 3 * DAY)

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
        """Tick until the night has ended well, or the limit is passed; how many ticks it took."""
        before = self.ticks
        while self.unwell():
            if self.ticks - before > limit:
                break
            self.step()
        return self.ticks - before

    def unwell(self) -> list[str]:
        """What the night still lacks, in truth: empty when it has ended well."""
        wanting = []
        sound = verified(self.aws)
        done = Counter(r.tags[SOURCE_TAG] for r in sound)
        wanting += [f"no backup of {arn}" for arn in sorted(self.sources) if not done[arn]]
        wanting += [f"{arn} is backed up {n} times" for arn, n in done.items() if n > 1]
        left = [r.identifier for r in shared_copies(self.aws) if is_ours(r)]
        wanting += [f"{name} is left" for name in left]
        keep = min(KEEP, self.story.earlier + 1)
        for name, kind in self.story.databases:
            resource = self.aws.database(name, kind=kind).resource_id
            mine = [r for r in sound if r.resource_id == resource]
            if len(mine) != keep:
                wanting.append(f"{len(mine)} backups of {name}, not {keep}")
        everything = self.aws.snapshots(account=self.aws.backup.id, type="manual")
        dead = [r.identifier for r in everything if is_ours(r) and r not in sound]
        return wanting + [f"{name} is not sound" for name in dead]

    def alarms(self) -> list[str]:
        """Every invocation that raised: for nothing, where a person has nothing to do."""
        return [f"an alarm: {i.error}" for i in self.invocations if i.error]

    def judge(self) -> list[str]:
        """Everything that is wrong, or was."""
        self.witness.look_around()
        return self.witness.wrongs + self.unwell()


@contextmanager
def world(story: Story, **sandbox: Any) -> Iterator[World]:  # noqa: ANN401 - Sandbox's keywords
    """A story about to begin."""
    with Sandbox(start=NIGHT - timedelta(hours=2), **sandbox) as aws:
        made = World(aws, story)
        made.function.restart()
        yield made


@dataclass(eq=False)
class Dies(Hook):
    """The process dies at the calls with these numbers, before or after they take effect."""

    at: Mapping[int, str]
    seen: int = -1
    died: int = 0

    def before(self, call: Call) -> None:
        """Count the call; die."""
        del call
        self.seen += 1
        self._die("before")

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Die, the call having taken effect."""
        del call, answer
        self._die("after")

    def _die(self, when: str) -> None:
        if self.at.get(self.seen) == when:
            self.died += 1
            raise Death


@cache
def invocations_of(story: Story) -> tuple[int, ...]:
    """How many calls each invocation makes in a night in which nothing goes wrong."""
    with world(story) as night:
        night.tick_on()
        assert night.judge() == []
        return tuple(len(calls) for calls in night.calls)


def crash_points(story: Story) -> list[tuple[int, str]]:
    """Every death there is in a night: before each call, and after the last of each invocation.

    A death after any other call is the one before the next call: the function changes nothing but
    by calls, so nothing happens in between.
    """
    points: list[tuple[int, str]] = []
    for count in invocations_of(story):
        first = len(points) and points[-1][0] + 1
        points += [(number, "before") for number in range(first, first + count)]
        points.append((first + count - 1, "after"))
    return points


@cache
def lost_answers(story: Story) -> tuple[int, ...]:
    """The changing calls of a night in which nothing goes wrong, by number."""
    with world(story) as night:
        night.tick_on()
        return tuple(range(sum(call.mutating for call in night.aws.calls)))


def operations(pattern: str) -> list[str]:
    """The operations that the sandbox plays, by a pattern with wildcards."""
    return [
        name
        for names in OPERATIONS.values()
        for name in names
        if any(fnmatchcase(name, one) for one in pattern.split("|"))
    ]


def pairs(*stages: Stage) -> list[tuple[Stage, Answer]]:
    """Every answer at every stage."""
    return [(stage, answer) for stage in stages for answer in stage.answers]


def figures() -> dict[str, int]:
    """How much the proofs play, by what it is."""
    stages: dict[str, tuple[Stage, ...]] = {
        "errors for ever at a change": mishaps.CHANGES,
        "errors for ever at a deletion": mishaps.DELETIONS,
        "errors for ever at a look": (*mishaps.LISTINGS, *mishaps.FRESH_LOOKS),
        "errors for ever at a role, a key or an identity": (*mishaps.ACCOUNTS, mishaps.IDENTITY),
        "errors at the backup account's own expire": mishaps.EXPIRES,
    }
    once = sum(sum(invocations_of(story)) for story in (BY_SOURCE, BY_BACKUP))
    retried = sum(answer.retried for answer in mishaps.COMMON)
    return {
        "calls of the nights that die": sum(sum(invocations_of(s)) for s in STORIES),
        "deaths, before each of them and after the last of an invocation": sum(
            len(crash_points(s)) for s in STORIES
        ),
        "pairs of deaths": PAIRS_OF_DEATHS,
        **{name: len(pairs(*of)) for name, of in stages.items()},
        "calls that fail once, by an error that is not retried": once,
        "calls that fail at their first attempt": retried * sum(invocations_of(BY_SOURCE)),
        "lost answers": 2 * sum(len(lost_answers(story)) for story in STORIES if story.earlier),
    }


def main() -> None:
    """Print the figures."""
    for name, count in figures().items():
        print(f"{count:6} {name}")  # noqa: T201 - what it is for


if __name__ == "__main__":
    main()
