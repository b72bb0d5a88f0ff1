"""Questions on the sharing key and the backup key: their state, and whom their policies admit.

RDS gives one error, KMSKeyNotAccessibleFault, whatever is wrong with a key of a copy.  Here the
three causes are three answers: the database's own key (see ``encryption``), the sharing key as the
backup account sees it, and the key that a copy is made under.
"""

import re
from collections.abc import Iterator

from rds_backup.aws.errors import AwsError
from rds_backup.check import policies
from rds_backup.check.answer import Answer, Level, Paste, Statement
from rds_backup.check.facts import Facts
from rds_backup.check.policies import Compared, Match
from rds_backup.check.unanswered import unanswered
from rds_backup.model.inventory import Side
from rds_backup.model.keys import DEFAULT_KEY, MAKE_DEFAULT, Key, names_default

SHARING_KEY, BACKUP_KEY = "sharing key", "backup key"
_THIS, _OTHER = "policy, for its own account", "policy, for the backup account"
_SEEN, _GUARDED = "seen from the backup account", "policy, guarded"


def of_sharing_key(facts: Facts) -> Iterator[Answer]:
    """What makes a copy under the sharing key, and a copy from it, possible."""
    seen, settings, ours = facts.sharing_key, facts.settings, facts.statements
    variable, into = "KMS_KEY_ID", f"the policy of {ours.function_role}"
    yield from _state(facts, SHARING_KEY, variable, seen.key, Side.SOURCE, into)
    if isinstance(seen.key, AwsError):
        return
    arn = seen.key.arn
    if isinstance(seen.policy, AwsError):
        paste = Paste(into, ours.read_key_policy(Side.SOURCE, arn))
        yield unanswered(SHARING_KEY, _THIS, seen.policy, Level.WARN, paste)
        yield unanswered(SHARING_KEY, _OTHER, seen.policy, Level.WARN)
    else:
        yield own_account(facts, SHARING_KEY, Side.SOURCE, seen.policy, arn)
        wanted = ours.backup_role_on_sharing_key()
        compared = policies.compare(seen.policy, wanted, settings.backup.account)
        yield _for_backup_account(facts, compared, arn)
    if facts.there.sharing_key is not None:
        yield _seen_from_there(facts, facts.there.sharing_key, arn)


def of_backup_key(facts: Facts) -> Iterator[Answer]:
    """What makes a copy under the backup key possible, and who can end the key."""
    seen, settings, ours = facts.there.key, facts.settings, facts.statements
    if seen is None:
        return
    variable, into = "BACKUP_KMS_KEY_ID", f"the policy of {settings.role}"
    yield from _state(facts, BACKUP_KEY, variable, seen.key, Side.BACKUP, into)
    if isinstance(seen.key, AwsError) or names_default(settings.backup.key):
        return
    arn = seen.key.arn
    if isinstance(seen.policy, AwsError):
        paste = Paste(into, ours.read_key_policy(Side.BACKUP, arn))
        yield unanswered(BACKUP_KEY, _THIS, seen.policy, Level.WARN, paste)
        yield unanswered(BACKUP_KEY, _GUARDED, seen.policy, Level.WARN)
        return
    administrators = policies.left_out(seen.policy, ours.guards_of_backup_key([])[0])
    guards = ours.guards_of_backup_key(administrators)
    yield own_account(facts, BACKUP_KEY, Side.BACKUP, seen.policy, arn, *guards)
    yield _guarded(facts, seen.policy, arn, administrators)


def own_account(
    facts: Facts, about: str, side: Side, policy: str, arn: str, *guards: Statement
) -> Answer:
    """Whether the policy lets the account's own role use the key.

    It may leave it to the policies of the account, or name the role as we would; ``guards`` are
    denials that may be there.  What is handed out names the role, and nobody else.
    """
    account = arn.split(":")[4]
    whole = policies.compare(policy, [facts.statements.own_account(account)], account, guards)
    if whole.match is Match.OURS:
        return Answer(
            about, _THIS, Level.PASS, f"leaves access to the IAM policies of account {account}"
        )
    role = policies.compare(policy, facts.statements.own_role_on_key(side), account, guards)
    if role.match is Match.OURS:
        return Answer(about, _THIS, Level.PASS, "allows the role by name, through RDS")
    paste = tuple(Paste(f"the policy of {arn}", s) for s in role.missing)
    if Match.NOBODY in (whole.match, role.match):
        fact, fix = f"allows nothing to account {account}", "add the statements"
        return Answer(about, _THIS, Level.FAIL, fact, fix, paste)
    fact = "cannot tell: the policy is not the one that this project's stacks write"
    fix = "add the statements, or check that its own allow the role through RDS and deny it nothing"
    return Answer(about, _THIS, Level.WARN, fact, fix, paste)


def _state(
    facts: Facts, about: str, variable: str, key: Key | AwsError, side: Side, into: str
) -> Iterator[Answer]:
    """Whether the key is there, whose and where it is, and of the only kind that will do."""
    settings = facts.settings
    if isinstance(key, AwsError):
        given = settings.sharing_key if side is Side.SOURCE else settings.backup.key
        fix = f"correct {variable}, which is {given}, or deploy the stack that makes the key"
        named = re.search(r"arn:[^:]*:kms:[^:]*:\d{12}:key/[\w-]+", f"{given} {key.message}")
        pastes = [Paste(into, facts.statements.read_key(side, named[0]))] if named else []
        if names_default(given):
            fix, pastes = MAKE_DEFAULT, [Paste(into, facts.statements.default_key(side))]
        yield unanswered(about, "found", key, Level.FAIL, *pastes, fix=fix)
        return
    account, region = settings.place(side)
    usual = (key.spec, key.usage) == ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    else_ = f"set {variable} to another key"
    yield Answer(about, "found", Level.PASS, key.arn)
    yield _either(about, "account", key.account == account, key.account, else_)
    yield _either(about, "Region", key.region == region, key.region, else_)
    yield _either(about, "enabled", not key.remedy, key.state, f"{key.remedy}, or {else_}")
    yield _managed(facts, about, key, side, variable)
    yield _either(about, "symmetric", usual, f"{key.spec}, {key.usage}", else_)


def _managed(facts: Facts, about: str, key: Key, side: Side, variable: str) -> Answer:
    """Whether it is a customer managed key, or the one AWS managed key that backups may be under.

    Nobody can change the policy of that one, so that nothing is asked of it.
    """
    question, fix = "customer managed", f"set {variable} to another key"
    if side is Side.SOURCE:
        return _either(about, question, key.manager == "CUSTOMER", key.manager, fix)
    if not names_default(facts.settings.backup.key):
        fix = f"set {variable} to {DEFAULT_KEY}, or to another key"
        return _either(about, question, key.manager == "CUSTOMER", key.manager, fix)
    fact = (
        "no, aws/rds: nobody can disable or delete it, or change its policy; and a backup under it "
        "can be neither shared nor copied to another account as it is"
    )
    fix = (
        "to restore elsewhere follow the restore plan: it copies under a customer key first; "
        "AWS does not say whether RDS copies under aws/rds what another account shares, so look at "
        "the first night"
    )
    return Answer(about, question, Level.WARN, fact, fix)


def _either(about: str, question: str, well: bool, fact: str, fix: str) -> Answer:  # noqa: FBT001
    if well:
        return Answer(about, question, Level.PASS, fact)
    return Answer(about, question, Level.FAIL, fact, fix)


def _for_backup_account(facts: Facts, compared: Compared, arn: str) -> Answer:
    role, account = facts.settings.role, facts.settings.backup.account
    paste = tuple(Paste(f"the policy of {arn}", s) for s in compared.missing)
    if compared.match is Match.OURS:
        return Answer(SHARING_KEY, _OTHER, Level.PASS, f"allows {role} through RDS")
    if compared.match is Match.NOBODY:
        fact = f"allows nothing to account {account}"
        fix = (
            "add the statements; until then copies there fail with KMSKeyNotAccessibleFault for "
            "the source snapshot's key"
        )
        return Answer(SHARING_KEY, _OTHER, Level.FAIL, fact, fix, paste)
    fact = "cannot tell: its statements are not those that this project's stacks write"
    fix = (
        "add what is missing, or check that the rest allows the role"
        if paste
        else "check what its other statements deny"
    )
    return Answer(SHARING_KEY, _OTHER, Level.WARN, fact, fix, paste)


def _seen_from_there(facts: Facts, key: Key | AwsError, arn: str) -> Answer:
    if isinstance(key, AwsError):
        into = f"the policy of {facts.settings.role}"
        pastes = (Paste(into, s) for s in facts.statements.sharing_key_from_backup(arn))
        return unanswered(SHARING_KEY, _SEEN, key, Level.FAIL, *pastes)
    return Answer(SHARING_KEY, _SEEN, Level.PASS, f"by {facts.settings.role}")


def _guarded(facts: Facts, policy: str, arn: str, administrators: list[str]) -> Answer:
    """Whether only administrators can end the key, and nobody of another account can use it."""
    account = facts.settings.backup.account
    guards = facts.statements.guards_of_backup_key(administrators)
    missing = policies.compare(policy, guards, account).missing
    if policies.outsiders(policy, account):
        fact = "allows something to a principal that may not belong to the backup account"
        return Answer(BACKUP_KEY, _GUARDED, Level.WARN, fact, "remove that statement")
    if not administrators or missing:
        fact = (
            "cannot tell who may delete or change the key: the policy lacks this project's guards"
        )
        fix = "deploy backup-account.yaml, whose policy names the key's administrators"
        pastes = tuple(Paste(f"the policy of {arn}", s) for s in missing) if administrators else ()
        return Answer(BACKUP_KEY, _GUARDED, Level.WARN, fact, fix, pastes)
    listed = ", ".join(sorted(administrators))
    plain = re.compile(rf"arn:[^:*?]*:iam::{account}:[^*?]*")
    if facts.settings.role in administrators or not all(map(plain.fullmatch, administrators)):
        fact = f"the source account may control some of its administrators: {listed}"
        fix = "name roles of the backup account by their full ARNs, and not the one that is assumed"
        return Answer(BACKUP_KEY, _GUARDED, Level.WARN, fact, fix)
    return Answer(BACKUP_KEY, _GUARDED, Level.PASS, f"only these may delete or change it: {listed}")
