"""Restore drills, played on the sandbox through the real handler, for workflow tests and proofs."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sandbox import Sandbox
from sandbox.rds.database_rows import DatabaseRow
from sandbox.serving.lambda_runtime import Function, Invocation
from tests.support.playing import DAY, NIGHT, TICK, backups, nights

DRILL: dict[str, Any] = {"action": "drill"}
GO_ON: dict[str, Any] = {"action": "drill", "resume": True}
PLAN: dict[str, Any] = {"action": "drill", "plan": True}
# In the morning after the nights of ``ready``.
MORNING = timedelta(hours=6)


def ready(
    aws: Sandbox, count: int = 1, settings: dict[str, str] | None = None, **databases: str
) -> Function:
    """So many nights of these databases, by name and engine; the drill's function after them.

    ``settings`` are further ones of the function that makes the backups.
    """
    for name, engine in (databases or {"orders": "postgres"}).items():
        make = aws.add_cluster if engine.startswith("aurora-") else aws.add_instance
        make(name, engine=engine, kms_key="aws/rds", tags={"backup": "nightly"})
    function = Function(aws, aws.environment(DB_TAG="backup=nightly") | (settings or {}))
    nights(aws, function, count)
    aws.clock.move_to(NIGHT + (count - 1) * DAY + MORNING)
    return Function(aws, aws.drill_environment())


def ticks(aws: Sandbox, function: Function, hours: float = 3) -> Iterator[Invocation]:
    """Ticks as the schedule sends them, until nothing is under way or the time is over."""
    for _ in range(round(timedelta(hours=hours) / TICK)):
        aws.clock.advance(seconds=TICK.total_seconds())
        done = function.invoke(GO_ON)
        yield done
        if done.result and done.outcome == "nothing_to_do":
            return


def drill(aws: Sandbox, function: Function, hours: float = 3) -> list[Invocation]:
    """One drill from its beginning until it is gone, or for so many hours."""
    return [function.invoke(DRILL), *ticks(aws, function, hours)]


def made(aws: Sandbox) -> list[DatabaseRow]:
    """The databases in the backup account that exist."""
    return aws.databases(aws.backup.id)


def results(aws: Sandbox, database: str | None = None) -> list[str | None]:
    """What the tags of each backup say of its drill, oldest backup first."""
    return [row.tags.get("rds-backup:restore-result") for row in backups(aws, database)]
