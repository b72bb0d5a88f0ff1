"""What is said of a plan: an entry a database, the series that nobody selects, and the gauges.

Pure, and the only place where what was decided becomes what is reported.  It decides nothing.
"""

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from rds_backup.decide.plan import Plan, Subject
from rds_backup.decide.series import SeriesView
from rds_backup.model.decisions import Problem
from rds_backup.model.identity import crowded_out, owned
from rds_backup.model.inventory import Kind, Lane, Listing, Side
from rds_backup.model.settings import BackupSettings, Settings
from rds_backup.model.world import Learned, World
from rds_backup.report.entry import (
    Entry,
    of_database,
    of_problem,
    of_series,
    of_unreadable,
    of_unselected,
)
from rds_backup.report.gauges import Gauges, Seen, backup_gauges, source_gauges


@dataclass(frozen=True, slots=True)
class Said:
    """What one plan comes to; ``unselected`` are series that no selected database claims."""

    entries: tuple[Entry, ...]
    unselected: tuple[Entry, ...] = ()
    gauges: Gauges = field(default_factory=Gauges)


def said_of_backup(
    plan: Plan, world: World, learned: Learned, settings: Settings, now: datetime
) -> Said:
    """What a plan for the source account's databases comes to.

    A plan that was narrowed tells nothing of series that nobody selects, and no gauge.
    """
    only, backup = plan.only, settings.backup
    entries = [
        of_problem(r.name, r.kind, None, r.problem)
        for r in world.selection.rejected
        if not only or r.name in only
    ]
    for kind in Kind:
        selected = [d for d in world.chosen(only) if d.kind is kind]
        problem = world.problem(kind)
        concerned = selected or (not only and _holds_ours(kind, world, backup))
        if problem and kind not in world.unlisted and concerned:
            entries += of_unreadable(kind, selected, problem)
    begun = {d["resource_id"] for d in learned.done if d["action"] == "copy"}
    for subject in _told(plan, learned):
        remarks = [*_undeleted(subject, learned), *_without_room(subject, begun)]
        entry = of_database(subject, remarks, backup, now)
        if entry:
            entries.append(entry)
    ordered = tuple(sorted(entries, key=lambda e: (e.database, e.kind or "")))
    if only:
        return Said(ordered)
    whole = not (
        world.selection.rejected
        or world.unlisted
        or any(world.problem(d.kind) for d in world.chosen(only))
    )
    unselected = (s for s in plan.subjects if s.view.database is None and s.held and not s.by_names)
    return Said(
        ordered,
        tuple(of_unselected(s, backup, now) for s in unselected),
        source_gauges(_seen(plan.subjects), now, whole=whole),
    )


def _told(plan: Plan, learned: Learned) -> Iterator[Subject]:
    """Not those of which a tick has only seen the base."""
    acted = {d["resource_id"] for d in learned.done}
    return (s for s in plan.subjects if not s.at_rest or s.view.series.resource_id in acted)


def _undeleted(subject: Subject, learned: Learned) -> Iterator[str]:
    """The refused deletions of a series."""
    return (u.words for u in learned.undeleted.get(subject.view.series, {}).values())


def _without_room(subject: Subject, begun: Container[str]) -> Iterator[str]:
    """The tags that do not fit: said once, by the invocation that has begun the copy."""
    database = subject.view.database
    names = crowded_out(database.tags) if database and database.resource_id in begun else []
    if names:
        yield f"a backup has no room for these tags of its database: {', '.join(names)}"


def _holds_ours(kind: Kind, world: World, backup: BackupSettings) -> bool:
    """Whether anything of ours is seen of a family; one that nobody uses is nobody's problem."""
    return any(
        owned(snapshot, backup.marker)
        for side in Side
        if isinstance(listing := world.manual.get(Lane(side, kind)), Listing)
        for snapshot in listing.snapshots
    )


def said_of_expire(
    plan: Plan,
    world: World,
    learned: Learned,
    backup: BackupSettings,
    now: datetime,
    detailed: Callable[[Entry, Subject], Entry] = lambda entry, _: entry,
) -> Said:
    """What a plan of the backup account's own ``expire`` comes to, over every series there.

    ``detailed`` makes what is said of a series longer.
    """
    entries: list[Entry] = []
    listings = {kind: world.manual[Lane(Side.BACKUP, kind)] for kind in Kind}
    for kind, listing in listings.items():
        if isinstance(listing, Problem):
            entries += of_unreadable(kind, (), listing)
    key = world.backup_key
    for subject in plan.subjects:
        view = subject.view
        if isinstance(key, Problem):
            point = view.backups[0].point
            resource_id = view.series.resource_id
            entries.append(of_problem(point.database, point.kind, resource_id, key))
        else:
            entry = of_series(subject, _undeleted(subject, learned), backup, now)
            entries.append(detailed(entry, subject))
    unread = any(isinstance(listing, Problem) for listing in listings.values())
    unknown = isinstance(key, Problem)
    return Said(
        tuple(sorted(entries, key=lambda e: (e.database, e.kind or "", e.resource_id or ""))),
        gauges=backup_gauges(
            [] if unknown else _seen(plan.subjects),
            now,
            whole=not unread and not (unknown and plan.subjects),
            key=key,
        ),
    )


def _seen(subjects: Sequence[Subject]) -> Seen:
    """Each series without its base, which waits for nothing."""
    return [(_without_base(s) if s.bases else s.view, s.proof) for s in subjects]


def _without_base(subject: Subject) -> SeriesView:
    left = tuple(o for o in subject.view.shared if o not in subject.bases)
    return replace(subject.view, shared=left)
