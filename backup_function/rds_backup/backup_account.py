"""What the backup account does by itself: ``expire``, and a ``status`` of every series there.

With that account's own credentials, and without the account of the databases, which may be lost.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from rds_backup.apply.clients import Clients
from rds_backup.apply.passes import passes
from rds_backup.apply.places import DEFAULT_QUOTA
from rds_backup.aws.account import Account
from rds_backup.aws.errors import AwsError
from rds_backup.aws.rds import Rds
from rds_backup.decide.expire import decide_expire
from rds_backup.inputs.request import Action, Request, RequestError
from rds_backup.model.clock import Time
from rds_backup.model.decisions import State
from rds_backup.model.inventory import Kind, Lane, Listing, Side
from rds_backup.model.settings import BackupSettings
from rds_backup.model.world import Learned, Selection, World
from rds_backup.observe import listings
from rds_backup.observe.both_accounts import verify_account
from rds_backup.observe.patience import Patience
from rds_backup.report.from_plan import said_of_expire
from rds_backup.report.result import Report

_THERE = (Action.EXPIRE, Action.STATUS, Action.DRILL)
_OF_THE_SOURCE = ("SOURCE_ACCOUNT", "DB_ID", "DB_TAG", "KMS_KEY_ID", "BACKUP_ACCOUNT_ROLE")


def is_done_there(request: Request, env: Mapping[str, str]) -> bool:
    """Whether this is the backup account's own: ``expire``, and ``status`` without a source.

    Raises RequestError like ``refuse_there``, and for a ``status`` there that is narrowed.
    """
    refuse_there(request, env)
    if request.action is not Action.STATUS or not _is_there(env):
        return request.action is Action.EXPIRE
    if request.databases:
        raise RequestError(
            'without SOURCE_ACCOUNT "status" covers every series and does not take "databases"'
        )
    return True


def refuse_there(request: Request, env: Mapping[str, str]) -> None:
    """Raise RequestError for what the backup account's own function cannot do."""
    if request.action not in _THERE and _is_there(env):
        raise RequestError(
            f'"{request.action}" needs the databases: DB_ID or DB_TAG, SOURCE_ACCOUNT, KMS_KEY_ID '
            "and BACKUP_ACCOUNT_ROLE are not set; the backup account's own functions take status, "
            "restore_plan, expire and drill"
        )


def _is_there(env: Mapping[str, str]) -> bool:
    """Whether the environment is the backup account's: nothing in it is of the databases."""
    return bool(env.get("BACKUP_ACCOUNT")) and not any(
        env.get(name, "").strip() for name in _OF_THE_SOURCE
    )


def expire(settings: BackupSettings, own: Account, time: Time) -> Report:
    """One ``expire`` in the backup account, with that account's own credentials.

    Raises SettingsError for credentials of another account.  A stale series is no failure here:
    nobody in this account can know whether its database still exists.
    """
    world = world_there(settings, own, time)
    used = _places_used(own.rds, world)
    report = passes(
        lambda w, learned: decide_expire(w, learned, settings, time.now()),
        lambda plan, w, learned: said_of_expire(plan, w, learned, settings, time.now()),
        world,
        Clients(None, own.rds, "", settings, time),
    )
    gauges = report.gauges._replace(places_used_percent=used)
    return replace(report, gauges=gauges, tolerated=frozenset({State.STALE}))


def status_there(settings: BackupSettings, own: Account, time: Time) -> Report:
    """One ``status`` in the backup account, of every series there; changes nothing.

    Raises SettingsError for credentials of another account.
    """
    # No expiry pays for what only a look says.
    from rds_backup.report.read_only import status_of_backups  # noqa: PLC0415

    world, now = world_there(settings, own, time), time.now()
    plan = decide_expire(world, Learned(), settings, now)
    return status_of_backups(plan, world, settings, now)


def world_there(settings: BackupSettings, own: Account, time: Time) -> World:
    """The backup account as it is; raises SettingsError for credentials of another account."""
    own.rds.begin(time)
    patience, lanes = Patience(time), [Lane(Side.BACKUP, kind) for kind in Kind]
    verify_account(own, settings.account, patience=patience)
    return World(
        selection=Selection((), ()),
        unlisted=frozenset(),
        automated={},
        manual=patience.read({lane: partial(listings.manual, own.rds, lane) for lane in lanes}),
        sharing_key="",
        backup_key=patience.one(lambda: own.key(settings.key, "BACKUP_KMS_KEY_ID", Side.BACKUP)),
    )


def _places_used(rds: Rds, world: World) -> float | None:
    """How much of the quota for manual snapshots is used, of the family where it is most.

    The quota is asked for where more than half of its default is used; below that it is taken to
    be the default.  None where it cannot be read: that stops nothing, and the metric is left out.
    """
    there = [len(found.snapshots) for found in world.manual.values() if isinstance(found, Listing)]
    if len(there) == len(world.manual) and 2 * max(there) <= DEFAULT_QUOTA:
        return 100.0 * max(there) / DEFAULT_QUOTA
    try:
        quotas = rds.manual_quotas().values()
    except AwsError:
        return None
    return max(round(100 * used / max(1, most), 1) for used, most in quotas)
