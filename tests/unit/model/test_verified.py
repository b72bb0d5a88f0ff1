"""What counts as verified, each clause alone."""

from copy import replace
from datetime import UTC, datetime, timedelta

import pytest

from rds_backup.model.clock import iso
from rds_backup.model.decisions import Owned
from rds_backup.model.identity import STARTED_AT
from rds_backup.model.inventory import Snapshot
from rds_backup.model.verified import data_at, misdated, sound_in, started_at, verified
from tests.support.making import (
    BACKUP,
    BACKUP_KEY,
    DAY,
    HOUR,
    NIGHT,
    OTHER_KEY,
    REGION,
    SHARING_KEY,
    SOURCE,
    VAULT,
    backup,
    point,
    shared,
)


def shared_arn(noun: str = "snapshot", account: str = SOURCE, region: str = REGION) -> str:
    """What RDS names as the source of a backup."""
    return f"arn:aws:rds:{region}:{account}:{noun}:{shared().snapshot.identifier}"


@pytest.mark.parametrize(
    "pointer",
    [
        shared_arn(),
        shared_arn("cluster-snapshot"),
        "arn:aws-cn:rds:eu-west-1:111111111111:snapshot:rds:orders-2026-03-02-02-00",
        None,
        "",
        "rds-backup-orders",
        "444444444444",
        "arn:aws:rds:eu-west-1:444444444444:db:orders",
        "arn:aws:rds:eu-west-1:444444444444:snapshot:",
        "arn:aws:backup:eu-west-1:444444444444:snapshot:orders",
        "arn:aws:rds:eu-west-1:44:snapshot:orders",
    ],
)
def test_a_pointer_to_the_series_own_account_or_an_odd_one_is_none(pointer: str | None) -> None:
    """1.16: only a snapshot's ARN says where a copy comes from; what 0.1.0 made stays verified."""
    made = backup()
    there = replace(made, snapshot=replace(made.snapshot, copied_from=pointer))
    assert verified(there, VAULT)


@pytest.mark.parametrize(
    ("expected", "taken_at", "created_at", "original_at"),
    [
        (NIGHT, NIGHT, NIGHT + HOUR, None),
        (NIGHT - HOUR, NIGHT, NIGHT - HOUR, NIGHT),
        (NIGHT - 99 * DAY, NIGHT, NIGHT + HOUR, NIGHT - 99 * DAY),
        (NIGHT - DAY, NIGHT - DAY, NIGHT, NIGHT),
    ],
)
def test_data_is_as_old_as_the_earliest_that_is_said_of_it(
    expected: datetime, taken_at: datetime, created_at: datetime, original_at: datetime | None
) -> None:
    """1.16b: a tag can make data older, and never younger than RDS says that it is."""
    made = backup(point(taken_at), created_at=created_at)
    there = replace(made, snapshot=replace(made.snapshot, original_at=original_at))
    assert expected == data_at(there)


@pytest.mark.parametrize(
    ("told", "apart"),
    [
        (False, timedelta(0)),
        (False, DAY),
        (False, -DAY),
        (True, DAY + timedelta(seconds=1)),
        (True, -DAY - timedelta(seconds=1)),
    ],
)
def test_a_tag_more_than_a_day_from_what_rds_says_is_told(*, told: bool, apart: timedelta) -> None:
    """Somebody may have written it; with both times, so that nobody has to look them up."""
    made = backup()
    there = replace(made, snapshot=replace(made.snapshot, original_at=NIGHT + apart))
    said = misdated(there)
    assert told is bool(said)
    assert not said or (iso(NIGHT) in said and iso(NIGHT + apart) in said)


def test_without_an_original_time_nothing_is_misdated() -> None:
    """Clusters have none (1.16b)."""
    assert misdated(backup()) is None


@pytest.mark.parametrize(
    "resource_id", ["db-ORDERS", None], ids=["as the tag says", "not returned by RDS"]
)
def test_a_backup_under_the_backup_key_is_verified(resource_id: str | None) -> None:
    """RDS's own resource id is compared where there is one."""
    made = backup()
    there = replace(made, snapshot=replace(made.snapshot, resource_id=resource_id))
    assert verified(there, VAULT)


@pytest.mark.parametrize(
    "snapshot",
    [
        *(backup(word=w).snapshot for w in ("creating", "copying", "failed", "deleting", "new")),
        replace(backup().snapshot, arn=shared().snapshot.arn),
        replace(backup().snapshot, kms_key=OTHER_KEY),
        replace(backup().snapshot, kms_key=SHARING_KEY),
        replace(backup().snapshot, kms_key=None),
        replace(backup().snapshot, kms_key=BACKUP_KEY.rsplit("/", 1)[1]),
        replace(backup().snapshot, encryption="sse-rds"),
        replace(backup().snapshot, encryption="none"),
        replace(backup().snapshot, created_at=None),
        replace(backup().snapshot, resource_id="db-RECREATED"),
        replace(backup().snapshot, resource_id=""),
        replace(backup().snapshot, copied_from=shared_arn(account="444444444444")),
        replace(backup().snapshot, copied_from=shared_arn(region="us-east-1")),
        replace(backup().snapshot, copied_from=shared_arn(noun="cluster-snapshot", account=BACKUP)),
    ],
)
def test_with_one_fact_amiss_a_backup_is_not_verified(snapshot: Snapshot) -> None:
    """No false ok: available, in that account, under that key, of that database, each alone."""
    assert not verified(Owned(snapshot, point(), 1), VAULT)


BARE = BACKUP_KEY.rsplit("/", 1)[1]


@pytest.mark.parametrize(
    ("expected", "snapshot"),
    [
        (True, backup().snapshot),
        (True, replace(backup().snapshot, resource_id=None)),
        (True, replace(backup().snapshot, kms_key=OTHER_KEY)),
        (True, replace(backup().snapshot, kms_key=BARE)),
        (True, replace(backup().snapshot, kms_key="alias/aws/rds")),
        (False, replace(backup().snapshot, kms_key=SHARING_KEY)),
        (False, replace(backup().snapshot, kms_key=None)),
        (False, replace(backup().snapshot, kms_key="")),
        (False, replace(backup().snapshot, encryption="sse-rds")),
        (False, replace(backup().snapshot, encryption="none")),
        (False, replace(backup().snapshot, arn=shared().snapshot.arn)),
        (False, replace(backup().snapshot, resource_id="db-RECREATED")),
        (False, replace(backup().snapshot, copied_from=shared_arn(account="444444444444"))),
        (False, replace(backup().snapshot, created_at=None)),
        (False, backup(word="failed").snapshot),
        (False, backup(word="copying").snapshot),
    ],
)
def test_a_backup_is_sound_under_whatever_key_of_its_account(
    *, expected: bool, snapshot: Snapshot
) -> None:
    """A name that is no ARN is one of the account that asks; all else as for a verified one."""
    assert expected is sound_in(Owned(snapshot, point(), 1), BACKUP)


def started(said: str | None) -> Owned:
    """A copy under way whose tag says this of its start; None: there is no such tag."""
    made = shared(word="copying")
    tags = {k: v for k, v in made.snapshot.tags.items() if k != STARTED_AT}
    return replace(
        made,
        snapshot=replace(made.snapshot, tags=tags if said is None else {**tags, STARTED_AT: said}),
    )


@pytest.mark.parametrize(
    "said",
    [
        None,
        "",
        "yesterday",
        "9999-12-31T23:59:59-01:00",
        "0001-01-01T00:00+23:00",
        "2026-03-02T05:00",
    ],
)
def test_a_start_that_no_tag_tells_is_that_of_the_data(said: str | None) -> None:
    """Anybody may edit a tag: a copy is no younger for that."""
    assert NIGHT == started_at(started(said), NIGHT + DAY)
    assert NIGHT - HOUR == started_at(started(said), NIGHT - HOUR)


def test_a_start_is_read_in_any_zone_and_never_of_the_future() -> None:
    """In UTC, as every time here."""
    moment = started_at(started("2026-03-02T10:00:00+05:30"), NIGHT + DAY)
    assert datetime(2026, 3, 2, 4, 30, tzinfo=UTC) == moment
    assert UTC is moment.tzinfo
    assert NIGHT + DAY == started_at(started("2026-03-09T00:00:00Z"), NIGHT + DAY)
