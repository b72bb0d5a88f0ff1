"""One database through some nights, with a checker beside it, for proofs that meddle with it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from rds_backup import backup_account, run
from rds_backup.inputs.environment import expire_from_env, from_env
from rds_backup.inputs.request import Action, Request
from rds_backup.model.clock import Time
from sandbox import Sandbox
from sandbox.kinds import Kind
from tests.support.checker import Checker
from tests.support.interleaving import account
from tests.support.playing import BACKUP, DAY, EXPIRE, NIGHT, RESUME, TICK, automated
from tests.support.process import Process
from tests.support.truth import Rules

KEEP = 2
NO_END = 600.0


class Scene:
    """One database with KEEP backups of earlier nights, and tonight's automated snapshot."""

    def __init__(
        self, aws: Sandbox, kind: Kind, *, by_source: bool = True, incremental: bool = False
    ) -> None:
        """Play the earlier nights."""
        self.aws, self.kind, self.by_source = aws, kind, by_source
        if kind == "instance":
            aws.add_instance("orders")
        else:
            aws.add_cluster("orders")
        aws.add_manual("by-hand", of="orders", kind=kind)
        self.rules = Rules(
            sharing_key=aws.sharing_key,
            backup_key=aws.backup_key,
            keep=KEEP,
            incremental=incremental,
            several_at_once=True,
        )
        self.checker = Checker(aws, self.rules).install()
        self.retention = {"BACKUPS_TO_KEEP": str(KEEP)}
        self.environment = aws.environment(
            DB_ID="orders",
            CLUSTER=str(kind == "cluster").lower(),
            EXPIRE_BACKUPS=str(by_source).lower(),
            INCREMENTAL=str(incremental).lower(),
        )
        self.function.restart()
        for number in range(KEEP, 0, -1):
            self.night(NIGHT - number * DAY)
        automated(aws)
        aws.clock.move_to(NIGHT)

    @property
    def function(self) -> Process:
        """The function, as an invocation alone runs it."""
        return Process(self.aws, self.environment | self.retention)

    @property
    def expiring(self) -> Process:
        """The backup account's function."""
        return Process(self.aws, self.aws.backup_environment(**self.retention))

    def tick(self, event: Mapping[str, Any] = BACKUP) -> Any:  # noqa: ANN401 - an Invocation
        """One tick; the backup account's expire follows it, where it expires."""
        done = self.function.invoke(event)
        if not self.by_source:
            self.expiring.invoke(EXPIRE)
        return done

    def tick_on(self, ticks: int = 9) -> Any:  # noqa: ANN401 - an Invocation
        """Ticks until there is nothing to do, and nothing under way."""
        done = None
        for number in range(ticks + 1):
            done = self.tick(RESUME if number % 3 else BACKUP)
            idle = done.outcome == "nothing_to_do" and number % 3 == 0
            if idle and not self.checker.leftovers():
                break
            self.aws.clock.advance(TICK)
        return done

    def night(self, night: datetime) -> None:
        """A night in which nothing goes wrong."""
        automated(self.aws, night)
        self.aws.clock.move_to(night)
        self.tick_on()

    def wait(self) -> None:
        """Until the copies under way have ended."""
        self.aws.clock.advance(3 * TICK)

    def works(self, *names: str) -> dict[str, Callable[[], Any]]:
        """Invocations of ``backup``, or of ``resume`` or ``expire`` of that name, ready to race."""
        return {name: self._expire if name == "expire" else self._backup(name) for name in names}

    def _time(self) -> Time:
        advance = self.aws.clock.advance
        return Time(lambda: self.aws.clock.now, lambda: NO_END, lambda s: advance(seconds=s))

    def _backup(self, name: str) -> Callable[[], Any]:
        aws = self.aws
        own = account(aws.source.function, aws.region, name)
        theirs = account(aws.writer, aws.region, name)
        for each in (own, theirs):
            vars(each).pop("_asked", None)  # it is its execution environment's first
        settings = from_env(self.environment | self.retention)
        request = Request(Action.RESUME if name == "resume" else Action.BACKUP)
        return lambda: run.invoke(request, settings, own, lambda: theirs, self._time())

    def _expire(self) -> Any:  # noqa: ANN401 - a Report
        own = account(self.aws.backup.function, self.aws.region, "expire")
        settings = expire_from_env(self.aws.backup_environment(**self.retention))
        return backup_account.expire(settings, own, self._time())
