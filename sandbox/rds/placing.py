"""What every database that is made has: a free name, groups that exist, and members in its listing.

Decides nothing about snapshots or keys; the database is there when the clock has moved on.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.calls import Ask
from sandbox.errors import AwsError, invalid_value
from sandbox.kinds import FAMILIES, Family
from sandbox.rds.databases import Database, Step, database_answer
from sandbox.rds.groups import OPTION_GROUP
from sandbox.rds.identifiers import database_name
from sandbox.world import World

# What has to exist in the caller's account, by the parameter that names it, and what RDS says else.
_GROUPS = {
    "DBSubnetGroupName": "DBSubnetGroupNotFoundFault",
    "DBParameterGroupName": "DBParameterGroupNotFound",
    "DBClusterParameterGroupName": "DBClusterParameterGroupNotFound",
    OPTION_GROUP: "OptionGroupNotFoundFault",
}
_LIFECYCLES = (
    None,
    "open-source-rds-extended-support",
    "open-source-rds-extended-support-disabled",
)


def free_name(world: World, family: Family, ask: Ask) -> str:
    """The name asked for; raises for one that is taken, and where there is no room for another."""
    name = database_name(family.database_id, ask.params[family.database_id])
    if name in world.databases[ask.account, ask.region, family.kind]:
        raise AwsError(family.database_exists, f"{family.database_noun} {name} already exists.")
    if ask.params.get("EngineLifecycleSupport") not in _LIFECYCLES:
        raise invalid_value("Invalid EngineLifecycleSupport.")
    most = world.accounts[ask.account].limits.databases[family.kind]
    if len(world.databases[ask.account, ask.region, family.kind]) >= most:
        raise AwsError(
            family.database_quota, f"The quota of {most} {family.database_noun}s is met."
        )
    return name


def retention(family: Family, ask: Ask, before: int) -> int:
    """For how many days automated backups are kept; a cluster cannot be without."""
    days = int(ask.params.get("BackupRetentionPeriod", before))
    if days not in range(0 if family.kind == "instance" else 1, 36):
        raise invalid_value(f"Invalid backup retention period: {days}")
    return days


def groups_exist(world: World, ask: Ask) -> None:
    """Raise unless every group that the call names is in the caller's account."""
    for parameter, code in _GROUPS.items():
        name = ask.params.get(parameter)
        if name and name not in world.groups[ask.account, parameter]:
            raise AwsError(code, f"{parameter} {name} not found.")


def shown(params: Mapping[str, Any], *, public: bool) -> dict[str, Any]:
    """The members that both families show; ``public`` unless the call says otherwise."""
    groups = params.get("VpcSecurityGroupIds", ["default"])
    return {
        "PubliclyAccessible": params.get("PubliclyAccessible", public),
        "DeletionProtection": params.get("DeletionProtection", False),
        "IAMDatabaseAuthenticationEnabled": params.get("EnableIAMDatabaseAuthentication", False),
        "VpcSecurityGroups": [{"VpcSecurityGroupId": g, "Status": "active"} for g in groups],
        "EngineLifecycleSupport": params.get("EngineLifecycleSupport", _LIFECYCLES[1]),
    }


def supported_version(world: World, ask: Ask, engine: str, version: str) -> str:
    """The version, or a newer one that RDS upgrades to where Extended Support is declined."""
    declined = ask.params.get("EngineLifecycleSupport") == _LIFECYCLES[2]
    return world.restores.past_support.get((engine, version), version) if declined else version


def named_groups(params: Mapping[str, Any], engine: str = "") -> dict[str, Any]:
    """The groups of an instance, as its listing shows them; a new one's are its engine's."""
    parameters, options = params.get("DBParameterGroupName"), params.get(OPTION_GROUP)
    return {
        "DBParameterGroups": [
            {"DBParameterGroupName": parameters or f"default.{engine}".rstrip(".")}
        ],
        "OptionGroupMemberships": [{"OptionGroupName": options or f"default:{engine}".rstrip(":")}],
    }


def put(world: World, ask: Ask, made: Database) -> dict[str, Any]:
    """Put the database into its account, not there yet; the answer shows it."""
    family = FAMILIES[made.kind]
    made.made_by, made.placed = ask.caller.arn, False
    world.databases[made.account, made.region, family.kind][made.name] = made
    world.change(made, *_steps(world, ask, made))
    return {family.database_noun: database_answer(made)}


def _steps(world: World, ask: Ask, made: Database) -> Iterator[Step]:
    takes = world.restores.takes(made.kind, made.account, ask.params)
    end = world.restores.fate(made.kind, made.account, ask.params)
    if made.kind == "cluster" and world.switches.restoring_cluster == "migrating":
        yield Step(world.now + takes / 2, "migrating")
    there = world.now + takes
    if end == "available" and made.kind == "instance" and made.retention_days:
        yield Step(there, "backing-up")
        there += world.restores.backing_up
    if end is not None:
        yield Step(there, end)
