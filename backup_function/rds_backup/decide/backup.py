"""One pass, decided: from what was seen to what is to be done, and why.

The last pure step.  ``plan`` stops behind it, and everything that changes anything comes after it.
What is said of it is ``from_plan``'s business.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from rds_backup.decide.limits import Decided, screen, starts_in_order
from rds_backup.decide.point import Terms
from rds_backup.decide.retention import judge
from rds_backup.decide.series import SeriesView, data_at, newest_verified, plan_series
from rds_backup.inputs.environment import BackupSettings, Settings
from rds_backup.model.decisions import (
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
from rds_backup.model.identity import owned, verified
from rds_backup.model.world import Learned, World
from rds_backup.observe.selection import unsupported


@dataclass(frozen=True, slots=True)
class Subject:
    """One series with what was decided on it; ``database`` is None where it is not selected.

    ``proof`` is its newest verified backup.
    """

    view: SeriesView
    decisions: tuple[Decision, ...]
    proof: Owned | None


@dataclass(frozen=True, slots=True)
class Night:
    """Everything decided in one pass: what to do, in the order of doing.

    ``subjects`` are the series that it was decided on, for whoever has to say more; ``only`` are
    the databases that it was narrowed to (empty: all).
    """

    expires: tuple[Expire, ...]
    deletes: tuple[DeleteShared, ...]
    starts: tuple[Start, ...]
    subjects: tuple[Subject, ...]
    only: frozenset[str] = frozenset()

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.expires or self.deletes or self.starts)


def decide_night(
    world: World, learned: Learned, settings: Settings, only: frozenset[str], now: datetime
) -> Night:
    """Decide one pass over the source account's databases.

    ``only`` narrows it to these identifiers (empty: all).  Nothing is started or deleted for a
    family that could not be read completely.
    """
    subjects: list[Subject] = []
    expires: list[Expire] = []
    for kind in Kind:
        if not world.problem(kind) and kind not in world.unlisted:
            chosen = [d for d in world.chosen(only) if d.kind is kind]
            subjects += _subjects(kind, chosen, world, learned, settings)
        expires += _expirations(kind, world, learned, settings, now)
    if only:
        subjects = [s for s in subjects if s.view.database is not None]
        narrowed = {s.view.series for s in subjects}
        expires = [e for e in expires if e.backup.point.series in narrowed]
    decided = [Decided(s.decisions, data_at(s.proof) if s.proof else None) for s in subjects]
    screened = screen(decided, _running(world, learned), settings.max_copies, learned.full)
    deletes = (d for decisions in screened for one in decisions for d in one.deletes)
    return Night(
        expires=_not_refused(expires, learned) if settings.expire else (),
        deletes=tuple(d for d in deletes if not _refused(d.shared, learned)),
        starts=tuple(starts_in_order(decided, screened)),
        subjects=tuple(replace(s, decisions=d) for s, d in zip(subjects, screened, strict=True)),
        only=only,
    )


def decide_expiry(world: World, learned: Learned, backup: BackupSettings, now: datetime) -> Night:
    """Decide one pass of ``expire`` in the backup account, over every series there.

    Nothing expires where the backup key is not known: then no subject has a proof either.
    """
    subjects: list[Subject] = []
    expires: list[Expire] = []
    key = world.backup_key
    for kind in Kind:
        lane = Lane(Side.BACKUP, kind)
        listing = world.manual[lane]
        if isinstance(listing, Problem):
            continue
        for series, backups in _by_series(_ours(lane, listing, learned, backup)).items():
            view = SeriesView(series, None, (), (), tuple(backups), frozenset())
            proof = None
            if not isinstance(key, Problem):
                sound = [b for b in backups if verified(b, backup.account, key)]
                proof = max(sound, key=data_at, default=None)
                expires += _expired(backups, key, backup, now)
            subjects.append(Subject(view, (), proof))
    return Night(_not_refused(expires, learned), (), (), tuple(subjects))


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
        subjects.append(Subject(view, decisions, proof))
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
