"""One invocation of the drill: look at what is under way, take one step, and say so.

All of its state lies in the backup account: the database that a drill makes, and the tags that it
leaves on a backup.  So it may be killed at any call, run twice, or be deployed anew in between.
"""

from functools import partial
from typing import Any

from rds_backup.aws.account import Account
from rds_backup.aws.errors import AwsError
from rds_backup.aws.problems import problem
from rds_backup.aws.restores import Restores
from rds_backup.backup_account import world_there
from rds_backup.decide.drills import Do, DrillsThere, find
from rds_backup.decide.turns import Round, round_of, turns_in
from rds_backup.drill.begin import begin, next_one
from rds_backup.drill.drilling import Drilling, of_drill
from rds_backup.drill.go_on import go_on
from rds_backup.drill.report import DrillReport
from rds_backup.inputs.request import Request
from rds_backup.model.clock import Time, iso
from rds_backup.model.decisions import Problem
from rds_backup.model.drills import DatabaseThere, stem
from rds_backup.model.inventory import Kind, Side
from rds_backup.model.settings import DrillSettings
from rds_backup.observe.both_accounts import verify_account
from rds_backup.observe.patience import Patience


def perform_drill(
    request: Request, settings: DrillSettings, own: Account, time: Time
) -> DrillReport:
    """Begin a drill, go on with one, or only look; raises SettingsError for another account.

    Nothing is begun while a drill's database is there, or where that cannot be seen.
    """
    own.rds.begin(time)
    backup, patience, restores = settings.backup, Patience(time), Restores(own.rds.calls)
    listed = patience.read({kind: partial(_there, restores, kind) for kind in Kind})
    known = {k: found for k, found in listed.items() if not isinstance(found, Problem)}
    names = stem(backup.marker, backup.region)
    found = find(known, backup.marker, names)
    drilling = Drilling(own, restores, settings, time)
    drilling.problems += [p.told for p in listed.values() if isinstance(p, Problem)]
    drilling.problems += [_renamed(name) for name in found.astray]
    drilling.problems += [_untagged(name) for name in sorted(found.taken)]
    if request.resume and not found.under_way:
        return _report(drilling, found, None, None, seen=len(known) == len(listed), daily=False)
    verify_account(own, backup.account, patience=patience)
    world = None if request.resume else world_there(backup, own, time)
    ordered, whole = turns_in(world, backup, time.now()) if world else ([], False)
    if world:
        looked = (*world.manual.values(), world.backup_key)
        drilling.problems += [p.told for p in looked if isinstance(p, Problem)]
    plan = None
    if found.under_way:
        _go_on(drilling, found, plan=request.plan)
    elif len(known) == len(listed) and world:
        if request.plan:
            plan = next_one(drilling, ordered, names, found.taken)
        elif not isinstance(world.backup_key, Problem):
            begin(drilling, ordered, world.backup_key, names, found.taken)
    stands = round_of(ordered, backup.drills, time.now()) if whole else None
    seen = len(known) == len(listed)
    return _report(drilling, found, plan, stands, seen=seen, daily=not request.resume)


def _there(restores: Restores, kind: Kind) -> tuple[DatabaseThere, ...] | Problem:
    try:
        return restores.there(kind)
    except AwsError as error:
        return problem(error, f"cannot list {kind}s in the backup account", Side.BACKUP)


def _renamed(name: str) -> str:
    return (
        f"{name} has the tags of a drill's database and another name: somebody has renamed it; "
        "delete it by hand"
    )


def _untagged(name: str) -> str:
    return (
        f"{name} has the name of a drill's database without its tags, and is left alone: somebody "
        "has taken them away, or the name; if nobody needs it, delete it by hand"
    )


def _go_on(drilling: Drilling, found: DrillsThere, *, plan: bool) -> None:
    """One goes on; whatever else of drills is there goes."""
    first, *others = found.under_way
    for other in others:
        if not plan and other.database.word != "deleting":
            why = "another drill is under way"
            drilling.steps.append(of_drill(other, None, Do.DELETE, why))
            drilling.delete(other)
    go_on(drilling, first, plan=plan)
    if others:
        drilling.noted(f"of {len(others) + 1} drills under way the first goes on, the others go")


def _report(
    drilling: Drilling,
    found: DrillsThere,
    plan: dict[str, Any] | None,
    stands: Round | None,
    *,
    seen: bool,
    daily: bool,
) -> DrillReport:
    now = drilling.time.now()
    return DrillReport(
        looked_at=iso(now),
        under_way=len(found.under_way) + drilling.begun,
        overdue=sum(drill.overdue(now) for drill in found.under_way),
        steps=tuple(drilling.steps),
        failures=drilling.failures,
        plan=plan,
        skipped=tuple(drilling.skipped),
        problems=tuple(drilling.problems),
        round=stands,
        seen=seen,
        daily=daily,
    )
