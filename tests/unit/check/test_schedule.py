"""At which times of the day a schedule runs."""

from datetime import timedelta

import pytest

from rds_backup.check.schedule import runs

UTC = timedelta(0)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("cron(0 3-9 * * ? *)", [3, 4, 5, 6, 7, 8, 9]),
        ("cron(0 3 ? * * *)", [3]),
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
