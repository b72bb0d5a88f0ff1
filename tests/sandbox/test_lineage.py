"""Which copies are incremental, by AWS's text; RDS itself shows it in no answer."""

import pytest

from sandbox import Account, Sandbox, Switches
from tests.sandbox.families import Family


@pytest.fixture
def orders(aws: Sandbox) -> Family:
    """An instance with its first automated snapshot."""
    instance = Family(aws, "instance")
    instance.add()
    return instance


def full(
    orders: Family, target: str, key: str, of: str | None = None, to: Account | None = None
) -> bool:
    """Whether a copy is full: of a new automated snapshot unless another is named."""
    source = of or orders.aws.take_automated("orders").identifier
    return orders.copied(source, target, to, KmsKeyId=key).full


def shared(orders: Family, target: str) -> str:
    """The ARN of a copy of a new automated snapshot, under the sharing key and shared."""
    full(orders, target, orders.aws.sharing_key)
    orders.share(target, orders.aws.backup.id)
    return orders.row(target).arn


def test_copies_under_one_key_are_incremental_to_one_another(aws: Sandbox, orders: Family) -> None:
    """2.31: AWS's own table: S1C under K2, S2C to S4C under K3, S4C2 under K4."""
    second, third, fourth = (aws.keys.create(aws.source.id, f"alias/k{n}") for n in (2, 3, 4))
    keys = {"s1c": second, "s2c": third, "s3c": third, "s4c": third, "s4c2": fourth}
    found = {target: full(orders, target, key) for target, key in keys.items()}
    assert {"s1c": True, "s2c": True, "s3c": False, "s4c": False, "s4c2": True} == found


def test_a_copy_after_one_that_was_deleted_is_full(aws: Sandbox, orders: Family) -> None:
    """2.31: the most recently completed copy has to be there, also until the new one ends."""
    assert [True, False] == [full(orders, name, aws.sharing_key) for name in ("one", "two")]
    orders.delete("two")
    assert full(orders, "three", aws.sharing_key)
    orders.copy(aws.take_automated("orders").identifier, "four", KmsKeyId=aws.sharing_key)
    orders.delete("three")
    aws.clock.advance(hours=1)
    assert orders.row("four").full


def test_a_copy_that_failed_is_not_the_most_recent_one(aws: Sandbox, orders: Family) -> None:
    """2.31: only what was completed counts."""
    full(orders, "one", aws.sharing_key)
    aws.copies.fail_next()
    full(orders, "failed", aws.sharing_key)
    assert not full(orders, "two", aws.sharing_key)


def test_a_copy_across_accounts_follows_the_one_before_it(aws: Sandbox, orders: Family) -> None:
    """2.32: of what is incremental itself, under the same keys at each level."""
    found = [
        full(orders, f"backup-{n}", aws.backup_key, shared(orders, f"shared-{n}"), aws.backup)
        for n in range(3)
    ]
    assert [True, False, False] == found
    orders.delete("backup-2", aws.backup)
    assert full(orders, "backup-3", aws.backup_key, shared(orders, "shared-3"), aws.backup)


@pytest.mark.parametrize("switches", [Switches(), Switches(across_regions="incremental")])
def test_a_copy_across_accounts_and_regions_may_be_full(switches: Switches) -> None:
    """2.31: to another Region it is incremental "within the same AWS account"."""
    with Sandbox(switches=switches, backup_region="eu-south-1") as aws:
        aws.keys.admit_as_documented(aws.sharing_key, aws.backup.id)
        orders = Family(aws, "instance")
        orders.add()
        found = [
            full(orders, f"backup-{n}", aws.backup_key, shared(orders, f"shared-{n}"), aws.backup)
            for n in range(2)
        ]
        assert [True, switches.across_regions == "full"] == found
        assert not orders.row("shared-1").full


@pytest.mark.parametrize(
    "switches",
    [Switches(one_lineage="of all"), Switches(one_lineage="of the last")],
    ids=lambda s: s.one_lineage,
)
def test_a_copy_of_another_lineage_may_be_in_the_way(
    aws: Sandbox, orders: Family, switches: Switches
) -> None:
    """2.32: under the sharing key once, and directly under another key of the database's."""
    other = aws.keys.create(aws.source.id, "alias/other")
    aws.keys.admit_as_documented(other, aws.backup.id)
    first = shared(orders, "shared-0")
    full(orders, "backup-0", aws.backup_key, first, aws.backup)
    found = []
    for number in (1, 2, 3):
        full(orders, f"other-{number}", other)
        orders.share(f"other-{number}", aws.backup.id)
        arn = orders.row(f"other-{number}").arn
        found.append(full(orders, f"backup-{number}", aws.backup_key, arn, aws.backup))
    assert [True, *([switches.one_lineage == "of all"] * 2)] == found


def test_the_first_snapshot_after_a_failover_is_copied_in_full(
    aws: Sandbox, orders: Family
) -> None:
    """2.32: in either account; the next one is not."""
    shared(orders, "before")
    aws.fail_over("orders")
    assert [True, False] == [full(orders, name, aws.sharing_key) for name in ("after", "next")]


def test_a_cluster_is_always_copied_in_full(aws: Sandbox) -> None:
    """2.30: Aurora's copies are stored in full."""
    family = Family(aws, "cluster")
    source = family.add()
    names = ("one", "two")
    assert [True, True] == [family.copied(source.identifier, n).full for n in names]
