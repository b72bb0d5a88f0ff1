"""Who expires backups, by which number, and whether it shows that nobody does."""

from collections.abc import Mapping
from copy import replace
from datetime import timedelta

import pytest

from rds_backup.check.answer import Level
from rds_backup.check.expiring import nobody_expires, of_expiry, rules_that_count
from rds_backup.check.facts import Facts
from rds_backup.model.decisions import Owned
from rds_backup.model.inventory import Kind, Lane, Role, Side
from rds_backup.model.settings import Rules
from rds_backup.model.world import World
from tests.support import handed_out, making
from tests.support.asked import not_well, one
from tests.support.made_facts import (
    DENIED,
    database,
    facts,
    undatabased,
    unlisted,
    with_rules,
    world,
)

AGREE, NUMBER, OLD = "both settings agree", "number to keep", "old backups are deleted"
HERE = {"rds-backup:expire-from": "source-account"}
THERE = {
    "rds-backup:expire-from": "backup-account",
    "rds-backup:backups-to-keep": "3",
    "rds-backup:keep-at-least-days": "0",
}
WEEK = timedelta(days=7)


def tagged(
    tags: Mapping[str, str], seen: World | None = None, days: int = 0, *, expire: bool = False
) -> Facts:
    """The role bears these tags; here three are kept, and so many days."""
    made = facts(seen, with_rules(3, days, expire=expire))
    role = Role(handed_out.BACKUP_ROLE, tags, None)
    return replace(made, there=replace(made.there, role=role))


def old(
    count: int,
    name: str = "orders",
    age: timedelta = WEEK + making.HOUR,
    tags: Mapping[str, str] | None = None,
    key: str = making.BACKUP_KEY,
) -> list[Owned]:
    """Backups of a database, one a night; the youngest was made so long ago."""
    made_at = making.NIGHT + making.HOUR - age
    return [
        making.backup(
            making.point(made_at - making.HOUR - n * making.DAY, name),
            key=key,
            created_at=made_at - n * making.DAY,
            tags=tags,
        )
        for n in range(count)
    ]


class TestWho:
    """Both stacks have to agree."""

    @pytest.mark.parametrize(
        ("tags", "expire", "level", "fact"),
        [
            (HERE, True, "pass", "this function, through the role"),
            (THERE, False, "pass", "the backup account itself"),
            (
                THERE,
                True,
                "fail",
                "this function is set to delete old backups, but the role",
            ),
            (HERE, False, "fail", "each account leaves it to the other: nothing deletes"),
            (
                {},
                True,
                "warn",
                f"cannot tell: {handed_out.BACKUP_ROLE} has no readable tag rds-backup:",
            ),
            ({"rds-backup:expire-from": "nobody"}, False, "warn", "cannot tell: "),
        ],
    )
    def test_the_settings_are_compared(
        self,
        tags: dict[str, str],
        expire: bool,  # noqa: FBT001
        level: str,
        fact: str,
    ) -> None:
        """The other stack's stand as tags on the role."""
        found = one(of_expiry(tagged(tags, expire=expire)), AGREE, "expiry")

        fix = {
            "pass": None,
            "fail": "deploy both stacks with the same ExpireFrom",
            "warn": "deploy backup-account.yaml, which tags it; EXPIRE_BACKUPS here is "
            f"{str(expire).lower()}",
        }
        assert (level, fix[level]) == (found.level, found.fix)
        assert found.fact.startswith(fact)

    @pytest.mark.parametrize("role", [DENIED, None], ids=["denied", "not asked"])
    def test_a_role_that_was_not_read_is_not_told(self, role: None) -> None:
        """Nothing is known of the other stack, and nothing held against it."""
        made = tagged({}, expire=True)
        found = [*of_expiry(replace(made, there=replace(made.there, role=role)))]

        assert {("warn", "expiry", AGREE)} == not_well(found)
        assert not nobody_expires(made)

    @pytest.mark.parametrize(
        ("tags", "expire", "nobody"),
        [(HERE, False, True), (HERE, True, False), (THERE, False, False), (THERE, True, False)],
    )
    def test_nobody_expires_where_each_leaves_it_to_the_other(
        self,
        tags: dict[str, str],
        expire: bool,  # noqa: FBT001
        nobody: bool,  # noqa: FBT001
    ) -> None:
        """Or where what should be gone is there."""
        assert nobody is nobody_expires(tagged(tags, expire=expire))
        assert nobody_expires(tagged(tags, world(backups=old(6)), expire=expire))


class TestTheNumber:
    """The number that counts is that of the account that expires."""

    @pytest.mark.parametrize(
        ("given", "keep", "days"),
        [
            ({}, 3, 0),
            ({"rds-backup:backups-to-keep": "5"}, 5, 0),
            ({"rds-backup:keep-at-least-days": "7"}, 3, 7),
            ({"rds-backup:backups-to-keep": "0"}, 1, 0),
            ({"rds-backup:backups-to-keep": "many"}, 3, 0),
            ({"rds-backup:backups-to-keep": "\u0665"}, 3, 0),
            ({"rds-backup:keep-at-least-days": "-1"}, 3, 30),
        ],
        ids=str,
    )
    def test_it_is_read_from_the_role(self, given: dict[str, str], keep: int, days: int) -> None:
        """As far as it can be read: one is kept at least, and a person can tag it anyhow."""
        made = tagged(THERE | given, days=30)

        assert Rules(keep, timedelta(days=days)) == rules_that_count(made)

    def test_the_tiers_are_those_of_the_role_and_none_where_it_has_none(self) -> None:
        """A stack of 0.1.0 has no such tags, and keeps none."""
        rules = Rules(3, timedelta(0), 4, 12, 7)
        tiers = {"weekly": "2", "monthly": "many"}
        made = tagged(THERE | {f"rds-backup:keep-{tier}": n for tier, n in tiers.items()})
        backup = replace(made.settings.backup, rules=rules)
        made = replace(made, settings=replace(made.settings, backup=backup))

        assert Rules(3, timedelta(0), 2, 0, 0) == rules_that_count(made)
        found = one(of_expiry(made), NUMBER)
        assert (Level.WARN, "set the same number in both stacks") == (found.level, found.fix)
        assert (
            "KEEP_WEEKLY is 2 in the backup account, which decides, and 4 here; "
            "KEEP_MONTHLY is 0 in the backup account, which decides, and 12 here; "
            "KEEP_YEARLY is 0 in the backup account, which decides, and 7 here"
        ) == found.fact

    def test_tiers_that_agree_are_told(self) -> None:
        """And their days are not taken for backups that nobody deletes."""
        seen = world(backups=old(9))
        made = tagged(THERE | {"rds-backup:keep-weekly": "4"}, seen)
        backup = replace(made.settings.backup, rules=Rules(3, timedelta(0), 4))
        made = replace(made, settings=replace(made.settings, backup=backup))

        found = one(of_expiry(made), NUMBER)
        assert (Level.PASS, "3 in both stacks; first days: 4 weeks, 0 months, 0 years") == (
            found.level,
            found.fact,
        )
        assert Level.PASS is one(of_expiry(made), OLD).level
        more = tagged(THERE | {"rds-backup:keep-weekly": "4"}, world(backups=old(10)))
        assert Level.FAIL is one(of_expiry(more), OLD).level

    @pytest.mark.parametrize(("tags", "expire"), [(THERE, True), (HERE, False), ({}, False)])
    def test_where_the_role_does_not_expire_its_numbers_count_for_nothing(
        self,
        tags: dict[str, str],
        expire: bool,  # noqa: FBT001
    ) -> None:
        """They are those of a stack that does not expire, and are not compared."""
        fifty = {"rds-backup:backups-to-keep": "50", "rds-backup:keep-at-least-days": "50"}
        made = tagged(fifty | tags | fifty, expire=expire)

        assert Rules(3, timedelta(0)) == rules_that_count(made)
        assert NUMBER not in [a.question for a in of_expiry(made)]

    @pytest.mark.parametrize(
        ("keep", "level", "fact", "fix"),
        [
            ("3", "pass", "3 in both stacks", None),
            (
                "5",
                "warn",
                "BACKUPS_TO_KEEP is 5 in the backup account, which decides, and 3 here",
                "set the same number in both stacks",
            ),
            (
                "many",
                "warn",
                (
                    f"cannot tell: {handed_out.BACKUP_ROLE} has no readable tag "
                    "rds-backup:backups-to-keep"
                ),
                "deploy backup-account.yaml, which tags it",
            ),
        ],
    )
    def test_it_is_compared_with_the_one_here(
        self, keep: str, level: str, fact: str, fix: str | None
    ) -> None:
        """Another one here is only what is reported against."""
        found = one(of_expiry(tagged(THERE | {"rds-backup:backups-to-keep": keep})), NUMBER)

        assert (level, fact, fix) == (found.level, found.fact, found.fix)


class TestOldBackups:
    """What nobody deletes shows, whatever the settings say."""

    def level(self, *backups: Owned, days: int = 0) -> Level:
        """How it is to be taken that these are there."""
        return one(of_expiry(tagged(HERE, world(backups=backups), days, expire=True)), OLD).level

    def test_more_than_are_kept_and_two_to_spare_mean_that_nobody_expires(self) -> None:
        """Of one series, older than a week."""
        assert Level.PASS is self.level(*old(5))
        assert Level.FAIL is self.level(*old(6))

    def test_a_flood_of_one_day_is_one_day(self) -> None:
        """It is kept as one, so that it does not mean that nobody expires."""
        (last,) = old(1)
        flood = [making.backup(last.point, n) for n in range(2, 40)]
        assert Level.PASS is self.level(*old(5), *flood)

    def test_they_are_named_and_counted(self) -> None:
        """In order, with what would be left."""
        seen = world(backups=[*old(7), *old(6, "billing"), *old(5, "more")])
        found = one(of_expiry(tagged(HERE, seen, expire=True)), OLD, "expiry")

        assert (
            "old backups are not deleted: more than 5 days have verified backups older than 7 days "
            "(billing: 6, orders: 7)"
        ) == found.fact
        assert str(found.fix).startswith("make sure that the function that deletes them runs")

    def test_none_are_there_is_said_with_the_numbers(self) -> None:
        """Days that are kept count where they are more than a week."""
        found = one(of_expiry(tagged(HERE, days=30, expire=True)), OLD)

        fact = "no series has more than 5 days with verified backups older than 30 days"
        assert (Level.PASS, fact) == (found.level, found.fact)

    def test_they_have_to_be_older_than_a_week(self) -> None:
        """To the hour; younger ones may be waiting for the next expiry."""
        assert Level.FAIL is self.level(*old(6, age=WEEK + making.HOUR / 60))
        assert Level.PASS is self.level(*old(6, age=WEEK))

    @pytest.mark.parametrize(("days", "level"), [(30, Level.PASS), (8, Level.PASS), (3, "fail")])
    def test_backups_that_have_to_stay_for_days_are_not_held_against_anybody(
        self, days: int, level: str
    ) -> None:
        """Older than a week, and than KEEP_AT_LEAST_DAYS, if that is longer."""
        assert level == self.level(*old(6), days=days)

    def test_what_a_person_keeps_is_not_held_against_anybody(self) -> None:
        """Tagged ones stay on purpose."""
        kept = old(6, tags={"rds-backup:keep": "audit"})

        assert Level.PASS is self.level(*kept)
        assert Level.PASS is self.level(*kept[:1], *old(6)[1:])

    def test_what_is_not_verified_is_not_held_against_anybody(self) -> None:
        """Of another key, say: it stays until enough are newer."""
        assert Level.PASS is self.level(*old(6, key=making.OTHER_KEY))

    def test_two_series_are_not_added_up(self) -> None:
        """Each has its own number."""
        assert Level.PASS is self.level(*old(5), *old(5, "more"))

    def test_the_number_there_counts(self) -> None:
        """It is the backup account that expires."""
        five = THERE | {"rds-backup:backups-to-keep": "5"}

        assert Level.PASS is one(of_expiry(tagged(five, world(backups=old(7)))), OLD).level
        assert Level.FAIL is one(of_expiry(tagged(five, world(backups=old(8)))), OLD).level

    def test_a_family_that_was_not_seen_is_not_told(self) -> None:
        """A hoard may be in it."""
        both = world(database(), database("billing", Kind.CLUSTER))
        for seen in (
            unlisted(both, Lane(Side.BACKUP, Kind.CLUSTER)),
            undatabased(both, Kind.CLUSTER),
        ):
            assert {("warn", "expiry", OLD)} == not_well(of_expiry(tagged(HERE, seen, expire=True)))
