"""The series of one pass, gathered from the listings, each with what is decided on it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rds_backup.decide.attempts import Terms
from rds_backup.decide.engines import unsupported
from rds_backup.decide.plan import Subject
from rds_backup.decide.series import SeriesView, newest_verified, plan_series
from rds_backup.model.decisions import Decision, Owned, Problem, Series
from rds_backup.model.identity import owned
from rds_backup.model.inventory import Database, Kind, Lane, Listing, Side
from rds_backup.model.settings import BackupSettings, Settings
from rds_backup.model.world import Learned, World


def subjects_of(
    kind: Kind,
    selected: Sequence[Database],
    world: World,
    learned: Learned,
    settings: Settings,
) -> list[Subject]:
    """Every series of one family that is selected, or of which something of ours is there.

    Both accounts of the family have to be read completely, and the backup key has to be known.
    """
    here = (settings.source_account, settings.backup.region)
    lanes = {side: Lane(side, kind) for side in Side}
    ours: dict[Side, dict[Series, list[Owned]]] = {}
    taken: set[str] = set()
    for side, lane in lanes.items():
        listing = world.manual[lane]
        assert isinstance(listing, Listing)  # noqa: S101 - the caller has asked world.problem
        items = owned_in(lane, listing, learned, settings.backup)
        names = {i.snapshot.identifier for i in items}
        taken |= {s.identifier for s in learned.snapshots(lane, listing)} - names
        ours[side] = by_series(
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
        settings.backup.vault(world.backup_key),
        settings.max_attempts,
        world.sharing_key,
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
        decisions = (Decision.of_problem(None, no_way),) if no_way else plan_series(view, terms)
        subjects.append(Subject(view, decisions, proof))
    return subjects


def owned_in(lane: Lane, listing: Listing, learned: Learned, backup: BackupSettings) -> list[Owned]:
    """What is ours in one listing, with what this invocation has changed since."""
    found = (owned(s, backup.marker) for s in learned.snapshots(lane, listing))
    return [item for item in found if item]


def by_series(items: Iterable[Owned]) -> dict[Series, list[Owned]]:
    """Grouped by series, in the order of the items."""
    grouped: dict[Series, list[Owned]] = {}
    for item in items:
        grouped.setdefault(item.point.series, []).append(item)
    return grouped
