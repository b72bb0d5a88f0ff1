"""The configuration, read once from a mapping; every mistake is collected and reported at once.

Nothing here calls AWS.  Accounts, keys and everything that decides a deletion come from here and
from nowhere else, above all not from an event.
"""

from collections.abc import Mapping
from datetime import timedelta

from rds_backup.inputs.reader import Reader
from rds_backup.inputs.variables import VARIABLES
from rds_backup.model.inventory import Kind
from rds_backup.model.settings import (
    BackupSettings,
    Drills,
    DrillSettings,
    Rules,
    Selector,
    Settings,
    partition_of,
)


class SettingsError(Exception):
    """The environment cannot be used; the message names each variable, and what it has to be."""


def from_env(env: Mapping[str, str]) -> Settings:
    """The settings for the source account.

    Raises SettingsError, naming every variable that is missing or wrong, what was found (never an
    external id) and what is expected.
    """
    read = Reader(env)
    selector = _selector(read)
    source, account = _accounts(read)
    region, there = _regions(read)
    if region and read.said("BACKUP_REGION") == region:
        read.wrong("BACKUP_REGION", region)
    backup = _backup_settings(read, account, there)
    role = read.matched("BACKUP_ACCOUNT_ROLE")
    if role and not read.elsewhere("BACKUP_ACCOUNT_ROLE", role[0], region):
        read.of_account("BACKUP_ACCOUNT_ROLE", role[1], "BACKUP_ACCOUNT", account)
    settings = Settings(
        selector=selector,
        source_account=source,
        region=region,
        sharing_key=read.key("KMS_KEY_ID", region, source, "SOURCE_ACCOUNT"),
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
        incremental=_incremental(read, selector),
    )
    _finish(read)
    return settings


def expire_from_env(env: Mapping[str, str]) -> BackupSettings:
    """The settings for ``expire`` in the backup account; raises SettingsError like ``from_env``."""
    read = Reader(env)
    settings = _backup_settings(read, read.word("BACKUP_ACCOUNT"), _regions(read)[1])
    _finish(read)
    return settings


def drill_from_env(env: Mapping[str, str]) -> DrillSettings:
    """The settings for drills in the backup account; raises SettingsError like ``from_env``."""
    read = Reader(env)
    settings = DrillSettings(
        backup=_backup_settings(read, read.word("BACKUP_ACCOUNT"), _regions(read)[1]),
        classes=tuple(c.strip() for c in read.word("DRILL_CLASSES").split(",")),
        subnet_group=read.word("DRILL_SUBNET_GROUP"),
        security_group=read.word("DRILL_SECURITY_GROUP"),
        probe=read.word("DRILL_PROBE"),
        validator=read.word("DRILL_VALIDATOR_ARN") or None,
        deadline=timedelta(hours=read.number("DRILL_DEADLINE_HOURS")),
    )
    _finish(read)
    return settings


def _selector(read: Reader) -> Selector:
    kind = Kind.CLUSTER if read.boolean("CLUSTER") else Kind.INSTANCE
    selector = Selector(read.databases(), kind, read.tag())
    if not selector.identifiers and selector.tag is None:
        read.mistakes.append(
            f"DB_ID and DB_TAG are not set; expected {VARIABLES['DB_ID'].expected}, "
            f"or in DB_TAG {VARIABLES['DB_TAG'].expected}"
        )
    return selector


def _incremental(read: Reader, selector: Selector) -> bool:
    incremental = read.boolean("INCREMENTAL")
    if incremental and Kind.INSTANCE not in selector.kinds:
        expected = "false with CLUSTER=true and no DB_TAG: RDS copies clusters in full, always"
        read.wrong("INCREMENTAL", "true", expected)
    return incremental


def _accounts(read: Reader) -> tuple[str, str]:
    """Both accounts; where the ARNs show them to be swapped, that is the mistake, and no other."""
    source, backup = read.word("SOURCE_ACCOUNT"), read.word("BACKUP_ACCOUNT")
    if source and source == backup:
        read.wrong("BACKUP_ACCOUNT", source, "another account than SOURCE_ACCOUNT")
        return source, backup
    swapped = {"BACKUP_ACCOUNT_ROLE": source, "KMS_KEY_ID": backup, "BACKUP_KMS_KEY_ID": source}
    found = {name: account for name in swapped if (account := read.account_in(name))}
    if not backup or "BACKUP_ACCOUNT_ROLE" not in found or not found.items() <= swapped.items():
        return source, backup
    shown = ", ".join(f"{name} belongs to account {account}" for name, account in found.items())
    or_else = "" if len(found) > 1 else ", or BACKUP_ACCOUNT_ROLE is wrong"
    read.mistakes.append(
        f"SOURCE_ACCOUNT is {source} and BACKUP_ACCOUNT is {backup}; "
        f"the two are swapped{or_else}: {shown}"
    )
    return backup, source


def _finish(read: Reader) -> None:
    if read.mistakes:
        lines = "\n".join(f"- {m}" for m in read.mistakes)
        raise SettingsError(f"the environment cannot be used:\n{lines}")


def _backup_settings(read: Reader, account: str, region: str) -> BackupSettings:
    return BackupSettings(
        account=account,
        region=region,
        key=read.key("BACKUP_KMS_KEY_ID", region, account, "BACKUP_ACCOUNT"),
        prefix=read.word("SNAPSHOT_PREFIX"),
        rules=Rules(
            read.number("BACKUPS_TO_KEEP"),
            timedelta(days=read.number("KEEP_AT_LEAST_DAYS")),
            read.number("KEEP_WEEKLY"),
            read.number("KEEP_MONTHLY"),
            read.number("KEEP_YEARLY"),
        ),
        max_age_hours=read.number("MAX_SNAPSHOT_AGE_HOURS"),
        read_only=read.boolean("READ_ONLY"),
        drills=Drills(read.word("DRILL_SCHEDULE") or None, read.number("MAX_DRILL_AGE_DAYS")),
    )


def _regions(read: Reader) -> tuple[str, str]:
    """The function's own Region, and that of the backups: the same unless it is said.

    RDS copies out of no partition, and neither from nor to China (2.28).
    """
    here, there = read.word("AWS_REGION"), read.word("BACKUP_REGION")
    if here and there not in ("", here):
        partition, other = partition_of(here).name, partition_of(there).name
        if "aws-cn" in (partition, other):
            read.wrong("BACKUP_REGION", there, "nothing: RDS copies no snapshot from or to China")
        elif other != partition:
            read.wrong("BACKUP_REGION", there, f"a Region of {partition}, as {here} is")
    return here, there or here
