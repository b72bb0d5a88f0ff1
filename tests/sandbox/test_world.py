"""The sandbox itself: opened and closed, built by hand, quick."""

import os
import time
from datetime import UTC, datetime, timedelta

import boto3
import botocore.endpoint
import botocore.session
import botocore.waiter
import pytest
from botocore.parsers import QueryParser
from moto.awslambda.responses import LambdaResponse
from moto.core.models import botocore_stubber
from moto.core.responses import BaseResponse
from moto.iam.responses import IamResponse
from moto.kms.responses import KmsResponse
from moto.rds.responses import RDSResponse
from moto.sts.responses import TokenResponse

from sandbox import Sandbox
from tests.sandbox.families import Family


def test_everything_is_as_before_when_it_closes() -> None:
    """Clock, moto's classes, botocore's modules, boto3's session and the environment."""
    before = dict(os.environ), boto3.DEFAULT_SESSION, botocore.session.create_loader
    parses = QueryParser._do_parse  # type: ignore[attr-defined]  # noqa: SLF001 - its only one
    sandbox = Sandbox(start=datetime(2030, 1, 1, tzinfo=UTC))
    for _ in range(3):
        with sandbox as aws:
            assert 2030 == datetime.now(UTC).year
            aws.add_instance("orders")
            aws.source.client("rds").describe_db_instances()
    assert before == (dict(os.environ), boto3.DEFAULT_SESSION, botocore.session.create_loader)
    assert 2030 != datetime.now(UTC).year
    for module in (botocore.endpoint, botocore.waiter):
        assert time is vars(module)["time"]
    assert not botocore_stubber.enabled
    assert "process_request" not in vars(botocore_stubber)
    assert parses is QueryParser._do_parse  # type: ignore[attr-defined]  # noqa: SLF001 - its only one
    for responder in (RDSResponse, TokenResponse, KmsResponse, IamResponse, LambdaResponse):
        assert BaseResponse.call_action is responder.call_action


def test_every_entering_begins_with_a_new_world() -> None:
    """What one opening left does not show in the next; keys are the same."""
    sandbox = Sandbox()
    with sandbox as aws:
        aws.add_snapshot(aws.backup, "instance", "old")
        aws.source.limits.manual["instance"] = 0
        aws.keys.disable(aws.sharing_key)
        key = aws.sharing_key
    with sandbox as aws:
        assert ([], []) == (aws.snapshots(), aws.calls)
        assert 100 == aws.source.limits.manual["instance"]
        assert key == aws.sharing_key
        shown = aws.source.client("kms").describe_key(KeyId=key)["KeyMetadata"]
        assert "Enabled" == shown["KeyState"]


def test_there_is_one_sandbox_at_a_time(aws: Sandbox) -> None:
    """A second one in the same process is an error, and does no harm."""
    with pytest.raises(RuntimeError, match="open already"), Sandbox():
        pass
    assert [] == aws.source.client("rds").describe_db_instances()["DBInstances"]


def test_an_error_within_closes_it() -> None:
    """The next sandbox can be opened."""
    with pytest.raises(ZeroDivisionError), Sandbox():
        raise ZeroDivisionError
    with Sandbox():
        pass


def test_opening_is_quick() -> None:
    """Fast enough for thousands of worlds in a test session: under 50 ms, after the first."""
    with Sandbox():
        pass
    spent = []
    for _ in range(5):
        before = time.perf_counter()
        with Sandbox():
            spent.append(time.perf_counter() - before)
    assert min(spent) < 0.05


def test_a_thousand_databases_are_built_quickly(aws: Sandbox) -> None:
    """Built past the API: under a second."""
    before = time.perf_counter()
    for n in range(1000):
        aws.add_instance(f"database-{n}")
    aws.take_automated_of_all()
    assert time.perf_counter() - before < 1
    assert 1000 == len(aws.snapshots())


def test_the_clock_stands_until_it_is_moved(aws: Sandbox) -> None:
    """Nothing sleeps; time moves by hand, for the whole process."""
    start = aws.clock.now
    assert (start, start) == (aws.clock.now, datetime.now(UTC))
    aws.clock.advance(minutes=10)
    aws.clock.advance(timedelta(minutes=5))
    assert start + timedelta(minutes=15) == datetime.now(UTC)
    aws.clock.move_to(start + timedelta(days=1))
    assert start + timedelta(days=1) == aws.clock.now


def test_a_waiter_waits_on_the_sandboxs_clock(aws: Sandbox, family: Family) -> None:
    """5.9: botocore's waiters poll every 30 seconds; here that moves the clock."""
    family.copy(family.add().identifier, "copy")
    before = aws.clock.now
    waiter = aws.source.client("rds").get_waiter(f"{family.word}_available")
    waiter.wait(**{f"{family.noun}Identifier": "copy"})
    assert timedelta(minutes=20) == aws.clock.now - before


def test_a_night_takes_what_rds_would(aws: Sandbox, family: Family) -> None:
    """1.19, 1.21, 12.1: available databases that keep backups; members go with their cluster."""
    aws.add_instance("orders")
    aws.add_instance("failed", status="upgrade-failed")
    aws.add_cluster("billing", members=2)
    aws.add_instance("stopped", status="stopped")
    aws.add_instance("forgetful", retention_days=0)
    rows = aws.take_automated_of_all()
    assert {"rds:orders-2026-03-02-02-00", "rds:billing-2026-03-02-02-00"} == {
        row.identifier for row in rows
    }
    assert {"automated"} == {row.type for row in rows}
    at = aws.clock.now - timedelta(days=2)
    name = {"instance": "orders", "cluster": "billing"}[family.kind]
    assert at == aws.take_automated(name, at).taken_at


@pytest.mark.parametrize("status", ["storage-optimization", "storage-initialization"])
def test_a_database_whose_storage_is_optimized_is_backed_up(aws: Sandbox, status: str) -> None:
    """1.18b: it remains available all the while, which may be more than a day."""
    aws.add_instance("orders", status=status)
    assert ["orders"] == [row.database for row in aws.take_automated_of_all()]


@pytest.mark.parametrize(
    "status",
    [
        "failed",
        "inaccessible-encryption-credentials",
        "inaccessible-encryption-credentials-recoverable",
        "incompatible-create",
        "incompatible-network",
        "incompatible-option-group",
        "incompatible-parameters",
        "incompatible-restore",
        "insufficient-capacity",
        "restore-error",
        "stopped",
        "storage-full",
        "upgrade-failed",
    ],
)
def test_a_database_in_a_status_that_lasts_is_not_backed_up(aws: Sandbox, status: str) -> None:
    """1.18b, 1.21: it is not available."""
    aws.add_instance("orders", status=status)
    aws.clock.advance(days=3)
    assert [] == aws.take_automated_of_all()


@pytest.mark.parametrize("status", ["cloning-failed", "migration-failed"])
def test_a_cluster_that_could_not_be_made_is_not_backed_up(aws: Sandbox, status: str) -> None:
    """1.18b, 1.21: it is not available."""
    aws.add_cluster("orders", status=status)
    aws.clock.advance(days=3)
    assert [] == aws.take_automated_of_all()


def test_a_database_recreated_under_its_name_is_another(aws: Sandbox, family: Family) -> None:
    """1.8: names are reusable, resource ids are not."""
    before = family.add()
    aws.delete_database("orders", retain_automated=True)
    aws.clock.advance(days=1)
    after = family.add()
    assert before.resource_id != after.resource_id
    assert 2 == len(aws.snapshots(type="automated"))


def test_people_have_snapshots_of_their_own(aws: Sandbox, family: Family) -> None:
    """By hand, in either account; in the backup account the database does not exist."""
    source = family.add(tags={"team": "shop"})
    own = aws.add_manual("mine", of="orders")
    there = aws.add_manual("theirs", of="orders", account=aws.backup, kind=family.kind)
    assert ("manual", source.resource_id, {}) == (own.type, own.resource_id, own.tags)
    assert (aws.backup.id, family.kind, "orders") == (there.account, there.kind, there.database)
    assert {"mine"} == family.names(SnapshotType="manual")
    assert {"theirs"} == family.names(aws.backup, SnapshotType="manual")


def test_a_snapshot_can_be_forged_in_any_state(aws: Sandbox, family: Family) -> None:
    """For look-alikes: every attribute can be given, changed, and is listed as it is."""
    future = aws.clock.now + timedelta(days=400)
    aws.add_snapshot(
        aws.backup,
        family.kind,
        "forged",
        status="never-heard-of",
        created_at=future,
        database="orders",
        resource_id="db-FORGED",
        kms_key="alias/rds-backup",
        percent=42,
        tags={"a": "b"},
    )
    shown = family.one("forged", aws.backup)
    assert ("never-heard-of", 42, "db-FORGED", future, aws.backup_key) == (
        shown["Status"],
        shown["PercentProgress"],
        shown[family.resource_id],
        shown["SnapshotCreateTime"],
        shown["KmsKeyId"],
    )
    aws.change_snapshot(aws.backup, family.kind, "forged", status="available")
    assert "available" == family.one("forged", aws.backup)["Status"]
    aws.remove_snapshot(aws.backup, family.kind, "forged")
    assert [] == aws.snapshots(aws.backup)
    with pytest.raises(TypeError, match="no colour"):
        aws.add_snapshot(aws.backup, family.kind, "forged", colour="red")


def test_rows_can_be_chosen(aws: Sandbox) -> None:
    """By account, kind and type; in one order always."""
    for name in ("b", "a"):
        aws.add_snapshot(aws.backup, "instance", name)
        aws.add_snapshot(aws.source, "cluster", name)
    aws.add_snapshot(aws.source, "cluster", "rds:c", type="automated")
    everything = [(row.account, row.identifier) for row in aws.snapshots()]
    assert sorted(everything) == everything
    assert ["a", "b"] == [row.identifier for row in aws.snapshots(aws.backup)]
    assert ["a", "b"] == [row.identifier for row in aws.snapshots(kind="instance")]
    assert ["rds:c"] == [row.identifier for row in aws.snapshots(aws.source.id, type="automated")]


def test_it_can_be_in_another_region() -> None:
    """ARNs, keys and clients follow."""
    with Sandbox(region="us-east-1") as aws:
        aws.add_instance("orders", kms_key=aws.sharing_key)
        (shown,) = aws.source.client("rds").describe_db_instances()["DBInstances"]
        assert "arn:aws:rds:us-east-1:111111111111:db:orders" == shown["DBInstanceArn"]
        assert "us-east-1" == aws.environment()["AWS_REGION"]
        assert ":us-east-1:" in aws.sharing_key
