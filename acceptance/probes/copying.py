"""What a copy is: under which key, from where, with which times and members."""

from collections.abc import Mapping
from typing import Any

from acceptance.families import CLUSTER, FAMILIES, INSTANCE, Family
from acceptance.probes.answers import PARAMETERS, Answer, refusal, shown
from acceptance.sides import Side
from acceptance.stage import Stage

_TRAITS = ("StorageType", "IAMDatabaseAuthenticationEnabled", "Iops", "DedicatedLogVolume")
DEFAULT_KEY = "alias/aws/rds"


def sse_rds(stage: Stage) -> Mapping[str, Answer]:
    """A copy with a key, of a cluster under a key of AWS's own."""
    return {"sse_rds": _with_key(stage, "aurora", "sse-rds")}


def unencrypted_cluster(stage: Stage) -> Mapping[str, Answer]:
    """The same of an unencrypted cluster."""
    return {"unencrypted_cluster": _with_key(stage, "plain", "none")}


def _with_key(stage: Stage, which: str, encryption: str) -> Answer:
    side, source = stage.ground.source, stage.snapshot(which)
    before = _one(stage, side, CLUSTER, source).get("StorageEncryptionType", "absent")
    if before != encryption:
        words = f"the account made a cluster of StorageEncryptionType {before}, not {encryption}"
        return Answer(value=None, evidence=[words])
    target = stage.ground.fresh(f"{which}-keyed")
    told = stage.copy(side, CLUSTER, source, target, KmsKeyId=stage.keys.sharing)
    if told.refused:
        return refusal(told, *PARAMETERS)
    found = stage.available(side, CLUSTER, target)
    evidence = [shown(found, "StorageEncryptionType", "StorageEncrypted", "KmsKeyId")]
    used = found.get("KmsKeyId") == stage.keys.sharing
    return Answer(value="accept" if used else "ignore", evidence=evidence)


def under_default_key(stage: Stage) -> Mapping[str, Answer]:
    """A copy, under the account's own ``aws/rds``, of what another account shares."""
    side = stage.ground.backup
    before = side.ask("kms", "describe_key", KeyId=DEFAULT_KEY)
    target = stage.ground.fresh("default-key")
    source = stage.shared("postgres")
    told = stage.copy(side, INSTANCE, source, target, KmsKeyId=DEFAULT_KEY)
    there = "made" if before.refused else "exists"
    after = side.ask("kms", "describe_key", KeyId=DEFAULT_KEY)
    words = [before.words if before.refused else "the account has the key already"]
    if after.refused:
        there, words = "absent", [*words, after.words]
    made = Answer(value=there, evidence=words)
    if told.refused:
        return {"under_default_key": refusal(told, "KMSKeyNotAccessibleFault"), "default_key": made}
    found = stage.available(side, INSTANCE, target)
    copied = Answer(value="accept", evidence=[shown(found, "Status", "Encrypted", "KmsKeyId")])
    return {"under_default_key": copied, "default_key": made}


def within_the_account(stage: Stage) -> Mapping[str, Answer]:
    """Which source a copy within its account names, and whose time a cluster's copy has."""
    return {"instance_source": _source(stage), "cluster_create_time": _time(stage)}


def _source(stage: Stage) -> Answer:
    side, source = stage.ground.source, stage.snapshot("postgres")
    target = stage.ground.fresh("source")
    stage.copied(side, INSTANCE, source, target)
    found = stage.available(side, INSTANCE, target)
    named = str(found.get("SourceDBSnapshotIdentifier", ""))
    value = "arn" if named.startswith("arn:") else "name" if named else "arn_of_another_account"
    fits = named in ("", source) or named.endswith(f":{source}")
    return Answer(value=value, evidence=[shown(found, "SourceDBSnapshotIdentifier")], fits=fits)


def _time(stage: Stage) -> Answer:
    side, source = stage.ground.source, stage.snapshot("keyed")
    stage.ground.sleep(4 * stage.ground.look_every)  # the times of both are to differ
    target = stage.ground.fresh("time")
    stage.copied(side, CLUSTER, source, target)
    copied = stage.available(side, CLUSTER, target)["SnapshotCreateTime"]
    original = _one(stage, side, CLUSTER, source)["SnapshotCreateTime"]
    value = "original" if copied == original else "copy"
    evidence = [f"SnapshotCreateTime of the source {original}, of its copy {copied}"]
    return Answer(value=value, evidence=evidence)


def across_accounts(stage: Stage) -> Mapping[str, Answer]:
    """What a copy from another account shows of the database."""
    side, seen = stage.ground.backup, {}
    for which, family in (("postgres", INSTANCE), ("keyed", CLUSTER)):
        seen[family.kind] = _one(stage, side, family, stage.backup_copy(which))
    ids = {kind: seen[kind].get(FAMILIES[kind].resource_id) for kind in seen}
    evidence = [shown(seen[kind], FAMILIES[kind].resource_id) for kind in ids]
    kept = [bool(value) for value in ids.values()]
    resource = Answer(value="kept" if all(kept) else "absent", evidence=evidence)
    traits = shown(seen["instance"], *_TRAITS)
    there = "kept" if "StorageType" in seen["instance"] else "absent"
    return {
        "copied_resource_id": resource,
        "copied_traits": Answer(value=there, evidence=[traits]),
    }


def _one(stage: Stage, side: Side, family: Family, name: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        return stage.one(side, family, name)

    return stage.ground.wait(name, look, minutes=10)
