"""The result object, the outcome, and the one error that a person reads."""

import json
from copy import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rds_backup import __version__
from rds_backup.decide.plan import Subject
from rds_backup.decide.series import SeriesView
from rds_backup.model.decisions import BAD, Decision, Owned, Problem, State
from rds_backup.model.inventory import Kind
from rds_backup.model.settings import BackupSettings, Rules
from rds_backup.model.world import Undeleted
from rds_backup.report.entry import Entry, of_database, of_problem
from rds_backup.report.result import MAX_MESSAGE_BYTES, BackupFailedError, Outcome, Report
from tests.support.making import (
    BACKUP,
    BACKUP_KEY,
    HOUR,
    NIGHT,
    PREFIX,
    REGION,
    SEARCH,
    backup,
    database,
    point,
    series,
)

ACTION = {
    "action": "copy",
    "database": "orders",
    "resource_id": "db-ORDERS",
    "snapshot": "rds-backup-orders-1",
    "account": "111111111111",
}
ENTRY_KEYS = {
    "database",
    "kind",
    "resource_id",
    "state",
    "reason",
    "fix",
    "source_snapshot",
    "taken_at",
    "backup",
    "age_hours",
    "backups_kept",
}


def entry(state: State, name: str = "orders", reason: str = "a reason") -> Entry:
    """A database in this state."""
    return Entry(name, Kind.INSTANCE, "db-ORDERS", state, reason)


def refused(count: int) -> tuple[Undeleted, ...]:
    """So many deletions of ``stock`` that were refused."""
    return tuple(Undeleted("stock", f"copy-{n} could not be deleted: Denied") for n in range(count))


def report(*states: State, actions: int = 0, failures: int = 0) -> Report:
    """An invocation that left databases in these states."""
    return Report((ACTION,) * actions, tuple(map(entry, states)), refused(failures))


P, I, Q = State.PROTECTED, State.IN_PROGRESS, State.QUEUED  # noqa: E741 - a table of states
STALE, STUCK, BLOCKED = State.STALE, State.STUCK, State.BLOCKED
UNSUPPORTED, UNKNOWN = State.UNSUPPORTED, State.UNKNOWN


@pytest.mark.parametrize(
    ("outcome", "of"),
    [
        ("nothing_to_do", report()),
        ("nothing_to_do", report(P)),
        ("nothing_to_do", report(P, P)),
        ("completed", report(P, actions=1)),
        ("completed", report(actions=1)),
        ("in_progress", report(I)),
        ("in_progress", report(Q)),
        ("in_progress", report(P, I)),
        ("in_progress", report(P, Q, actions=3)),
        ("failed", report(STALE)),
        ("failed", report(STUCK)),
        ("failed", report(BLOCKED)),
        ("failed", report(UNSUPPORTED)),
        ("failed", report(UNKNOWN)),
        ("failed", report(STALE, STUCK, BLOCKED, UNSUPPORTED, UNKNOWN, actions=2)),
        ("failed", report(BLOCKED, failures=1)),
        ("partially_failed", report(P, STALE)),
        ("partially_failed", report(I, STUCK)),
        ("partially_failed", report(Q, BLOCKED, actions=2)),
        ("partially_failed", report(P, P, UNKNOWN)),
        ("partially_failed", report(P, failures=1)),
        ("partially_failed", report(I, failures=1)),
        ("partially_failed", report(failures=1, actions=1)),
    ],
)
def test_the_outcome_is_the_first_row_that_fits(outcome: str, of: Report) -> None:
    """Every database bad, any bad or a refused deletion, under way, done, nothing."""
    assert outcome == of.outcome


def test_every_state_is_good_bad_or_under_way() -> None:
    """A new state has to say which: an outcome must not fall through."""
    assert {P, I, Q} == set(State) - BAD


@pytest.mark.parametrize("state", sorted(BAD))
def test_a_tolerated_state_is_not_bad(state: State) -> None:
    """Some actions live with a state; the entry still shows it."""
    one = replace(report(P, state), tolerated=frozenset({state}))
    assert Outcome.NOTHING_TO_DO is one.outcome
    assert () == one.bad
    assert [P, state] == [e["state"] for e in one.as_dict()["databases"]]


def test_a_series_that_nobody_selects_does_not_make_the_outcome() -> None:
    """Its database has left the configuration on purpose."""
    assert Outcome.NOTHING_TO_DO is replace(report(P), unselected=(entry(STALE),)).outcome


@pytest.mark.parametrize(
    "of",
    [report(), report(P), report(I), report(Q, actions=1), report(P, actions=1)],
)
def test_waiting_is_a_result_and_never_an_exception(of: Report) -> None:
    """A Lambda error always means that a person should look."""
    of.raise_if_bad()


def message(of: Report) -> str:
    """What a person reads in the error."""
    with pytest.raises(BackupFailedError) as caught:
        of.raise_if_bad()
    return str(caught.value)


def test_a_failure_is_the_outcome_and_a_line_for_each_bad_database() -> None:
    """State, reason and fix, and nothing of those that are well."""
    one = Report(
        (),
        (
            entry(P, "billing"),
            entry(BLOCKED, "orders", "the key is disabled; enable it"),
            entry(STALE, "stock", "no automated snapshot for 40 h; look at the instance"),
        ),
    )
    assert [
        "partially_failed",
        "orders: blocked: the key is disabled; enable it",
        "stock: stale: no automated snapshot for 40 h; look at the instance",
    ] == message(one).splitlines()


def test_refused_deletions_are_told_also_where_every_database_is_well() -> None:
    """A deletion that is refused every night fills the quota one day."""
    assert [
        "partially_failed",
        "stock: copy-0 could not be deleted: Denied",
        "stock: copy-1 could not be deleted: Denied",
    ] == message(report(P, failures=2)).splitlines()


def test_a_refused_deletion_of_a_bad_database_is_told_with_its_reason() -> None:
    """Its line has the words already."""
    bad = replace(entry(STUCK), database="stock")
    assert ["failed", "stock: stuck: a reason"] == message(
        Report((), (bad,), refused(1))
    ).splitlines()


@pytest.mark.parametrize("reason", ["x" * 5000, "é" * 5000, "🛢" * 5000, "e\u0301" * 3000])
@pytest.mark.parametrize("number", [1, 2, 25, 500, 10_000])
def test_a_message_is_at_most_2_kb_however_many_databases_are_bad(number: int, reason: str) -> None:
    """Lambda and notifications cut longer ones anywhere; the first lines are always whole."""
    bad = tuple(entry(STUCK, f"database-{n}", reason) for n in range(number))
    for head, databases in (("failed", bad), ("partially_failed", (*bad, entry(P)))):
        said = message(Report((), databases))
        assert 1000 < len(said.encode()) <= MAX_MESSAGE_BYTES == 2048
        first, *lines = said.splitlines()
        assert head == first
        assert lines[0].startswith("database-0: stuck: ")
        rest = number - sum(line.startswith("database-") for line in lines)
        assert (lines[-1] == f"and {rest} more") is bool(rest)


@pytest.mark.parametrize("reason", ["x" * 500, "🛢" * 60], ids=["long", "few but wide characters"])
def test_25_databases_are_all_named_in_the_message(reason: str) -> None:
    """Long reasons are cut before a database is left out."""
    one = Report((), tuple(entry(STUCK, f"db-{n}", reason) for n in range(25)))
    said = message(one)
    assert all(f"\ndb-{n}: stuck: {reason[:9]}" in said for n in range(25))
    assert all(len(line) < 100 for line in said.splitlines())


def test_what_fits_is_not_cut() -> None:
    """A short reason is there to its last word."""
    one = Report((), tuple(entry(STUCK, f"db-{n}", "a reason; and its fix") for n in range(40)))
    assert 40 == message(one).count("a reason; and its fix")


@SEARCH
@given(
    st.lists(st.tuples(st.text(max_size=63), st.text(max_size=400), st.sampled_from(State))),
    st.integers(0, 1000),
)
def test_no_names_or_reasons_make_a_message_longer_than_2_kb(
    rows: list[tuple[str, str, State]], failures: int
) -> None:
    """AWS's words are part of the reason, in any alphabet and of any length."""
    one = Report((), tuple(entry(s, n, r) for n, r, s in rows), refused(failures))
    if one.bad or failures:
        assert len(message(one).encode()) <= 2048
    else:
        one.raise_if_bad()


def test_the_result_object_has_exactly_the_keys_of_the_interface() -> None:
    """Others read it by machine: a key that comes or goes breaks them."""
    result = report(P, I, actions=1).as_dict()
    keys = {"version", "release", "action", "outcome", "counts", "actions", "databases"}
    assert keys == set(result)
    assert {*keys, "bad"} == set(report(BLOCKED).as_dict())
    assert [ENTRY_KEYS, ENTRY_KEYS] == [set(e) for e in result["databases"]]
    assert [ACTION] == result["actions"]


def test_series_that_nobody_selects_are_told_apart() -> None:
    """A database dropped from the configuration is not a database of it."""
    result = replace(report(P), unselected=(entry(P, "old-orders"),)).as_dict()
    assert ["orders"] == [e["database"] for e in result["databases"]]
    assert ["old-orders"] == [e["database"] for e in result["unselected_series"]]
    assert ENTRY_KEYS == set(result["unselected_series"][0])


def shown(state: State, proof_taken_at: datetime = NIGHT) -> Entry:
    """The entry of ``orders`` in this state, with a backup of a night."""
    return told_of(Decision(point(), state, "a reason", "a fix"), backup(point(proof_taken_at)))


def told_of(decision: Decision, proof: Owned | None) -> Entry:
    """The entry of ``orders``, with seven backups like its newest verified one, or none."""
    held = (proof,) * 7 if proof else ()
    view = SeriesView(series(), database(), (), (), held, frozenset())
    settings = BackupSettings(BACKUP, REGION, BACKUP_KEY, PREFIX, Rules(7, 0 * HOUR), 36)
    made = of_database(Subject(view, (decision,), proof), (), settings, NIGHT + 6 * HOUR)
    assert made
    return made


def test_an_entry_is_plain_json_with_times_in_utc() -> None:
    """Strings and numbers only, units in the names."""
    made = backup()
    as_json = json.loads(json.dumps(Report((ACTION,), (shown(P),), action="backup").as_dict()))
    assert as_json == {
        "version": 1,
        "release": __version__,
        "action": "backup",
        "outcome": "completed",
        "counts": {"actions": {"copy": 1}, "databases": {"protected": 1}},
        "actions": [ACTION],
        "databases": [
            {
                "database": "orders",
                "kind": "instance",
                "resource_id": "db-ORDERS",
                "state": "protected",
                "reason": "a reason",
                "fix": "a fix",
                "source_snapshot": point().source_arn,
                "taken_at": "2026-03-02T02:00:30.250Z",
                "backup": made.snapshot.arn,
                "age_hours": 6.0,
                "backups_kept": 7,
            }
        ],
    }


def test_nothing_of_an_entry_is_an_enumeration() -> None:
    """A member of an enumeration prints otherwise than its value in some printers."""
    result = Report((), (shown(P), entry(BLOCKED))).as_dict()
    values = [result["outcome"], *(v for e in result["databases"] for v in e.values())]
    assert {str, int, float, type(None)} >= {type(v) for v in values}


@pytest.mark.parametrize(
    ("age_hours", "taken_at", "created_at"),
    [
        (6.0, NIGHT, NIGHT + HOUR),
        (9.0, NIGHT, NIGHT - 3 * HOUR),
        (5.5, NIGHT + HOUR / 2, NIGHT + HOUR),
        (3.0, NIGHT + 9999 * HOUR, NIGHT + 3 * HOUR),
        (1.33, NIGHT + 5 * HOUR, NIGHT + 4 * HOUR + timedelta(minutes=40)),
    ],
)
def test_the_age_is_that_of_the_earlier_time(
    age_hours: float, taken_at: datetime, created_at: datetime
) -> None:
    """A forged ``taken-at`` in the future makes no backup younger than RDS says it is."""
    proof = backup(point(taken_at), created_at=created_at)
    assert age_hours == told_of(Decision(point(), P, "a reason"), proof).age_hours


def test_without_a_verified_backup_there_is_neither_age_nor_arn() -> None:
    """Null means none, and is no number that an alarm could take for young."""
    made = told_of(Decision(None, BLOCKED, "no automated snapshot"), None).as_dict()
    assert (None, None, None, None, 0) == (
        made["source_snapshot"],
        made["taken_at"],
        made["backup"],
        made["age_hours"],
        made["backups_kept"],
    )


def test_an_entry_of_a_problem_has_its_state_and_reason_and_nothing_else() -> None:
    """What could not be looked at has no backup to show."""
    problem = Problem(UNKNOWN, "cannot list: Throttling", "wait")
    made = of_problem("DB_TAG backup=nightly", None, None, problem).as_dict()
    assert ENTRY_KEYS == set(made)
    said = {k: v for k, v in made.items() if v}
    assert {
        "database": "DB_TAG backup=nightly",
        "state": "unknown",
        "reason": "cannot list: Throttling",
        "fix": "wait",
    } == said


def test_a_log_line_has_the_reason_and_the_fix_in_one() -> None:
    """Whoever reads it at night reads one sentence; the result object has them apart."""
    line = shown(BLOCKED).as_log()
    assert ("a reason; a fix", ENTRY_KEYS - {"fix"}) == (line["reason"], set(line))
    assert "a reason" == told_of(Decision(point(), P, "a reason"), backup()).as_log()["reason"]


def test_metrics_count_databases_by_their_states() -> None:
    """And leave out what was not looked at, or not whole."""
    assert {
        "DatabasesProtected": 2,
        "DatabasesInProgress": 2,
        "DatabasesBad": 1,
        "BackupsExpired": 0,
    } == report(P, P, I, Q, STALE).metrics()
