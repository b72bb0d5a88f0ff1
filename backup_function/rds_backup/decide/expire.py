"""What expires: retention over every series of a listing, less what was refused already."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from rds_backup.decide.plan import Plan, Subject
from rds_backup.decide.retention import judge
from rds_backup.decide.series import SeriesView
from rds_backup.decide.subjects import by_series, owned_in
from rds_backup.model.decisions import Expire, Owned, Problem
from rds_backup.model.inventory import Kind, Lane, Listing, Side
from rds_backup.model.settings import BackupSettings, Settings
from rds_backup.model.verified import data_at, verified
from rds_backup.model.world import Learned, World


def decide_expire(world: World, learned: Learned, backup: BackupSettings, now: datetime) -> Plan:
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
        for series, backups in by_series(owned_in(lane, listing, learned, backup)).items():
            view = SeriesView(series, None, (), (), tuple(backups), frozenset())
            proof = None
            if not isinstance(key, Problem):
                sound = [b for b in backups if verified(b, backup.vault(key))]
                proof = max(sound, key=data_at, default=None)
                expires += _expired(backups, key, backup, now)
            subjects.append(Subject(view, (), proof))
    return Plan(not_refused(expires, learned), (), (), tuple(subjects))


def expirations(
    kind: Kind, world: World, learned: Learned, settings: Settings, now: datetime
) -> list[Expire]:
    """What the source's function expires: series of its own account and Region only."""
    lane = Lane(Side.BACKUP, kind)
    listing = world.manual.get(lane)
    if not isinstance(listing, Listing) or isinstance(world.backup_key, Problem):
        return []
    mine = owned_in(lane, listing, learned, settings.backup)
    return [
        expire
        for series, backups in by_series(mine).items()
        if series[:2] == settings.here
        for expire in _expired(backups, world.backup_key, settings.backup, now)
    ]


def _expired(
    backups: Sequence[Owned], key: str, backup: BackupSettings, now: datetime
) -> list[Expire]:
    if not all(b.snapshot.arn for b in backups):
        return []  # it cannot be told whose an item without an ARN is
    verdicts = judge(backups, backup.vault(key), backup.rules, now)
    return [Expire(v.backup, v.reason) for v in verdicts if not v.kept]


def not_refused(expires: Iterable[Expire], learned: Learned) -> tuple[Expire, ...]:
    """Less those of which this invocation has already tried the deletion in vain."""
    return tuple(e for e in expires if not is_refused(e.backup, learned))


def is_refused(item: Owned, learned: Learned) -> bool:
    """Whether this invocation has already tried in vain to delete it."""
    return item.snapshot.identifier in learned.undeleted.get(item.point.series, {})
