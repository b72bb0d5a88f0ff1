"""Questions on each selected database: whether RDS has something of it to copy, and may."""

from collections.abc import Iterator

from rds_backup.check.answer import Answer, Level, Paste
from rds_backup.check.facts import Facts, SeenKey
from rds_backup.check.keys import own_account
from rds_backup.check.unanswered import refused, unanswered, unread
from rds_backup.errors import DENIED, AwsError
from rds_backup.model import Database, Kind, Problem, Side, Snapshot, State, iso
from rds_backup.selection import unsupported

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
# The only lasting options with which a snapshot can be shared (RDS guide, Sharing a DB snapshot).
_SHAREABLE = ("Timezone", "OLS")
_NO_WAY_ON = (State.STUCK, State.BLOCKED, State.UNSUPPORTED)
_ENCRYPTION, _OPTIONS, _OWN_KEY = "encryption", "options", "its own key"


def of_databases(facts: Facts) -> Iterator[Answer]:
    """Every question for every database, and one answer for each name that leads to none."""
    for rejected in facts.world.selection.rejected:
        if not facts.only or rejected.name in facts.only:
            if rejected.problem.state is State.UNKNOWN:
                yield unread(rejected.name, "exists", rejected.problem)
            else:
                yield refused(rejected.name, "exists", rejected.problem)
    for database in facts.selected:
        yield from _of(facts, database)


def name(database: Database) -> str:
    """``orders (instance)``."""
    return f"{database.identifier} ({database.kind})"


def _of(facts: Facts, database: Database) -> Iterator[Answer]:
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
    yield from _encryption(facts, about, database)
    yield from _options(facts, about, database)
    yield from _tonight(facts, about, database)


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


def _tonight(facts: Facts, about: str, database: Database) -> Iterator[Answer]:
    """What a backup would decide now; old data and none at all have answers of their own."""
    question = "tonight's backup"
    for entry in facts.night.entries:
        if entry.resource_id == database.resource_id:
            fact = f"{entry.state}: {entry.reason}"
            if entry.state is State.UNKNOWN:
                yield unread(about, question, Problem(entry.state, fact))
            elif entry.state in _NO_WAY_ON:
                fix = "see the reason; status has the attempts, and plan what would be done now"
                yield Answer(about, question, Level.FAIL, fact, fix)
            elif entry.state is not State.STALE:
                yield Answer(about, question, Level.PASS, fact)


def _encryption(facts: Facts, about: str, database: Database) -> Iterator[Answer]:
    """What the kind means for the copy; of the newest snapshot, else of the database itself."""
    found = facts.newest.get(database.resource_id) or database
    match found.encryption:
        case "none" if database.kind is Kind.CLUSTER:
            fix = "restore a snapshot into an encrypted cluster: a copy cannot encrypt it"
            yield Answer(about, _ENCRYPTION, Level.FAIL, "none", fix)
        case "none" if database.engine == "sqlserver-ex":
            fact = "none, as always with SQL Server Express"
            fix = "whether its copy can be encrypted is not documented; it is tried"
            yield Answer(about, _ENCRYPTION, Level.WARN, fact, fix)
        case "none":
            fact = "none; its copies are encrypted under the sharing key and the backup key"
            yield Answer(about, _ENCRYPTION, Level.PASS, fact)
        case "sse-rds":
            fact = "under a key that AWS owns (sse-rds)"
            fix = "whether its copy takes KMS_KEY_ID is not documented; it is tried"
            yield Answer(about, _ENCRYPTION, Level.WARN, fact, fix)
        case _ if found.kms_key is None:
            fact = "cannot tell: encrypted, and RDS names no key"
            yield Answer(about, _ENCRYPTION, Level.WARN, fact)
        case _:
            yield from _own_key(facts, about, found.kms_key)


def _own_key(facts: Facts, about: str, arn: str) -> Iterator[Answer]:
    if arn == facts.default_key:
        fact = "under aws/rds, which cannot be shared: hence the copy under the sharing key"
        yield Answer(about, _ENCRYPTION, Level.PASS, fact)
        return
    into = f"the policy of {facts.statements.function_role}"
    unsure = facts.default_key if isinstance(facts.default_key, AwsError) else None
    if unsure:
        paste = Paste(into, facts.statements.default_key())
        yield unanswered(about, _ENCRYPTION, unsure, Level.WARN, paste)
    else:
        yield Answer(about, _ENCRYPTION, Level.PASS, f"under the customer managed key {arn}")
    seen = facts.database_keys.get(arn)
    if arn.split(":")[4] != facts.settings.source_account:
        fact = "cannot tell: another account's key, whose policy only that account reads"
        fix = "see that it admits the function's role through RDS, and copies from under it"
        yield Answer(about, _OWN_KEY, Level.WARN, fact, fix)
    elif seen and not unsure:
        yield _usable(facts, about, arn, seen, into)


def _usable(facts: Facts, about: str, arn: str, seen: SeenKey, into: str) -> Answer:
    """The first of the causes of KMSKeyNotAccessibleFault: the key of the copy's source."""
    pastes = tuple(
        Paste(into, s) for s in facts.statements.database_keys(sorted(facts.database_keys))
    )
    if isinstance(seen.key, AwsError):
        found = unanswered(about, _OWN_KEY, seen.key, Level.FAIL, *pastes)
        if seen.key.code not in DENIED:
            return found
        fix = (
            "add the key to the stack's parameter DatabaseKmsKeyArns, which writes these "
            "statements; its own policy has to leave it to the account's policies, too"
        )
        return Answer(about, _OWN_KEY, found.level, found.fact, fix, pastes)
    if seen.key.state != "Enabled":
        fix = "enable it, or cancel its deletion: no snapshot under it can be read"
        return Answer(about, _OWN_KEY, Level.FAIL, seen.key.state, fix)
    if isinstance(seen.policy, AwsError):
        return unanswered(about, _OWN_KEY, seen.policy, Level.WARN, *pastes[:1])
    told = own_account(facts, about, Side.SOURCE, seen.policy, arn)
    fact = told.fact if told.level is not Level.PASS else f"{seen.key.state}; {told.fact}"
    return Answer(about, _OWN_KEY, told.level, fact, told.fix, told.paste)


def _options(facts: Facts, about: str, database: Database) -> Iterator[Answer]:
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
        yield _group(about, group, known.get(group))


def own_groups(database: Database, newest: Snapshot | None) -> list[str]:
    """The option groups, less the default ones, of a database and of its newest snapshot.

    The snapshot's is what RDS asks for when it is shared.
    """
    found = {*database.option_groups, newest.option_group if newest else None}
    return sorted(g for g in found if g and not g.startswith("default:"))


def _group(about: str, group: str, lasting: tuple[str, ...] | None) -> Answer:
    if lasting is None:
        return Answer(about, _OPTIONS, Level.WARN, f"cannot tell: no option group {group}")
    if not lasting:
        return Answer(about, _OPTIONS, Level.PASS, f"{group} has none that lasts")
    fact = f"{group} has {', '.join(sorted(lasting))}, permanent or persistent"
    fix = "its snapshots cannot be shared: remove the option, or use AWS Backup"
    if set(lasting) <= set(_SHAREABLE):
        fix = (
            "RDS copies its shared snapshots only with an option group that has the same, which "
            "is not given here: use AWS Backup"
        )
    return Answer(about, _OPTIONS, Level.FAIL, fact, fix)
