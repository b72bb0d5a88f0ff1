"""Restores in the backup account: what they take, show, and need; each database is deleted again.

They go into the default VPC of that account.
"""

from collections.abc import Mapping
from typing import Any

from acceptance.databases import CLASS, delete_database
from acceptance.families import CLUSTER, INSTANCE, Family
from acceptance.ground import CannotTellError
from acceptance.probes.answers import PARAMETERS, Answer, refusal
from acceptance.run import tags_of
from acceptance.sides import Told
from acceptance.stage import Stage

_STATE = ("InvalidDBInstanceState", "InvalidDBInstanceStateFault", "InvalidDBClusterStateFault")


def storage(stage: Stage) -> Mapping[str, Answer]:
    """gp3 without ``Iops``, and a plain "no" for what the engine does not have."""
    plain, name = stage.backup_copy("postgres"), stage.ground.fresh("gp3")
    told = _instance(stage, plain, name, StorageType="gp3")
    gp3 = _taken(told)
    _drop(stage, INSTANCE, name)
    name = stage.ground.fresh("explicit-no")
    noes = {"DedicatedLogVolume": False, "EnableIAMDatabaseAuthentication": False}
    told = _instance(stage, plain, name, **noes)
    _drop(stage, INSTANCE, name)
    return {"gp3_without_iops": gp3, "explicit_no": _taken(told)}


def _taken(told: Told) -> Answer:
    return refusal(told, *PARAMETERS) if told.refused else Answer(value="accept")


def deleted_at_once(stage: Stage) -> Mapping[str, Answer]:
    """The deletion of a database that is still being made."""
    name = stage.ground.fresh("deleted")
    told = _instance(stage, stage.backup_copy("postgres"), name)
    if told.refused:
        raise CannotTellError(told.words)
    status = told["DBInstance"]["DBInstanceStatus"]
    told = delete_database(stage.ground.backup, INSTANCE, name)
    answer = Answer(value="accept", evidence=[f"it was {status}"])
    if told.refused:
        answer = refusal(told, *_STATE)
        _drop(stage, INSTANCE, name)
    return {"delete_creating": answer}


def cluster(stage: Stage) -> Mapping[str, Answer]:
    """Through which statuses a restored cluster goes, and when it shows its endpoint."""
    side, name = stage.ground.backup, stage.ground.fresh("restored")
    told = side.ask(
        "rds",
        "restore_db_cluster_from_snapshot",
        DBClusterIdentifier=name,
        SnapshotIdentifier=stage.backup_copy("keyed"),
        Engine="aurora-postgresql",
        Tags=tags_of(stage.ground.run),
    )
    if told.refused:
        raise CannotTellError(told.words)
    begun, seen = stage.ground.clock(), [_state(told["DBCluster"])]

    def look() -> bool | None:
        found = side.ask("rds", "describe_db_clusters", DBClusterIdentifier=name)
        if found.refused:
            return None
        state = _state(found["DBClusters"][0])
        if state != seen[-1]:
            seen.append(state)
        return True if state[0] not in ("creating", "migrating") else None

    stage.ground.wait("a restored cluster", look, minutes=240)
    took = (stage.ground.clock() - begun).total_seconds()
    stage.ground.file.took("backup: a restored cluster, without instances", took)
    _drop(stage, CLUSTER, name)
    evidence = [f"{status}, endpoint {endpoint}" for status, endpoint in seen]
    statuses = [status for status, _ in seen]
    known = set(statuses) <= {"creating", "migrating", "available"}
    way = Answer(
        value="migrating" if "migrating" in statuses else "creating", evidence=evidence, fits=known
    )
    first = next((status for status, endpoint in seen if endpoint == "shown"), None)
    return {"restoring_cluster": way, "restored_endpoint": Answer(value=first, evidence=evidence)}


def _state(found: Mapping[str, Any]) -> tuple[str, str]:
    return str(found["Status"]), "shown" if found.get("Endpoint") else "absent"


def source_key(stage: Stage) -> Mapping[str, Answer]:
    """A restore while the key that the backup was copied from is disabled."""
    copy, key = stage.backup_copy("postgres"), stage.keys.sharing
    name = stage.ground.fresh("key-off")
    stage.keys.disable(key)
    try:
        told = _instance(stage, copy, name)
    finally:
        stage.keys.enable(key)
    if told.refused:
        needs = told.code.startswith("KMSKeyNotAccessible")
        answer = Answer(value=True if needs else None, evidence=[told.words], fits=needs)
    else:
        evidence = ["the restore was taken; its database is deleted before it is there"]
        answer = Answer(value=False, evidence=evidence)
    _drop(stage, INSTANCE, name)
    return {"restore_needs_source_key": answer}


def _instance(stage: Stage, snapshot: str, name: str, **params: Any) -> Told:  # noqa: ANN401
    return stage.ground.backup.ask(
        "rds",
        "restore_db_instance_from_db_snapshot",
        DBInstanceIdentifier=name,
        DBSnapshotIdentifier=snapshot,
        DBInstanceClass=CLASS,
        PubliclyAccessible=False,
        Tags=tags_of(stage.ground.run),
        **params,
    )


def _drop(stage: Stage, family: Family, name: str) -> None:
    """Delete a database that may not be there, as soon as RDS does."""

    def delete() -> Told | None:
        told = delete_database(stage.ground.backup, family, name)
        return None if told.code in _STATE and "deleting" not in told.message else told

    stage.ground.wait(f"the deletion of {name}", delete, minutes=240)
