"""Every variable of the environment, a row each: what it may be, and what it is if not set.

The one table: the reading, the error messages, and the documentation's table follow from it.  What
several variables have to be together is ``environment``'s business.
"""

import re
from typing import NamedTuple

from rds_backup.model.identity import LARGEST_ATTEMPT

_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d", re.ASCII)
# Every Region's code of today ends like this: a slip of the pen mostly does not.
_POINT = r"(north|south|central|east|west)(east|west)?"
_OTHER_REGION = re.compile(rf"[a-z]{{2,4}}(-[a-z]+)?-{_POINT}-\d", re.ASCII)
_BOOLEAN = re.compile(r"true|false", re.ASCII | re.IGNORECASE)
_KEY = re.compile(
    r"arn:aws[a-z-]*:kms:([a-z0-9-]+):(\d{12}):(?:key/[A-Za-z0-9-]+|alias/[\w/-]+)"
    r"|[A-Za-z0-9-]{4,}|alias/[\w/-]+",
    re.ASCII,
)
_SCHEDULE = re.compile(r"cron\([^()]+\)|rate\([1-9]\d* (minute|hour|day)s?\)", re.ASCII)
_CLASS = r"db\.[a-z0-9-]+(?:\.[a-z0-9-]+)*"
_FUNCTION_IS = "the name or ARN of the Lambda function"
_FUNCTION = re.compile(
    r"(?:arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:)?[\w-]{1,64}(?::[\w$-]{1,128})?",
    re.ASCII,
)
_MANY = 10**6


class Variable(NamedTuple):
    """One variable; without a ``default`` it is required, unless it is ``optional``.

    ``pattern`` is of the whole value (of each identifier in ``DB_ID``), ``numbers`` the least and
    the most of a whole number.  An optional one may be set to nothing, which is the same as not
    set: a template sets all of its variables.  The value of a ``secret`` one is never shown.
    """

    name: str
    expected: str
    default: str | None = None
    pattern: re.Pattern[str] | None = None
    numbers: tuple[int, int] | None = None
    optional: bool = False
    secret: bool = False


_ROWS = (
    Variable(
        "DB_ID",
        "identifiers of databases, separated by commas",
        pattern=re.compile(r"[a-z](?!.*--)[a-z0-9-]{0,61}[a-z0-9]|[a-z]", re.ASCII),
        optional=True,
    ),
    Variable("CLUSTER", "true or false", "false", _BOOLEAN),
    Variable("SOURCE_ACCOUNT", "the 12 digits of the account of the databases", pattern=_ACCOUNT),
    Variable(
        "KMS_KEY_ID",
        "the id, ARN or alias of the customer managed sharing key in SOURCE_ACCOUNT",
        pattern=_KEY,
    ),
    Variable("BACKUP_ACCOUNT", "the 12 digits of the account of the backups", pattern=_ACCOUNT),
    Variable(
        "BACKUP_ACCOUNT_ROLE",
        "the full ARN of a role in BACKUP_ACCOUNT",
        pattern=re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/[\w+=,.@/-]{1,576}", re.ASCII),
    ),
    Variable(
        "AWS_REGION",
        "a Region's code, such as eu-west-1",
        "eu-west-1",
        _REGION,
    ),
    Variable(
        "BACKUP_REGION",
        "the code of another Region than AWS_REGION, such as eu-central-1, or nothing",
        pattern=_OTHER_REGION,
        optional=True,
    ),
    Variable("BACKUPS_TO_KEEP", "a whole number, at least 1", "7", numbers=(1, _MANY)),
    Variable("KEEP_AT_LEAST_DAYS", "a whole number of days, at least 0", "0", numbers=(0, 36500)),
    Variable("KEEP_WEEKLY", "a whole number of weeks from 0 to 1000", "0", numbers=(0, 1000)),
    Variable("KEEP_MONTHLY", "a whole number of months from 0 to 1000", "0", numbers=(0, 1000)),
    Variable("KEEP_YEARLY", "a whole number of years from 0 to 1000", "0", numbers=(0, 1000)),
    Variable(
        "BACKUP_KMS_KEY_ID",
        "the id, ARN or alias of the backup key in BACKUP_ACCOUNT",
        "alias/rds-backup",
        _KEY,
    ),
    Variable(
        "BACKUP_ACCOUNT_EXTERNAL_ID",
        "2 to 1224 letters, digits and + = , . @ : / - _",
        pattern=re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII),
        optional=True,
        secret=True,
    ),
    Variable(
        "DB_TAG",
        "key=value or key, as a tag of the databases",
        pattern=re.compile(r"[\w\s.:/+=@-]*"),
        optional=True,
    ),
    Variable("EXPIRE_BACKUPS", "true or false", "true", _BOOLEAN),
    Variable(
        "MAX_SNAPSHOT_AGE_HOURS", "a whole number of hours, at least 1", "36", numbers=(1, _MANY)
    ),
    Variable(
        "MAX_ATTEMPTS",
        f"a whole number from 1 to {LARGEST_ATTEMPT}",
        "3",
        numbers=(1, LARGEST_ATTEMPT),
    ),
    Variable("MAX_INSTANCE_COPIES", "a whole number, at least 1", "20", numbers=(1, _MANY)),
    Variable("MAX_CLUSTER_COPIES", "a whole number, at least 1", "5", numbers=(1, _MANY)),
    Variable(
        "SNAPSHOT_PREFIX",
        "1 to 20 lower-case letters, digits and single hyphens, starting with a letter and not "
        "ending with a hyphen",
        "rds-backup",
        re.compile(r"[a-z](?!.*--)[a-z0-9-]{0,18}[a-z0-9]|[a-z]", re.ASCII),
    ),
    Variable(
        "NIGHT_SCHEDULE",
        "cron(...) or rate(...), as the schedule of the backups says",
        pattern=_SCHEDULE,
        optional=True,
    ),
    Variable(
        "SCHEDULE_TIMEZONE",
        "a name of the IANA time zone database",
        "UTC",
        re.compile(r"[A-Za-z][\w/+-]*", re.ASCII),
    ),
    Variable("SCHEDULE_STATE", "ENABLED or DISABLED", "ENABLED", re.compile(r"ENABLED|DISABLED")),
    Variable("TAG_GUARD", "on or off", "on", re.compile(r"on|off")),
    Variable("READ_ONLY", "true or false", "false", _BOOLEAN),
    Variable("INCREMENTAL", "true or false", "false", _BOOLEAN),
    Variable(
        "DRILL_CLASSES",
        "DB instance classes, separated by commas, such as db.t4g.medium,db.r7g.large",
        pattern=re.compile(rf"{_CLASS}(?:\s*,\s*{_CLASS})*", re.ASCII),
    ),
    Variable(
        "DRILL_SUBNET_GROUP",
        "the name of a DB subnet group in BACKUP_ACCOUNT",
        pattern=re.compile(r"[\w .-]{1,255}", re.ASCII),
    ),
    Variable(
        "DRILL_SECURITY_GROUP",
        "the id of a VPC security group in BACKUP_ACCOUNT",
        pattern=re.compile(r"sg-[0-9a-z]+", re.ASCII),
    ),
    Variable("DRILL_PROBE", f"{_FUNCTION_IS} that asks a restored database", pattern=_FUNCTION),
    Variable(
        "DRILL_VALIDATOR_ARN",
        f"{_FUNCTION_IS} that validates a restored database",
        pattern=_FUNCTION,
        optional=True,
    ),
    Variable("DRILL_DEADLINE_HOURS", "a whole number of hours from 1 to 72", "12", numbers=(1, 72)),
    Variable(
        "DRILL_SCHEDULE",
        "cron(...) or rate(...), as the schedule of the drills says",
        pattern=_SCHEDULE,
        optional=True,
    ),
    Variable(
        "MAX_DRILL_AGE_DAYS", "a whole number of days, 0 for no limit", "0", numbers=(0, 3650)
    ),
)
VARIABLES = {row.name: row for row in _ROWS}
DEFAULTS = {row.name: row.default for row in _ROWS if row.default is not None}
