"""At which times of the day a schedule runs, and whether that is after the backup windows."""

from copy import replace
from datetime import timedelta
from typing import Any

import pytest

from rds_backup.check.answer import Answer, Level
from rds_backup.check.schedule import of_schedule, runs
from rds_backup.model.inventory import Database, Kind
from tests.support.asked import not_well, one
from tests.support.made_facts import SETTINGS, automated, database, facts, unread, world

UTC = timedelta(0)
WINDOW = "after the window of orders (instance)"


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("cron(0 3-9 * * ? *)", [3, 4, 5, 6, 7, 8, 9]),
        ("cron(0 3 ? * * *)", [3]),
        ("cron(0 * * * ? *)", [*range(24)]),
        ("cron(0 3,15 * * ? *)", [3, 15]),
        ("cron(0 */6 * * ? *)", [0, 6, 12, 18]),
        ("cron(0 2/8 * * ? *)", [2, 10, 18]),
        ("cron(0 1-7/3 * * ? *)", [1, 4, 7]),
        ("cron(0 23 * * ? *)", [23]),
    ],
)
def test_hours_are_read_as_the_scheduler_reads_them(text: str, hours: list[int]) -> None:
    """Numbers, ranges, steps and lists (EventBridge Scheduler User Guide, Schedule types)."""
    assert tuple(h * 60 for h in hours) == runs(text, UTC)


def test_minutes_are_too() -> None:
    """Every run of the day, in order."""
    assert (30, 45, 90, 105) == runs("cron(30,45 0-1 * * ? *)", UTC)


@pytest.mark.parametrize(
    ("offset", "utc"),
    [(timedelta(hours=2), 60), (timedelta(hours=-5), 480), (timedelta(hours=5, minutes=30), 1290)],
)
def test_local_times_become_utc(offset: timedelta, utc: int) -> None:
    """Windows are in UTC; what is ahead of it may lie on the day before."""
    assert (utc,) == runs("cron(0 3 * * ? *)", offset)


@pytest.mark.parametrize(
    "text",
    [
        "cron(0 3 ? * MON *)",
        "cron(0 3 1 * ? *)",
        "cron(0 3 * 1 ? *)",
        "cron(0 3 * * ? 2027)",
        "cron(0 24 * * ? *)",
        "cron(60 3 * * ? *)",
        "cron(0 9-3 * * ? *)",
        "cron(0 0-99999999999 * * ? *)",
        "cron(0 3/0 * * ? *)",
        "cron(0 L * * ? *)",
        "cron(0 3 * *)",
        "rate(1 day)",
        "rate(2 days)",
    ],
)
def test_what_does_not_run_at_fixed_times_of_every_day_is_not_told(text: str) -> None:
    """Nothing is said of a schedule that is not understood."""
    assert None is runs(text, UTC)


def asked(
    window: str | None = "01:30-02:00",
    schedule: str | None = "cron(0 3-9 * * ? *)",
    offset: timedelta | None = UTC,
    **settings: Any,  # noqa: ANN401
) -> list[Answer]:
    """What is said of this schedule and of the window of ``orders``."""
    seen = world(replace(database(), window=window))
    given = replace(SETTINGS, schedule=schedule, **settings)
    return [*of_schedule(replace(facts(seen, given), utc_offset=offset))]


@pytest.mark.parametrize(
    ("schedule", "offset", "window", "level", "when"),
    [
        ("cron(0 3-9 * * ? *)", 0, "01:30-02:00", "pass", "03:00"),
        ("cron(0 3-9 * * ? *)", 0, "08:30-09:00", "pass", "09:00"),
        ("cron(0 3-9 * * ? *)", 0, "23:45-00:15", "pass", "03:00"),
        ("cron(0 3-9 * * ? *)", 0, "09:30-10:00", "warn", "03:00"),
        ("cron(0 3 * * ? *)", 0, "02:45-03:15", "warn", "03:00"),
        ("cron(0 3 * * ? *)", 1, "01:00-01:30", "pass", "02:00"),
        ("cron(0 3 * * ? *)", 1, "02:00-02:30", "warn", "02:00"),
        ("cron(0 3 * * ? *)", 0, "15:00-15:30", "warn", "03:00"),
        ("cron(0 3 * * ? *)", 0, "15:01-15:31", "pass", "03:00"),
    ],
)
def test_data_has_to_last_until_the_next_copy(
    schedule: str, offset: int, window: str, level: str, when: str
) -> None:
    """Its age at that time: a day, and from the window's start to the run after it."""
    answer = one(asked(window, schedule, timedelta(hours=offset)), WINDOW, "schedule")

    assert level == answer.level
    assert answer.fact.startswith(f"{window} UTC, copied from {when} UTC on")
    moved = "start after the window (NightSchedule, ScheduleTimezone), or move the window"
    assert (moved if level == "warn" else None) == answer.fix


def test_how_old_it_gets_is_said() -> None:
    """A day, an hour within the window and sixteen and a half after it."""
    answer = one(asked("09:30-10:30"), WINDOW)

    assert answer.fact.endswith("on: 41.5 h old before its next copy starts, of at most 36")


def test_the_objective_decides() -> None:
    """Whoever asks for more than a day and a half may run later."""
    found = asked("09:30-10:00", backup=replace(SETTINGS.backup, max_age_hours=48))

    assert Level.PASS is one(found, WINDOW).level


@pytest.mark.parametrize(
    ("given", "fact", "fix"),
    [
        (
            {"schedule": None},
            "cannot tell: NIGHT_SCHEDULE is not set",
            "set it as the template does",
        ),
        (
            {"schedule": "cron(0 3 ? * MON *)"},
            "cannot tell: cron(0 3 ? * MON *) does not run at fixed times of every day",
            "compare it with the windows yourself",
        ),
        (
            {"schedule": "rate(1 day)"},
            "cannot tell: rate(1 day) does not run at fixed times of every day",
            "compare it with the windows yourself",
        ),
        (
            {"schedule": "rate(24 hours)"},
            "cannot tell: rate(24 hours) does not run at fixed times of every day",
            "compare it with the windows yourself",
        ),
        (
            {"offset": None, "timezone": "Europe/Atlantis"},
            "cannot tell: no time zone Europe/Atlantis is known here",
            "correct SCHEDULE_TIMEZONE, or use UTC",
        ),
    ],
    ids=str,
)
def test_what_is_not_known_is_not_told(given: dict[str, Any], fact: str, fix: str) -> None:
    """No schedule, not every day, at no known time, or in no known zone: no window is compared."""
    found = asked(**given)

    assert {("warn", "schedule", "known")} == not_well(found)
    assert (fact, fix) == (one(found, "known").fact, one(found, "known").fix)
    assert WINDOW not in [a.question for a in found]


@pytest.mark.parametrize(
    ("rate", "level", "oldest"),
    [
        ("1 hour", "pass", None),
        ("11 hours", "pass", None),
        ("13 hours", "warn", "37.5"),
        ("23 hours", "warn", "47.5"),
        ("20 minutes", "pass", None),
        ("689 minutes", "pass", None),
        ("690 minutes", "warn", "36.0"),
        ("1439 minutes", "warn", "48.5"),
    ],
)
@pytest.mark.parametrize("offset", [UTC, None])
def test_a_rate_has_to_come_round_in_time(
    rate: str, level: str, oldest: str | None, offset: timedelta | None
) -> None:
    """At worst it has just run when the window ends; a time zone is of no matter."""
    found = asked(schedule=f"rate({rate})", offset=offset)

    assert (Level.PASS, f"rate({rate})") == (one(found, "known").level, one(found, "known").fact)
    said = f": {oldest} h old before its next copy starts, of at most 36" if oldest else ""
    expected = f"01:30-02:00 UTC, copied within {rate}{said}"
    assert (level, expected) == (one(found, WINDOW).level, one(found, WINDOW).fact)


def test_its_times_are_said() -> None:
    """As they are set, and in UTC."""
    found = asked(schedule="cron(30 3-4 * * ? *)", offset=timedelta(hours=1), timezone="CET")

    assert "cron(30 3-4 * * ? *) CET: 02:30, 03:30 UTC" == one(found, "known").fact
    assert (Level.PASS, "SCHEDULE_STATE is ENABLED") == (
        one(found, "enabled").level,
        one(found, "enabled").fact,
    )


def test_schedules_that_are_off_are_said() -> None:
    """As the stack is first deployed; windows are compared all the same."""
    found = asked(scheduled=False)
    answer = one(found, "enabled", "schedule")

    assert {("warn", "schedule", "enabled")} == not_well(found)
    assert "SCHEDULE_STATE is DISABLED: nothing runs by itself" == answer.fact
    assert "deploy with ScheduleState=ENABLED" == answer.fix
    assert Level.PASS is one(found, WINDOW).level


@pytest.mark.parametrize("window", [None, "", "mon:01:30-mon:02:00"])
def test_a_database_without_a_window_is_not_told(window: str | None) -> None:
    """RDS always shows one; if it did not, nothing would be known."""
    found = asked(window)

    assert {("warn", "schedule", WINDOW)} == not_well(found)
    assert f"cannot tell: its window is {window}" == one(found, WINDOW).fact


def test_each_database_has_its_own_window() -> None:
    """One that cannot be copied has none, and one that is not asked about."""
    late: Database = replace(database("late"), window="09:30-10:00")
    reports, none = database("r", Kind.CLUSTER, "mysql"), replace(database("none"), window="")
    seen = world(none, late, database(), database("more"), reports)
    found = [*of_schedule(facts(seen, only=["none", "late", "orders", "r"]))]

    assert [
        ("warn", "after the window of none (instance)"),
        ("warn", "after the window of late (instance)"),
        ("pass", WINDOW),
    ] == [(a.level, a.question) for a in found][2:]


MADE = "snapshots of orders (instance)"
HOUR = timedelta(hours=1)


def as_made(*hours_ago: float, **given: Any) -> list[Answer]:  # noqa: ANN401
    """What is said of the schedule where ``orders`` has snapshots of these ages."""
    made = [automated(database(), age=hours * HOUR) for hours in hours_ago]
    schedule = given.pop("schedule", "cron(0 3-9 * * ? *)")
    seen = facts(world(database(), made=made), replace(SETTINGS, schedule=schedule, **given))
    return [*of_schedule(seen)]


def test_snapshots_of_every_night_pass() -> None:
    """Whatever the window says, they count; the night is at three."""
    found = as_made(1, 25, 49)

    assert set() == not_well(found)
    expected = "3 in 8 days, up to 24.0 h apart, the last at 2026-03-02T02:00:30.250Z"
    assert expected == one(found, MADE, "schedule").fact


def test_snapshots_of_every_second_day_are_told() -> None:
    """RDS makes none of a database that is stopped in its window, which looks well (1.21)."""
    found = as_made(1, 49, 97)

    assert {("warn", "schedule", MADE)} == not_well(found)
    answer = one(found, MADE)
    assert answer.fact.startswith("3 in 8 days, up to 48.0 h apart, the last at ")
    expected = ": 49.0 h old before the next copy starts, of at most 36"
    assert answer.fact.endswith(expected)
    assert str(answer.fix).startswith("keep the database available in its backup window")
    assert "(01:30-02:00; RDS makes none" in str(answer.fix)


@pytest.mark.parametrize(
    ("ages", "level"),
    [
        ((1, 36), "pass"),
        ((1, 36.1), "warn"),
        ((1, 25, 61), "warn"),
        ((1, 25, 49, 73, 97, 121, 145, 169, 191, 230), "pass"),
    ],
    ids=str,
)
def test_the_longest_time_between_two_of_the_last_days_decides(
    ages: tuple[float, ...], level: str
) -> None:
    """An hour less is to spare, from the snapshot to its copy; what is long past is not told."""
    assert level == one(as_made(*ages), MADE).level


def test_the_time_until_the_copy_counts() -> None:
    """Snapshots of each day, of which the copy comes a day late."""
    late = one(as_made(1, 25, schedule="cron(0 2 * * ? *)"), MADE)
    assert (Level.WARN, True) == (late.level, ": 48.0 h old" in late.fact)
    assert Level.PASS is one(as_made(1, 25, schedule="rate(1 hour)"), MADE).level
    assert Level.WARN is one(as_made(1, 25, schedule="rate(13 hours)"), MADE).level


@pytest.mark.parametrize("schedule", [None, "cron(0 3 ? * MON *)"])
def test_where_the_schedule_is_not_known_the_snapshots_are(schedule: str | None) -> None:
    """They may be too far apart whenever they are copied."""
    assert Level.PASS is one(as_made(1, 25, schedule=schedule), MADE).level
    assert Level.WARN is one(as_made(1, 49, schedule=schedule), MADE).level


@pytest.mark.parametrize("ages", [(), (1,), (1, 200)], ids=str)
def test_of_one_snapshot_nothing_is_told(ages: tuple[float, ...]) -> None:
    """How old the newest is has an answer of its own."""
    assert MADE not in [a.question for a in as_made(*ages)]


def test_another_database_s_snapshots_do_not_count_nor_those_that_were_not_listed() -> None:
    """Each has its own."""
    more = automated(database("more"), age=30 * HOUR)
    seen = world(database(), database("more"), made=[automated(database()), more])
    assert MADE not in [a.question for a in of_schedule(facts(seen))]
    unseen = replace(seen, automated={Kind.INSTANCE: unread()})
    assert MADE not in [a.question for a in of_schedule(facts(unseen))]
