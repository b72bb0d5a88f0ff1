"""The environment of the drill's function, and how each mistake in it is told."""

from datetime import timedelta

import pytest

from rds_backup.inputs.environment import SettingsError, drill_from_env, expire_from_env
from rds_backup.model.settings import Drills

NEEDED = {
    "BACKUP_ACCOUNT": "222222222222",
    "DRILL_CLASSES": "db.t4g.medium, db.r7g.large",
    "DRILL_SUBNET_GROUP": "drill",
    "DRILL_SECURITY_GROUP": "sg-0a1b2c3d",
    "DRILL_PROBE": "rds-backup-probe",
}
VALIDATOR = "arn:aws:lambda:eu-west-1:222222222222:function:validate"


def test_what_a_drill_needs_is_enough() -> None:
    """The others have a default: twelve hours, and no validator."""
    found = drill_from_env(NEEDED)
    assert ("db.t4g.medium", "db.r7g.large") == found.classes
    assert ("drill", "sg-0a1b2c3d", "rds-backup-probe") == (
        found.subnet_group,
        found.security_group,
        found.probe,
    )
    assert (None, timedelta(hours=12)) == (found.validator, found.deadline)
    assert Drills(None, 0) == found.backup.drills


def test_everything_can_be_set() -> None:
    """Nothing that the interface lists is read and forgotten."""
    found = drill_from_env(
        NEEDED
        | {
            "DRILL_VALIDATOR_ARN": VALIDATOR,
            "DRILL_DEADLINE_HOURS": "6",
            "DRILL_SCHEDULE": "rate(1 day)",
            "MAX_DRILL_AGE_DAYS": "30",
        }
    )
    assert (VALIDATOR, timedelta(hours=6)) == (found.validator, found.deadline)
    assert Drills("rate(1 day)", 30) == found.backup.drills


def test_looks_know_the_schedule_of_the_drills() -> None:
    """They tell how long a round takes; what else a drill needs does not concern them."""
    env = {"BACKUP_ACCOUNT": "222222222222", "DRILL_SCHEDULE": "cron(0 9 * * ? *)"}
    assert Drills("cron(0 9 * * ? *)", 0) == expire_from_env(env).drills


@pytest.mark.parametrize(
    "classes",
    ["db.serverless", "db.t4g.medium,db.r5.2xlarge.tpc1.mem2x", "db.m6i.large , db.x2iedn"],
)
def test_every_name_of_a_class_is_taken(classes: str) -> None:
    """Also those of Oracle with threads and memory in them, which the template takes."""
    found = drill_from_env(NEEDED | {"DRILL_CLASSES": classes}).classes
    assert [name.strip() for name in classes.split(",")] == [*found]


@pytest.mark.parametrize("name", NEEDED)
def test_what_is_missing_is_named(name: str) -> None:
    """It is the only mistake, and said with what is expected."""
    with pytest.raises(SettingsError, match=f"{name} is not set; expected "):
        drill_from_env({key: value for key, value in NEEDED.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DRILL_CLASSES", "t4g.medium"),
        ("DRILL_CLASSES", "db.t4g.medium,"),
        ("DRILL_CLASSES", "db.t4g.medium;db.r7g.large"),
        ("DRILL_SUBNET_GROUP", "a/b"),
        ("DRILL_SECURITY_GROUP", "default"),
        ("DRILL_SECURITY_GROUP", "sg-1,sg-2"),
        ("DRILL_PROBE", "arn:aws:iam::222222222222:role/x"),
        ("DRILL_VALIDATOR_ARN", "https://example.com"),
        ("DRILL_DEADLINE_HOURS", "0"),
        ("DRILL_DEADLINE_HOURS", "73"),
        ("DRILL_SCHEDULE", "daily"),
        ("MAX_DRILL_AGE_DAYS", "-1"),
    ],
)
def test_what_is_wrong_is_named(name: str, value: str) -> None:
    """With what was found and what is expected, before anything is restored."""
    with pytest.raises(SettingsError, match=f"{name} is '.*'; expected "):
        drill_from_env(NEEDED | {name: value})
