"""Times, as AWS's services write them, are what botocore would make of them."""

from typing import Any

import pytest
from botocore.utils import parse_timestamp

from rds_backup.aws.calls import read_time


@pytest.mark.parametrize(
    "said",
    [
        "2026-03-02T03:04:05Z",
        "2026-03-02T03:04:05.6Z",
        "2026-03-02T03:04:05.678Z",
        "2026-03-02T03:04:05.678901Z",
        "2026-03-02T03:04:05.6789012345Z",
        "2026-03-02T03:04:05+00:00",
        "2026-03-02T03:04:05",
        "20260302T030405Z",
        "Mon, 02 Mar 2026 03:04:05 GMT",
        "1772420645",
        1772420645.678,
    ],
)
def test_a_time_is_read_as_botocore_reads_it(said: Any) -> None:  # noqa: ANN401 - a text or a number
    """RDS and STS write ISO 8601 in UTC, KMS a number."""
    assert parse_timestamp(said) == read_time(said)
    assert parse_timestamp(said).utcoffset() == read_time(said).utcoffset()


@pytest.mark.parametrize("said", ["", "soon", "2026-02-30T03:04:05Z", "2026-03-02T24:04:05Z"])
def test_what_is_no_time_is_refused_as_botocore_refuses_it(said: str) -> None:
    """Never another day in its place."""
    with pytest.raises(ValueError, match="Invalid timestamp"):
        read_time(said)
