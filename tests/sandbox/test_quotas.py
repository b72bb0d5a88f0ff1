"""How many snapshots, and how many copies at a time."""

import pytest

from sandbox import Sandbox, Switches
from tests.sandbox.families import Family, refused

NAMES = {"instance": "ManualSnapshots", "cluster": "ManualClusterSnapshots"}


def quotas(family: Family) -> dict[str, tuple[int, int]]:
    """Used and most of each quota, as the API tells them."""
    answer = family.aws.source.client("rds").describe_account_attributes()
    return {q["AccountQuotaName"]: (q["Used"], q["Max"]) for q in answer["AccountQuotas"]}


def test_a_hundred_manual_snapshots_are_the_most(aws: Sandbox, family: Family) -> None:
    """5.1, 2.39: 100 manual snapshots a family and account; the message tells which quota."""
    source = family.add()
    for n in range(99):
        aws.add_snapshot(aws.source, family.kind, f"manual-{n}", status="failed")
    family.copy(source.identifier, "hundredth")
    with refused("SnapshotQuotaExceeded", saying="Cannot create more than 100 manual snapshots"):
        family.copy(source.identifier, "one-more")
    assert (100, 100) == quotas(family)[NAMES[family.kind]]


def test_the_families_are_counted_apart(aws: Sandbox, family: Family) -> None:
    """5.1, 5.2: DescribeAccountAttributes tells used and most; automated ones do not count."""
    aws.source.limits.manual["cluster"] = 7
    family.copied(family.add().identifier, "copy")
    other = NAMES["cluster" if family.kind == "instance" else "instance"]
    found = quotas(family)
    assert (1, 7 if family.kind == "cluster" else 100) == found[NAMES[family.kind]]
    assert 0 == found[other][0]


@pytest.mark.parametrize("switches", [Switches(one_copy_per_database=False)])
def test_copies_in_flight_are_limited(aws: Sandbox, family: Family, switches: Switches) -> None:
    """2.35, 2.36, 2.39: 20 instance and 5 cluster copies at a time, whoever started them."""
    assert not switches.one_copy_per_database
    source = family.add()
    most = {"instance": 20, "cluster": 5}[family.kind]
    aws.add_snapshot(aws.source, family.kind, "somebodys", status=family.copying)
    for n in range(most - 1):
        family.copy(source.identifier, f"copy-{n}")
    with refused(
        "SnapshotQuotaExceeded", saying=f"Cannot copy more than {most} snapshots across regions"
    ):
        family.copy(source.identifier, "one-more")
    aws.clock.advance(minutes=20)
    family.copy(source.identifier, "one-more")


def test_the_limit_in_flight_can_be_lifted(aws: Sandbox, family: Family) -> None:
    """2.35, 2.36: the limits are the account's; a test may set them."""
    source = family.add()
    aws.source.limits.in_flight[family.kind] = 0
    with refused("SnapshotQuotaExceeded"):
        family.copy(source.identifier, "copy")
    aws.source.limits.in_flight[family.kind] = None
    family.copy(source.identifier, "copy")


@pytest.mark.parametrize("switches", [Switches(count_same_region_copies=False)])
def test_copies_within_a_region_may_not_count(
    aws: Sandbox, family: Family, switches: Switches
) -> None:
    """2.36: whether copies within one Region count is not spelled out."""
    assert not switches.count_same_region_copies
    aws.source.limits.in_flight[family.kind] = 0
    family.copy(family.add().identifier, "copy")
