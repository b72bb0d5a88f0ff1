"""The places in the backup account: how many are needed, and on which night there are too few."""

from collections.abc import Iterable
from copy import replace

import pytest

from rds_backup.check.answer import Answer, Level
from rds_backup.check.facts import Facts
from rds_backup.check.places import of_places
from rds_backup.model.decisions import Owned, Point, Series
from rds_backup.model.inventory import Database, Kind, Lane, Role, Side, Snapshot
from rds_backup.model.proof import Proof
from rds_backup.model.settings import Settings
from tests.support import handed_out, making
from tests.support.asked import BACKUP, one
from tests.support.made_facts import (
    NOW,
    SETTINGS,
    automated,
    by_hand,
    database,
    earlier,
    facts,
    with_places,
    with_rules,
    world,
)

THEIRS, WHO = "333333333333", "who uses the places for instance snapshots"
INSTANCES = "places for instance snapshots"
RAISE = "raise the quota in Service Quotas, delete snapshots that nobody needs, or keep fewer"
TWO = (database(), database("more"))


def asked(
    most: int,
    *databases: Database,
    backups: Iterable[Owned | Snapshot] = (),
    made: Iterable[Snapshot] | None = None,
    settings: Settings = SETTINGS,
) -> Answer:
    """What is said of the backup account where an instance has so many places."""
    seen = world(*databases, backups=backups, made=made)
    return said(facts(seen, settings), most)


def said(made: Facts, most: int = 100) -> Answer:
    """What is said of the backup account with so many places for instances."""
    found = of_places(with_places(made, most, Side.BACKUP), Side.BACKUP)
    return one(found, INSTANCES, BACKUP)


class TestInTheBackupAccount:
    """N + 1 for each database, since the new one is there first (5.3)."""

    def test_foreign_ours_and_needed_are_told_apart(self) -> None:
        """Nothing is said of a night on which it is full."""
        found = asked(100, backups=[*earlier(2), by_hand(), *earlier(1, "gone")])

        assert (Level.PASS, None) == (found.level, found.fix)
        assert (
            "4 of 100 used: 1 foreign, 3 ours, 1 of them of series not selected; "
            "needed for the selected: 1 x 4"
        ) == found.fact

    def test_the_night_is_named_on_which_there_are_too_many(self) -> None:
        """One is there: three are on the second night from now, and four on the third."""
        found = asked(3, backups=earlier(1))

        assert (Level.FAIL, RAISE) == (found.level, found.fix)
        assert found.fact.endswith(
            "needed for the selected: 1 x 4; reached in the night of 2026-03-04"
        )

    def test_as_many_as_are_needed_are_enough(self) -> None:
        """The oldest has gone before the next is made."""
        for count in range(4):
            assert Level.PASS is asked(4, backups=earlier(count)).level

    def test_each_database_has_its_own(self) -> None:
        """Neither counts the other's: twice N and one more each, and not one fewer."""
        backups = [*earlier(3), *earlier(3, "more")]

        assert Level.PASS is asked(8, *TWO, backups=backups).level
        found = asked(7, *TWO, backups=backups)
        assert found.fact.startswith("6 of 7 used: 0 foreign, 6 ours, 0 of them")
        assert found.fact.endswith("2 x 4; reached tonight")

    def test_foreign_ones_and_series_not_selected_stay(self) -> None:
        """They have their places on every night."""
        backups: list[Owned | Snapshot] = [by_hand(), *earlier(2, "gone"), *earlier(3)]

        assert Level.PASS is asked(7, backups=backups).level
        assert asked(6, backups=backups).fact.endswith("reached tonight")

    def test_a_change_of_the_key_needs_up_to_twice_as_many(self) -> None:
        """What is under the old key stays until enough is under the new one."""
        backups = earlier(3, key=making.OTHER_KEY)
        found = asked(5, backups=backups)

        need = "1 x 4, up to 1 x 6 while the key changes; reached in the night of 2026-03-04"
        assert found.fact.endswith(need)
        assert Level.PASS is asked(6, backups=backups).level
        both = asked(100, *TWO, backups=[*backups, *earlier(3, "more")])
        assert both.fact.endswith("2 x 4, up to 2 x 6 while the key changes")

    @pytest.mark.parametrize("why", ["the stack says so", "a proof is there"])
    def test_drills_need_one_place_more_for_each(self, why: str) -> None:
        """The last one restored stays beside those that count."""
        backups: list[Owned] = list(earlier(3))
        proof = Proof(NOW - making.HOUR, 40, "passed").as_tags
        if why == "a proof is there":
            tags = {**backups[0].snapshot.tags, **proof}
            backups[0] = replace(backups[0], snapshot=replace(backups[0].snapshot, tags=tags))
        made = facts(world(database(), backups=backups), SETTINGS)
        if why == "the stack says so":
            role = Role("arn", {"rds-backup:drills": "on"}, None)
            made = replace(made, there=replace(made.there, role=role))

        found = said(made, 5)
        assert Level.PASS is found.level
        assert found.fact.endswith("1 x 5 (with the last one restored of each)")
        assert Level.FAIL is said(made, 4).level

    def test_copies_that_failed_have_their_places(self) -> None:
        """They go only once a later one is done, so that tonight's has none."""
        points = [making.point(making.NIGHT - n * making.DAY) for n in (1, 2)]
        dead = [making.backup(p, attempt=2, word="failed") for p in points]

        assert asked(5, backups=[*earlier(3), *dead]).fact.endswith("1 x 4; reached tonight")
        assert Level.PASS is asked(6, backups=[*earlier(3), *dead]).level

    @pytest.mark.parametrize("word", ["available", "creating"])
    def test_tonight_s_own_backup_needs_no_second_place(self, word: str) -> None:
        """Asked at noon, or while it is being copied, the next one is tomorrow's."""
        tonight = making.backup(word=word)

        assert asked(3, backups=[tonight, *earlier(2)]).fact.endswith("night of 2026-03-03")
        assert Level.PASS is asked(4, backups=[tonight, *earlier(3)]).level

    def test_one_that_failed_tonight_is_made_again(self) -> None:
        """Whether it may be is not asked here."""
        assert asked(3, backups=[making.backup(word="failed"), *earlier(2)]).fact.endswith(
            "tonight"
        )

    def test_one_of_tonight_under_another_key_is_made_again(self) -> None:
        """It is not verified."""
        found = asked(3, backups=[making.backup(key=making.OTHER_KEY), *earlier(2)])

        assert found.fact.endswith("reached tonight")

    def test_what_a_person_keeps_has_its_places(self) -> None:
        """It is not counted among those that go."""
        kept = making.backup(
            making.point(making.NIGHT - 3 * making.DAY), tags={"rds-backup:keep": "audit"}
        )
        backups = [*earlier(2), kept]

        assert asked(4, backups=backups).fact.endswith("1 x 4; reached in the night of 2026-03-03")
        assert Level.PASS is asked(5, backups=backups).level

    def test_tonight_s_that_a_person_keeps_is_not_made_twice(self) -> None:
        """It was verified all the same."""
        kept = making.backup(tags={"rds-backup:keep": "audit"})
        found = asked(4, backups=[kept, *earlier(3)])

        assert found.fact.endswith("reached in the night of 2026-03-03")

    def test_what_cannot_be_copied_needs_no_places(self) -> None:
        """It is a failure of its own."""
        custom = database("custom", engine="custom-oracle-ee")

        assert asked(100, database(), custom).fact.endswith("needed for the selected: 1 x 4")

    def test_another_source_account_s_or_region_s_backups_are_foreign(self) -> None:
        """Under the same prefix, as the one stack there allows; they are not ours to count."""
        for account, region in (("333333333333", making.REGION), (making.SOURCE, "eu-west-2")):
            series = Series(account, region, "db-ORDERS")
            theirs: Point = making.point(of=series)
            found = asked(100, backups=[*earlier(1), making.backup(theirs)])

            assert found.fact.startswith("2 of 100 used: 1 foreign, 1 ours, 0 of them")

    def test_nobody_counts_less_than_none(self) -> None:
        """RDS may not count yet what is listed already."""
        lane = Lane(Side.BACKUP, Kind.INSTANCE)
        made = replace(facts(world(backups=earlier(1))), quotas={lane: (0, 100)})
        (found,) = of_places(made, Side.BACKUP)

        assert found.fact.startswith("0 of 100 used: 0 foreign, 1 ours")


class TestHowMany:
    """The rules of the account that expires decide how many are needed."""

    def there(self, keep: str, days: str = "0", *, expire: bool = False, **tiers: str) -> Facts:
        """The role says so, and one backup is there."""
        made = facts(world(backups=earlier(1)), with_rules(expire=expire))
        tags = {
            "rds-backup:expire-from": "backup-account",
            "rds-backup:backups-to-keep": keep,
            "rds-backup:keep-at-least-days": days,
            **{f"rds-backup:keep-{tier}": number for tier, number in tiers.items()},
        }
        role = Role(handed_out.BACKUP_ROLE, tags, None)
        return replace(made, there=replace(made.there, role=role))

    def test_the_number_there_counts_where_it_expires(self) -> None:
        """Another one here is only what is reported against."""
        assert said(self.there("5")).fact.endswith("1 x 6")
        assert said(self.there("0")).fact.endswith("1 x 2")
        assert said(self.there("50", expire=True)).fact.endswith("1 x 4")

    def test_days_that_are_kept_there_need_more_places(self) -> None:
        """KEEP_AT_LEAST_DAYS is seven there by default."""
        found = said(self.there("3", "7"), 8)

        assert Level.FAIL is found.level
        assert "1 x 9 (KEEP_AT_LEAST_DAYS is 7); reached in the night of" in found.fact
        assert Level.PASS is said(self.there("3", "7"), 9).level

    @pytest.mark.parametrize(
        ("level", "most", "end"),
        [
            (Level.PASS, 27, "at most 540 GiB"),
            (Level.WARN, 26, "at most 540 GiB; not reached within 400 nights, but later it may be"),
            (Level.FAIL, 18, "at most 540 GiB; reached in the night of 2027-01-08"),
        ],
    )
    def test_first_days_need_a_place_each(self, level: Level, most: int, end: str) -> None:
        """N and one more, and four weeks, twelve months and seven years, each counted as full."""
        made = self.there("3", weekly="4", monthly="12", yearly="7")
        (row,) = made.newest.values()
        sized = {row.resource_id or "": replace(row, allocated_gib=20)}
        found = said(replace(made, newest=sized), most)

        assert level is found.level
        assert f"1 x 27 (first days: 4 weeks, 12 months, 7 years), {end}" in found.fact
        assert found.fact.endswith(end)

    def test_where_nobody_expires_the_quota_fills(self) -> None:
        """The night is named on which it does."""
        found = said(facts(world(backups=earlier(1)), with_rules(expire=False)))

        assert Level.FAIL is found.level
        assert found.fact.endswith("reached in the night of 2026-06-09")

    def test_where_nobody_is_seen_to_expire_it_does_so_too(self) -> None:
        """More than N + 2 of one series that are older than a week."""
        assert Level.PASS is asked(100, backups=earlier(5, first=9)).level
        assert Level.FAIL is asked(100, backups=earlier(6, first=9)).level


class TestWhen:
    """A night is that of the automated snapshot that its backup is of."""

    def test_tonight_is_that_of_the_newest_snapshot_of_all(self) -> None:
        """One of them has none yet, one an old one, which counts for a day at most."""
        orders, more = TWO
        of = [automated(more, age=40 * making.HOUR)]
        full = [*earlier(2), *earlier(2, "more")]

        assert asked(7, *TWO, made=of, backups=full).fact.endswith("night of 2026-03-02")
        both = [*of, automated(orders)]
        assert asked(7, *TWO, made=both, backups=full).fact.endswith("night of 2026-03-03")

    def test_before_the_next_snapshot_tonight_is_still_the_last_one(self) -> None:
        """After midnight, say; its own backup is there."""
        orders = database()
        last = automated(orders, age=22 * making.HOUR)
        mine = making.backup(making.point(last.created_at or making.NIGHT))
        found = asked(3, orders, made=[last], backups=[mine, *earlier(2)])

        assert found.fact.endswith("reached in the night of 2026-03-02")

    def test_where_there_is_no_snapshot_it_is_now(self) -> None:
        """A new database."""
        assert asked(1, made=[]).fact.endswith("reached in the night of 2026-03-03")


class TestWhoHasThem:
    """Source accounts share the places, and IAM has no condition on a number."""

    def held(self, mine: int, theirs: int, most: int = 100, source: str | None = None) -> Facts:
        """So many of each account's; RDS may say where a copy came from."""
        series = Series(THEIRS, making.REGION, "db-THEIRS")
        points = [making.point(making.NIGHT - n * making.DAY, of=series) for n in range(theirs)]
        foreign = [making.backup(p) for p in points]
        if source:
            arn = f"arn:aws:rds:{making.REGION}:{source}:snapshot:rds-backup-x"
            foreign = [replace(b, snapshot=replace(b.snapshot, copied_from=arn)) for b in foreign]
        seen = world(backups=[*earlier(mine), *foreign, by_hand()])
        return with_places(facts(seen), most, Side.BACKUP)

    def who(self, made: Facts) -> Answer:
        """The answer on who has how many."""
        return one(of_places(made, Side.BACKUP), WHO, BACKUP)

    def test_each_is_named_with_its_number(self) -> None:
        """The one with the most first."""
        found = self.who(self.held(2, 3))

        fact = "of 100: 333333333333 has 3, 111111111111 has 2"
        assert (Level.PASS, fact, None) == (found.level, found.fact, found.fix)

    def test_where_one_has_all_nothing_is_said(self) -> None:
        """Nor of a family of which there is none."""
        for mine, theirs in ((3, 0), (0, 3), (0, 0)):
            found = of_places(self.held(mine, theirs, 4), Side.BACKUP)
            assert WHO not in {answer.question for answer in found}

    def test_more_than_half_is_a_warning_that_names_it(self) -> None:
        """Half is none yet."""
        assert Level.PASS is self.who(self.held(2, 5, 10)).level
        found = self.who(self.held(2, 6, 11))

        assert Level.WARN is found.level
        assert (found.fix or "").startswith(
            "333333333333 has more than half, and nothing limits it: "
        )

    def test_rds_is_believed_before_a_tag(self) -> None:
        """Whoever may copy writes the tags."""
        found = self.who(self.held(2, 3, source="444444444444"))

        assert "of 100: 444444444444 has 3, 111111111111 has 2" == found.fact
