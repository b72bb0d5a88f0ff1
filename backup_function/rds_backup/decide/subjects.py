"""The series of one pass, gathered from the listings, each with what is decided on it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rds_backup.decide.attempts import Terms
from rds_backup.decide.engines import unsupported
from rds_backup.decide.plan import Subject
from rds_backup.decide.series import SeriesView, newest_verified, plan_series
from rds_backup.model.decisions import Decision, Owned, Problem, Series, State
from rds_backup.model.identity import all_owned
from rds_backup.model.inventory import Database, Kind, Lane, Listing, Side
from rds_backup.model.settings import BackupSettings, Settings
from rds_backup.model.world import Learned, World


def subjects_of(
    kind: Kind, selected: Sequence[Database], world: World, learned: Learned, settings: Settings
) -> list[Subject]:
    """Every series of one family that is selected, or of which something of ours is there.

    Both accounts of the family have to be read completely, and the backup key has to be known.
    """
    automated = world.automated.get(kind, ())
    assert not isinstance(automated, Problem)  # noqa: S101 - the caller has asked world.problem
    assert not isinstance(world.backup_key, Problem)  # noqa: S101 - likewise
    by_resource = defaultdict(list)
    for snapshot in automated:
        by_resource[snapshot.resource_id].append(snapshot)
    here = settings.here
    held = {side: _held(Lane(side, kind), world, learned, settings.backup) for side in Side}
    ours = {side: by_series(i for i in held[side][0] if _is_here(i, here)) for side in Side}
    taken = frozenset(held[Side.SOURCE][1] | held[Side.BACKUP][1])
    databases = {Series(*here, d.resource_id): d for d in selected}
    # Names do not tell what is selected: then the newest one stays, too.
    keeps = settings.incremental and kind is Kind.INSTANCE
    views = [
        SeriesView(
            series,
            databases.get(series),
            tuple(by_resource[series.resource_id]) if series in databases else (),
            tuple(ours[Side.SOURCE].get(series, ())),
            tuple(ours[Side.BACKUP].get(series, ())),
            taken,
            learned.refusals.get(series),
            keeps and (series in databases or not world.whole(kind)),
        )
        for series in databases | ours[Side.SOURCE] | ours[Side.BACKUP]
    ]
    vault = settings.backup.vault(world.backup_key)
    terms = Terms(settings.backup.prefix, vault, settings.max_attempts, world.sharing_key)
    return [_decided(view, terms) for view in views]


def _held(
    lane: Lane, world: World, learned: Learned, backup: BackupSettings
) -> tuple[list[Owned], set[str]]:
    """What is ours in a lane, and the identifiers that are not."""
    listing = world.manual[lane]
    assert isinstance(listing, Listing)  # noqa: S101 - the caller has asked world.problem
    items = owned_in(lane, listing, learned, backup)
    names = {i.snapshot.identifier for i in items}
    return items, {s.identifier for s in learned.snapshots(lane, listing)} - names


def _is_here(item: Owned, here: tuple[str, str]) -> bool:
    """Whether it is of this source account and Region; others may share the backup account."""
    series = item.point.series
    return (series.account, series.region) == here


def _decided(view: SeriesView, terms: Terms) -> Subject:
    no_way = _without_arn(view) or (view.database and unsupported(view.database))
    if no_way:
        decisions: tuple[Decision, ...] = (Decision.of_problem(None, no_way),)
    else:
        decisions = plan_series(view, terms)
    return Subject(view, decisions, newest_verified(view, terms))


def _without_arn(view: SeriesView) -> Problem | None:
    """Why nothing is decided on a series of which RDS lists a snapshot without its ARN."""
    ours = (item.snapshot for item in (*view.shared, *view.backups))
    odd = next((s.identifier for s in (*view.automated, *ours) if not s.arn), None)
    if odd is None:
        return None
    return Problem(
        State.UNKNOWN,
        f"RDS lists {odd} without its ARN",
        "wait: the next run tries again; if this persists, ask AWS Support",
    )


def owned_in(lane: Lane, listing: Listing, learned: Learned, backup: BackupSettings) -> list[Owned]:
    """What is ours in one listing, with what this invocation has changed since."""
    return all_owned(learned.snapshots(lane, listing), backup.marker)


def by_series(items: Iterable[Owned]) -> dict[Series, list[Owned]]:
    """Grouped by series, in the order of the items."""
    grouped: dict[Series, list[Owned]] = {}
    for item in items:
        grouped.setdefault(item.point.series, []).append(item)
    return grouped
