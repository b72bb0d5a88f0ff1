"""The next step of a drill under way: wait, ask, record, delete."""

from functools import partial

from rds_backup.aws.errors import AwsError, Meaning
from rds_backup.decide.drills import Do, Step, UnderWay, step_of
from rds_backup.drill.drilling import Drilling, of_drill
from rds_backup.drill.questions import NotAskedError, asked
from rds_backup.model.decisions import Owned, Problem
from rds_backup.model.drills import Drill
from rds_backup.model.identity import all_owned
from rds_backup.model.inventory import Kind, Lane, Side
from rds_backup.model.proof import BACKUP_GONE, NOT_OFFERED
from rds_backup.model.verified import data_at, good
from rds_backup.observe import listings
from rds_backup.observe.patience import Patience


def go_on(drilling: Drilling, drill: UnderWay, *, plan: bool) -> None:
    """Take one step of the drill, or only say which it would be."""
    settings = drilling.settings
    found = _backup(drilling, drill) if drill.said else None
    backup = found if isinstance(found, Owned) else None
    validated = settings.validator is not None
    step = step_of(drill, found, drilling.time.now(), validated=validated)
    drilling.steps.append(of_drill(drill, backup, step.do, step.why))
    if isinstance(found, Problem):
        drilling.problems.append(found.told)
    if not plan:
        _take(drilling, drill, backup, step)


def _backup(drilling: Drilling, drill: UnderWay) -> Owned | Problem | None:
    """The backup that is restored, read again by its name; None if it is gone."""
    assert drill.said is not None  # noqa: S101 - the caller has asked
    rds, said = drilling.own.rds, drill.said
    lane = Lane(Side.BACKUP, drill.database.kind)
    patience = Patience(drilling.time)
    listing = patience.one(partial(listings.manual, rds, lane, [said.snapshot]))
    if isinstance(listing, Problem):
        return listing
    ours = all_owned(listing.snapshots, drilling.settings.backup.marker)
    return next((b for b in ours if b.snapshot.arn == said.backup), None)


def _newest(drilling: Drilling, said: Drill, kind: Kind) -> Owned | None:
    """The newest backup of a series, where the result of a drill lies if its own is gone."""
    listing = listings.manual(drilling.own.rds, Lane(Side.BACKUP, kind))
    if isinstance(listing, Problem):
        drilling.problems.append(listing.told)
        return None
    ours = all_owned(listing.snapshots, drilling.settings.backup.marker)
    mine = [b for b in ours if b.point.series == said.series and good(b)]
    return max(mine, key=data_at, default=None)


def _take(drilling: Drilling, drill: UnderWay, backup: Owned | None, step: Step) -> None:
    said = drill.said
    if step.do is Do.DELETE:
        kept = backup or (_newest(drilling, said, drill.database.kind) if said else None)
        if step.result and kept and said:
            # A backup that has expired is no failure, but others have to have their turn.
            gone = step.result == BACKUP_GONE
            drilling.record(kept, step.result, said.begun, counts=not gone)
        drilling.delete(drill)
        return
    if step.do is Do.WAIT or backup is None or said is None:
        return
    if step.do is Do.RECORD:
        drilling.record(backup, str(step.result), said.begun)
    elif step.do is Do.ASK:
        _ask(drilling, drill, backup, said)
    else:
        _change(drilling, drill, backup, said, step.do)


def _change(drilling: Drilling, drill: UnderWay, backup: Owned, said: Drill, do: Do) -> None:
    """Give the cluster its instance, or the database a password; a refusal ends the drill."""
    marker = drilling.settings.backup.marker
    try:
        if do is Do.SET_PASSWORD:
            drilling.restores.set_password(drill.database)
        elif found := drilling.offers(backup.snapshot):
            add, tags = drilling.restores.add_member, said.as_tags(marker)
            drilling.made(found, lambda offer: add(drill.database, offer, tags))
        else:
            drilling.noted("none of DRILL_CLASSES is offered for its instance")
            drilling.record(backup, NOT_OFFERED, said.begun)
    except AwsError as error:
        if error.meaning is Meaning.REFUSED:
            drilling.noted(str(error))
            drilling.record(backup, error.code, said.begun)
        else:
            drilling.met(error, f"{do} could not be done")


def _ask(drilling: Drilling, drill: UnderWay, backup: Owned, said: Drill) -> None:
    settings, own = drilling.settings, drilling.own
    key = own.key(settings.backup.key, "BACKUP_KMS_KEY_ID", Side.BACKUP)
    if isinstance(key, Problem):
        drilling.problems.append(key.told)
        return
    try:
        answers = asked(drill, backup, key, settings, own.functions)
    except NotAskedError as error:
        drilling.problems.append(str(error))
        return
    questions = [answer._asdict() for answer in answers.answered]
    drilling.told(questions=questions, facts=dict(answers.facts))
    drilling.record(backup, answers.result, said.begun)
