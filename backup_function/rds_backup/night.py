"""One pass, decided: from what was seen to what is to be done and to what is to be said.

The last pure step.  ``plan`` stops behind it, and everything that changes anything comes after it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rds_backup import entries as entries_of
from rds_backup import gauges as gauges_of
from rds_backup.model import (
    Database,
    Decision,
    DeleteShared,
    Expire,
    Kind,
    Lane,
    Listing,
    Owned,
    Problem,
    Series,
    Side,
    Start,
    Status,
)
from rds_backup.naming import owned, verified
from rds_backup.plan import Terms
from rds_backup.report import Entry, Gauges
from rds_backup.retention import judge
from rds_backup.screen import Decided, screen, starts_in_order
from rds_backup.selection import unsupported
from rds_backup.series import SeriesView, data_at, newest_verified, plan_series
from rds_backup.settings import BackupSettings, Settings
from rds_backup.world import Learned, World


@dataclass(frozen=True, slots=True)
class Subject:
    """One series with what is known of it; ``database`` is None where it is not selected."""

    view: SeriesView
    decided: Decided
    proof: Owned | None


@dataclass(frozen=True, slots=True)
class Night:
    """Everything decided in one pass: what to do, in the order of doing, and what to report.

    ``subjects`` are the series that it was decided on, for whoever has to say more.
    """

    expires: tuple[Expire, ...]
    deletes: tuple[DeleteShared, ...]
    starts: tuple[Start, ...]
    entries: tuple[Entry, ...]
    unselected: tuple[Entry, ...] = ()
    gauges: Gauges = field(default_factory=Gauges)
    subjects: tuple[Subject, ...] = ()

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.expires or self.deletes or self.starts)


def decide_night(
    world: World, learned: Learned, settings: Settings, only: frozenset[str], now: datetime
) -> Night:
    """Decide one pass over the source account's databases.

    ``only`` narrows it to these identifiers (empty: all).  A family that could not be read
    completely is reported, and nothing is started or deleted for it.
    """
    selected = [d for d in world.selection.databases if not only or d.identifier in only]
    subjects: list[Subject] = []
    entries: list[Entry] = [
        Entry.of_problem(r.name, r.kind, None, r.problem)
        for r in world.selection.rejected
        if not only or r.name in only
    ]
    expires: list[Expire] = []
    for kind in Kind:
        mine = [d for d in selected if d.kind is kind]
        problem = world.problem(kind)
        if problem and kind not in world.unlisted and (mine or not only):
            entries += entries_of.of_unreadable(kind, mine, problem)
        elif not problem and kind not in world.unlisted:
            subjects += _subjects(kind, mine, world, learned, settings)
        expires += _expirations(kind, world, learned, settings, now)
    if only:
        subjects = [s for s in subjects if s.view.database is not None]
        chosen = {s.view.series for s in subjects}
        expires = [e for e in expires if e.backup.point.series in chosen]
    decided = [s.decided for s in subjects]
    screened = screen(decided, _running(world, learned), settings.max_copies, learned.full)
    entries += [
        entry
        for subject, decisions in zip(subjects, screened, strict=True)
        if (
            entry := entries_of.of_database(
                subject.view,
                decisions,
                subject.proof,
                learned.undeleted.get(subject.view.series, {}).values(),
                settings.backup,
                now,
            )
        )
    ]
    deletes = (d for decisions in screened for one in decisions for d in one.deletes)
    return Night(
        expires=_not_refused(expires, learned) if settings.expire else (),
        deletes=tuple(d for d in deletes if not _refused(d.shared, learned)),
        starts=tuple(starts_in_order(decided, screened)),
        entries=tuple(sorted(entries, key=lambda e: (e.database, e.kind or ""))),
        unselected=()
        if only
        else tuple(
            entries_of.of_unselected(s.view, s.proof, settings.backup, now)
            for s in subjects
            if s.view.database is None and s.view.backups
        ),
        gauges=Gauges()
        if only
        else gauges_of.of_source(
            [(s.view, s.proof) for s in subjects],
            now,
            whole=not (world.selection.rejected or world.unlisted)
            and not any(d for d in selected if world.problem(d.kind)),
        ),
        subjects=tuple(subjects),
    )


def decide_expiry(world: World, learned: Learned, backup: BackupSettings, now: datetime) -> Night:
    """Decide one pass of ``expire`` in the backup account, over every series there."""
    entries: list[Entry] = []
    expires: list[Expire] = []
    seen: list[tuple[SeriesView, Owned | None]] = []
    whole = True
    for kind in Kind:
        listing = world.manual[Lane(Side.BACKUP, kind)]
        if isinstance(listing, Problem):
            entries += entries_of.of_unreadable(kind, (), listing)
            whole = False
            continue
        ours = _ours(Lane(Side.BACKUP, kind), listing, learned, backup)
        for series, backups in _by_series(ours).items():
            if isinstance(world.backup_key, Problem):
                point = backups[0].point
                entries.append(
                    Entry.of_problem(point.database, kind, series.resource_id, world.backup_key)
                )
                whole = False
                continue
            sound = [b for b in backups if verified(b, backup.account, world.backup_key)]
            proof = max(sound, key=data_at, default=None)
            view = SeriesView(series, None, (), (), tuple(backups), frozenset())
            seen.append((view, proof))
            undeleted = learned.undeleted.get(series, {}).values()
            entries.append(entries_of.of_series(view, proof, undeleted, backup, now))
            expires += _expired(backups, world.backup_key, backup, now)
    entries.sort(key=lambda e: (e.database, e.kind or "", e.resource_id or ""))
    gauges = gauges_of.of_backup_account(seen, now, whole=whole, key=world.backup_key)
    return Night(_not_refused(expires, learned), (), (), tuple(entries), gauges=gauges)


def _subjects(
    kind: Kind,
    selected: Sequence[Database],
    world: World,
    learned: Learned,
    settings: Settings,
) -> list[Subject]:
    here = (settings.source_account, settings.backup.region)
    lanes = {side: Lane(side, kind) for side in Side}
    ours: dict[Side, dict[Series, list[Owned]]] = {}
    taken: set[str] = set()
    for side, lane in lanes.items():
        listing = world.manual[lane]
        assert isinstance(listing, Listing)  # noqa: S101 - the caller has asked world.problem
        items = _ours(lane, listing, learned, settings.backup)
        names = {i.snapshot.identifier for i in items}
        taken |= {s.identifier for s in learned.snapshots(lane, listing)} - names
        ours[side] = _by_series(
            i for i in items if (i.point.series.account, i.point.series.region) == here
        )
    databases = {Series(*here, d.resource_id): d for d in selected}
    automated = world.automated.get(kind, ())
    assert not isinstance(automated, Problem)  # noqa: S101 - the caller has asked world.problem
    assert not isinstance(world.backup_key, Problem)  # noqa: S101 - likewise
    by_resource = defaultdict(list)
    for snapshot in automated:
        by_resource[snapshot.resource_id].append(snapshot)
    terms = Terms(
        settings.backup.prefix,
        settings.backup.account,
        settings.max_attempts,
        world.sharing_key,
        world.backup_key,
    )
    foreign = frozenset(taken)
    subjects = []
    for series in databases | ours[Side.SOURCE] | ours[Side.BACKUP]:
        view = SeriesView(
            series,
            databases.get(series),
            tuple(by_resource[series.resource_id]) if series in databases else (),
            tuple(ours[Side.SOURCE].get(series, ())),
            tuple(ours[Side.BACKUP].get(series, ())),
            foreign,
            learned.refusals.get(series),
        )
        proof = newest_verified(view, terms)
        no_way = view.database and unsupported(view.database)
        decisions = (
            (Decision(None, no_way.state, no_way.reason),) if no_way else plan_series(view, terms)
        )
        subjects.append(Subject(view, Decided(decisions, data_at(proof) if proof else None), proof))
    return subjects


def _expirations(
    kind: Kind, world: World, learned: Learned, settings: Settings, now: datetime
) -> list[Expire]:
    """What the source's function expires: series of its own account and Region only."""
    lane = Lane(Side.BACKUP, kind)
    listing = world.manual.get(lane)
    if not isinstance(listing, Listing) or isinstance(world.backup_key, Problem):
        return []
    here = (settings.source_account, settings.backup.region)
    ours = _ours(lane, listing, learned, settings.backup)
    return [
        expire
        for series, backups in _by_series(ours).items()
        if (series.account, series.region) == here
        for expire in _expired(backups, world.backup_key, settings.backup, now)
    ]


def _expired(
    backups: Sequence[Owned], key: str, backup: BackupSettings, now: datetime
) -> list[Expire]:
    verdicts = judge(backups, backup.account, key, backup.rules, now)
    return [Expire(v.backup, v.reason) for v in verdicts if not v.kept]


def _not_refused(expires: Iterable[Expire], learned: Learned) -> tuple[Expire, ...]:
    return tuple(e for e in expires if not _refused(e.backup, learned))


def _refused(item: Owned, learned: Learned) -> bool:
    """Whether this invocation has already tried in vain to delete it."""
    return item.snapshot.identifier in learned.undeleted.get(item.point.series, {})


def _ours(lane: Lane, listing: Listing, learned: Learned, backup: BackupSettings) -> list[Owned]:
    found = (owned(s, backup.prefix, backup.account) for s in learned.snapshots(lane, listing))
    return [item for item in found if item]


def _by_series(items: Iterable[Owned]) -> dict[Series, list[Owned]]:
    grouped: dict[Series, list[Owned]] = {}
    for item in items:
        grouped.setdefault(item.point.series, []).append(item)
    return grouped


def _running(world: World, learned: Learned) -> Mapping[Lane, int]:
    """Copies in flight per lane, everybody's: AWS counts them all."""
    return {
        lane: sum(s.status is Status.RUNNING for s in learned.snapshots(lane, listing))
        for lane, listing in world.manual.items()
        if isinstance(listing, Listing)
    }
