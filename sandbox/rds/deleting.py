"""DeleteDBSnapshot and DeleteDBClusterSnapshot: what RDS lets anybody delete."""

from typing import Any

from sandbox.calls import Ask
from sandbox.errors import invalid_state, not_found
from sandbox.kinds import DEAD, RUNNING, Family
from sandbox.rds.snapshots import Snapshot, snapshot_answer
from sandbox.world import World

_DELETABLE = DEAD | {"available"}


def delete_snapshot(world: World, family: Family, ask: Ask) -> dict[str, Any]:
    """Delete a manual snapshot of the caller's own, or give up the copy into it."""
    identifier = ask.params[family.identifier]
    snapshot = world.find(family.kind, ask.account, ask.region, identifier.lower())
    if snapshot is None:
        raise not_found(family, identifier)
    if snapshot.type != "manual":
        raise invalid_state(family, family.undeletable)
    if snapshot.status not in _DELETABLE and not _unfinished_copy(snapshot):
        raise invalid_state(family, f"The snapshot {identifier} is in the state {snapshot.status}.")
    world.remove(snapshot)
    answer = snapshot_answer(snapshot, ask.account, world.switches)
    return {family.noun: answer | {"Status": "deleted"}}


def _unfinished_copy(snapshot: Snapshot) -> bool:
    return snapshot.status in RUNNING and snapshot.source_arn is not None
