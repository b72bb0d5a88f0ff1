"""The question on options and TDE, with which RDS refuses to share a database's snapshots."""

from collections.abc import Iterator

from rds_backup.aws.errors import AwsError
from rds_backup.check.answer import Answer, Level, Paste
from rds_backup.check.facts import Facts
from rds_backup.check.unanswered import unanswered
from rds_backup.model.inventory import Database, Kind, Snapshot, own_group

# The only lasting options with which a snapshot can be shared (RDS guide, Sharing a DB snapshot).
_SHAREABLE = ("Timezone", "OLS")
_OPTIONS = "options"


def of_options(facts: Facts, about: str, database: Database) -> Iterator[Answer]:
    """Options and TDE with which RDS refuses to share a snapshot; Aurora has none."""
    if database.kind is Kind.CLUSTER:
        return
    if database.tde:
        fix = "its snapshots cannot be shared: use AWS Backup or the engine's own export"
        yield Answer(about, _OPTIONS, Level.FAIL, "Transparent Data Encryption", fix)
        return
    groups = own_groups(database, facts.newest.get(database.resource_id))
    if not groups:
        yield Answer(about, _OPTIONS, Level.PASS, "no option group of its own")
        return
    known = facts.option_groups
    if isinstance(known, AwsError):
        into = f"the policy of {facts.statements.function_role}"
        paste = Paste(into, facts.statements.option_groups())
        yield unanswered(about, _OPTIONS, known, Level.WARN, paste)
        return
    for group in groups:
        named = facts.settings.elsewhere is not None
        yield _group(about, group, known.get(group), named=named)


def own_groups(database: Database, newest: Snapshot | None) -> list[str]:
    """The option groups, less the default ones, of a database and of its newest snapshot.

    The snapshot's is what RDS asks for when it is shared.
    """
    found = {*database.option_groups, newest.option_group if newest else None}
    return sorted(own for g in found if (own := own_group(g)))


def _group(about: str, group: str, lasting: tuple[str, ...] | None, *, named: bool) -> Answer:
    """``named``: a copy to another Region names the group."""
    if lasting is None:
        return Answer(about, _OPTIONS, Level.WARN, f"cannot tell: no option group {group}")
    if not lasting:
        return Answer(about, _OPTIONS, Level.PASS, f"{group} has no permanent or persistent option")
    fact = f"{group} has {', '.join(sorted(lasting))}, permanent or persistent"
    fix = "its snapshots cannot be shared: remove the option, or use AWS Backup"
    if set(lasting) <= set(_SHAREABLE):
        if named:
            fix = "give the group of this name in BACKUP_REGION the same option: the copy names it"
            return Answer(about, _OPTIONS, Level.WARN, fact, fix)
        fix = (
            "use AWS Backup: RDS copies its shared snapshots only with an option group that has "
            "the same option, and rds-backup names none"
        )
    return Answer(about, _OPTIONS, Level.FAIL, fact, fix)
