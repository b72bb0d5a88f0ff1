"""Nights, played on the sandbox through the real handler, for the workflow tests."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox import Sandbox
from sandbox.serving.lambda_runtime import Function, Invocation

NIGHT = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TICK = timedelta(minutes=10)
WINDOW = range(7)  # the nightly window: hourly, 03:00 to 09:00
BACKUP: dict[str, Any] = {"action": "backup"}
RESUME: dict[str, Any] = {"action": "resume"}
EXPIRE: dict[str, Any] = {"action": "expire"}


def ticks(function: Function, night: datetime = NIGHT, hours: float = 7) -> Iterator[Invocation]:
    """The template's schedules: ``backup`` hourly within the window, ``resume`` between."""
    starts = {night + timedelta(hours=hour) for hour in WINDOW}
    when = night
    while when < night + timedelta(hours=hours):
        yield function.at(when, BACKUP if when in starts else RESUME)
        when += TICK


def play(function: Function, night: datetime = NIGHT, hours: float = 7) -> list[Invocation]:
    """A whole night, or the first hours of it."""
    return list(ticks(function, night, hours))


def automated(aws: Sandbox, night: datetime = NIGHT) -> None:
    """RDS makes its automated snapshots an hour before the night."""
    aws.clock.move_to(night - timedelta(hours=1))
    aws.take_automated_of_all()


def nights(aws: Sandbox, function: Function, count: int, first: datetime = NIGHT) -> None:
    """The first hours of several nights in a row, each with its automated snapshots."""
    for number in range(count):
        automated(aws, first + number * DAY)
        play(function, first + number * DAY, hours=1.5)


def backups(aws: Sandbox, database: str | None = None) -> list[Any]:
    """Our backups in the backup account, oldest first."""
    return sorted(
        (
            row
            for row in aws.snapshots(account=aws.backup.id)
            if "rds-backup:managed-by" in row.tags and database in (None, row.database)
        ),
        key=lambda row: (row.created_at is None, row.created_at),
    )


def taken_at(row: Any) -> datetime:  # noqa: ANN401 - a row of the sandbox
    """When RDS made the automated snapshot that a copy of ours comes from, by its tag."""
    return datetime.fromisoformat(row.tags["rds-backup:taken-at"])


def shared_copies(aws: Sandbox) -> list[Any]:
    """Our manual snapshots in the source account."""
    return [
        row
        for row in aws.snapshots(account=aws.source.id, type="manual")
        if "rds-backup:managed-by" in row.tags
    ]


def mutations(aws: Sandbox, since: int = 0) -> list[str]:
    """The mutating operations since a point in the record of calls."""
    return [call.operation for call in aws.calls[since:] if call.mutating]


def metrics_of(done: Invocation) -> dict[str, float]:
    """The metrics of one invocation, by name."""
    (line,) = done.metrics
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    return {m["Name"]: line[m["Name"]][0] for m in directive["Metrics"]}
