"""On what a restored database lies: the storage that the call asks for, or RDS's default."""

from collections.abc import Mapping
from typing import Any

from sandbox.errors import invalid_combination, invalid_value
from sandbox.rds.members import SCALING

_PROVISIONED = ("io1", "io2")
_OF_INSTANCES = ("gp2", "gp3", "standard", *_PROVISIONED)
_OF_CLUSTERS = ("aurora", "aurora-iopt1")


def instance_storage(params: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a restored instance's listing; ``before`` are those of its snapshot's."""
    storage = params.get("StorageType", "io1" if params.get("Iops") else "gp3")
    if storage not in _OF_INSTANCES:
        raise invalid_value(f"Invalid storage type: {storage}")
    if storage in _PROVISIONED and not params.get("Iops"):
        raise invalid_combination(f"The storage type {storage} requires iops to be specified.")
    found: dict[str, Any] = {
        "StorageType": storage,
        "DedicatedLogVolume": params.get("DedicatedLogVolume", False),
    }
    iops = params.get("Iops", before.get("Iops"))
    return found | ({"Iops": iops} if iops else {})


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
