"""A drill's database: what its name and its tags say, and what they do not."""

import re

import pytest

from rds_backup.model.drills import (
    DRILL,
    DatabaseThere,
    Drill,
    drill_of,
    is_drill,
    member_name,
    stem,
)
from rds_backup.model.identity import MANAGED_BY, Marker
from rds_backup.model.inventory import Kind
from tests.support.making import BACKUP, HOUR, MARKER, NIGHT, REGION, backup, series

BEGUN = NIGHT.replace(microsecond=0)
DRILLED = Drill(series(), backup().snapshot.arn, BEGUN, BEGUN + 12 * HOUR)
LONGEST = 256


def database(tags: dict[str, str]) -> DatabaseThere:
    """One of the account, with these tags."""
    return DatabaseThere(Kind.INSTANCE, "rds-backup-drill-0123456789-1", "available", tags)


def test_a_tag_says_what_is_restored_since_when_and_until_when() -> None:
    """All that the next tick has to know."""
    assert drill_of(database(DRILLED.as_tags(MARKER))) == DRILLED
    assert DRILLED.snapshot == backup().snapshot.identifier


def test_the_longest_names_fit_into_one_tag() -> None:
    """A tag's value has 256 characters at most, and only these characters."""
    arn = f"arn:aws-us-gov:rds:us-gov-west-1:222222222222:cluster-snapshot:{'a' * 63}"
    longest = series()._replace(region="us-gov-west-1", resource_id=f"cluster-{'A' * 26}")
    text = Drill(longest, arn, BEGUN, BEGUN).as_text
    assert len(text) <= LONGEST
    assert re.fullmatch(r"[\w\s.:/=+@-]*", text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mine",
        DRILLED.as_text.replace("Z", ""),
        DRILLED.as_text.replace("2026", "year"),
        DRILLED.as_text.replace("111111111111", "1"),
        DRILLED.as_text + " more",
        DRILLED.as_text.replace("rds:eu-west-1:222222222222:snapshot", "rds"),
        DRILLED.as_text.replace("2026-03-02T02:00:30Z", "9999-12-31T23:59:59-23:59", 1),
    ],
)
def test_a_tag_that_somebody_has_changed_is_not_read(text: str) -> None:
    """It is still the drill's: only what it says is lost."""
    changed = database({MANAGED_BY: "rds-backup", DRILL: text})
    assert drill_of(changed) is None
    assert is_drill(changed, MARKER)


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {DRILL: DRILLED.as_text},
        {MANAGED_BY: "rds-backup"},
        {MANAGED_BY: "another", DRILL: DRILLED.as_text},
    ],
)
def test_a_database_without_both_tags_is_somebody_elses(tags: dict[str, str]) -> None:
    """Whatever its name."""
    assert not is_drill(database(tags), MARKER)


def test_all_drills_of_a_deployment_have_one_name() -> None:
    """RDS gives a name once: of two that begin at the same moment one is refused."""
    mine = stem(MARKER, REGION)
    assert re.fullmatch(r"rds-backup-drill-[0-9a-f]{10}-", mine)
    others = {
        stem(Marker("another", BACKUP), REGION),
        stem(Marker("rds-backup", "333333333333"), REGION),
        stem(MARKER, "eu-central-1"),
    }
    assert not {mine} & others
    longest = stem(Marker("a" * 20, BACKUP), REGION) + "99"
    assert len(member_name(longest)) <= 63
