"""What listings take, and how soon they show what was made, has ended, or has gone."""

from collections.abc import Mapping

from acceptance.families import INSTANCE
from acceptance.probes.answers import Answer, refusal
from acceptance.sides import Side
from acceptance.stage import Stage

_MOST_LISTINGS = 50
_TOO_MANY = 101


def filters(stage: Stage) -> Mapping[str, Answer]:
    """One filter with more than a hundred values."""
    values = [stage.ground.named("nothing", number) for number in range(_TOO_MANY)]
    wanted = [{"Name": INSTANCE.snapshot_filter, "Values": values}]
    told = stage.ground.source.ask("rds", "describe_db_snapshots", Filters=wanted)
    if told.refused:
        answer = refusal(told, "InvalidParameterCombination", value="limited")
    else:
        answer = Answer(value="any", evidence=[f"{_TOO_MANY} values were taken"])
    return {"snapshot_filter_values": answer}


def absent_database(stage: Stage) -> Mapping[str, Answer]:
    """A listing by the name of a database that is in another account."""
    stage.backup_copy("postgres")
    name = stage.ground.named("postgres")
    told = stage.ground.backup.ask("rds", "describe_db_snapshots", DBInstanceIdentifier=name)
    if told.refused:
        answer = refusal(told, "DBInstanceNotFound", "DBInstanceNotFoundFault", value="error")
    else:
        answer = Answer(value="copies", evidence=[f"{len(told['DBSnapshots'])} snapshots"])
    return {"describe_absent_database": answer}


def how_soon(stage: Stage) -> Mapping[str, Answer]:
    """How many listings miss a new copy, and how many still show one that was deleted."""
    side, name = stage.ground.source, stage.ground.fresh("listed")
    stage.copied(side, INSTANCE, stage.snapshot("postgres"), name)
    missing = _count(stage, name, there=False)
    stage.available(side, INSTANCE, name)
    told = stage.delete(side, INSTANCE, name)
    if told.refused:
        longer = Answer(value=None, evidence=[told.words])
    else:
        after = _count(stage, name, there=True)
        evidence = [f"{after} listings still had it after its deletion was answered"]
        longer = Answer(value=after, evidence=evidence, fits=after < _MOST_LISTINGS)
    evidence = [f"{missing} listings did not have it yet"]
    new = Answer(value=missing, evidence=evidence, fits=missing < _MOST_LISTINGS)
    return {"listing_lag_calls": new, "status_lag_calls": longer}


def _count(stage: Stage, name: str, *, there: bool) -> int:
    """How many listings in a row have the snapshot, or do not."""
    for number in range(_MOST_LISTINGS):
        if (name in _names(stage.ground.source)) is not there:
            return number
    return _MOST_LISTINGS


def _names(side: Side) -> set[str]:
    found = side.listed("rds", "describe_db_snapshots", "DBSnapshots", SnapshotType="manual")
    return {str(one["DBSnapshotIdentifier"]) for one in found}
