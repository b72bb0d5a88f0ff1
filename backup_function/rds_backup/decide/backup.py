"""One pass, decided: from what was seen to what is to be done, and why.

The last pure step.  ``plan`` stops behind it, and everything that changes anything comes after it.
What is said of it is the business of ``report.from_plan``.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from rds_backup.decide.expire import expirations, is_refused, not_refused
from rds_backup.decide.limits import Decided, opened, starts_in_order, within_limits
from rds_backup.decide.plan import Plan, Subject
from rds_backup.decide.subjects import subjects_of
from rds_backup.decide.under_way import by_names, worth_a_look
from rds_backup.model.decisions import CopyAutomated
from rds_backup.model.inventory import Kind, Lane, Listing, Side, Status
from rds_backup.model.settings import Settings
from rds_backup.model.verified import data_at
from rds_backup.model.world import Learned, World


def decide_backup(
    world: World, learned: Learned, settings: Settings, only: frozenset[str], now: datetime
) -> Plan:
    """Decide one pass over the source account's databases.

    ``only`` narrows it to these identifiers (empty: all).  Nothing is started or deleted for a
    family that could not be read completely; of one that was read by names no more is decided than
    what rests on those.
    """
    subjects: list[Subject] = []
    looks = frozenset[Kind]()
    for kind in Kind:
        if world.problem(kind) or kind in world.unlisted:
            continue
        if world.whole(kind):
            chosen = [d for d in world.chosen(only) if d.kind is kind]
            subjects += subjects_of(kind, chosen, world, learned, settings)
        elif Lane(Side.SOURCE, kind) in world.manual:
            mine = sorted(subjects_of(kind, (), world, learned, settings), key=_name)
            if worth_a_look(kind, mine, world, settings, now):
                looks |= {kind}
            subjects += [by_names(s, now) for s in mine]
    # Retention is judged over whole series: not where names were read.
    whole = [kind for kind in Kind if world.whole(kind)]
    expires = [e for k in whole for e in expirations(k, world, learned, settings, now)]
    if only:
        subjects = [s for s in subjects if s.view.database is not None]
        narrowed = {s.view.series for s in subjects}
        expires = [e for e in expires if e.backup.point.series in narrowed]
    decided = [to_screen(subject) for subject in _with_room(subjects, learned)]
    screened = within_limits(decided, _running(world, learned), settings.max_copies, learned.full)
    deletes = (d for decisions in screened for one in decisions for d in one.deletes)
    return Plan(
        expires=not_refused(expires, learned) if settings.expire else (),
        deletes=tuple(d for d in deletes if not is_refused(d.shared, learned)),
        starts=tuple(starts_in_order(decided, screened)),
        subjects=tuple(replace(s, decisions=d) for s, d in zip(subjects, screened, strict=True)),
        only=only,
        looks=looks,
    )


def _with_room(subjects: list[Subject], learned: Learned) -> list[Subject]:
    """The same; bases give way to copies that would else wait for a place for ever.

    That is where the source account has none left, and no shared copy is there that goes by itself.
    The bases of what waits go; where it has none, so many others.
    """
    lane = Lane(Side.SOURCE, Kind.INSTANCE)
    opens = opened(d for s in subjects for d in s.decisions)
    if lane not in learned.crowded or opens[lane.kind]:
        return subjects
    waits = [s for s in subjects if any(isinstance(d.start, CopyAutomated) for d in s.decisions)]
    give = [s for s in waits if s.bases] or [s for s in subjects if s.bases][: len(waits)]
    series = {s.view.series for s in give}
    return [
        replace(s, decisions=tuple(d.without_base() for d in s.decisions))
        if s.view.series in series
        else s
        for s in subjects
    ]


def _name(subject: Subject) -> str:
    return next(item.point.database for item in (*subject.view.shared, *subject.view.backups))


def to_screen(subject: Subject) -> Decided:
    """What its turn depends on: how old its protection is, and how large it is."""
    view, proof = subject.view, subject.proof
    there = (*view.automated, *(item.snapshot for item in view.shared))
    size = max((s.full_bytes or (s.allocated_gib or 0) << 30 for s in there), default=0)
    return Decided(subject.decisions, data_at(proof) if proof else None, size)


def _running(world: World, learned: Learned) -> Mapping[Lane, int]:
    """Copies in flight per lane, everybody's: AWS counts them all."""
    return {
        lane: sum(s.status is Status.RUNNING for s in learned.snapshots(lane, listing))
        for lane, listing in world.manual.items()
        if isinstance(listing, Listing)
    }
