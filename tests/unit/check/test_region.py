"""What another Region of the backups has to have of what a copy needs."""

from collections.abc import Mapping
from copy import replace

import pytest

from rds_backup.aws.errors import AwsError
from rds_backup.check.answer import Answer, Level
from rds_backup.check.facts import Has
from rds_backup.check.options import of_options
from rds_backup.check.region import of_region, version
from rds_backup.model.inventory import Database, Kind
from tests.support import handed_out
from tests.support.asked import BILLING, ORDERS, pasted
from tests.support.made_facts import DENIED, SETTINGS, THROTTLED, automated, database, facts, world

THERE = "eu-central-1"
ELSEWHERE = replace(SETTINGS, backup=replace(SETTINGS.backup, region=THERE))
OLD = replace(database(), engine_version="12.1", option_groups=("special",))
WANTED = (OLD.engine, "12.1")
READ_THERE = {
    "Sid": "ReadWhatTheRegionHas",
    "Effect": "Allow",
    "Action": ["rds:DescribeDBEngineVersions", "rds:DescribeOptionGroups"],
    "Resource": "*",
    "Condition": {"StringEquals": {"aws:RequestedRegion": THERE}},
}


def asked(
    offered: bool | AwsError = True,  # noqa: FBT001, FBT002 - one of the facts
    groups: Mapping[str, tuple[str, ...]] | AwsError = {"special": ()},  # noqa: B006 - read only
    of: Database = OLD,
) -> dict[str, Answer]:
    """What is said of a database, by question, where the other Region has this."""
    made = facts(world(of, made=()), ELSEWHERE)
    has = Has({(str(of.engine), str(of.engine_version)): offered}, groups)
    seen = replace(made, there=replace(made.there, has=has))
    about = ORDERS if of.kind is Kind.INSTANCE else BILLING
    return {a.question: a for a in of_region(seen, about, of)}


def test_within_one_region_nothing_is_asked() -> None:
    """Groups and versions are those of the shared copy then."""
    assert [] == [*of_region(facts(world(OLD)), ORDERS, OLD)]


def test_what_is_there_passes() -> None:
    """The version, and the group by its name."""
    assert {
        f"version in {THERE}": (Level.PASS, f"{OLD.engine} 12.1 is offered"),
        f"option group in {THERE}": (Level.PASS, "special is there, too"),
    } == {question: (a.level, a.fact) for question, a in asked().items()}


def test_a_version_that_it_lacks_fails_before_the_night() -> None:
    """RDS refuses the copy (2.27)."""
    found = asked(offered=False)[f"version in {THERE}"]
    assert (Level.FAIL, ORDERS) == (found.level, found.about)
    assert "12.1 is not offered: RDS copies no snapshot of it there" in found.fact
    assert "upgrade the database" in str(found.fix)


def test_a_group_that_it_lacks_fails_and_is_named() -> None:
    """It has to be made there, under the same name (2.20)."""
    found = asked(groups={"another": ()})[f"option group in {THERE}"]
    assert Level.FAIL is found.level
    assert "has no option group special there: RDS refuses the copy" in found.fact
    assert "make one of this name there, with the options that it has here" == found.fix


@pytest.mark.parametrize("error", [DENIED, THROTTLED])
def test_what_the_role_may_not_read_is_a_warning(error: AwsError) -> None:
    """With the one statement, where it is missing, and what else that stack then lacks."""
    found = asked(error, error)
    assert [f"version in {THERE}", f"option group in {THERE}: special"] == [*found]
    assert {Level.WARN} == {a.level for a in found.values()}
    paste = [(handed_out.TO_BACKUP_ROLE, READ_THERE)] if error is DENIED else []
    assert [paste, paste] == [pasted(a) for a in found.values()]
    named = [
        "name eu-west-1 in SourceRegions of the backup account's stack" in str(a.fix)
        for a in found.values()
    ]
    assert [error is DENIED] * 2 == named


def test_a_cluster_has_no_option_group() -> None:
    """Aurora has none; its version is asked for."""
    cluster = replace(database("billing", Kind.CLUSTER), engine_version="16.4")
    assert [f"version in {THERE}"] == [*asked(of=cluster)]


def test_the_version_is_that_of_the_snapshot_to_be_copied() -> None:
    """A database may have been upgraded since; what RDS does not say is not asked for."""
    newest = replace(automated(OLD), engine_version="11.9")
    assert (OLD.engine, "11.9") == version(OLD, newest)
    assert WANTED == version(OLD, None)
    assert version(replace(OLD, engine_version=""), None) is None


def test_a_time_zone_is_named_to_the_other_region() -> None:
    """Within one Region nothing is named, and the copy fails (12); if this does is not said."""
    made = replace(facts(world(OLD), ELSEWHERE), option_groups={"special": ("Timezone",)})
    (found,) = of_options(made, ORDERS, OLD)
    assert Level.WARN is found.level
    assert "in BACKUP_REGION the same option" in str(found.fix)
