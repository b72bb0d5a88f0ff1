"""The sandbox: two AWS accounts, opened and closed, and what tests and the demo do with them."""

import itertools
from contextlib import ExitStack
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from types import TracebackType
from typing import ClassVar, Self

from moto import mock_aws

from sandbox.accounts import Account, Credentials, Sessions, account_id, permanent, role_session
from sandbox.by_hand.restores import RestoresByHand
from sandbox.by_hand.snapshots import SnapshotsByHand
from sandbox.by_hand.stacks import StacksByHand
from sandbox.calls import Call
from sandbox.clock import Clock, stopped
from sandbox.environments import DRILL_SECURITY_GROUP, DRILL_SUBNET_GROUP, Environments
from sandbox.faults import Interference
from sandbox.gate import RESPONDERS, Gate
from sandbox.iam.stack_roles import Role, roles_of_the_stacks
from sandbox.kinds import Kind
from sandbox.kms.key_policies import WRITER, guarded
from sandbox.kms.keys import Keys
from sandbox.lambda_functions import probing
from sandbox.loading import worked_out_once
from sandbox.rds.copies import Copies
from sandbox.shortcut import straight_to
from sandbox.switches import Switches
from sandbox.world import Row, World

SOURCE = "111111111111"
BACKUP = "222222222222"
ROLE = WRITER
ADMINISTRATOR = f"arn:aws:iam::{BACKUP}:role/key-administrator"
_START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


class Sandbox(SnapshotsByHand, RestoresByHand, StacksByHand, Environments, Interference):
    """Two AWS accounts with RDS, KMS, STS and IAM for whatever uses boto3 in this process.

    More source accounts come by ``add_source``.  A context manager, for one sandbox at a time;
    every entering begins with a new world.  Time stands still unless ``running``.  Everything is as
    before on leaving.  ``writer`` is the role between the accounts for whoever does not take it,
    with credentials that do not end, as is ``drill`` for the drill's role.
    """

    _open: ClassVar[bool] = False

    clock: Clock
    copies: Copies
    keys: Keys
    sharing_key: str
    backup_key: str
    function_role: Role
    backup_role: Role
    expire_role: Role
    writer: Credentials
    drill: Credentials

    def __init__(
        self,
        start: datetime = _START,
        switches: Switches | None = None,
        region: str = "eu-west-1",
        backup_region: str | None = None,
        *,
        running: bool = False,
    ) -> None:
        """Say when it begins and what the world is like; nothing happens before entering.

        ``backup_region`` is the backup account's, if that is another one.
        """
        self.region = region
        self.backup_region = backup_region
        self.switches = switches or Switches()
        self.role_arn = f"arn:aws:iam::{BACKUP}:role/{ROLE}"
        self._start = start
        self._running = running
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Open the two accounts, empty but for their keys."""
        if Sandbox._open:
            raise RuntimeError("a sandbox is open already: there can be only one in a process")
        with ExitStack() as stack:
            self.clock = stack.enter_context(stopped(self._start, running=self._running))
            stack.enter_context(worked_out_once())
            stack.enter_context(mock_aws(config={"core": {"mock_credentials": False}}))
            stack.enter_context(straight_to(RESPONDERS))
            self._build()
            stack.enter_context(self.gate.open())
            self._stack = stack.pop_all()
        Sandbox._open = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the accounts and put everything back."""
        Sandbox._open = False
        self._stack.__exit__(kind, error, traceback)

    def _build(self) -> None:
        self._sessions = sessions = Sessions()
        self.source = self._account(SOURCE, self.region)
        self.backup = self._account(BACKUP, self.backup_region or self.region)
        writer = role_session(BACKUP, ROLE, "rds-backup")
        self.writer = sessions.add(permanent(writer, "W"))
        drill = role_session(BACKUP, "rds-backup-drill", "rds-backup")
        self.drill = sessions.add(permanent(drill, "D"))
        self.keys = Keys(self.region, self.backup_region)
        for account in (self.source, self.backup):
            self.keys.managed(account.id, account.region)
        self.sharing_key = self.keys.create(SOURCE, "alias/rds-sharing")
        self.backup_key = self.keys.create(BACKUP, "alias/rds-backup", self.backup.region)
        self.keys.admit(self.sharing_key, BACKUP)
        self.keys.set_policy(self.backup_key, guarded(BACKUP, [ADMINISTRATOR]))
        self.copies = Copies(self.switches, self.keys)
        self._numbers = itertools.count(1)
        function, expiring = (a.function.identity.principal for a in (self.source, self.backup))
        roles = roles_of_the_stacks(function, self.role_arn, expiring, self._start)
        self.function_role, self.backup_role, self.expire_role = roles
        self._world = World(
            accounts={SOURCE: self.source, BACKUP: self.backup},
            switches=self.switches,
            sessions=sessions,
            keys=self.keys,
            copies=self.copies,
            roles=(*roles, Role(arn=drill.principal, created_at=self._start)),
        )
        self.add_group("DBSubnetGroupName", DRILL_SUBNET_GROUP, BACKUP)
        self.add_function("drill-probe", probing(self._world, BACKUP, DRILL_SECURITY_GROUP))
        self.gate = Gate(self._world)
        self.clock.after_moving = self._world.settle

    def add_source(self, account: str) -> Account:
        """One more source account, whose function may take the role between the accounts.

        It has no sharing key yet.  Databases are put into it, as everywhere, in ``region``, which
        may be set to another Region meanwhile; keys are made where ``keys.create`` is told.
        """
        made = self._world.accounts[account] = self._account(account, self.region)
        function = made.function.identity.principal
        self._world.roles += (Role(arn=function, created_at=self._start),)
        self.backup_role.trusts += (function,)
        return made

    def _account(self, account: str, region: str) -> Account:
        function = role_session(account, "rds-backup-function", "rds-backup")
        person = role_session(account, "administrator", "somebody")
        return Account(
            id=account,
            region=region,
            function=self._sessions.add(permanent(function, "F")),
            person=self._sessions.add(permanent(person, "P")),
        )

    @property
    def calls(self) -> list[Call]:
        """Every API call that reached the server, in order."""
        return self.gate.calls

    @property
    def external_id(self) -> str | None:
        """The external id that the role asks for, if any; can be set."""
        return self._world.external_id

    @external_id.setter
    def external_id(self, value: str | None) -> None:
        self._world.external_id = value

    def snapshots(
        self,
        account: Account | str | None = None,
        kind: Kind | None = None,
        type: str | None = None,  # noqa: A002 - AWS's word
    ) -> list[Row]:
        """The snapshots as they truly are, by account, kind and identifier."""
        owner = account_id(account) if account else None
        return [
            row
            for row in self._world.rows()
            if owner in (None, row.account)
            and kind in (None, row.kind)
            and type in (None, row.type)
        ]

    def count(
        self,
        operation: str = "*",
        *,
        account: Account | str | None = None,
        mutating: bool | None = None,
    ) -> int:
        """How many recorded calls match; ``operation`` may have wildcards."""
        owner = account_id(account) if account else None
        return sum(
            fnmatchcase(call.operation, operation)
            and owner in (None, call.account)
            and mutating in (None, call.mutating)
            for call in self.calls
        )
