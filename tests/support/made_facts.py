"""Makes the facts that the questions of ``check`` are asked on; every argument has a default.

The default world is one in which all is well, on the night of ``making``: the instance ``orders``
under ``aws/rds``, seen by the function itself.  What no argument covers is changed with
``dataclasses.replace``.  This module must not know what any question answers.
"""

import json
from collections.abc import Iterable, Mapping
from copy import replace
from datetime import timedelta
from typing import Any

from rds_backup.aws.errors import AwsError
from rds_backup.aws.problems import problem
from rds_backup.check.facts import Facts, SeenKey, There, newest_by_database
from rds_backup.check.statements import Statements
from rds_backup.decide.backup import decide_backup
from rds_backup.model.decisions import Owned, Problem
from rds_backup.model.inventory import Database, Kind, Lane, Listing, Role, Side, Snapshot
from rds_backup.model.keys import Key
from rds_backup.model.settings import BackupSettings, Rules, Selector, Settings
from rds_backup.model.world import Learned, Rejected, Selection, World
from rds_backup.report.from_plan import said_of_backup
from tests.support import handed_out, making

NOW = making.NIGHT + making.HOUR
DEFAULT_KEY = making.SHARING_KEY.replace("000000000005", "00000000000a")
SETTINGS = Settings(
    selector=Selector((), Kind.INSTANCE, ("backup", "nightly")),
    source_account=making.SOURCE,
    region=making.REGION,
    sharing_key=making.SHARING_KEY,
    role=handed_out.BACKUP_ROLE,
    external_id=None,
    expire=True,
    max_attempts=3,
    max_copies={Kind.INSTANCE: 20, Kind.CLUSTER: 5},
    backup=BackupSettings(
        account=making.BACKUP,
        region=making.REGION,
        key="alias/rds-backup",
        prefix=making.PREFIX,
        rules=Rules(3, timedelta(0)),
        max_age_hours=36,
    ),
    schedule="cron(0 3-9 * * ? *)",
)
THROTTLED = AwsError("DescribeThings", "Throttling", "Rate exceeded", 400)
DENIED = AwsError("DescribeThings", "AccessDenied", "not authorized", 403)
OTHERWISE = AwsError("DescribeThings", "OptInRequired", "not subscribed", 403)


def database(
    identifier: str = "orders", kind: Kind = Kind.INSTANCE, engine: str | None = None
) -> Database:
    """A selected database that RDS backs up, under ``aws/rds``."""
    return replace(
        making.database(identifier, kind, engine, {"backup": "nightly"}),
        retention_days=7,
        window="01:30-02:00",
        encryption="sse-kms",
        kms_key=DEFAULT_KEY,
    )


def automated(of: Database, word: str = "available", age: timedelta = making.HOUR) -> Snapshot:
    """An automated snapshot of a database, encrypted as it is."""
    point = making.point(NOW - age, of.identifier, of.kind)
    return making.automated(point, word, of.encryption, of.kms_key)


def world(
    *databases: Database,
    made: Iterable[Snapshot] | None = None,
    shared: Iterable[Owned | Snapshot] = (),
    backups: Iterable[Owned | Snapshot] = (),
    rejected: Iterable[Rejected] = (),
) -> World:
    """Both accounts as listed, with one automated snapshot of each database unless ``made``."""
    selected = databases or (database(),)
    snapshots = [automated(d) for d in selected] if made is None else list(made)
    manual = {Side.SOURCE: [*map(_seen, shared)], Side.BACKUP: [*map(_seen, backups)]}
    return World(
        selection=Selection(selected, tuple(rejected)),
        unlisted=frozenset(),
        automated={
            kind: tuple(s for s in snapshots if s.kind is kind)
            for kind in Kind
            if any(d.kind is kind for d in selected)
        },
        manual={
            Lane(side, kind): Listing(tuple(s for s in manual[side] if s.kind is kind))
            for side in Side
            for kind in Kind
        },
        sharing_key=making.SHARING_KEY,
        backup_key=making.BACKUP_KEY,
    )


def facts(
    seen: World | None = None, settings: Settings = SETTINGS, only: Iterable[str] = ()
) -> Facts:
    """All that is read where all is well; what a backup would decide is decided on this world."""
    there = seen or world()
    newest = newest_by_database(there)
    plan = decide_backup(there, Learned(), settings, frozenset(), NOW)
    keys = {(newest.get(d.resource_id) or d).kms_key for d in there.selection.databases}
    return Facts(
        now=NOW,
        settings=settings,
        statements=Statements(settings, handed_out.FUNCTION_ROLE),
        caller=(making.SOURCE, _session(making.SOURCE, "rds-backup-function", "rds-backup")),
        at_work=True,
        role=Role(handed_out.FUNCTION_ROLE, {}, None),
        world=there,
        newest=newest,
        plan=plan,
        said=said_of_backup(plan, there, Learned(), settings, NOW),
        only=frozenset(only),
        sharing_key=SeenKey(key(making.SHARING_KEY), policy(*handed_out.ON_SHARING_KEY)),
        default_key=DEFAULT_KEY,
        database_keys={
            arn: SeenKey(key(arn), policy(handed_out.OWN_ACCOUNT))
            for arn in keys
            if arn not in (None, DEFAULT_KEY)
        },
        quotas={
            lane: (len(listed.snapshots), 100)
            for lane, listed in there.manual.items()
            if isinstance(listed, Listing)
        },
        option_groups={},
        utc_offset=timedelta(0),
        there=There(
            caller=(making.BACKUP, _session(making.BACKUP, "rds-backup-writer", "rds-backup-1")),
            role=Role(handed_out.BACKUP_ROLE, {"rds-backup:expire-from": "source-account"}, None),
            key=SeenKey(key(making.BACKUP_KEY), policy(*handed_out.ON_BACKUP_KEY)),
            sharing_key=key(making.SHARING_KEY),
        ),
    )


def with_keys(sharing: SeenKey | None = None, backup: SeenKey | None = None) -> Facts:
    """All is well but for the keys that are given."""
    made = facts()
    there = replace(made.there, key=backup or made.there.key)
    return replace(made, sharing_key=sharing or made.sharing_key, there=there)


def with_places(of: Facts, most: int, side: Side) -> Facts:
    """The same with so many places for instances in an account, and the listed ones used."""
    lane = Lane(side, Kind.INSTANCE)
    listed = of.world.manual[lane]
    used = len(listed.snapshots) if isinstance(listed, Listing) else 0
    return replace(of, quotas={**of.quotas, lane: (used, most)})


def by_hand(name: str = "by-hand") -> Snapshot:
    """A snapshot of ``orders`` that a person made."""
    return replace(making.backup().snapshot, identifier=name, tags={})


def earlier(
    count: int, name: str = "orders", key: str = making.BACKUP_KEY, first: int = 1
) -> list[Owned]:
    """The backups of the nights before this one, the youngest first."""
    nights = range(first, first + count)
    return [
        making.backup(making.point(making.NIGHT - n * making.DAY, name), key=key) for n in nights
    ]


def key(arn: str) -> Key:
    """A key that will do."""
    return Key(arn, "CUSTOMER", "Enabled", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")


def policy(*statements: Mapping[str, Any]) -> str:
    """The policy of a key, as KMS gives it."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def with_rules(keep: int = 3, days: int = 0, *, expire: bool = True) -> Settings:
    """Settings that keep so much, and may leave it to the other account to expire."""
    rules = Rules(keep, timedelta(days=days))
    return replace(SETTINGS, expire=expire, backup=replace(SETTINGS.backup, rules=rules))


def unlisted(of: World, lane: Lane, why: AwsError = THROTTLED) -> World:
    """The same with the manual snapshots of a family in an account not read."""
    return replace(of, manual={**of.manual, lane: unread(why, "cannot list", lane.side)})


def undatabased(of: World, kind: Kind, why: AwsError = THROTTLED) -> World:
    """The same with the databases of a family not read: none of them is selected."""
    selected = tuple(d for d in of.selection.databases if d.kind is not kind)
    nothing = Rejected("DB_TAG backup=nightly", kind, unread(why, f"cannot list {kind}s"))
    selection = Selection(selected, (*of.selection.rejected, nothing))
    return replace(of, selection=selection, unlisted=of.unlisted | {kind})


def unread(
    why: AwsError = THROTTLED, doing: str = "cannot list", side: Side = Side.SOURCE
) -> Problem:
    """What stands for something that AWS did not tell."""
    return problem(why, doing, side)


def _seen(of: Owned | Snapshot) -> Snapshot:
    return of.snapshot if isinstance(of, Owned) else of


def _session(account: str, role: str, name: str) -> str:
    return f"arn:aws:sts::{account}:assumed-role/{role}/{name}"
