"""`check` on the places for snapshots, on who expires, and on what is marked and not ours."""

import pytest

from sandbox import Sandbox
from sandbox.lambda_runtime import Function
from tests.checks import BACKUP, ORDERS, SOURCE, Answers, checked
from tests.nights import DAY, NIGHT, automated, backups, nights, play, shared_copies

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
            "3 of 100 used: 1 foreign, 2 ours, 0 of them of series not selected here; "
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
        assert "more since KEEP_AT_LEAST_DAYS is 7" in found.one(BACKUP, PLACES)["fact"]

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

        assert found.not_well() == {("warn", OTHERS, self.ANOTHER)}
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

        assert ("warn", OTHERS, "a second deployment") in found.not_well()

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

    def test_series_whose_database_is_not_selected_are_named(self, aws: Sandbox) -> None:
        """They stay for ever, and cost."""
        after(aws, 1)
        aws.add_instance("more", engine="postgres", kms_key="aws/rds", tags=TAGS)
        aws.database("orders").tags.clear()
        aws.take_automated("more")
        found = checked(aws, **KEEP)

        assert found.not_well() == {("warn", OTHERS, self.LEFT)}
        assert found.one(OTHERS, self.LEFT)["fact"].startswith("orders (instance db-")
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
