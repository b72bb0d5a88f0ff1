"""On what a restored database lies: the storage that the call asks for, or RDS's default."""

from collections.abc import Mapping
from typing import Any

from sandbox.calls import Ask
from sandbox.errors import AwsError, invalid_combination, invalid_value
from sandbox.rds.databases import STORAGE
from sandbox.rds.members import SCALING
from sandbox.rds.snapshots import Snapshot
from sandbox.world import World

_PROVISIONED = ("io1", "io2")
_OF_INSTANCES = ("gp2", "gp3", "standard", *_PROVISIONED)
_OF_CLUSTERS = ("aurora", "aurora-iopt1")


def instance_storage(world: World, params: Mapping[str, Any], snapshot: Snapshot) -> dict[str, Any]:
    """The members of a restored instance's listing; it is as large as its snapshot's was."""
    storage = params.get("StorageType", "io1" if params.get("Iops") else "gp3")
    if storage not in _OF_INSTANCES:
        raise invalid_value(f"Invalid storage type: {storage}")
    strict = world.switches.gp3_without_iops == "refuse" and params.get("StorageType") == "gp3"
    if (storage in _PROVISIONED or strict) and not params.get("Iops"):
        raise invalid_combination(f"The storage type {storage} requires iops to be specified.")
    found: dict[str, Any] = {
        "StorageType": storage,
        "AllocatedStorage": snapshot.storage,
        "DedicatedLogVolume": params.get("DedicatedLogVolume", False),
    }
    iops = params.get("Iops", snapshot.fields.get("Iops"))
    return found | ({"Iops": iops} if iops else {})


def refuse_beyond_storage(world: World, ask: Ask, snapshot: Snapshot) -> None:
    """Raise where all instances of the account together would have more than it may have."""
    instances = world.databases[ask.account, ask.region, "instance"].values()
    used = sum(d.fields.get("AllocatedStorage", STORAGE) for d in instances if not d.member_of)
    if used + snapshot.storage > world.accounts[ask.account].limits.storage:
        raise AwsError("StorageQuotaExceeded", "The quota of storage for all DB instances is met.")


def cluster_storage(params: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a restored cluster's listing, with the capacity range if it has one."""
    storage, scaling = params.get("StorageType", "aurora"), params.get(SCALING)
    if storage not in _OF_CLUSTERS:
        raise invalid_value(f"Invalid storage type: {storage}")
    if scaling is not None and not {"MinCapacity", "MaxCapacity"} <= set(scaling):
        raise invalid_value(
            "Both MinCapacity and MaxCapacity must be specified when you initialize Serverless v2 "
            "scaling configuration."
        )
    return {"StorageType": storage} | ({SCALING: scaling} if scaling else {})
