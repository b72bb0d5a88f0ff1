"""The configuration, read once from a mapping; every mistake is collected and reported at once.

Nothing here calls AWS.  Accounts, keys and everything that decides a deletion come from here and
from nowhere else, above all not from an event.
"""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta

from rds_backup.model.identity import LARGEST_ATTEMPT
from rds_backup.model.inventory import Kind
from rds_backup.model.settings import BackupSettings, Rules, Selector, Settings

VARIABLES = (
    "DB_ID",
    "CLUSTER",
    "SOURCE_ACCOUNT",
    "KMS_KEY_ID",
    "BACKUP_ACCOUNT",
    "BACKUP_ACCOUNT_ROLE",
    "AWS_REGION",
    "BACKUPS_TO_KEEP",
    "KEEP_AT_LEAST_DAYS",
    "BACKUP_KMS_KEY_ID",
    "BACKUP_ACCOUNT_EXTERNAL_ID",
    "DB_TAG",
    "EXPIRE_BACKUPS",
    "MAX_SNAPSHOT_AGE_HOURS",
    "MAX_ATTEMPTS",
    "MAX_INSTANCE_COPIES",
    "MAX_CLUSTER_COPIES",
    "SNAPSHOT_PREFIX",
    "NIGHT_SCHEDULE",
    "SCHEDULE_TIMEZONE",
    "SCHEDULE_STATE",
)
DEFAULTS = {
    "CLUSTER": "false",
    "AWS_REGION": "eu-west-1",
    "BACKUPS_TO_KEEP": "7",
    "KEEP_AT_LEAST_DAYS": "0",
    "BACKUP_KMS_KEY_ID": "alias/rds-backup",
    "EXPIRE_BACKUPS": "true",
    "MAX_SNAPSHOT_AGE_HOURS": "36",
    "MAX_ATTEMPTS": "3",
    "MAX_INSTANCE_COPIES": "20",
    "MAX_CLUSTER_COPIES": "5",
    "SNAPSHOT_PREFIX": "rds-backup",
    "SCHEDULE_TIMEZONE": "UTC",
    "SCHEDULE_STATE": "ENABLED",
}
# May be set to nothing, which is the same as not set: a template sets all of its variables.
OPTIONAL = ("DB_ID", "DB_TAG", "BACKUP_ACCOUNT_EXTERNAL_ID", "NIGHT_SCHEDULE")
SECRET = ("BACKUP_ACCOUNT_EXTERNAL_ID",)
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d", re.ASCII)
_DATABASE = re.compile(r"[a-z](?!.*--)[a-z0-9-]{0,61}[a-z0-9]|[a-z]", re.ASCII)
_PREFIX = re.compile(r"[a-z](?!.*--)[a-z0-9-]{0,18}[a-z0-9]|[a-z]", re.ASCII)
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/[\w+=,.@/-]{1,576}", re.ASCII)
_KEY_ARN = re.compile(
    r"arn:aws[a-z-]*:kms:([a-z0-9-]+):(\d{12}):(key/[A-Za-z0-9-]+|alias/[\w/-]+)", re.ASCII
)
_KEY = re.compile(r"[A-Za-z0-9-]{4,}|alias/[\w/-]+", re.ASCII)
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)
_SCHEDULE = re.compile(r"cron\([^()]+\)|rate\([1-9]\d* (minute|hour|day)s?\)", re.ASCII)
_STATE = re.compile(r"ENABLED|DISABLED")
_TIMEZONE = re.compile(r"[A-Za-z][\w/+-]*", re.ASCII)
_TAG_TEXT = re.compile(r"[\w\s.:/+=@-]*")
_MAX_TAG_KEY, _MAX_TAG_VALUE = 128, 256
_MAX_SHOWN = 80


class SettingsError(Exception):
    """The environment cannot be used; the message names each variable, and what it has to be."""


class _Reader:
    """Reads variables and collects what is wrong with them."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self.mistakes: list[str] = []

    def text(self, name: str) -> str | None:
        """The stripped value, the default, or None: then the mistake is noted if there is one."""
        raw = self._env.get(name, DEFAULTS.get(name))
        value = None if raw is None else raw.strip()
        if not value and name not in OPTIONAL:
            found = "is not set" if raw is None else "is empty"
            self.mistakes.append(f"{name} {found}; expected {_EXPECTED[name]}")
        return value or None

    def wrong(self, name: str, value: str, expected: str | None = None) -> None:
        shown = f"of {len(value)} characters" if name in SECRET else repr(value[:_MAX_SHOWN])
        self.mistakes.append(f"{name} is {shown}; expected {expected or _EXPECTED[name]}")

    def matching(self, name: str, fits: Callable[[str], object]) -> str:
        value = self.text(name)
        if value is not None and not fits(value):
            self.wrong(name, value)
        return value or ""

    def number(self, name: str, least: int, most: int = 10**6) -> int:
        value = self.text(name)
        if value is None:
            return least
        if not re.fullmatch(r"[0-9]{1,9}", value) or not least <= int(value) <= most:
            self.wrong(name, value)
            return least
        return int(value)

    def boolean(self, name: str) -> bool:
        value = self.text(name)
        if value is not None and value.lower() not in ("true", "false"):
            self.wrong(name, value)
        return (value or "").lower() == "true"

    def key(self, name: str, region: str, account: str, owner: str) -> str:
        """A key id, ARN or alias; an ARN has to lie in this Region and in the owner's account."""
        value = self.text(name) or ""
        found = _KEY_ARN.fullmatch(value)
        if "alias/aws/" in value:
            expected = (
                "a customer managed key: a snapshot under an AWS managed key cannot be shared"
            )
            self.wrong(name, value, expected)
        elif found:
            if found[1] != region:
                self.wrong(name, value, f"a key of this Region, {region}")
            if account and found[2] != account:
                self.wrong(name, value, f"a key of {owner}, {account}")
        elif value and not _KEY.fullmatch(value):
            self.wrong(name, value)
        return value

    def databases(self) -> tuple[str, ...]:
        parts = (self.text("DB_ID") or "").lower().split(",")
        names = tuple(dict.fromkeys(p.strip() for p in parts if p.strip()))
        for name in names:
            if name.startswith("arn:"):
                self.wrong("DB_ID", name, "an identifier, not an ARN: its last part")
            elif not _DATABASE.fullmatch(name):
                self.wrong("DB_ID", name)
        return names

    def tag(self) -> tuple[str, str | None] | None:
        text = self.text("DB_TAG")
        if text is None:
            return None
        key, equals, value = (part.strip() for part in text.partition("="))
        fits = _TAG_TEXT.fullmatch(text) and 0 < len(key) <= _MAX_TAG_KEY
        if not fits or len(value) > _MAX_TAG_VALUE:
            self.wrong("DB_TAG", text)
        return key, value if equals else None

    def finish(self) -> None:
        if self.mistakes:
            lines = "\n".join(f"- {m}" for m in self.mistakes)
            raise SettingsError(f"the environment cannot be used:\n{lines}")


_EXPECTED = {
    "DB_ID": "identifiers of databases, separated by commas",
    "CLUSTER": "true or false",
    "SOURCE_ACCOUNT": "the 12 digits of the account of the databases",
    "KMS_KEY_ID": "the id, ARN or alias of the customer managed sharing key in SOURCE_ACCOUNT",
    "BACKUP_ACCOUNT": "the 12 digits of the account of the backups",
    "BACKUP_ACCOUNT_ROLE": "the full ARN of a role in BACKUP_ACCOUNT",
    "AWS_REGION": "a Region's code, such as eu-west-1",
    "BACKUPS_TO_KEEP": "a whole number, at least 1",
    "KEEP_AT_LEAST_DAYS": "a whole number of days, at least 0",
    "BACKUP_KMS_KEY_ID": "the id, ARN or alias of the backup key in BACKUP_ACCOUNT",
    "BACKUP_ACCOUNT_EXTERNAL_ID": "2 to 1224 letters, digits and + = , . @ : / - _",
    "DB_TAG": "key=value or key, as a tag of the databases",
    "EXPIRE_BACKUPS": "true or false",
    "MAX_SNAPSHOT_AGE_HOURS": "a whole number of hours, at least 1",
    "MAX_ATTEMPTS": f"a whole number from 1 to {LARGEST_ATTEMPT}",
    "MAX_INSTANCE_COPIES": "a whole number, at least 1",
    "MAX_CLUSTER_COPIES": "a whole number, at least 1",
    "SNAPSHOT_PREFIX": (
        "1 to 20 lower-case letters, digits and single hyphens, "
        "starting with a letter and not ending with a hyphen"
    ),
    "NIGHT_SCHEDULE": "cron(...) or rate(...), as the schedule of the backups says",
    "SCHEDULE_TIMEZONE": "a name of the IANA time zone database",
    "SCHEDULE_STATE": "ENABLED or DISABLED",
}


def from_env(env: Mapping[str, str]) -> Settings:
    """The settings for the source account.

    Raises SettingsError, naming every variable that is missing or wrong, what was found (never an
    external id) and what is expected.
    """
    read = _Reader(env)
    selector = Selector(
        read.databases(),
        Kind.CLUSTER if read.boolean("CLUSTER") else Kind.INSTANCE,
        read.tag(),
    )
    if not selector.identifiers and selector.tag is None:
        read.mistakes.append(
            f"DB_ID and DB_TAG are not set; expected {_EXPECTED['DB_ID']}, "
            f"or in DB_TAG {_EXPECTED['DB_TAG']}"
        )
    source = read.matching("SOURCE_ACCOUNT", _ACCOUNT.fullmatch)
    backup = _backup_settings(read)
    if source and source == backup.account:
        read.wrong("BACKUP_ACCOUNT", source, "another account than SOURCE_ACCOUNT")
    role = read.matching("BACKUP_ACCOUNT_ROLE", _ROLE.fullmatch)
    in_role = _ROLE.fullmatch(role)
    if in_role and backup.account and in_role[1] != backup.account:
        read.wrong("BACKUP_ACCOUNT_ROLE", role)
    external_id = read.text("BACKUP_ACCOUNT_EXTERNAL_ID")
    if external_id and not _EXTERNAL_ID.fullmatch(external_id):
        read.wrong("BACKUP_ACCOUNT_EXTERNAL_ID", external_id)
    schedule = read.text("NIGHT_SCHEDULE")
    if schedule and not _SCHEDULE.fullmatch(schedule):
        read.wrong("NIGHT_SCHEDULE", schedule)
    settings = Settings(
        selector=selector,
        source_account=source,
        sharing_key=read.key("KMS_KEY_ID", backup.region, source, "SOURCE_ACCOUNT"),
        role=role,
        external_id=external_id,
        expire=read.boolean("EXPIRE_BACKUPS"),
        max_attempts=read.number("MAX_ATTEMPTS", 1, LARGEST_ATTEMPT),
        max_copies={
            Kind.INSTANCE: read.number("MAX_INSTANCE_COPIES", 1),
            Kind.CLUSTER: read.number("MAX_CLUSTER_COPIES", 1),
        },
        backup=backup,
        schedule=schedule,
        timezone=read.matching("SCHEDULE_TIMEZONE", _TIMEZONE.fullmatch),
        scheduled=read.matching("SCHEDULE_STATE", _STATE.fullmatch) == "ENABLED",
    )
    read.finish()
    return settings


def expire_from_env(env: Mapping[str, str]) -> BackupSettings:
    """The settings for ``expire`` in the backup account; raises SettingsError like ``from_env``."""
    read = _Reader(env)
    settings = _backup_settings(read)
    read.finish()
    return settings


def _backup_settings(read: _Reader) -> BackupSettings:
    account = read.matching("BACKUP_ACCOUNT", _ACCOUNT.fullmatch)
    region = read.matching("AWS_REGION", _REGION.fullmatch)
    return BackupSettings(
        account=account,
        region=region,
        key=read.key("BACKUP_KMS_KEY_ID", region, account, "BACKUP_ACCOUNT"),
        prefix=read.matching("SNAPSHOT_PREFIX", _PREFIX.fullmatch),
        rules=Rules(
            read.number("BACKUPS_TO_KEEP", 1),
            timedelta(days=read.number("KEEP_AT_LEAST_DAYS", 0, 36500)),
        ),
        max_age_hours=read.number("MAX_SNAPSHOT_AGE_HOURS", 1),
    )
