"""Questions on each selected database: whether RDS has something of it to copy, and may."""

import re
from collections.abc import Iterator

from rds_backup.check.answer import Answer, Level
from rds_backup.check.encryption import of_encryption
from rds_backup.check.facts import Facts
from rds_backup.check.options import of_options
from rds_backup.check.region import of_region
from rds_backup.check.unanswered import refused, unread
from rds_backup.decide.engines import unsupported
from rds_backup.model.clock import iso
from rds_backup.model.decisions import Problem, State
from rds_backup.model.identity import MAX_CARRIED, crowded_out
from rds_backup.model.inventory import Database
from rds_backup.report.entry import Entry

# Statuses of a database in which RDS makes its automated backup, or is making it (RDS guide,
# Introduction to backups: only while it is available).
_WELL = ("available", "backing-up")
# It remains available meanwhile, for a day and longer (RDS guide, Viewing instance status).
_BESIDE = ("storage-optimization", "storage-initialization")
# It does not become available by itself (1.18b: the same; Aurora guide, Viewing cluster status).
_GONE = {
    "cloning-failed": "delete it, and clone it again",
    "incompatible-create": "see its events in RDS, and create it again",
    "migration-failed": "see its events in RDS, and migrate it again",
    "upgrade-failed": "restore its final snapshot, whose name begins with rds-final",
}
# Those that last until somebody does something (the same).
_LASTING = (
    "stopped",
    "stopping",
    "failed",
    *_GONE,
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
# SQL Server's versions of RDS itself; any other is a custom engine version, an account's own.
_RDS_VERSION = re.compile(r"[\d.]+\.v\d+", re.ASCII)
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
    yield _engine(about, database)
    yield _available(about, database.word)
    yield _automated_backups(facts, about, database)
    yield _newest(facts, about, database)
    yield from of_encryption(facts, about, database)
    yield from of_options(facts, about, database)
    yield from of_region(facts, about, database)
    yield from _tags(about, database)
    if entry:
        yield from _tonight(about, entry)


def _engine(about: str, database: Database) -> Answer:
    """Whether it is documented that a copy of such a database does."""
    engine, version = database.engine, database.engine_version
    if database.special:
        fix = "AWS does not say whether its snapshots can be copied and shared: rds-backup tries it"
        return Answer(about, "engine", Level.WARN, f"{engine}, {database.special}", fix)
    own = engine.startswith("sqlserver-") and version and not _RDS_VERSION.fullmatch(version)
    if own or engine.startswith("sqlserver-dev-"):
        fact = f"{engine} {version}: a custom engine version belongs to one account and Region"
        fix = (
            "test a restore in the other account, which AWS does not document, or keep a native "
            "backup; rds-backup tries the copy, which also needs rds:CopyCustomDBEngineVersion"
        )
        return Answer(about, "engine", Level.WARN, fact, fix)
    return Answer(about, "engine", Level.PASS, engine)


def _available(about: str, word: str) -> Answer:
    if word in _WELL:
        return Answer(about, "available", Level.PASS, word)
    if word in _BESIDE:
        fact = f"{word}, during which it remains available"
        return Answer(about, "available", Level.PASS, fact)
    fix = "make it available: RDS makes automated snapshots at no other time"
    if word in _GONE:
        fix = f"{_GONE[word]}: it will not become available by itself"
    level = Level.FAIL if word in _LASTING else Level.WARN
    return Answer(about, "available", level, word or "cannot tell: no status", fix)


def _automated_backups(facts: Facts, about: str, database: Database) -> Answer:
    question, days = "automated backups", database.retention_days
    unread = isinstance(facts.world.automated.get(database.kind), Problem)
    none = not unread and database.resource_id not in facts.newest
    if database.aws_backup and (days == 0 or none):
        fact = f"AWS Backup manages them (BackupRetentionPeriod {days})"
        fix = (
            "only automated snapshots of RDS itself are copied: remove it from AWS Backup's "
            "continuous backups and set BackupRetentionPeriod to at least 1 day, or let AWS Backup "
            "copy it into the other account, and remove it from the selection"
        )
        return Answer(about, question, Level.FAIL, fact, fix)
    if days is None:
        return Answer(about, question, Level.WARN, "cannot tell: no BackupRetentionPeriod")
    replica = f"; a read replica of {database.replica_of}" if database.replica_of else ""
    if days == 0:
        fix = "set BackupRetentionPeriod to at least 1 day"
        if replica:
            fix = (
                f"back up {database.replica_of}, and remove the replica from the selection (DB_ID, "
                f"or its tag); or {fix}, where the engine lets a replica have backups"
            )
        return Answer(about, question, Level.FAIL, f"off (BackupRetentionPeriod 0){replica}", fix)
    managed = ", managed by AWS Backup" if database.aws_backup else ""
    fact = f"on (BackupRetentionPeriod {days}){managed}{replica}"
    return Answer(about, question, Level.PASS, fact)


def _newest(facts: Facts, about: str, database: Database) -> Answer:
    question, limit = "newest automated snapshot", facts.settings.backup.max_age_hours
    listed = facts.world.automated.get(database.kind)
    if isinstance(listed, Problem):
        return unread(about, question, listed)
    newest = facts.newest.get(database.resource_id)
    if newest is None or newest.created_at is None:
        fact, fix = (
            "none is available",
            "wait for its backup window, or find out why RDS makes none",
        )
        return Answer(about, question, Level.WARN, fact, fix)
    hours = (facts.now - newest.created_at).total_seconds() / 3600
    fact = f"{hours:.1f} h old, of {iso(newest.created_at)}"
    if hours <= limit:
        return Answer(about, question, Level.PASS, fact)
    fix = f"older than MAX_SNAPSHOT_AGE_HOURS ({limit}); find out why RDS makes no newer one"
    return Answer(about, question, Level.FAIL, fact, fix)


def _tags(about: str, database: Database) -> Iterator[Answer]:
    """Said only where some of them do not fit."""
    names = crowded_out(database.tags)
    if names:
        fact = f"{len(names)} of {len(database.tags)} are left out of its backups: "
        fix = (
            "remove some tags from the database, or record these elsewhere: a backup carries "
            f"{MAX_CARRIED} of them beside ours, in alphabetical order"
        )
        yield Answer(about, "tags", Level.WARN, fact + ", ".join(names), fix)


def _tonight(about: str, entry: Entry) -> Iterator[Answer]:
    """What a backup would decide now; old data and none at all have answers of their own."""
    question, fact = "tonight's backup", f"{entry.state}: {entry.reason}"
    if entry.state is State.UNKNOWN:
        yield unread(about, question, Problem(entry.state, fact))
    elif entry.state in _NO_WAY_ON:
        fix = entry.fix or "see the attempts in status, and what a backup would do now in plan"
        yield Answer(about, question, Level.FAIL, fact, fix)
    elif entry.state is not State.STALE:
        yield Answer(about, question, Level.PASS, f"{entry.state}: {entry.told}")
