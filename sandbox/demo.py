"""One night, played through the real handler in two embedded AWS accounts, and shown to a person.

Builds the accounts, lets the function make a week of backups, then plays tonight tick by tick with
the sample events, and prints who did what, where, and why.  It decides nothing itself.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from sandbox import Sandbox
from sandbox.serving.lambda_runtime import Function, Invocation, event

WIDTH = 118
FIRST_NIGHT = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
EARLIER_NIGHTS = 7
TICK = timedelta(minutes=10)
LAST_TICKS = 3  # idle ones, to show that nothing more happens
DOING = {
    "copy": "copy under the sharing key",
    "share": "share with the backup account only",
    "back_up": "copy under the backup key",
    "expire": "expire",
    "delete_shared_copy": "delete the shared copy",
}


def main(console: Console | None = None) -> None:
    """Play the night and print it."""
    console = console or Console(width=WIDTH, highlight=False)
    with Sandbox(start=FIRST_NIGHT - timedelta(hours=2)) as aws:
        _build(aws)
        function = Function(aws, aws.environment(DB_TAG="backup=nightly", BACKUPS_TO_KEEP="7"))
        for night in range(EARLIER_NIGHTS):
            for _ in _play(aws, function, FIRST_NIGHT + timedelta(days=night)):
                pass
        tonight = FIRST_NIGHT + timedelta(days=EARLIER_NIGHTS)
        aws.clock.move_to(tonight - timedelta(hours=1))
        aws.take_automated_of_all()
        console.print(_snapshots(aws, f"Before the night of {tonight:%Y-%m-%d}"))
        last = _show_night(console, aws, function, tonight)
        console.print(_snapshots(aws, "After the night"))
        console.print("The result object of the last invocation that had something to do:\n")
        console.print(json.dumps(last.result, indent=2))


def _build(aws: Sandbox) -> None:
    """Two databases to back up, one that is not selected, and a person's snapshot on each side."""
    tag = {"backup": "nightly"}
    aws.add_instance("orders", engine="postgres", kms_key="aws/rds", tags=tag)
    aws.add_cluster("billing", engine="aurora-postgresql", kms_key=aws.sharing_key, tags=tag)
    aws.add_instance("scratch", engine="mysql")
    aws.add_manual("orders-before-migration", of="orders")
    aws.add_manual("kept-by-the-auditors", of="ledger", account=aws.backup)


def _play(
    aws: Sandbox, function: Function, start: datetime
) -> Iterator[tuple[datetime, str, Invocation]]:
    """The schedule, hourly, and ticks between, until a few of those have found nothing."""
    if aws.clock.now < start:
        aws.clock.move_to(start - timedelta(hours=1))
        if not any(s.created_at and s.created_at > start - TICK for s in aws.snapshots()):
            aws.take_automated_of_all()
    yield start, "schedule", function.at(start, event("scheduled"))
    idle, now = 0, start
    while idle < LAST_TICKS:
        now += TICK
        hourly = now.minute == start.minute
        done = function.at(now, event("scheduled" if hourly else "resume"))
        idle += done.outcome == "nothing_to_do"
        yield now, "schedule" if hourly else "tick", done


def _show_night(console: Console, aws: Sandbox, function: Function, start: datetime) -> Invocation:
    table = _table("The night", "clock", "account", "what happened", "why")
    last = None
    for when, trigger, done in _play(aws, function, start):
        result = done.result or {}
        actions = result.get("actions", ())
        table.add_row(f"{when:%H:%M}", "", f"{trigger}: {done.outcome}", "", style="bold")
        for action in actions:
            what = f"{DOING[action['action']]}\n{action['snapshot']}"
            table.add_row("", _side(aws, action["account"]), what, action["reason"])
        for entry in () if actions else result.get("databases", ()):
            table.add_row("", "", f"{entry['database']}: {entry['state']}", entry["reason"])
        last = done if actions else last
    console.print(table)
    assert last is not None  # noqa: S101 - a night without any action is a broken demo
    return last


def _side(aws: Sandbox, account: str) -> str:
    return "source" if account == aws.source.id else "backup"


def _snapshots(aws: Sandbox, title: str) -> Table:
    """Both accounts' manual snapshots, and the newest automated ones."""
    table = _table(title, "account", "snapshot", "status", "key", "made", "whose")
    newest = {
        max(
            (s for s in aws.snapshots(type="automated") if s.database == database),
            key=lambda s: s.taken_at,
        ).arn
        for database in ("orders", "billing")
    }
    for row in aws.snapshots():
        if row.type == "automated" and row.arn not in newest:
            continue
        ours = "rds-backup:managed-by" in row.tags
        table.add_row(
            _side(aws, row.account),
            row.identifier,
            row.status,
            _key(aws, row.kms_key),
            f"{row.created_at:%m-%d %H:%M}" if row.created_at else "",
            "RDS's" if row.type == "automated" else "ours" if ours else "a person's",
        )
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold", no_wrap=name == "snapshot")
    return table


def _key(aws: Sandbox, key: str | None) -> str:
    names = {aws.sharing_key: "sharing key", aws.backup_key: "backup key", None: "none"}
    return names.get(key, "aws/rds")


if __name__ == "__main__":
    main()
