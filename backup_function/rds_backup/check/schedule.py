"""Whether the nightly schedule comes after the databases' backup windows, and their snapshots.

A window is given in UTC (``PreferredBackupWindow``); RDS begins its automated snapshot in it.  What
is copied late is old already: its data has to last until the next night's copy.  RDS makes none
while a database is not available, whatever its window says: so those that are there count, too.
"""

import re
from collections.abc import Callable, Generator, Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from rds_backup.check.answer import Answer, Level
from rds_backup.check.databases import name
from rds_backup.check.facts import Facts
from rds_backup.decide.engines import unsupported
from rds_backup.model.clock import iso
from rds_backup.model.decisions import Problem
from rds_backup.model.inventory import Database

_ABOUT = "schedule"
_DAY = 24 * 60
_HOUR = timedelta(hours=1)
_WINDOW = re.compile(r"(\d{2}):(\d{2})-(\d{2}):(\d{2})")
_CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_MINUTES = {"minute": 1, "hour": 60, "day": _DAY}
_EVERY = ("*", "?")
# How many days are looked back: with a week and a day, what a weekend does shows.
_LOOK_BACK = timedelta(days=8)

# How many minutes after a minute of the UTC day its snapshot is copied, and how that is said.
type _After = Callable[[int], tuple[int, str]]


def of_schedule(facts: Facts) -> Iterator[Answer]:
    """Whether it is on, when it runs, and for each database whether that is in time."""
    after = yield from _known(facts)
    if after:
        yield from _after_windows(facts, after)
    yield from _as_made(facts, after or (lambda _: (0, "")))


def _known(facts: Facts) -> Generator[Answer, None, _After | None]:
    settings, text = facts.settings, facts.settings.schedule
    if text is None:
        fact = "cannot tell: NIGHT_SCHEDULE is not set"
        yield Answer(_ABOUT, "known", Level.WARN, fact, "set it as the template does")
        return None
    if not settings.scheduled:
        fact = "SCHEDULE_STATE is DISABLED: nothing runs by itself"
        yield Answer(_ABOUT, "enabled", Level.WARN, fact, "deploy with ScheduleState=ENABLED")
    else:
        yield Answer(_ABOUT, "enabled", Level.PASS, "SCHEDULE_STATE is ENABLED")
    if (rate := _RATE.fullmatch(text)) and int(rate[1]) * _MINUTES[rate[2]] < _DAY:
        yield Answer(_ABOUT, "known", Level.PASS, text)
        interval = int(rate[1]) * _MINUTES[rate[2]]
        return lambda _: (interval, f"within {text[5:-1]}")
    if facts.utc_offset is None:
        fact = f"cannot tell: no time zone {settings.timezone} is known here"
        yield Answer(_ABOUT, "known", Level.WARN, fact, "correct SCHEDULE_TIMEZONE, or use UTC")
        return None
    starts = runs(text, facts.utc_offset)
    if starts is None:
        fact = f"cannot tell: {text} does not run at fixed times of every day"
        yield Answer(_ABOUT, "known", Level.WARN, fact, "compare it with the windows yourself")
        return None
    times = ", ".join(_clock(s) for s in starts)
    yield Answer(_ABOUT, "known", Level.PASS, f"{text} {settings.timezone}: {times} UTC")
    return lambda end: _next(starts, end)


def runs(text: str, utc_offset: timedelta) -> tuple[int, ...] | None:
    """The minutes of the UTC day at which a cron expression runs; None if not every day.

    The syntax is EventBridge Scheduler's: minutes, hours, day of month, month, day of week, year.
    """
    found = _CRON.fullmatch(text)
    if not found or any(part not in _EVERY for part in found.groups()[2:]):
        return None
    minutes, hours = _values(found[1], 60), _values(found[2], 24)
    if not minutes or not hours:
        return None
    shift = int(utc_offset.total_seconds()) // 60
    return tuple(sorted({(h * 60 + m - shift) % _DAY for h in hours for m in minutes}))


def _values(text: str, size: int) -> set[int] | None:
    """One field of a cron expression: numbers, ranges, steps and lists of them."""
    found: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"(\*|\d+(?:-\d+)?)(?:/(\d+))?", part)
        if not match or match[2] == "0":
            return None
        first, dash, last = match[1].partition("-")
        low = 0 if first == "*" else int(first)
        high = size - 1 if first == "*" or (match[2] and not dash) else int(last or first)
        if not low <= high < size:
            return None
        found |= set(range(low, high + 1, int(match[2] or 1)))
    return found


def _next(starts: tuple[int, ...], end: int) -> tuple[int, str]:
    """How long after the end of a window the next run is, and when."""
    wait, start = min(((s - end) % _DAY, s) for s in starts)
    return wait, f"from {_clock(start)} UTC on"


def _after_windows(facts: Facts, after: _After) -> Iterator[Answer]:
    limit = facts.settings.backup.max_age_hours
    for database in facts.selected:
        if unsupported(database):
            continue
        question = f"after the window of {name(database)}"
        window = _WINDOW.fullmatch(database.window or "")
        if not window:
            fact = f"cannot tell: its window is {database.window}"
            yield Answer(_ABOUT, question, Level.WARN, fact)
            continue
        begin, end = (int(window[n]) * 60 + int(window[n + 1]) for n in (1, 3))
        wait, when = after(end)
        oldest = (wait + (end - begin) % _DAY + _DAY) / 60
        fact = f"{database.window} UTC, copied {when}"
        if oldest < limit:
            yield Answer(_ABOUT, question, Level.PASS, fact)
            continue
        fact += f": {oldest:.1f} h old before its next copy starts, of at most {limit}"
        fix = "start after the window (NightSchedule, ScheduleTimezone), or move the window"
        yield Answer(_ABOUT, question, Level.WARN, fact, fix)


def _as_made(facts: Facts, after: _After) -> Iterator[Answer]:
    """For each database of which RDS lists two snapshots and more, whether they were in time."""
    limit = facts.settings.backup.max_age_hours
    for database in facts.selected:
        times = _made(facts, database)
        if unsupported(database) or not times[1:]:
            continue
        question = f"snapshots of {name(database)}"
        apart = [(later - earlier, later) for earlier, later in pairwise(times)]
        longest = max(gap for gap, _ in apart) / _HOUR
        oldest = max(gap / _HOUR + after(_minute(later))[0] / 60 for gap, later in apart)
        fact = (
            f"{len(times)} in {_LOOK_BACK.days} days, up to {longest:.1f} h apart, "
            f"the last at {iso(times[-1])}"
        )
        if oldest < limit:
            yield Answer(_ABOUT, question, Level.PASS, fact)
            continue
        fact += f": {oldest:.1f} h old before the next copy starts, of at most {limit}"
        fix = (
            f"keep the database available in its backup window ({database.window}; RDS makes none "
            "otherwise), move the window to when it is available, or raise MAX_SNAPSHOT_AGE_HOURS"
        )
        yield Answer(_ABOUT, question, Level.WARN, fact, fix)


def _made(facts: Facts, database: Database) -> list[datetime]:
    """When the automated snapshots of the last days were made that are there."""
    listed = facts.world.automated.get(database.kind, ())
    return sorted(
        s.created_at
        for s in (() if isinstance(listed, Problem) else listed)
        if s.resource_id == database.resource_id
        and s.created_at
        and s.created_at > facts.now - _LOOK_BACK
    )


def _minute(at: datetime) -> int:
    """The minute of the UTC day in which a run would find it."""
    return at.hour * 60 + at.minute + 1


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
