"""The calendar: what each night comes to, and what nothing can be said of."""

import re
from datetime import date, timedelta

import pytest

from rds_backup.model.decisions import State
from rds_backup.printers.calendar import (
    MEANING,
    MOST_WEEKS,
    Mark,
    earlier,
    first_monday,
    spells,
    weeks,
)
from rds_backup.printers.page_rows import OF_MARK
from rds_backup.printers.page_style import SHAPES
from rds_backup.printers.verdict import TONES
from rds_backup.report.detail import Condition, Detail, Flight, Held

MONDAY = date(2026, 3, 2)
SUNDAY = date(2026, 3, 8)
DAY = timedelta(days=1)


def held(day: int, condition: Condition = Condition.VERIFIED) -> Held:
    """A copy of a night in March 2026."""
    return Held(
        f"rds-backup-{day}", condition, f"2026-03-{day:02}T02:00:00.000Z", None, None, None, ""
    )


def detail(*backups: Held, flying: str | None = None) -> Detail:
    """These copies, and perhaps one under way."""
    flight = Flight("copy", "x", "1" * 12, f"2026-03-{flying}T02:00:00Z", "copying", 4, None)
    flights = (flight,) if flying else ()
    return Detail((), flights, backups, None, None, None, None, None, None)


def marks(of: Detail, today: date = SUNDAY) -> list[str]:
    """The marks of the first week of March."""
    return [str(night.mark) for week in weeks(of, MONDAY, today) for night in week]


def test_a_gap_is_a_night_between_held_ones_or_before_today() -> None:
    """Tonight's backup may still come, and nothing is known of nights before the oldest."""
    found = marks(detail(held(3), held(5)))

    assert ["before", "verified", "gap", "verified", "gap", "gap", "to come"] == found


def test_without_any_copy_there_is_no_gap() -> None:
    """A new database has missed nothing, and what is to come is told from what was before."""
    assert ["before"] * 4 + ["to come"] * 3 == marks(detail(), MONDAY + 4 * DAY)


def test_nights_alike_are_one_span() -> None:
    """So that a strip can be read aloud."""
    week = weeks(detail(held(3), held(4)), MONDAY, SUNDAY)[0]
    days = [(first.day, last.day, str(mark)) for first, last, mark in spells(week)]

    assert [(2, 2, "before"), (3, 4, "verified"), (5, 7, "gap"), (8, 8, "to come")] == days


@pytest.mark.parametrize(
    ("expected", "conditions"),
    [
        ("verified", (Condition.FAILED, Condition.VERIFIED, Condition.COPYING)),
        ("copying", (Condition.FAILED, Condition.COPYING, Condition.UNVERIFIED)),
        ("unverified", (Condition.FAILED, Condition.UNVERIFIED)),
        ("failed", (Condition.FAILED, Condition.DELETING)),
        ("gap", (Condition.DELETING,)),
    ],
)
def test_the_best_copy_of_a_night_speaks_for_it(
    expected: str, conditions: tuple[Condition, ...]
) -> None:
    """A second attempt that succeeded makes the night good; one that goes is no backup."""
    found = marks(detail(held(2), *(held(4, condition) for condition in conditions)))

    assert expected == found[2]


def test_a_shared_copy_under_way_marks_its_night() -> None:
    """Nothing of it is in the backup account yet."""
    assert "copying" == marks(detail(held(7), flying="08"))[6]


def test_calendars_are_whole_weeks_from_the_oldest_copy_of_all() -> None:
    """At most so many; what is older is counted, not drawn."""
    today = MONDAY + 60 * DAY
    start = first_monday([detail(held(4)), detail(held(20))], today)
    shown = weeks(detail(held(4)), start, today)

    assert [7] * MOST_WEEKS == [len(week) for week in shown]
    assert 0 == start.weekday()
    assert shown[-1][0].day <= today <= shown[-1][-1].day
    assert MONDAY == first_monday([detail(held(4))], SUNDAY)
    assert 1 == earlier(detail(held(4), held(5, Condition.FAILED)), start)


def test_every_mark_and_state_is_drawn_and_no_two_marks_alike() -> None:
    """Whoever sees no colours tells them by their shapes."""
    drawn = dict(re.findall(r'<g id="([^"]+)">(.+?)</g>', SHAPES))

    assert set(Mark) == set(OF_MARK) == set(MEANING)
    assert len(Mark) == len({drawn[tone] for tone in OF_MARK.values()})
    assert set(State) == set(TONES)
    assert drawn.keys() >= set(TONES.values())
