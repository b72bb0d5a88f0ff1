"""Questions on how a database is encrypted, and whether RDS may read what is under its own key."""

from collections.abc import Iterator

from rds_backup.aws.errors import DENIED, AwsError
from rds_backup.check.answer import Answer, Level, Paste
from rds_backup.check.facts import Facts, SeenKey
from rds_backup.check.keys import own_account
from rds_backup.check.unanswered import unanswered
from rds_backup.model.inventory import Database, Kind, Side

_ENCRYPTION, _OWN_KEY = "encryption", "its own key"


def of_encryption(facts: Facts, about: str, database: Database) -> Iterator[Answer]:
    """What the kind means for the copy; of the newest snapshot, else of the database itself."""
    found = facts.newest.get(database.resource_id) or database
    match found.encryption:
        case "none" if database.kind is Kind.CLUSTER:
            fact = "none; AWS's pages disagree whether a copy can encrypt it: rds-backup tries it"
            fix = "to be sure, restore a snapshot into an encrypted cluster"
            yield Answer(about, _ENCRYPTION, Level.WARN, fact, fix)
        case "none" if database.engine == "sqlserver-ex":
            fact = "none, as always with SQL Server Express"
            fix = "AWS does not say whether its copy can be encrypted: rds-backup tries it"
            yield Answer(about, _ENCRYPTION, Level.WARN, fact, fix)
        case "none":
            fact = "none; its copies are encrypted under the sharing key and the backup key"
            yield Answer(about, _ENCRYPTION, Level.PASS, fact)
        case "sse-rds":
            fact = "under a key that AWS owns (sse-rds)"
            fix = "AWS does not say whether its copy can use KMS_KEY_ID: rds-backup tries it"
            yield Answer(about, _ENCRYPTION, Level.WARN, fact, fix)
        case _ if found.kms_key is None:
            fact = "cannot tell: encrypted, and RDS names no key"
            yield Answer(about, _ENCRYPTION, Level.WARN, fact)
        case _:
            yield from _own_key(facts, about, found.kms_key)


def _own_key(facts: Facts, about: str, arn: str) -> Iterator[Answer]:
    if arn == facts.default_key:
        fact = "under aws/rds, which cannot be shared: so it is copied under the sharing key"
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
        fact = "cannot tell: only the other account that owns the key can read its policy"
        fix = (
            "ask its owner to allow the function's role to use it, and to copy from it, through RDS"
        )
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
            "statements, and let the key's own policy leave access to the account's IAM policies"
        )
        return Answer(about, _OWN_KEY, found.level, found.fact, fix, pastes)
    if seen.key.remedy:
        fix = f"{seen.key.remedy}; no snapshot under it can be read"
        return Answer(about, _OWN_KEY, Level.FAIL, seen.key.state, fix)
    if isinstance(seen.policy, AwsError):
        return unanswered(about, _OWN_KEY, seen.policy, Level.WARN, *pastes[:1])
    told = own_account(facts, about, Side.SOURCE, seen.policy, arn)
    fact = told.fact if told.level is not Level.PASS else f"{seen.key.state}; {told.fact}"
    return Answer(about, _OWN_KEY, told.level, fact, told.fix, told.paste)
