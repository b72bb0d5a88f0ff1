"""DescribeOrderableDBInstanceOptions: which classes RDS offers, and what it does not make.

Decides by what ``restores`` holds, else by a short list of its own.
"""

from itertools import product
from typing import Any

from sandbox.calls import Ask
from sandbox.errors import AwsError, invalid_combination
from sandbox.rds.databases import LICENSES, default_license, default_version
from sandbox.rds.pages import page
from sandbox.rds.snapshots import Snapshot
from sandbox.world import World

_MOST = 1000
_CLASSES = ("db.m7g.large", "db.r7g.large", "db.t4g.medium")
_OF_COMMERCIAL = ("db.m6i.large", "db.r6i.large", "db.t3.medium")
_STORAGE = {"gp2": 20, "gp3": 20, "io1": 100}
_LARGEST = 65536


def describe_orderable(world: World, ask: Ask) -> dict[str, Any]:
    """One page of what is offered for an engine, in its default version unless one is given."""
    params, engine = ask.params, ask.params["Engine"]
    version = params.get("EngineVersion", default_version(engine))
    found = [
        _row(engine, version, *facts)
        for facts in product(_classes(world, engine, version), _licenses(engine), _storage(engine))
    ]
    for name in ("DBInstanceClass", "LicenseModel", "Vpc"):
        if name in params:
            found = [row for row in found if row[name] == params[name]]
    if (ask.region, engine, version) in world.withdrawn:
        found = []
    shown, marker = page(params, found, _place, _MOST)
    return {"OrderableDBInstanceOptions": shown} | ({"Marker": marker} if marker else {})


def refuse_unoffered(world: World, engine: str, version: str, instance_class: str) -> None:
    """Raise for a class that lacks capacity, or that was left out when others were offered."""
    if instance_class in world.restores.without_capacity:
        raise AwsError(
            "InsufficientDBInstanceCapacity",
            f"Insufficient capacity for {instance_class}; choose another class.",
        )
    offered = _said(world, engine, version)
    if offered is not None and instance_class not in offered:
        raise invalid_combination(
            "RDS does not support creating a DB instance with the following combination: "
            f"DBInstanceClass={instance_class}, Engine={engine}, EngineVersion={version}"
        )


def licensed(given: str | None, snapshot: Snapshot) -> str:
    """The license model of a restored instance: the source's unless the call says another."""
    model = given or snapshot.fields.get("LicenseModel", default_license(snapshot.engine))
    if model not in _licenses(snapshot.engine):
        raise invalid_combination(f"Invalid license model {model} for engine {snapshot.engine}")
    return str(model)


def _said(world: World, engine: str, version: str) -> tuple[str, ...] | None:
    offered = world.restores.offered
    return offered.get((engine, version), offered.get((engine, None)))


def _classes(world: World, engine: str, version: str) -> tuple[str, ...]:
    said = _said(world, engine, version)
    if said is not None:
        return said
    if engine.startswith(("db2-", "oracle-", "sqlserver-")):
        return _OF_COMMERCIAL
    return (*_CLASSES, "db.serverless") if engine.startswith("aurora-") else _CLASSES


def _licenses(engine: str) -> tuple[str, ...]:
    return next((m for start, m in LICENSES.items() if engine.startswith(start)), ("",))


def _storage(engine: str) -> tuple[str, ...]:
    return ("aurora", "aurora-iopt1") if engine.startswith("aurora-") else tuple(_STORAGE)


def _row(
    engine: str, version: str, instance_class: str, model: str, storage: str
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "Engine": engine,
        "EngineVersion": version,
        "DBInstanceClass": instance_class,
        "LicenseModel": model,
        "StorageType": storage,
        "Vpc": True,
        "MultiAZCapable": storage in _STORAGE,
        "SupportsStorageEncryption": True,
        "SupportsIops": storage == "io1",
        "SupportsIAMDatabaseAuthentication": True,
        "SupportedEngineModes": ["provisioned"],
    }
    if storage in _STORAGE:
        found |= {"MinStorageSize": _STORAGE[storage], "MaxStorageSize": _LARGEST}
    return found


def _place(row: dict[str, Any]) -> str:
    return "/".join(row[name] for name in ("DBInstanceClass", "LicenseModel", "StorageType"))
