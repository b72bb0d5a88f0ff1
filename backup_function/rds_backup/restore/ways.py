"""The two ways of a plan: in the backup account, and back in an account of databases.

Each is its commands in their order.  No command deletes anything.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC

from rds_backup.model.identity import KEEP
from rds_backup.model.inventory import Kind, own_group
from rds_backup.model.verified import data_at
from rds_backup.restore.bash import Blank, Command, Option, Word
from rds_backup.restore.calls import MAKE
from rds_backup.restore.choice import Restore
from rds_backup.restore.places import Origin, Place, waited
from rds_backup.restore.versions import upgraded, upgrades_snapshot

_ACCOUNT = Blank("ACCOUNT", "the 12 digits of the account to restore in")
_NOUN = {Kind.INSTANCE: "db-snapshot", Kind.CLUSTER: "db-cluster-snapshot"}
# What it may be shared under where its own key is aws/rds.
_LENDING = "SHARING_KEY_ID"
_GOV_CLOUD = "arn:aws-us-gov:"
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
    return Place(account, profile, restore.home_region, home, home)


def _origin(restore: Restore, place: Place, called: str, key: Word) -> Origin:
    snapshot, home = restore.backup.snapshot, restore.home
    name = restore.backup.point.database if isinstance(home, str) else home.identifier
    offered = restore.offers(place.region) is not False
    return Origin(snapshot, called, name, snapshot.identifier, key, offered=offered)


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
    copied = upgrades_snapshot(restore, vault.region)
    called = _copy_name(restore) if copied else snapshot.identifier
    return (
        _identity(vault),
        _kept(restore, vault),
        *(_to_restore(restore, vault, snapshot.arn, restore.key) if copied else ()),
        *MAKE[snapshot.kind](_origin(restore, vault, called, restore.key), vault),
    )


def back_home(restore: Restore, vault: Place, target: Place) -> tuple[Command, ...]:
    """Share the backup, and restore it there: an instance from a copy (11.3).

    What is under ``aws/rds`` cannot be shared (2.13): a copy under a customer managed key is.
    Whatever is in another Region is copied, too: made there, in one step (2.24, 2.27).
    """
    snapshot = restore.backup.snapshot
    lent = snapshot.identifier if restore.shareable else _copy_name(restore, "to-share")
    source = f"{snapshot.arn.removesuffix(snapshot.identifier)}{lent}"
    note = f"the key to encrypt the database under, of account {target.account}"
    key: Word = (target.network.kms_key if target.network else None) or Blank("KMS_KEY_ID", note)
    copied = snapshot.kind is Kind.INSTANCE or restore.across
    called = _copy_name(restore) if copied else source
    return (
        _identity(vault),
        _identity(target),
        _kept(restore, vault),
        *(() if restore.shareable else _to_share(restore, vault, lent)),
        _sharing(snapshot.kind, lent, vault, target, "add"),
        *(_to_restore(restore, target, source, key) if copied else ()),
        *MAKE[snapshot.kind](_origin(restore, target, called, key), target),
        _sharing(snapshot.kind, lent, vault, target, "remove"),
    )


def _to_restore(restore: Restore, place: Place, source: str, key: Word) -> Iterator[Command]:
    """In the backup account only for an upgrade, which would change the backup itself."""
    why = "An instance cannot be restored from a snapshot that is shared and encrypted (11.3)."
    across: list[Option] = []
    if place.account == restore.account:
        why = "The backup itself stays as it is.  Delete the copy when you no longer need it."
    elif restore.across:
        why = "Made where it is to be, in one step (2.27); AWS charges for the data that is copied."
        across = [*_named_group(restore, place), *_signed_there(restore)]
    name = _copy_name(restore)
    yield from _copy(restore, place, (source, name, key), why, across)
    if restore.backup.snapshot.kind is Kind.INSTANCE and upgrades_snapshot(restore, place.region):
        yield from upgraded(_origin(restore, place, name, key), place)


def _to_share(restore: Restore, vault: Place, name: str) -> Iterator[Command]:
    key = Blank(_LENDING, f"a customer managed key of account {restore.account}, see below")
    why = (
        "What is under aws/rds can be shared with nobody (2.13); a copy under another key can.\n"
        "Delete the copy when you no longer need it."
    )
    yield from _copy(restore, vault, (restore.backup.snapshot.arn, name, key), why)


def _copy(
    restore: Restore,
    place: Place,
    made: tuple[str, str, Word],
    why: str,
    across: Iterable[Option] = (),
) -> Iterator[Command]:
    """``made`` is from what, under which name, and under which key."""
    snapshot, (source, name, key) = restore.backup.snapshot, made
    noun = _NOUN[snapshot.kind]
    yield place.call(
        why,
        f"rds copy-{noun}",
        (f"--source-{noun}-identifier", source),
        (f"--target-{noun}-identifier", name),
        ("--kms-key-id", key),
        *across,
        ("--tags", f"Key=restored-from,Value={snapshot.identifier}"),
    )
    yield waited(place, noun, f"--{noun}-identifier", name)


def _named_group(restore: Restore, target: Place) -> Iterator[Option]:
    """Groups are Regional: another Region is told the name of one of its own (2.20)."""
    snapshot = restore.backup.snapshot
    group = own_group(target.groups.option_group if target.groups else None)
    found = group or snapshot.own_option_group
    if found and snapshot.kind is Kind.INSTANCE:
        yield "--option-group-name", found


def _signed_there(restore: Restore) -> Iterator[Option]:
    """Only between the Regions of GovCloud (2.25)."""
    if restore.backup.snapshot.arn.startswith(_GOV_CLOUD):
        yield "--source-region", restore.region


def _copy_name(restore: Restore, end: str = "to-restore") -> str:
    """The same whenever the same backup is planned for: a repeated copy is refused."""
    database = restore.backup.point.database[:_COPY_ROOM].rstrip("-")
    return f"{database}-{data_at(restore.backup).astimezone(UTC):%Y%m%d-%H%M}-{end}"


def _sharing(kind: Kind, lent: str, vault: Place, target: Place, change: str) -> Command:
    noun = _NOUN[kind]
    why = {
        "add": "The answer has to list this one account and no other (3.8).",
        "remove": "Last, once nothing is being made from it any more (4.4): stop sharing it.\n"
        "Then remove the statement from the key's policy.",
    }
    return vault.call(
        why[change],
        f"rds modify-{noun}-attribute",
        (f"--{noun}-identifier", lent),
        ("--attribute-name", "restore"),
        (f"--values-to-{change}", target.account),
    )
