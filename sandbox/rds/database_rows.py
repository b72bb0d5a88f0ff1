"""Databases as they truly are, for assertions and for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.kinds import Kind
from sandbox.rds.databases import Database, database_answer


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseRow:
    """One database; ``fields`` are all members of its listing.

    ``made_by`` is the ARN of the caller that made it, None for one made by hand; ``deleted_by`` and
    ``deleted_at`` are those of the call that deleted it.
    """

    account: str
    region: str
    kind: Kind
    identifier: str
    arn: str
    resource_id: str
    status: str
    tags: dict[str, str]
    created_at: datetime
    engine: str
    version: str
    member_of: str | None
    fields: Mapping[str, Any]
    made_by: str | None
    deleted_by: str | None = None
    deleted_at: datetime | None = None

    @property
    def instance_class(self) -> str | None:
        """The class of an instance; a cluster has none."""
        return self.fields.get("DBInstanceClass")


def database_row(
    database: Database, deleted_by: str | None = None, deleted_at: datetime | None = None
) -> DatabaseRow:
    """The database as a row."""
    return DatabaseRow(
        account=database.account,
        region=database.region,
        kind=database.kind,
        identifier=database.name,
        arn=database.arn,
        resource_id=database.resource_id,
        status=database.status,
        tags=dict(database.tags),
        created_at=database.created_at,
        engine=database.engine,
        version=database.version,
        member_of=database.member_of,
        fields=database_answer(database),
        made_by=database.made_by,
        deleted_by=deleted_by,
        deleted_at=deleted_at,
    )
