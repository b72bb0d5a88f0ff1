"""INCREMENTAL=true: from the second night on both copies of an instance are incremental."""

import random
from datetime import timedelta

import pytest

from rds_backup.printers.page import page
from rds_backup.printers.plan_text import plan_lines
from rds_backup.printers.screen import Screen
from rds_backup.printers.status_text import status_lines
from rds_backup.report.shown import shown
from sandbox import Row, Sandbox, Switches
from sandbox.serving.lambda_runtime import Function
from tests.support.playing import (
    BACKUP,
    DAY,
    EXPIRE,
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
    taken_at,
    ticks,
)

TAGS = {"backup": "nightly"}
LINEAGES = pytest.mark.parametrize(
    "switches", [Switches(), Switches(one_lineage="of the last")], ids=lambda s: s.one_lineage
)


@pytest.fixture
def orders(aws: Sandbox) -> Sandbox:
    """An instance and a cluster whose copies take 15 minutes."""
    aws.add_instance("orders", tags=TAGS)
    aws.add_cluster("billing", tags=TAGS)
    aws.copies.duration = timedelta(minutes=15)
    return aws


def deployed(aws: Sandbox, **overrides: str) -> Function:
    """The function with increments on."""
    settings = {"DB_TAG": "backup=nightly", "INCREMENTAL": "true", "BACKUPS_TO_KEEP": "2"}
    return Function(aws, aws.environment(**settings | overrides))


def full(aws: Sandbox) -> list[bool]:
    """Of the instance's backups, oldest first, whether they were copied in full."""
    return [row.full for row in backups(aws, "orders")]


def bases(aws: Sandbox) -> list[Row]:
    """The shared copies that are left of the instance; of the cluster there is none."""
    left = shared_copies(aws)
    assert ["instance"] * len(left) == [row.kind for row in left]
    return left


@LINEAGES
@pytest.mark.parametrize("keep", ["1", "3"])
def test_from_the_second_night_on_every_copy_is_incremental(orders: Sandbox, keep: str) -> None:
    """Both of them: the shared copy and the backup; those of clusters never."""
    function = deployed(orders, BACKUPS_TO_KEEP=keep)
    for night in range(4):
        nights(orders, function, 1, NIGHT + night * DAY)
        (base,) = bases(orders)
        (*_, newest) = backups(orders, "orders")
        assert taken_at(base) == taken_at(newest) == NIGHT + night * DAY - timedelta(hours=1)
        assert [night == 0] * 2 == [base.full, newest.full]
        assert frozenset({orders.backup.id}) == base.shared_with
    assert all(row.full for row in backups(orders, "billing"))


def test_without_it_every_copy_is_full(orders: Sandbox) -> None:
    """The first copy's predecessor is gone by then."""
    nights(orders, deployed(orders, INCREMENTAL="false"), 3)
    assert ([True, True], []) == (full(orders), shared_copies(orders))


def test_a_night_has_five_changing_calls_a_database_all_the_same(orders: Sandbox) -> None:
    """Copy, share, copy, delete the base before, expire."""
    function = deployed(orders)
    nights(orders, function, 3)
    before = len(orders.calls)
    nights(orders, function, 1, NIGHT + 3 * DAY)
    called = [name for name in mutations(orders, before) if "Cluster" not in name]
    assert ["CopyDBSnapshot"] * 2 + ["DeleteDBSnapshot"] * 2 + ["ModifyDBSnapshotAttribute"] == (
        sorted(called)
    )


def test_an_idle_tick_reads_the_names_of_the_backups_and_nothing_more(orders: Sandbox) -> None:
    """Beside the listings: AssumeRole, both keys, a reading per 100 names; and it is idle."""
    function = deployed(orders)
    nights(orders, function, 1)
    before = len(orders.calls)
    done = function.at(NIGHT + timedelta(hours=40), RESUME)
    called = [call.operation for call in orders.calls[before:]]
    listed = ["DescribeDBClusterSnapshots", "DescribeDBSnapshots", "DescribeDBSnapshots"]
    assert ["AssumeRole", *listed, "DescribeKey", "DescribeKey"] == sorted(
        name for name in called if name != "GetCallerIdentity"
    )
    assert done.result
    assert (None, "nothing_to_do", []) == (done.error, done.outcome, done.result["databases"])


def test_the_gauges_do_not_count_a_base(orders: Sandbox) -> None:
    """It is not open, and its age is no alarm."""
    function = deployed(orders)
    nights(orders, function, 1)
    told = metrics_of(function.at(NIGHT + timedelta(hours=30), BACKUP))
    assert (0, 0) == (told["SharedCopiesOpen"], told["OldestSharedCopyHours"])


class TestAFullCopy:
    """What makes one, and that the next is incremental again."""

    def full_ones(self, aws: Sandbox, function: Function, count: int = 3) -> list[bool]:
        """Of so many nights after the first two, whether the backup was copied in full."""
        nights(aws, function, count, NIGHT + 2 * DAY)
        return full(aws)[-count:]

    def test_a_failover(self, orders: Sandbox) -> None:
        """The zone's snapshots begin anew; with the next night all is as before."""
        function = deployed(orders, BACKUPS_TO_KEEP="9")
        nights(orders, function, 2)
        orders.fail_over("orders")
        assert [True, False, False] == self.full_ones(orders, function)

    @LINEAGES
    def test_another_sharing_key(self, orders: Sandbox, switches: Switches) -> None:
        """The base under the old one goes; backups of the old lineage may be in the way for longer.

        By AWS's text all of them count, until the last has expired.
        """
        function = deployed(orders)
        nights(orders, function, 2)
        key = orders.keys.create(orders.source.id, "alias/two")
        orders.keys.admit(key, orders.backup.id)
        changed, found = deployed(orders, KMS_KEY_ID=key), []
        for night in range(2, 5):
            nights(orders, changed, 1, NIGHT + night * DAY)
            (base,) = bases(orders)
            found.append((base.kms_key, base.full, full(orders)[-1]))
        for_longer = switches.one_lineage == "of all"
        assert [(key, True, True), (key, False, for_longer), (key, False, False)] == found

    def test_a_person_who_deletes_the_base(self, orders: Sandbox) -> None:
        """Of one night; nothing else is lost by it."""
        function = deployed(orders, BACKUPS_TO_KEEP="9")
        nights(orders, function, 2)
        (base,) = bases(orders)
        orders.remove_snapshot(base.account, base.kind, base.identifier)
        assert [True, False, False] == self.full_ones(orders, function)

    def test_a_copy_that_failed_makes_none(self, orders: Sandbox) -> None:
        """It is not completed: the copy after it builds on the same base."""
        function = deployed(orders, BACKUPS_TO_KEEP="9")
        nights(orders, function, 2)
        orders.copies.fail_next(2, lambda kind, _, __: kind == "instance")
        automated(orders, NIGHT + 2 * DAY)
        play(function, NIGHT + 2 * DAY)
        assert ([True, False, False], 1) == (full(orders), len(bases(orders)))


@pytest.mark.parametrize("seed", range(4))
def test_nothing_else_makes_a_full_copy_in_any_order(orders: Sandbox, seed: int) -> None:
    """Copies that fail, a backup that a person deletes, nights without a run: none of it does."""
    lot = random.Random(seed)  # noqa: S311 - no secret
    function = deployed(orders, BACKUPS_TO_KEEP="20")
    nights(orders, function, 1)
    for night in range(1, 9):
        event = lot.choice(["failover", "base", "backup", "first fails", "both fail", "no run", ""])
        (base,), newest = bases(orders), backups(orders, "orders")[-1]
        if event == "failover":
            orders.fail_over("orders")
        elif event in ("base", "backup"):
            row = base if event == "base" else newest
            orders.remove_snapshot(row.account, row.kind, row.identifier)
        elif event.endswith(("fails", "fail")):
            orders.copies.fail_next(1 + (event == "both fail"), lambda kind, *_: kind == "instance")
        automated(orders, NIGHT + night * DAY)
        if event != "no run":
            play(function, NIGHT + night * DAY, hours=3)
            (base,), newest = bases(orders), backups(orders, "orders")[-1]
            told = (night, event, base.full, newest.full)
            assert (night, event, *[event in ("failover", "base")] * 2) == told


class TestABaseGoes:
    """When there is nothing more that it serves; with the next whole look."""

    @pytest.mark.parametrize(
        ("change", "event"),
        [
            ({"INCREMENTAL": "false"}, RESUME),
            ({"DB_TAG": "backup=weekly"}, BACKUP),
            ({"DB_TAG": "", "DB_ID": "billing", "CLUSTER": "true", "INCREMENTAL": "false"}, BACKUP),
        ],
        ids=["off", "deselected", "clusters only"],
    )
    def test_once_the_settings_change(
        self, orders: Sandbox, change: dict[str, str], event: dict[str, str]
    ) -> None:
        """Off, with the next tick; or chosen no more: then no shared copy is left."""
        nights(orders, deployed(orders), 1)
        assert 1 == len(bases(orders))
        deployed(orders, **change).at(NIGHT + timedelta(hours=3), event)
        assert [] == shared_copies(orders)
        assert 1 == len(backups(orders, "orders"))

    def test_once_its_database_is_gone(self, orders: Sandbox) -> None:
        """The backups stay."""
        function = deployed(orders)
        nights(orders, function, 1)
        orders.delete_database("orders")
        function.at(NIGHT + timedelta(hours=3), BACKUP)
        assert ([], 1) == (shared_copies(orders), len(backups(orders, "orders")))

    def test_also_where_its_own_backup_has_expired(self, orders: Sandbox) -> None:
        """The backup account expires it before the source's function looks: N = 1."""
        function = deployed(orders, BACKUPS_TO_KEEP="1", EXPIRE_BACKUPS="false")
        expiring = Function(orders, orders.backup_environment(BACKUPS_TO_KEEP="1"))
        nights(orders, function, 1)
        automated(orders, NIGHT + DAY)
        function.at(NIGHT + DAY, BACKUP)
        function.at(NIGHT + DAY + 2 * TICK, RESUME)
        expiring.at(NIGHT + DAY + 5 * TICK, EXPIRE)
        assert 2 == sum(row.kind == "instance" for row in shared_copies(orders))
        done = function.at(NIGHT + DAY + 6 * TICK, BACKUP)
        assert (None, 1, 1) == (done.error, len(bases(orders)), len(backups(orders, "orders")))


def test_a_backup_that_a_person_deleted_is_made_again_from_its_base(orders: Sandbox) -> None:
    """At the next tick, with no new copy of the database."""
    function = deployed(orders)
    nights(orders, function, 2)
    (*_, newest) = backups(orders, "orders")
    orders.remove_snapshot(newest.account, newest.kind, newest.identifier)
    done = function.at(NIGHT + DAY + timedelta(hours=2, minutes=10), RESUME)
    assert done.result
    assert ["share", "back_up"] == [action["action"] for action in done.result["actions"]]
    function.at(NIGHT + DAY + timedelta(hours=3), BACKUP)
    assert newest.identifier in {row.identifier for row in backups(orders, "orders")}
    assert 1 == len(bases(orders))


@pytest.mark.parametrize("readable", [True, False])
@pytest.mark.parametrize("count", [10, 12])
def test_an_account_whose_places_are_full_of_bases_goes_on_in_full(
    aws: Sandbox, count: int, *, readable: bool
) -> None:
    """Bases give way to what waits: no database is left without a backup for their sake.

    Where the quota cannot be read, RDS's refusal tells.
    """
    aws.add_instance("theirs")
    for number in range(90):
        aws.add_manual(f"by-hand-{number}", of="theirs", account=aws.source)
    for number in range(count):
        aws.add_instance(f"db-{number}", tags=TAGS)
    if not readable:
        aws.fault("DescribeAccountAttributes", code="AccessDenied", message="no", status=403)
    function = deployed(aws)
    for night in range(3):
        automated(aws, NIGHT + night * DAY)
        before, played = len(aws.calls), ticks(function, NIGHT + night * DAY)
        first = next(played)
        assert ["CopyDBSnapshot"] * 10 == mutations(aws, before)[-10:], "in one invocation"
        errors = [done.error for done in (first, *played) if done.error]
        made = [row for row in backups(aws) if taken_at(row) > NIGHT + (night - 1) * DAY]
        assert count == len(made)
        assert not (readable and errors)
        assert len(bases(aws)) <= 10


def test_a_place_in_flight_that_is_lacking_costs_no_base(orders: Sandbox) -> None:
    """It becomes free by itself."""
    function = deployed(orders)
    nights(orders, function, 1)
    automated(orders, NIGHT + DAY)
    orders.source.limits.in_flight["instance"] = 0
    function.at(NIGHT + DAY, BACKUP)
    assert "SnapshotQuotaExceeded" in [call.error for call in orders.calls]
    assert 1 == sum(row.kind == "instance" for row in shared_copies(orders))


def test_after_the_first_night_there_is_no_time_before(orders: Sandbox) -> None:
    """The newest copy is not compared with itself."""
    function = deployed(orders)
    nights(orders, function, 1)
    done = function.at(NIGHT + timedelta(hours=3), {"action": "status"})
    assert done.result
    (entry,) = (e for e in done.result["databases"] if e["database"] == "orders")
    assert (1.33, None) == (entry["base"]["hours"], entry["base"]["hours_before"])


def test_a_look_tells_of_the_base_and_how_long_copies_took(orders: Sandbox) -> None:
    """RDS says neither when a copy ended nor whether it was incremental: the hand-over is known."""
    function = deployed(orders, BACKUPS_TO_KEEP="9")
    nights(orders, function, 2)
    orders.copies.duration = timedelta(minutes=5)
    nights(orders, function, 1, NIGHT + 2 * DAY)
    for action, words in (("status", "base: "), ("plan", "keep")):
        done = function.at(NIGHT + 2 * DAY + timedelta(hours=3), {"action": action})
        assert done.result
        (entry,) = (e for e in done.result["databases"] if e["database"] == "orders")
        (base,) = bases(orders)
        assert {"snapshot": base.identifier, "hours": 1.17, "hours_before": 1.33} == entry["base"]
        assert [] == entry["remaining"]
        lines = status_lines if action == "status" else plan_lines
        text = " ".join(lines(shown(done.result), Screen(10**4), everything=True))
        told = "kept as the base of the next copy; handed over 1.2 h after the automated snapshot"
        assert f"{base.identifier} in the source account, {told}, before that 1.3 h" in text
        assert words in text
        assert action == "plan" or told in page(shown(done.result))
