"""`check` on databases that RDS makes nothing of, or nothing that can be copied and shared."""

from datetime import timedelta
from typing import Any

import pytest

from sandbox import Sandbox, Switches
from tests.checks import BILLING, ORDERS, checked
from tests.nights import NIGHT, automated

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
        """The fact has the fix."""
        aws.add_cluster("billing", engine="aurora-postgresql", kms_key="aws/rds")
        ready(aws)
        found = checked(aws, DB_TAG=None, DB_ID="billing")

        assert "set CLUSTER=true" in found.one("billing", "exists")["fact"]

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

        assert checked(aws).not_well() == {
            ("fail", "reports (cluster)", "engine"),
            ("fail", "graph (cluster)", "engine"),
        }


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

    def test_one_without_a_snapshot_has_still_to_wait(self, aws: Sandbox) -> None:
        """A new database is no failure; what it is under is read from itself."""
        aws.add_instance("orders", engine="postgres", kms_key="aws/rds", tags=TAGS)
        found = checked(aws)

        assert found.not_well() == {("warn", ORDERS, "newest automated snapshot")}
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

        assert checked(orders).one(ORDERS, "newest automated snapshot")["fact"] == "none yet"


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

        assert checked(aws).not_well() == {("fail", BILLING, ENCRYPTION)}

    @pytest.mark.parametrize("switch", ["accept", "refuse", "ignore"])
    def test_a_key_that_aws_owns_is_not_told(self, switch: Any) -> None:  # noqa: ANN401
        """Nobody knows whether its copy takes our key (2.12)."""
        start = NIGHT - timedelta(hours=2)
        with Sandbox(start=start, switches=Switches(sse_rds=switch)) as aws:
            aws.add_cluster("billing", encryption="sse-rds", tags=TAGS)
            ready(aws)

            assert checked(aws).not_well() == {("warn", BILLING, ENCRYPTION)}

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

    def test_several_times_a_day_is_after_every_window(self, orders: Sandbox) -> None:
        """Whatever the window."""
        assert checked(orders, NIGHT_SCHEDULE="rate(1 hour)").not_well() == set()

    def test_a_database_without_a_window_is_not_told(self, orders: Sandbox) -> None:
        """RDS always shows one; if it did not, nothing would be known."""
        orders.database("orders").backup_window = ""

        assert checked(orders).not_well() == {("warn", "schedule", self.QUESTION)}
