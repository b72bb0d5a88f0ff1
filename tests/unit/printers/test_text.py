"""What people read in a terminal: the worst first, each reason once, and one line for the rest."""

import re
from copy import replace

import pytest

from rds_backup.check.answer import Answer, Checked, Level, Paste
from rds_backup.decide.turns import Round
from rds_backup.model.decisions import State
from rds_backup.printers.check_text import check_lines
from rds_backup.printers.plan_text import plan_lines
from rds_backup.printers.screen import Screen
from rds_backup.printers.status_text import status_lines
from rds_backup.printers.verdict import TONES, verdict
from rds_backup.printers.wording import with_times
from rds_backup.report.detail import Flight
from rds_backup.report.drilled import Drilled
from rds_backup.report.entry import Entry
from tests.support.shown_fleet import PROVEN, SETTING, backed_up, read_back

NARROW, WIDE = Screen(80), Screen(200)
FLIGHT = Flight(
    "copy",
    "rds-backup-1",
    "1" * 12,
    "2026-03-08T02:00:00.000Z",
    "copying",
    72,
    "2026-03-08T03:00:00.000Z",
)
ESCAPES = re.compile(r"\x1b\[\d+m")


def entry(
    name: str,
    state: State = State.PROTECTED,
    *,
    age: float | None = 2.1,
    reason: str = "it is verified",
    fix: str | None = None,
    flying: tuple[Flight, ...] = (),
) -> Entry:
    """One database, its data so old; without an age it has no backup."""
    made = backed_up(name, kept=0 if age is None else 2)
    assert made.detail
    detail = replace(made.detail, in_flight=flying)
    return replace(made, state=state, age_hours=age, reason=reason, fix=fix, detail=detail)


STUCK = entry("ledger", State.STUCK, age=50.0, reason="3 copies failed", fix="see CloudTrail")
BLOCKED = [
    entry(f"db-{n:02}", State.BLOCKED, age=None, reason="the role is refused", fix="admit")
    for n in range(30)
]


def lines(*of: object, **how: bool) -> list[str]:
    """A status of these entries, 80 columns wide."""
    return list(status_lines(read_back(of), NARROW, **how))  # type: ignore[arg-type]


def test_the_verdict_is_first_and_last_and_names_who_needs_a_person() -> None:
    """Who reads one line reads this one, wherever the screen has scrolled to."""
    said = lines(entry("orders"), STUCK, entry("billing", State.IN_PROGRESS, flying=(FLIGHT,)))

    assert "1 of 3 needs a person: ledger (stuck)" == said[0] == said[-1]


def test_the_worst_come_first_and_then_the_oldest() -> None:
    """No backup at all is older than any."""
    said = lines(
        entry("young", age=1.0),
        entry("old", age=30.0),
        STUCK,
        replace(STUCK, database="worse", age_hours=None),
        entry("new", State.QUEUED, age=None),
    )
    table = said[said.index(next(row for row in said if row.startswith("state "))) + 1 :][:5]

    assert ["worse", "ledger", "new", "old", "young"] == [row.split()[1] for row in table]


def test_equal_reasons_are_told_once_with_the_databases_they_hold_for() -> None:
    """Thirty databases behind one role are one thing to mend."""
    said = lines(*BLOCKED, entry("orders"))

    assert 1 == sum("the role is refused" in line for line in said)
    assert 1 == said.count("    fix: admit")
    assert any("and 10 more" in line for line in said)
    assert said[0].startswith("30 of 31 need a person: db-00 (blocked), db-01 (blocked)")


def test_what_is_well_is_one_line_a_database() -> None:
    """Forty-one databases fit on a screen and a half."""
    quiet = lines(*(entry(f"db-{n:02}") for n in range(41)))

    assert "all 41 are protected" == quiet[0]
    assert 41 + 9 == len(quiet)
    told = "restored by a drill: 41 of 41 databases, the longest ago on 2026-03-09"
    assert told in quiet


def test_a_database_that_was_never_restored_says_never() -> None:
    """What no drill has tried is not proven."""
    shown = entry("orders")
    assert shown.detail
    never = replace(shown, detail=replace(shown.detail, restored=None, last_drill=None))
    quiet = lines(never)
    assert any(re.search(r"16.3 GiB +never$", line) for line in quiet)
    assert "restored by a drill: none of 1 databases" in quiet


@pytest.mark.parametrize("before", [None, PROVEN], ids=["never restored", "restored before"])
def test_a_failed_last_drill_is_told_before_an_older_proof(before: Drilled | None) -> None:
    """A database that could be restored once, and cannot now, is no proven one."""
    failed = replace(PROVEN, at="2026-03-10T06:42:00.000Z", result="storage", asked=())
    shown = entry("orders")
    assert shown.detail
    detail = replace(shown.detail, restored=before, last_drill=failed)
    told = replace(shown, detail=detail)
    quiet, whole = lines(told), lines(told, everything=True)
    assert any(re.search(r"16.3 GiB +failed 2026-03-10$", line) for line in quiet)
    folded = " ".join(line.strip() for line in whole)
    assert "the drill of 2026-03-10 06:42 UTC failed: storage" in folded


def test_a_round_that_takes_longer_than_a_proof_may_be_old_is_told() -> None:
    """The backup account's own status knows the schedule."""
    slow = Round(30, 2, 30, 7, 12.5, 4)
    told = " ".join(status_lines(read_back([entry("orders")], drills=slow), NARROW))
    assert "a round of all takes 30 days, more than MaxDrillAgeDays, 7" in told
    enough = replace(slow, max_age_days=30)
    fine = " ".join(status_lines(read_back([entry("orders")], drills=enough), NARROW))
    assert "a round of all takes 30 days" in fine
    assert "more than MaxDrillAgeDays" not in fine


def test_all_tells_the_rest_and_only_bad_leaves_it_out() -> None:
    """Each has its option."""
    whole, bad = (
        lines(STUCK, entry("orders"), everything=True),
        lines(STUCK, entry("orders"), only_bad=True),
    )

    assert any("it is verified" in line for line in whole)
    assert any("key cce7c28e" in line for line in whole)
    assert not any(re.match(r"protected +orders", line) for line in bad)
    assert any(re.match(r"stuck +ledger", line) for line in bad)


def test_a_remark_on_a_database_that_is_well_is_told_with_its_fix() -> None:
    """A person should know, though nothing is bad."""
    said = lines(entry("orders", reason="one is misdated", fix="see who made it"))

    assert "all" not in said[0]
    assert "it is protected" == said[0]
    assert ["protected: orders", "    one is misdated", "    fix: see who made it"] == said[4:7]


def test_a_copy_under_way_says_how_far_and_since_when() -> None:
    """What is on the way needs nobody."""
    said = lines(entry("billing", State.IN_PROGRESS, flying=(FLIGHT,)), entry("orders"))

    assert "no action needed: 1 of 2 protected, 1 on the way" == said[0]
    assert "    copy under the sharing key: copying 72 % since 2026-03-08 03:00" in said


@pytest.mark.parametrize("width", [40, 80, 132])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    """But for a word that is longer than a line, which somebody may want to copy."""
    said = status_lines(read_back((STUCK, *BLOCKED)), Screen(width))
    long = [
        line for line in said if len(line) > width and not re.match(r"(state|blocked|stuck) ", line)
    ]

    assert [] == long


def test_colours_change_no_letter_and_are_there_where_they_mean_something() -> None:
    """Whoever sees none reads the same."""
    of = read_back((STUCK, entry("orders")))
    plain = list(status_lines(of, Screen(80)))
    coloured = list(status_lines(of, Screen(80, colour=True)))

    assert plain == [ESCAPES.sub("", line) for line in coloured]
    assert coloured[0].startswith("\x1b[31m")
    assert any("\x1b[32mprotected" in line for line in coloured)
    assert set(State) == set(TONES)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("since 2026-03-08 03:00", "since 2026-03-08T03:00:00.000Z"),
        ("2026-03-08 02:59, 2026-03-09 03:00", "2026-03-08T02:59:59Z, 2026-03-09T03:00:00.000Z"),
        ("rds:orders-2026-03-08-02-00", "rds:orders-2026-03-08-02-00"),
    ],
)
def test_there_is_one_form_of_time(expected: str, text: str) -> None:
    """In UTC and to the minute, wherever a sentence tells one."""
    assert expected == with_times(text)


def test_time_that_ran_out_is_part_of_the_verdict() -> None:
    """A table that is short of something must not look whole."""
    late = replace(read_back([entry("orders")]), late="the time ended while reading")

    assert ("it is protected; the time ended while reading", "bad") == verdict(late)


def test_what_turned_bad_between_two_pages_is_named() -> None:
    """Its row is of the page before, and says that all is well."""
    of = read_back((entry("orders"), STUCK))
    of = replace(of, named=(*of.named, ("orders", State.STALE)))

    assert "2 of 2 need a person: ledger (stuck), orders (stale)" == verdict(of).words


def test_a_page_is_judged_by_the_counts_of_all() -> None:
    """What is on the way, and what would be done, may stand on a later page."""
    of = read_back([entry("orders")])
    page = replace(
        of, states={State.PROTECTED: 350, State.IN_PROGRESS: 50}, planned={"copy": 50}, missing=399
    )

    assert (
        "no action needed: 350 of 400 protected, 50 on the way (399 more are not in this result)"
        == verdict(page).words
    )
    assert "a backup would now start 50 copies; nothing has been changed" in list(
        plan_lines(page, Screen(200))
    )


def test_what_has_not_begun_is_not_called_on_the_way() -> None:
    """AWS may refuse it every hour, and no look can know."""
    due = entry("orders", State.IN_PROGRESS, reason="to be copied under the sharing key")
    assert due.detail
    way = ("copy", "share", "back_up", "delete_shared_copy")
    due = replace(due, detail=replace(due.detail, remaining=way))
    said = lines(due, replace(due, database="ledger"), entry("billing"))

    assert "1 of 3 protected, 2 not started; only a run shows whether AWS refuses it" == " ".join(
        said[0].split()
    )
    assert "not started: ledger, orders" in said or "not started: orders, ledger" in said
    assert 1 == said.count("    to be copied under the sharing key")


def test_a_first_copy_that_runs_has_begun_though_all_its_steps_remain() -> None:
    """The step under way is among those still to come."""
    running = entry("orders", State.IN_PROGRESS, flying=(FLIGHT,))
    assert running.detail
    way = ("copy", "share", "back_up", "delete_shared_copy")
    running = replace(running, detail=replace(running.detail, remaining=way))

    assert "no action needed: 0 of 1 protected, 1 on the way" == lines(running)[0]


def test_reasons_that_differ_in_names_and_numbers_only_are_one() -> None:
    """Four hundred that nothing has copied for two days are one thing to mend."""
    many = [
        entry(
            f"db-{n:03}",
            State.STALE,
            age=50.0 + n,
            reason=f"the newest data is {50.0 + n} hours old; rds-backup-db-{n:03}-1 is verified",
            fix="check whether RDS still makes automated snapshots of it",
        )
        for n in range(400)
    ]
    said = lines(*many)

    assert 1 == sum(line.startswith("stale: ") for line in said)
    assert any("db-399, for one: the newest data is 449.0 hours old" in line for line in said)
    assert any("and 380 more" in line for line in said)


def test_more_reasons_than_fit_a_screen_are_counted() -> None:
    """With --all they are all told."""
    kinds = [entry(f"{word}x", State.BLOCKED, reason=f"{word} is refused") for word in WORDS]
    short, whole = lines(*kinds), lines(*kinds, everything=True)

    assert 15 == sum(line.startswith("blocked: ") for line in short)
    assert "and 5 more reasons; --all prints them" in short
    assert 20 == sum(line.startswith("blocked: ") for line in whole)


WORDS = [f"{a}{b}" for a in "abcd" for b in "vwxyz"]


@pytest.mark.parametrize("width", [60, 80])
def test_a_long_name_costs_columns_and_no_width(width: int) -> None:
    """63 letters, as RDS allows them."""
    said = status_lines(read_back([entry("n" * 63), entry("orders")]), Screen(width))

    assert all(len(line) <= max(width, 12 + 63) for line in said)


def test_what_could_not_be_read_is_not_called_empty() -> None:
    """At 4 a.m. "no copy held" would say that the backups are gone."""
    lost = replace(entry("orders", State.UNKNOWN), detail=None)

    assert "the copies of 1 could not be read" in lines(lost)
    assert "; the copies of 1 could not be read" in " ".join(lines(lost, entry("ledger")))
    assert "no copy held" in lines(entry("new", State.QUEUED, age=None))


def test_the_backup_account_says_whose_and_what_it_cannot_see() -> None:
    """Two accounts have an orders each; one that was never backed up is not there at all."""
    own = replace(SETTING, source_account=None)
    of = read_back((entry("orders"), STUCK), setting=own)

    assert "1 of 2 needs a person: ledger of 111111111111 (stuck)" == verdict(of).words
    assert (
        "without any backup here cannot be seen"
        in verdict(read_back([entry("orders")], setting=own)).words
    )
    retired = read_back((), [entry("orders")], setting=own)
    assert "nothing to protect: 1 series held, retired" == verdict(retired).words


def test_an_old_look_says_of_when_it_is() -> None:
    """A file of last month must not sound like now."""
    of = replace(read_back([entry("orders")]), as_of="as of 2026-03-08 04:05 UTC, 30 hours ago")

    assert "as of 2026-03-08 04:05 UTC, 30 hours ago: it is protected" == verdict(of).words


def test_a_plan_says_in_numbers_and_by_database_what_would_be_done() -> None:
    """One line a database; what is not done is nothing."""
    of = replace(
        read_back((STUCK, entry("orders"))),
        planned={"expire": 2, "copy": 1},
        actions=tuple(
            {
                "action": word,
                "resource_id": "db-ORDERS",
                "reason": "due",
                "snapshot": "s",
                "account": "2" * 12,
                "database": "orders",
            }
            for word in ("expire", "expire", "copy")
        ),
    )
    said = list(plan_lines(of, NARROW))

    assert "a backup would now start 1 copy, expire 2 backups; nothing has been changed" == said[1]
    assert "stuck      ledger    nothing" in said
    assert "protected  orders    expire (2), copy under the sharing key" in said
    assert "a backup would change nothing now; nothing has been changed" in list(
        plan_lines(replace(of, actions=(), planned={}), NARROW)
    )


def answers(*levels: Level) -> Checked:
    """An answer of each level, each about a database of its own."""
    paste = (Paste("the policy of the key", {"Sid": "Reads"}),)
    return Checked(
        "2026-03-08T03:00:00.000Z",
        "eu-west-1",
        tuple(
            Answer(
                f"db-{n} (instance)",
                "engine",
                level,
                "a fact",
                "mend it" if level != "pass" else None,
                paste if level is Level.FAIL else (),
            )
            for n, level in enumerate(levels)
        ),
    )


def test_a_check_tells_the_worst_first_each_once_and_what_passes_in_a_line() -> None:
    """The failures of two databases for one reason are one thing to mend."""
    levels = (Level.PASS, Level.WARN, Level.FAIL, Level.FAIL)
    said = list(check_lines(answers(*levels), NARROW))
    text = "\n".join(said)

    assert "fail: 2 fail and 1 warn of 4 answers; db-2 (instance): engine; db-3" in said[0]
    assert text.index("fail  db-2 (instance), db-3 (instance)") < text.index(
        "warn  db-1 (instance)"
    )
    assert 1 == text.count('{"Sid": "Reads"}')
    assert "pass  db-0 (instance): 1 answer" in said
    assert not any(
        line.startswith("pass") for line in check_lines(answers(*levels), NARROW, only_bad=True)
    )


def test_a_check_in_full_has_every_answer_under_what_it_is_about() -> None:
    """In the order of asking within each."""
    said = list(check_lines(answers(Level.FAIL, Level.PASS), NARROW, everything=True))

    assert ["db-0 (instance)", "  fail  engine: a fact"] == said[3:5]
    assert "  pass  engine: a fact" in said


def test_a_check_that_passes_says_so_in_one_line() -> None:
    """No name, no list."""
    said = list(check_lines(answers(Level.PASS, Level.PASS), NARROW))

    assert "pass: all 2 answers" == said[0] == said[-1]


def test_a_check_that_is_read_back_is_the_same() -> None:
    """Of a page, the counts are of all."""
    made = answers(Level.FAIL, Level.WARN, Level.PASS)
    read = Checked.read(made.as_dict())

    assert (made.answers, made.counts, made.outcome) == (read.answers, read.counts, read.outcome)
    part = Checked.read(made.as_dict() | {"answers": [], "more": {"count": 3, "after": "x"}})
    assert (3, made.counts) == (part.missing, part.counts)
    assert "3 more answers are not in this result." in list(check_lines(part, NARROW))
    assert "fail: no answer at all" == next(iter(check_lines(replace(made, answers=()), NARROW)))


def test_two_regions_are_said_where_there_are_two() -> None:
    """Within one, nothing more is said than its name."""
    said = read_back([entry("orders")], setting=replace(SETTING, backup_region="eu-south-1"))
    (line,) = [x for x in status_lines(said, WIDE) if " UTC, " in x]
    assert f"eu-west-1: databases of {'1' * 12}, backups in {'2' * 12} in eu-south-1, data" in line
    one = Checked("2026-03-08T04:05:00.000Z", "eu-west-1", ())
    two = replace(one, backup_region="eu-south-1")
    lines = [next(x for x in check_lines(c, WIDE) if " UTC, " in x) for c in (one, two)]
    assert ["eu-west-1; nothing has", "eu-west-1, backups in eu-south-1; nothing has"] == [
        line.partition(" UTC, ")[2].partition(" been")[0] for line in lines
    ]
    assert Checked.read(two.as_dict()).backup_region == "eu-south-1"
