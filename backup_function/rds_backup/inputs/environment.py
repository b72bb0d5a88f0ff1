"""The configuration, read once from a mapping; every mistake is collected and reported at once.

Nothing here calls AWS.  Accounts, keys and everything that decides a deletion come from here and
from nowhere else, above all not from an event.
"""

import re
from collections.abc import Mapping
from datetime import timedelta

from rds_backup.inputs.variables import VARIABLES
from rds_backup.model.inventory import Kind
from rds_backup.model.settings import BackupSettings, Rules, Selector, Settings, partition_of

_MAX_SHOWN = 80
# A tag's key has 1 to 128 characters, its value at most 256 (RDS API reference, Tag).
_MAX_TAG_KEY, _MAX_TAG_VALUE = 128, 256


class SettingsError(Exception):
    """The environment cannot be used; the message names each variable, and what it has to be."""


class _Reader:
    """Reads variables and collects what is wrong with them."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self.mistakes: list[str] = []

    def text(self, name: str) -> str | None:
        """The stripped value, the default, or None: then the mistake is noted if there is one."""
        row = VARIABLES[name]
        raw = self._env.get(name, row.default)
        value = None if raw is None else raw.strip()
        if not value and not row.optional:
            found = "is not set" if raw is None else "is empty"
            self.mistakes.append(f"{name} {found}; expected {row.expected}")
        return value or None

    def wrong(self, name: str, value: str, expected: str | None = None) -> None:
        row = VARIABLES[name]
        shown = f"of {len(value)} characters" if row.secret else repr(value[:_MAX_SHOWN])
        self.mistakes.append(f"{name} is {shown}; expected {expected or row.expected}")

    def matched(self, name: str) -> re.Match[str] | None:
        """The value, if it is one and as its pattern asks; else the mistake is noted."""
        value, pattern = self.text(name), VARIABLES[name].pattern
        assert pattern is not None  # noqa: S101 - only variables with a pattern are asked for
        found = pattern.fullmatch(value) if value else None
        if value and not found:
            self.wrong(name, value)
        return found

    def word(self, name: str) -> str:
        """The value as its pattern asks, or nothing."""
        found = self.matched(name)
        return found[0] if found else ""

    def number(self, name: str) -> int:
        value, numbers = self.text(name), VARIABLES[name].numbers
        assert numbers is not None  # noqa: S101 - only numbers are asked for
        least, most = numbers
        if value is None:
            return least
        if not re.fullmatch(r"[0-9]{1,9}", value) or not least <= int(value) <= most:
            self.wrong(name, value)
            return least
        return int(value)

    def boolean(self, name: str) -> bool:
        return self.word(name).lower() == "true"

    def key(self, name: str, region: str, account: str, owner: str) -> str:
        """A key id, ARN or alias; an ARN has to lie in this Region and in the owner's account."""
        value = self.text(name) or ""
        if "alias/aws/" in value:
            expected = (
                "a customer managed key: a snapshot under an AWS managed key cannot be shared"
            )
            self.wrong(name, value, expected)
            return value
        found = self.matched(name) if value else None
        if found and self.elsewhere(name, value, region):
            return value
        if found and found[1] and region and found[1] != region:
            self.wrong(name, value, f"a key of this Region, {region}")
        if found and found[2] and account and found[2] != account:
            self.wrong(name, value, f"a key of {owner}, {account}")
        return value

    def elsewhere(self, name: str, value: str, region: str) -> bool:
        """Whether an ARN is of another partition than the Region, which nothing leads out of."""
        expected = partition_of(region).name
        if not region or not value.startswith("arn:") or value.split(":")[1] == expected:
            return False
        self.wrong(name, value, f"an ARN of {expected}, the partition of {region}")
        return True

    def databases(self) -> tuple[str, ...]:
        parts = (self.text("DB_ID") or "").lower().split(",")
        names = tuple(dict.fromkeys(p.strip() for p in parts if p.strip()))
        pattern = VARIABLES["DB_ID"].pattern
        for name in names:
            if name.startswith("arn:"):
                self.wrong("DB_ID", name, "an identifier, not an ARN: its last part")
            elif not (pattern and pattern.fullmatch(name)):
                self.wrong("DB_ID", name)
        return names

    def tag(self) -> tuple[str, str | None] | None:
        text = self.text("DB_TAG")
        if text is None:
            return None
        pattern = VARIABLES["DB_TAG"].pattern
        key, equals, value = (part.strip() for part in text.partition("="))
        fits = pattern and pattern.fullmatch(text) and 0 < len(key) <= _MAX_TAG_KEY
        if not fits or len(value) > _MAX_TAG_VALUE:
            self.wrong("DB_TAG", text)
        return key, value if equals else None

    def finish(self) -> None:
        if self.mistakes:
            lines = "\n".join(f"- {m}" for m in self.mistakes)
            raise SettingsError(f"the environment cannot be used:\n{lines}")


def from_env(env: Mapping[str, str]) -> Settings:
    """The settings for the source account.

    Raises SettingsError, naming every variable that is missing or wrong, what was found (never an
    external id) and what is expected.
    """
    read = _Reader(env)
    selector = _selector(read)
    source = read.word("SOURCE_ACCOUNT")
    backup = _backup_settings(read)
    if source and source == backup.account:
        read.wrong("BACKUP_ACCOUNT", source, "another account than SOURCE_ACCOUNT")
    role = read.matched("BACKUP_ACCOUNT_ROLE")
    other = role and read.elsewhere("BACKUP_ACCOUNT_ROLE", role[0], backup.region)
    if role and not other and backup.account and role[1] != backup.account:
        read.wrong("BACKUP_ACCOUNT_ROLE", role[0])
    settings = Settings(
        selector=selector,
        source_account=source,
        sharing_key=read.key("KMS_KEY_ID", backup.region, source, "SOURCE_ACCOUNT"),
        role=role[0] if role else "",
        external_id=read.word("BACKUP_ACCOUNT_EXTERNAL_ID") or None,
        expire=read.boolean("EXPIRE_BACKUPS"),
        max_attempts=read.number("MAX_ATTEMPTS"),
        max_copies={
            Kind.INSTANCE: read.number("MAX_INSTANCE_COPIES"),
            Kind.CLUSTER: read.number("MAX_CLUSTER_COPIES"),
        },
        backup=backup,
        schedule=read.word("NIGHT_SCHEDULE") or None,
        timezone=read.word("SCHEDULE_TIMEZONE"),
        scheduled=read.word("SCHEDULE_STATE") == "ENABLED",
        tags_guarded=read.word("TAG_GUARD") == "on",
    )
    read.finish()
    return settings


def expire_from_env(env: Mapping[str, str]) -> BackupSettings:
    """The settings for ``expire`` in the backup account; raises SettingsError like ``from_env``."""
    read = _Reader(env)
    settings = _backup_settings(read)
    read.finish()
    return settings


def _selector(read: _Reader) -> Selector:
    kind = Kind.CLUSTER if read.boolean("CLUSTER") else Kind.INSTANCE
    selector = Selector(read.databases(), kind, read.tag())
    if not selector.identifiers and selector.tag is None:
        read.mistakes.append(
            f"DB_ID and DB_TAG are not set; expected {VARIABLES['DB_ID'].expected}, "
            f"or in DB_TAG {VARIABLES['DB_TAG'].expected}"
        )
    return selector


def _backup_settings(read: _Reader) -> BackupSettings:
    account = read.word("BACKUP_ACCOUNT")
    region = read.word("AWS_REGION")
    return BackupSettings(
        account=account,
        region=region,
        key=read.key("BACKUP_KMS_KEY_ID", region, account, "BACKUP_ACCOUNT"),
        prefix=read.word("SNAPSHOT_PREFIX"),
        rules=Rules(
            read.number("BACKUPS_TO_KEEP"),
            timedelta(days=read.number("KEEP_AT_LEAST_DAYS")),
        ),
        max_age_hours=read.number("MAX_SNAPSHOT_AGE_HOURS"),
        read_only=read.boolean("READ_ONLY"),
    )
