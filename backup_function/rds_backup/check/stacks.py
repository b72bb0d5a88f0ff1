"""Safeguards of the two stacks that are switched off: said each time, and only then.

The backup account's stack writes its settings as tags on the role that is assumed; a stack without
these tags is older than the settings, and has the safeguards.
"""

from collections.abc import Iterator

from rds_backup.check.answer import Answer, Level
from rds_backup.check.facts import Facts

_ABOUT = "stacks"
TAG_GUARD = "rds-backup:tag-guard"
SOURCE_SCHEDULES = "rds-backup:source-schedules"


def of_stacks(facts: Facts) -> Iterator[Answer]:
    """A warning for each safeguard that is off in either stack."""
    tags = facts.there.tags
    here, there = not facts.settings.tags_guarded, tags.get(TAG_GUARD) == "off"
    if here or there:
        where = " and ".join(
            name for name, off in (("this account", here), ("the backup account", there)) if off
        )
        fact = f"TagGuard is off in {where}: the roles may change tags of snapshots that exist"
        fix = "deploy both stacks with TagGuard=on, and check whether a copy is denied"
        yield Answer(_ABOUT, "tag guard", Level.WARN, fact, fix)
    if facts.settings.scheduled and tags.get(SOURCE_SCHEDULES) == "DISABLED":
        fact = "SourceSchedules is DISABLED in the backup account: its alarm sends nothing"
        fix = "deploy backup-account.yaml with SourceSchedules=ENABLED"
        yield Answer(_ABOUT, "alarm on old backups", Level.WARN, fact, fix)
