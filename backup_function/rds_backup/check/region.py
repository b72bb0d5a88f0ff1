"""Questions on another Region of the backups: whether it has what a copy of a database needs.

A copy within one Region needs neither, and nothing is asked.
"""

from collections.abc import Iterator
from dataclasses import replace

from rds_backup.aws.errors import AwsError
from rds_backup.check.answer import Answer, Level, Paste
from rds_backup.check.facts import Facts, Has
from rds_backup.check.options import own_groups
from rds_backup.check.unanswered import unanswered
from rds_backup.model.inventory import Database, Snapshot


def of_region(facts: Facts, about: str, database: Database) -> Iterator[Answer]:
    """The engine version, which has to be offered there, and each option group of its own (2.27).

    RDS is told the group's name (2.20), and refuses one that the Region does not have.
    Clusters have none.
    """
    has, where = facts.there.has, facts.settings.elsewhere
    if has is None or where is None:
        return
    newest = facts.newest.get(database.resource_id)
    wanted = version(database, newest)
    if wanted:
        yield _version(facts, about, f"version in {where}", has, wanted)
    groups, question = has.option_groups, f"option group in {where}"
    for group in own_groups(database, newest):
        if isinstance(groups, AwsError):
            named = f"{question}: {group}"
            yield _unread(facts, about, named, groups)
        elif group in groups:
            yield Answer(about, question, Level.PASS, f"{group} is there, too")
        else:
            fact = f"the backup account has no option group {group} there: RDS refuses the copy"
            fix = "make one of this name there, with the options that it has here"
            yield Answer(about, question, Level.FAIL, fact, fix)


def version(database: Database, newest: Snapshot | None) -> tuple[str, str] | None:
    """The engine and the version of what is copied next; None where RDS does not say."""
    found = (newest and newest.engine_version) or database.engine_version
    return (database.engine, found) if found else None


def _version(facts: Facts, about: str, question: str, has: Has, wanted: tuple[str, str]) -> Answer:
    name, offered = " ".join(wanted), has.versions[wanted]
    if isinstance(offered, AwsError):
        return _unread(facts, about, question, offered)
    if offered:
        return Answer(about, question, Level.PASS, f"{name} is offered")
    fact = f"{name} is not offered: RDS copies no snapshot of it there"
    fix = "upgrade the database to a version that is, or let its backups stay in its own Region"
    return Answer(about, question, Level.FAIL, fact, fix)


def _unread(facts: Facts, about: str, question: str, error: AwsError) -> Answer:
    """Who may not read this may not read the sharing key either: one parameter allows both."""
    statement = facts.statements.what_the_region_has()
    paste = Paste(f"the policy of {facts.settings.role}", statement)
    found = unanswered(about, question, error, Level.WARN, paste)
    fix = (
        f"name {facts.settings.region} in SourceRegions of the backup account's stack, which "
        "allows this, and RDS of that Region to read the sharing key"
    )
    return replace(found, fix=fix) if found.paste else found
