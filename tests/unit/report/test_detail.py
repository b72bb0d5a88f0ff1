"""Sizes, and the words for them: a number says where it comes from."""

from copy import replace

import pytest

from rds_backup.printers.wording import size
from rds_backup.report.detail import Size
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
