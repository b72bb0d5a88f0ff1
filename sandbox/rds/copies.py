"""Copies under way: how long they take, which wait for another, and how they end.

Decides when a copy ends and whether it ends ``available`` or ``failed``; everything is computed
from the clock when somebody looks.  Must not know which copies may be started.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.accounts import Identity
from sandbox.kinds import FAMILIES, PENDING, Kind
from sandbox.kms.keys import Keys
from sandbox.rds.lineage import Lineage
from sandbox.rds.snapshots import Snapshot
from sandbox.switches import Switches

type Duration = timedelta | Callable[[Kind, str, Mapping[str, Any]], timedelta]
type Where = Callable[[Kind, str, Mapping[str, Any]], bool]


@dataclass(eq=False, slots=True)
class Job:
    """One copy under way, of what has changed since its ``base``, or of all where that is None.

    ``begins`` is None while it waits for another of its database.
    """

    source: Snapshot
    target: Snapshot
    caller: Identity
    requested: datetime
    duration: timedelta
    doomed: bool
    base: Snapshot | None = None
    begins: datetime | None = None

    @property
    def ends(self) -> datetime:
        """When it ends; only for one that has begun."""
        return (self.begins or self.requested) + self.duration


class Copies:
    """Every copy under way in one sandbox, and what tests decide about the next ones.

    ``duration`` is a timedelta, or a function of kind, account and the call's parameters.
    """

    def __init__(self, switches: Switches, keys: Keys) -> None:
        """Copies take 20 minutes and succeed."""
        self.duration: Duration = timedelta(minutes=20)
        self._switches = switches
        self._keys = keys
        self._lineage = Lineage(switches)
        self._failures: list[Where] = []
        self._lanes: dict[tuple[str, ...], list[Job]] = defaultdict(list)
        self._jobs: dict[Snapshot, Job] = {}
        self._wake: datetime | None = None

    def fail_next(self, n: int = 1, where: Where | None = None) -> None:
        """Let the next ``n`` copies (of those for which ``where`` says so) end ``failed``."""
        self._failures += [where or _any] * n

    def forget_failures(self) -> None:
        """Let all next copies succeed."""
        self._failures.clear()

    def start(self, job: Job, params: Mapping[str, Any]) -> None:
        """Take up a copy; duration and fate are those decided for it by now."""
        target = job.target
        if callable(self.duration):
            job.duration = self.duration(target.kind, target.account, params)
        else:
            job.duration = self.duration
        for where in self._failures:
            if where(target.kind, target.account, params):
                self._failures.remove(where)
                job.doomed = True
                break
        across = job.source.region != target.region
        target.status, target.percent = PENDING if across else FAMILIES[target.kind].copying, 0
        self._jobs[target] = job
        self._lanes[self._lane(target)].append(job)
        self._run(self._lane(target), job.requested)
        if not job.duration:
            self.settle(job.requested)

    def settle(self, now: datetime) -> None:
        """End every copy whose time has come, in each lane one after another."""
        if self._wake is None or now < self._wake:
            return
        for name, lane in list(self._lanes.items()):
            while lane and lane[0].begins is not None and lane[0].ends <= now:
                job = lane[0]
                self._finish(job)
                self._leave(job, job.ends)
            if not lane:
                del self._lanes[name]
        self._wake = min((lane[0].ends for lane in self._lanes.values()), default=None)

    def show_progress(self, now: datetime) -> None:
        """Set the percentages: 0 while a copy waits for another."""
        for job in self._jobs.values():
            if job.target.status == PENDING:
                job.target.status = FAMILIES[job.target.kind].copying
            if job.begins is not None and job.duration:
                job.target.percent = max(0, min(99, int((now - job.begins) / job.duration * 100)))

    def cancel(self, target: Snapshot, now: datetime) -> bool:
        """Give up the copy into ``target``, if one is under way."""
        job = self._jobs.get(target)
        if job is not None:
            self._leave(job, now)
        return job is not None

    def lose_source(self, source: Snapshot, now: datetime, account: str | None = None) -> None:
        """Fail the copies of a source that is gone (or gone for one account)."""
        for job in [job for job in self._jobs.values() if job.source is source]:
            if account is None or job.target.account == account:
                job.target.status = "failed"
                self._leave(job, now)

    def _finish(self, job: Job) -> None:
        target = job.target
        target.outdated, target.was = self._switches.status_lag_calls, target.status
        if job.doomed or (
            self._switches.key_lost_mid_copy == "fails" and not self._still_usable(job)
        ):
            target.status = "failed"
            return
        target.status, target.percent = "available", 100
        of_original = target.kind == "cluster" and self._switches.cluster_create_time == "original"
        target.created_at = job.source.created_at if of_original else job.begins
        self._lineage.completed(target, job.base)

    def readable(self, source: Snapshot, region: str, caller: Identity) -> bool:
        """Whether RDS can read a snapshot under its key, for a copy in a Region."""
        if source.key is None:
            return True
        other = self._switches.decrypts_from == "destination"
        through = region if other else source.region
        return self._keys.usable(self._keys[source.key], caller, through)

    def _still_usable(self, job: Job) -> bool:
        source, target = job.source, job.target
        return self.readable(source, target.region, job.caller) and (
            target.key is None or self._keys.usable(self._keys[target.key], job.caller)
        )

    def _leave(self, job: Job, moment: datetime) -> None:
        name = self._lane(job.target)
        self._lanes[name].remove(job)
        del self._jobs[job.target]
        self._run(name, moment)

    def _run(self, name: tuple[str, ...], moment: datetime) -> None:
        """Let the first of a lane begin, if it has not."""
        lane = self._lanes[name]
        if not lane:
            return
        first = lane[0]
        if first.begins is None:
            first.begins = max(first.requested, moment)
            first.base = self._lineage.base(first.source, first.target)
        self._wake = first.ends if self._wake is None else min(self._wake, first.ends)

    def _lane(self, target: Snapshot) -> tuple[str, ...]:
        if self._switches.one_copy_per_database:
            return target.account, target.region, target.kind, target.resource_id
        return (target.arn,)


def _any(_kind: Kind, _account: str, _params: Mapping[str, Any]) -> bool:
    return True
