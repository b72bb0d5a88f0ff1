"""What a tick reads: no more than it waits for, and a whole family only where that is worth it."""

from collections import Counter
from datetime import timedelta

import pytest

from sandbox import Sandbox
from sandbox.serving.lambda_runtime import Function, Invocation
from tests.support.playing import (
    BACKUP,
    DAY,
    NIGHT,
    RESUME,
    TICK,
    automated,
    backups,
    metrics_of,
    mutations,
    nights,
    play,
    shared_copies,
    ticks,
)

TAGS = {"backup": "nightly"}
LISTED = {"DescribeDBInstances", "DescribeDBClusters"}


@pytest.fixture
def orders(aws: Sandbox) -> Sandbox:
    """An instance whose copies take 15 minutes, after a first night."""
    aws.add_instance("orders", engine="postgres", kms_key="aws/rds", tags=TAGS)
    aws.copies.duration = timedelta(minutes=15)
    return aws


def calls(aws: Sandbox, function: Function, tick: int, of: int = 1) -> Counter[str]:
    """The calls of one tick of the night, by operation."""
    before = len(aws.calls)
    function.at(NIGHT + of * DAY + tick * TICK, RESUME if tick % 6 else BACKUP)
    return Counter(call.operation for call in aws.calls[before:])


@pytest.mark.parametrize(
    ("selector", "expected", "idle"),
    [({"DB_TAG": "backup=nightly"}, 33, 2), ({"DB_ID": "orders"}, 28, 1)],
    ids=["by tag", "by name"],
)
def test_a_good_night_of_one_database_is_a_few_dozen_calls(
    orders: Sandbox, selector: dict[str, str], expected: int, idle: int
) -> None:
    """From its first copy to its last deletion; then a tick is a listing a family."""
    function = Function(orders, orders.environment(**selector))
    nights(orders, function, 1)
    automated(orders, NIGHT + DAY)
    night = [calls(orders, function, tick) for tick in range(6)]
    assert expected == sum(one.total() for one in night[:5])
    assert idle == night[5].total()
    assert [False] * 5 == [bool(LISTED & set(one)) for one in night[1:]]


def test_while_a_copy_runs_the_backup_account_is_not_asked(orders: Sandbox) -> None:
    """Nothing waits for anything there: no role is assumed, no key read, no name looked for."""
    function = Function(orders, orders.environment(DB_TAG="backup=nightly"))
    automated(orders)
    function.at(NIGHT, BACKUP)
    before = len(orders.calls)
    done = function.at(NIGHT + TICK, RESUME)
    assert {orders.source.id} == {call.account for call in orders.calls[before:]}
    assert 2 == len(orders.calls) - before
    assert done.result
    (entry,) = done.result["databases"]
    assert ("in_progress", "in_progress") == (done.outcome, entry["state"])
    assert entry["reason"].startswith("copying under the sharing key: ")
    assert entry["backups_kept"] is None, "nobody has counted them"
    assert {"Heartbeat": 1.0} == metrics_of(done), "it says nothing of the others"


def test_names_are_asked_for_a_hundred_at_a_time(aws: Sandbox) -> None:
    """More in one filter is refused (1.7b); 42 databases have three names each."""
    for number in range(42):
        aws.add_instance(f"db-{number}", tags=TAGS)
    aws.source.limits.in_flight["instance"] = None
    automated(aws)
    lifted = Function(aws, aws.environment(DB_TAG="backup=nightly", MAX_INSTANCE_COPIES="50"))
    lifted.at(NIGHT, BACKUP)
    before = len(aws.calls)
    done = lifted.at(NIGHT + 2 * TICK, RESUME)
    named = [c.params["Filters"][0]["Values"] for c in aws.calls[before:] if "Filters" in c.params]
    assert done.error is None
    assert [100, 26] == [len(names) for names in named]


def test_a_place_that_is_free_is_used_at_the_next_tick(aws: Sandbox, function: Function) -> None:
    """As long as copies are there that may have kept others waiting; then no tick looks further."""
    for number in range(8):
        aws.add_cluster(f"db-{number}", tags=TAGS)
    automated(aws)
    assert 5 == Counter(mutations_of(function.at(NIGHT, BACKUP)))["copy"]
    assert 0 == len(mutations_of(function.at(NIGHT + TICK, RESUME)))
    copied = Counter(mutations_of(function.at(NIGHT + 2 * TICK, RESUME)))
    assert (3, 5) == (copied["copy"], copied["back_up"])
    for number in (3, 4, 5, 7):
        function.at(NIGHT + number * TICK, RESUME)
    assert 8 == sum(row.status == "available" for row in backups(aws))
    assert [] == shared_copies(aws)


def mutations_of(done: Invocation) -> list[str]:
    """What an invocation did."""
    assert done.result
    return [action["action"] for action in done.result["actions"]]


def test_a_copy_that_failed_is_begun_again_at_the_next_tick(orders: Sandbox) -> None:
    """Also out of the nightly window: for that the family is looked at as a whole."""
    orders.copies.fail_next(1)
    automated(orders)
    function = Function(orders, orders.environment(DB_TAG="backup=nightly"))
    function.at(NIGHT, BACKUP)
    done = function.at(NIGHT + 2 * TICK, RESUME)
    assert ["copy"] == mutations_of(done)
    assert "in_progress" == done.entry("orders")["state"]


def test_what_lies_there_for_a_person_costs_no_look_at_every_tick(orders: Sandbox) -> None:
    """Three attempts failed: the nightly window tells it, and a newer point passes it."""
    orders.copies.fail_next(3)
    automated(orders)
    function = Function(orders, orders.environment(DB_TAG="backup=nightly"))
    play(function, hours=3)
    assert 3 == len(shared_copies(orders))
    assert "stuck" == function.at(NIGHT + timedelta(hours=4), BACKUP).entry("orders")["state"]
    before = len(orders.calls)
    done = function.invoke(RESUME)
    assert ("nothing_to_do", 2) == (done.outcome, len(orders.calls) - before)


class TestAPassingError:
    """Tried again within the invocation: it costs a minute, and not the hour."""

    @pytest.mark.parametrize(
        "operation", ["AssumeRole", "DescribeKey", "DescribeDB*", "GetCallerIdentity"]
    )
    def test_a_throttled_minute_at_the_start_of_the_night_costs_nothing(
        self, orders: Sandbox, operation: str
    ) -> None:
        """Else the database would wait for the next hourly run, at 09:00 for tomorrow's."""
        automated(orders)
        until = NIGHT + timedelta(minutes=1)
        fault = orders.fault(
            operation,
            code="ThrottlingException",
            message="Rate exceeded",
            status=400,
            when=lambda _: orders.clock.now < until,
        )
        function = Function(orders, orders.environment(DB_TAG="backup=nightly"))
        done = function.at(NIGHT, BACKUP)
        assert fault.hits
        assert (None, ["copy"]) == (done.error, mutations_of(done))

    def test_one_that_lasts_is_an_error_after_three_minutes(self, orders: Sandbox) -> None:
        """And nothing was done on the strength of what could not be read."""
        automated(orders)
        orders.fault("AssumeRole", code="ThrottlingException", message="Rate exceeded", status=400)
        function = Function(orders, orders.environment(DB_TAG="backup=nightly"))
        done = function.at(NIGHT, BACKUP)
        assert "orders: unknown: cannot assume BACKUP_ACCOUNT_ROLE" in str(done.error)
        waited = orders.clock.now - NIGHT
        assert timedelta(minutes=3) <= waited < timedelta(minutes=4)
        assert [] == mutations(orders)


def test_a_slow_backup_account_does_not_fill_the_source_account(aws: Sandbox) -> None:
    """150 instances, copies there take six hours: never more open than places, and no error."""
    for number in range(150):
        aws.add_instance(f"db-{number}", tags=TAGS)
    aws.copies.duration = lambda _, account, __: timedelta(
        minutes=15 if account == aws.source.id else 360
    )
    automated(aws)
    function = Function(aws, aws.environment(DB_TAG="backup=nightly"))
    most = 0
    for done in ticks(function, hours=3):
        assert done.error is None
        most = max(most, len(shared_copies(aws)))
    assert 42 == most, "20 places in each account, and two more"


def test_the_quota_of_the_source_account_is_respected_before_aws_refuses(aws: Sandbox) -> None:
    """A person's 95 snapshots leave five places: the others wait, and RDS is not asked in vain."""
    aws.add_instance("theirs")
    for number in range(95):
        aws.add_manual(f"by-hand-{number}", of="theirs", account=aws.source)
    for number in range(8):
        aws.add_instance(f"db-{number}", tags=TAGS)
    automated(aws)
    function = Function(aws, aws.environment(DB_TAG="backup=nightly"))
    done = function.at(NIGHT, BACKUP)
    assert ["copy"] * 5 == mutations_of(done)
    assert done.error is None
    called = Counter(call.operation for call in aws.calls)
    assert (5, 1) == (called["CopyDBSnapshot"], called["DescribeAccountAttributes"])
    queued = [line["reason"] for line in done.logs if line.get("state") == "queued"]
    told = "queued: in the source account 100 of 100 manual instance snapshots are used, 5 are ours"
    assert [told] * 3 == queued
    for tick in range(1, 18):
        assert function.at(NIGHT + tick * TICK, RESUME if tick % 6 else BACKUP).error is None
    assert 8 == len(backups(aws))


def test_a_quota_that_was_raised_is_asked_for_once(aws: Sandbox) -> None:
    """Beyond the default, RDS tells how many there may be."""
    aws.source.limits.manual["instance"] = 200
    aws.add_instance("theirs")
    for number in range(100):
        aws.add_manual(f"by-hand-{number}", of="theirs", account=aws.source)
    for number in range(3):
        aws.add_instance(f"db-{number}", tags=TAGS)
    automated(aws)
    function = Function(aws, aws.environment(DB_TAG="backup=nightly"))
    assert ["copy"] * 3 == mutations_of(function.at(NIGHT, BACKUP))
    assert 1 == sum(call.operation == "DescribeAccountAttributes" for call in aws.calls)


def test_a_source_account_that_others_have_filled_is_blocked(aws: Sandbox) -> None:
    """Nothing of ours goes there and makes room: a person has to, and no copy is tried."""
    aws.add_instance("orders", tags=TAGS)
    for number in range(100):
        aws.add_manual(f"by-hand-{number}", of="orders", account=aws.source)
    automated(aws)
    function = Function(aws, aws.environment(DB_TAG="backup=nightly"))
    entry = function.at(NIGHT, BACKUP).entry("orders")
    assert "blocked" == entry["state"]
    assert "100 of 100 manual instance snapshots are used, 0 are ours; delete" in entry["reason"]
    assert [] == mutations(aws)


def test_a_point_that_took_a_day_lets_the_newest_start_at_the_same_tick(orders: Sandbox) -> None:
    """It has waited for the older one of its series; out of the window no hourly run is near."""
    orders.copies.duration = timedelta(hours=14)
    automated(orders)
    function = Function(orders, orders.environment(DB_TAG="backup=nightly"))
    play(function, hours=22)
    automated(orders, NIGHT + DAY)
    second = (function.at(NIGHT + DAY + tick * TICK, RESUME) for tick in range(6 * 7))
    done = next(each for each in second if mutations_of(each))
    assert NIGHT + DAY + timedelta(hours=3) < orders.clock.now
    assert ["delete_shared_copy", "copy"] == mutations_of(done)


def test_a_tick_that_reads_names_lets_nothing_expire(orders: Sandbox) -> None:
    """Retention is judged over whole series: a dead copy waits for the next whole look, too."""
    orders.copies.fail_next(1, lambda _, account, __: account == orders.backup.id)
    automated(orders)
    function = Function(orders, orders.environment(DB_TAG="backup=nightly"))
    done = [function.at(NIGHT + tick * TICK, RESUME if tick else BACKUP) for tick in range(7)]
    assert {"available", "failed"} == {row.status for row in backups(orders)}
    assert "delete_shared_copy" in mutations_of(done[-1])
    assert ["expire"] == mutations_of(function.at(NIGHT + timedelta(hours=2), BACKUP))
    assert ["available"] == [row.status for row in backups(orders)]
