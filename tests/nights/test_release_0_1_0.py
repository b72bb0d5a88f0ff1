"""What 0.1.0 has left in both accounts is gone on with: its names and tags, as it wrote them.

Its code has played what stands in ``tests/support/release_0_1_0``.  In ``snapshots.json``: three
nights, and the fourth with a shared copy of each family that is ready to be shared.  In
``marked.json``: two attempts of the fourth night have failed, a person keeps the oldest backup of
``invoices``, and has retired ``ledger``, whose database is deleted.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from sandbox import Sandbox
from sandbox.serving.lambda_runtime import Function
from tests.support.playing import (
    DAY,
    EXPIRE,
    NIGHT,
    RESUME,
    backups,
    metrics_of,
    play,
    shared_copies,
)
from tests.support.resolved_templates import ROOT
from tests.support.restore_plans import AT_HOME, FILLED_IN, Person, run, section

LEFT = ROOT / "tests/support/release_0_1_0"
ROWS: list[dict[str, Any]] = json.loads((LEFT / "snapshots.json").read_text())
MARKED: list[dict[str, Any]] = json.loads((LEFT / "marked.json").read_text())
FOURTH = NIGHT + 3 * DAY
HERE = {row["identifier"] for row in ROWS if row["account"] == "111111111111"}
THERE = sorted(row["identifier"] for row in ROWS if row["account"] == "222222222222")
BY_TAG = {"backup": "nightly"}


@pytest.fixture
def left() -> Iterator[Sandbox]:
    """Both accounts as 0.1.0 has left them, twenty minutes into the fourth night."""
    with Sandbox(start=FOURTH - timedelta(hours=1)) as aws:
        aws.add_instance("orders", tags=BY_TAG | {"team": "shop"}, **AT_HOME["instance"])
        aws.add_cluster("billing", tags=BY_TAG, engine="aurora-postgresql")
        aws.take_automated_of_all()
        _put(aws, ROWS)
        aws.clock.move_to(FOURTH + timedelta(minutes=20))
        yield aws


@pytest.fixture
def marked() -> Iterator[Sandbox]:
    """The same of what failed, is kept, or was retired."""
    with Sandbox(start=FOURTH - timedelta(hours=1)) as aws:
        aws.add_instance("invoices", tags=BY_TAG, **AT_HOME["instance"])
        aws.take_automated_of_all()
        _put(aws, MARKED)
        aws.clock.move_to(FOURTH + timedelta(minutes=20))
        yield aws


def _put(aws: Sandbox, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        times = {
            n: datetime.fromisoformat(row[n]) if row[n] else None
            for n in ("created_at", "taken_at")
        }
        key = row["kms_key"].rsplit("/", 1)[1]
        assert key in (aws.sharing_key + aws.backup_key)
        names = ("status", "percent", "database", "resource_id", "source_arn", "tags")
        fields = {name: row[name] for name in names} | {"shared_with": set(row["shared_with"])}
        given = fields | times | {"key": row["kms_key"]}
        aws.add_snapshot(row["account"], row["kind"], row["identifier"], **given)


def function(aws: Sandbox, keep: int = 3) -> Function:
    """The code of today, in the environment of 0.1.0."""
    return Function(aws, aws.environment(DB_TAG="backup=nightly", BACKUPS_TO_KEEP=str(keep)))


def test_its_backups_are_verified_and_its_copies_known(left: Sandbox) -> None:
    """By a look that changes nothing."""
    looked = function(left).invoke({"action": "status"})
    assert looked.error is None
    assert looked.result is not None
    found = {d["database"]: d for d in looked.result["databases"]}
    assert {"orders": 3, "billing": 3} == {name: d["backups_kept"] for name, d in found.items()}
    newest = {str(d["backup"]).rsplit(":", 1)[1] for d in found.values()}
    assert {name for name in THERE if "-20260304-" in name} == newest


def test_its_night_is_finished_under_its_names(left: Sandbox) -> None:
    """Nothing is copied twice, what is beyond the number expires, and nothing stays behind."""
    since = len(left.calls)
    played = play(function(left), left.clock.now, hours=1.2)
    copies = [c.operation for c in left.calls[since:] if c.operation.startswith("Copy")]

    assert [] == [each.error for each in played if each.error]
    assert sorted(HERE | {name for name in THERE if "-20260302-" not in name}) == sorted(
        row.identifier for row in backups(left)
    )
    assert ["CopyDBClusterSnapshot", "CopyDBSnapshot"] == sorted(copies)
    assert [] == shared_copies(left)


def test_the_backup_account_expires_them(left: Sandbox) -> None:
    """By its own function: the oldest of each series, and no other."""
    environment = left.backup_environment(BACKUPS_TO_KEEP="2", KEEP_AT_LEAST_DAYS="0")
    assert Function(left, environment).invoke(EXPIRE).error is None

    assert [name for name in THERE if "-20260302-" not in name] == sorted(
        row.identifier for row in backups(left)
    )


def test_nothing_of_it_is_lost_where_enough_is_kept(left: Sandbox) -> None:
    """Neither by a night nor by ticks."""
    play(function(left, keep=7), left.clock.now, hours=1)
    function(left, keep=7).invoke(RESUME)

    assert {*HERE, *THERE} == {row.identifier for row in backups(left)}


def test_one_of_its_backups_is_restored(left: Sandbox) -> None:
    """The plan names it by its time, and is followed to the letter."""
    environment = left.environment(DB_TAG="backup=nightly")
    plan = run(environment, "orders", "--at", "2026-03-03T12:00:00Z")
    [name] = [name for name in THERE if "-orders-20260303-" in name]

    assert 0 == plan.code
    assert f"snapshot:{name}" in plan.out
    somebody = Person(left, section(plan.out, "A"), **FILLED_IN)
    somebody.make_groups()
    somebody.follow()
    restored = left.database("orders-restored", kind="instance", account=left.backup)
    assert ("available", left.backup_key) == (restored.status, restored.key)


def _names(database: str, rows: list[dict[str, Any]] = MARKED) -> list[str]:
    """The backups that 0.1.0 has made of a database, oldest first."""
    return sorted(
        row["identifier"]
        for row in rows
        if row["database"] == database and row["created_at"] and row["account"] == "222222222222"
    )


def test_an_attempt_after_its_failed_ones_goes_on_counting(marked: Sandbox) -> None:
    """The third is made under a name of its own, and the failed ones do not stay."""
    played = play(function(marked, keep=7), marked.clock.now, hours=1.2)
    second = max(row["identifier"] for row in MARKED if row["status"] == "failed")
    third = f"{second.removesuffix('-2')}-3"

    assert [] == [each.error for each in played if each.error]
    assert [*_names("invoices"), third] == sorted(b.identifier for b in backups(marked, "invoices"))
    assert {"available"} == {row.status for row in backups(marked)}
    assert [] == shared_copies(marked)


def test_what_a_person_keeps_outlasts_the_number(marked: Sandbox) -> None:
    """The tag is read by this release, too: the younger one goes, and the kept one stays."""
    play(function(marked, keep=2), marked.clock.now, hours=1.2)
    first, second, third = _names("invoices")
    left = {row.identifier for row in backups(marked, "invoices")}

    assert {first, third} < left
    assert second not in left


def test_a_series_that_a_person_has_retired_is_none_that_grows_old(marked: Sandbox) -> None:
    """Its backups stay as many as before, and the backup account tells it apart."""
    environment = marked.backup_environment(BACKUPS_TO_KEEP="3")
    done = Function(marked, environment).invoke(EXPIRE)
    status = Function(marked, environment).invoke({"action": "status"}).result
    told = metrics_of(done)

    assert (None, 1.0) == (done.error, told["SeriesRetired"])
    assert status is not None
    assert ["ledger"] == [entry["database"] for entry in status["unselected_series"]]
    assert _names("ledger") == [row.identifier for row in backups(marked, "ledger")]


def test_a_cluster_of_its_is_restored_after_its_end(marked: Sandbox) -> None:
    """By the backup account alone, from its newest backup, to the letter."""
    plan = run(marked.backup_environment(), "ledger")

    assert 0 == plan.code
    assert f"snapshot:{_names('ledger')[-1]}" in plan.out
    somebody = Person(marked, section(plan.out, "A"), **FILLED_IN)
    somebody.make_groups()
    somebody.follow()
    restored = marked.database("ledger-restored", kind="cluster", account=marked.backup)
    assert ("available", marked.backup_key) == (restored.status, restored.key)
