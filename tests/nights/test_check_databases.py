"""`check` on databases that RDS makes nothing of, or nothing that can be copied and shared."""

from datetime import timedelta
from typing import Any

import pytest

from sandbox import Sandbox, Switches
from sandbox.calls import Call
from sandbox.gate import Hook
from sandbox.serving.lambda_runtime import Function
from tests.support.check_answers import BILLING, ORDERS, checked
from tests.support.playing import NIGHT, automated, play

TAGS = {"backup": "nightly"}
DENIED: dict[str, Any] = {"code": "AccessDenied", "message": "not authorized", "status": 403}
ENCRYPTION, OPTIONS = "encryption", "options"


def ready(aws: Sandbox) -> None:
    """The night's automated snapshots are there."""
    automated(aws)
    aws.clock.move_to(NIGHT)


@pytest.fixture
def orders(aws: Sandbox) -> Sandbox:
    """An instance on a night on which nothing is wrong."""
    aws.add_instance("orders", engine="postgres", kms_key="aws/rds", tags=TAGS)
    ready(aws)
    return aws


class TestTheSelection:
    """Every name that leads to no backup is a failure."""

    @pytest.mark.usefixtures("orders")
    def test_a_name_that_is_not_there(self, aws: Sandbox) -> None:
        """The others are asked about all the same."""
        found = checked(aws, DB_TAG=None, DB_ID="orders,nobody")

        assert found.not_well() == {("fail", "nobody", "exists")}
        assert found.level(ORDERS, "exists") == "pass"

    def test_a_cluster_that_is_taken_for_an_instance(self, aws: Sandbox) -> None:
        """With the fix."""
        aws.add_cluster("billing", engine="aurora-postgresql", kms_key="aws/rds")
        ready(aws)
        found = checked(aws, DB_TAG=None, DB_ID="billing")

        assert found.one("billing", "exists")["fix"] == "set CLUSTER=true"

    @pytest.mark.usefixtures("orders")
    def test_a_tag_that_selects_nothing(self, aws: Sandbox) -> None:
        """Nothing would be backed up, and nobody told."""
        found = checked(aws, DB_TAG="backup=daily")

        assert ("fail", "DB_TAG backup=daily", "exists") in found.not_well()

    def test_engines_that_cannot_be_copied(self, aws: Sandbox) -> None:
        """A Multi-AZ DB cluster, and Neptune in the same listing (12)."""
        aws.add_cluster("reports", engine="mysql", kms_key="aws/rds", tags=TAGS)
        aws.add_cluster("graph", engine="neptune", kms_key="aws/rds", tags=TAGS)
        ready(aws)

        found = checked(aws)
        assert found.not_well() == {
            ("fail", "reports (cluster)", "engine"),
            ("fail", "graph (cluster)", "engine"),
        }
        assert not found.all("schedule", "after the window of reports (cluster)")

    @pytest.mark.usefixtures("orders")
    def test_a_listing_without_an_answer_is_no_failure(self, aws: Sandbox) -> None:
        """Whether the name is there may be known in a minute."""
        aws.fault("DescribeDBInstances", code="Throttling")
        found = checked(aws, DB_TAG=None, DB_ID="orders")

        assert found.level("orders", "exists") == "warn"
        assert found.outcome == "warn"

    @pytest.mark.usefixtures("orders")
    def test_narrowed_to_some_the_others_are_not_said(self, aws: Sandbox) -> None:
        """Neither a name that is not there, nor another's window."""
        aws.add_instance("more", engine="mysql", kms_key="aws/rds")
        found = checked(aws, "orders", DB_TAG=None, DB_ID="orders,more,nobody")

        about = {a["about"] for a in found.result["answers"]}
        assert "nobody" not in about
        assert not found.all("schedule", "after the window of more (instance)")

    def test_what_is_not_documented_is_not_told(self, aws: Sandbox) -> None:
        """Aurora Limitless, and backups that are not kept in the Region (12)."""
        aws.add_cluster("billing", kms_key="aws/rds", tags=TAGS, ClusterScalabilityType="limitless")
        aws.add_instance("orders", kms_key="aws/rds", tags=TAGS, BackupTarget="outposts")
        ready(aws)

        assert checked(aws).not_well() == {("warn", BILLING, "engine"), ("warn", ORDERS, "engine")}


class TestItsSnapshots:
    """Automated backups are on, run, and are new enough."""

    @pytest.mark.parametrize(
        ("status", "level"),
        [
            ("available", "pass"),
            ("backing-up", "pass"),
            ("modifying", "warn"),
            ("a-new-word", "warn"),
            ("stopped", "fail"),
            ("storage-full", "fail"),
            ("failed", "fail"),
            ("inaccessible-encryption-credentials", "fail"),
            ("incompatible-option-group", "fail"),
            ("restore-error", "fail"),
            ("", "warn"),
        ],
    )
    def test_only_an_available_database_is_backed_up(
        self, orders: Sandbox, status: str, level: str
    ) -> None:
        """What passes by itself is a warning, what lasts a failure (1.21)."""
        orders.database("orders").status = status

        assert checked(orders).level(ORDERS, "available") == level

    def test_automated_backups_that_are_off(self, orders: Sandbox) -> None:
        """Retention 0 (1.22)."""
        orders.database("orders").retention_days = 0

        assert checked(orders).not_well() == {("fail", ORDERS, "automated backups")}

    def test_a_retention_that_is_not_shown_is_not_told(self, orders: Sandbox) -> None:
        """RDS always shows it."""
        orders.hooks.append(_Without("BackupRetentionPeriod"))

        assert checked(orders).not_well() == {("warn", ORDERS, "automated backups")}

    def test_one_without_a_snapshot_has_still_to_wait(self, aws: Sandbox) -> None:
        """A new database is no failure; what it is under is read from itself."""
        aws.add_instance("orders", engine="postgres", kms_key="aws/rds", tags=TAGS)
        found = checked(aws)

        assert found.not_well() == {("warn", ORDERS, "newest automated snapshot")}
        assert found.all(ORDERS, "tonight's backup") == []
        assert "aws/rds" in found.one(ORDERS, ENCRYPTION)["fact"]

    def test_a_snapshot_that_is_too_old(self, orders: Sandbox) -> None:
        """Its backup would be stale on the day that it is made."""
        orders.clock.advance(hours=36)
        found = checked(orders)

        assert found.not_well() == {("fail", ORDERS, "newest automated snapshot")}
        assert found.one(ORDERS, "newest automated snapshot")["fact"].startswith("37.0 h old")

    def test_a_namesake_s_snapshots_do_not_count(self, orders: Sandbox) -> None:
        """They are another database's, by resource id (1.8)."""
        orders.delete_database("orders", retain_automated=True)
        orders.add_instance("orders", engine="postgres", kms_key="aws/rds", tags=TAGS)

        fact = checked(orders).one(ORDERS, "newest automated snapshot")["fact"]
        assert fact == "none is available"

    @pytest.mark.parametrize("status", ["creating", "failed"])
    def test_one_that_is_not_available_does_not_count(self, orders: Sandbox, status: str) -> None:
        """It cannot be copied (2.1)."""
        (row,) = orders.snapshots(type="automated")
        orders.change_snapshot(orders.source, row.kind, row.identifier, status=status)

        assert checked(orders).not_well() == {("warn", ORDERS, "newest automated snapshot")}

    @pytest.mark.parametrize(("hours", "level"), [(34.9, "pass"), (35.1, "fail")])
    def test_its_age_is_measured_in_hours(self, orders: Sandbox, hours: float, level: str) -> None:
        """36 by default; it was an hour old when the night began."""
        orders.clock.advance(minutes=int(hours * 60))

        assert checked(orders).level(ORDERS, "newest automated snapshot") == level

    def test_a_listing_without_an_answer_is_not_told(self, orders: Sandbox) -> None:
        """None is said to be there, and none not to be."""
        orders.fault("DescribeDBSnapshots", code="Throttling", when=_automated)
        answer = checked(orders).one(ORDERS, "newest automated snapshot")

        assert (answer["level"], answer["fact"][:11]) == ("warn", "cannot tell")


class TestTonight:
    """What a backup would decide now."""

    QUESTION = "tonight's backup"

    def test_a_database_whose_attempts_are_used_up_fails(self, orders: Sandbox) -> None:
        """Everything else about it is well."""
        orders.copies.fail_next(99)
        function = Function(orders, orders.environment(DB_ID="orders"))
        play(function, NIGHT, hours=3)
        found = checked(orders)

        assert ("fail", ORDERS, self.QUESTION) in found.not_well()
        assert found.one(ORDERS, self.QUESTION)["fact"].startswith("stuck: ")

    def test_a_copy_under_way_is_well(self, orders: Sandbox) -> None:
        """It says how far it is."""
        Function(orders, orders.environment(DB_ID="orders")).invoke({"action": "backup"})
        found = checked(orders)

        assert found.not_well() == set()
        assert found.one(ORDERS, self.QUESTION)["fact"].startswith("in_progress: ")

    def test_what_cannot_be_known_is_not_told(self, orders: Sandbox) -> None:
        """The state is unknown."""
        orders.fault("DescribeDBSnapshots", code="Throttling", account=orders.backup)

        assert checked(orders).level(ORDERS, self.QUESTION) == "warn"


class TestItsEncryption:
    """Of which kind it is, and what that means for the copy."""

    def test_an_unencrypted_instance_becomes_encrypted(self, aws: Sandbox) -> None:
        """By the copy under the sharing key (2.7)."""
        aws.add_instance("orders", engine="postgres", kms_key=None, tags=TAGS)
        ready(aws)
        found = checked(aws)

        assert found.not_well() == set()
        assert "copies are encrypted" in found.one(ORDERS, ENCRYPTION)["fact"]

    def test_an_unencrypted_cluster_cannot(self, aws: Sandbox) -> None:
        """A copy cannot encrypt it (2.8)."""
        aws.add_cluster("billing", encryption="none", tags=TAGS)
        ready(aws)

        assert checked(aws).not_well() == {
            ("fail", BILLING, ENCRYPTION),
            ("fail", BILLING, "tonight's backup"),
        }

    @pytest.mark.parametrize("switch", ["accept", "refuse", "ignore"])
    def test_a_key_that_aws_owns_is_not_told(self, switch: Any) -> None:  # noqa: ANN401
        """Nobody knows whether its copy takes our key (2.12)."""
        start = NIGHT - timedelta(hours=2)
        with Sandbox(start=start, switches=Switches(sse_rds=switch)) as aws:
            aws.add_cluster("billing", encryption="sse-rds", tags=TAGS)
            ready(aws)

            assert checked(aws).not_well() == {("warn", BILLING, ENCRYPTION)}

    def test_a_key_that_is_not_named_is_not_told(self, aws: Sandbox) -> None:
        """RDS shows it wherever there is one."""
        aws.add_instance("orders", engine="postgres", kms_key="aws/rds", tags=TAGS)
        ready(aws)
        (row,) = aws.snapshots(type="automated")
        aws.change_snapshot(aws.source, row.kind, row.identifier, key=None)

        assert ("warn", ORDERS, ENCRYPTION) in checked(aws).not_well()

    def test_the_snapshot_s_encryption_counts_and_not_the_database_s(self, aws: Sandbox) -> None:
        """The copy is made from the snapshot."""
        aws.add_instance("orders", engine="postgres", kms_key="aws/rds", tags=TAGS)
        ready(aws)
        (row,) = aws.snapshots(type="automated")
        aws.change_snapshot(aws.source, row.kind, row.identifier, key=None, encryption="none")

        assert checked(aws).one(ORDERS, ENCRYPTION)["fact"].startswith("none; its copies")

    def test_sql_server_express_is_not_told(self, aws: Sandbox) -> None:
        """It is never encrypted, and whether its copy can be is not documented (12)."""
        aws.add_instance("orders", engine="sqlserver-ex", kms_key=None, tags=TAGS)
        ready(aws)

        assert checked(aws).not_well() == {("warn", ORDERS, ENCRYPTION)}


class TestItsOptions:
    """Permanent and persistent options with which RDS refuses to share."""

    def add(self, aws: Sandbox, engine: str, **options: Any) -> None:  # noqa: ANN401
        """An instance with an option group of its own."""
        aws.add_option_group("special", engine=engine, options=options)
        member = {"OptionGroupName": "special", "Status": "in-sync"}
        aws.add_instance(
            "orders",
            engine=engine,
            kms_key="aws/rds",
            tags=TAGS,
            OptionGroupMemberships=[member],
        )
        ready(aws)

    def test_tde_forbids_it(self, aws: Sandbox) -> None:
        """Of SQL Server and Oracle alike."""
        self.add(aws, "sqlserver-se", TRANSPARENT_DATA_ENCRYPTION="persistent")
        found = checked(aws)

        assert found.not_well() == {("fail", ORDERS, OPTIONS)}
        assert "TRANSPARENT_DATA_ENCRYPTION" in found.one(ORDERS, OPTIONS)["fact"]

    def test_a_time_zone_needs_what_is_not_given(self, aws: Sandbox) -> None:
        """It can be shared, and copied only with an option group that has it, too (12)."""
        self.add(aws, "oracle-se2", Timezone="permanent")
        found = checked(aws)

        assert found.not_well() == {("fail", ORDERS, OPTIONS)}
        assert "with an option group" in found.one(ORDERS, OPTIONS)["fix"]

    def test_an_option_that_does_not_last_is_well(self, aws: Sandbox) -> None:
        """It stays behind when a snapshot is shared."""
        self.add(aws, "mysql", MARIADB_AUDIT_PLUGIN="plain")

        assert checked(aws).not_well() == set()

    def test_a_time_zone_beside_tde_is_no_less_tde(self, aws: Sandbox) -> None:
        """One option that can be shared does not help the other."""
        self.add(aws, "oracle-ee", Timezone="permanent", TDE="permanent")

        assert "cannot be shared" in checked(aws).one(ORDERS, OPTIONS)["fix"]

    def test_the_snapshot_s_group_counts_too(self, aws: Sandbox) -> None:
        """The database may have gone back to the default since."""
        self.add(aws, "sqlserver-se", TRANSPARENT_DATA_ENCRYPTION="persistent")
        member = {"OptionGroupName": "default:sqlserver-se", "Status": "in-sync"}
        aws.database("orders").fields = {"OptionGroupMemberships": [member]}

        assert checked(aws).not_well() == {("fail", ORDERS, OPTIONS)}

    def test_a_group_that_is_not_listed_is_not_told(self, aws: Sandbox) -> None:
        """It may be anything."""
        member = {"OptionGroupName": "gone", "Status": "in-sync"}
        aws.add_instance(
            "orders", engine="mysql", kms_key="aws/rds", tags=TAGS, OptionGroupMemberships=[member]
        )
        ready(aws)

        assert checked(aws).not_well() == {("warn", ORDERS, OPTIONS)}

    def test_one_group_of_its_own_among_default_ones_is_asked_for(self, aws: Sandbox) -> None:
        """Of all databases together."""
        self.add(aws, "sqlserver-se", TRANSPARENT_DATA_ENCRYPTION="persistent")
        member = {"OptionGroupName": "default:mysql-8-4", "Status": "in-sync"}
        aws.add_instance(
            "more", engine="mysql", kms_key="aws/rds", tags=TAGS, OptionGroupMemberships=[member]
        )
        aws.take_automated("more")

        assert checked(aws).not_well() == {("fail", ORDERS, OPTIONS)}

    def test_groups_are_asked_for_only_where_there_are_any(self, orders: Sandbox) -> None:
        """A default group has none that lasts."""
        member = {"OptionGroupName": "default:mysql-8-4", "Status": "in-sync"}
        orders.add_instance(
            "more", engine="mysql", kms_key="aws/rds", tags=TAGS, OptionGroupMemberships=[member]
        )
        orders.take_automated("more")

        assert checked(orders).not_well() == set()
        assert orders.count("DescribeOptionGroups") == 0

    def test_groups_that_may_not_be_read_get_the_statement(self, aws: Sandbox) -> None:
        """Then it cannot be told."""
        self.add(aws, "sqlserver-se", TRANSPARENT_DATA_ENCRYPTION="persistent")
        aws.fault("DescribeOptionGroups", **DENIED)
        found = checked(aws)

        assert found.not_well() == {("warn", ORDERS, OPTIONS)}
        assert found.sids(ORDERS, OPTIONS) == ["ReadOptionGroups"]

    def test_a_certificate_for_tde_forbids_it(self, aws: Sandbox) -> None:
        """As RDS shows it on the instance itself."""
        arn = "arn:of-a-certificate"
        aws.add_instance(
            "orders", engine="oracle-ee", kms_key="aws/rds", tags=TAGS, TdeCredentialArn=arn
        )
        ready(aws)
        found = checked(aws)

        assert found.not_well() == {("fail", ORDERS, OPTIONS)}
        assert not any(arn in fact for fact in found.facts())


class TestTheSchedule:
    """It has to come after the windows, in whatever time zone."""

    QUESTION = f"after the window of {ORDERS}"

    @pytest.mark.parametrize(
        ("schedule", "zone", "window", "level"),
        [
            ("cron(0 3-9 * * ? *)", "UTC", "01:30-02:00", "pass"),
            ("cron(0 3-9 * * ? *)", "UTC", "08:30-09:00", "pass"),
            ("cron(0 3-9 * * ? *)", "UTC", "23:45-00:15", "pass"),
            ("cron(0 3-9 * * ? *)", "UTC", "09:30-10:00", "warn"),
            ("cron(0 3 * * ? *)", "UTC", "02:45-03:15", "warn"),
            ("cron(0 3 * * ? *)", "Europe/Berlin", "01:00-01:30", "pass"),
            ("cron(0 3 * * ? *)", "Europe/Berlin", "02:00-02:30", "warn"),
            ("cron(0 3 * * ? *)", "UTC", "15:00-15:30", "warn"),
            ("cron(0 3 * * ? *)", "UTC", "15:30-16:00", "pass"),
        ],
    )
    def test_data_has_to_last_until_the_next_copy(
        self, orders: Sandbox, schedule: str, zone: str, window: str, level: str
    ) -> None:
        """Its age at that time: a day, and from the window's start to the run after it."""
        orders.database("orders").backup_window = window
        found = checked(orders, NIGHT_SCHEDULE=schedule, SCHEDULE_TIMEZONE=zone)

        assert found.level("schedule", self.QUESTION) == level

    def test_the_objective_decides(self, orders: Sandbox) -> None:
        """Whoever asks for more than a day and a half may run later."""
        orders.database("orders").backup_window = "09:30-10:00"

        assert checked(orders, MAX_SNAPSHOT_AGE_HOURS="48").not_well() == set()

    @pytest.mark.parametrize(
        "given",
        [
            {"NIGHT_SCHEDULE": None},
            {"NIGHT_SCHEDULE": "cron(0 3 ? * MON *)"},
            {"NIGHT_SCHEDULE": "rate(1 day)"},
            {"SCHEDULE_TIMEZONE": "Europe/Atlantis"},
        ],
        ids=str,
    )
    def test_what_is_not_known_is_not_told(self, orders: Sandbox, given: dict[str, Any]) -> None:
        """No schedule, not every day, at no known time, or in no known zone."""
        found = checked(orders, **given)

        assert found.not_well() == {("warn", "schedule", "known")}
        assert found.one("schedule", "known")["fact"].startswith("cannot tell")

    @pytest.mark.parametrize(
        ("rate", "level"),
        [("1 hour", "pass"), ("11 hours", "pass"), ("13 hours", "warn"), ("20 minutes", "pass")],
    )
    def test_a_rate_has_to_come_round_in_time(self, orders: Sandbox, rate: str, level: str) -> None:
        """At worst it has just run when the window ends."""
        found = checked(orders, NIGHT_SCHEDULE=f"rate({rate})")

        assert found.level("schedule", self.QUESTION) == level

    def test_schedules_that_are_off_are_said(self, orders: Sandbox) -> None:
        """As the stack is first deployed; windows are compared all the same."""
        found = checked(orders, SCHEDULE_STATE="DISABLED")

        assert found.not_well() == {("warn", "schedule", "enabled")}
        assert found.level("schedule", self.QUESTION) == "pass"

    def test_a_database_without_a_window_is_not_told(self, orders: Sandbox) -> None:
        """RDS always shows one; if it did not, nothing would be known."""
        orders.database("orders").backup_window = ""

        assert checked(orders).not_well() == {("warn", "schedule", self.QUESTION)}


def _automated(call: Call) -> bool:
    return bool(call.params.get("SnapshotType") == "automated")


class _Without(Hook):
    """RDS shows its databases without a member."""

    def __init__(self, member: str) -> None:
        """Say which."""
        self._member = member

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Take it out."""
        if call.operation == "DescribeDBInstances":
            for database in answer["DBInstances"]:
                del database[self._member]
