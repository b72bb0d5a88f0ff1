"""CreateDBInstance, CreateDBCluster, their manual snapshots, and option groups.

Decides how what is made is encrypted.  A snapshot takes as long as a copy does.
"""

from datetime import timedelta
from typing import Any

from sandbox.calls import Ask
from sandbox.errors import (
    AwsError,
    already_exists,
    invalid_combination,
    key_not_accessible,
)
from sandbox.kinds import CLUSTER, INSTANCE, Encryption, Family
from sandbox.rds.copies import Job
from sandbox.rds.databases import Database
from sandbox.rds.groups import OPTION_GROUP, Group, option_group_answer
from sandbox.rds.identifiers import resource_id, snapshot_name
from sandbox.rds.members import create_member
from sandbox.rds.orderable import refuse_unoffered
from sandbox.rds.placing import free_name, groups_exist, named_groups, put, retention, shown
from sandbox.rds.snapshots import snapshot_answer, snapshot_of
from sandbox.rds.storage import cluster_storage
from sandbox.rds.tags import accepted
from sandbox.world import World

_PASSWORDS = ("MasterUserPassword", "ManageMasterUserPassword")


def create_instance(world: World, ask: Ask) -> dict[str, Any]:
    """Make an instance: of a cluster, or of its own."""
    params = ask.params
    if params.get("DBClusterIdentifier"):
        return create_member(world, ask)
    name = free_name(world, INSTANCE, ask)
    groups_exist(world, ask)
    encryption, key = _storage(world, ask, default="none")
    made = _database(INSTANCE, ask, name, encryption, key)
    version = params.get("EngineVersion")
    refuse_unoffered(world, made.engine, version or made.version, params["DBInstanceClass"])
    made.fields = {
        **shown(params, public=True),
        **({"EngineVersion": version} if version else {}),
        "DBInstanceClass": params["DBInstanceClass"],
        "AllocatedStorage": params["AllocatedStorage"],
        "StorageType": params.get("StorageType", "gp3"),
        **named_groups(params, made.engine),
    }
    return put(world, ask, made)


def create_cluster(world: World, ask: Ask) -> dict[str, Any]:
    """Make a cluster without instances; encrypted under a key of AWS's own unless said otherwise.

    Aurora guide, Encrypting Amazon Aurora resources; that ``StorageEncrypted=false`` still gives an
    unencrypted one is not documented.
    """
    name = free_name(world, CLUSTER, ask)
    groups_exist(world, ask)
    encryption, key = _storage(world, ask, default="sse-rds")
    made = _database(CLUSTER, ask, name, encryption, key)
    made.fields = {**shown(ask.params, public=True), **cluster_storage(ask.params)}
    return put(world, ask, made)


def create_snapshot(world: World, family: Family, ask: Ask) -> dict[str, Any]:
    """A manual snapshot of a database that is available."""
    parameter, database_id = f"{family.noun}Identifier", family.database_id
    name = snapshot_name(family, parameter, ask.params[parameter])
    wanted = ask.params[database_id].lower()
    database = world.databases[ask.account, ask.region, family.kind].get(wanted)
    if database is None:
        raise AwsError(family.database_not_found, f"{family.database_noun} {wanted} not found.")
    if database.status != "available":
        raise AwsError(family.database_invalid_state, f"{wanted} is {database.status}.")
    if world.find(family.kind, ask.account, ask.region, name):
        raise already_exists(family, name)
    made, data = (snapshot_of(database, name, ask.now) for _ in range(2))
    made.tags, made.created_at = accepted(ask.params.get("Tags", ())), None
    made.unseen = world.switches.listing_lag_calls
    world.copies.start(Job(data, made, ask.caller, ask.now, timedelta(0), doomed=False), ask.params)
    made.status = "creating" if made.status == "copying" else made.status
    world.add(made)
    return {family.noun: snapshot_answer(made, ask.account, world.switches)}


def create_option_group(world: World, ask: Ask) -> dict[str, Any]:
    """An option group without options."""
    name = ask.params[OPTION_GROUP].lower()
    groups = world.groups[ask.account, OPTION_GROUP]
    if name in groups:
        raise AwsError("OptionGroupAlreadyExistsFault", f"{name} already exists.")
    made = Group(engine=ask.params["EngineName"], tags=accepted(ask.params.get("Tags", ())))
    groups[name] = made
    return {"OptionGroup": option_group_answer(name, made, ask.region, ask.account)}


def delete_option_group(world: World, ask: Ask) -> dict[str, Any]:
    """Delete an option group that no database and no snapshot has (RDS API, DeleteOptionGroup)."""
    name = ask.params[OPTION_GROUP].lower()
    groups = world.groups[ask.account, OPTION_GROUP]
    if name not in groups:
        raise AwsError("OptionGroupNotFoundFault", f"{name} not found.")
    databases = world.databases[ask.account, ask.region, "instance"].values()
    manual = world.manual(ask.account, ask.region, "instance")
    used = {one.option_group for one in databases} | {one.option_group for one in manual}
    if name in used:
        raise AwsError("InvalidOptionGroupStateFault", f"{name} is in use.")
    del groups[name]
    return {}


def _storage(world: World, ask: Ask, default: Encryption) -> tuple[Encryption, str | None]:
    """How the database is encrypted; ``aws/rds`` where it is to be and no key is named."""
    encrypted, given = ask.params.get("StorageEncrypted"), ask.params.get("KmsKeyId")
    if given and not encrypted:
        raise invalid_combination("KmsKeyId needs StorageEncrypted.")
    if encrypted is None:
        return default, None
    if not encrypted:
        return "none", None
    if given is None:
        return "sse-kms", world.keys.managed(ask.account, ask.region)
    key = world.keys.find(given, ask.account, ask.region)
    if key is None or not world.keys.usable(key, ask.caller):
        raise key_not_accessible(f"The target KMS key [{given}]")
    return "sse-kms", str(key.arn)


def _database(
    family: Family, ask: Ask, name: str, encryption: Encryption, key: str | None
) -> Database:
    params = ask.params
    if not params.get("MasterUsername") or not any(params.get(each) for each in _PASSWORDS):
        raise invalid_combination("A master user and a password have to be given.")
    return Database(
        kind=family.kind,
        account=ask.account,
        region=ask.region,
        name=name,
        resource_id=resource_id(family.resource_prefix, ask.account, name, ask.now),
        engine=params["Engine"],
        created_at=ask.now,
        encryption=encryption,
        key=key,
        status="creating",
        tags=accepted(params.get("Tags", ())),
        retention_days=retention(family, ask, 1),
        copy_tags=params.get("CopyTagsToSnapshot", False),
    )
