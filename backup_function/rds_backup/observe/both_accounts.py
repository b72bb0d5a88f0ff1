"""Observe both accounts: what is listed, what was chosen from it, and the keys; changes nothing.

Every account is seen to be the one that is configured before anything in it counts.
"""

from collections.abc import Callable, Mapping

from rds_backup.aws.account import Account
from rds_backup.aws.errors import AwsError, problem
from rds_backup.inputs.environment import SettingsError
from rds_backup.inputs.request import Request, refuse_unknown
from rds_backup.model.decisions import Problem, State
from rds_backup.model.inventory import Kind, Lane, Listing, Side
from rds_backup.model.settings import Settings
from rds_backup.model.world import World
from rds_backup.observe import listings
from rds_backup.observe.selection import select


def shared_copies(own: Account) -> dict[Lane, Listing | Problem]:
    """The manual snapshots of the source account, the shared copies among them."""
    lanes = [Lane(Side.SOURCE, kind) for kind in Kind]
    return {lane: listings.manual(own.rds, lane) for lane in lanes}


def observe_both(
    request: Request,
    settings: Settings,
    own: Account,
    assume: Callable[[], Account],
    lanes: Mapping[Lane, Listing | Problem],
) -> tuple[World, Account | Problem]:
    """Both accounts as they are, and the backup account itself; ``lanes`` is the source's part.

    Raises RequestError for unknown databases, before the role is assumed.
    """
    listed = listings.databases(own.rds, settings.selector)
    selection = select(listed, settings.selector)
    unlisted = frozenset(
        kind for kind in settings.selector.kinds if isinstance(listed[kind], Problem)
    )
    if not unlisted:
        names = {*(d.identifier for d in selection.databases), *settings.selector.identifiers}
        refuse_unknown(request, names, settings.selector)
    kinds = {d.kind for d in selection.databases}
    backup = _reach(assume, settings.backup.account)
    there = {Lane(Side.BACKUP, kind): backups(backup, kind) for kind in Kind}
    world = World(
        selection=selection,
        unlisted=unlisted,
        automated={kind: listings.automated(own.rds, kind) for kind in Kind if kind in kinds},
        manual={**lanes, **there},
        sharing_key=own.key(settings.sharing_key, "KMS_KEY_ID", Side.SOURCE),
        backup_key=_key(backup, settings.backup.key),
    )
    return world, backup


def verify_account(own: Account, expected: str, variable: str) -> None:
    """Raise SettingsError unless the credentials are of the expected account."""
    try:
        found = own.identity()
    except AwsError as error:
        raise SettingsError(f"the credentials cannot be used: {error}") from error
    if found != expected:
        raise SettingsError(
            f"{variable} is {expected}, but the credentials are of account {found}; "
            "run this action in the account it belongs to, or correct the variable"
        )


def _reach(assume: Callable[[], Account], expected: str) -> Account | Problem:
    """The backup account, once its credentials are seen to be of that account."""
    account = assume()
    try:
        found = account.identity()
    except AwsError as error:
        return problem(error, "cannot assume BACKUP_ACCOUNT_ROLE", Side.BACKUP)
    if found != expected:
        return Problem(
            State.BLOCKED,
            f"BACKUP_ACCOUNT_ROLE leads to account {found}, not to BACKUP_ACCOUNT {expected}",
            "correct BACKUP_ACCOUNT_ROLE or BACKUP_ACCOUNT: the role has to be of that account",
        )
    return account


def backups(account: Account | Problem, kind: Kind) -> Listing | Problem:
    """The manual snapshots of one family in the backup account, the backups among them."""
    if isinstance(account, Problem):
        return account
    return listings.manual(account.rds, Lane(Side.BACKUP, kind))


def _key(account: Account | Problem, identifier: str) -> str | Problem:
    if isinstance(account, Problem):
        return account
    return account.key(identifier, "BACKUP_KMS_KEY_ID", Side.BACKUP)
