"""The two ways of a plan: in the backup account, and back in an account of databases.

Each is its commands in their order.  No command deletes anything.
"""

from collections.abc import Iterator
from datetime import UTC

from rds_backup.model.identity import KEEP
from rds_backup.model.inventory import Kind
from rds_backup.model.verified import data_at
from rds_backup.restore.bash import Blank, Command, Word
from rds_backup.restore.calls import MAKE
from rds_backup.restore.choice import Restore
from rds_backup.restore.places import Origin, Place, waited
from rds_backup.restore.versions import upgraded, upgrades_snapshot

_ACCOUNT = Blank("ACCOUNT", "the 12 digits of the account to restore in")
_NOUN = {Kind.INSTANCE: "db-snapshot", Kind.CLUSTER: "db-cluster-snapshot"}
_COPY_ROOM = 63 - len("-YYYYMMDD-HHMM-to-restore")


def vault_of(restore: Restore) -> Place:
    """The backup account; the network of the database is not there."""
    profile = Blank("BACKUP_PROFILE", f"a profile of the AWS CLI for account {restore.account}")
    groups = None if isinstance(restore.home, str) else restore.home
    return Place(restore.account, profile, restore.region, None, groups)


def target_of(restore: Restore) -> Place:
    """The account of the database, or one that somebody chooses."""
    account: Word = restore.target or _ACCOUNT
    profile = Blank("TARGET_PROFILE", f"a profile of the AWS CLI for account {account}")
    home = None if isinstance(restore.home, str) else restore.home
    return Place(account, profile, restore.region, home, home)


def _origin(restore: Restore, called: str, key: Word) -> Origin:
    snapshot, home = restore.backup.snapshot, restore.home
    name = restore.backup.point.database if isinstance(home, str) else home.identifier
    return Origin(
        snapshot, called, name, snapshot.identifier, key, offered=restore.offered is not False
    )


def _identity(place: Place) -> Command:
    query = (("--query", "Account"), ("--output", "text"))
    why = f"Has to print {place.account}."
    return place.call(why, "sts get-caller-identity", *query)


def _kept(restore: Restore, vault: Place) -> Command:
    """A restore takes hours, and the backup may be the next to expire."""
    return vault.call(
        "Keeps retention from deleting the backup meanwhile.",
        "rds add-tags-to-resource",
        ("--resource-name", restore.backup.snapshot.arn),
        ("--tags", f"Key={KEEP},Value=restore"),
    )


def in_the_vault(restore: Restore, vault: Place) -> tuple[Command, ...]:
    """Restore the backup where it is; one that has to be upgraded first, from a copy."""
    snapshot = restore.backup.snapshot
    copied = upgrades_snapshot(restore)
    called = _copy_name(restore) if copied else snapshot.identifier
    return (
        _identity(vault),
        _kept(restore, vault),
        *(_copy(restore, vault, restore.key) if copied else ()),
        *MAKE[snapshot.kind](_origin(restore, called, restore.key), vault),
    )


def back_home(restore: Restore, vault: Place, target: Place) -> tuple[Command, ...]:
    """Share the backup, and restore it there: an instance from a copy (11.3)."""
    snapshot = restore.backup.snapshot
    note = f"the key to encrypt the database under, of account {target.account}"
    key: Word = (target.network.kms_key if target.network else None) or Blank("KMS_KEY_ID", note)
    copied = snapshot.kind is Kind.INSTANCE
    called = _copy_name(restore) if copied else snapshot.arn
    return (
        _identity(vault),
        _identity(target),
        _kept(restore, vault),
        _sharing(restore, vault, target, "add"),
        *(_copy(restore, target, key) if copied else ()),
        *MAKE[snapshot.kind](_origin(restore, called, key), target),
        _sharing(restore, vault, target, "remove"),
    )


def _copy(restore: Restore, target: Place, key: Word) -> Iterator[Command]:
    """In the backup account only for an upgrade, which would change the backup itself."""
    snapshot, name = restore.backup.snapshot, _copy_name(restore)
    yield target.call(
        "The backup itself stays as it is.  Delete the copy when you no longer need it."
        if target.account == restore.account
        else "An instance cannot be restored from a snapshot that is shared and encrypted (11.3).",
        "rds copy-db-snapshot",
        ("--source-db-snapshot-identifier", snapshot.arn),
        ("--target-db-snapshot-identifier", name),
        ("--kms-key-id", key),
        ("--tags", f"Key=restored-from,Value={snapshot.identifier}"),
    )
    yield waited(target, "db-snapshot", "--db-snapshot-identifier", name)
    if upgrades_snapshot(restore):
        yield from upgraded(_origin(restore, name, key), target)


def _copy_name(restore: Restore) -> str:
    """The same whenever the same backup is planned for: a repeated copy is refused."""
    database = restore.backup.point.database[:_COPY_ROOM].rstrip("-")
    return f"{database}-{data_at(restore.backup).astimezone(UTC):%Y%m%d-%H%M}-to-restore"


def _sharing(restore: Restore, vault: Place, target: Place, change: str) -> Command:
    snapshot = restore.backup.snapshot
    noun = _NOUN[snapshot.kind]
    why = {
        "add": "The answer has to list this one account and no other (3.8).",
        "remove": "Last, once nothing is being made from it any more (4.4): stop sharing it.\n"
        "Then remove the statement from the key's policy.",
    }
    return vault.call(
        why[change],
        f"rds modify-{noun}-attribute",
        (f"--{noun}-identifier", snapshot.identifier),
        ("--attribute-name", "restore"),
        (f"--values-to-{change}", target.account),
    )
