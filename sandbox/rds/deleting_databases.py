"""DeleteDBInstance and DeleteDBCluster: which databases RDS deletes, and how they go.

Final snapshots are not played.
"""

from typing import Any

from sandbox.calls import Ask
from sandbox.errors import AwsError, invalid_combination
from sandbox.kinds import Family
from sandbox.rds.database_rows import database_row
from sandbox.rds.databases import Database, Step, database_answer
from sandbox.world import World

_FINAL = "FinalDBSnapshotIdentifier"


def delete_database(world: World, family: Family, ask: Ask) -> dict[str, Any]:
    """Delete a database of the caller's own: ``deleting`` for some minutes, and then gone."""
    name = ask.params[family.database_id].lower()
    database = world.databases[ask.account, ask.region, family.kind].get(name)
    if database is None:
        raise AwsError(family.database_not_found, f"{family.database_noun} {name} not found.")
    _refuse_state(world, family, database)
    _refuse_members(world, database)
    if database.fields.get("DeletionProtection"):
        raise invalid_combination(
            f"Cannot delete protected {family.database_noun}, please disable deletion protection "
            "and try again."
        )
    _refuse_final_snapshot(ask, database)
    before = database.status
    world.deletions.append(database_row(database, ask.caller.arn, ask.now))
    database.status = "deleting"
    world.change(database, Step(world.now + world.restores.deleting, None))
    answer = database_answer(database)
    # In AWS's own examples a cluster's answer has the status from before.
    shown = {"Status": before} if family.kind == "cluster" else {}
    return {family.database_noun: answer | shown}


def _refuse_state(world: World, family: Family, database: Database) -> None:
    refused = {"deleting"}
    if world.switches.delete_creating == "refuse":
        refused |= {"creating", "migrating"}
    if family.kind == "cluster":
        refused.add("stopped")
    if database.status in refused:
        raise AwsError(
            family.database_invalid_state,
            f"{family.database_noun} {database.name} is {database.status}.",
        )


def _refuse_members(world: World, cluster: Database) -> None:
    instances = world.databases[cluster.account, cluster.region, "instance"]
    if any(instances[name].status != "deleting" for name in cluster.members):
        raise AwsError(
            "InvalidDBClusterStateFault",
            "Cluster cannot be deleted, it still contains DB instances in non-deleting state.",
        )


def _refuse_final_snapshot(ask: Ask, database: Database) -> None:
    """One of the two has to be said, and not both; a member's data is its cluster's."""
    skipped, final = ask.params.get("SkipFinalSnapshot"), ask.params.get(_FINAL)
    if final and (skipped or database.member_of):
        raise invalid_combination(f"{_FINAL} cannot be specified here.")
    if final:
        raise AwsError("InvalidAction", "The sandbox plays no final snapshot.")
    if not skipped and not database.member_of:
        raise invalid_combination(f"{_FINAL} is required unless SkipFinalSnapshot is specified.")
