"""What the configuration says of itself."""

import json
import re
from pathlib import Path

import botocore
import pytest

from rds_backup.inputs.variables import VARIABLES
from rds_backup.model.settings import Partition, partition_of

LISTED = json.loads((Path(botocore.__file__).parent / "data" / "partitions.json").read_text())
NAMES = [p["id"] for p in LISTED["partitions"]]


@pytest.mark.parametrize("listed", LISTED["partitions"], ids=NAMES)
def test_each_region_is_of_the_partition_that_aws_says(listed: dict[str, object]) -> None:
    """12.7: botocore has them all, with the suffix of their services."""
    outputs, pattern = listed["outputs"], re.compile(str(listed["regionRegex"]))
    assert isinstance(outputs, dict)
    regions = [r for p in LISTED["partitions"] for r in p["regions"] if pattern.match(r)]

    assert regions
    assert {Partition(outputs["name"], outputs["dnsSuffix"])} == {partition_of(r) for r in regions}


def test_every_region_s_code_is_taken() -> None:
    """As AWS_REGION; what is not a Region but a part of a partition is not."""
    pattern, codes = (
        VARIABLES["AWS_REGION"].pattern,
        [r for p in LISTED["partitions"] for r in p["regions"]],
    )
    assert pattern

    assert [] == [r for r in codes if bool(pattern.fullmatch(r)) == r.endswith("-global")]
