"""Snapshots as they truly are, and how Describe*Snapshots shows them to a reader.

Decides what a reader is told; must not know who may read.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from sandbox.kinds import FAMILIES, Encryption, Family, Kind
from sandbox.rds.databases import STORAGE, Database, default_license, default_version
from sandbox.rds.identifiers import arn
from sandbox.rds.tags import as_list
from sandbox.switches import Switches

# What a snapshot shows of its database, and a restore does not bring back by itself.
TRAITS = ("DedicatedLogVolume", "IAMDatabaseAuthenticationEnabled", "Iops", "StorageType")


@dataclass(eq=False, kw_only=True)
class Snapshot:
    """One snapshot of either family.

    ``created_at`` is RDS's SnapshotCreateTime (None: not shown), ``taken_at`` the moment whose data
    it holds, ``source_arn`` what it was copied from, ``unseen`` how many listings leave it out,
    ``outdated`` how many show it as it was: ``was`` is its status then, or None if it has gone.
    ``shared_unseen`` is how many answers show whom it was shared with before: ``shared_before``.
    ``database_tags`` are the database's own, ``copied_under`` the key of its source,
    ``option_group`` that of the database in its account, ``retention_days`` for how long that one
    keeps automated backups.  ``full`` is what no answer says: whether all of it was stored, and not
    what has changed; ``above`` are the keys of what it was copied from.
    """

    kind: Kind
    account: str
    region: str
    identifier: str
    database: str
    resource_id: str
    engine: str
    taken_at: datetime
    created_at: datetime | None
    type: str = "manual"
    status: str = "available"
    percent: int = 100
    encryption: Encryption = "none"
    key: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    shared_with: set[str] = field(default_factory=set)
    source_arn: str | None = None
    unseen: int = 0
    outdated: int = 0
    was: str | None = None
    shared_unseen: int = 0
    shared_before: set[str] = field(default_factory=set)
    engine_version: str | None = None
    database_tags: Mapping[str, str] = field(default_factory=dict)
    copied_under: str | None = None
    option_group: str | None = None
    retention_days: int = 7
    fields: Mapping[str, Any] = field(default_factory=dict)
    full: bool = True
    above: tuple[str | None, ...] = ()
    deleted: bool = False

    @property
    def lineage(self) -> tuple[str | None, ...]:
        """The keys of what it comes from, by copy, and its own."""
        return (*self.above, self.key)

    @cached_property
    def arn(self) -> str:
        """The snapshot's ARN."""
        return arn(self.region, self.account, FAMILIES[self.kind].arn_word, self.identifier)

    @property
    def storage(self) -> int:
        """Its allocated storage, in GiB."""
        return int(self.fields.get("AllocatedStorage", STORAGE))

    @cached_property
    def place(self) -> str:
        """Its place in listings: neither by time nor by name, since no order is documented."""
        return hashlib.sha256(self.arn.encode()).hexdigest()[:16]

    def from_elsewhere(self, *, account_only: bool = False) -> bool:
        """Whether it was copied from another account, or from another account or Region."""
        if self.source_arn is None:
            return False
        _, _, _, region, account, *_ = self.source_arn.split(":")
        return account != self.account or (region != self.region and not account_only)


def snapshot_of(database: Database, identifier: str, moment: datetime) -> Snapshot:
    """What a manual snapshot of the database is, once it is there."""
    return Snapshot(
        kind=database.kind,
        account=database.account,
        region=database.region,
        identifier=identifier,
        database=database.name,
        resource_id=database.resource_id,
        engine=database.engine,
        taken_at=moment,
        created_at=moment,
        encryption=database.encryption,
        key=database.key,
        engine_version=database.version,
        database_tags=dict(database.tags),
        retention_days=database.retention_days,
        option_group=database.option_group,
        fields={name: database.fields[name] for name in TRAITS if name in database.fields},
    )


def snapshot_answer(snapshot: Snapshot, reader: str, switches: Switches) -> dict[str, Any]:
    """The snapshot as RDS lists it to a reader's account."""
    family = FAMILIES[snapshot.kind]
    foreign = reader != snapshot.account
    found: dict[str, Any] = {
        family.identifier: snapshot.arn if foreign else snapshot.identifier,
        f"{family.noun}Arn": snapshot.arn,
        family.database_id: snapshot.database,
        "SnapshotType": "shared" if foreign else snapshot.type,
        "Status": snapshot.status,
        "PercentProgress": snapshot.percent,
        "Engine": snapshot.engine,
        "EngineVersion": snapshot.engine_version or default_version(snapshot.engine),
        "AllocatedStorage": STORAGE,
        family.encrypted: snapshot.encryption == "sse-kms",
        "StorageEncryptionType": snapshot.encryption,
        "TagList": as_list(snapshot.tags) if switches.foreign_tags_visible or not foreign else [],
    }
    if snapshot.encryption == "sse-kms":
        found["KmsKeyId"] = snapshot.key
    if snapshot.created_at is not None:
        found["SnapshotCreateTime"] = snapshot.created_at
    if shows_resource_id(snapshot, switches):
        found[family.resource_id] = snapshot.resource_id
    source = _source(snapshot, switches)
    if source:
        found[family.copied_from] = source
    return found | _family_members(family, snapshot) | dict(snapshot.fields)


def outdated_answer(snapshot: Snapshot, reader: str, switches: Switches) -> dict[str, Any]:
    """The snapshot as a listing shows it that may be late; counts the listing."""
    answer = snapshot_answer(snapshot, reader, switches)
    if snapshot.outdated:
        snapshot.outdated -= 1
        if snapshot.was:
            answer |= {"Status": snapshot.was, "PercentProgress": 99}
            answer.pop("SnapshotCreateTime", None)
    return answer


def shows_resource_id(snapshot: Snapshot, switches: Switches) -> bool:
    """Whether RDS's own field names the database: in doubt only for copies of another account's."""
    return switches.copied_resource_id == "kept" or not snapshot.from_elsewhere(account_only=True)


def _source(snapshot: Snapshot, switches: Switches) -> str | None:
    """What RDS names as the source of a copy."""
    if snapshot.source_arn is None or snapshot.kind == "cluster":
        return snapshot.source_arn
    if switches.instance_source == "name":
        return snapshot.source_arn.split(":", 6)[6]
    told = switches.instance_source == "arn" or snapshot.from_elsewhere()
    return snapshot.source_arn if told else None


def _family_members(family: Family, snapshot: Snapshot) -> dict[str, Any]:
    if family.kind == "cluster":
        return {"EngineMode": "provisioned"}
    found: dict[str, Any] = {
        "SnapshotTarget": "region",
        "LicenseModel": default_license(snapshot.engine) or None,
    }
    if snapshot.option_group is not None:
        found["OptionGroupName"] = snapshot.option_group
    if snapshot.created_at is not None:
        found["OriginalSnapshotCreateTime"] = snapshot.taken_at
    return found
