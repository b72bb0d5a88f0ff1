"""Begin a drill of the series whose turn it is, or say which that is."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from rds_backup.aws.errors import TAKEN, AwsError, Meaning
from rds_backup.aws.restores import SERVERLESS, Offer, Target
from rds_backup.decide.drills import free_name
from rds_backup.decide.turns import Turn
from rds_backup.drill.drilling import Drilling
from rds_backup.model.clock import iso
from rds_backup.model.decisions import Owned
from rds_backup.model.drills import Drill
from rds_backup.model.inventory import Kind
from rds_backup.model.proof import NOT_OFFERED, has_room

# So many series are asked about in one invocation; each takes a call for every class.
_MOST = 20
_NOTHING_FITS = "no DB instance class of DRILL_CLASSES fits"


def begin(
    drilling: Drilling, ordered: Iterable[Turn], key: str, stem: str, taken: Collection[str]
) -> None:
    """Restore the backup whose turn it is; one that cannot be restored at all is passed over."""
    name = free_name(stem, taken)
    for turn, offers in _able(drilling, ordered):
        drilling.steps.append(_told(turn, name) | {"step": "restore", "why": why(turn)})
        if not offers:
            drilling.told(step="record", why=_NOTHING_FITS)
            drilling.record(turn.backup, NOT_OFFERED, drilling.time.now())
        elif _restored(
            drilling, turn, offers, Target(name, *_where(drilling), key, {}, _scales(offers))
        ):
            return


def next_one(
    drilling: Drilling, ordered: Iterable[Turn], stem: str, taken: Collection[str]
) -> dict[str, Any] | None:
    """What would be restored, as what, where, and why it is this one's turn; changes nothing."""
    name, settings = free_name(stem, taken), drilling.settings
    for turn, offers in _able(drilling, ordered):
        told = _told(turn, name)
        if not offers:
            drilling.skipped.append({"database": told["database"], "reason": _NOTHING_FITS})
            continue
        snapshot = turn.backup.snapshot
        return told | {
            "why": why(turn),
            "class": offers[0].instance_class,
            "storage_type": offers[0].storage,
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
    how = "passed" if turn.last.passed else f"failed ({turn.last.word})"
    return f"its last drill is the longest ago: {iso(turn.last.at)}, {how}"


def _able(drilling: Drilling, ordered: Iterable[Turn]) -> Iterator[tuple[Turn, list[Offer]]]:
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
            offers = drilling.offers(turn.backup.snapshot)
        except AwsError as error:
            what = f"what RDS offers for {turn.backup.point.database} cannot be read"
            drilling.problems.append(f"{what}: {error}")
            if error.of_all:
                return
            continue
        yield turn, offers


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
        "last_result": turn.last.word if turn.last else None,
    }


def _restored(drilling: Drilling, turn: Turn, offers: Sequence[Offer], target: Target) -> bool:
    """Whether it was begun or refused; else it is the next one's turn.

    A refusal is the result of the drill, once no other class or storage type is left to try: so the
    series goes to the end of the queue, and blocks no other.
    """
    settings, backup = drilling.settings, turn.backup
    begun = drilling.time.now().replace(microsecond=0)
    drill = Drill(backup.point.series, backup.snapshot.arn, begun, begun + settings.deadline)
    target = target._replace(tags=drill.as_tags(settings.backup.marker))
    drilling.told(begun=iso(drill.begun), deadline=iso(drill.deadline))
    # A cluster has no class: its instance comes later.
    some = offers if backup.point.kind is Kind.INSTANCE else offers[:1]
    try:
        drilling.made(some, lambda o: drilling.restores.restore(backup.snapshot, o, target))
    except AwsError as error:
        return _refused(drilling, turn, error, begun)
    drilling.begun = True
    return True


def _refused(drilling: Drilling, turn: Turn, error: AwsError, begun: datetime) -> bool:
    if error.meaning is Meaning.REFUSED:
        drilling.told(step="record", why=f"the restore is refused: {error}")
        drilling.record(turn.backup, error.code, begun)
        return True
    if error.code in TAKEN:
        drilling.noted("somebody has just taken its name: another tick, as a rule")
        return True
    name = turn.backup.point.database
    drilling.problems.append(f"{name}: the restore could not be begun: {error}")
    return error.lost or error.of_all


def _where(drilling: Drilling) -> tuple[str, str]:
    return drilling.settings.subnet_group, drilling.settings.security_group


def _scales(offers: Sequence[Offer]) -> bool:
    """Whether an instance may be serverless: its cluster needs a capacity range (12.6)."""
    return any(offer.instance_class == SERVERLESS for offer in offers)
