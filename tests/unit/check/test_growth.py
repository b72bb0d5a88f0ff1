"""How many copies there will be, and on which night there are too many."""

from copy import replace
from datetime import date, timedelta
from itertools import islice

from rds_backup.check.growth import Counts, first_too_many, totals
from rds_backup.model.settings import Rules

WEEK = Rules(7, timedelta(0))


def first(held: Counts, rules: Rules, count: int, *, expires: bool = True) -> list[int]:
    """The totals of the first nights."""
    return list(islice(totals(held, rules, expires=expires), count))


def test_a_new_database_grows_to_one_more_than_are_kept() -> None:
    """The new backup is there before the oldest expires: N + 1 (5.3)."""
    assert [1, 2, 3, 4, 5, 6, 7, 8, 8, 8] == first(Counts(0), WEEK, 10)


def test_a_full_series_needs_one_place_more() -> None:
    """Tonight's, until the oldest has gone."""
    assert [8, 8, 8] == first(Counts(7), WEEK, 3)
    assert [8, 8, 8] == list(islice(totals(Counts(7), WEEK), 3))


def test_a_key_change_needs_up_to_twice_the_number() -> None:
    """The old ones stay until N under the new key are newer: N + N, then N + 1."""
    assert [8, 9, 10, 11, 12, 13, 14, 8, 8] == first(Counts(0, others=7), WEEK, 9)


def test_days_to_keep_count_where_they_are_more() -> None:
    """Nothing younger than KEEP_AT_LEAST_DAYS expires, whatever the number."""
    rules = Rules(2, timedelta(days=5))

    assert [1, 2, 3, 4, 5, 6, 7, 7, 7] == first(Counts(0), rules, 9)
    assert [3, 4, 5, 6, 7, 8, 7, 7] == first(Counts(0, others=2), rules, 8)


def test_failed_copies_stay_until_tonight_s_is_done() -> None:
    """They hold no data, and have their places."""
    assert [10, 8, 8] == first(Counts(7, dead=2), WEEK, 3)


def test_tonight_s_own_is_not_made_twice() -> None:
    """Asked while it is copied, or after it."""
    assert [7, 8, 8] == first(Counts(7, made=True), WEEK, 3)
    assert [3, 4] == first(Counts(3, made=True), WEEK, 2)


def test_what_a_person_keeps_is_there_besides() -> None:
    """Tagged copies are not counted and do not go."""
    assert [10, 10] == first(Counts(7, kept=2), WEEK, 2)


def test_the_last_one_restored_may_be_there_besides() -> None:
    """Its proof keeps one more."""
    assert [9, 9] == first(Counts(7, proven=1), WEEK, 2)


def test_first_days_stay_beside_the_newest() -> None:
    """From the night after the one on which they would have gone; two Mondays, and a first."""
    rules = Rules(2, timedelta(0), weekly=2, monthly=1)
    new = Counts(0, tonight=date(2026, 3, 5))  # a Thursday

    assert [1, 2, 3, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5] == first(new, rules, 14)
    assert [1, 2, 3, 4, 5] == first(new, rules, 5, expires=False)


def test_first_days_that_are_there_are_known() -> None:
    """Those of an old key, too: they are counted as such while the key changes, and then here."""
    rules = Rules(2, timedelta(0), monthly=3)
    days = frozenset({date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1), date(2026, 3, 2)})
    full = Counts(4, days=days, tonight=date(2026, 3, 3))

    assert [5, 6, 6, 6] == first(full, rules, 4)
    assert [5, 6, 6, 6] == first(replace(full, verified=0, others=4), rules, 4)
    # April's takes January's place, and is one of the newest for two nights.
    assert [6, 6, 5, 5, 6] == [*islice(totals(full, rules), 28, 33)]


def test_where_nobody_expires_it_grows_without_end() -> None:
    """One each night."""
    assert [9, 10, 11] == first(Counts(7, others=1), WEEK, 3, expires=False)


def test_the_night_is_the_first_with_more_than_there_may_be() -> None:
    """Tonight is 1; exactly as many as there may be is not too many."""
    assert 1 == first_too_many([Counts(7), Counts(7)], WEEK, 0, 15)
    assert None is first_too_many([Counts(7), Counts(7)], WEEK, 0, 16)
    assert 4 == first_too_many([Counts(4)], WEEK, 3, 10)
    assert None is first_too_many([Counts(4)], WEEK, 3, 11)


def test_every_database_counts_on_every_night() -> None:
    """Two that grow reach it in half the time."""
    assert 10 == first_too_many([Counts(0)], Rules(100, timedelta(0)), 0, 9)
    assert 5 == first_too_many([Counts(0), Counts(0)], Rules(100, timedelta(0)), 0, 9)


def test_beyond_the_horizon_nothing_is_said() -> None:
    """Nobody plans further ahead than a year."""
    assert None is first_too_many([Counts(0)], WEEK, 0, 400, expires=False)
    assert 400 == first_too_many([Counts(0)], WEEK, 0, 399, expires=False)
    assert None is first_too_many([], WEEK, 100, 1)
