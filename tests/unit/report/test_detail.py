"""Sizes, and the words for them: a number says where it comes from."""

from copy import replace

import pytest

from rds_backup.printers.wording import size
from rds_backup.report.detail import Condition, Detail, Fleet, Held, Size
from tests.support.making import backup

GIB = 1 << 30
FULL, ALLOCATED = "FullSnapshotSizeInBytes", "AllocatedStorage"


@pytest.mark.parametrize(
    ("expected", "full_bytes", "allocated_gib"),
    [
        (Size(1.5, FULL), 3 * GIB // 2, 20),
        (Size(0.0, FULL), 0, 20),
        (Size(20.0, ALLOCATED), None, 20),
        (None, None, None),
    ],
)
def test_the_full_size_is_taken_where_rds_states_it(
    expected: Size | None, full_bytes: int | None, allocated_gib: int | None
) -> None:
    """Cluster snapshots have no full size (RDS service model: DBClusterSnapshot)."""
    snapshot = replace(backup().snapshot, full_bytes=full_bytes, allocated_gib=allocated_gib)

    assert expected == Size.of(snapshot)


@pytest.mark.parametrize(
    ("expected", "sizes"),
    [
        (None, []),
        (None, [None]),
        (Size(3.5, FULL), [Size(1.5, FULL), Size(2.0, FULL), None]),
        (Size(21.5, ALLOCATED), [Size(1.5, FULL), Size(20.0, ALLOCATED)]),
    ],
)
def test_a_sum_is_as_coarse_as_its_coarsest_part(
    expected: Size | None, sizes: list[Size | None]
) -> None:
    """A sum with one allocated storage in it is not a sum of full sizes."""
    assert expected == Size.total(sizes)


@pytest.mark.parametrize(
    ("expected", "of"),
    [("-", None), ("1.5 GiB", Size(1.5, FULL)), ("~20 GiB", Size(20.0, ALLOCATED))],
)
def test_a_size_that_is_only_allocated_is_marked(expected: str, of: Size | None) -> None:
    """The legend beside it says what the mark means."""
    assert expected == size(of)


def detail(size: Size | None, copies: int) -> Detail:
    """A series of so many copies, the newest verified one of this size."""
    held = Held(
        "s", Condition.VERIFIED, "2026-03-08T02:00:00.000Z", None, size, kept=True, reason=""
    )
    total = Size.total([size] * copies)
    return Detail((), (), (held,) * copies, None, None, None, size, total, None)


def test_the_fleet_is_summed_and_grows_by_one_of_each_that_is_selected() -> None:
    """What nobody selects gets no more; what has no backup has no size yet."""
    selected = [detail(Size(10.0, FULL), 3), detail(Size(1.5, FULL), 2), detail(None, 0)]

    assert Fleet(7, Size(37.0, FULL), Size(48.5, FULL)) == Fleet.of(
        selected, [detail(Size(2.0, FULL), 2)]
    )
    assert Fleet(0, None, None) == Fleet.of([], [])
