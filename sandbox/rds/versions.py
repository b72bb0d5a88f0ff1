"""Which versions of an engine are offered: DescribeDBEngineVersions, and what others are good for.

A version is offered until it is withdrawn by hand; databases and snapshots of it stay.
"""

from typing import Any

from sandbox.calls import Ask
from sandbox.errors import AwsError, invalid_combination, invalid_value, not_found
from sandbox.kinds import INSTANCE
from sandbox.rds.databases import default_version
from sandbox.rds.pages import page
from sandbox.rds.snapshots import snapshot_answer
from sandbox.world import World

# ModifyDBSnapshot: of which engines a snapshot can be upgraded.
_UPGRADED = ("mariadb", "mysql", "postgres", "oracle-")


def describe_versions(world: World, ask: Ask) -> dict[str, Any]:
    """The version asked for, or the engine's default; withdrawn ones only with ``IncludeAll``."""
    params = ask.params
    engine = params.get("Engine")
    if not engine:
        raise invalid_value("The sandbox lists the versions of one engine.")
    version = params.get("EngineVersion", default_version(engine))
    withdrawn = world.withdrawn.get((ask.region, engine, version))
    found = [
        {
            "Engine": engine,
            "EngineVersion": version,
            "Status": "available" if withdrawn is None else "deprecated",
            "ValidUpgradeTarget": [
                {"Engine": engine, "EngineVersion": target} for target in withdrawn or ()
            ],
        }
    ]
    if withdrawn is not None and not params.get("IncludeAll"):
        found = []
    shown, _ = page(params, found, lambda item: str(item["EngineVersion"]))
    return {"DBEngineVersions": shown}


def refuse_withdrawn(world: World, region: str, engine: str, version: str) -> None:
    """Raise where the Region does not offer a version: it makes no database, and takes no copy."""
    if (region, engine, version) in world.withdrawn:
        raise invalid_combination(f"Cannot find version {version} for {engine}")


def upgrade_snapshot(world: World, ask: Ask) -> dict[str, Any]:
    """ModifyDBSnapshot: another version for one's own manual snapshot, which nobody else sees."""
    name = ask.params["DBSnapshotIdentifier"].lower()
    snapshot = world.find("instance", ask.account, ask.region, name)
    if snapshot is None:
        raise not_found(INSTANCE, name)
    if snapshot.type != "manual" or snapshot.shared_with or snapshot.status != "available":
        raise AwsError(INSTANCE.invalid_state, f"The snapshot {name} cannot be upgraded.")
    version = ask.params.get("EngineVersion", "")
    targets = world.withdrawn.get((ask.region, snapshot.engine, snapshot.engine_version or ""), ())
    if version not in targets or not snapshot.engine.startswith(_UPGRADED):
        raise invalid_combination(
            f"Cannot upgrade {snapshot.engine} from {snapshot.engine_version} to {version}"
        )
    snapshot.engine_version = version
    return {INSTANCE.noun: snapshot_answer(snapshot, ask.account, world.switches)}
