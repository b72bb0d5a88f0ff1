"""A page of a result: never too large, nothing lost, what is bad first, and counts of all."""

import json
import math
from collections import Counter
from collections.abc import Iterator
from copy import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rds_backup.check.answer import Answer, Checked, Level
from rds_backup.model.decisions import BAD, State
from rds_backup.model.inventory import Kind
from rds_backup.report.bounded import MAX_RESULT_BYTES
from rds_backup.report.detail import Condition, Detail, Held, Setting, Size
from rds_backup.report.entry import Entry
from rds_backup.report.result import Report
from tests.support.making import SEARCH

P, BLOCKED, STALE = State.PROTECTED, State.BLOCKED, State.STALE
SETTING = Setting("2026-03-08T04:05:00.000Z", "eu-west-1", "1" * 12, "2" * 12, 36, 7, expires=True)
HELD = Held(
    "rds-backup-orders-20260302-0200-6f0c52ceea-1",
    Condition.VERIFIED,
    "2026-03-02T02:00:00.000Z",
    "2026-03-02T03:40:00.000Z",
    Size(16.3, "FullSnapshotSizeInBytes"),
    kept=True,
    reason="day 4 of the newest 4",
)
DETAIL = Detail((), (), (HELD,) * 7, None, None, None, None, None, None)
LONG = "RDS says Ünzulässig: 日本 🛢 "


def entry(name: str, state: State = P, reason: str = "a reason", number: int = 0) -> Entry:
    """A database as ``status`` shows it, with a week of backups."""
    return Entry(name, Kind.INSTANCE, f"db-{number:04}", state, reason, "a fix", detail=DETAIL)


def fleet(count: int, state: State = P, reason: str = "a reason {}") -> Report:
    """So many databases in a state, each with a reason of its own if it has its number in it."""
    found = (entry(f"database-{n:04}", state, reason.format(n), n) for n in range(count))
    return Report((), tuple(found), setting=SETTING)


def pages(of: Report | Checked, most: float = MAX_RESULT_BYTES) -> Iterator[dict[str, Any]]:
    """All pages, each as large as it may be; raises where one does not go on."""
    after = None
    while True:
        page = of.as_dict(after, most)
        for ascii_only in (True, False):
            assert len(json.dumps(page, ensure_ascii=ascii_only).encode()) <= most
        yield page
        if "more" not in page:
            return
        assert after is None or page["more"]["after"] > after
        after = page["more"]["after"]


def whole(of: Report, member: str = "databases") -> Counter[str]:
    """How often a result without a limit tells each item of a list."""
    return Counter(map(json.dumps, of.as_dict(most=math.inf)[member]))


def names(page: dict[str, Any]) -> list[str]:
    """The databases of a page, in its order."""
    return [e["database"] for e in page["databases"]]


@pytest.mark.parametrize("state", [P, BLOCKED])
@pytest.mark.parametrize("number", [1_000, 3_000])
def test_a_fleet_is_told_in_pages_each_entry_once(number: int, state: State) -> None:
    """What is left out can be asked for; all of them bad with long reasons of their own, too."""
    of = fleet(number, state, LONG * 9 + "{}")
    found = list(pages(of))

    assert whole(of) == Counter(json.dumps(e) for page in found for e in page["databases"])
    assert {number} == {page["counts"]["databases"][state] for page in found}
    assert {of.outcome} == {page["outcome"] for page in found}


def test_of_all_that_is_left_is_said_how_much() -> None:
    """A client sees whether it has all."""
    of = fleet(300)
    left = 300
    for page in pages(of):
        left -= len(page["databases"])
        assert left == page.get("more", {"count": 0})["count"]
    assert 0 == left


def test_a_cause_is_told_once_with_the_names_that_it_holds_for() -> None:
    """One refused role is one thing to do, and not three thousand."""
    page = fleet(3_000, BLOCKED, "the role cannot be assumed").as_dict()
    (group,) = page["bad"]

    assert {"blocked": 3_000} == page["counts"]["databases"]
    assert ("blocked", "the role cannot be assumed", "a fix") == (
        group["state"],
        group["reason"],
        group["fix"],
    )
    assert [f"database-{n:04}" for n in range(3_000)] == group["names"]
    assert 3_000 == group["count"]


def test_names_that_do_not_fit_are_counted() -> None:
    """They follow with their entries."""
    many = tuple(entry("x" * 58 + f"{n:05}", BLOCKED, number=n) for n in range(5_000))
    (group,) = Report((), many).as_dict()["bad"]

    assert 5_000 == group["count"] > len(group["names"]) > 1_000


def test_the_bad_ones_come_first_and_the_others_by_name() -> None:
    """Who reads one page only has read what matters."""
    mixed = fleet(500).databases
    bad = {7, 250, 499}
    found = tuple(replace(e, state=STALE) if n in bad else e for n, e in enumerate(mixed))
    first, *_ = pages(Report((), found))

    assert [f"database-{n:04}" for n in sorted(bad)] == names(first)[:3]
    assert [f"database-{n:04}" for n in range(20) if n not in bad] == names(first)[3:22]


def test_a_tolerated_state_is_not_told_among_the_bad_ones() -> None:
    """``expire`` lives with stale series."""
    assert "bad" not in replace(fleet(2, STALE), tolerated=frozenset({STALE})).as_dict()


def test_a_small_result_has_everything_in_its_order() -> None:
    """Nobody with a few databases has to know of pages."""
    of = replace(fleet(20), unselected=(entry("archive", STALE),), actions=ACTIONS[:3])
    page = of.as_dict()

    assert [e.in_full() for e in of.databases] == page["databases"]
    assert ["archive"] == [e["database"] for e in page["unselected_series"]]
    assert [dict(a) for a in ACTIONS[:3]] == page["actions"]
    assert "more" not in page
    assert page == of.as_dict(most=math.inf)


ACTIONS = tuple(
    {
        "action": word,
        "database": f"database-{n:04}",
        "resource_id": f"db-{n:04}",
        "account": "2" * 12,
        "snapshot": f"rds-backup-database-{n:04}-20260302-0200-6f0c52ceea-1",
        "reason": "7 later days have a verified backup",
    }
    for n in reversed(range(300))
    for word in ("expire", "copy")
)


def test_actions_and_series_are_told_in_pages_too() -> None:
    """A plan that expires a backup of each database, and as many series that nobody selects."""
    former = tuple(entry(f"database-{n:04}", STALE, number=5_000 + n) for n in range(300))
    of = replace(fleet(300), actions=ACTIONS, unselected=former)

    found = list(pages(of))

    for member in ("databases", "unselected_series", "actions"):
        told = Counter(json.dumps(item) for page in found for item in page.get(member, ()))
        assert whole(of, member) == told
    assert {"expire": 300, "copy": 300} == found[0]["counts"]["actions"]
    assert {"stale": 300} == found[0]["counts"]["unselected_series"]


def test_what_has_one_name_is_not_lost_between_two_pages() -> None:
    """An instance, a cluster and five hundred former ones may all be called the same."""
    same = tuple(entry("orders", reason=LONG * 9 + str(n), number=n) for n in range(500))
    equal = tuple(replace(e, resource_id="db-1") for e in same)

    for of in (Report((), same), Report((), equal)):
        assert whole(of) == Counter(json.dumps(e) for page in pages(of) for e in page["databases"])


def test_what_turns_bad_between_two_pages_is_named_by_the_next() -> None:
    """Its place is among the bad ones now, which are behind."""
    before = fleet(300)
    after = before.as_dict()["more"]["after"]
    last = replace(before.databases[-1], state=BLOCKED, reason="the key is disabled")
    page = replace(before, databases=(*before.databases[:-1], last)).as_dict(after)

    assert [["database-0299"]] == [group["names"] for group in page["bad"]]
    assert {"protected": 299, "blocked": 1} == page["counts"]["databases"]


def test_what_gets_well_between_two_pages_is_told_again_rather_than_lost() -> None:
    """By its name, among the others."""
    bad = fleet(300, BLOCKED)
    after = bad.as_dict()["more"]["after"]
    rest = [name for p in pages_after(fleet(300), after) for name in names(p)]

    assert [f"database-{n:04}" for n in range(300)] == rest


def pages_after(of: Report, after: str) -> Iterator[dict[str, Any]]:
    """The pages from a place on."""
    while True:
        page = of.as_dict(after)
        yield page
        if "more" not in page:
            return
        after = page["more"]["after"]


def test_a_name_is_a_place_to_go_on_at() -> None:
    """As a person types it; a database that is gone is one, too."""
    of = fleet(300)

    assert "database-0123" == names(of.as_dict("database-0123"))[0]
    assert "database-0124" == names(of.as_dict("database-0123-gone"))[0]


@pytest.mark.parametrize("size", [2_000, 9_000])
def test_an_entry_larger_than_a_page_is_cut_and_the_next_one_still_comes(size: int) -> None:
    """A thousand backups of one database, or as many refused deletions in one reason."""
    huge = replace(entry("a"), detail=replace(DETAIL, backups=(HELD,) * size))
    wordy = entry("b", BLOCKED, LONG * size)
    of = Report((), (huge, wordy, entry("c")))
    found = {e["database"]: e for page in pages(of) for e in page["databases"]}

    assert found["a"]["backups"] is None
    assert "db-0000" == found["a"]["resource_id"]
    assert found["b"]["reason"].startswith(LONG)
    assert found["b"]["reason"].endswith("...")
    assert 7 == len(found["c"]["backups"])
    assert [e.in_full() for e in of.databases] == sorted(
        of.as_dict(most=math.inf)["databases"], key=lambda e: e["database"]
    )


@pytest.mark.parametrize("number", [100, 1_000])
def test_the_answers_of_a_check_are_told_in_pages_too(number: int) -> None:
    """Of as many databases, and many about the schedule; what fails tonight is told first."""
    fix = {Level.FAIL: "turn it on", Level.WARN: "see", Level.PASS: None}
    found = tuple(
        Answer(about, f"question {question}", level, f"{question} {n}" * 9, fix[level])
        for n in range(number)
        for about in (f"database-{n} (instance)", "schedule")
        for question, level in enumerate((Level.PASS, Level.WARN, Level.FAIL))
    )
    of = Checked("2026-03-08T03:00:00Z", "eu-west-1", found)
    first, *more = pages(of)
    told = Counter(json.dumps(a) for page in (first, *more) for a in page["answers"])

    assert Counter(json.dumps(a.as_dict()) for a in found) == told
    assert {"pass": 2 * number, "warn": 2 * number, "fail": 2 * number} == first["counts"][
        "answers"
    ]
    assert "fail" == first["outcome"] == first["bad"][0]["level"] == first["answers"][0]["level"]


@SEARCH
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["orders", "orders-2", "billing", "DB_TAG backup=nightly", "größe"]),
            st.sampled_from(State),
            st.text(max_size=9),
            st.sampled_from([1, 60, 900, 40_000]),
            st.integers(0, 3),
        ),
        max_size=25,
    ),
    st.sets(st.sampled_from(sorted(BAD))),
)
def test_no_fleet_loses_an_entry_or_makes_a_page_too_large(
    rows: list[tuple[str, State, str, int, int]], tolerated: set[State]
) -> None:
    """Any names, reasons of any alphabet and length, entries that are equal altogether."""
    found = tuple(entry(name, state, text * n, k) for name, state, text, n, k in rows)
    of = Report((), found * 9, tolerated=frozenset(tolerated))
    keys = Counter((e.database, e.resource_id, str(e.state)) for e in of.databases)

    assert keys == Counter(
        (e["database"], e["resource_id"], e["state"]) for p in pages(of) for e in p["databases"]
    )
