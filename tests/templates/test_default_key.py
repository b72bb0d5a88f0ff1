"""Both stacks where backups are under ``aws/rds`` of the backup account."""

from rds_backup.inputs.environment import expire_from_env
from tests.support.resolved_templates import BACKUP, BACKUP_TEMPLATE, Stack

GIVEN = {"TrailExists": "yes", "DrillSchedule": "rate(1 day)"}
OWN = Stack(BACKUP_TEMPLATE, **GIVEN)
DEFAULT = Stack(BACKUP_TEMPLATE, BackupKeyAlias="alias/aws/rds", KeyAdministrators="none", **GIVEN)
# The role, and the statement by which it knows the key.
READS = {
    "BackupRole": "ReadDefaultKey",
    "ExpireFunctionRole": "ResolveDefaultKey",
    "DrillFunctionRole": "ReadDefaultKeyForDrills",
}


def test_there_is_no_key_and_nothing_that_watches_one() -> None:
    """Everything else is as it was; nobody can end what would be watched (6.13d)."""
    gone = {"BackupKey", "BackupAlias", "BackupKeyNotUsable", "BackupKeyTouched"}
    made = DEFAULT.resources()

    assert gone == OWN.resources().keys() ^ made.keys()
    assert "BackupKey" not in str(made) + str(DEFAULT.outputs().keys() - {"BackupKeyAlias"})
    assert "backup-key-touched" not in str(made)
    assert ["failed", "deletions"] == [m["Id"] for m in made["AlertsUndelivered"]["Metrics"]]
    assert "deletions" == made["AlertsUndelivered"]["Metrics"][0]["Expression"]


def test_the_key_that_was_there_outlives_the_change() -> None:
    """Backups are under it: neither it nor its name goes when the stack makes it no longer."""
    for name in ("BackupKey", "BackupAlias"):
        assert "RetainExceptOnCreate" == BACKUP_TEMPLATE.resources[name]["DeletionPolicy"]


def test_the_functions_are_told_the_alias() -> None:
    """By its id they would refuse it: which service's it is cannot be seen."""
    for name in ("ExpireFunction", "LookFunction", "DrillFunction", "DrillLookFunction"):
        assert "alias/aws/rds" == expire_from_env(DEFAULT.environment(name)).key
    assert "alias/aws/rds" == DEFAULT.outputs()["BackupKeyAlias"]


def test_the_roles_know_the_key_by_its_alias_and_have_no_other_right_to_a_key_there() -> None:
    """Its own policy lets RDS use it for everybody in the account."""
    for role, sid in READS.items():
        own, default = (
            {s["Sid"]: s for s in stack.statements(role) if "kms:" in str(s["Action"])}
            for stack in (OWN, DEFAULT)
        )
        assert {sid} == default.keys() - own.keys()
        assert {"kms:DescribeKey"} == {default[sid]["Action"]}
        assert f"arn:aws:kms:eu-west-1:{BACKUP}:key/*" == default[sid]["Resource"]
        expected = {"StringEquals": {"kms:RequestAlias": "alias/aws/rds"}}
        assert expected == default[sid]["Condition"]
        assert all("BackupKey" in name for name in own.keys() - default.keys())
        assert not any("BackupKey" in name for name in default)
