"""What counts as verified, each clause alone."""

from copy import replace

import pytest

from rds_backup.model.decisions import Owned
from rds_backup.model.inventory import Snapshot
from rds_backup.model.verified import verified
from tests.support.making import (
    BACKUP_KEY,
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
