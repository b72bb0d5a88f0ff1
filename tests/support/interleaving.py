"""Several invocations at once, one API call at a time, in an order that a test chooses.

Each runs in a thread of its own and stops before every API call until it is its turn, so that a
schedule (a list of names) says exactly what happens when.  ``every_order`` plays every schedule of
some invocations, leaving out those that differ from another one only in the order of calls that
cannot matter to each other: reads commute, and so do reads and changes of different lanes.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any

import boto3
import botocore.session

from rds_backup.aws.account import Account
from sandbox import Credentials
from sandbox.sandbox import BACKUP

_READS = ("Describe", "List", "Get", "Assume")
# Databases matter where drills make them: nobody else looks at those of the backup account.
_DATABASES = ("DescribeDBInstances", "DescribeDBClusters")
# An instance may be a cluster's, and what is tagged may be of either family.
_OF_BOTH = ("AddTagsToResource", "CreateDBInstance", "DeleteDBInstance")
_PATIENCE_SECONDS = 60.0
_here = threading.local()
type Work = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One API call that an invocation is about to make."""

    operation: str
    account: str
    params: Mapping[str, Any] = field(compare=False)

    @property
    def mutating(self) -> bool:
        """Whether it changes anything."""
        return not self.operation.startswith(_READS)

    @property
    def lanes(self) -> frozenset[tuple[str, bool]]:
        """The account and the families that it reads or changes."""
        if self.operation in _OF_BOTH:
            return frozenset({(self.account, False), (self.account, True)})
        return frozenset({(self.account, "Cluster" in self.operation)})

    @property
    def matters(self) -> bool:
        """Whether its place among the calls of another invocation can make a difference."""
        of_snapshots = "Snapshot" in self.operation
        of_drills = self.operation in _DATABASES and self.account == BACKUP
        snapshots_matter = of_snapshots and self.params.get("SnapshotType") != "automated"
        return self.mutating or snapshots_matter or of_drills

    def commutes(self, other: "Step") -> bool:
        """Whether the two can change places: both read, or one reads what the other leaves."""
        if self.mutating and other.mutating:
            return False
        return not (self.mutating or other.mutating) or not self.lanes & other.lanes


class Killed(BaseException):
    """The death of a process; nothing of ours may catch it."""


class Invocation(threading.Thread):
    """Work that stops before each of its API calls."""

    def __init__(self, name: str, work: Work) -> None:
        """Take the work; nothing happens before ``begin``."""
        super().__init__(name=name, daemon=True)
        self.pending: Step | None = None
        self.heard: list[int] = []
        self.result: Any = None
        self.error: BaseException | None = None
        self._work = work
        self._turn = threading.Semaphore(0)
        self._stopped = threading.Semaphore(0)
        self._dead = False

    def begin(self) -> None:
        """Go on to the first call."""
        self.start()
        self._await()

    def go_on(self) -> None:
        """Make the call that is pending, and go on to the next one or to the end."""
        self._turn.release()
        self._await()

    def kill(self) -> None:
        """End it before the call that is pending."""
        self._dead = True
        if self.pending is not None:
            self.go_on()

    @property
    def done(self) -> bool:
        """Whether it has come to its end."""
        return self.pending is None

    def run(self) -> None:
        """Run the work; called by the thread."""
        _here.invocation = self
        try:
            self.result = self._work()
        except BaseException as error:  # noqa: BLE001 - looked at by the test
            self.error = error
        self.pending = None
        self._stopped.release()

    def stop_before(self, step: Step) -> None:
        """Wait for one's turn; called by the thread."""
        self.pending = step
        self._stopped.release()
        self._turn.acquire()
        if self._dead:
            raise Killed

    def _await(self) -> None:
        if not self._stopped.acquire(timeout=_PATIENCE_SECONDS):
            raise TimeoutError(f"{self.name} neither stopped nor ended after {self.pending}")


class Race:
    """Some invocations under way, each before its next call that matters."""

    def __init__(self, works: Mapping[str, Work]) -> None:
        """Begin them all."""
        self.played: list[str] = []
        self.invocations = {name: Invocation(name, work) for name, work in works.items()}
        for invocation in self.invocations.values():
            invocation.begin()
            _to_what_matters(invocation)

    @property
    def pending(self) -> dict[str, Step]:
        """The next call of each that has not ended."""
        return {n: i.pending for n, i in self.invocations.items() if i.pending is not None}

    @property
    def heard(self) -> Hashable:
        """The answers that each has had."""
        return tuple(tuple(i.heard) for i in self.invocations.values())

    def step(self, name: str) -> None:
        """Let one make its next call."""
        self.played.append(name)
        self.invocations[name].go_on()
        _to_what_matters(self.invocations[name])

    def finish(self, *names: str) -> None:
        """Let these go on to their ends, one after the other; all, if none are named."""
        for name in names or tuple(self.invocations):
            while not self.invocations[name].done:
                self.step(name)

    def kill(self) -> None:
        """End all before their next call."""
        for invocation in self.invocations.values():
            invocation.kill()


def _to_what_matters(invocation: Invocation) -> None:
    while invocation.pending and not invocation.pending.matters:
        invocation.go_on()


type _Left = list[tuple[list[str], frozenset[str]]]
type _Known = dict[Hashable, list[frozenset[str]]]


def every_order(
    begin: Callable[[], Race], state: Callable[[], Hashable], end: Callable[[Race], None]
) -> None:
    """Play every order of the calls of a race; ``begin`` has to restore the world each time.

    ``state`` is everything in the world that an answer can depend on.  What follows depends on it
    and on the answers that each invocation has had, so one order stands for all that lead there.
    """
    left: _Left = [([], frozenset())]
    known: _Known = defaultdict(list)
    while left:
        prefix, asleep = left.pop()
        race = begin()
        for name in prefix:
            race.step(name)
        if _play_on(race, asleep, state, left, known):
            end(race)
        else:
            race.kill()


def _play_on(
    race: Race,
    asleep: frozenset[str],
    state: Callable[[], Hashable],
    left: _Left,
    known: _Known,
) -> bool:
    """Play to the end, noting what branches off; False where all that follows is known.

    Asleep are those whose next call was tried before, with nothing since that it depends on.
    """
    while pending := race.pending:
        here = known[state(), race.heard]
        awake = [name for name in pending if name not in asleep]
        if not awake or any(before <= asleep for before in here):
            return False
        here.append(asleep)
        first, tried = awake[0], asleep
        for other in awake[1:]:
            tried = tried | {first}
            still = frozenset(n for n in tried if pending[n].commutes(pending[other]))
            left.append(([*race.played, other], still))
        asleep = frozenset(n for n in asleep if pending[n].commutes(pending[first]))
        race.step(first)
    return True


def stops(begin: Callable[[], Race], name: str) -> Iterator[Race]:
    """The race with one invocation before its first call, its second, and so on to its last."""
    for calls in count():
        race = begin()
        for _ in range(calls):
            race.step(name)
        if race.invocations[name].done:
            race.kill()
            return
        yield race


@cache
def account(credentials: Credentials, region: str, label: str) -> Account:
    """An account as the function sees it, whose calls stop where invocations take turns.

    One for each label: invocations in different processes share no client.
    """
    owner = credentials.identity.account

    def stop(**said: Any) -> None:  # noqa: ANN401 - botocore's event
        invocation = getattr(_here, "invocation", None)
        if invocation is not None:
            body = said["params"]["body"]
            params = dict(body) if isinstance(body, Mapping) else {}
            invocation.stop_before(Step(said["model"].name, owner, params))

    def hear(**said: Any) -> None:  # noqa: ANN401 - likewise
        invocation = getattr(_here, "invocation", None)
        if invocation is not None:
            # A stream has an address of its own, and can be read once only.
            told = {k: v for k, v in said["parsed"].items() if not hasattr(v, "read")}
            answer = {k: v for k, v in told.items() if k != "ResponseMetadata"}
            invocation.heard.append(hash((said["model"].name, repr(answer))))

    core = botocore.session.get_session()
    core.user_agent_extra = label
    core.register("before-call", stop)
    core.register("after-call", hear)
    return Account(
        boto3.Session(
            aws_access_key_id=credentials.access_key,
            aws_secret_access_key=credentials.secret_key,
            aws_session_token=credentials.token,
            region_name=region,
            botocore_session=core,
        )
    )
