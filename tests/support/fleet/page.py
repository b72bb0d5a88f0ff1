"""From the days that were played to the tables of docs/explained/performance.md.

The prose of the page is the page's own; a table stands between two marks of its name.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median
from typing import NamedTuple

from rds_backup.model.inventory import Side
from tests.support.fleet.deployed import Bill
from tests.support.fleet.polling import Polled
from tests.support.fleet.scenarios import MIXED, THOUSAND, Day, Scenario, bound

CHANGES_EACH = 5  # copy, share, copy, delete, delete
READS = ("Describe", "Get", "Assume")
# What the estimate assumes: seconds that a call takes, and what 256 MB are of a processor
# (Lambda Developer Guide, Configure Lambda function memory: 1,769 MB have one).
CALL_SECONDS = 0.1
MEMORY_GB = 0.25
PROCESSORS = 256 / 1769


class Measured(NamedTuple):
    """Everything that the page tells of: days, the script's nights, and single looks."""

    days: Mapping[Scenario, Day]
    polled: Mapping[Scenario, Polled]
    looks: Mapping[Scenario, Bill]


def tables(measured: Measured) -> dict[str, str]:
    """Every table by its name; all but ``times`` are the same in every run."""
    days, polled = measured.days, measured.polled
    return {
        "calls": _table(CALLS, (calls_row(d, polled[f]) for f, d in days.items())),
        "operations": _operations([d for f, d in days.items() if f != MIXED]),
        "invocations": _table(INVOCATIONS, map(_invocations, days.values())),
        "busy": _table(BUSY, _busy(days[THOUSAND])),
        "makespan": _table(MAKESPAN, (cells for day in days.values() for cells in _makespan(day))),
        "script": _table(SCRIPT, (_script(p, days[f]) for f, p in polled.items())),
        "logs": _table(LOGS, map(_logs, days.values())),
        "looks": _table(LOOKS, (_look(f, bill) for f, bill in measured.looks.items())),
        "times": _table(TIMES, (_times(d, polled[f]) for f, d in days.items())),
    }


def row(cells: Sequence[str]) -> str:
    """A line of a table."""
    return f"| {' | '.join(cells)} |\n"


def filled(page: str, made: Mapping[str, str]) -> str:
    """The page with these tables in their places."""
    for name, table in made.items():
        between = re.compile(rf"(<!-- {name}:begin -->\n).*?(<!-- {name}:end -->)", re.DOTALL)
        page, count = between.subn(rf"\g<1>{table}\g<2>", page)
        assert count == 1, f"the page has {count} places for {name}"
    return page


CALLS = (
    *("databases", "night", "a database", "day", "a database"),
    *("changing, a database", "least a night", "script's night"),
)


def calls_row(day: Day, polled: Polled) -> list[str]:
    """A fleet's calls: of its night and day, beside the least there can be and the script's."""
    many, night, whole = day.scenario.databases, _total(night_of(day)), _total(day.bills)
    return [
        day.scenario.title,
        f"{night:,}",
        f"{night / many:,.2f}",
        f"{whole:,}",
        f"{whole / many:,.2f}",
        f"{sum(map(_changes, day.bills)) / many:.2f}",
        f"{CHANGES_EACH * many + day.pages + 1:,}",
        f"{polled.calls.total():,}",
    ]


def night_of(day: Day) -> Sequence[Bill]:
    """``backup`` and ``resume`` from the first ``backup`` to the last that changed anything."""
    ours = [b for b in day.bills if b.action in ("backup", "resume")]
    first = next(n for n, b in enumerate(ours) if b.action == "backup")
    return ours[first : 1 + max(n for n, b in enumerate(ours) if _changes(b))]


def _operations(days: Sequence[Day]) -> str:
    counted = [(_sum(night_of(day)), _sum(day.bills)) for day in days]
    found = {key for _, whole in counted for key in whole}
    return _table(
        ("account", "operation", *(day.scenario.title for day in days)),
        (
            [key[0], key[1], *(f"{night[key]:,} / {whole[key]:,}" for night, whole in counted)]
            for key in sorted(found, key=lambda k: (k[0] is Side.BACKUP, k[1]))
        ),
    )


INVOCATIONS = (
    *("databases", "idle `resume`", "`status`", "`expire`"),
    *("pages of everything", "invocations that raised"),
)


def _invocations(day: Day) -> list[str]:
    last = [b for b in day.bills if b.action == "resume"][-1]
    quiet = [b for b in day.bills if not _changes(b)]
    return [
        day.scenario.title,
        str(last.calls.total()) if not day.left else "none",
        *(
            str(max((b.calls.total() for b in quiet if b.action == action), default="none"))
            for action in ("status", "expire")
        ),
        str(day.pages),
        str(sum(b.raised is not None for b in day.bills)),
    ]


BUSY = ("`resume`", "invocations", "calls, median", "most", "changing, median")


def _busy(day: Day) -> Iterator[list[str]]:
    ticks = [b for b in day.bills if b.action == "resume" and _changes(b)]
    for title, starts in (("only hands over and deletes", False), ("starts copies, too", True)):
        bills = [b for b in ticks if _starts(b) is starts]
        counts = [b.calls.total() for b in bills] or [0]
        changing = median([_changes(b) for b in bills] or [0])
        yield [title, str(len(bills)), f"{median(counts):g}", str(max(counts)), f"{changing:g}"]


MAKESPAN = ("databases", "family", "verified in 24 hours", "hours", "bound, hours", "ratio")


def _makespan(day: Day) -> Iterator[list[str]]:
    for kind, many in day.scenario.families.items():
        least, ended = bound(day.scenario, kind), day.ended.get(kind)
        yield [
            day.scenario.title,
            f"{kind}s",
            f"{day.verified[kind]} of {many}",
            f"{ended / 60:.2f}" if ended else "",
            f"{least / 60:.2f}",
            f"{ended / least:.2f}" if ended else "",
        ]


SCRIPT = ("databases", "script's calls", "of them to wait", "script's hours", "function's hours")


def _script(polled: Polled, day: Day) -> list[str]:
    looks = sum(n for (_, name), n in polled.calls.items() if name.startswith("Describe"))
    ended = day.ended.values()
    return [
        day.scenario.title,
        f"{polled.calls.total():,}",
        f"{looks - 2 * day.scenario.databases:,}",
        f"{polled.minutes / 60:,.1f}",
        f"{max(ended) / 60:,.1f}" if len(ended) == len(day.scenario.families) else "",
    ]


LOGS = ("databases", "log of a day, kB", "largest result, kB")


def _logs(day: Day) -> list[str]:
    logged, largest = sum(b.logged for b in day.bills), max(b.result for b in day.bills)
    return [day.scenario.title, _kb(logged), _kb(largest)]


LOOKS = ("databases", "calls", "result, kB", "log, kB")


def _look(fleet: Scenario, bill: Bill) -> list[str]:
    return [fleet.title, f"{bill.calls.total():,}", _kb(bill.result), _kb(bill.logged)]


TIMES = (
    *("databases", "processor seconds a day", "milliseconds, a database and look"),
    *("GB-seconds a day", "of the script's night"),
)


def _times(day: Day, polled: Polled) -> list[str]:
    return [
        day.scenario.title,
        f"{sum(b.seconds for b in day.bills):.1f}",
        f"{1000 * look_seconds(day):.2f}",
        f"{sum(map(_gb_seconds, day.bills)):,.0f}",
        f"{polled.minutes * 60 * MEMORY_GB:,.0f}",
    ]


def look_seconds(day: Day) -> float:
    """The processor time of one look, a database: the median of the day's ``status``."""
    looks = [b.seconds for b in day.bills if b.action == "status"]
    return median(looks) / day.scenario.databases


def _gb_seconds(bill: Bill) -> float:
    return (bill.calls.total() * CALL_SECONDS + bill.seconds / PROCESSORS) * MEMORY_GB


def _starts(bill: Bill) -> bool:
    return any(side is Side.SOURCE and name.startswith("Copy") for side, name in bill.calls)


def _changes(bill: Bill) -> int:
    return sum(n for (_, name), n in bill.calls.items() if not name.startswith(READS))


def _sum(bills: Iterable[Bill]) -> Counter[tuple[Side, str]]:
    return sum((b.calls for b in bills), Counter())


def _total(bills: Iterable[Bill]) -> int:
    return _sum(bills).total()


def _kb(count: int) -> str:
    return f"{count / 1000:,.0f}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "".join(map(row, [heads, ["---"] * len(heads), *rows]))
