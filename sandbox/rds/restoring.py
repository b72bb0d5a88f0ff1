"""RestoreDBInstanceFromDBSnapshot and RestoreDBClusterFromSnapshot.

Decides which snapshot may become a database, and under which key.
"""

from typing import Any

from sandbox.calls import Ask
from sandbox.errors import (
    invalid_combination,
    invalid_state,
    invalid_value,
    key_not_accessible,
    not_found,
)
from sandbox.kinds import CLUSTER, INSTANCE, Encryption, Family
from sandbox.kms.keys import USABLE
from sandbox.rds.databases import Database, default_version
from sandbox.rds.identifiers import reference, resource_id
from sandbox.rds.orderable import licensed, refuse_unoffered
from sandbox.rds.placing import (
    free_name,
    groups_exist,
    named_groups,
    put,
    retention,
    shown,
    supported_version,
)
from sandbox.rds.snapshots import Snapshot
from sandbox.rds.storage import cluster_storage, instance_storage, refuse_beyond_storage
from sandbox.rds.tags import accepted
from sandbox.rds.versions import refuse_withdrawn
from sandbox.world import World

# Amazon RDS User Guide, Encrypting Amazon RDS resources (availability).
_NEVER_ENCRYPTED = ("db.m1.", "db.m2.", "db.t2.micro")


def restore_instance(world: World, ask: Ask) -> dict[str, Any]:
    """Make an instance of one's own snapshot, or of a shared one that is not encrypted."""
    params = ask.params
    name = free_name(world, INSTANCE, ask)
    if ("DBSnapshotIdentifier" in params) == ("DBClusterSnapshotIdentifier" in params):
        raise invalid_combination(
            "Exactly one of DBSnapshotIdentifier and DBClusterSnapshotIdentifier has to be given."
        )
    if "DBClusterSnapshotIdentifier" in params:
        raise invalid_value("Only snapshots of Multi-AZ DB clusters can be restored to instances.")
    snapshot = _snapshot(world, INSTANCE, ask, params["DBSnapshotIdentifier"])
    if snapshot.account != ask.account and snapshot.encryption != "none":
        raise invalid_value(
            "A shared encrypted snapshot cannot be restored to a DB instance; copy it first."
        )
    _same_engine(params.get("Engine", snapshot.engine), snapshot)
    version = snapshot.engine_version or default_version(snapshot.engine)
    refuse_withdrawn(world, ask.region, snapshot.engine, version)
    groups_exist(world, ask)
    _usable(world, ask, snapshot)
    instance_class = _class(params.get("DBInstanceClass", "db.r7g.large"), snapshot)
    refuse_unoffered(world, snapshot.engine, version, instance_class)
    refuse_beyond_storage(world, ask, snapshot)
    made = _database(INSTANCE, ask, name, snapshot, snapshot.encryption, snapshot.key)
    made.fields = {
        **shown(params, public=not params.get("DBSubnetGroupName")),
        **instance_storage(world, params, snapshot),
        "DBInstanceClass": instance_class,
        "EngineVersion": supported_version(world, ask, snapshot.engine, version),
        "LicenseModel": licensed(params.get("LicenseModel"), snapshot),
        "DBSubnetGroup": {"DBSubnetGroupName": params.get("DBSubnetGroupName", "default")},
        "MultiAZ": params.get("MultiAZ", False),
        "AutoMinorVersionUpgrade": params.get("AutoMinorVersionUpgrade", True),
        **named_groups(params),
    }
    return put(world, ask, made)


def restore_cluster(world: World, ask: Ask) -> dict[str, Any]:
    """Make a cluster, without instances, of one's own cluster snapshot or of a shared one."""
    params = ask.params
    name = free_name(world, CLUSTER, ask)
    snapshot = _snapshot(world, CLUSTER, ask, params["SnapshotIdentifier"])
    _same_engine(params["Engine"], snapshot)
    version = params.get("EngineVersion", default_version(snapshot.engine))
    refuse_withdrawn(world, ask.region, snapshot.engine, version)
    groups_exist(world, ask)
    _usable(world, ask, snapshot)
    encryption, key = snapshot.encryption, snapshot.key
    if params.get("KmsKeyId"):
        found = world.keys.find(params["KmsKeyId"], ask.account, ask.region)
        if found is None or not world.keys.usable(found, ask.caller):
            raise key_not_accessible(f"The target KMS key [{params['KmsKeyId']}]")
        encryption, key = "sse-kms", str(found.arn)
    made = _database(CLUSTER, ask, name, snapshot, encryption, key)
    made.fields = {
        # Its VPC may have an internet gateway, which makes it public unless the call says no.
        **shown(params, public=True),
        **cluster_storage(params),
        "EngineVersion": supported_version(world, ask, snapshot.engine, version),
        "DBSubnetGroup": params.get("DBSubnetGroupName", "default"),
        "DBClusterParameterGroup": params.get("DBClusterParameterGroupName", "default"),
    }
    return put(world, ask, made)


def _snapshot(world: World, family: Family, ask: Ask, text: str) -> Snapshot:
    """One's own available snapshot by name or ARN, another account's shared one by ARN."""
    where = reference(text, family.arn_word, ask.account, ask.region)
    found = world.find(family.kind, where.account, where.region, where.name)
    if (
        found is None
        or found.region != ask.region
        or not (where.account == ask.account or found.shared_with & {ask.account, "all"})
    ):
        raise not_found(family, text)
    if found.status != "available":
        raise invalid_state(family, f"The snapshot {text} is in the state {found.status}.")
    return found


def _same_engine(engine: str, snapshot: Snapshot) -> None:
    if engine != snapshot.engine:
        raise invalid_combination(
            f"The engine {engine} is not compatible with {snapshot.engine}, the snapshot's."
        )


def _class(name: str, snapshot: Snapshot) -> str:
    if snapshot.encryption != "none" and name.startswith(_NEVER_ENCRYPTED):
        raise invalid_combination(f"DB Instance class {name} does not support encryption at rest")
    return name


def _usable(world: World, ask: Ask, snapshot: Snapshot) -> None:
    """Raise unless the caller may use the snapshot's key, and the copied one's where it counts."""
    if snapshot.key and not world.keys.usable(world.keys[snapshot.key], ask.caller):
        raise key_not_accessible(f"The source snapshot KMS key [{snapshot.key}]")
    before = snapshot.copied_under
    if (
        before
        and world.switches.restore_needs_source_key
        and world.keys[before].key_state not in USABLE
    ):
        raise key_not_accessible(f"The source snapshot KMS key [{before}]")


def _database(
    family: Family,
    ask: Ask,
    name: str,
    snapshot: Snapshot,
    encryption: Encryption,
    key: str | None,
) -> Database:
    """Without tags in the call an instance gets those of the one that the snapshot was of."""
    inherited = dict(snapshot.database_tags) if family.kind == "instance" else {}
    return Database(
        kind=family.kind,
        account=ask.account,
        region=ask.region,
        name=name,
        resource_id=resource_id(family.resource_prefix, ask.account, name, ask.now),
        engine=snapshot.engine,
        created_at=ask.now,
        status="creating",
        encryption=encryption,
        key=key,
        tags=accepted(ask.params.get("Tags", ())) or inherited,
        retention_days=retention(family, ask, snapshot.retention_days),
        copy_tags=ask.params.get("CopyTagsToSnapshot", False),
    )
