"""Snapshots that a test or the demo puts into the two accounts, past the API.

Builds them as they would have come to be, or in any state at all; refuses nothing that AWS would.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sandbox.accounts import Account, account_id
from sandbox.by_hand.databases import DatabasesByHand
from sandbox.kinds import FAMILIES, Kind
from sandbox.rds.databases import Database
from sandbox.rds.identifiers import resource_id
from sandbox.rds.snapshots import Snapshot, snapshot_of
from sandbox.world import Row, row

# During the others it remains available (RDS guide, Viewing instance status).
_AVAILABLE = ("available", "storage-optimization", "storage-initialization")
_ENGINE: dict[Kind, str] = {"instance": "postgres", "cluster": "aurora-postgresql"}


class SnapshotsByHand(DatabasesByHand):
    """The ways to change snapshots by hand; a part of Sandbox."""

    def take_automated(
        self,
        name: str,
        at: datetime | None = None,
        *,
        kind: Kind | None = None,
        account: Account | str | None = None,
    ) -> Row:
        """The automated snapshot of a database, available at once; taken now or at ``at``."""
        return self._automated(self.database(name, kind=kind, account=account), at)

    def _automated(self, database: Database, at: datetime | None) -> Row:
        moment = at or self._world.now
        tags = dict(database.tags) if database.copy_tags else {}
        snapshot = snapshot_of(database, f"rds:{database.name}-{moment:%Y-%m-%d-%H-%M}", moment)
        snapshot.type, snapshot.tags = "automated", tags
        snapshot.full, database.failed_over = database.failed_over, False
        return row(self._world.add(snapshot))

    def take_automated_of_all(self, at: datetime | None = None) -> list[Row]:
        """A night: of every database that RDS backs up now, in whichever account and Region.

        Those that are available and keep backups; members go with their cluster.
        """
        return [
            self._automated(database, at)
            for databases in list(self._world.databases.values())
            for database in list(databases.values())
            if database.status in _AVAILABLE and database.retention_days and not database.member_of
        ]

    def add_manual(
        self,
        identifier: str,
        *,
        of: str,
        kind: Kind | None = None,
        account: Account | str | None = None,
        tags: Mapping[str, str] | None = None,
        **fields: Any,  # noqa: ANN401 - attributes of a Snapshot
    ) -> Row:
        """Somebody's own manual snapshot of a database, which need not be in the account."""
        owner = account_id(account or self.source)
        database = self._database(of, kind, owner)
        if database is None:
            fields = {"database": of, "tags": dict(tags or {}), **fields}
            return self.add_snapshot(owner, kind or "instance", identifier, **fields)
        snapshot = snapshot_of(database, identifier.lower(), self._world.now)
        snapshot.tags = dict(tags or {})
        return row(self._world.add(_changed(snapshot, fields)))

    def add_snapshot(
        self,
        account: Account | str,
        kind: Kind,
        identifier: str,
        **fields: Any,  # noqa: ANN401 - attributes of a Snapshot
    ) -> Row:
        """A snapshot in any state at all.

        ``fields`` are attributes of a Snapshot; ``kms_key`` takes an alias, id or ARN, and None
        for an unencrypted one.  Without it the snapshot is under the account's ``aws/rds`` key.
        """
        owner, now = account_id(account), self._world.now
        key = fields.pop("kms_key", "aws/rds")
        database = fields.pop("database", "orders")
        snapshot = Snapshot(
            kind=kind,
            account=owner,
            region=self.region_of(owner),
            identifier=identifier,
            database=database,
            resource_id=resource_id(FAMILIES[kind].resource_prefix, owner, kind, database),
            engine=_ENGINE[kind],
            taken_at=now,
            created_at=now,
            encryption="sse-kms" if key else "none",
            key=self._key(key, owner),
        )
        return row(self._world.add(_changed(snapshot, fields)))

    def change_snapshot(
        self,
        account: Account | str,
        kind: Kind,
        identifier: str,
        **fields: Any,  # noqa: ANN401 - attributes of a Snapshot
    ) -> Row:
        """Change attributes of a snapshot past the API."""
        return row(_changed(self._snapshot(account, kind, identifier), fields))

    def remove_snapshot(self, account: Account | str, kind: Kind, identifier: str) -> None:
        """Take a snapshot away, as a person or RDS's own expiry would; copies from it fail."""
        self._world.remove(self._snapshot(account, kind, identifier))

    def _snapshot(self, account: Account | str, kind: Kind, identifier: str) -> Snapshot:
        return self._world.snapshots[account_id(account), self.region_of(account), kind][identifier]


def _changed(snapshot: Snapshot, fields: Mapping[str, Any]) -> Snapshot:
    for name, value in fields.items():
        if not hasattr(snapshot, name):
            raise TypeError(f"a snapshot has no {name}")
        setattr(snapshot, name, set(value) if name == "shared_with" else value)
    return snapshot
