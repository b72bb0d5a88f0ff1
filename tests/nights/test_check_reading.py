"""`check` reads both accounts: each read has its answer, whatever comes of it.

What is asked of what was read, and what is answered, stands in ``tests/unit/check``.
"""

from typing import Any

import pytest

from sandbox import Sandbox
from sandbox.calls import Call
from sandbox.gate import Hook
from tests.support.check_answers import (
    BACKUP_KEY,
    BILLING,
    DENIED,
    ORDERS,
    SHARING_KEY,
    TAGS,
    before_a_night,
    checked,
    group,
    own_key,
)

OWN_KEY, OPTIONS, ENCRYPTION = "its own key", "options", "encryption"
NEWEST = "newest automated snapshot"


@pytest.fixture
def aws(aws: Sandbox) -> Sandbox:
    """Two databases, before a night that is well."""
    before_a_night(aws)
    return aws


class TestWhatIsRead:
    """Of each database, snapshot and key its own."""

    def test_each_database_is_read_as_rds_shows_it(self, aws: Sandbox) -> None:
        """What is amiss with one is said of that one, and of no other."""
        disabled = aws.keys.create(aws.source.id)
        aws.add_option_group(
            "timed", engine="mysql", options={"Timezone": "permanent", "TDE": "persistent"}
        )
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
            ("warn", "bare (cluster)", ENCRYPTION),
        }
        assert found.one("timed (instance)", OPTIONS)["fact"].startswith("timed has TDE, Timezone,")
        assert found.one(BILLING, ENCRYPTION)["fact"].startswith("under aws/rds, ")
        assert "copies are encrypted" in found.one("plain (instance)", ENCRYPTION)["fact"]
        assert not any("arn:of-one" in fact for fact in found.facts())

    def test_who_backs_it_up_and_what_it_replicates_is_read(self, aws: Sandbox) -> None:
        """With its version and its tags."""
        vault = "arn:aws:backup:eu-west-1:111111111111:recovery-point:continuous:db-1"
        aws.add_instance("vaulted", tags=TAGS, retention_days=0, AwsBackupRecoveryPointArn=vault)
        replica: dict[str, Any] = {"retention_days": 0, "tags": TAGS}
        aws.add_instance("r1", **replica, ReadReplicaSourceDBInstanceIdentifier="orders")
        aws.add_instance("r2", **replica, ReadReplicaSourceDBClusterIdentifier="billing")
        aws.add_cluster("far", tags=TAGS, ReplicationSourceIdentifier="arn:of-far")
        cev = "16.00.4215.2.my-cev"
        aws.add_instance("dev", engine="sqlserver-dev-ee", tags=TAGS, EngineVersion=cev)
        aws.add_instance("tagged", tags=TAGS | {f"tag-{n:02}": "" for n in range(40)})
        aws.take_automated_of_all()
        found = checked(aws)

        assert found.not_well() == {
            *(("fail", f"{n} (instance)", "automated backups") for n in ("vaulted", "r1", "r2")),
            *(("warn", f"{n} (instance)", NEWEST) for n in ("vaulted", "r1", "r2")),
            ("warn", "dev (instance)", "engine"),
            ("warn", "tagged (instance)", "tags"),
        }
        for name, source in (("r1 (instance)", "orders"), ("r2 (instance)", "billing")):
            said = found.one(name, "automated backups")
            assert said["fact"].endswith(f"; a read replica of {source}")
        said = found.one("far (cluster)", "automated backups")
        assert said["fact"].endswith("; a read replica of arn:of-far")
        assert "AWS Backup" in found.one("vaulted (instance)", "automated backups")["fact"]
        assert cev in found.one("dev (instance)", "engine")["fact"]

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
        """A default group has no permanent or persistent option."""
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

    def test_of_aws_rds_nothing_is_read_but_that_it_is_there(self, aws: Sandbox) -> None:
        """Its policy is AWS's, and the role may not read it."""
        found = checked(aws, BACKUP_KMS_KEY_ID="alias/aws/rds")

        assert found.level(BACKUP_KEY, "customer managed") == "warn"
        asked = {c.operation for c in aws.calls if (c.service, c.account) == ("kms", aws.backup.id)}
        assert {"DescribeKey"} == asked

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
