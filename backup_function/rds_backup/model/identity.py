"""Point and attempt to identifier and tags; which snapshots are ours, and which of those count.

Nothing is ever read out of an identifier: the tags carry the point, and the identifier has to be
the one that they reproduce.  This module must not know what anything is used for.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from rds_backup.model.clock import iso
from rds_backup.model.decisions import Owned, Point, Series
from rds_backup.model.inventory import Kind, Snapshot

MANAGED_BY = "rds-backup:managed-by"
BACKUP_ACCOUNT = "rds-backup:backup-account"
RESOURCE_ID = "rds-backup:resource-id"
DATABASE = "rds-backup:database"
SOURCE_SNAPSHOT = "rds-backup:source-snapshot"
TAKEN_AT = "rds-backup:taken-at"
STARTED_AT = "rds-backup:started-at"
ATTEMPT = "rds-backup:attempt"
KMS_KEY = "rds-backup:kms-key"
KEEP = "rds-backup:keep"
RETIRED = "rds-backup:retired"
# CopyDBClusterSnapshot allows 63 characters, CopyDBSnapshot 255: one limit serves both families.
MAX_IDENTIFIER = 63
# RDS allows 50 tags; three places are left free, for those that are put on a backup later.
MAX_TAGS = 47
LARGEST_ATTEMPT = 99
# Another number is nobody's attempt: names up to it would be made and asked for.
_ATTEMPTS = {str(number): number for number in range(1, LARGEST_ATTEMPT + 1)}
MAX_CARRIED = MAX_TAGS - 9  # ours
_HASH = 10
_ARN_KINDS = {"snapshot": Kind.INSTANCE, "cluster-snapshot": Kind.CLUSTER}


class Marker(NamedTuple):
    """What tells one deployment's snapshots from another's: two of their tags, compared exactly."""

    prefix: str
    backup_account: str


def identifier(prefix: str, point: Point, attempt: int) -> str:
    """``<prefix>-<database>-<YYYYMMDD-HHMM>-<hash>-<attempt>``: lower case, at most 63 characters.

    The same point and attempt give the same identifier in every invocation, so that a call that is
    repeated meets "already exists" instead of making a second copy.
    """
    series = point.series
    text = f"{series.account}/{series.region}/{series.resource_id}/{point.source_arn}"
    digest = sha256(text.encode()).hexdigest()[:_HASH]
    tail = f"{point.taken_at.astimezone(UTC):%Y%m%d-%H%M}-{digest}-{attempt}"
    room = MAX_IDENTIFIER - len(f"{prefix}--YYYYMMDD-HHMM--{LARGEST_ATTEMPT}") - _HASH
    database = re.sub("-+", "-", point.database)[:room].strip("-")
    return f"{prefix}-{database}-{tail}".lower()


# Every snapshot of ours is asked about several times in a look.
_remembered = lru_cache(maxsize=16_384)(identifier)


def tags(
    marker: Marker,
    point: Point,
    attempt: int,
    key: str,
    started_at: datetime,
    carried: Mapping[str, str],
) -> dict[str, str]:
    """All tags of one copy: ours first, then the database's own, MAX_TAGS in all at most."""
    ours = {
        MANAGED_BY: marker.prefix,
        BACKUP_ACCOUNT: marker.backup_account,
        RESOURCE_ID: point.series.resource_id,
        DATABASE: point.database,
        SOURCE_SNAPSHOT: point.source_arn,
        TAKEN_AT: iso(point.taken_at),
        STARTED_AT: iso(started_at),
        ATTEMPT: str(attempt),
        KMS_KEY: key,
    }
    return ours | {name: carried[name] for name in _theirs(carried)[:MAX_CARRIED]}


def crowded_out(carried: Iterable[str]) -> list[str]:
    """Those of a database's tags for which there is no room beside ours: the last by alphabet."""
    return _theirs(carried)[MAX_CARRIED:]


def _theirs(carried: Iterable[str]) -> list[str]:
    """The keys of the tags that may be carried along, in order.

    Not those that AWS reserves (``aws:``, ``rds:``), nor our own: a reserved one makes the whole
    copy fail, and nobody's tag may speak in our name.
    """
    reserved = ("aws:", "rds:", "rds-backup:")
    return sorted(name for name in carried if not name.lower().startswith(reserved))


def point_of(automated: Snapshot, series: Series, taken_at: datetime) -> Point:
    """The point that an automated snapshot of a series stands for, with the tags' precision."""
    whole = taken_at.replace(microsecond=taken_at.microsecond // 1000 * 1000)
    return Point(series, automated.kind, automated.database, automated.arn, whole)


def owned(snapshot: Snapshot, marker: Marker) -> Owned | None:
    """The point and attempt of a snapshot that is ours, or None.

    Ours: manual, with exactly this marker, and named as its tags
    say.  Anything else belongs to a person or to another deployment.
    """
    said = snapshot.tags
    if (
        snapshot.type != "manual"
        or said.get(MANAGED_BY) != marker.prefix
        or said.get(BACKUP_ACCOUNT) != marker.backup_account
    ):
        return None
    try:
        source_arn = said[SOURCE_SNAPSHOT]
        _, _, service, region, account, arn_kind, _ = source_arn.split(":", 6)
        attempt = _ATTEMPTS[said[ATTEMPT]]
        taken_at = datetime.fromisoformat(said[TAKEN_AT])
        point = Point(
            Series(account, region, said[RESOURCE_ID]),
            _ARN_KINDS[arn_kind],
            said[DATABASE],
            source_arn,
            taken_at,
        )
        canonical = said[TAKEN_AT] == iso(taken_at)
        named = _remembered(marker.prefix, point, attempt)
    except (KeyError, ValueError, OverflowError):
        return None
    if service != "rds" or point.kind is not snapshot.kind or not canonical:
        return None
    return Owned(snapshot, point, attempt) if named == snapshot.identifier else None


def all_owned(snapshots: Iterable[Snapshot], marker: Marker) -> list[Owned]:
    """Those that are ours, in their order."""
    return [item for snapshot in snapshots if (item := owned(snapshot, marker))]
