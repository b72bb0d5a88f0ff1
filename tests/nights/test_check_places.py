"""`check` on the places for snapshots, on who expires, and on what is marked and not ours."""

from datetime import datetime

import pytest

from rds_backup.model.decisions import Point, Series
from rds_backup.model.identity import identifier
from rds_backup.model.inventory import Kind
from sandbox import Sandbox
from sandbox.serving.lambda_runtime import Function
from tests.support.check_answers import BACKUP, ORDERS, SOURCE, Answers, checked
from tests.support.playing import DAY, NIGHT, automated, backups, nights, play, shared_copies

TAGS = {"backup": "nightly"}
PLACES, OTHERS = "places for instance snapshots", "other snapshots"
HERE = {"rds-backup:expire-from": "source-account"}
THERE = {
    "rds-backup:expire-from": "backup-account",
    "rds-backup:backups-to-keep": "3",
    "rds-backup:keep-at-least-days": "0",
}
KEEP = {"BACKUPS_TO_KEEP": "3"}


@pytest.fixture
def aws(aws: Sandbox) -> Sandbox:
    """An instance, before its first night."""
    aws.add_instance("orders", engine="postgres", kms_key="aws/rds", tags=TAGS)
    return aws


def after(aws: Sandbox, count: int, **environment: str) -> None:
    """Some nights later, with the next one's automated snapshots."""
    given = {"DB_TAG": "backup=nightly", **KEEP, **environment}
    nights(aws, Function(aws, aws.environment(**given)), count)
    automated(aws, NIGHT + count * DAY)
    aws.clock.move_to(NIGHT + count * DAY)


class TestPlaces:
    """100 manual snapshots of each family, Region and account by default (5.1)."""

    def test_foreign_ours_and_needed_are_told_apart(self, aws: Sandbox) -> None:
        """N + 1 for each database, since the new one is there first (5.3)."""
        after(aws, 2)
        aws.add_manual("by-hand", of="orders", account=aws.backup)
        aws.add_manual("by-hand", of="orders")

        found = checked(aws, **KEEP)
        assert found.one(BACKUP, PLACES)["fact"] == (
            "3 of 100 used: 1 foreign, 2 ours, 0 of them of series not selected; "
            "needed for the selected: 1 x 4"
        )
        assert found.one(SOURCE, PLACES)["fact"] == (
            "1 of 100 used: 1 foreign, 0 ours; needed for ours: 1"
        )
        assert found.not_well() == set()

    def test_the_night_is_named_on_which_there_are_too_many(self, aws: Sandbox) -> None:
        """It is the night on which the function is refused."""
        after(aws, 1)
        aws.backup.limits.manual["instance"] = 3
        found = checked(aws, **KEEP)

        assert found.not_well() == {("fail", BACKUP, PLACES)}
        assert "reached in the night of 2026-03-05" in found.one(BACKUP, PLACES)["fact"]
        function = Function(aws, aws.environment(DB_TAG="backup=nightly", **KEEP))
        errors = []
        for number in range(1, 4):
            night = NIGHT + number * DAY
            automated(aws, night)
            errors.append(any(i.error for i in play(function, night, hours=1.5)))
        assert errors == [False, False, True]

    def test_as_many_as_are_needed_are_enough(self, aws: Sandbox) -> None:
        """And no night is refused."""
        after(aws, 1)
        aws.backup.limits.manual["instance"] = 4

        assert checked(aws, **KEEP).not_well() == set()
        function = Function(aws, aws.environment(DB_TAG="backup=nightly", **KEEP))
        for number in range(1, 6):
            night = NIGHT + number * DAY
            automated(aws, night)
            assert not any(i.error for i in play(function, night, hours=1.5))

    def test_each_database_has_its_own(self, aws: Sandbox) -> None:
        """Neither counts the other's: twice N and one more each, and not one fewer."""
        aws.add_instance("more", engine="postgres", kms_key="aws/rds", tags=TAGS)
        after(aws, 3)
        aws.backup.limits.manual["instance"] = 8
        assert checked(aws, **KEEP).not_well() == set()
        aws.backup.limits.manual["instance"] = 7

        fact = checked(aws, **KEEP).one(BACKUP, PLACES)["fact"]
        assert "6 of 7 used" in fact
        assert fact.endswith("2 x 4; reached tonight")

    def test_tonight_may_be_the_night(self, aws: Sandbox) -> None:
        """The vault is full already."""
        after(aws, 3)
        aws.backup.limits.manual["instance"] = 3

        assert "reached tonight" in checked(aws, **KEEP).one(BACKUP, PLACES)["fact"]

    def test_a_change_of_the_key_needs_up_to_twice_as_many(self, aws: Sandbox) -> None:
        """What is under the old key stays until enough is under the new one."""
        after(aws, 3)
        new = aws.keys.create(aws.backup.id)
        aws.keys.set_policy(new, aws.keys.policy(aws.backup_key))
        aws.backup.limits.manual["instance"] = 5
        found = checked(aws, BACKUP_KMS_KEY_ID=new, **KEEP)

        assert found.level(BACKUP, PLACES) == "fail"
        assert "up to 1 x 6 while the key changes" in found.one(BACKUP, PLACES)["fact"]
        assert "reached in the night of 2026-03-07" in found.one(BACKUP, PLACES)["fact"]

    def test_a_source_account_that_is_full_makes_no_copy(self, aws: Sandbox) -> None:
        """Of other people's snapshots."""
        after(aws, 1)
        aws.source.limits.manual["instance"] = 1
        aws.add_manual("by-hand", of="orders")

        assert checked(aws, **KEEP).not_well() == {("fail", SOURCE, PLACES)}

    def test_too_few_places_for_all_at_once_is_a_warning(self, aws: Sandbox) -> None:
        """One database after the other still gets its copy."""
        aws.add_instance("more", engine="postgres", kms_key="aws/rds", tags=TAGS)
        after(aws, 1)
        aws.source.limits.manual["instance"] = 1

        assert checked(aws, **KEEP).not_well() == {("warn", SOURCE, PLACES)}

    def test_copies_that_failed_have_their_places(self, aws: Sandbox) -> None:
        """They go only once a later one is done, so that tonight's has none."""
        after(aws, 3)
        for row in backups(aws)[:2]:
            aws.add_manual(f"{row.identifier[:-1]}2", of="orders", account=aws.backup)
            tags = {**row.tags, "rds-backup:attempt": "2"}
            name = f"{row.identifier[:-1]}2"
            aws.change_snapshot(aws.backup, row.kind, name, tags=tags, status="failed")
        aws.backup.limits.manual["instance"] = 5

        assert "reached tonight" in checked(aws, **KEEP).one(BACKUP, PLACES)["fact"]
        aws.backup.limits.manual["instance"] = 6
        assert checked(aws, **KEEP).level(BACKUP, PLACES) == "pass"

    def test_tonight_s_own_backup_needs_no_second_place(self, aws: Sandbox) -> None:
        """Asked at noon, or while it is being copied, the next one is tomorrow's."""
        after(aws, 2)
        function = Function(aws, aws.environment(DB_TAG="backup=nightly", **KEEP))
        aws.backup.limits.manual["instance"] = 3
        expected = "reached in the night of 2026-03-05"
        assert expected in checked(aws, **KEEP).one(BACKUP, PLACES)["fact"]
        function.invoke({"action": "backup"})
        aws.clock.advance(minutes=25)
        function.invoke({"action": "resume"})
        assert [b.status for b in backups(aws)] == ["available", "available", "creating"]
        assert expected in checked(aws, **KEEP).one(BACKUP, PLACES)["fact"]
        play(function, aws.clock.now, hours=1)
        assert [b.status for b in backups(aws)] == ["available"] * 3
        aws.clock.advance(hours=8)
        assert expected in checked(aws, **KEEP).one(BACKUP, PLACES)["fact"]
        aws.clock.move_to(NIGHT + 3 * DAY - DAY / 9)  # after midnight, before the next snapshot
        assert expected in checked(aws, **KEEP).one(BACKUP, PLACES)["fact"]

    def test_our_own_failed_copies_are_in_the_way_in_the_source_account(self, aws: Sandbox) -> None:
        """Those of a database that is not selected any more are never finished."""
        after(aws, 1)
        function = Function(aws, aws.environment(DB_TAG="backup=nightly", **KEEP))
        function.invoke({"action": "backup"})
        aws.source.limits.manual["instance"] = 1
        assert checked(aws, **KEEP).level(SOURCE, PLACES) == "pass"
        (row,) = shared_copies(aws)
        aws.change_snapshot(aws.source, row.kind, row.identifier, status="failed")

        assert checked(aws, **KEEP).one(SOURCE, PLACES)["level"] == "fail"

    def test_a_copy_of_a_database_that_left_has_its_place(self, aws: Sandbox) -> None:
        """It may be finished yet; tonight's copies cannot count on it."""
        after(aws, 1)
        Function(aws, aws.environment(DB_TAG="backup=nightly", **KEEP)).invoke({"action": "backup"})
        aws.database("orders").tags.clear()
        aws.add_instance("more", engine="postgres", kms_key="aws/rds", tags=TAGS)
        aws.source.limits.manual["instance"] = 1

        assert checked(aws, **KEEP).level(SOURCE, PLACES) == "fail"

    def test_what_a_person_keeps_has_its_places(self, aws: Sandbox) -> None:
        """It is not counted among those that go."""
        after(aws, 3)
        row = backups(aws)[0]
        tags = {**row.tags, "rds-backup:keep": "audit"}
        aws.change_snapshot(aws.backup, row.kind, row.identifier, tags=tags)
        aws.backup.limits.manual["instance"] = 4

        assert "2026-03-06" in checked(aws, **KEEP).one(BACKUP, PLACES)["fact"]

    def test_what_cannot_be_copied_needs_no_places(self, aws: Sandbox) -> None:
        """It is a failure of its own."""
        aws.add_instance("custom", engine="custom-oracle-ee", kms_key="aws/rds", tags=TAGS)
        after(aws, 1)

        assert "1 x 4" in checked(aws, **KEEP).one(BACKUP, PLACES)["fact"]

    @pytest.mark.parametrize("operation", ["DescribeDBSnapshots", "DescribeDBInstances"])
    def test_what_could_not_be_read_is_no_full_vault(self, aws: Sandbox, operation: str) -> None:
        """A throttle of anything that it rests on is a warning, with used and most."""
        after(aws, 3)
        aws.backup.limits.manual["instance"] = 4
        aws.fault(operation, code="Throttling", account=aws.source)
        found = checked(aws, **KEEP)

        assert found.outcome == "warn"
        assert found.level(BACKUP, PLACES) == "warn"
        assert found.one(BACKUP, PLACES)["fact"].startswith("cannot tell: 3 of 4 used; ")

    def test_another_source_account_s_backups_are_foreign(self, aws: Sandbox) -> None:
        """Under the same prefix, as the one stack there allows; they are not ours to count."""
        after(aws, 1)
        (row,) = backups(aws)
        arn = row.tags["rds-backup:source-snapshot"].replace("111111111111", "333333333333")
        point = Point(
            Series("333333333333", "eu-west-1", row.resource_id),
            Kind.INSTANCE,
            "orders",
            arn,
            datetime.fromisoformat(row.tags["rds-backup:taken-at"]),
        )
        theirs = row.tags | {"rds-backup:source-snapshot": arn}
        name = identifier("rds-backup", point, 1)
        aws.add_manual(name, of="orders", account=aws.backup, tags=theirs)
        found = checked(aws, **KEEP)

        assert found.not_well() == set()
        assert "2 of 100 used: 1 foreign, 1 ours" in found.one(BACKUP, PLACES)["fact"]

    def test_quotas_that_may_not_be_read_get_the_statement(self, aws: Sandbox) -> None:
        """In both accounts."""
        after(aws, 1)
        aws.fault("DescribeAccountAttributes", code="AccessDenied", status=403)
        found = checked(aws, **KEEP)

        assert found.not_well() == {("warn", SOURCE, PLACES), ("warn", BACKUP, PLACES)}
        assert found.sids(SOURCE, PLACES) == found.sids(BACKUP, PLACES) == ["ReadQuotas"]


class TestWhoExpires:
    """Both stacks have to agree; and what nobody deletes shows."""

    AGREE = "both settings agree"

    @pytest.mark.parametrize(
        ("tags", "expire", "level"),
        [
            (HERE, "true", "pass"),
            (THERE, "false", "pass"),
            (THERE, "true", "fail"),
            (HERE, "false", "fail"),
            ({}, "true", "warn"),
            ({"rds-backup:expire-from": "nobody"}, "false", "warn"),
        ],
    )
    def test_the_settings_are_compared(
        self, aws: Sandbox, tags: dict[str, str], expire: str, level: str
    ) -> None:
        """The other stack's stand as tags on the role."""
        after(aws, 1)
        aws.backup_role.tags = dict(tags)

        assert checked(aws, EXPIRE_BACKUPS=expire, **KEEP).level("expiry", self.AGREE) == level

    def test_the_number_that_counts_is_the_backup_account_s(self, aws: Sandbox) -> None:
        """Another one here is only what is reported against."""
        after(aws, 1)
        aws.backup_role.tags = THERE | {"rds-backup:backups-to-keep": "5"}
        found = checked(aws, EXPIRE_BACKUPS="false", **KEEP)

        assert found.not_well() == {("warn", "expiry", "number to keep")}
        assert "1 x 6" in found.one(BACKUP, PLACES)["fact"]

    def test_days_that_are_kept_there_need_more_places(self, aws: Sandbox) -> None:
        """KEEP_AT_LEAST_DAYS is seven there by default."""
        after(aws, 1)
        aws.backup_role.tags = THERE | {"rds-backup:keep-at-least-days": "7"}
        aws.backup.limits.manual["instance"] = 8
        found = checked(aws, EXPIRE_BACKUPS="false", **KEEP)

        assert found.level(BACKUP, PLACES) == "fail"
        assert "1 x 9 (KEEP_AT_LEAST_DAYS is 7)" in found.one(BACKUP, PLACES)["fact"]
        aws.backup.limits.manual["instance"] = 9
        assert checked(aws, EXPIRE_BACKUPS="false", **KEEP).not_well() == set()

    def test_a_role_without_the_numbers_is_not_told(self, aws: Sandbox) -> None:
        """An older stack's has none, and a person can tag it with anything."""
        after(aws, 1)
        aws.backup_role.tags = THERE | {"rds-backup:backups-to-keep": "many"}
        found = checked(aws, EXPIRE_BACKUPS="false", **KEEP)

        assert found.not_well() == {("warn", "expiry", "number to keep")}
        assert "cannot tell" in found.one("expiry", "number to keep")["fact"]

    def test_one_is_kept_at_least(self, aws: Sandbox) -> None:
        """As the function itself has it; a person can tag the role with anything."""
        after(aws, 1)
        aws.backup_role.tags = THERE | {"rds-backup:backups-to-keep": "0"}

        assert "1 x 2" in checked(aws, EXPIRE_BACKUPS="false", **KEEP).one(BACKUP, PLACES)["fact"]

    def test_where_this_account_expires_the_role_s_numbers_count_for_nothing(
        self, aws: Sandbox
    ) -> None:
        """They are those of a stack that does not expire."""
        after(aws, 1)
        aws.backup_role.tags = THERE | {"rds-backup:backups-to-keep": "50"}

        assert "1 x 4" in checked(aws, **KEEP).one(BACKUP, PLACES)["fact"]

    @pytest.mark.parametrize(("days", "level"), [("30", "pass"), ("0", "fail")])
    def test_backups_that_have_to_stay_for_days_are_not_held_against_anybody(
        self, aws: Sandbox, days: str, level: str
    ) -> None:
        """Older than a week, and than KEEP_AT_LEAST_DAYS, if that is longer."""
        after(aws, 14, EXPIRE_BACKUPS="false")

        found = checked(aws, KEEP_AT_LEAST_DAYS=days, **KEEP)
        assert found.level("expiry", "old backups go") == level

    def test_a_family_that_was_not_seen_is_not_told(self, aws: Sandbox) -> None:
        """A hoard may be in it."""
        after(aws, 1)
        aws.fault("DescribeDBClusterSnapshots", code="Throttling", account=aws.backup)
        found = checked(aws, **KEEP)

        assert {
            ("warn", "expiry", "old backups go"),
            ("warn", OTHERS, "under another prefix"),
            ("warn", OTHERS, "another deployment's"),
            ("warn", OTHERS, "marked, but not ours"),
            ("warn", OTHERS, "series not selected"),
        } <= found.not_well()

    def test_where_each_leaves_it_to_the_other_the_quota_fills(self, aws: Sandbox) -> None:
        """The night is named on which it does."""
        after(aws, 1)
        found = checked(aws, EXPIRE_BACKUPS="false", **KEEP)

        assert found.not_well() == {("fail", "expiry", self.AGREE), ("fail", BACKUP, PLACES)}
        assert "reached in the night of 2026-06-10" in found.one(BACKUP, PLACES)["fact"]

    @pytest.mark.parametrize(("count", "level"), [(12, "pass"), (13, "fail")])
    def test_more_old_backups_than_are_kept_mean_that_nobody_expires(
        self, aws: Sandbox, count: int, level: str
    ) -> None:
        """More than N + 2 of one series that are older than a week, whatever the settings say."""
        after(aws, count, EXPIRE_BACKUPS="false")
        found = checked(aws, **KEEP)

        assert len(backups(aws)) == count
        assert found.level("expiry", "old backups go") == level
        assert ("reached" in found.one(BACKUP, PLACES)["fact"]) is (level == "fail")

    def test_what_a_person_keeps_is_not_held_against_anybody(self, aws: Sandbox) -> None:
        """Tagged ones stay on purpose."""
        after(aws, 13, EXPIRE_BACKUPS="false")
        for row in backups(aws):
            tags = {**row.tags, "rds-backup:keep": "audit"}
            aws.change_snapshot(aws.backup, row.kind, row.identifier, tags=tags)

        assert checked(aws, **KEEP).level("expiry", "old backups go") == "pass"


class TestOthers:
    """What bears our marker is never touched unless it is ours; a person has to know of it."""

    PREFIX, ANOTHER = "under another prefix", "another deployment's"
    LOOKS_LIKE, LEFT = "marked, but not ours", "series not selected"

    def test_snapshots_under_another_prefix_are_counted(self, aws: Sandbox) -> None:
        """Made before the prefix was changed, or another deployment's; of these very databases."""
        after(aws, 2)
        found = checked(aws, SNAPSHOT_PREFIX="vault", **KEEP)

        assert found.not_well() == {
            ("warn", OTHERS, self.PREFIX),
            ("warn", OTHERS, self.ANOTHER),
        }
        fact = found.one(OTHERS, self.PREFIX)["fact"]
        assert fact.startswith("2 under the prefix rds-backup in the backup account")

    def test_another_backup_account_is_another_deployment(self, aws: Sandbox) -> None:
        """Its shared copies are in this source account, under the same prefix."""
        after(aws, 1)
        function = Function(aws, aws.environment(DB_TAG="backup=nightly", **KEEP))
        function.invoke({"action": "backup"})
        (row,) = shared_copies(aws)
        tags = {**row.tags, "rds-backup:backup-account": "333333333333"}
        aws.change_snapshot(aws.source, row.kind, row.identifier, tags=tags)
        found = checked(aws, **KEEP)

        assert found.not_well() == {
            ("warn", OTHERS, self.ANOTHER),
            ("fail", ORDERS, "tonight's backup"),
        }
        assert "333333333333" in found.one(OTHERS, self.ANOTHER)["fact"]

    def test_a_marked_snapshot_with_another_name_is_a_look_alike(self, aws: Sandbox) -> None:
        """A restored database hands our tags on to a person's snapshots."""
        after(aws, 1)
        (row,) = backups(aws)
        aws.add_manual("by-hand", of="orders", account=aws.backup, tags=row.tags)
        found = checked(aws, **KEEP)

        assert found.not_well() == {("warn", OTHERS, self.LOOKS_LIKE)}
        assert "by-hand" in found.one(OTHERS, self.LOOKS_LIKE)["fact"]

    def test_another_sharing_key_is_the_sign_of_a_second_deployment(self, aws: Sandbox) -> None:
        """With the same prefix they would finish and delete each other's copies."""
        after(aws, 1)
        function = Function(aws, aws.environment(DB_TAG="backup=nightly", **KEEP))
        function.invoke({"action": "backup"})
        other = aws.keys.create(aws.source.id)
        aws.keys.admit(other, aws.backup.id)
        found = checked(aws, KMS_KEY_ID=other, **KEEP)

        assert ("warn", OTHERS, "a second deployment here") in found.not_well()

    def test_a_shared_copy_that_does_not_say_its_key_is_no_sign_of_one(self, aws: Sandbox) -> None:
        """A tag can be taken off; the rest of its tags make it ours."""
        after(aws, 1)
        Function(aws, aws.environment(DB_TAG="backup=nightly", **KEEP)).invoke({"action": "backup"})
        (row,) = shared_copies(aws)
        tags = {k: v for k, v in row.tags.items() if k != "rds-backup:kms-key"}
        aws.change_snapshot(aws.source, row.kind, row.identifier, tags=tags)

        assert checked(aws, **KEEP).level(OTHERS, "a second deployment here") == "pass"

    def test_another_source_account_s_backups_are_nobody_s_business(self, aws: Sandbox) -> None:
        """One backup account may serve several, with prefixes of their own."""
        after(aws, 1)
        (row,) = backups(aws)
        theirs = row.tags | {
            "rds-backup:managed-by": "vault",
            "rds-backup:source-snapshot": row.tags["rds-backup:source-snapshot"].replace(
                "111111111111", "333333333333"
            ),
        }
        aws.add_manual("theirs", of="orders", account=aws.backup, tags=theirs)

        assert checked(aws, **KEEP).not_well() == set()

    def test_a_marked_snapshot_without_the_other_tags_is_said(self, aws: Sandbox) -> None:
        """Whose it is cannot be told: it is not taken for another account's."""
        after(aws, 1)
        aws.add_manual(
            "half", of="orders", account=aws.backup, tags={"rds-backup:managed-by": "vault"}
        )

        assert checked(aws, **KEEP).not_well() == {("warn", OTHERS, self.PREFIX)}

    @pytest.mark.parametrize("unread", ["the backup key", "the databases"])
    def test_without_a_full_look_no_series_is_said_to_be_selected(
        self, aws: Sandbox, unread: str
    ) -> None:
        """There is one, and nobody could see it."""
        after(aws, 1)
        aws.database("orders").tags.clear()
        if unread == "the backup key":
            aws.fault("DescribeKey", code="ThrottlingException", account=aws.backup)
        else:
            aws.fault("DescribeDBInstances", code="Throttling")

        assert checked(aws, **KEEP).level(OTHERS, self.LEFT) == "warn"

    def test_series_whose_database_is_not_selected_are_named(self, aws: Sandbox) -> None:
        """They stay for ever, and cost."""
        after(aws, 1)
        aws.add_instance("more", engine="postgres", kms_key="aws/rds", tags=TAGS)
        aws.database("orders").tags.clear()
        aws.take_automated("more")
        found = checked(aws, **KEEP)

        assert found.not_well() == {("warn", OTHERS, self.LEFT)}
        assert found.one(OTHERS, self.LEFT)["fact"].startswith("orders (instance db-")
        assert checked(aws, "more", **KEEP).level(OTHERS, self.LEFT) == "warn"
        assert found.one(BACKUP, PLACES)["fact"].endswith("needed for the selected: 1 x 4")


def test_nothing_that_was_said_is_a_secret(aws: Sandbox) -> None:
    """No endpoint, user name or tag of a database is in any answer."""
    aws.database("orders").tags["owner"] = "somebody-s-name"
    aws.database("orders").fields = {"Endpoint": {"Address": "orders.example", "Port": 5432}}
    after(aws, 1)
    words = " ".join(_words(checked(aws, **KEEP)))

    assert ORDERS in words
    assert not [w for w in ("somebody-s-name", "orders.example", "master") if w in words]


def _words(found: Answers) -> list[str]:
    return [str(value) for answer in found.result["answers"] for value in answer.values()]
