"""The points of one database in order, and what is reported of it."""

from copy import replace

import pytest

from rds_backup.decide.attempts import PointView, Terms
from rds_backup.decide.point import decide
from rds_backup.decide.series import SeriesView, newest_verified, plan_series
from rds_backup.model.decisions import (
    CopyAutomated,
    HandOver,
    Owned,
    Point,
    Problem,
    State,
)
from rds_backup.model.identity import identifier
from rds_backup.model.inventory import Snapshot
from rds_backup.model.verified import data_at
from tests.support import making

TERMS = Terms(making.PREFIX, making.VAULT, 3, making.SHARING_KEY)
OLD = making.point(making.NIGHT)
NEW = making.point(making.NIGHT + making.DAY)
# A point of the same time as the newest, from an automated snapshot of another name.
TWIN = replace(NEW, source_arn=f"{NEW.source_arn}-renamed")


def view(
    shared: tuple[Owned, ...] = (),
    backups: tuple[Owned, ...] = (),
    automated: tuple[Snapshot, ...] = (making.automated(OLD), making.automated(NEW)),
    *,
    selected: bool = True,
    refusal: Problem | None = None,
    taken: frozenset[str] = frozenset(),
) -> SeriesView:
    """A series on the second night."""
    database = making.database() if selected else None
    return SeriesView(making.series(), database, automated, shared, backups, taken, refusal)


def dead(of: Point, count: int = 3) -> tuple[Owned, ...]:
    """Shared copies of a point that have all failed."""
    return tuple(making.shared(of, n, "failed") for n in range(1, count + 1))


def test_the_newest_automated_snapshot_is_the_point_in_whatever_order_they_are_listed() -> None:
    """No order of a listing is documented (1.10)."""
    for order in (
        (making.automated(OLD), making.automated(NEW)),
        (
            making.automated(NEW),
            making.automated(OLD),
        ),
    ):
        (decision,) = plan_series(view(automated=order), TERMS)
        assert isinstance(decision.start, CopyAutomated)
        assert NEW.source_arn == decision.start.point.source_arn


def test_an_automated_snapshot_that_is_listed_twice_is_one() -> None:
    """Pages shift while they are read, and something of it may have changed in between."""
    twice = (making.automated(NEW), replace(making.automated(NEW), percent=99))
    (decision,) = plan_series(view(automated=twice), TERMS)
    assert isinstance(decision.start, CopyAutomated)


@pytest.mark.parametrize("word", ["creating", "failed"])
def test_an_automated_snapshot_that_is_not_available_is_not_chosen(word: str) -> None:
    """The source of a copy has to be available (2.1)."""
    unfit = making.automated(NEW, word=word)
    (decision,) = plan_series(view(automated=(making.automated(OLD), unfit)), TERMS)
    assert isinstance(decision.start, CopyAutomated)
    assert OLD.source_arn == decision.start.point.source_arn


@pytest.mark.parametrize("word", ["creating", "available"])
def test_a_point_under_way_is_finished_before_a_newer_one_starts(word: str) -> None:
    """In flight first, else a large database would never finish."""
    older, newest = plan_series(view(shared=(making.shared(OLD, word=word),)), TERMS)
    assert older.holds
    assert (State.IN_PROGRESS, None, ()) == (newest.state, newest.start, newest.deletes)
    assert newest.point
    assert NEW.source_arn == newest.point.source_arn
    assert newest.reason == (
        "waits for the point of 2026-03-02T02:00:30.250Z, which is under way: " + older.reason
    )


def test_points_come_oldest_first_in_whatever_order_they_are_listed() -> None:
    """The last is the one to report, and the oldest is the first to be finished; names may change.

    Of two of one time the names decide, so that every invocation has the same order.
    """
    zebra = making.point(making.NIGHT - 2 * making.DAY, "zebra", of=making.series())
    orders = making.point(making.NIGHT - making.DAY)
    older = [zebra, orders, replace(orders, source_arn=f"{orders.source_arn}-renamed")]
    for order in (older, older[::-1]):
        shared = tuple(making.shared(point, word="creating") for point in order)
        decisions = plan_series(view(shared=shared, automated=(making.automated(NEW),)), TERMS)
        expected = [*(point.source_arn for point in older), NEW.source_arn]
        assert expected == [d.point and d.point.source_arn for d in decisions]


def test_a_running_backup_whose_shared_copy_is_gone_is_under_way_too() -> None:
    """It may still end well."""
    running = making.backup(OLD, word="creating")
    _, newest = plan_series(view(backups=(running,)), TERMS)
    assert newest.start is None


def test_a_point_under_way_that_is_newer_than_what_is_left_is_the_one_to_report() -> None:
    """Its automated snapshot was deleted; an older one, already backed up, is no comfort."""
    copying, done = making.shared(NEW, word="creating"), making.backup(OLD)
    only = (making.automated(OLD),)
    decisions = plan_series(view(shared=(copying,), backups=(done,), automated=only), TERMS)
    assert [State.PROTECTED, State.IN_PROGRESS] == [d.state for d in decisions]


def test_a_stuck_point_gives_way_to_a_newer_one() -> None:
    """Its shared copies go, and whether they can is nothing that the newer one waits for."""
    older, newest = plan_series(view(shared=dead(OLD)), TERMS)
    assert [1, 2, 3] == [d.shared.attempt for d in older.deletes]
    assert [identifier(making.PREFIX, OLD, 1)] == list(older.deletes[0].rivals)
    assert {"its point gives way to a newer one"} == {d.why for d in older.deletes}
    stuck = decide(
        PointView(OLD, making.database(), making.automated(OLD), dead(OLD), (), frozenset()), TERMS
    )
    assert f"gives way to a newer automated snapshot: {stuck.reason}" == older.reason
    assert isinstance(newest.start, CopyAutomated)


def test_an_attempt_beyond_the_limit_is_looked_for_before_a_shared_copy_goes() -> None:
    """An invocation of a deployment with a higher MAX_ATTEMPTS may be starting it."""
    gives_way = view(shared=(making.shared(OLD),), backups=(making.backup(OLD, word="failed"),))
    older, _ = plan_series(gives_way, replace(TERMS, max_attempts=1))
    expected = tuple(identifier(making.PREFIX, OLD, n) for n in (1, 2))
    assert [expected] == [d.rivals for d in older.deletes]


@pytest.mark.parametrize("newest", [True, False])
def test_a_point_that_newer_verified_data_has_passed_is_abandoned(*, newest: bool) -> None:
    """An invocation with an old view begun it; its backup would push a newer one out."""
    automated = (making.automated(OLD), making.automated(NEW)) if newest else ()
    passed = view(shared=(making.shared(OLD),), backups=(making.backup(NEW),), automated=automated)
    older, *rest = plan_series(passed, TERMS)
    assert (State.STALE, None, False) == (older.state, older.start, older.holds)
    reason = f"{identifier(making.PREFIX, NEW, 1)} is verified, and newer"
    assert [(making.shared(OLD), reason)] == [(d.shared, d.why) for d in older.deletes]
    assert (OLD, reason) == (older.point, older.reason)
    assert [State.PROTECTED] * newest == [d.state for d in rest]


def test_a_point_is_not_passed_by_data_of_its_own_time() -> None:
    """Passed is only what is older than what is there."""
    twin = view(
        shared=(making.shared(TWIN),),
        backups=(making.backup(NEW),),
        automated=(making.automated(NEW),),
    )
    decision, _ = plan_series(twin, TERMS)
    assert HandOver(making.shared(TWIN), 1) == decision.start


@pytest.mark.parametrize("word", ["copying", "no document names it"])
def test_a_passed_point_is_finished_if_its_backup_is_being_made(word: str) -> None:
    """The shared copy outlives the copy made from it."""
    backups = (making.backup(NEW), making.backup(OLD, word=word))
    older, _ = plan_series(view(shared=(making.shared(OLD),), backups=backups), TERMS)
    assert (State.IN_PROGRESS, (), True) == (older.state, older.deletes, older.holds)


def test_a_passed_point_whose_shared_copy_runs_is_left_until_that_has_ended() -> None:
    """A running copy is not deleted; a newer point waits for it."""
    running = making.shared(OLD, word="creating")
    older, _ = plan_series(view(shared=(running,), backups=(making.backup(NEW),)), TERMS)
    assert ((), True) == (older.deletes, older.holds)


def test_a_point_whose_call_was_refused_gives_way() -> None:
    """And the newer one starts at another tick: one refused call is enough."""
    refused = Problem(State.BLOCKED, "KMSKeyNotAccessibleFault")
    older, newest = plan_series(view(shared=(making.shared(OLD),), refusal=refused), TERMS)
    assert (1, None) == (len(older.deletes), older.cause)  # the newer one tells of the refusal, too
    assert newest.start is None


def test_a_point_that_rds_cannot_encrypt_gives_way() -> None:
    """A newer automated snapshot may be of a database that was restored under another key."""
    copy = making.shared(OLD, key=making.SHARING_KEY)
    ignored = replace(copy, snapshot=replace(copy.snapshot, encryption="none", kms_key=None))
    older, newest = plan_series(view(shared=(ignored,)), TERMS)
    assert (State.UNSUPPORTED, 1) == (older.state, len(older.deletes))
    assert isinstance(newest.start, CopyAutomated)


def test_a_point_nobody_knows_of_does_not_give_way() -> None:
    """Unknown is no end."""
    unknown = Problem(State.UNKNOWN, "throttled")
    older, newest = plan_series(view(shared=(making.shared(OLD),), refusal=unknown), TERMS)
    assert ((), None) == (older.deletes, newest.start)


def test_a_stuck_point_without_a_newer_one_stays() -> None:
    """There is nothing to give way to."""
    only = (making.automated(OLD),)
    (decision,) = plan_series(view(shared=dead(OLD), automated=only), TERMS)
    assert (State.STUCK, ()) == (decision.state, decision.deletes)


@pytest.mark.parametrize(("of", "only"), [(NEW, OLD), (TWIN, NEW)], ids=["older", "as old"])
def test_a_stuck_point_does_not_give_way_to_one_that_is_no_newer(of: Point, only: Point) -> None:
    """Nothing would be gained: its shared copy is the newest data there is."""
    failed = tuple(making.backup(of, n, "failed") for n in (1, 2, 3))
    there = view(shared=(making.shared(of),), backups=failed, automated=(making.automated(only),))
    (stuck,) = (d for d in plan_series(there, TERMS) if d.point == of)
    assert (State.STUCK, ()) == (stuck.state, stuck.deletes)


@pytest.mark.parametrize(("of", "only"), [(NEW, OLD), (TWIN, NEW)], ids=["older", "as old"])
def test_dead_copies_whose_automated_snapshot_is_gone_go_and_hold_up_nothing(
    of: Point, only: Point
) -> None:
    """They hold no data, whatever is newer."""
    decisions = plan_series(view(shared=dead(of), automated=(making.automated(only),)), TERMS)
    (ended,) = (d for d in decisions if d.point == of)
    (other,) = (d for d in decisions if d.point != of)
    assert (State.STALE, 3) == (ended.state, len(ended.deletes))
    assert isinstance(other.start, CopyAutomated)


def test_a_blocked_name_does_not_hold_up_a_newer_point_and_touches_nothing() -> None:
    """A name of ours taken by something else: even our shared copy is left alone."""
    taken = frozenset({identifier(making.PREFIX, OLD, 1)})
    older, newest = plan_series(view(shared=(making.shared(OLD, 2),), taken=taken), TERMS)
    assert (State.BLOCKED, ()) == (older.state, older.deletes)
    assert isinstance(newest.start, CopyAutomated)


def test_a_verified_older_point_clears_up_and_does_not_hold() -> None:
    """Its shared copy may go while the newer point starts."""
    shared, backup = making.shared(OLD), making.backup(OLD)
    older, newest = plan_series(view(shared=(shared,), backups=(backup,)), TERMS)
    assert [shared] == [d.shared for d in older.deletes]
    assert isinstance(newest.start, CopyAutomated)


def test_an_abandoned_point_does_not_hold_up_the_newest() -> None:
    """Dead, its automated snapshot gone: a deletion that is refused for ever stops no backup."""
    only = (making.automated(NEW),)
    older, newest = plan_series(view(shared=dead(OLD, 1), automated=only), TERMS)
    assert 1 == len(older.deletes)
    assert isinstance(newest.start, CopyAutomated)


@pytest.mark.parametrize(
    ("word", "starts", "goes"),
    [("available", [HandOver], False), ("creating", [], False), ("failed", [], True)],
)
def test_a_point_of_a_database_that_left_is_finished_and_nothing_else(
    word: str, starts: list[type], *, goes: bool
) -> None:
    """Nothing more is started or given way for it, and what has failed goes."""
    shared = making.shared(OLD, word=word)
    (decision,) = plan_series(view(shared=(shared,), automated=(), selected=False), TERMS)
    assert starts == ([type(decision.start)] if decision.start else [])
    assert goes is bool(decision.deletes)


def test_the_age_of_a_backup_is_that_of_the_earlier_of_tag_and_rds() -> None:
    """A tag alone could be forged into the future."""
    forged = making.backup(making.point(making.NIGHT + 100 * making.DAY), created_at=making.NIGHT)
    assert making.NIGHT == data_at(forged)
    copied_later = making.backup(OLD, created_at=OLD.taken_at + 5 * making.HOUR)
    assert OLD.taken_at == data_at(copied_later)


def test_the_age_of_a_backup_that_has_no_creation_time_yet_is_its_tags() -> None:
    """RDS does not show the time of what it is still creating (1.15)."""
    assert OLD.taken_at == data_at(making.backup(OLD, word="creating"))


def test_the_newest_verified_backup_is_the_one_with_the_newest_data() -> None:
    """In whatever order they are listed; those that are not verified do not count."""
    old, new = making.backup(OLD), making.backup(NEW)
    assert new == newest_verified(view(backups=(old, new)), TERMS)
    assert new == newest_verified(view(backups=(new, old)), TERMS)
    zebra = making.backup(making.point(making.NIGHT, "zebra", of=making.series()))
    assert new == newest_verified(view(backups=(zebra, new)), TERMS)
    again = making.backup(NEW, attempt=2)
    for order in ((new, again), (again, new)):
        assert again == newest_verified(view(backups=order), TERMS)
    good, other = making.backup(OLD), making.backup(NEW, key=making.OTHER_KEY)
    assert good == newest_verified(view(backups=(good, other)), TERMS)
    assert newest_verified(view(backups=(other,)), TERMS) is None


def test_an_unfinished_copy_has_no_creation_time_and_breaks_nothing() -> None:
    """SnapshotCreateTime is missing while RDS is creating (1.15)."""
    undated = replace(making.automated(NEW, word="creating"), created_at=None)
    (decision,) = plan_series(view(automated=(making.automated(OLD), undated)), TERMS)
    assert isinstance(decision.start, CopyAutomated)


LATER = [
    view(shared=(making.shared(OLD), making.shared(NEW, word="copying"))),
    view(shared=(making.shared(OLD),), backups=(making.backup(NEW, word="creating"),)),
    view(shared=(making.shared(OLD),), backups=(making.backup(NEW, word="failed"),)),
    view(shared=(making.shared(OLD),), backups=(making.backup(NEW, word="failed"),), automated=()),
]


@pytest.mark.parametrize("there", LATER, ids=["shared", "under way", "failed", "no snapshot left"])
def test_a_point_that_has_given_way_does_not_begin_again(there: SeriesView) -> None:
    """Its shared copy may be there only since nobody could delete it; the data is old by now."""
    (older,) = (d for d in plan_series(there, TERMS) if d.point == OLD)
    assert (State.STALE, None, False) == (older.state, older.start, older.holds)
    assert "gives way to a newer point, which has started" == older.reason
    assert [(making.shared(OLD), "its point gives way to a newer one")] == [
        (d.shared, d.why) for d in older.deletes
    ]
    assert (identifier(making.PREFIX, OLD, 1),) == older.deletes[0].rivals


@pytest.mark.parametrize("backups", [(), (making.backup(OLD, word="failed"),)])
def test_a_point_is_handed_over_while_nothing_later_has_begun(backups: tuple[Owned, ...]) -> None:
    """In flight first, whatever has become of its own earlier attempts."""
    older, newest = plan_series(view(shared=(making.shared(OLD),), backups=backups), TERMS)
    assert isinstance(older.start, HandOver)
    assert newest.start is None
