"""The first day of each week, month and year, over ten years and whatever comes in between."""

from collections.abc import Callable, Sequence
from copy import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rds_backup.decide.retention import first_of, judge, tiers_held
from rds_backup.decide.tiers import nights_held, period_of, tiers_of
from rds_backup.model.decisions import Owned
from rds_backup.model.identity import KEEP
from rds_backup.model.settings import Rules
from rds_backup.model.verified import good, sound_in
from tests.support.making import (
    BACKUP,
    BACKUP_KEY,
    DAY,
    HOUR,
    OTHER_KEY,
    SEARCH,
    SHARING_KEY,
    VAULT,
    backup,
    point,
)

KEPT = {KEEP: "before the migration"}
NO_AGE = timedelta(0)
MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)


def made(day: str, hour: float = 3, attempt: int = 1, key: str = BACKUP_KEY) -> Owned:
    """The backup that RDS made on a day at an hour, of a snapshot an hour older."""
    at = datetime.fromisoformat(day).replace(tzinfo=UTC) + hour * HOUR
    return backup(point(at - HOUR), attempt, key=key, created_at=at)


def of(weekly: int = 0, monthly: int = 0, yearly: int = 0) -> Rules:
    """One day is kept, and these."""
    return Rules(1, NO_AGE, weekly, monthly, yearly)


def held(backups: Sequence[Owned], rules: Rules) -> dict[str, str]:
    """Why those are kept that are kept, by name; long after the last of them."""
    verdicts = judge(backups, VAULT, rules, MIDNIGHT + 9999 * DAY)
    return {v.backup.snapshot.identifier: v.reason for v in verdicts if v.kept}


def kept(backups: Sequence[Owned], rules: Rules) -> list[Owned]:
    """Those that there is a reason to keep."""
    reasons = held(backups, rules)
    return [b for b in backups if b.snapshot.identifier in reasons]


def nights(*found: str) -> list[Owned]:
    """The backups of these days."""
    return [made(day) for day in found]


# What is there on an evening where 7 days, 4 weeks, 12 months and 7 years are kept; a year is
# written once.
CALENDAR = {
    "2026-01-01": "2026-01-01",
    "2026-01-12": "2026-01-01 01-05 01-06 01-07 01-08 01-09 01-10 01-11 01-12",
    "2027-12-31": "2026-01-01 2027-01-01 02-01 03-01 04-01 05-01 06-01 07-01 08-01 09-01 10-01 "
    "11-01 12-01 12-06 12-13 12-20 12-25 12-26 12-27 12-28 12-29 12-30 12-31",
    # Without a night of 2028-12-31: that one ended in the next year, and two are of its first day.
    "2029-01-01": "2026-01-01 2027-01-01 2028-01-01 02-01 03-01 04-01 05-01 06-01 07-01 08-01 "
    "09-01 10-01 11-01 12-01 12-11 12-18 12-25 12-26 12-27 12-28 12-29 12-30 2029-01-01 01-01",
    # The last evening under the old key, with junk of 2029-06-01 at 00:01, and none of the twenty
    # copies of 2030-05-08; the first under the new one; and when seven are under the new one.
    "2030-05-16": "2026-01-01 2027-01-01 2028-01-01 2029-01-01 01-01 06-01 06-01 07-01 08-01 09-01 "
    "10-01 11-01 12-01 2030-01-01 02-01 03-01 04-01 04-22 04-29 05-01 05-06 05-10 05-11 05-12 "
    "05-13 05-14 05-15 05-16",
    "2030-05-17": "2026-01-01 2027-01-01 2028-01-01 2029-01-01 01-01 06-01 06-01 07-01 08-01 09-01 "
    "10-01 11-01 12-01 2030-01-01 02-01 03-01 04-01 04-22 04-29 05-01 05-06 05-10 05-11 05-12 "
    "05-13 05-14 05-15 05-16 05-17",
    "2030-05-24": "2026-01-01 2027-01-01 2028-01-01 2029-01-01 01-01 06-01 06-01 07-01 08-01 09-01 "
    "10-01 11-01 12-01 2030-01-01 02-01 03-01 04-01 04-29 05-01 05-06 05-13 05-18 05-19 05-20 "
    "05-21 05-22 05-23 05-24",
    # The year's first day is a Sunday: it is of the last week of the year before.
    "2034-01-01": "2028-01-01 2029-01-01 01-01 2030-01-01 2031-01-01 2032-01-01 2033-01-01 02-01 "
    "03-01 04-01 05-01 06-01 07-01 08-01 09-01 10-01 11-01 12-01 12-05 12-12 12-19 12-26 12-27 "
    "12-28 12-29 12-30 12-31 2034-01-01",
    "2035-12-31": "2029-01-01 01-01 2030-01-01 2031-01-01 2032-01-01 2033-01-01 2034-01-01 "
    "2035-01-01 02-01 03-01 04-01 05-01 06-01 07-01 08-01 09-01 10-01 11-01 12-01 12-10 12-17 "
    "12-24 12-25 12-26 12-27 12-28 12-29 12-30 12-31",
}


def written(found: Sequence[Owned]) -> str:
    """The days of what is there, oldest first; the year only where it changes."""
    told, year = [], ""
    for backup_ in found:
        day = f"{backup_.snapshot.created_at:%Y-%m-%d}"
        told.append(day if day[:4] != year else day[5:])
        year = day[:4]
    return " ".join(told)


def test_ten_years_of_nights_leave_these_days() -> None:
    """Beside the seven newest: four Mondays, twelve firsts of a month, seven of January."""
    beside = {
        "2028-12-31": [made("2029-01-01", 0.5, 2)],  # a night that ends on the next day
        "2029-06-01": [made("2029-06-01", 1 / 60, 2)],  # junk, before the night's own
        "2030-05-08": [made("2030-05-08", 4, n) for n in range(2, 22)],
    }
    there: list[Owned] = []
    rules = Rules(7, NO_AGE, 4, 12, 7)
    for n in range(3652):
        day = f"{MIDNIGHT + n * DAY:%Y-%m-%d}"
        vault = VAULT._replace(key=OTHER_KEY) if day >= "2030-05-17" else VAULT
        there += beside.get(day, [])
        there += [made(day, key=vault.key)] if day != "2028-12-31" else []
        evening = MIDNIGHT + n * DAY + 20 * HOUR
        there = [v.backup for v in judge(there, vault, rules, evening) if v.kept]
        if day in CALENDAR:  # at once, since ten years of all that was made would take hours
            assert CALENDAR[day] == written(there)


def test_the_first_day_of_each_period_is_kept_and_says_so() -> None:
    """By the longest of those whose first day it is: that is how long it stays."""
    backups = nights("2026-02-28", "2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04")
    reasons = held(backups, of(weekly=2, monthly=2, yearly=1))
    assert [
        "of the first day of 2026",
        "of the first day of 2026-03",
        "of the first day of 2026-W10",
        None,
        "day 1 of the newest 1",
    ] == [reasons.get(b.snapshot.identifier) for b in backups]


@pytest.mark.parametrize(
    ("expected", "rules", "day"),
    [
        ("2026-W53", of(weekly=1), "2027-01-01"),
        ("2027-W01", of(weekly=1), "2027-01-04"),
        ("2027-01", of(weekly=1, monthly=1), "2027-01-01"),
        ("2027", of(weekly=1, monthly=1, yearly=1), "2027-01-01"),
        (None, of(), "2027-01-01"),
    ],
)
def test_a_period_is_named_as_iso_8601_does(expected: str | None, rules: Rules, day: str) -> None:
    """A week by the year that its Thursday is in."""
    there = date.fromisoformat(day)
    assert expected == period_of(there, tiers_of([there], rules))


NEW_YEAR = ("2026-12-30", "2026-12-31", "2027-01-02", "2027-01-04", "2027-01-05", "2027-01-06")
SELDOM = ("2026-01-07", "2026-01-08", "2026-05-05", "2026-05-06", "2028-09-09")


@pytest.mark.parametrize(
    ("expected", "rules", "there"),
    [
        ("2027-01-06", of(), NEW_YEAR),
        ("2027-01-04 01-06", of(weekly=1), NEW_YEAR),
        ("2026-12-30 2027-01-04 01-06", of(weekly=2), NEW_YEAR),
        ("2027-01-02 01-06", of(monthly=1), NEW_YEAR),
        ("2026-12-30 2027-01-02 01-06", of(monthly=9), NEW_YEAR),
        ("2027-01-02 01-06", of(yearly=1), NEW_YEAR),
        ("2026-12-30 2027-01-02 01-04 01-06", of(weekly=1, yearly=2), NEW_YEAR),
        ("2026-05-05 2028-09-09", of(weekly=2), SELDOM),
        ("2026-05-05 2028-09-09", of(monthly=2), SELDOM),
        ("2026-01-07 2028-09-09", of(yearly=2), SELDOM),
        ("2026-01-07 05-05 2028-09-09", of(weekly=3), SELDOM),
    ],
)
def test_of_the_newest_periods_that_have_a_backup_the_first_day_stays(
    expected: str, rules: Rules, there: tuple[str, ...]
) -> None:
    """No clock is asked: a source that stops loses nothing, however long it is silent."""
    assert expected == written(kept(nights(*there), rules))


MONDAY, TUESDAY, LATE = made("2026-03-02"), made("2026-03-03"), made("2026-03-04")


def changed(**facts: Any) -> Owned:  # noqa: ANN401 - as a snapshot has them
    """Monday's backup, but for some facts."""
    return replace(MONDAY, snapshot=replace(MONDAY.snapshot, **facts))


@pytest.mark.parametrize("key", [OTHER_KEY, OTHER_KEY.rsplit("/", 1)[1]], ids=["old", "an id"])
def test_a_change_of_the_key_expires_no_first_day(key: str) -> None:
    """Under whatever key of the backup account; a key of another is always named by its ARN."""
    old = changed(kms_key=key)
    assert [old, LATE] == kept([old, TUESDAY, LATE], of(weekly=1))


@pytest.mark.parametrize(
    "junk",
    [
        changed(kms_key=SHARING_KEY),
        changed(kms_key=None, encryption="none"),
        changed(resource_id="db-RECREATED"),
        changed(word="failed"),
    ],
    ids=["of a foreign key", "of no key", "contradicted", "failed"],
)
def test_what_is_not_sound_is_no_first_day(junk: Owned) -> None:
    """It is neither kept for it, nor does it take the place of a later day that is."""
    assert [TUESDAY, LATE] == kept([junk, TUESDAY, LATE], of(weekly=1))


def test_what_a_person_keeps_takes_no_first_day() -> None:
    """They may delete it: without it the next day is the first, and another week may count."""
    before = made("2026-02-25")
    tagged = replace(
        MONDAY, snapshot=replace(MONDAY.snapshot, tags={**MONDAY.snapshot.tags, **KEPT})
    )
    assert [tagged, TUESDAY, LATE] == kept([tagged, TUESDAY, LATE], of(monthly=1))
    both = [before, tagged, made("2026-03-09")]
    assert both == kept(both, of(weekly=2))


def test_all_of_the_first_day_stay_and_nothing_of_a_later_one() -> None:
    """Junk is kept beside the good one, before it or after it, and displaces nothing."""
    first = [made("2026-03-02", hour, n) for n, hour in enumerate((1 / 60, 3, 23.9), 1)]
    flood = [made("2026-03-03", 3, n) for n in range(1, 9)]
    flood.append(changed(kms_key=SHARING_KEY, identifier="of-no-use"))
    assert [*first, LATE] == kept([*first, *flood, LATE], of(weekly=1, monthly=1, yearly=1))


@pytest.mark.parametrize(
    ("expected", "rules", "day", "night"),
    [
        (0, of(weekly=1), "2026-03-03", "2026-03-05"),
        (0, of(), "2026-03-02", "2026-03-05"),
        (5, of(weekly=1), "2026-03-02", "2026-03-05"),
        (1, of(weekly=1), "2026-03-02", "2026-03-09"),
        (1, of(weekly=1), "2026-03-02", "2026-03-18"),
        (12, of(weekly=2), "2026-03-02", "2026-03-05"),
        (6, of(weekly=2), "2026-03-02", "2026-03-18"),
        (5, of(weekly=2), "2026-02-24", "2026-03-05"),
        (28, of(monthly=1), "2026-03-02", "2026-03-05"),
        (277, of(monthly=10), "2026-03-02", "2026-03-31"),
        (308, of(monthly=11), "2026-03-02", "2026-03-31"),
        (303, of(yearly=1), "2026-02-24", "2026-03-05"),
        (303, of(weekly=2, yearly=1), "2026-02-24", "2026-03-05"),
    ],
)
def test_a_day_is_held_until_so_many_newer_periods_have_begun(
    expected: int, rules: Rules, day: str, night: str
) -> None:
    """A night a day from one on: a new period begins with the first night that is in it."""
    there = tuple(map(date.fromisoformat, ("2026-02-24", "2026-03-02", "2026-03-03", "2026-03-04")))
    told = nights_held(date.fromisoformat(day), tiers_of(there, rules), date.fromisoformat(night))
    assert expected == told


@st.composite
def years(draw: st.DrawFn) -> list[Owned]:
    """Some backups of two years, at any hour, some of them not what they should be."""
    spots = st.tuples(st.integers(0, 500), st.integers(0, 23))
    found = []
    for n, (day, hour) in enumerate(draw(st.lists(spots, max_size=12, unique=True))):
        at = MIDNIGHT + day * DAY + hour * HOUR
        key = draw(st.sampled_from([BACKUP_KEY, BACKUP_KEY, OTHER_KEY, SHARING_KEY]))
        tags = draw(st.sampled_from([{}, {}, {}, KEPT]))
        found.append(backup(point(at - HOUR), n + 1, key=key, created_at=at, tags=tags))
    return found


number = st.integers(0, 3)
rules = st.builds(Rules, st.integers(1, 3), st.just(NO_AGE), number, number, number)


def day_of(item: Owned) -> date:
    """The day on which it was made."""
    assert item.snapshot.created_at
    return item.snapshot.created_at.date()


# A number for each period, counted in another way than the code does.
PERIODS: dict[str, Callable[[date], int]] = {
    "weekly": lambda d: (d - timedelta(days=d.weekday())).toordinal() // 7,
    "monthly": lambda d: d.year * 12 + d.month,
    "yearly": lambda d: d.year,
}


@SEARCH
@given(years(), rules, st.integers(0, 400))
def test_nothing_goes_that_is_the_only_one_of_a_period_of_the_calendar(
    backups: list[Owned], rules: Rules, silent: int
) -> None:
    """Of the last W weeks, M months and Y years by the clock, whenever it is asked."""
    now = max(map(day_of, backups), default=MIDNIGHT.date()) + silent * DAY
    left = [b for b in kept(backups, rules) if good(b) and sound_in(b, BACKUP)]
    for gone in backups:
        if gone in left or not sound_in(gone, BACKUP):
            continue
        for tier, period in PERIODS.items():
            mine = period(day_of(gone))
            if period(now) - mine < getattr(rules, tier):
                assert [b for b in left if period(day_of(b)) == mine and day_of(b) < day_of(gone)]


@SEARCH
@given(years(), rules, st.sampled_from(["keep", *PERIODS]))
def test_a_larger_number_keeps_no_less(backups: list[Owned], rules: Rules, name: str) -> None:
    """Each of the four."""
    more = rules._replace(**{name: getattr(rules, name) + 1})
    assert held(backups, rules).keys() <= held(backups, more).keys()


@SEARCH
@given(years(), rules, st.data())
def test_junk_of_a_period_that_has_a_day_displaces_nothing(
    backups: list[Owned], rules: Rules, data: st.DataObject
) -> None:
    """Later copies, however many, leave every first day where it was."""
    firm = [b for b in backups if sound_in(b, BACKUP) and KEEP not in b.snapshot.tags]
    before = tiers_held(backups, BACKUP, rules)
    for one in firm:
        last = day_of(one)
        while data.draw(st.booleans()) and all(
            period(last + DAY) == period(last) for period in PERIODS.values()
        ):
            last += DAY
        junk = [made(f"{last}", 23.5, n) for n in range(50, 53)]
        after = tiers_held([*backups, *junk], BACKUP, rules)
        assert [first_of(b, before, BACKUP) for b in backups] == [
            first_of(b, after, BACKUP) for b in backups
        ]


@SEARCH
@given(years(), rules, st.data())
def test_what_has_gone_meanwhile_lets_nothing_else_go(
    backups: list[Owned], rules: Rules, data: st.DataObject
) -> None:
    """A reading of less keeps more: so the guard may judge by a part of a series."""
    fewer = [b for b in backups if data.draw(st.booleans())]
    one, other = (tiers_held(found, BACKUP, rules) for found in (backups, fewer))
    for item in fewer:
        if first_of(item, one, BACKUP) and KEEP not in item.snapshot.tags:
            assert first_of(item, other, BACKUP)
