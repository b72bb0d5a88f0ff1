"""Copies take time: how they look on the way, and how they end."""

from datetime import timedelta

import pytest

from sandbox import Sandbox, Switches
from tests.sandbox.families import Family


def test_a_copy_answers_at_once_and_takes_its_time(aws: Sandbox, family: Family) -> None:
    """2.6, 1.18: asynchronous; ``creating`` or ``copying``, a percentage, then ``available``."""
    answered = family.copy(family.add().identifier, "copy")
    assert (family.copying, 0) == (answered["Status"], answered["PercentProgress"])
    aws.clock.advance(minutes=5)
    running = family.one("copy")
    assert (family.copying, 25) == (running["Status"], running["PercentProgress"])
    aws.clock.advance(minutes=15)
    ended = family.one("copy")
    assert ("available", 100) == (ended["Status"], ended["PercentProgress"])


def test_a_snapshot_in_the_making_has_no_creation_time(aws: Sandbox, family: Family) -> None:
    """1.15: SnapshotCreateTime is absent until the copy is there."""
    family.copy(family.add().identifier, "copy")
    assert "SnapshotCreateTime" not in family.one("copy")
    aws.clock.advance(minutes=20)
    assert "SnapshotCreateTime" in family.one("copy")


def test_a_copy_can_fail(aws: Sandbox, family: Family) -> None:
    """1.18, 6.12: a copy may end ``failed``, with no reason given anywhere."""
    aws.copies.fail_next(where=lambda _kind, account, _params: account == aws.source.id)
    source = family.add()
    assert "failed" == family.copied(source.identifier, "first").status
    assert "available" == family.copied(source.identifier, "second").status


def test_how_long_copies_take_can_be_chosen(aws: Sandbox, family: Family) -> None:
    """2.38: AWS gives no bound; with no time at all a copy is there in its answer."""
    source = family.add()
    aws.copies.duration = timedelta(0)
    assert "available" == family.copy(source.identifier, "instant")["Status"]
    assert "available" == family.one("instant")["Status"]
    aws.copies.duration = lambda kind, account, _params: timedelta(
        hours=9 if (kind, account) == (family.kind, aws.source.id) else 1
    )
    family.copy(source.identifier, "slow")
    aws.clock.advance(hours=8)
    assert family.copying == family.row("slow").status


@pytest.mark.parametrize(
    "switches", [Switches(one_copy_per_database=True), Switches(one_copy_per_database=False)]
)
def test_copies_of_one_database_wait_for_one_another(
    aws: Sandbox, family: Family, switches: Switches
) -> None:
    """2.37: queued one after another, and no progress is shown while queued."""
    source, other = family.add(), family.add("ledger")
    family.copy(source.identifier, "first")
    family.copy(source.identifier, "second")
    family.copy(other.identifier, "other")
    aws.clock.advance(minutes=10)
    waits = switches.one_copy_per_database
    assert [50, 0 if waits else 50, 50] == [
        family.one(name)["PercentProgress"] for name in ("first", "second", "other")
    ]
    aws.clock.advance(minutes=10)
    assert family.copying == family.row("second").status or not waits
    aws.clock.advance(minutes=20)
    assert "available" == family.row("second").status


def test_a_cancelled_copy_lets_the_next_begin(aws: Sandbox, family: Family) -> None:
    """2.37, 2.42: the queue moves on when a copy is given up."""
    source = family.add()
    family.copy(source.identifier, "first")
    family.copy(source.identifier, "second")
    aws.clock.advance(minutes=10)
    family.delete("first")
    aws.clock.advance(minutes=10)
    assert 50 == family.one("second")["PercentProgress"]


def test_a_source_deleted_in_mid_copy_fails_the_copy(aws: Sandbox, family: Family) -> None:
    """4.3: deleting the source before the target is available may fail the copy; here it does."""
    shared = family.shared()
    family.copy(shared.arn, "backup", aws.backup, KmsKeyId=aws.backup_key)
    family.delete("shared")
    assert "failed" == family.row("backup").status


def test_a_source_deleted_after_the_copy_leaves_it_alone(aws: Sandbox, family: Family) -> None:
    """4.3: once the target is available, it needs the source no more."""
    shared = family.shared()
    family.copied(shared.arn, "backup", aws.backup, KmsKeyId=aws.backup_key)
    family.delete("shared")
    assert "available" == family.row("backup").status


def test_an_automated_snapshot_that_expires_in_mid_copy_fails_the_copy(
    aws: Sandbox, family: Family
) -> None:
    """1.22, 4.3: automated snapshots vanish by themselves, and are sources like any other."""
    source = family.add()
    family.copy(source.identifier, "copy")
    aws.remove_snapshot(aws.source, family.kind, source.identifier)
    assert "failed" == family.row("copy").status


def test_what_happens_after_a_copy_has_ended_does_not_touch_it(
    aws: Sandbox, family: Family
) -> None:
    """4.3, 6.12: a copy ends at its time, whether anybody looked then or not."""
    source = family.add()
    family.copy(source.identifier, "copy", KmsKeyId=aws.sharing_key)
    aws.clock.advance(minutes=20)
    aws.keys.disable(aws.sharing_key)
    aws.remove_snapshot(aws.source, family.kind, source.identifier)
    assert "available" == family.row("copy").status


@pytest.mark.parametrize(
    "switches", [Switches(unshared_mid_copy="goes_on"), Switches(unshared_mid_copy="fails")]
)
def test_a_source_unshared_in_mid_copy_may_fail_the_copy(
    aws: Sandbox, family: Family, switches: Switches
) -> None:
    """4.4: the effect of unsharing on a copy under way is not documented."""
    shared = family.shared()
    family.copy(shared.arn, "backup", aws.backup, KmsKeyId=aws.backup_key)
    family.share("shared", remove=(aws.backup.id,))
    aws.clock.advance(hours=1)
    expected = "available" if switches.unshared_mid_copy == "goes_on" else "failed"
    assert expected == family.row("backup").status


@pytest.mark.parametrize(
    "switches", [Switches(key_lost_mid_copy="goes_on"), Switches(key_lost_mid_copy="fails")]
)
def test_a_key_disabled_in_mid_copy_may_fail_the_copy(
    aws: Sandbox, family: Family, switches: Switches
) -> None:
    """6.12: a key lost on the way can leave the copy ``failed``; how is not documented."""
    shared = family.shared()
    family.copy(shared.arn, "backup", aws.backup, KmsKeyId=aws.backup_key)
    aws.keys.disable(aws.sharing_key)
    aws.clock.advance(hours=1)
    expected = "available" if switches.key_lost_mid_copy == "goes_on" else "failed"
    assert expected == family.row("backup").status
