"""What RDS lets anybody delete."""

import pytest

from sandbox import Sandbox
from tests.sandbox.families import Family, refused


@pytest.mark.parametrize("status", ["available", "failed"])
def test_an_ended_manual_snapshot_can_be_deleted(aws: Sandbox, family: Family, status: str) -> None:
    """4.1: ``available``; in practice ``failed``, too."""
    aws.add_snapshot(aws.source, family.kind, "old", status=status)
    assert "deleted" == family.delete("OLD")["Status"]
    assert [] == aws.snapshots()


def test_an_automated_snapshot_cannot_be_deleted(aws: Sandbox, family: Family) -> None:
    """4.5: the codes and words for automated snapshots."""
    source = family.add()
    words = {
        "instance": "automated snapshots cannot be deleted",
        "cluster": "Only manual snapshots may be deleted",
    }
    with refused(family.codes["state"], saying=words[family.kind]):
        family.delete(source.identifier)
    assert 1 == len(aws.snapshots())


@pytest.mark.parametrize("status", ["creating", "deleting", "modifying"])
def test_a_snapshot_in_another_state_cannot_be_deleted(
    aws: Sandbox, family: Family, status: str
) -> None:
    """4.1: any other state is refused, of what is not a copy under way."""
    aws.add_snapshot(aws.source, family.kind, "busy", status=status)
    with refused(family.codes["state"]):
        family.delete("busy")


def test_deleting_the_target_cancels_the_copy(aws: Sandbox, family: Family) -> None:
    """2.42: deleting a target while it is copied gives the copy up."""
    family.copy(family.add().identifier, "copy")
    family.delete("copy")
    aws.clock.advance(hours=1)
    assert [] == aws.snapshots(type="manual")


def test_a_missing_snapshot_is_not_found(family: Family) -> None:
    """4.7, 2g: the codes for a snapshot that is not there."""
    with refused(family.codes["not found"], status=404):
        family.delete("nothing")


def test_only_the_owner_can_delete(aws: Sandbox, family: Family) -> None:
    """4.6: to others, even those it is shared with, the snapshot cannot be deleted."""
    shared = family.shared()
    for name in ("shared", shared.arn):
        with refused(family.codes["not found"], status=404):
            family.delete(name, aws.backup)


def test_a_database_takes_its_automated_snapshots_along(aws: Sandbox, family: Family) -> None:
    """1.22: automated snapshots go with the database unless retained; manual ones stay."""
    family.copied(family.add().identifier, "copy")
    aws.delete_database("orders")
    assert ["copy"] == [row.identifier for row in aws.snapshots()]
