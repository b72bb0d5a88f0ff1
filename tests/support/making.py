"""Makes the values that unit tests speak of, as AWS would list them; every argument has a default.

The world of the defaults: the PostgreSQL instance ``orders``, backed up on the night of 2026-03-02.
What no argument covers is changed with ``dataclasses.replace``.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from hypothesis import settings

from rds_backup.model import identity
from rds_backup.model.decisions import Owned, Point, Series
from rds_backup.model.inventory import Database, Kind, Listing, Snapshot
from rds_backup.model.verified import Vault

SOURCE = "111111111111"
BACKUP = "222222222222"
REGION = "eu-west-1"
PREFIX = "rds-backup"
DATABASE_KEY = f"arn:aws:kms:{REGION}:{SOURCE}:key/00000000-0000-4000-8000-00000000000d"
SHARING_KEY = f"arn:aws:kms:{REGION}:{SOURCE}:key/00000000-0000-4000-8000-000000000005"
BACKUP_KEY = f"arn:aws:kms:{REGION}:{BACKUP}:key/00000000-0000-4000-8000-00000000000b"
VAULT = Vault(BACKUP, BACKUP_KEY)
MARKER = identity.Marker(PREFIX, BACKUP)
OTHER_KEY = f"arn:aws:kms:{REGION}:{BACKUP}:key/00000000-0000-4000-8000-00000000000f"
NIGHT = datetime(2026, 3, 2, 2, 0, 30, 250_000, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOUN = {Kind.INSTANCE: "snapshot", Kind.CLUSTER: "cluster-snapshot"}
ENGINE = {Kind.INSTANCE: "postgres", Kind.CLUSTER: "aurora-postgresql"}
RESOURCE = {Kind.INSTANCE: "db", Kind.CLUSTER: "cluster"}
# For hypothesis: the same examples in every run, and no failure because a machine is busy.
SEARCH = settings(deadline=None, derandomize=True, max_examples=150)


def series(database: str = "orders", kind: Kind = Kind.INSTANCE) -> Series:
    """The series of the database that has this name."""
    return Series(SOURCE, REGION, f"{RESOURCE[kind]}-{database.upper()}")


def point(
    taken_at: datetime = NIGHT,
    database: str = "orders",
    kind: Kind = Kind.INSTANCE,
    of: Series | None = None,
) -> Point:
    """One night of one database."""
    mine = of or series(database, kind)
    name = f"rds:{database}-{taken_at:%Y-%m-%d-%H-%M}"
    arn = f"arn:aws:rds:{mine.region}:{mine.account}:{NOUN[kind]}:{name}"
    return Point(mine, kind, database, arn, taken_at)


def database(
    identifier: str = "orders",
    kind: Kind = Kind.INSTANCE,
    engine: str | None = None,
    tags: Mapping[str, str] | None = None,
    member_of: str | None = None,
) -> Database:
    """A database in the source account."""
    resource_id = series(identifier, kind).resource_id
    return Database(kind, identifier, resource_id, engine or ENGINE[kind], tags or {}, member_of)


def automated(
    of: Point | None = None,
    word: str = "available",
    encryption: str = "sse-kms",
    kms_key: str | None = DATABASE_KEY,
) -> Snapshot:
    """The automated snapshot that a point stands for."""
    mine = of or point()
    return Snapshot(
        kind=mine.kind,
        identifier=mine.source_arn.split(":", 6)[6],
        arn=mine.source_arn,
        type="automated",
        word=word,
        percent=100 if word == "available" else 0,
        created_at=mine.taken_at,
        database=mine.database,
        resource_id=mine.series.resource_id,
        encryption=encryption,
        kms_key=kms_key,
        tags={},
    )


def shared(
    of: Point | None = None,
    attempt: int = 1,
    word: str = "available",
    key: str = SHARING_KEY,
    tags: Mapping[str, str] | None = None,
) -> Owned:
    """A shared copy: the manual snapshot in the source account, with the database's ``tags``."""
    mine = of or point()
    return _made(mine, attempt, SOURCE, word, key, mine.taken_at + HOUR / 2, tags or {})


def backup(
    of: Point | None = None,
    attempt: int = 1,
    word: str = "available",
    key: str = BACKUP_KEY,
    created_at: datetime | None = None,
    tags: Mapping[str, str] | None = None,
) -> Owned:
    """A backup, an hour younger than its point; ``tags`` come on top of our own."""
    mine = of or point()
    return _made(mine, attempt, BACKUP, word, key, created_at or mine.taken_at + HOUR, tags or {})


def listing(*owned: Owned) -> Listing:
    """A complete listing that shows these."""
    return Listing(tuple(o.snapshot for o in owned))


def _made(
    of: Point,
    attempt: int,
    account: str,
    word: str,
    key: str,
    created_at: datetime,
    tags: Mapping[str, str],
) -> Owned:
    name = identity.identifier(PREFIX, of, attempt)
    ours = identity.tags(MARKER, of, attempt, key, of.taken_at + HOUR / 2, {})
    snapshot = Snapshot(
        kind=of.kind,
        identifier=name,
        arn=f"arn:aws:rds:{of.series.region}:{account}:{NOUN[of.kind]}:{name}",
        type="manual",
        word=word,
        percent=100 if word == "available" else 40,
        created_at=None if word in ("creating", "copying") else created_at,
        database=of.database,
        resource_id=of.series.resource_id,
        encryption="sse-kms",
        kms_key=key,
        tags={**tags, **ours},
    )
    return Owned(snapshot, of, attempt)
