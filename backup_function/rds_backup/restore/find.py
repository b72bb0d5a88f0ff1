"""Look at both accounts for the one database to restore; read only, and never part of the function.

With the environment of ``plan`` the backup account is reached through its role.  Where
SOURCE_ACCOUNT is not set, as for ``expire``, the credentials are the backup account's own, so that
a plan can be had when the account of the databases is lost.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from rds_backup.aws import account
from rds_backup.aws.account import Account
from rds_backup.aws.errors import AwsError
from rds_backup.aws.rds import Rds
from rds_backup.inputs.environment import expire_from_env, from_env
from rds_backup.model.decisions import Owned, Problem
from rds_backup.model.identity import owned
from rds_backup.model.inventory import Kind, Lane, Side, Surroundings
from rds_backup.model.settings import BackupSettings
from rds_backup.observe import listings
from rds_backup.observe.both_accounts import verify_account
from rds_backup.restore.choice import Restore, RestoreError, choose
from rds_backup.restore.script import text


def restore_plan(
    database: str, at: datetime | None, env: Mapping[str, str], now: Callable[[], datetime]
) -> str:
    """The plan for the newest verified backup, or for the newest with data at or before ``at``.

    ``database`` is an identifier or a resource id.  Raises SettingsError for an environment or
    credentials that cannot be used, RestoreError where there is no such backup, or where that
    cannot be known.
    """
    if not env.get("SOURCE_ACCOUNT", "").strip():
        backup = expire_from_env(env)
        vault = account.own(backup.region)
        why = "not looked at: SOURCE_ACCOUNT is not set"
        return _planned(database, at, backup, vault, now, None, lambda _: why)
    settings = from_env(env)
    backup, source = settings.backup, settings.source_account
    own = account.own(backup.region)
    verify_account(own, source, "SOURCE_ACCOUNT")
    session = f"rds-backup-{source}"
    vault = account.assumed(settings.role, settings.external_id, backup.region, session)
    return _planned(database, at, backup, vault, now, source, lambda it: _home(own.rds, it))


def _planned(
    database: str,
    at: datetime | None,
    backup: BackupSettings,
    vault: Account,
    now: Callable[[], datetime],
    source: str | None,
    home: Callable[[Owned], Surroundings | str],
) -> str:
    verify_account(vault, backup.account, "BACKUP_ACCOUNT")
    key = vault.key(backup.key, "BACKUP_KMS_KEY_ID", Side.BACKUP)
    if isinstance(key, Problem):
        raise RestoreError(key.told)
    ours: list[Owned] = []
    for kind in Kind:
        listing = listings.manual(vault.rds, Lane(Side.BACKUP, kind))
        if isinstance(listing, Problem):
            raise RestoreError(listing.told)
        found = (owned(s, backup.marker) for s in listing.snapshots)
        ours += [o for o in found if o and source in (None, o.point.series.account)]
    chosen = choose(ours, database, at, backup.vault(key))
    return text(Restore(chosen, backup.account, backup.region, key, source, home(chosen)))


def _home(rds: Rds, chosen: Owned) -> Surroundings | str:
    """What the database runs in; a plan does not fail because its home cannot be read."""
    point = chosen.point
    name = f"{point.kind} {point.database}"
    try:
        found = rds.surroundings(point.kind, point.database)
    except AwsError as error:
        return f"could not be looked at: {error}"
    if found is None:
        return f"there is no {name} any more"
    if found.resource_id != point.series.resource_id:
        return f"another {name} has taken the name: {found.resource_id}"
    return found
