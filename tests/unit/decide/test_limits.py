"""What may start now: the oldest protection first, within everybody's limits."""

from datetime import datetime

import pytest

from rds_backup.decide.limits import (
    Decided,
    lane_of,
    most_open,
    opened,
    starts_in_order,
    within_limits,
)
from rds_backup.model.decisions import (
    CopyAutomated,
    Decision,
    DeleteShared,
    HandOver,
    Problem,
    State,
)
from rds_backup.model.inventory import Kind, Lane, Side
from tests.support.making import DAY, HOUR, NIGHT, database, point, shared

LIMITS = {Kind.INSTANCE: 2, Kind.CLUSTER: 1}
SOURCE_INSTANCES = Lane(Side.SOURCE, Kind.INSTANCE)
BACKUP_INSTANCES = Lane(Side.BACKUP, Kind.INSTANCE)
QUOTA = Problem(State.BLOCKED, "100 of 100 manual snapshots, 7 of them ours")


def copying(name: str, kind: Kind = Kind.INSTANCE) -> Decision:
    """A decision to copy the automated snapshot of this database."""
    of = point(database=name, kind=kind)
    start = CopyAutomated(of, 1, database(name, kind), "sse-kms")
    return Decision(of, State.IN_PROGRESS, f"copy {name}", start=start, holds=True)


def handing_over(name: str, kind: Kind = Kind.INSTANCE) -> Decision:
    """A decision to hand the shared copy of this database over."""
    of = point(database=name, kind=kind)
    start = HandOver(shared(of), 1)
    return Decision(of, State.IN_PROGRESS, f"hand over {name}", start=start, holds=True)


def decided(*decisions: Decision, protected_at: datetime | None = NIGHT) -> Decided:
    """A series, protected since a night."""
    return Decided(decisions, protected_at)


def started(
    series: list[Decided],
    running: dict[Lane, int] | None = None,
    limits: dict[Kind, int] | None = None,
    full: dict[Lane, Problem] | None = None,
) -> list[str]:
    """The reasons of what may start, in the order in which it starts."""
    screened = within_limits(series, running or {}, limits or LIMITS, full or {})
    of_start = {id(d.start): d.reason for s in series for d in s.decisions if d.start}
    return [of_start[id(start)] for start in starts_in_order(series, screened)]


@pytest.mark.parametrize("kind", Kind)
def test_a_copy_counts_where_it_runs(kind: Kind) -> None:
    """The limits of RDS hold per family and account."""
    assert Lane(Side.SOURCE, kind) == lane_of(_start(copying("orders", kind)))
    assert Lane(Side.BACKUP, kind) == lane_of(_start(handing_over("orders", kind)))


def _start(decision: Decision) -> CopyAutomated | HandOver:
    assert decision.start
    return decision.start


def test_within_the_limits_every_decision_stands() -> None:
    """The screen only takes away."""
    series = [decided(copying("a")), decided(copying("b")), decided(handing_over("c"))]
    assert [s.decisions for s in series] == within_limits(series, {}, LIMITS, {})


def test_the_oldest_protection_starts_first() -> None:
    """Who has waited longest, and above all who has no backup yet, goes first."""
    series = [
        decided(copying("yesterday"), protected_at=NIGHT - DAY),
        decided(copying("last-week"), protected_at=NIGHT - 7 * DAY),
        decided(copying("never"), protected_at=None),
        decided(copying("today"), protected_at=NIGHT),
    ]
    expected = ["copy never", "copy last-week", "copy yesterday", "copy today"]
    assert expected == started(series, limits={Kind.INSTANCE: 9, Kind.CLUSTER: 9})
    assert expected[:2] == started(series)


def test_equally_old_protection_starts_in_the_order_of_the_databases() -> None:
    """The same world gives the same order in every pass: nobody is overtaken by chance."""
    series = [decided(copying(n), protected_at=None) for n in ("a", "b", "c")]
    assert ["copy a", "copy b"] == started(series)


def test_what_has_no_place_is_queued_and_says_why() -> None:
    """Waiting is a state with a reason; nothing else of the decision changes."""
    series = [decided(copying(n)) for n in ("a", "b", "c")]
    screened = within_limits(series, {}, LIMITS, {})
    assert [s.decisions for s in series[:2]] == screened[:2]
    ((queued,),) = screened[2:]
    assert State.QUEUED is queued.state
    assert queued.start is None
    assert queued.holds
    assert series[2].decisions[0].point == queued.point
    expected = "queued: 2 instance copies are in flight in the source account, which is the limit"
    assert expected == queued.reason


def test_copies_of_other_people_take_places_too() -> None:
    """RDS counts everybody's running copies in the account (rules 2.35, 2.36)."""
    series = [decided(copying("a")), decided(copying("b"))]
    assert ["copy a"] == started(series, {SOURCE_INSTANCES: 1})
    assert [] == started(series, {SOURCE_INSTANCES: 2})


def test_more_in_flight_than_the_limit_starts_nothing() -> None:
    """A limit that was lowered, or copies started by hand: no place is negative."""
    assert [] == started([decided(copying("a"))], {SOURCE_INSTANCES: 50})


def test_each_family_and_account_has_its_own_places() -> None:
    """Copies in one lane are in the way of none in another."""
    series = [
        decided(copying("a")),
        decided(handing_over("b")),
        decided(copying("c", Kind.CLUSTER)),
        decided(handing_over("d", Kind.CLUSTER)),
        decided(copying("e", Kind.CLUSTER)),
    ]
    assert ["copy a", "hand over b", "copy c", "hand over d"] == started(series)
    assert ["hand over b", "copy c", "hand over d"] == started(series, {SOURCE_INSTANCES: 2})


def test_a_full_lane_starts_nothing_and_passes_its_reason_on() -> None:
    """AWS has just said so: every further call there would be refused in the same words."""
    series = [decided(copying("a")), decided(handing_over("b")), decided(copying("c"))]
    screened = within_limits(series, {}, LIMITS, {SOURCE_INSTANCES: QUOTA})
    assert [QUOTA.state, State.IN_PROGRESS, QUOTA.state] == [d.state for (d,) in screened]
    assert [QUOTA.reason, "hand over b", QUOTA.reason] == [d.reason for (d,) in screened]
    assert ["hand over b"] == started(series, full={SOURCE_INSTANCES: QUOTA})
    assert ["copy a", "copy c"] == started(series, full={BACKUP_INSTANCES: QUOTA})


def test_a_full_lane_says_nothing_of_who_starts_nothing_there() -> None:
    """A protected database stays protected, whatever the quota."""
    protected = Decision(point(), State.PROTECTED, "a verified backup")
    assert [(protected,)] == within_limits(
        [decided(protected)], {}, LIMITS, {SOURCE_INSTANCES: QUOTA}
    )


def test_deletions_are_untouched() -> None:
    """What ends a point frees a place; it never waits for one."""
    delete = DeleteShared(shared(), "its backup is verified")
    gives_way = Decision(
        point(),
        State.QUEUED,
        "gives way",
        start=_start(copying("orders")),
        deletes=(delete,),
    )
    done = Decision(point(), State.PROTECTED, "a verified backup", deletes=(delete,))
    series = [decided(gives_way, done)]
    full = dict.fromkeys((SOURCE_INSTANCES, BACKUP_INSTANCES), QUOTA)
    for running, closed in (({SOURCE_INSTANCES: 9, BACKUP_INSTANCES: 9}, {}), ({}, full)):
        ((first, second),) = within_limits(series, running, LIMITS, closed)
        assert first.start is None
        assert (delete,) == first.deletes
        assert done == second


def test_one_series_may_start_two_points_if_there_are_two_places() -> None:
    """Places are counted, not series."""
    series = [decided(copying("a"), copying("a-again")), decided(copying("b"))]
    assert ["copy a", "copy a-again"] == started(series)


def test_nothing_decided_is_nothing_to_start() -> None:
    """An empty account."""
    assert [] == within_limits([], {}, LIMITS, {})
    assert [] == starts_in_order([], [])


def waiting(name: str, *, copy: bool = True, kind: Kind = Kind.INSTANCE) -> Decision:
    """A decision on a copy under way, or on one that cannot go on."""
    of = point(database=name, kind=kind)
    running = shared(of, word="creating") if copy else None
    return Decision(of, State.IN_PROGRESS, "copying", holds=True, copy=running)


def test_no_more_shared_copies_are_open_than_both_accounts_have_places_for() -> None:
    """A slow backup account must not fill the source account with them."""
    series = [
        *(decided(waiting(f"running-{n}")) for n in range(3)),
        *(decided(handing_over(f"ready-{n}")) for n in range(2)),
        decided(copying("a")),
        decided(copying("b")),
    ]
    assert 6 == most_open(2)
    full = {BACKUP_INSTANCES: 2}
    assert ["copy a"] == started(series, full)
    *_, (queued,) = within_limits(series, full, LIMITS, {})
    assert State.QUEUED is queued.state
    assert "queued: 6 shared copies of instances are open" in queued.reason


def test_what_can_go_no_further_is_not_open() -> None:
    """Nor is what only waits for an older point, or has its deletion left."""
    older = waiting("orders").point
    protected = Decision(point(), State.PROTECTED, "verified", deletes=())
    after = Decision(point(), State.IN_PROGRESS, "", waits_for=older, copy=shared())
    decisions = [waiting("stuck", copy=False), protected, after, waiting("b", kind=Kind.CLUSTER)]
    assert {Kind.CLUSTER: 1} == opened(decisions)


def test_of_one_day_the_largest_starts_first() -> None:
    """It takes longest, and must not be last; an older day goes before it all the same."""
    series = [
        Decided((copying("small"),), NIGHT, 10),
        Decided((copying("large"),), NIGHT + HOUR, 1000),
        Decided((copying("older"),), NIGHT - DAY, 1),
        Decided((copying("unknown"),), NIGHT, 0),
    ]
    expected = ["copy older", "copy large", "copy small", "copy unknown"]
    assert expected == started(series, limits={Kind.INSTANCE: 9, Kind.CLUSTER: 9})
