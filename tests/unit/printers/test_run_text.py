"""What a run says on its way: a line a change, how far it is, when it looks again."""

from datetime import UTC, datetime, timedelta

from rds_backup.model.decisions import State
from rds_backup.model.inventory import Kind
from rds_backup.printers.run_text import Progress, run_lines
from rds_backup.printers.screen import Screen
from rds_backup.report.entry import Entry
from rds_backup.report.result import Report

NOW = datetime(2026, 3, 9, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def entry(name: str, state: State, percent: int | None = None, reason: str = "why") -> Entry:
    """One database of a pass."""
    since = "2026-03-09T03:00:00.000Z" if percent is not None else None
    return Entry(name, Kind.INSTANCE, name, state, reason, percent=percent, since=since)


def did(word: str, name: str) -> dict[str, str]:
    """One action of a pass."""
    return {"action": word, "database": name, "snapshot": f"rds-backup-{name}"}


def passed(*entries: Entry, actions: tuple[dict[str, str], ...] = ()) -> Report:
    """What a pass came to."""
    return Report(actions, entries)


def test_every_change_is_a_line_and_nothing_is_said_twice() -> None:
    """A night of hours is no flood of minutes."""
    progress = Progress()
    copying = passed(entry("orders", State.IN_PROGRESS, 0), actions=(did("copy", "orders"),))
    first = list(progress.lines(copying, NOW, NOW + MINUTE))
    later = [
        line
        for minute in range(1, 10)
        for line in progress.lines(
            passed(entry("orders", State.IN_PROGRESS, minute)), NOW + minute * MINUTE, NOW
        )
    ]
    done = list(progress.lines(passed(entry("orders", State.PROTECTED)), NOW + 10 * MINUTE, None))

    assert [
        "2026-03-09 03:00 orders: copy under the sharing key started: rds-backup-orders",
        (
            "2026-03-09 03:00 0 of 1 protected; orders in progress 0 % since 2026-03-09 03:00; "
            "looks again at 2026-03-09 03:01 UTC"
        ),
    ] == first
    assert [] == later
    assert ["2026-03-09 03:10 orders: protected"] == done


def test_how_far_it_is_is_told_every_ten_minutes() -> None:
    """Whoever watches sees that it is alive."""
    progress, said = Progress(), [""]
    for minute in range(21):
        report = passed(entry("orders", State.IN_PROGRESS, 4 * minute))
        now = NOW + minute * MINUTE
        said = list(progress.lines(report, now, now + MINUTE))
        assert (minute % 10 == 0) == bool(said)
    assert [
        (
            "2026-03-09 03:20 0 of 1 protected; orders in progress 80 % since 2026-03-09 03:00; "
            "looks again at 2026-03-09 03:21 UTC"
        )
    ] == said


def test_forty_databases_under_way_are_one_line() -> None:
    """The first of them, and how many more."""
    many = [entry(f"db-{n:02}", State.QUEUED) for n in range(40)]
    report = passed(*many, entry("x", State.PROTECTED))
    line = list(Progress().lines(report, NOW, NOW))[-1]

    assert "1 of 41 protected; db-00 queued, db-01 queued, db-02 queued" in line
    assert "db-04 queued and 35 more; looks again" in line


def test_what_turns_bad_is_told_with_its_reason_once() -> None:
    """And again when it changes."""
    progress = Progress()
    refused = passed(entry("orders", State.BLOCKED, reason="refused at 2026-03-09T03:00:00.000Z"))

    assert ["2026-03-09 03:00 orders: blocked: refused at 2026-03-09 03:00"] == list(
        progress.lines(refused, NOW, None)
    )
    assert [] == list(progress.lines(refused, NOW + MINUTE, None))
    assert ["2026-03-09 03:02 orders: stuck: why"] == list(
        progress.lines(passed(entry("orders", State.STUCK)), NOW + 2 * MINUTE, None)
    )


def test_the_end_names_who_needs_a_person_and_makes_no_number_up() -> None:
    """Of what could not be looked at no count is known."""
    said = list(run_lines(passed(entry("orders", State.BLOCKED)), Screen(80)))

    assert "1 of 1 needs a person: orders (blocked)" == said[0] == said[-1]
    assert "blocked     orders (instance)" in said
