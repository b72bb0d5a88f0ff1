"""Questions on each selected database: whether RDS has something of it to copy, and may."""

from collections.abc import Iterator

from rds_backup.check.answer import Answer, Level
from rds_backup.check.encryption import of_encryption
from rds_backup.check.facts import Facts
from rds_backup.check.options import of_options
from rds_backup.check.unanswered import refused, unread
from rds_backup.decide.engines import unsupported
from rds_backup.model.clock import iso
from rds_backup.model.decisions import Problem, State
from rds_backup.model.identity import MAX_CARRIED, left_out
from rds_backup.model.inventory import Database
from rds_backup.report.entry import Entry

# Statuses of a database in which RDS makes its automated backup, or is making it (RDS guide,
# Introduction to backups: only while it is available).
_WELL = ("available", "backing-up")
# Those that last until somebody does something (RDS guide, Viewing DB instance status).
_LASTING = (
    "stopped",
    "stopping",
    "failed",
    "inaccessible-encryption-credentials",
    "inaccessible-encryption-credentials-recoverable",
    "incompatible-network",
    "incompatible-option-group",
    "incompatible-parameters",
    "incompatible-restore",
    "insufficient-capacity",
    "restore-error",
    "storage-full",
)
_NO_WAY_ON = (State.STUCK, State.BLOCKED, State.UNSUPPORTED)


def of_databases(facts: Facts) -> Iterator[Answer]:
    """Every question for every database, and one answer for each name that leads to none."""
    for rejected in facts.world.selection.rejected:
        if not facts.only or rejected.name in facts.only:
            if rejected.problem.state is State.UNKNOWN:
                yield unread(rejected.name, "exists", rejected.problem)
            else:
                yield refused(rejected.name, "exists", rejected.problem)
    entries = {e.resource_id: e for e in facts.said.entries}
    for database in facts.selected:
        yield from _of(facts, database, entries.get(database.resource_id))


def name(database: Database) -> str:
    """``orders (instance)``."""
    return f"{database.identifier} ({database.kind})"


def _of(facts: Facts, database: Database, entry: Entry | None) -> Iterator[Answer]:
    about = name(database)
    yield Answer(about, "exists", Level.PASS, database.resource_id)
    no_way = unsupported(database)
    if no_way:
        yield refused(about, "engine", no_way)
        return
    doubt = database.special
    if doubt:
        fix = "whether RDS copies and shares its snapshots is not documented; it is tried"
        yield Answer(about, "engine", Level.WARN, f"{database.engine}, {doubt}", fix)
    else:
        yield Answer(about, "engine", Level.PASS, database.engine)
    yield _available(about, database.word)
    yield _automated_backups(about, database.retention_days)
    yield _newest(facts, about, database)
    yield from of_encryption(facts, about, database)
    yield from of_options(facts, about, database)
    yield from _tags(about, database)
    if entry:
        yield from _tonight(about, entry)


def _available(about: str, word: str) -> Answer:
    if word in _WELL:
        return Answer(about, "available", Level.PASS, word)
    fix = "make it available: RDS makes automated snapshots at no other time"
    level = Level.FAIL if word in _LASTING else Level.WARN
    return Answer(about, "available", level, word or "cannot tell: no status", fix)


def _automated_backups(about: str, days: int | None) -> Answer:
    question = "automated backups"
    if days is None:
        return Answer(about, question, Level.WARN, "cannot tell: no BackupRetentionPeriod")
    if days == 0:
        fix = "set BackupRetentionPeriod to at least 1 day"
        return Answer(about, question, Level.FAIL, "off (BackupRetentionPeriod 0)", fix)
    return Answer(about, question, Level.PASS, f"on (BackupRetentionPeriod {days})")


def _newest(facts: Facts, about: str, database: Database) -> Answer:
    question, limit = "newest automated snapshot", facts.settings.backup.max_age_hours
    listed = facts.world.automated.get(database.kind)
    if isinstance(listed, Problem):
        return unread(about, question, listed)
    newest = facts.newest.get(database.resource_id)
    if newest is None or newest.created_at is None:
        fact, fix = "none is available", "wait for its backup window, or see why RDS makes none"
        return Answer(about, question, Level.WARN, fact, fix)
    hours = (facts.now - newest.created_at).total_seconds() / 3600
    fact = f"{hours:.1f} h old, of {iso(newest.created_at)}"
    if hours <= limit:
        return Answer(about, question, Level.PASS, fact)
    fix = f"older than MAX_SNAPSHOT_AGE_HOURS ({limit}); see why RDS makes no newer one"
    return Answer(about, question, Level.FAIL, fact, fix)


def _tags(about: str, database: Database) -> Iterator[Answer]:
    """Said only where some of them do not fit."""
    names = left_out(database.tags)
    if names:
        fact = f"{len(names)} of {len(database.tags)} are left out of its backups: "
        fix = (
            f"a backup carries {MAX_CARRIED} beside ours, by alphabet: take some off the database, "
            "or keep elsewhere what these say"
        )
        yield Answer(about, "tags", Level.WARN, fact + ", ".join(names), fix)


def _tonight(about: str, entry: Entry) -> Iterator[Answer]:
    """What a backup would decide now; old data and none at all have answers of their own."""
    question, fact = "tonight's backup", f"{entry.state}: {entry.reason}"
    if entry.state is State.UNKNOWN:
        yield unread(about, question, Problem(entry.state, fact))
    elif entry.state in _NO_WAY_ON:
        fix = entry.fix or "status has the attempts, and plan what would be done now"
        yield Answer(about, question, Level.FAIL, fact, fix)
    elif entry.state is not State.STALE:
        yield Answer(about, question, Level.PASS, f"{entry.state}: {entry.told}")
