"""Snapshots that bear our marker and are not ours, or nobody's any more."""

from collections.abc import Iterable, Mapping
from copy import replace

import pytest

from rds_backup.check.answer import Answer, Level
from rds_backup.check.others import of_others
from rds_backup.model.decisions import Owned
from rds_backup.model.inventory import Kind, Lane, Side, Snapshot
from rds_backup.model.world import World
from tests.support import making
from tests.support.asked import not_well, one
from tests.support.made_facts import (
    SETTINGS,
    database,
    facts,
    undatabased,
    unlisted,
    unread,
    world,
)

OTHERS = "other snapshots"
PREFIX, ANOTHER = "under another prefix", "another deployment's"
LOOKS_LIKE, SECOND, LEFT = "marked, but not ours", "a second deployment here", "series not selected"
LYING = "shared copies left"
MANAGED_BY = "rds-backup:managed-by"
BACKUP_ACCOUNT, KMS_KEY = "rds-backup:backup-account", "rds-backup:kms-key"
EARLIER = making.point(making.NIGHT - making.DAY)


def tagged(of: Owned, *without: str, **tags: str) -> Snapshot:
    """A copy whose tags were changed by somebody, ``managed_by`` and the like; some are gone."""
    changed = {f"rds-backup:{name.replace('_', '-')}": value for name, value in tags.items()}
    found = {k: v for k, v in of.snapshot.tags.items() if k not in without}
    return replace(of.snapshot, tags=found | changed)


def asked(
    *, backups: Iterable[Owned | Snapshot] = (), shared: Iterable[Owned | Snapshot] = ()
) -> list[Answer]:
    """What is said where these are there."""
    return [*of_others(facts(world(backups=backups, shared=shared)))]


def test_where_all_are_ours_nothing_is_said() -> None:
    """And each question was asked."""
    found = asked(backups=[making.backup(EARLIER)], shared=[making.shared()])

    assert {PREFIX: "none", ANOTHER: "none of the selected databases", LOOKS_LIKE: "none"} | {
        SECOND: "no sign of one",
        LEFT: "none",
        LYING: "none",
    } == {a.question: a.fact for a in found}
    assert {OTHERS} == {a.about for a in found}
    assert set() == not_well(found)


class TestOtherDeployments:
    """Another prefix, or another backup account."""

    def test_snapshots_under_another_prefix_are_counted(self) -> None:
        """Made before the prefix was changed, or another deployment's; of these very databases."""
        settings = replace(SETTINGS, backup=replace(SETTINGS.backup, prefix="vault"))
        seen = world(backups=[making.backup(), making.backup(EARLIER)], shared=[making.shared()])
        found = [*of_others(facts(seen, settings))]

        prefixes = [a for a in found if a.question == PREFIX]
        assert [
            "2 under the prefix rds-backup in the backup account, neither counted nor deleted",
            "1 under the prefix rds-backup in the source account, neither counted nor deleted",
        ] == [a.fact for a in prefixes]
        assert {Level.WARN} == {a.level for a in prefixes}
        assert (
            "delete them by hand, or leave them: another deployment's, or made before "
            "SNAPSHOT_PREFIX was changed"
        ) == prefixes[0].fix
        another = one(found, ANOTHER)
        expected = "3 of orders, under the prefix rds-backup for the backup account 222222222222"
        assert (Level.WARN, expected) == (another.level, another.fact)
        assert str(another.fix).startswith("stop one of the two deployments")
        assert {("warn", OTHERS, PREFIX), ("warn", OTHERS, ANOTHER)} == not_well(found)

    def test_another_backup_account_is_another_deployment(self) -> None:
        """Its shared copies are in this source account, under the same prefix."""
        found = asked(shared=[tagged(making.shared(), backup_account="333333333333")])

        assert {("warn", OTHERS, ANOTHER)} == not_well(found)
        expected = "1 of orders, under the prefix rds-backup for the backup account 333333333333"
        assert expected == one(found, ANOTHER).fact

    def test_each_is_counted_by_itself(self) -> None:
        """By database, prefix and account, in that order."""
        copies = [
            tagged(making.shared(), managed_by="vault"),
            tagged(making.shared(EARLIER), backup_account="333333333333"),
            tagged(making.shared(EARLIER), managed_by="attic"),
        ]
        found = [a.fact for a in asked(shared=copies) if a.question == ANOTHER]

        under = "1 of orders, under the prefix {} for the backup account {}"
        ours = making.BACKUP
        expected = [("attic", ours), ("rds-backup", "333333333333"), ("vault", ours)]
        assert [under.format(*whose) for whose in expected] == found

    def test_one_without_the_account_is_one_too(self) -> None:
        """Whose it is cannot be told."""
        found = asked(shared=[tagged(making.shared(), BACKUP_ACCOUNT)])

        assert {("warn", OTHERS, ANOTHER)} == not_well(found)
        assert one(found, ANOTHER).fact.endswith("for the backup account no account")

    def test_of_a_database_that_is_not_selected_it_is_no_other_deployment(self) -> None:
        """That one may well back it up."""
        theirs = making.backup(making.point(database="theirs"))
        found = asked(backups=[tagged(theirs, managed_by="vault")])

        assert {("warn", OTHERS, PREFIX)} == not_well(found)

    def test_another_source_account_s_backups_are_nobody_s_business(self) -> None:
        """One backup account may serve several, with prefixes of their own."""
        arn = EARLIER.source_arn.replace(making.SOURCE, "333333333333")
        theirs = tagged(making.backup(EARLIER), managed_by="vault", source_snapshot=arn)

        assert set() == not_well(asked(backups=[theirs]))

    @pytest.mark.parametrize("tags", [{MANAGED_BY: "vault"}, {MANAGED_BY: "vault", "a": "b"}])
    def test_a_marked_snapshot_without_the_other_tags_is_said(
        self, tags: Mapping[str, str]
    ) -> None:
        """Whose it is cannot be told: it is not taken for another account's."""
        half = replace(making.backup(EARLIER).snapshot, tags=tags)

        assert {("warn", OTHERS, PREFIX)} == not_well(asked(backups=[half]))

    def test_a_person_s_own_snapshots_are_nobody_s_business(self) -> None:
        """They bear no marker."""
        by_hand = replace(making.backup(EARLIER).snapshot, tags={"rds-backup:keep": "audit"})

        assert set() == not_well(asked(backups=[by_hand], shared=[by_hand]))


class TestLookAlikes:
    """A restored database hands our tags on to a person's snapshots."""

    def looks(self, *names: str, side: Side = Side.BACKUP) -> list[Answer]:
        """What is said where our tags are on snapshots with these names."""
        strange = [replace(making.backup(EARLIER).snapshot, identifier=n) for n in names]
        if side is Side.SOURCE:
            return asked(shared=strange)
        return asked(backups=strange)

    @pytest.mark.parametrize("side", Side)
    def test_a_marked_snapshot_with_another_name_is_one(self, side: Side) -> None:
        """In either account."""
        found = self.looks("by-hand", side=side)
        answer = one(found, LOOKS_LIKE)

        assert {("warn", OTHERS, LOOKS_LIKE)} == not_well(found)
        assert "by-hand: the name does not match the tags" == answer.fact
        fix = "delete them by hand, or leave them: rds-backup neither touches nor counts them"
        assert fix == answer.fix

    def test_three_of_them_are_named(self) -> None:
        """In order, and the others are counted."""
        three, five = self.looks("c", "a", "b"), self.looks("e", "c", "a", "b", "d")

        assert one(three, LOOKS_LIKE).fact.startswith("a, b, c: the name")
        assert one(five, LOOKS_LIKE).fact.startswith("a, b, c and 2 more: the name")


class TestASecondDeployment:
    """With the same prefix they would finish and delete each other's copies."""

    def test_another_sharing_key_is_the_sign_of_one(self) -> None:
        """KMS_KEY_ID was changed, or somebody else asked for the copy."""
        found = asked(shared=[making.shared(key=making.OTHER_KEY), making.shared(EARLIER)])
        answer = one(found, SECOND)

        assert {("warn", OTHERS, SECOND)} == not_well(found)
        assert "shared copies made for another sharing key than KMS_KEY_ID: 1" == answer.fact
        assert str(answer.fix).startswith("if KMS_KEY_ID was not changed, stop the second")

    def test_a_shared_copy_that_does_not_say_its_key_is_no_sign_of_one(self) -> None:
        """A tag can be taken off; the rest of its tags make it ours."""
        assert Level.PASS is one(asked(shared=[tagged(making.shared(), KMS_KEY)]), SECOND).level

    def test_backups_are_under_another_key_anyhow(self) -> None:
        """And what is not ours is no sign of anything."""
        strange = replace(making.shared(key=making.OTHER_KEY).snapshot, identifier="by-hand")
        found = asked(backups=[making.backup()], shared=[strange])

        assert Level.PASS is one(found, SECOND).level

    @pytest.mark.parametrize("kind", Kind)
    def test_what_was_not_read_may_be_one(self, kind: Kind) -> None:
        """Of the source account; the backup account tells nothing of it."""
        seen = world(database(), database("billing", Kind.CLUSTER), shared=[making.shared()])
        for blind, level in (
            (unlisted(seen, Lane(Side.SOURCE, kind)), Level.WARN),
            (unlisted(seen, Lane(Side.BACKUP, kind)), Level.PASS),
            (replace(seen, sharing_key=unread()), Level.WARN),
        ):
            answer = one(of_others(facts(blind)), SECOND)
            assert level is answer.level
            assert (level is Level.WARN) is answer.fact.startswith("cannot tell: ")


class TestWhatWasNotSeen:
    """No snapshot is said not to be there that nobody could see."""

    @pytest.mark.parametrize("kind", Kind)
    @pytest.mark.parametrize("side", Side)
    def test_a_listing_that_was_not_read_may_hold_anything(self, side: Side, kind: Kind) -> None:
        """Of either family, in either account."""
        found = of_others(facts(unlisted(world(), Lane(side, kind))))

        here = {("warn", OTHERS, SECOND)} if side is Side.SOURCE else set()
        expected = {("warn", OTHERS, q) for q in (PREFIX, ANOTHER, LOOKS_LIKE, LEFT, LYING)}
        assert expected | here == not_well(found)

    @pytest.mark.parametrize(
        "seen",
        [undatabased(world(), Kind.INSTANCE), replace(world(), backup_key=unread())],
        ids=["databases", "backup key"],
    )
    def test_without_a_full_look_nothing_is_said_to_be_selected(self, seen: World) -> None:
        """Whose snapshots these are is not known; how they are marked is."""
        found = of_others(facts(seen))

        assert {("warn", OTHERS, q) for q in (ANOTHER, LEFT, LYING)} == not_well(found)

    def test_what_was_found_is_said_all_the_same(self) -> None:
        """In what could be read."""
        seen = world(backups=[tagged(making.backup(), managed_by="vault")])
        found = [*of_others(facts(unlisted(seen, Lane(Side.BACKUP, Kind.CLUSTER))))]

        assert one(found, PREFIX).fact.startswith("1 under the prefix vault in the backup account")
        assert one(found, ANOTHER).fact.startswith("1 of orders, under the prefix vault")


class TestSeriesNotSelected:
    """They stay for ever, and cost."""

    def test_series_whose_database_is_not_selected_are_named(self) -> None:
        """Each with how many backups of it count."""
        left = making.point(database="left")
        before = making.point(making.NIGHT - making.DAY, "left")
        backups = [making.backup(left), making.backup(before), making.backup(EARLIER)]
        found = asked(backups=backups)
        answer = one(found, LEFT)

        assert {("warn", OTHERS, LEFT)} == not_well(found)
        assert "left (instance db-LEFT), verified backups: 2" == answer.fact
        assert str(answer.fix).startswith("select its database again, or delete them")

    def test_narrowed_to_some_they_are_said_all_the_same(self) -> None:
        """They concern the account."""
        seen = world(backups=[making.backup(making.point(database=n)) for n in ("a", "b")])
        found = [a for a in of_others(facts(seen, only=["orders"])) if a.question == LEFT]

        assert ["a (instance db-A)", "b (instance db-B)"] == [
            a.fact.partition(",")[0] for a in found
        ]


class TestSharedCopiesLeft:
    """A copy under another key, of a point that can go no further: a person has to know of it."""

    @pytest.mark.parametrize("kind", Kind)
    def test_it_is_named_with_the_commands_to_delete_it(self, kind: Kind) -> None:
        """In its own account, and of its own family; nothing deletes it by itself."""
        of = making.point(EARLIER.taken_at, "gone", kind)
        other = making.shared(of, key=making.OTHER_KEY)
        found = asked(shared=[other, making.shared(of, 2, word="failed")])
        answer = one(found, LYING)

        name, noun = other.snapshot.identifier, "cluster-" if kind is Kind.CLUSTER else ""
        assert "warn" == answer.level
        assert answer.fact.startswith(
            f"{name} of gone, under {making.OTHER_KEY} and not KMS_KEY_ID"
        )
        assert f"= {making.SOURCE} && aws rds delete-db-{noun}snapshot " in str(answer.fix)
        assert f"--db-{noun}snapshot-identifier {name}" in str(answer.fix)

    def test_one_that_is_going_or_under_way_is_not_said_to_be_left(self) -> None:
        """A failed one is deleted, one under the sharing key is finished."""
        of = making.point(EARLIER.taken_at, "gone")
        for copy in (making.shared(of), making.shared(of, word="failed")):
            assert "none" == one(asked(shared=[copy]), LYING).fact
