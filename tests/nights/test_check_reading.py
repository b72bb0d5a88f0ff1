"""`check` reads both accounts: each read has its answer, whatever comes of it.

What is asked of what was read, and what is answered, stands in ``tests/unit/check``.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from sandbox import Sandbox
from sandbox.calls import Call
from sandbox.gate import Hook
from tests.support.check_answers import (
    BACKUP,
    BACKUP_KEY,
    BILLING,
    ORDERS,
    SHARING_KEY,
    SOURCE,
    checked,
)
from tests.support.playing import NIGHT, automated

TAGS = {"backup": "nightly"}
DENIED: dict[str, Any] = {"code": "AccessDenied", "message": "not authorized", "status": 403}
OWN_KEY, OPTIONS, ENCRYPTION = "its own key", "options", "encryption"
OWN = "policy, for its own account"
SEEN = "seen from the backup account"
LISTED = (SOURCE, "databases and snapshots can be listed")
LISTED_THERE = (BACKUP, "backups can be listed")
BOUNDARY = "permissions boundary"
PLACES, NEWEST = "places for instance snapshots", "newest automated snapshot"


def group(name: str) -> list[dict[str, str]]:
    """An instance's membership in an option group."""
    return [{"OptionGroupName": name, "Status": "in-sync"}]


@pytest.fixture
def aws(aws: Sandbox) -> Sandbox:
    """An instance with a key and options of its own, and a cluster, before a night that is well."""
    own = aws.keys.create(aws.source.id, "alias/of-orders")
    aws.add_option_group("special", engine="mysql", options={"AUDIT": "plain"})
    aws.add_option_group(
        "timed", engine="mysql", options={"Timezone": "permanent", "TDE": "persistent"}
    )
    aws.add_instance(
        "orders", engine="mysql", kms_key=own, tags=TAGS, OptionGroupMemberships=group("special")
    )
    aws.add_cluster("billing", engine="aurora-postgresql", kms_key="aws/rds", tags=TAGS)
    automated(aws)
    aws.clock.move_to(NIGHT)
    return aws


def own_key(aws: Sandbox) -> str:
    """The ARN of the key of ``orders``."""
    return str(aws.database("orders").key)


class Refused(NamedTuple):
    """A read that is refused in one account, and the answer that has its statements."""

    side: str
    operation: str
    question: tuple[str, str]
    level: str
    sids: str
    when: Callable[[Sandbox, Call], bool] = lambda _, call: bool(call)


def sort(name: str) -> Callable[[Sandbox, Call], bool]:
    """Snapshots of one type."""
    return lambda _, call: bool(call.params.get("SnapshotType") == name)


def of_key(which: Callable[[Sandbox], str]) -> Callable[[Sandbox, Call], bool]:
    """One key."""
    return lambda aws, call: bool(call.params["KeyId"] == which(aws))


SHARING, MINE = of_key(lambda aws: aws.sharing_key), of_key(own_key)
DEFAULT = of_key(lambda _: "alias/aws/rds")
THERE = "ReadSharingKeys DecryptUnderSharingKeys GrantSharingKeysToRds"
HERE = "ReadDatabaseKeys ReadUnderDatabaseKeys GrantDatabaseKeysToRds"
LISTS, QUOTAS = "ListDatabasesAndSnapshots", "ReadQuotas"
REFUSED = {
    "the function's role": Refused("source", "GetRole", (SOURCE, BOUNDARY), "warn", "ReadOwnRole"),
    "the role there": Refused("backup", "GetRole", (BACKUP, BOUNDARY), "warn", "ReadOwnRole"),
    "instances": Refused("source", "DescribeDBInstances", LISTED, "fail", LISTS),
    "clusters": Refused("source", "DescribeDBClusters", LISTED, "fail", LISTS),
    "shared copies": Refused(
        "source", "DescribeDBSnapshots", LISTED, "fail", LISTS, sort("manual")
    ),
    "automated snapshots": Refused(
        "source", "DescribeDBSnapshots", LISTED, "fail", LISTS, sort("automated")
    ),
    "backups": Refused("backup", "DescribeDBClusterSnapshots", LISTED_THERE, "fail", "ListBackups"),
    "the quota": Refused("source", "DescribeAccountAttributes", (SOURCE, PLACES), "warn", QUOTAS),
    "the quota there": Refused(
        "backup", "DescribeAccountAttributes", (BACKUP, PLACES), "warn", QUOTAS
    ),
    "option groups": Refused(
        "source", "DescribeOptionGroups", (ORDERS, OPTIONS), "warn", "ReadOptionGroups"
    ),
    "the sharing key": Refused(
        "source", "DescribeKey", (SHARING_KEY, "found"), "fail", "ReadSharingKey", SHARING
    ),
    "its policy": Refused(
        "source", "GetKeyPolicy", (SHARING_KEY, OWN), "warn", "ReadSharingKeyPolicy", SHARING
    ),
    "the sharing key from there": Refused(
        "backup", "DescribeKey", (SHARING_KEY, SEEN), "fail", THERE, SHARING
    ),
    "the default key": Refused(
        "source", "DescribeKey", (ORDERS, ENCRYPTION), "warn", "ReadDefaultKey", DEFAULT
    ),
    "a database's key": Refused("source", "DescribeKey", (ORDERS, OWN_KEY), "fail", HERE, MINE),
    "the policy of a database's key": Refused(
        "source", "GetKeyPolicy", (ORDERS, OWN_KEY), "warn", "ReadDatabaseKeys", MINE
    ),
    "the backup key": Refused(
        "backup", "DescribeKey", (BACKUP_KEY, "found"), "fail", "ReadBackupKey"
    ),
    "the policy of the backup key": Refused(
        "backup", "GetKeyPolicy", (BACKUP_KEY, OWN), "warn", "ReadBackupKeyPolicy"
    ),
}


class TestRefusals:
    """Reading goes on whatever is refused: each refusal is an answer."""

    @pytest.mark.parametrize("read", REFUSED)
    def test_each_read_that_is_refused_has_its_statement(self, aws: Sandbox, read: str) -> None:
        """For the role of the account that it is made in."""
        of = REFUSED[read]
        theirs = aws.source if of.side == "source" else aws.backup
        role = aws.function_role if of.side == "source" else aws.backup_role
        aws.fault(of.operation, account=theirs, when=lambda c: of.when(aws, c), **DENIED)
        found = checked(aws, BACKUP_KMS_KEY_ID=aws.backup_key)
        answer = found.one(*of.question)

        assert (of.level, of.sids.split()) == (answer["level"], found.sids(*of.question))
        assert {f"the policy of {role.arn}"} == {paste["into"] for paste in answer["paste"]}
        assert found.level(SOURCE, "credentials") == "pass"
        assert found.all("schedule", "known")

    @pytest.mark.parametrize("account", ["source", "backup"])
    def test_a_listing_without_an_answer_is_never_a_pass(self, aws: Sandbox, account: str) -> None:
        """What rests on it cannot be told either; nothing fails."""
        aws.fault("DescribeDBSnapshots", code="Throttling", account=getattr(aws, account))
        found = checked(aws)
        whose = {"source": LISTED, "backup": LISTED_THERE}

        assert {("warn", *whose.pop(account)), ("warn", BACKUP, PLACES)} <= found.not_well()
        assert {"pass"} == {found.level(*other) for other in whose.values()}
        assert "warn" == found.outcome

    def test_a_database_that_could_not_be_seen_is_not_refused(self, aws: Sandbox) -> None:
        """Whether it is there may be known in a minute."""
        aws.fault("DescribeDBInstances", code="Throttling")

        assert (
            checked(aws, "orders", DB_TAG=None, DB_ID="orders").level("orders", "exists") == "warn"
        )

    def test_without_the_default_key_no_database_s_key_is_asked_about(self, aws: Sandbox) -> None:
        """Which of them are customer managed is not known."""
        aws.fault("DescribeKey", when=lambda c: DEFAULT(aws, c), code="Throttling")

        assert checked(aws).not_well() == {("warn", n, ENCRYPTION) for n in (ORDERS, BILLING)}
        asked = {c.params["KeyId"] for c in aws.calls if c.operation == "DescribeKey"}
        assert {"alias/aws/rds", aws.sharing_key, "alias/rds-backup"} == asked

    def test_an_account_without_a_default_key_is_well(self, aws: Sandbox) -> None:
        """KMS makes it on its first use; the cluster's key is then one like any other."""
        aws.fault("DescribeKey", when=lambda c: DEFAULT(aws, c), code="NotFoundException")
        found = checked(aws)

        assert found.level(ORDERS, OWN_KEY) == "pass"
        assert found.level(BILLING, ENCRYPTION) == "pass"
        assert found.all(BILLING, OWN_KEY)


class TestWhatIsRead:
    """Of each database, snapshot and key its own."""

    def test_each_database_is_read_as_rds_shows_it(self, aws: Sandbox) -> None:
        """What is amiss with one is said of that one, and of no other."""
        disabled = aws.keys.create(aws.source.id)
        aws.add_instance("keyed", engine="postgres", kms_key=disabled, tags=TAGS)
        aws.add_instance("plain", engine="postgres", kms_key=None, tags=TAGS)
        aws.add_instance("tde", engine="oracle-ee", tags=TAGS, TdeCredentialArn="arn:of-one")
        aws.add_instance("away", engine="postgres", tags=TAGS, BackupTarget="outposts")
        aws.add_instance("timed", engine="mysql", tags=TAGS, OptionGroupMemberships=group("timed"))
        aws.add_instance("lost", engine="mysql", tags=TAGS, OptionGroupMemberships=group("gone"))
        for name in ("stopped", "off", "silent"):
            aws.add_instance(name, engine="postgres", tags=TAGS)
        aws.add_cluster("endless", tags=TAGS, ClusterScalabilityType="limitless")
        aws.add_cluster("theirs", encryption="sse-rds", tags=TAGS)
        aws.add_cluster("bare", encryption="none", tags=TAGS)
        aws.take_automated_of_all()
        aws.keys.disable(disabled)
        aws.database("stopped").status = "stopped"
        aws.database("off").retention_days = 0
        aws.database("away").backup_window = ""
        aws.hooks.append(_Without("silent", "BackupRetentionPeriod"))
        aws.add_instance("new", engine="postgres", tags=TAGS)
        found = checked(aws)

        assert found.not_well() == {
            ("fail", "keyed (instance)", OWN_KEY),
            ("fail", "tde (instance)", OPTIONS),
            ("warn", "away (instance)", "engine"),
            ("warn", "schedule", "after the window of away (instance)"),
            ("fail", "timed (instance)", OPTIONS),
            ("warn", "lost (instance)", OPTIONS),
            ("fail", "stopped (instance)", "available"),
            ("fail", "off (instance)", "automated backups"),
            ("warn", "silent (instance)", "automated backups"),
            ("warn", "new (instance)", NEWEST),
            ("warn", "endless (cluster)", "engine"),
            ("warn", "theirs (cluster)", ENCRYPTION),
            ("fail", "bare (cluster)", ENCRYPTION),
            ("fail", "bare (cluster)", "tonight's backup"),
        }
        assert found.one("timed (instance)", OPTIONS)["fact"].startswith("timed has TDE, Timezone,")
        assert found.one(BILLING, ENCRYPTION)["fact"].startswith("under aws/rds, ")
        assert "copies are encrypted" in found.one("plain (instance)", ENCRYPTION)["fact"]
        assert not any("arn:of-one" in fact for fact in found.facts())

    def test_the_newest_snapshot_s_key_and_options_count(self, aws: Sandbox) -> None:
        """The copy is made from it; the database may have changed since."""
        (row,) = [r for r in aws.snapshots(type="automated") if r.database == "orders"]
        other = aws.keys.create(aws.source.id)
        aws.change_snapshot(aws.source, row.kind, row.identifier, key=other)
        aws.keys.disable(other)
        default = {"OptionGroupMemberships": group("default:mysql-8-4")}
        aws.database("orders").fields = default
        aws.fault("DescribeOptionGroups", **DENIED)

        assert checked(aws).not_well() == {("fail", ORDERS, OWN_KEY), ("warn", ORDERS, OPTIONS)}

    def test_groups_are_asked_for_only_where_there_are_any(self, aws: Sandbox) -> None:
        """A default group has none that lasts."""
        member = group("default:mysql-8-4")
        aws.add_instance("plain", engine="mysql", tags=TAGS, OptionGroupMemberships=member)
        aws.database("orders").tags.clear()
        aws.take_automated_of_all()
        checked(aws)

        assert 0 == aws.count("DescribeOptionGroups")

    def test_no_key_is_asked_about_but_those_of_the_copies(self, aws: Sandbox) -> None:
        """The default key by its alias alone: its policy is AWS's."""
        checked(aws)
        asked = [(c.operation, c.params.get("KeyId")) for c in aws.calls]

        keys = {aws.sharing_key, own_key(aws)}
        aliases = {"alias/rds-backup", "alias/aws/rds"}
        assert keys | aliases == {key for name, key in asked if name == "DescribeKey"}
        assert keys | {aws.backup_key} == {key for name, key in asked if name == "GetKeyPolicy"}

    def test_a_key_s_state_and_kind_are_read(self, aws: Sandbox) -> None:
        """Of the one in each account."""
        aws.keys[aws.sharing_key].key_spec = "RSA_2048"
        aws.keys.schedule_deletion(aws.backup_key)
        found = checked(aws)

        assert "RSA_2048, ENCRYPT_DECRYPT" == found.one(SHARING_KEY, "symmetric")["fact"]
        assert "PendingDeletion" == found.one(BACKUP_KEY, "enabled")["fact"]
        managed = checked(aws, KMS_KEY_ID=aws.keys.managed(aws.source.id))
        assert "AWS" == managed.one(SHARING_KEY, "customer managed")["fact"]
        nobody = checked(aws, KMS_KEY_ID="alias/nobody")
        asked = [a["question"] for a in nobody.result["answers"] if a["about"] == SHARING_KEY]
        assert ["found"] == asked

    @pytest.mark.parametrize(
        ("zone", "fact"),
        [
            ("UTC", "cron(0 3 * * ? *) UTC: 03:00 UTC"),
            ("Europe/Berlin", "cron(0 3 * * ? *) Europe/Berlin: 02:00 UTC"),
            ("Europe/Atlantis", "cannot tell: no time zone Europe/Atlantis is known here"),
            ("Europe//Berlin", "cannot tell: no time zone Europe//Berlin is known here"),
        ],
    )
    def test_the_schedule_s_times_are_those_of_its_zone(
        self, aws: Sandbox, zone: str, fact: str
    ) -> None:
        """At this time of the year."""
        found = checked(aws, NIGHT_SCHEDULE="cron(0 3 * * ? *)", SCHEDULE_TIMEZONE=zone)

        assert fact == found.one("schedule", "known")["fact"]


class _Without(Hook):
    """RDS shows an instance without a member."""

    def __init__(self, name: str, member: str) -> None:
        """Say which."""
        self._name, self._member = name, member

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Take it out."""
        if call.operation == "DescribeDBInstances":
            for database in answer["DBInstances"]:
                if database["DBInstanceIdentifier"] == self._name:
                    del database[self._member]
