"""Databases that a test or the demo puts into the two accounts, past the API.

Builds them as they would have come to be; refuses nothing that AWS would.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sandbox.accounts import Account, Both, account_id
from sandbox.kinds import FAMILIES, Encryption, Kind
from sandbox.rds.databases import BACKUP_WINDOW, Database
from sandbox.rds.groups import OPTION_GROUP, Group, Option
from sandbox.rds.identifiers import resource_id as made_resource_id
from sandbox.world import World


class DatabasesByHand(Both):
    """The ways to change databases by hand; a part of Sandbox."""

    _world: World
    _numbers: Iterator[int]

    def add_instance(  # noqa: PLR0913 - one keyword a fact
        self,
        name: str,
        *,
        engine: str = "postgres",
        kms_key: str | None = "aws/rds",
        tags: Mapping[str, str] | None = None,
        account: Account | str | None = None,
        status: str = "available",
        resource_id: str | None = None,
        member_of: str | None = None,
        created_at: datetime | None = None,
        retention_days: int = 7,
        copy_tags: bool = True,
        backup_window: str = BACKUP_WINDOW,
        **fields: Any,  # noqa: ANN401 - members of the listing, with AWS's names
    ) -> Database:
        """Add a database instance; ``kms_key`` None leaves it unencrypted."""
        owner = account_id(account or self.source)
        return self._put(
            Database(
                kind="instance",
                account=owner,
                region=self.region_of(owner),
                name=name.lower(),
                engine=engine,
                encryption="sse-kms" if kms_key else "none",
                key=self._key(kms_key, owner),
                tags=dict(tags or {}),
                status=status,
                resource_id=resource_id or self._resource_id("instance", owner, name),
                member_of=member_of,
                created_at=created_at or self._world.now,
                retention_days=retention_days,
                copy_tags=copy_tags,
                backup_window=backup_window,
                fields=fields,
            )
        )

    def add_cluster(  # noqa: PLR0913 - one keyword a fact
        self,
        name: str,
        *,
        engine: str = "aurora-postgresql",
        encryption: Encryption = "sse-kms",
        kms_key: str = "aws/rds",
        tags: Mapping[str, str] | None = None,
        members: int = 1,
        member_tags: Mapping[str, str] | None = None,
        account: Account | str | None = None,
        status: str = "available",
        resource_id: str | None = None,
        created_at: datetime | None = None,
        retention_days: int = 7,
        copy_tags: bool = True,
        backup_window: str = BACKUP_WINDOW,
        **fields: Any,  # noqa: ANN401 - members of the listing, with AWS's names
    ) -> Database:
        """Add a cluster with its member instances ``<name>-1`` and so on."""
        owner = account_id(account or self.source)
        key = kms_key if encryption == "sse-kms" else None
        names = tuple(f"{name}-{number}" for number in range(1, members + 1))
        for member in names:
            self.add_instance(
                member,
                engine=engine,
                kms_key=key,
                tags=member_tags,
                account=owner,
                member_of=name.lower(),
                created_at=created_at,
                backup_window=backup_window,
            )
        return self._put(
            Database(
                kind="cluster",
                account=owner,
                region=self.region_of(owner),
                name=name.lower(),
                engine=engine,
                encryption=encryption,
                key=self._key(key, owner),
                tags=dict(tags or {}),
                status=status,
                resource_id=resource_id or self._resource_id("cluster", owner, name),
                members=names,
                created_at=created_at or self._world.now,
                retention_days=retention_days,
                copy_tags=copy_tags,
                backup_window=backup_window,
                fields=fields,
            )
        )

    def database(
        self, name: str, *, kind: Kind | None = None, account: Account | str | None = None
    ) -> Database:
        """The database itself, to look at or change; KeyError if there is none."""
        found = self._database(name, kind, account_id(account or self.source))
        if found is None:
            raise KeyError(name)
        return found

    def add_group(self, parameter: str, name: str, account: Account | str) -> None:
        """A subnet, parameter or option group, by the parameter that names it; without options."""
        self._world.groups[account_id(account), parameter][name] = Group()

    def add_option_group(
        self,
        name: str,
        *,
        engine: str,
        options: Mapping[str, Option] = MappingProxyType({}),
        account: Account | str | None = None,
    ) -> None:
        """An option group with these options; in the source account unless said otherwise."""
        owner = account_id(account or self.source)
        made = Group(engine=engine, options=dict(options))
        self._world.groups[owner, OPTION_GROUP][name] = made

    def delete_database(
        self,
        name: str,
        *,
        retain_automated: bool = False,
        kind: Kind | None = None,
        account: Account | str | None = None,
    ) -> None:
        """Delete a database and its members; automated snapshots go with it unless retained."""
        database = self.database(name, kind=kind, account=account)
        for member in database.members:
            self._world.remove_database(self.database(member, kind="instance", account=account))
        self._world.remove_database(database, retain_automated=retain_automated)

    def rename_database(
        self,
        name: str,
        new: str,
        *,
        kind: Kind | None = None,
        account: Account | str | None = None,
    ) -> Database:
        """Give a database another name; all else stays."""
        database = self.database(name, kind=kind, account=account)
        del self._world.databases[database.account, database.region, database.kind][database.name]
        database.name = new.lower()
        for member in database.members:
            found = self.database(member, kind="instance", account=account)
            found.member_of = database.name
        return self._put(database)

    def fail_over(self, name: str) -> None:
        """A Multi-AZ instance goes on in another zone: its next snapshot is full."""
        self.database(name, kind="instance").failed_over = True

    def withdraw_version(
        self, engine: str, version: str, *targets: str, only: Account | None = None
    ) -> None:
        """RDS offers this version no more; what has it can be upgraded to these.

        In both Regions, or only in an account's.
        """
        for account in (only,) if only else (self.source, self.backup):
            self._world.withdrawn[self.region_of(account), engine, version] = targets

    def _database(self, name: str, kind: Kind | None, account: str) -> Database | None:
        kinds = (kind,) if kind else tuple(FAMILIES)
        places = [self._world.databases[account, self.region_of(account), each] for each in kinds]
        found = [place[name.lower()] for place in places if name.lower() in place]
        if len(found) > 1:
            raise ValueError(f"{name} is an instance and a cluster: say which kind")
        return found[0] if found else None

    def _put(self, database: Database) -> Database:
        place = database.account, database.region, database.kind
        self._world.databases[place][database.name] = database
        return database

    def _resource_id(self, kind: Kind, account: str, name: str) -> str:
        """Another one each time, also for the same name."""
        return made_resource_id(
            FAMILIES[kind].resource_prefix, account, kind, name, next(self._numbers)
        )

    def _key(self, text: str | None, account: str) -> str | None:
        if text is None:
            return None
        if text == "aws/rds":
            return self._world.keys.managed(account, self.region_of(account))
        found = self._world.keys.find(text, account, self.region_of(account))
        if found is None:
            raise KeyError(text)
        return str(found.arn)
