"""One night, played through the real handler in two embedded AWS accounts, and shown to a person.

Builds the accounts, lets the function make a week of backups, then plays tonight tick by tick with
the sample events.  ``play`` returns what there was, ``show`` prints it: who did what, where, and
why.  It decides nothing itself.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sandbox import Row, Sandbox
from sandbox.serving.lambda_runtime import Function, Invocation, event

WIDTH = 80  # a pipe has none of its own: the page is the same everywhere
FIRST_NIGHT = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
NIGHTS = 7
TICK = timedelta(minutes=10)
LAST_TICKS = 3  # idle ones, to show that nothing more happens
DOING = {
    "copy": "copy under the sharing key",
    "share": "share with the backup account only",
    "back_up": "copy under the backup key",
    "expire": "delete the oldest backup",
    "delete_shared_copy": "delete the shared copy",
}
KEPT = {"billing": NIGHTS, "orders": NIGHTS, "scratch": 0}
TIME = "%Y-%m-%d %H:%M"
COLOURS = {"completed": "green", "in_progress": "yellow", "nothing_to_do": "dim"}
INTRODUCTION = f"""\
One night in two AWS accounts that live in this process. All times are UTC.
orders is a PostgreSQL instance, billing an Aurora cluster; scratch has no tag.
The function keeps the backups of {NIGHTS} days, and has made those of {NIGHTS} nights.
"""
NEXT = """\
  make test                      play what goes wrong: deaths, faults, lies
  docs/guides/set-up.md          deploy both stacks, with five commands
  .venv/bin/python -m sandbox    serve the two accounts, for the AWS CLI
"""


@dataclass(frozen=True, slots=True)
class Tick:
    """One invocation, and the copies that were under way after it."""

    at: datetime
    trigger: str
    done: Invocation
    under_way: list[Row]


@dataclass(frozen=True, slots=True)
class Night:
    """All snapshots before it and after it, and what came in between."""

    before: list[Row]
    ticks: list[Tick]
    after: list[Row]
    accounts: dict[str, str]
    keys: dict[str | None, str]


class Screen(Console):
    """Standard output; whoever reads no further has seen enough, which is no error."""

    def on_broken_pipe(self) -> None:
        """Print nothing more."""
        with suppress(SystemExit):
            super().on_broken_pipe()


def main() -> None:
    """Play the night and print it."""
    screen = Screen(width=WIDTH, highlight=False)
    screen.print(INTRODUCTION)
    show(screen, play())


def play() -> Night:
    """A week of nights, and the one after it."""
    with Sandbox(start=FIRST_NIGHT - timedelta(hours=2)) as aws:
        _build(aws)
        keeping = {"BACKUPS_TO_KEEP": str(NIGHTS)}
        function = Function(aws, aws.environment(DB_TAG="backup=nightly", **keeping))
        for night in range(NIGHTS):
            _night(aws, function, FIRST_NIGHT + timedelta(days=night))
        return _night(aws, function, FIRST_NIGHT + timedelta(days=NIGHTS))


def _build(aws: Sandbox) -> None:
    """Two databases to back up, one that is not selected, and a person's snapshot on each side."""
    tag = {"backup": "nightly"}
    aws.add_instance("orders", engine="postgres", kms_key="aws/rds", tags=tag)
    aws.add_cluster("billing", engine="aurora-postgresql", kms_key=aws.sharing_key, tags=tag)
    aws.add_instance("scratch", engine="mysql")
    aws.add_manual("orders-before-migration", of="orders")
    aws.add_manual("kept-by-the-auditors", of="ledger", account=aws.backup)


def _night(aws: Sandbox, function: Function, start: datetime) -> Night:
    """RDS's own snapshots an hour before, then the schedule and the ticks between."""
    aws.clock.move_to(start - timedelta(hours=1))
    aws.take_automated_of_all()
    before = aws.snapshots()
    ticks = list(_ticks(aws, function, start))
    accounts = {aws.source.id: "source", aws.backup.id: "backup"}
    keys = {aws.sharing_key: "sharing", aws.backup_key: "backup", None: "none"}
    return Night(before, ticks, aws.snapshots(), accounts, keys)


def _ticks(aws: Sandbox, function: Function, start: datetime) -> Iterator[Tick]:
    """The schedule, hourly, and ticks between, until a few of those have found nothing."""
    now, idle = start, 0
    while idle < LAST_TICKS:
        hourly = now.minute == start.minute
        done = function.at(now, event("scheduled" if hourly else "resume"))
        under_way = [row for row in aws.snapshots() if row.status != "available"]
        yield Tick(now, "schedule" if hourly else "tick", done, under_way)
        idle += done.outcome == "nothing_to_do"
        now += TICK


def show(console: Console, night: Night) -> None:
    """Print the night, what was seen, and what to do next."""
    console.print(_snapshots(night, night.before, "Before the night"))
    console.print(_what_happened(night))
    console.print(_snapshots(night, night.after, "\nAfter the night"))
    console.print("\nWhat was seen", style="bold")
    for as_wanted, sentence in seen(night):
        console.print(f"  {sentence}", style="green" if as_wanted else "red")
    console.print("\nWhat to do next", style="bold")
    console.print(NEXT, end="")


def seen(night: Night) -> Iterator[tuple[bool, str]]:
    """What the accounts hold after the night, and whether each of it is as it should be."""
    ours = [row for row in night.after if _made_by(row) == "function"]
    for database, wanted in KEPT.items():
        kept = [row for row in ours if _is_backup(night, row) and row.database == database]
        names = [row.identifier for row in sorted(kept, key=lambda row: row.taken_at)]
        newest = f", the newest {names[-1]}" if names else ""
        yield len(kept) == wanted, f"{database}: {len(kept)} backups{newest}"
    left = sum(night.accounts[row.account] == "source" for row in ours)
    yield left == 0, f"shared copies left in the source account: {left}"
    theirs = [row for row in night.before if _made_by(row) == "person"]
    same = sum(row in night.after for row in theirs)
    yield same == len(theirs), f"a person's snapshots: {same} of {len(theirs)} untouched"


def _is_backup(night: Night, row: Row) -> bool:
    place = night.accounts[row.account], night.keys.get(row.kms_key)
    return row.status == "available" and place == ("backup", "backup")


def _made_by(row: Row) -> str:
    if row.type == "automated":
        return "RDS"
    return "function" if "rds-backup:managed-by" in row.tags else "person"


def _snapshots(night: Night, rows: list[Row], title: str) -> Table:
    """Both accounts' snapshots, a line for all that only the time tells apart."""
    columns = ("account", "database", "made by", "key", "count", "oldest data", "newest data")
    table = _table(title, *columns)
    times = defaultdict(list)
    for row in rows:
        key = night.keys.get(row.kms_key, "aws/rds")
        times[night.accounts[row.account], row.database, _made_by(row), key].append(row.taken_at)
    for (account, *rest), taken in times.items():
        ends = f"{min(taken):{TIME}}", f"{max(taken):{TIME}}"
        table.add_row(_coloured(account), *rest, str(len(taken)), *ends)
    return table


def _what_happened(night: Night) -> Table:
    """The invocations; what was done for several databases alike is one line."""
    table = _table("\nThe night", "time", "account", "what, and why")
    for tick in night.ticks:
        outcome = tick.done.outcome
        said = Text.assemble(f"{tick.trigger}: ", (outcome, COLOURS.get(outcome, "red")))
        table.add_row(f"{tick.at:{TIME}}", "", said)
        for (account, what), databases in _alike(tick).items():
            table.add_row(
                "", _coloured(night.accounts[account]), f"{', '.join(sorted(databases))}: {what}"
            )
    return table


def _alike(tick: Tick) -> dict[tuple[str, str], list[str]]:
    """The databases by account and by what was done, or by what was waited for."""
    found = defaultdict(list)
    actions = (tick.done.result or {}).get("actions", ())
    for action in actions:
        what = f"{DOING[action['action']]}\n{action['reason']}"
        found[action["account"], what].append(action["database"])
    for row in () if actions else tick.under_way:
        found[row.account, f"under way, {row.percent} %"].append(row.database)
    return found


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.header_style = "dim"
    for name in columns:
        table.add_column(name, justify="right" if name == "count" else "left")
    return table


def _coloured(account: str) -> Text:
    return Text(account, style="cyan" if account == "source" else "magenta")


if __name__ == "__main__":
    main()
