"""Options and TDE with which RDS refuses to share a database's snapshots."""

from collections.abc import Mapping
from copy import replace

import pytest

from rds_backup.aws.errors import AwsError
from rds_backup.check.answer import Answer, Level
from rds_backup.check.options import of_options, own_groups
from rds_backup.model.inventory import Database, Kind
from tests.support import handed_out
from tests.support.asked import ORDERS, pasted
from tests.support.made_facts import DENIED, automated, database, facts, world

SPECIAL = replace(database(), option_groups=("special",))
AWAY = "its snapshots cannot be shared: remove the option, or use AWS Backup"


def asked(groups: Mapping[str, tuple[str, ...]] | AwsError, of: Database = SPECIAL) -> list[Answer]:
    """What is said of a database where the option groups have these lasting options."""
    return [*of_options(replace(facts(world(of)), option_groups=groups), ORDERS, of)]


@pytest.mark.parametrize(
    ("lasting", "level", "fact", "fix"),
    [
        ((), "pass", "special has no permanent or persistent option", None),
        (("TDE",), "fail", "special has TDE, permanent or persistent", AWAY),
        (("Timezone", "TDE"), "fail", "special has TDE, Timezone, permanent or persistent", AWAY),
        (("Timezone",), "fail", "special has Timezone,", "use AWS Backup: RDS copies its shared"),
        (("OLS", "Timezone"), "fail", "special has OLS, ", "use AWS Backup: RDS copies its shared"),
    ],
)
def test_lasting_options_forbid_it(
    lasting: tuple[str, ...], level: str, fact: str, fix: str | None
) -> None:
    """A time zone can be shared, and copied only with an option group that has it, too (12)."""
    (found,) = asked({"special": lasting, "another": ("TDE",)})

    assert (ORDERS, "options", level) == (found.about, found.question, found.level)
    assert found.fact.startswith(fact)
    assert (found.fix or "").startswith(fix or "")
    assert (fix is None) is (found.fix is None)


def test_a_group_that_is_not_listed_is_not_told() -> None:
    """It may be anything."""
    (found,) = asked({"another": ()})

    assert (Level.WARN, "cannot tell: no option group special") == (found.level, found.fact)


def test_groups_that_may_not_be_read_get_the_statement() -> None:
    """Then it cannot be told."""
    (found,) = asked(DENIED)

    assert Level.WARN is found.level
    assert found.fact.startswith("cannot tell: DescribeThings")
    assert [(handed_out.TO_FUNCTION, handed_out.OPTION_GROUPS)] == pasted(found)


def test_default_groups_are_nothing_to_ask_about() -> None:
    """They have none that lasts; whether groups may be read is no matter then."""
    (found,) = asked(DENIED, replace(database(), option_groups=("default:mysql-8-4",)))

    assert (Level.PASS, "no option group of its own") == (found.level, found.fact)


def test_a_certificate_for_tde_forbids_it() -> None:
    """As RDS shows it on the instance itself."""
    (found,) = asked({"special": ()}, replace(SPECIAL, tde=True))

    assert (Level.FAIL, "Transparent Data Encryption") == (found.level, found.fact)
    assert str(found.fix).startswith("its snapshots cannot be shared: use AWS Backup")


def test_a_cluster_is_not_asked() -> None:
    """Aurora has no options."""
    assert [] == asked({}, replace(database("billing", Kind.CLUSTER), tde=True))


def test_each_group_is_asked_about() -> None:
    """Of the database and of its newest snapshot: it may have gone back to the default since."""
    orders = replace(database(), option_groups=("b", "default:oracle-ee", "a"))
    newest = replace(automated(orders), option_group="c")

    assert ["a", "b", "c"] == own_groups(orders, newest)
    assert ["a", "b"] == own_groups(orders, replace(newest, option_group=None))
    assert ["a", "b"] == own_groups(orders, replace(newest, option_group="default:oracle-ee"))
    assert ["a", "b"] == own_groups(orders, None)
    assert ["c"] == own_groups(replace(orders, option_groups=()), newest)
    many = tuple("hgfedcba")
    assert [*"abcdefgh"] == own_groups(replace(orders, option_groups=many), None)


def test_the_snapshot_s_group_counts_too() -> None:
    """It is the snapshot that is shared; another database's is its own."""
    orders, more = database(), database("more")
    made = [replace(automated(orders), option_group="special"), automated(more)]
    seen = replace(facts(world(orders, more, made=made)), option_groups={"special": ("TDE",)})

    assert [Level.FAIL] == [a.level for a in of_options(seen, ORDERS, orders)]
    assert [Level.PASS] == [a.level for a in of_options(seen, "more", more)]


def test_one_group_that_is_well_does_not_help_another() -> None:
    """Each has an answer of its own."""
    found = asked({"a": (), "b": ("TDE",)}, replace(database(), option_groups=("a", "b")))

    assert [Level.PASS, Level.FAIL] == [a.level for a in found]
