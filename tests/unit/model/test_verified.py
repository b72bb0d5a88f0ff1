"""What counts as verified, each clause alone."""

from copy import replace
from datetime import UTC, datetime

import pytest

from rds_backup.model.decisions import Owned
from rds_backup.model.identity import STARTED_AT
from rds_backup.model.inventory import Snapshot
from rds_backup.model.verified import started_at, verified
from tests.support.making import (
    BACKUP_KEY,
    DAY,
    HOUR,
    NIGHT,
    OTHER_KEY,
    SHARING_KEY,
    VAULT,
    backup,
    point,
    shared,
)


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
    ],
)
def test_with_one_fact_amiss_a_backup_is_not_verified(snapshot: Snapshot) -> None:
    """No false ok: available, in that account, under that key, of that database, each alone."""
    assert not verified(Owned(snapshot, point(), 1), VAULT)


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
