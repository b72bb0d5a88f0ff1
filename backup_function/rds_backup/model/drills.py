"""A restore drill's values: the databases of the backup account, and what a drill's own tags say.

The database that a drill makes is all of its state.  This module must know no clock and no client.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

from rds_backup.model.clock import zoned
from rds_backup.model.decisions import Series
from rds_backup.model.identity import MANAGED_BY, Marker
from rds_backup.model.inventory import Kind

DRILL = "rds-backup:drill"
_HASH = 10
_SAID = re.compile(
    r"(?P<account>\d{12})/(?P<region>[a-z0-9-]+)/(?P<resource_id>[A-Za-z0-9-]+) "
    r"(?P<backup>arn:\S+) (?P<begun>\S+) (?P<deadline>\S+)",
    re.ASCII,
)


class DatabaseThere(NamedTuple):
    """An instance or a cluster of the backup account, as RDS lists it.

    ``word`` is AWS's status, ``encryption`` as of a Snapshot, ``gib`` its storage, ``host`` and
    ``port`` its endpoint once there is one; ``secret`` is the ARN of the master password's secret
    where RDS manages it, ``secret_word`` that secret's status.
    """

    kind: Kind
    identifier: str
    word: str
    tags: Mapping[str, str]
    instance_class: str | None = None
    engine: str = ""
    engine_version: str = ""
    encryption: str = "none"
    kms_key: str | None = None
    gib: int | None = None
    host: str | None = None
    port: int | None = None
    secret: str | None = None
    secret_word: str | None = None
    member_of: str | None = None


class Drill(NamedTuple):
    """What a drill's database says of itself: what is restored, since when, and until when."""

    series: Series
    backup: str
    begun: datetime
    deadline: datetime

    @property
    def snapshot(self) -> str:
        """The identifier of the backup."""
        return self.backup.split(":", 6)[6]

    @property
    def as_text(self) -> str:
        """As the tag has it: 256 characters hold it, whatever the names."""
        times = (
            f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for time in (self.begun, self.deadline)
        )
        return " ".join(("/".join(self.series), self.backup, *times))

    def as_tags(self, marker: Marker) -> dict[str, str]:
        """All tags of the database: without any, RDS would give it those of its source (11.9)."""
        return {MANAGED_BY: marker.prefix, DRILL: self.as_text}


def drill_of(database: DatabaseThere) -> Drill | None:
    """What the tag of a drill's database says; None where it cannot be read any more."""
    found = _SAID.fullmatch(database.tags[DRILL])
    if not found or found["backup"].count(":") < 6:  # noqa: PLR2004 - the colons of an ARN
        return None
    try:
        times = zoned(found["begun"]), zoned(found["deadline"])
    except (ValueError, OverflowError):
        return None
    series = Series(found["account"], found["region"], found["resource_id"])
    return Drill(series, found["backup"], *times)


def stem(marker: Marker, region: str) -> str:
    """What the name of every drill's database of a deployment begins with.

    The same for all of them, and not the backup's: so RDS itself, which gives a name once, refuses
    the second of two drills that are begun at the same moment.
    """
    text = f"{marker.backup_account}/{region}/{marker.prefix}"
    return f"{marker.prefix}-drill-{sha256(text.encode()).hexdigest()[:_HASH]}-"


def member_name(cluster: str) -> str:
    """The name of the one instance of a drill's cluster."""
    return f"{cluster}-member"


def is_drill(database: DatabaseThere, marker: Marker) -> bool:
    """Whether a drill of this deployment made it, by its tags: nothing else is ever deleted."""
    return database.tags.get(MANAGED_BY) == marker.prefix and DRILL in database.tags
