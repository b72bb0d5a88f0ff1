"""The head of a restore plan: which database and backup it is about, and what is not so plain.

Every name is told apart: what the database was called then and is now, and who else bears it.
"""

from collections.abc import Iterator

from rds_backup.model.clock import iso
from rds_backup.model.surroundings import Surroundings
from rds_backup.model.verified import data_at
from rds_backup.restore import versions
from rds_backup.restore.bash import comment
from rds_backup.restore.choice import Restore


def head(restore: Restore) -> Iterator[str]:
    """As comments."""
    backup, snapshot = restore.backup, restore.backup.snapshot
    home = restore.home if isinstance(restore.home, str) else _described(restore.home)
    yield from comment(
        f"Restore of {backup.point.database} "
        f"({backup.point.kind}, {backup.point.series.resource_id})\n"
        f"Data of      {iso(data_at(backup))}\n"
        f"Backup       {snapshot.arn}\n"
        f"Engine       {snapshot.engine or '?'} {snapshot.engine_version or '?'}"
        f"{versions.remark(restore)}\n"
        f"Backup key   {restore.key}{_unshareable(restore)}\n"
        f"Source       {home}\n"
        f"{''.join(_beside(restore))}"
        "\n"
        "Nothing has been run.  Follow A or B, in bash, one command after the other.\n"
        "First fill in what is empty: a command with an empty value stops before AWS is called.\n"
        "Numbers in brackets are rules of docs/explained/aws-contract.md.\n"
        "The runbook is docs/guides/restore.md.\n"
        "AWS says that a backup is readable without the keys of its source (6.13): try it once."
    )


def _unshareable(restore: Restore) -> str:
    if restore.shareable:
        return ""
    return (
        ",\n             aws/rds, which no other account can use (2.13): B first copies the\n"
        "             backup under a customer managed key"
    )


def _beside(restore: Restore) -> Iterator[str]:
    """A line each: names that are not what they were, other databases, backups passed over."""
    point = restore.backup.point
    if isinstance(restore.home, Surroundings) and restore.home.identifier != point.database:
        now = restore.home.identifier
        yield f"Name         {now} now, {point.database} at the time of the data\n"
    elif restore.wanted.lower() not in (point.database, point.series.resource_id.lower()):
        other = restore.wanted.lower()
        yield f"Name         {point.database} at the time of the data, {other} at another\n"
    yield from _namesakes(restore)
    for line in restore.hidden:
        yield f"Mind         {line}\n"


def _namesakes(restore: Restore) -> Iterator[str]:
    if isinstance(restore.bearers, str):
        if isinstance(restore.home, Surroundings):
            yield f"Mind         who has the name {restore.wanted} now {restore.bearers}\n"
        return
    for other in restore.bearers:
        if other.resource_id != restore.backup.point.series.resource_id:
            yield (
                f"Mind         today's {other.kind} {other.identifier} is another database, "
                f"{other.resource_id}:\n"
                "             it has no backup here, and this is not its plan\n"
            )


def _described(home: Surroundings) -> str:
    groups = ", ".join(home.security_groups)
    return (
        f"still there: class {home.instance_class}, subnet group {home.subnet_group}, "
        f"security groups {groups or 'none'}"
    )
