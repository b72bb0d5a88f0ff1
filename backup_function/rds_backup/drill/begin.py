"""Begin a drill of the series whose turn it is, or say which that is."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from rds_backup.aws.errors import TAKEN, AwsError, Meaning
from rds_backup.aws.restores import Offer, Target
from rds_backup.decide.drills import free_name
from rds_backup.decide.turns import Turn
from rds_backup.drill.drilling import Drilling
from rds_backup.drill.go_on import NOT_OFFERED
from rds_backup.model.clock import iso
from rds_backup.model.decisions import Owned
from rds_backup.model.drills import Drill
from rds_backup.model.proof import has_room

# So many series are asked about in one invocation; each takes a call for every class.
_MOST = 20


def begin(
    drilling: Drilling, ordered: Iterable[Turn], key: str, stem: str, taken: Collection[str]
) -> None:
    """Restore the backup whose turn it is; one that cannot be restored at all is passed over."""
    name = free_name(stem, taken)
    for turn, offer in _able(drilling, ordered):
        told = _told(turn, name)
        drilling.step = told | {"step": "restore", "why": why(turn)}
        if offer is None:
            drilling.step |= {"step": "record", "why": "no DB instance class of DRILL_CLASSES fits"}
            drilling.record(turn.backup, NOT_OFFERED, drilling.time.now())
            drilling.problems.append(f"{told['database']}: {drilling.step['why']}")
            continue
        _restore(drilling, turn, offer, name, key)
        return


def next_one(
    drilling: Drilling, ordered: Iterable[Turn], stem: str, taken: Collection[str]
) -> dict[str, Any] | None:
    """What would be restored, as what, where, and why it is this one's turn; changes nothing."""
    name, settings = free_name(stem, taken), drilling.settings
    for turn, offer in _able(drilling, ordered):
        told = _told(turn, name)
        if offer is None:
            reason = "no DB instance class of DRILL_CLASSES fits"
            drilling.skipped.append({"database": told["database"], "reason": reason})
            continue
        snapshot = turn.backup.snapshot
        return told | {
            "why": why(turn),
            "class": offer.instance_class,
            "storage_type": offer.storage,
            "storage_gib": snapshot.allocated_gib,
            "engine": snapshot.engine,
            "engine_version": snapshot.engine_version,
            "subnet_group": settings.subnet_group,
            "security_group": settings.security_group,
            "validator": settings.validator,
            "deadline_hours": round(settings.deadline.total_seconds() / 3600),
        }
    return None


def why(turn: Turn) -> str:
    """Why it is this one's turn."""
    if turn.last is None:
        return "no backup of this series was ever restored"
    ended = "passed" if turn.last.passed else f"failed ({turn.last.result})"
    return f"its last drill is the longest ago: {iso(turn.last.at)}, {ended}"


def _able(drilling: Drilling, ordered: Iterable[Turn]) -> Iterator[tuple[Turn, Offer | None]]:
    """In their order, with what RDS offers for each; those that cannot be drilled are told."""
    tries = 0
    for turn in ordered:
        if reason := _unfit(turn.backup):
            name = turn.backup.point.database
            drilling.skipped.append({"database": name, "reason": reason})
            continue
        tries += 1
        if tries > _MOST or not drilling.time.in_time():
            return
        try:
            offer = drilling.offer(turn.backup.snapshot)
        except AwsError as error:
            drilling.problems.append(f"what RDS offers cannot be read: {error}")
            return
        yield turn, offer


def _unfit(backup: Owned) -> str | None:
    """Why nothing can be begun with a backup."""
    if not has_room(backup):
        return "its newest verified backup has no room for the three tags of a proof"
    if not backup.snapshot.engine or not backup.snapshot.engine_version:
        return "RDS lists its newest verified backup without engine or version"
    return None


def _told(turn: Turn, name: str) -> dict[str, Any]:
    backup = turn.backup
    return {
        "database": backup.point.database,
        "kind": str(backup.point.kind),
        "resource_id": backup.point.series.resource_id,
        "source_account": backup.point.series.account,
        "backup": backup.snapshot.arn,
        "taken_at": iso(backup.point.taken_at),
        "drill_database": name,
        "last_drill": iso(turn.last.at) if turn.last else None,
        "last_result": turn.last.result if turn.last else None,
    }


def _restore(drilling: Drilling, turn: Turn, offer: Offer, name: str, key: str) -> None:
    """A refusal is the result of the drill: so it goes to the end of the queue, and is told."""
    settings, now = drilling.settings, drilling.time.now()
    begun = now.replace(microsecond=0)
    drill = Drill(
        turn.backup.point.series, turn.backup.snapshot.arn, begun, begun + settings.deadline
    )
    tags = drill.as_tags(settings.backup.marker)
    target = Target(name, settings.subnet_group, settings.security_group, key, tags)
    assert drilling.step is not None  # noqa: S101 - the caller has told
    times = {"begun": iso(drill.begun), "deadline": iso(drill.deadline)}
    drilling.step |= times | {"class": offer.instance_class}
    try:
        drilling.restores.restore(turn.backup.snapshot, offer, target)
    except AwsError as error:
        if error.meaning is Meaning.REFUSED:
            drilling.step |= {"step": "record", "why": f"the restore is refused: {error}"}
            drilling.record(turn.backup, error.code, begun)
        elif error.code in TAKEN:
            drilling.noted("somebody has just taken its name: another tick, as a rule")
        else:
            drilling.problems.append(f"the restore could not be begun: {error}")
