"""What is reported of a database: the newest point, how old its data is, and what else is amiss."""

from copy import replace
from datetime import datetime, timedelta

import pytest

from rds_backup.model.clock import iso
from rds_backup.model.decisions import (
    Decision,
    Owned,
    Problem,
    State,
)
from rds_backup.model.identity import STARTED_AT, identifier
from rds_backup.report.conclusion import conclusion
from tests.support import making

OLD = making.point(making.NIGHT)
NEW = making.point(making.NIGHT + making.DAY)
NOW = NEW.taken_at + making.HOUR


def concluded(
    decisions: tuple[Decision, ...], proof: Owned | None, now: object = NOW, hours: int = 36
) -> Decision:
    """What is reported."""
    return conclusion(decisions, proof, now, hours)  # type: ignore[arg-type]


def said(decision: Decision) -> tuple[str, str | None]:
    """The reason and the fix."""
    return decision.reason, decision.fix


def test_protected_needs_a_verified_backup_that_is_young_enough() -> None:
    """At most MAX_SNAPSHOT_AGE_HOURS, to the second."""
    proof = making.backup(NEW)
    decision = Decision(NEW, State.PROTECTED, "verified")
    limit = NEW.taken_at + timedelta(hours=36)
    assert State.PROTECTED is concluded((decision,), proof, limit).state
    late = concluded((decision,), proof, limit + timedelta(seconds=1))
    assert (State.STALE, True) == (late.state, "more than 36" in late.reason)


@pytest.mark.parametrize("state", [State.IN_PROGRESS, State.QUEUED])
def test_only_old_data_to_copy_is_stale_even_while_it_is_copied(state: State) -> None:
    """Yesterday's automated snapshot again is not ok."""
    decision = Decision(OLD, state, "copying")
    assert State.STALE is concluded((decision,), None, OLD.taken_at + 37 * making.HOUR).state


def test_young_data_on_its_way_is_not_covered_by_the_age_of_the_last_backup() -> None:
    """The newest data anywhere counts."""
    decision = Decision(NEW, State.IN_PROGRESS, "copying")
    assert decision == concluded((decision,), making.backup(OLD), OLD.taken_at + 37 * making.HOUR)


def test_a_backup_that_says_it_is_of_the_future_protects_no_longer_than_others() -> None:
    """A tag alone could be forged; else an old backup would be called protected for ever."""
    forged = making.point(NOW + 100 * making.DAY)
    proof = making.backup(forged, created_at=NOW - 37 * making.HOUR)
    decision = Decision(forged, State.PROTECTED, "verified")
    assert State.STALE is concluded((decision,), proof).state


def test_a_database_with_nothing_at_all_is_stale() -> None:
    """No automated snapshot, no backup: never ok."""
    decision = concluded((), None)
    assert (None, State.STALE) == (decision.point, decision.state)
    assert (
        "no automated snapshot and no backup",
        "turn on automated backups (BackupRetentionPeriod above 0), or wait for the first one",
    ) == (decision.reason, decision.fix)


def test_a_young_backup_protects_though_there_is_no_automated_snapshot_now() -> None:
    """Until it is too old."""
    proof = making.backup(NEW)
    name = identifier(making.PREFIX, NEW, 1)
    reason = f"{name} is verified; there is no automated snapshot now"
    assert Decision(NEW, State.PROTECTED, reason) == concluded((), proof)
    assert State.STALE is concluded((), proof, NOW + 40 * making.HOUR).state


def test_an_older_stuck_point_goes_into_the_newest_ones_reason() -> None:
    """One entry for each database; what a person should know is not lost."""
    stuck = Decision(OLD, State.STUCK, "three attempts failed", "see CloudTrail")
    newest = Decision(NEW, State.PROTECTED, "verified")
    shown = concluded((stuck, newest), making.backup(NEW))
    assert State.PROTECTED is shown.state
    assert (
        "verified; the point of 2026-03-02T02:00:30.250Z is stuck: three attempts failed",
        "see CloudTrail",
    ) == (shown.reason, shown.fix)


def test_what_the_newest_point_says_of_an_older_one_is_not_said_again() -> None:
    """It waits for that point, or one problem is the matter with both."""
    problem = Problem(State.BLOCKED, "the key is disabled", "enable it")
    older = Decision.of_problem(OLD, problem, holds=True)
    waits = Decision(NEW, State.IN_PROGRESS, "waits", problem.fix, waits_for=OLD)
    same = Decision.of_problem(NEW, problem)
    assert ("waits", "enable it") == said(concluded((older, waits), None))
    assert ("the key is disabled", "enable it") == said(concluded((older, same), None))
    other = Decision.of_problem(NEW, Problem(State.BLOCKED, "denied", "enable it"))
    assert (
        "denied; the point of 2026-03-02T02:00:30.250Z is blocked: the key is disabled",
        "enable it",
    ) == said(concluded((older, other), None))


def test_old_data_comes_first_and_every_fix_is_kept() -> None:
    """What makes it stale is told before what the newest point says, and so are the fixes."""
    queued = Decision(NEW, State.QUEUED, "the lane is full", "wait")
    late = concluded((queued,), None, NEW.taken_at + 40 * making.HOUR)
    assert (
        "the newest data is 40.0 hours old, more than 36; the lane is full",
        "check whether RDS still makes automated snapshots of it; wait",
    ) == said(late)


def test_every_older_point_that_cannot_go_on_is_told_of_and_no_other() -> None:
    """What is under way needs nobody, and the newest point is told of once."""
    points = [making.point(making.NIGHT - n * making.DAY) for n in (4, 3, 2)]
    older = (
        Decision(points[0], State.STUCK, "one"),
        Decision(points[1], State.IN_PROGRESS, "two"),
        Decision(points[2], State.BLOCKED, "three"),
    )
    shown = concluded((*older, Decision(NEW, State.STUCK, "newest")), None)
    assert shown.reason == (
        "newest; the point of 2026-02-26T02:00:30.250Z is stuck: one; "
        "the point of 2026-02-28T02:00:30.250Z is blocked: three"
    )
    assert "newest" == concluded((Decision(NEW, State.STUCK, "newest"),), None).reason


def test_a_database_that_is_unsupported_as_such_has_no_point_and_no_age() -> None:
    """Nothing is decided on its snapshots."""
    decision = Decision(None, State.UNSUPPORTED, "RDS Custom")
    assert decision == concluded((decision,), None)


@pytest.mark.parametrize("state", [State.STUCK, State.BLOCKED, State.UNSUPPORTED, State.UNKNOWN])
def test_what_is_worse_than_old_is_not_covered_by_its_age(state: State) -> None:
    """The nearer cause is reported."""
    decision = Decision(OLD, state, "why")
    assert state is concluded((decision,), None, OLD.taken_at + 50 * making.HOUR).state


def running(since: datetime, account: str = making.SOURCE) -> Decision:
    """A decision that tells of a copy under way since then."""
    tags = {STARTED_AT: iso(since)}
    make = making.shared if account == making.SOURCE else making.backup
    made = make(OLD, word="copying")
    copy = replace(made, snapshot=replace(made.snapshot, tags={**made.snapshot.tags, **tags}))
    return Decision(OLD, State.IN_PROGRESS, "copying", holds=True, copy=copy)


@pytest.mark.parametrize("account", [making.SOURCE, making.BACKUP])
@pytest.mark.parametrize(("hours", "stale"), [(30, False), (36, False), (36.1, True), (480, True)])
@pytest.mark.parametrize("verified", [True, False])
def test_a_copy_that_never_ends_is_stale_once_it_has_run_for_too_long(
    account: str, hours: float, *, stale: bool, verified: bool
) -> None:
    """With nothing verified, or nothing young: a first backup of 30 hours is no alarm."""
    now = OLD.taken_at + (hours + 1) * making.HOUR
    decision = running(OLD.taken_at + making.HOUR, account)
    old = making.backup(making.point(OLD.taken_at - 5 * making.DAY))
    shown = concluded((decision,), old if verified else None, now)
    assert (State.STALE if stale else State.IN_PROGRESS) is shown.state
    if stale:
        assert decision.copy
        assert f"{decision.copy.snapshot.identifier} in account {account} has been" in shown.reason
        assert iso(OLD.taken_at + making.HOUR) in shown.reason
        assert (
            "delete it there to start again, or ask AWS Support why it does not finish" == shown.fix
        )


def test_a_copy_that_never_ends_is_no_alarm_while_young_data_is_verified() -> None:
    """It is the newest point's business then, and the age says when that is over."""
    endless = running(OLD.taken_at)
    now = OLD.taken_at + 20 * making.DAY
    young = making.backup(making.point(now - making.DAY))
    newest = Decision(young.point, State.PROTECTED, "verified")
    assert State.PROTECTED is concluded((endless, newest), young, now).state


@pytest.mark.parametrize(("hours", "state"), [(36, State.IN_PROGRESS), (37, State.STALE)])
def test_data_that_was_old_when_its_copy_began_is_stale(hours: int, state: State) -> None:
    """RDS makes no newer one: that is the matter, and not how long the copy takes."""
    decision = running(OLD.taken_at + hours * making.HOUR)
    assert state is concluded((decision,), None, OLD.taken_at + (hours + 1) * making.HOUR).state
