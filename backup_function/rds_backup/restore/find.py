"""Look at both accounts for the one database to restore; changes nothing.

With the environment of ``plan`` the backup account is reached through its role.  Where
SOURCE_ACCOUNT is not set, as for ``expire``, the credentials are the backup account's own, so that
a plan can be had when the account of the databases is lost.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from rds_backup.aws import account
from rds_backup.aws.account import Account
from rds_backup.aws.errors import AwsError
from rds_backup.aws.rds import Rds
from rds_backup.inputs.environment import expire_from_env, from_env
from rds_backup.model.clock import Time
from rds_backup.model.decisions import Owned, Problem, State
from rds_backup.model.identity import all_owned
from rds_backup.model.inventory import Kind, Lane, Side
from rds_backup.model.keys import names_default
from rds_backup.model.settings import BackupSettings
from rds_backup.model.surroundings import Surroundings
from rds_backup.observe import listings
from rds_backup.observe.both_accounts import verify_account
from rds_backup.restore.choice import (
    Bearers,
    Restore,
    RestoreError,
    choose,
    passed_over,
)
from rds_backup.restore.script import text


class _Source(NamedTuple):
    """The account of the credentials, and the account of the databases if it is that one.

    A plan does not fail because something of it cannot be read: that is said in words.
    """

    rds: Rds
    account: str | None

    def has(self, backup: Owned) -> bool:
        """Whether it is of a database of that account, where the credentials look for one."""
        here = self.account, self.rds.region
        return self.account is None or backup.point.series[:2] == here

    def bearers(self, name: str) -> Bearers:
        """The databases that bear this name now."""
        if self.account is None:
            return "not looked at: SOURCE_ACCOUNT is not set"
        try:
            found = [self.rds.bearer(kind, name) for kind in Kind]
        except AwsError as error:
            return f"could not be looked at: {error}"
        return tuple(each for each in found if each)

    def home(self, chosen: Owned, bearers: Bearers) -> Surroundings | str:
        """What the database runs in now, whatever its name is."""
        if self.account is None:
            return str(bearers)
        point = chosen.point
        wanted = point.series.resource_id
        named = () if isinstance(bearers, str) else bearers
        known = next((each for each in named if each.resource_id == wanted), None)
        try:
            found = known or self.rds.surroundings(point.kind, wanted)
        except AwsError as error:
            return f"could not be looked at: {error}"
        return found or f"there is no {point.kind} {wanted} any more, under any name"


def _offers(rds: Rds, chosen: Owned) -> bool | str:
    """Whether RDS offers the version of the data; where none is shown, nothing is asked."""
    engine, version = chosen.snapshot.engine, chosen.snapshot.engine_version
    if not engine or not version:
        return "the backup does not show it"
    try:
        return rds.offers(engine, version)
    except AwsError as error:
        return str(error)


def restore_plan(database: str, at: datetime | None, env: Mapping[str, str], time: Time) -> str:
    """The plan for the newest verified backup, or for the newest with data at or before ``at``.

    ``database`` is an identifier or a resource id.  Raises SettingsError for an environment or
    credentials that cannot be used, RestoreError where there is no such backup, or where that
    cannot be known.
    """
    if not env.get("SOURCE_ACCOUNT", "").strip():
        backup = expire_from_env(env)
        vault = account.own(backup.region)
        vault.rds.begin(time)
        return _planned(database, at, backup, vault, _Source(vault.rds, None))
    settings = from_env(env)
    backup, source = settings.backup, settings.source_account
    own = account.own(settings.region)
    own.rds.begin(time)
    verify_account(own, backup.account, source)
    vault = account.of_backups(settings)
    vault.rds.begin(time)
    return _planned(database, at, backup, vault, _Source(own.rds, source))


def _planned(
    database: str,
    at: datetime | None,
    backup: BackupSettings,
    vault: Account,
    source: _Source,
) -> str:
    verify_account(vault, backup.account)
    key = vault.key(backup.key, "BACKUP_KMS_KEY_ID", Side.BACKUP)
    if isinstance(key, Problem):
        raise RestoreError(_again(key))
    ours: list[Owned] = []
    for kind in Kind:
        listing = listings.manual(vault.rds, Lane(Side.BACKUP, kind))
        if isinstance(listing, Problem):
            raise RestoreError(_again(listing))
        found = all_owned(listing.snapshots, backup.marker)
        ours += filter(source.has, found)
    bearers, scope = source.bearers(database), backup.vault(key)
    chosen = choose(ours, database, at, scope, bearers)
    series = chosen.point.series
    # Within one Region the source account's own role asks: the other one may not, by default.
    asked = {rds.region: rds for rds in (vault.rds, source.rds)}
    offered = {region: _offers(rds, chosen) for region, rds in asked.items()}
    restore = Restore(
        backup=chosen,
        account=backup.account,
        region=backup.region,
        key=key,
        target=source.account,
        home=source.home(chosen, bearers),
        offered=offered[backup.region],
        offered_at_home=offered.get(series.region, f"nobody has asked in {series.region}"),
        wanted=database,
        bearers=bearers,
        hidden=passed_over([o for o in ours if o.point.series == series], scope),
        shareable=not names_default(backup.key),
    )
    return text(restore)


def _again(problem: Problem) -> str:
    """A problem in words; what passes by itself is only asked again where somebody asks again."""
    return f"{problem.reason}; ask again" if problem.state is State.UNKNOWN else problem.told
