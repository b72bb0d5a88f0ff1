"""The statements that `check` looks for and hands out are the very ones of the templates."""

import shlex
from collections.abc import Mapping
from typing import Any

import pytest

from rds_backup.check import expiring, stacks
from rds_backup.check.statements import Statements
from rds_backup.inputs.environment import from_env
from rds_backup.model.inventory import Side
from tests.support.resolved_templates import (
    ADMINISTRATOR,
    BACKUP,
    BACKUP_KEY,
    BACKUP_TEMPLATE,
    FUNCTION_ROLE,
    KEY,
    SOURCE,
    SOURCE_TEMPLATE,
    Stack,
)

DATABASE_KEY = KEY.replace("1234", "4321")
EXTERNAL_ID = "nightly"
SOURCE_STACK = Stack(
    SOURCE_TEMPLATE, DatabaseKmsKeyArns=DATABASE_KEY, BackupAccountExternalId=EXTERNAL_ID
)
BACKUP_STACK = Stack(BACKUP_TEMPLATE, ExternalId=EXTERNAL_ID)
OURS = Statements(from_env(SOURCE_STACK.environment("BackupFunction")), FUNCTION_ROLE)
ROLE = OURS.settings.role

FUNCTION_ROLE_HAS = [
    OURS.assume_backup_role(),
    OURS.listing(Side.SOURCE),
    OURS.quotas(Side.SOURCE),
    OURS.option_groups(),
    OURS.own_role(FUNCTION_ROLE),
    OURS.read_key(Side.SOURCE, KEY),
    OURS.read_key_policy(Side.SOURCE, KEY),
    OURS.default_key(),
    *OURS.database_keys([DATABASE_KEY]),
]
BACKUP_ROLE_HAS = [
    OURS.listing(Side.BACKUP),
    OURS.quotas(Side.BACKUP),
    OURS.own_role(ROLE),
    OURS.read_key(Side.BACKUP, BACKUP_KEY),
    OURS.read_key_policy(Side.BACKUP, BACKUP_KEY),
    *OURS.sharing_key_from_backup(KEY),
]


def _sid(statement: Mapping[str, Any]) -> str:
    return str(statement["Sid"])


def _alike(statement: Mapping[str, Any]) -> dict[str, Any]:
    """With lists of one for single values, and an account's id for its root."""
    found = dict(statement)
    for name in ("Action", "Resource"):
        value = found.get(name, [])
        found[name] = [value] if isinstance(value, str) else list(value)
    return found


def _of(stack: Stack, resource: str, sid: str) -> dict[str, Any]:
    (found,) = [s for s in stack.statements(resource) if s["Sid"] == sid]
    return _alike(found)


@pytest.mark.parametrize("statement", FUNCTION_ROLE_HAS, ids=_sid)
def test_the_function_s_role_has_it(statement: dict[str, Any]) -> None:
    """What is pasted gives neither more nor less than the stack."""
    assert _of(SOURCE_STACK, "BackupFunctionRole", statement["Sid"]) == _alike(statement)


@pytest.mark.parametrize("statement", BACKUP_ROLE_HAS, ids=_sid)
def test_the_backup_account_s_role_has_it(statement: dict[str, Any]) -> None:
    """The same on the other side."""
    assert _of(BACKUP_STACK, "BackupRole", statement["Sid"]) == _alike(statement)


def test_the_backup_account_s_role_knows_aws_rds_by_its_alias() -> None:
    """Where backups are under it."""
    stack = Stack(BACKUP_TEMPLATE, BackupKeyAlias="alias/aws/rds")
    wanted = OURS.default_key(Side.BACKUP)
    assert _of(stack, "BackupRole", "ReadDefaultKey") == _alike(wanted)


def test_the_sharing_key_has_exactly_these() -> None:
    """A key of the stack's own passes: no statement more, no statement less."""
    wanted = [OURS.own_account(SOURCE), *OURS.backup_role_on_sharing_key()]
    found = SOURCE_STACK.statements("SharingKey")

    assert [*map(_alike, wanted)] == [*map(_alike, found)]


def test_the_backup_key_has_exactly_these() -> None:
    """The same, with whoever is to administer it."""
    wanted = [OURS.own_account(BACKUP), *OURS.guards_of_backup_key([ADMINISTRATOR])]
    found = BACKUP_STACK.statements("BackupKey")

    assert [*map(_alike, wanted)] == [*map(_alike, found)]


def test_the_trust_is_the_stack_s() -> None:
    """The function's role is trusted, and the external id asked for, which is not printed."""
    expected = _alike(BACKUP_STACK.trust("BackupRole"))
    assert expected["Condition"]["StringEquals"] == {"sts:ExternalId": EXTERNAL_ID}
    expected["Condition"]["StringEquals"] = {"sts:ExternalId": "THE-EXTERNAL-ID"}

    assert _alike(OURS.trust()) == expected


@pytest.mark.parametrize(
    ("region", "partition", "suffix"),
    [
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
        ("us-iso-east-1", "aws-iso", "c2s.ic.gov"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
    ],
)
def test_rds_has_another_name_in_another_partition(
    region: str, partition: str, suffix: str
) -> None:
    """A condition on the wrong one is never met (AWS::URLSuffix; 12.7)."""
    environment = SOURCE_STACK.environment("BackupFunction") | {
        "AWS_REGION": region,
        "BACKUP_ACCOUNT_ROLE": f"arn:{partition}:iam::{BACKUP}:role/rds-backup-writer",
        "KMS_KEY_ID": "alias/sharing",
    }
    ours = Statements(from_env(environment), FUNCTION_ROLE).backup_role_on_sharing_key()

    through = {"kms:ViaService": f"rds.{region}.{suffix}"}
    assert through == ours[1]["Condition"]["StringEquals"]
    assert ours[1]["Principal"] == {"AWS": f"arn:{partition}:iam::{BACKUP}:root"}


def test_the_role_says_who_expires_and_whether_backups_are_restored() -> None:
    """The tags are all that the source account can know of the other stack's settings."""
    tags = {tag["Key"]: tag["Value"] for tag in BACKUP_STACK.resources()["BackupRole"]["Tags"]}

    assert {
        "rds-backup:expire-from": "backup-account",
        "rds-backup:backups-to-keep": "7",
        "rds-backup:keep-at-least-days": "7",
        **{f"rds-backup:keep-{tier}": "0" for tier in ("weekly", "monthly", "yearly")},
        stacks.SOURCE_SCHEDULES: "ENABLED",
        stacks.TAG_GUARD: "on",
        expiring.DRILLS: "off",
    } == tags
    drilled = Stack(BACKUP_TEMPLATE, DrillSchedule="rate(1 day)").resources()["BackupRole"]
    assert {"Key": expiring.DRILLS, "Value": "on"} in drilled["Tags"]


def test_the_guard_of_tags_is_told_as_it_is() -> None:
    """Of this stack by the environment, of the other by a tag on its role."""
    for guard in ("on", "off"):
        told = from_env(Stack(SOURCE_TEMPLATE, TagGuard=guard).environment("BackupFunction"))
        role = Stack(BACKUP_TEMPLATE, TagGuard=guard).resources()["BackupRole"]

        assert told.tags_guarded == (guard == "on")
        assert {"Key": stacks.TAG_GUARD, "Value": guard} in role["Tags"]


def test_the_schedule_is_told_as_it_is() -> None:
    """A check that compared another schedule would pass what fails."""
    given = {"NightSchedule": "cron(30 1 * * ? *)", "ScheduleTimezone": "Europe/Berlin"}
    stack = Stack(SOURCE_TEMPLATE, **given)
    told = from_env(stack.environment("BackupFunction"))

    assert (told.schedule, told.timezone) == ("cron(30 1 * * ? *)", "Europe/Berlin")
    assert told.scheduled
    off = Stack(SOURCE_TEMPLATE, ScheduleState="DISABLED").environment("BackupFunction")
    assert not from_env(off).scheduled
    schedule = stack.resources()["NightlySchedule"]
    assert told.schedule == schedule["ScheduleExpression"]
    assert told.timezone == schedule["ScheduleExpressionTimezone"]


def test_with_two_regions_each_side_names_its_own_and_keys_name_both() -> None:
    """The backup account's stack is deployed in the other Region, as the first one's output says.

    Which Region's RDS reads the shared copy's key is not documented (2.27c).
    """
    there = "eu-central-1"
    source = Stack(SOURCE_TEMPLATE, BackupRegion=there)
    words = shlex.split(source.outputs()["NextCommand"])
    given = dict(word.split("=", 1) for word in words[words.index("--parameter-overrides") + 1 :])
    administrator = {"KeyAdministrators": ADMINISTRATOR}
    backup = Stack(BACKUP_TEMPLATE, region=there, **given | administrator)
    ours = Statements(from_env(source.environment("BackupFunction")), FUNCTION_ROLE)

    assert there == words[words.index("--region") + 1]
    assert "eu-west-1" == given["SourceRegions"]
    assert set() == source.broken_rules() | backup.broken_rules()
    wanted = [ours.own_account(SOURCE), *ours.backup_role_on_sharing_key()]
    assert [*map(_alike, wanted)] == [*map(_alike, source.statements("SharingKey"))]
    role = [
        *(ours.listing(Side.BACKUP), ours.quotas(Side.BACKUP), ours.what_the_region_has()),
        *ours.sharing_key_from_backup(KEY),
    ]
    for statement in role:
        assert _of(backup, "BackupRole", statement["Sid"]) == _alike(statement)
    services = [f"rds.{region}.amazonaws.com" for region in (there, "eu-west-1")]
    (through,) = [s for s in role if s["Sid"] == "DecryptUnderSharingKeys"]
    assert {"kms:ViaService": services} == through["Condition"]["StringEquals"]
    own = _of(backup, "BackupRole", "EncryptUnderBackupKey")["Condition"]["StringEquals"]
    assert {"kms:ViaService": services[0]} == own


def test_several_regions_may_have_one_stack_of_the_backup_account() -> None:
    """Each is named; without any, the role is as it was before there was a second Region."""
    several = Stack(BACKUP_TEMPLATE, SourceRegions="us-east-1,us-west-2")
    one = _of(several, "BackupRole", "GrantSharingKeysToRds")["Condition"]["StringEquals"]
    regions = ("eu-west-1", "us-east-1", "us-west-2")
    assert [f"rds.{region}.amazonaws.com" for region in regions] == one["kms:ViaService"]
    sids = {s["Sid"] for s in BACKUP_STACK.statements("BackupRole")}
    assert "ReadWhatTheRegionHas" not in sids


def test_the_other_region_is_another_one() -> None:
    """Its own Region is refused by a rule, as by the function."""
    assert {"BackupsLeaveThisRegion"} == Stack(
        SOURCE_TEMPLATE, BackupRegion="eu-west-1"
    ).broken_rules()
