"""Questions on the credentials and the roles of both accounts."""

import re
from collections.abc import Iterator

from rds_backup.aws.errors import DENIED, AwsError
from rds_backup.check.answer import Answer, Level, Paste
from rds_backup.check.facts import BACKUP, SOURCE, WHOSE, Facts
from rds_backup.check.unanswered import refused, unanswered, unread
from rds_backup.model.decisions import Problem, State
from rds_backup.model.inventory import Listing, Role, Side
from rds_backup.model.settings import Settings
from rds_backup.observe.both_accounts import other_account

_CREDENTIALS = "credentials"


_ASK_THE_FUNCTION = (
    "these are not the function's credentials: ask the function itself, with rds-backup check "
    "--function and the name of its stack; otherwise "
)


def wrong_credentials(caller: tuple[str, str] | AwsError, settings: Settings) -> Answer | None:
    """The one answer where the credentials are not the source account's; None where they are."""
    expected = settings.source_account
    if isinstance(caller, AwsError):
        fix = caller.sign_in or "run the check with credentials of the function's role"
        return unanswered(SOURCE, _CREDENTIALS, caller, Level.FAIL, fix=fix)
    if caller[0] == expected:
        return None
    return Answer(
        SOURCE,
        _CREDENTIALS,
        Level.FAIL,
        f"of account {caller[0]}; SOURCE_ACCOUNT is {expected}",
        f"{other_account(caller[0], 'SOURCE_ACCOUNT', settings.backup.account)}; "
        "nothing else was checked",
    )


def of_source(facts: Facts) -> Iterator[Answer]:
    """Who is asking, whether its role is narrowed, and whether it sees databases and snapshots."""
    account, arn = facts.caller
    who = re.sub(r"(:assumed-role/[^/]+)/.*", r"\1", arn)  # a session may bear a person's name
    yield Answer(SOURCE, _CREDENTIALS, Level.PASS, f"of account {account}: {who}")
    if not facts.at_work or facts.role is None:
        fact = "cannot tell: these are not the function's credentials, and may allow more or less"
        fix = "ask in the function: sam remote invoke, or the Test button of the Lambda console"
        yield Answer(SOURCE, "the function's role", Level.WARN, fact, fix)
    else:
        yield _boundary(facts, Side.SOURCE, facts.role, facts.statements.function_role)
    yield from _listings(facts, Side.SOURCE)


def of_backup(facts: Facts) -> Iterator[Answer]:
    """Whether the role can be assumed, where it leads, and whether it sees the backups."""
    role, expected = facts.settings.role, facts.settings.backup.account
    caller = facts.there.caller
    if isinstance(caller, AwsError):
        yield _not_assumed(facts, caller)
        return
    yield Answer(BACKUP, "role can be assumed", Level.PASS, role)
    if caller[0] != expected:
        fact = f"BACKUP_ACCOUNT_ROLE leads to account {caller[0]}, BACKUP_ACCOUNT is {expected}"
        fix = "correct one of them; nothing else was checked there"
        yield Answer(BACKUP, "account of the role", Level.FAIL, fact, fix)
        return
    yield Answer(BACKUP, "account of the role", Level.PASS, caller[0])
    if facts.there.role is not None:
        yield _boundary(facts, Side.BACKUP, facts.there.role, role)
    yield from _listings(facts, Side.BACKUP)


def _not_assumed(facts: Facts, error: AwsError) -> Answer:
    settings, ours = facts.settings, facts.statements
    if error.code not in DENIED:
        return unanswered(BACKUP, "role can be assumed", error, Level.FAIL)
    with_id = (
        "an external id is sent: put it in the trust policy in place of THE-EXTERNAL-ID"
        if settings.external_id
        else "no external id is sent"
    )
    return Answer(
        BACKUP,
        "role can be assumed",
        Level.FAIL if facts.at_work else Level.WARN,
        f"{error.code}: {error.message}",
        f"{'' if facts.at_work else _ASK_THE_FUNCTION}"
        "deploy the backup account's stack if it does not exist yet; otherwise add what is missing "
        "below: both sides have to allow it, and STS does not say which one does not "
        f"({with_id}; leave a condition on the organization as it is)",
        (
            Paste(f"the policy of {ours.function_role}", ours.assume_backup_role()),
            Paste(f"the trust policy of {settings.role}", ours.trust()),
        ),
    )


def _boundary(facts: Facts, side: Side, role: Role | AwsError, arn: str) -> Answer:
    question = "permissions boundary"
    if isinstance(role, AwsError):
        paste = Paste(f"the policy of {arn}", facts.statements.own_role(arn))
        return unanswered(WHOSE[side], question, role, Level.WARN, paste)
    if role.boundary is None:
        return Answer(WHOSE[side], question, Level.PASS, f"none on {role.arn}")
    fact = f"cannot tell which permissions of {role.arn} the boundary {role.boundary} leaves"
    fix = "make sure that it allows every action that the stack's policies allow"
    return Answer(WHOSE[side], question, Level.WARN, fact, fix)


def _listings(facts: Facts, side: Side) -> Iterator[Answer]:
    """One answer on all listings of an account: the first that could not be read, or their sum."""
    world, question = facts.world, "databases and snapshots can be listed"
    seen: list[object] = [listing for lane, listing in world.manual.items() if lane.side is side]
    if side is Side.SOURCE:
        seen += world.automated.values()
        rejected = (r.problem for r in world.selection.rejected if r.kind in world.unlisted)
        seen += rejected
    else:
        question = "backups can be listed"
    problems = [s for s in seen if isinstance(s, Problem)]
    if not problems:
        count = sum(len(s.snapshots) for s in seen if isinstance(s, Listing))
        yield Answer(WHOSE[side], question, Level.PASS, f"manual snapshots: {count}")
        return
    blocked = next((p for p in problems if p.state is State.BLOCKED), None)
    if blocked is None:
        yield unread(WHOSE[side], question, problems[0])
        return
    ours = facts.statements
    into = ours.function_role if side is Side.SOURCE else facts.settings.role
    denied = blocked.code in DENIED
    paste = (Paste(f"the policy of {into}", ours.listing(side)),) if denied else ()
    yield refused(WHOSE[side], question, blocked, *paste)
