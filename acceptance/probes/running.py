"""Copies while they run: how many at once, one after the other, and with a key that is lost."""

from collections.abc import Mapping

from acceptance.families import CLUSTER, INSTANCE, RUNNING
from acceptance.ground import CannotTellError
from acceptance.probes.answers import Answer
from acceptance.stage import Stage

_NEARLY = 90
_QUOTA = "SnapshotQuotaExceeded"


def one_after_the_other(stage: Stage) -> Mapping[str, Answer]:
    """Two copies of one database, begun together."""
    side, source = stage.ground.source, stage.snapshot("postgres")
    names = [stage.ground.fresh("first"), stage.ground.fresh("second")]
    for name in names:
        stage.copied(side, INSTANCE, source, name, KmsKeyId=stage.keys.sharing)
    looks: list[tuple[str, int, str, int]] = []

    def look() -> bool | None:
        found = [stage.one(side, INSTANCE, name) for name in names]
        if None in found:
            return None
        first, second = (one for one in found if one)
        facts = [(one["Status"], int(one.get("PercentProgress", 0))) for one in (first, second)]
        if not looks or (*facts[0], *facts[1]) != looks[-1]:
            looks.append((*facts[0], *facts[1]))
        return True if all(status not in RUNNING for status, _ in facts) else None

    stage.ground.wait("both copies end", look, minutes=240)
    evidence = [f"{a} {p} %; {b} {q} %" for a, p, b, q in looks]
    # A listing may still show the end of the first when the second has begun.
    both = any(a in RUNNING and b in RUNNING and 0 < p < _NEARLY and q for a, p, b, q in looks)
    waited = any((a in RUNNING) != (b in RUNNING) for a, _, b, _ in looks)
    if not both and not waited:
        evidence.append("too quick to tell: no look shows one that runs and one that waits")
        return {"one_copy_per_database": Answer(value=None, evidence=evidence)}
    return {"one_copy_per_database": Answer(value=not both, evidence=evidence)}


def in_flight(stage: Stage) -> Mapping[str, Answer]:
    """One more copy within the Region than may be in flight across Regions: of a cluster, six."""
    side, source = stage.ground.source, stage.snapshot("keyed")
    names = [stage.ground.fresh(f"flight-{n}") for n in range(CLUSTER.in_flight + 1)]
    begun: list[str] = []
    refused = None
    for name in names:
        told = stage.copy(side, CLUSTER, source, name)
        if told.refused:
            refused = told
            break
        begun.append(name)
    found = [stage.one(side, CLUSTER, name) for name in begun]
    running = sum(one is None or one["Status"] in RUNNING for one in found)
    for name in begun:
        stage.ended(side, CLUSTER, name)
        stage.delete(side, CLUSTER, name)
    evidence = [f"{len(begun)} begun, {running} of them seen running"]
    if refused is not None:
        fits = refused.code == _QUOTA
        answer = Answer(
            value=True if fits else None, evidence=[*evidence, refused.words], fits=fits
        )
    else:
        answer = Answer(value=False if running > CLUSTER.in_flight else None, evidence=evidence)
    return {"count_same_region_copies": answer}


def key_lost(stage: Stage) -> Mapping[str, Answer]:
    """A copy whose key is disabled while it runs."""
    side, source, key = stage.ground.source, stage.snapshot("postgres"), stage.keys.sharing
    name = stage.ground.fresh("lost")
    stage.copied(side, INSTANCE, source, name, KmsKeyId=key)
    stage.keys.disable(key)
    try:
        found = stage.ended(side, INSTANCE, name)
    except CannotTellError as error:
        return {"key_lost_mid_copy": Answer(value=None, evidence=[str(error)])}
    finally:
        stage.keys.enable(key)
    status = found["Status"]
    value = {"failed": "fails", "available": "goes_on"}.get(status)
    evidence = [f"Status of the copy in the end: {status}"]
    return {"key_lost_mid_copy": Answer(value=value, evidence=evidence, fits=value is not None)}
