"""The true state of both accounts: what exists, whatever anybody is told about it.

Holds databases, snapshots, keys, roles, copies, quotas and settings.  Decides nothing that AWS
would refuse: the operations do.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.accounts import Account, Sessions
from sandbox.calls import Call
from sandbox.iam.stack_roles import Role
from sandbox.kinds import RUNNING, Encryption, Kind
from sandbox.kms.keys import Keys
from sandbox.rds.copies import Copies
from sandbox.rds.database_rows import DatabaseRow
from sandbox.rds.databases import Database, Step
from sandbox.rds.groups import Group
from sandbox.rds.restores import REACHABLE, Restores
from sandbox.rds.snapshots import Snapshot
from sandbox.stacks import Stack
from sandbox.switches import Switches

type Place = tuple[str, str, Kind]
type Function = Callable[[Any], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One snapshot as it truly is, for assertions and for people.

    ``full`` is not an incremental one: no answer of RDS tells that.
    """

    account: str
    kind: Kind
    identifier: str
    arn: str
    type: str
    status: str
    percent: int
    created_at: datetime | None
    taken_at: datetime
    database: str
    resource_id: str
    encryption: Encryption
    kms_key: str | None
    tags: dict[str, str]
    shared_with: frozenset[str]
    source_arn: str | None
    region: str
    full: bool


@dataclass(eq=False, slots=True, kw_only=True)
class World:
    """Everything that exists in one sandbox.

    The role in the backup account asks for ``external_id``, if any; ``changing`` are databases that
    come to something by themselves; ``deletions`` are those that a call has deleted, as they were;
    ``groups`` are the subnet, parameter and option groups of an account, by the parameter that
    names them; ``withdrawn`` are versions of an engine that a Region does not offer, with those
    that they can be upgraded to; ``functions`` are those of Lambda, by account and name,
    and ``timeouts`` what some have instead of ten minutes; ``stacks`` are CloudFormation's,
    ``calls`` what CloudTrail knows.
    """

    accounts: dict[str, Account]
    switches: Switches
    sessions: Sessions
    keys: Keys
    copies: Copies
    roles: tuple[Role, ...]
    external_id: str | None = None
    databases: dict[Place, dict[str, Database]] = field(default_factory=lambda: defaultdict(dict))
    snapshots: dict[Place, dict[str, Snapshot]] = field(default_factory=lambda: defaultdict(dict))
    gone: list[Snapshot] = field(default_factory=list)
    restores: Restores = field(default_factory=Restores)
    changing: list[Database] = field(default_factory=list)
    deletions: list[DatabaseRow] = field(default_factory=list)
    functions: dict[tuple[str, str], Function] = field(default_factory=dict)
    calls: Sequence[Call] = ()
    timeouts: dict[tuple[str, str], int] = field(default_factory=dict)
    stacks: list[Stack] = field(default_factory=list)
    log_groups: dict[tuple[str, str], dict[str, dict[str, str]]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    groups: dict[tuple[str, str], dict[str, Group]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    withdrawn: dict[tuple[str, str, str], tuple[str, ...]] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The sandbox's time."""
        return datetime.now(UTC)

    def settle(self) -> None:
        """Let everything happen that the clock has made due."""
        self.copies.settle(self.now)
        for database in self.changing[:]:
            while database.coming and database.coming[0].at <= self.now:
                self._take(database, database.coming[0])
        self.changing = [database for database in self.changing if database.coming]

    def _take(self, database: Database, step: Step) -> None:
        database.coming = database.coming[1:]
        if step.status is None:
            self.remove_database(database)
            return
        database.status = step.status
        database.placed = database.placed or step.status in REACHABLE
        database.fields = {**database.fields, **step.shows}

    def change(self, database: Database, *steps: Step) -> None:
        """Let the database come to these, and to nothing that it would have come to before."""
        database.coming = steps
        if database not in self.changing:
            self.changing.append(database)

    def remove_database(self, database: Database, *, retain_automated: bool = False) -> None:
        """Take a database away, out of its cluster, and its automated snapshots unless retained."""
        account, region = database.account, database.region
        place = account, region, database.kind
        database.coming = ()
        del self.databases[place][database.name]
        cluster = self.databases[account, region, "cluster"].get(database.member_of or "")
        if cluster is not None:
            cluster.members = tuple(name for name in cluster.members if name != database.name)
        for snapshot in list(self.snapshots[place].values()):
            of_it = (snapshot.type, snapshot.resource_id) == ("automated", database.resource_id)
            if of_it and not retain_automated:
                self.remove(snapshot)

    def all_snapshots(self, region: str, kind: Kind) -> Iterator[Snapshot]:
        """Every account's snapshots of one family in one Region."""
        for (_, where, what), found in self.snapshots.items():
            if where == region and what == kind:
                yield from found.values()

    def find(self, kind: Kind, account: str, region: str, identifier: str) -> Snapshot | None:
        """The account's snapshot of this name."""
        return self.snapshots[account, region, kind].get(identifier)

    def add(self, snapshot: Snapshot) -> Snapshot:
        """Put a snapshot into its account."""
        place = snapshot.account, snapshot.region, snapshot.kind
        self.snapshots[place][snapshot.identifier] = snapshot
        return snapshot

    def remove(self, snapshot: Snapshot) -> None:
        """Take a snapshot away: a copy into it is given up, copies made from it fail."""
        self.settle()
        del self.snapshots[snapshot.account, snapshot.region, snapshot.kind][snapshot.identifier]
        snapshot.deleted = True
        self.copies.cancel(snapshot, self.now)
        self.copies.lose_source(snapshot, self.now)
        snapshot.outdated, snapshot.was = self.switches.status_lag_calls, None
        self.gone.append(snapshot)

    def still_listed(self, account: str, region: str, kind: Kind) -> list[Snapshot]:
        """What was deleted there and shows in listings all the same."""
        self.gone = [s for s in self.gone if s.outdated]
        return [s for s in self.gone if (s.account, s.region, s.kind) == (account, region, kind)]

    def manual(self, account: str, region: str, kind: Kind) -> list[Snapshot]:
        """The account's manual snapshots of one family, in whatever state."""
        found = self.snapshots[account, region, kind].values()
        return [snapshot for snapshot in found if snapshot.type == "manual"]

    def in_flight(self, account: str, region: str, kind: Kind) -> int:
        """How many copies count against the account's limit there."""
        return sum(
            snapshot.status in RUNNING
            and (self.switches.count_same_region_copies or _from_another_region(snapshot))
            for snapshot in self.manual(account, region, kind)
        )

    def rows(self) -> list[Row]:
        """Every snapshot of every account, by account, kind and identifier."""
        self.settle()
        self.copies.show_progress(self.now)
        found = [s for place in self.snapshots.values() for s in place.values()]
        return [row(s) for s in sorted(found, key=lambda s: (s.account, s.kind, s.identifier))]


def _from_another_region(snapshot: Snapshot) -> bool:
    return snapshot.source_arn is not None and snapshot.source_arn.split(":")[3] != snapshot.region


def row(snapshot: Snapshot) -> Row:
    """The snapshot as a row."""
    return Row(
        account=snapshot.account,
        kind=snapshot.kind,
        identifier=snapshot.identifier,
        arn=snapshot.arn,
        type=snapshot.type,
        status=snapshot.status,
        percent=snapshot.percent,
        created_at=snapshot.created_at,
        taken_at=snapshot.taken_at,
        database=snapshot.database,
        resource_id=snapshot.resource_id,
        encryption=snapshot.encryption,
        kms_key=snapshot.key,
        tags=dict(snapshot.tags),
        shared_with=frozenset(snapshot.shared_with),
        source_arn=snapshot.source_arn,
        region=snapshot.region,
        full=snapshot.full,
    )
