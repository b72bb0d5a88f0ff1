"""Observe both accounts: what is listed, what was chosen from it, and the keys; changes nothing.

Every account is seen to be the one that is configured before anything in it counts.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial

from rds_backup.aws.account import Account
from rds_backup.aws.errors import AwsError
from rds_backup.aws.problems import problem
from rds_backup.inputs.environment import SettingsError
from rds_backup.inputs.request import Request, refuse_unknown
from rds_backup.model.decisions import Problem, State
from rds_backup.model.inventory import Kind, Lane, Listing, Side
from rds_backup.model.settings import Settings
from rds_backup.model.world import Selection, World
from rds_backup.observe import listings
from rds_backup.observe.patience import Patience
from rds_backup.observe.selection import select

type Lanes = Mapping[Lane, Listing | Problem]


def shared_copies(own: Account, kinds: Iterable[Kind], patience: Patience) -> Lanes:
    """The manual snapshots of these families in the source account, the shared copies included."""
    lanes = [Lane(Side.SOURCE, kind) for kind in kinds]
    return patience.read({lane: partial(listings.manual, own.rds, lane) for lane in lanes})


class Observed:
    """One invocation's look at both accounts, which can begin with names and be made whole."""

    def __init__(
        self, settings: Settings, own: Account, assume: Callable[[], Account], patience: Patience
    ) -> None:
        """Nothing is called yet; ``assume`` gives the backup account, when that is needed."""
        self._settings = settings
        self._own = own
        self._assume = assume
        self._patience = patience
        self.backup: Account | Problem | None = None
        self._keys: dict[Side, str | Problem] = {}

    def whole(self, request: Request, lanes: Lanes, kinds: Collection[Kind] = tuple(Kind)) -> World:
        """Both accounts as they are, of these families; ``lanes`` is the source account's part.

        The databases of all families are listed, since those of one choose those of the other.
        Raises RequestError for unknown databases, before the role is assumed.
        """
        rds, selector = self._own.rds, self._settings.selector
        listed = listings.databases(rds, selector, self._patience)
        selection = select(listed, selector)
        unlisted = frozenset(k for k in selector.kinds if isinstance(listed[k], Problem))
        if not unlisted:
            names = {*(d.identifier for d in selection.databases), *selector.identifiers}
            refuse_unknown(request, names, selector)
        chosen = [k for k in kinds if any(d.kind is k for d in selection.databases)]
        sharing_key, backup_key = self._both_keys()
        there = [Lane(Side.BACKUP, kind) for kind in kinds]
        return World(
            selection=selection,
            unlisted=unlisted,
            automated=self._patience.read(
                {kind: partial(listings.automated, rds, kind) for kind in chosen}
            ),
            manual={
                **lanes,
                **self._patience.read({lane: partial(self._there, lane) for lane in there}),
            },
            sharing_key=sharing_key,
            backup_key=backup_key,
        )

    def by_names(self, lanes: Lanes, names: Mapping[Kind, Collection[str]]) -> World:
        """The source account's part, and of the backup account no more than these snapshots.

        Where there are none, the role is not assumed, and no key is asked for.
        """
        sharing_key, backup_key = self._both_keys() if any(names.values()) else ("", "")
        there = {
            Lane(Side.BACKUP, kind): partial(self._there, Lane(Side.BACKUP, kind), some)
            for kind, some in names.items()
        }
        return World(
            selection=Selection((), ()),
            unlisted=frozenset(),
            automated={},
            manual={**lanes, **self._patience.read(there)},
            sharing_key=sharing_key,
            backup_key=backup_key,
        )

    def _both_keys(self) -> tuple[str | Problem, str | Problem]:
        """The keys, once an invocation; the backup account is reached for its own."""
        if not self._keys:
            self.backup = self._patience.one(self._reach)
            reads: dict[Side, Callable[[], str | Problem]] = {
                Side.SOURCE: partial(
                    self._own.key, self._settings.sharing_key, "KMS_KEY_ID", Side.SOURCE
                ),
                Side.BACKUP: self._backup_key,
            }
            self._keys = self._patience.read(reads)
        return self._keys[Side.SOURCE], self._keys[Side.BACKUP]

    def _backup_key(self) -> str | Problem:
        backup = self._reached()
        if isinstance(backup, Problem):
            return backup
        return backup.key(self._settings.backup.key, "BACKUP_KMS_KEY_ID", Side.BACKUP)

    def _there(self, lane: Lane, names: Collection[str] | None = None) -> Listing | Problem:
        if names is not None and not names:
            return Listing((), frozenset())
        backup = self._reached()
        return backup if isinstance(backup, Problem) else listings.manual(backup.rds, lane, names)

    def _reached(self) -> Account | Problem:
        assert self.backup is not None  # noqa: S101 - the keys are asked for first
        return self.backup

    def _reach(self) -> Account | Problem:
        """The backup account, once its credentials are seen to be of that account."""
        expected = self._settings.backup.account
        account = self._assume()
        try:
            found = account.identity()
        except AwsError as error:
            return problem(error, "cannot assume BACKUP_ACCOUNT_ROLE", Side.BACKUP)
        if found != expected:
            return Problem(
                State.BLOCKED,
                f"BACKUP_ACCOUNT_ROLE leads to account {found}, not to BACKUP_ACCOUNT {expected}",
                "correct BACKUP_ACCOUNT_ROLE or BACKUP_ACCOUNT: the role must be in that account",
            )
        return account


def verify_account(
    own: Account, backup: str, source: str | None = None, patience: Patience | None = None
) -> None:
    """Raise SettingsError unless the credentials are of ``source``, or, without, of ``backup``."""
    failed: list[AwsError] = []

    def ask() -> str | Problem:
        try:
            return own.identity()
        except AwsError as error:
            failed.append(error)
            return problem(error, "the credentials cannot be used", Side.SOURCE)

    found = patience.one(ask) if patience else ask()
    if isinstance(found, Problem):
        error = failed[-1] if failed else None
        told = error.unusable if error else f"the credentials cannot be used: {found.told}"
        raise SettingsError(told) from error
    if found != (source or backup):
        variable = "SOURCE_ACCOUNT" if source else "BACKUP_ACCOUNT"
        wrong = f"{variable} is {source or backup}, but the credentials belong to account {found}"
        raise SettingsError(f"{wrong}; {other_account(found, variable, backup)}")


def other_account(found: str, variable: str, backup: str) -> str:
    """What to do about credentials of the account ``found`` in place of the variable's."""
    if found == backup:
        return (
            "that is BACKUP_ACCOUNT: the two variables are swapped, or these are the wrong "
            "credentials"
        )
    return f"use credentials of {variable}, or correct the variable"
