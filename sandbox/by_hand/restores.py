"""What tests decide about restores and functions, and what there truly is of databases."""

from sandbox.accounts import Account, account_id
from sandbox.rds.database_rows import DatabaseRow, database_row
from sandbox.rds.restores import Restores
from sandbox.world import Function, World


class RestoresByHand:
    """The ways to look at restored databases and to decide about the next; a part of Sandbox."""

    backup: Account
    _world: World

    @property
    def restores(self) -> Restores:
        """How databases are made and deleted; attributes can be set."""
        return self._world.restores

    def databases(self, account: Account | str | None = None) -> list[DatabaseRow]:
        """The databases as they truly are, by account, kind and identifier."""
        self._world.settle()
        owner = account_id(account) if account else None
        found = [d for place in self._world.databases.values() for d in place.values()]
        return [
            database_row(database)
            for database in sorted(found, key=lambda d: (d.account, d.kind, d.name))
            if owner in (None, database.account)
        ]

    def deleted_databases(self, account: Account | str | None = None) -> list[DatabaseRow]:
        """The databases that calls have deleted, in that order, as they were and by whom."""
        owner = account_id(account) if account else None
        return [row for row in self._world.deletions if owner in (None, row.account)]

    def add_function(
        self, name: str, function: Function, account: Account | str | None = None
    ) -> str:
        """A function of Lambda, in the backup account unless said otherwise; its ARN."""
        owner = account or self.backup
        self._world.functions[account_id(owner), name] = function
        return f"arn:aws:lambda:{self.backup.region}:{account_id(owner)}:function:{name}"
