"""The question whether a night's copies fit into a day, with so many places for copies in flight.

No field of RDS says how long a copy took.  When a backup was asked for, by its tag ``started-at``,
its shared copy had ended, which had not begun before the first run after its automated snapshot.
Where more wait than there are places, one is handed over when a place is free: as many hand-overs
later as there are places, the same place has seen another database through.  RDS's own creation
time of a copy is not used: it may be of its beginning or end, of a cluster's the original's (1.17).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from math import floor

from rds_backup.check.answer import Answer, Level, some
from rds_backup.check.facts import Facts
from rds_backup.check.schedule import runs
from rds_backup.check.unanswered import unread
from rds_backup.decide.backup import to_screen
from rds_backup.decide.engines import unsupported
from rds_backup.decide.limits import Decided, turn
from rds_backup.model.decisions import Point
from rds_backup.model.inventory import Kind, Lane, Listing, Side, Status
from rds_backup.model.verified import started_at

_ABOUT = "throughput"
_LOOK_BACK = timedelta(days=3)
_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
_NEARLY = 0.8 * _DAY
_UNTOLD = "RDS does not say how long a copy takes"


def of_throughput(facts: Facts) -> Iterator[Answer]:
    """One answer for each family that is backed up."""
    for kind in Kind:
        question, problem = f"a night of {kind} copies", facts.unread(kind)
        names = _in_turn(facts, kind)
        if names and problem:
            yield unread(_ABOUT, question, problem)
        elif names:
            yield _answer(facts, kind, question, names)


def _answer(facts: Facts, kind: Kind, question: str, names: Sequence[str]) -> Answer:
    """The time that a night needs, against a day: exact in its counts, an estimate of the rest."""
    places, handed = facts.settings.max_copies[kind], _handed_over(facts, kind)
    here, there = (_running(facts, Lane(side, kind)) for side in Side)
    others = len({p.series for p in handed if p.series[:2] != facts.settings.here})
    count = len(names) + others
    fact = f"{len(names)} selected{f', {others} of other source accounts' if others else ''}; "
    fact += f"{places} at once, in flight {here} here and {there} in the backup account; "
    if count <= places:
        return Answer(_ABOUT, question, Level.PASS, f"{fact}none waits for a place")
    each, seen = _each(facts, kind, handed, places)
    night = count * each / places
    if not handed and night <= _DAY:
        room = f"{_minutes(_DAY * places / count)} for both copies of each would fill a day"
        fix = f"ask again some hours after the first copies have started: {_UNTOLD}"
        return Answer(_ABOUT, question, Level.WARN, f"cannot tell yet: {fact}{room}", fix)
    fact += f"{seen}: {'about' if handed else 'at least'} {night / _HOUR:.1f} h for all, of 24"
    fact += f" ({_UNTOLD})"
    if night < _NEARLY:
        return Answer(_ABOUT, question, Level.PASS, fact)
    fix = (
        f"raise MAX_{kind.upper()}_COPIES if RDS lets both accounts run more at once (what it "
        "refuses is queued), select fewer, or give some an account and a deployment of their own"
    )
    if night <= _DAY:
        return Answer(_ABOUT, question, Level.WARN, fact, fix)
    late = some(names[floor(len(names) * (_DAY / night)) :])
    return Answer(_ABOUT, question, Level.FAIL, f"{fact}; too late: {late}", fix)


def _in_turn(facts: Facts, kind: Kind) -> list[str]:
    """The databases that are backed up, as they take their turns."""
    seen = {s.view.series.resource_id: turn(to_screen(s)) for s in facts.plan.subjects}
    never = turn(Decided((), None))
    ours = (d for d in facts.world.selection.databases if d.kind is kind and not unsupported(d))
    return [d.identifier for d in sorted(ours, key=lambda d: seen.get(d.resource_id, never))]


def _running(facts: Facts, lane: Lane) -> int:
    """Everybody's, since RDS counts them all."""
    listing = facts.world.manual[lane]
    found = listing.snapshots if isinstance(listing, Listing) else ()
    return sum(s.status is Status.RUNNING for s in found)


def _handed_over(facts: Facts, kind: Kind) -> Mapping[Point, datetime]:
    """When a backup was first asked for of each point of the last days, in this order.

    Of every source account: their copies in the backup account have the same places.
    """
    found: dict[Point, datetime] = {}
    for item in facts.owned(Lane(Side.BACKUP, kind)):
        asked = started_at(item, facts.now)
        found[item.point] = min(asked, found.get(item.point, asked))
    lately = ((p, at) for p, at in found.items() if at > facts.now - _LOOK_BACK)
    return dict(sorted(lately, key=lambda seen: seen[1]))


def _each(
    facts: Facts, kind: Kind, handed: Mapping[Point, datetime], places: int
) -> tuple[timedelta, str]:
    """How long a place is taken for by one database, on average, and how that is seen."""
    begun = {o.point: started_at(o, facts.now) for o in facts.owned(Lane(Side.SOURCE, kind))}
    whole = [(begun.get(p) or _first_run(facts, p, asked), asked) for p, asked in handed.items()]
    turns = [
        asked - freed
        for (began, asked), freed in zip(whole[places:], handed.values(), strict=False)
        if freed >= began
    ]
    if turns:
        each = _mean(turns)
        seen = f"of {len(turns)} that waited in {_LOOK_BACK.days} days, each took a place for"
        return each, f"{seen} {_minutes(each)} on average"
    if whole:
        each = _mean([asked - began for began, asked in whole])
        return each, f"none waited; the second copy started within {_minutes(each)} on average"
    each = _mean([facts.now - began for began in begun.values()])
    return each, f"no second copy started yet; under way for {_minutes(each)} and longer"


def _first_run(facts: Facts, point: Point, before: datetime) -> datetime:
    """When its shared copy may have begun: at the first run that could find its snapshot.

    A tick between may have come first; then it is not after the hand-over.
    """
    settings, taken = facts.settings, point.taken_at
    starts = runs(settings.schedule or "", facts.utc_offset or timedelta())
    minute = taken.hour * 60 + taken.minute + 1
    wait = min(((s - minute) % (24 * 60) for s in starts or ()), default=0) * _MINUTE
    return taken + wait if taken + wait < before else taken


def _mean(times: Sequence[timedelta]) -> timedelta:
    return sum(times, timedelta()) / max(1, len(times))


def _minutes(time: timedelta) -> str:
    return f"{time / _MINUTE:.0f} min"
