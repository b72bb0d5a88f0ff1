"""The text of a restore plan: what is restored, what to fill in, and the commands in their order.

Made from the values of a ``Restore`` only; looks at nothing and runs nothing.  No command deletes
anything.  Numbers are rules of docs/aws-contract.md.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC

from rds_backup.model.clock import iso
from rds_backup.model.identity import KEEP
from rds_backup.model.inventory import Kind, Surroundings
from rds_backup.model.verified import data_at
from rds_backup.restore.bash import Blank, Command, Word, assignments, blanks, comment
from rds_backup.restore.calls import GROUPS, MAKE
from rds_backup.restore.choice import Restore
from rds_backup.restore.key_policy import admission
from rds_backup.restore.places import Origin, Place, waited

_ACCOUNT = Blank("ACCOUNT", "the 12 digits of the account to restore in")
_NOUN = {Kind.INSTANCE: "db-snapshot", Kind.CLUSTER: "db-cluster-snapshot"}
_COPY_ROOM = 63 - len("-YYYYMMDD-HHMM-to-restore")


def text(restore: Restore) -> str:
    """The whole plan, ready to be saved as a file and worked through in bash."""
    return "\n".join(_lines(restore)) + "\n"


def _lines(restore: Restore) -> Iterator[str]:
    yield from _head(restore)
    vault, target = _vault(restore), _target(restore)
    yield from _section(
        f"A. In the backup account {restore.account}", (vault,), (), _in_the_vault(restore, vault)
    )
    yield from _section(
        f"B. Back in account {target.account}",
        (vault, target),
        admission(restore.account, restore.key, target.account),
        _back_home(restore, vault, target),
    )
    yield ""
    yield from comment(
        "Afterwards: take the tag rds-backup:keep off the backup, or it is kept for ever.\n"
        "A restored database is backed up only once it is selected (DB_ID, DB_TAG).\n"
        "Multi-AZ, retention, monitoring, log exports, IAM roles and scaling do not come back.\n"
        "Passwords of database users are those of the time of the data."
    )


def _head(restore: Restore) -> Iterator[str]:
    backup, snapshot = restore.backup, restore.backup.snapshot
    home = restore.home if isinstance(restore.home, str) else _described(restore.home)
    yield from comment(
        f"Restore of {backup.point.database} "
        f"({backup.point.kind}, {backup.point.series.resource_id})\n"
        f"Data of      {iso(data_at(backup))}\n"
        f"Backup       {snapshot.arn}\n"
        f"Engine       {snapshot.engine or '?'} {snapshot.engine_version or '?'}\n"
        f"Backup key   {restore.key}\n"
        f"Source       {home}\n"
        "\n"
        "Nothing has been run.  Follow A or B, in bash, one command after the other.\n"
        "First fill in what is empty: a command with an empty value stops before AWS is called.\n"
        "Numbers in brackets are rules of docs/aws-contract.md; the runbook is docs/restore.md.\n"
        "That a backup is readable without the keys of its source is unconfirmed (6.13)."
    )


def _described(home: Surroundings) -> str:
    groups = ", ".join(home.security_groups)
    return (
        f"still there: class {home.instance_class}, subnet group {home.subnet_group}, "
        f"security groups {groups or 'none'}"
    )


def _section(
    title: str, places: Sequence[Place], before: Sequence[str], steps: Sequence[Command]
) -> Iterator[str]:
    yield ""
    yield ""
    yield from comment(f"{title}\n{'=' * len(title)}")
    for place in places[-1:]:
        for has_to_exist in _groups(steps):
            yield from comment(f"Has to exist in account {place.account} (11.13): {has_to_exist}")
    yield from assignments(blanks(steps))
    yield from before
    for number, step in enumerate(steps, 1):
        yield ""
        first, *rest = step.lines()
        yield f"# {title[0]}{number}. {first.removeprefix('# ')}"
        yield from rest


def _groups(steps: Sequence[Command]) -> list[str]:
    """The groups that are named by their own names; those to be filled in say so themselves."""
    named = {
        f"{GROUPS[option]} {word}"
        for step in steps
        for option, *words in step.options
        for word in words
        if option in GROUPS and isinstance(word, str)
    }
    return sorted(named)


def _vault(restore: Restore) -> Place:
    profile = Blank("BACKUP_PROFILE", f"a profile of the AWS CLI for account {restore.account}")
    groups = None if isinstance(restore.home, str) else restore.home
    return Place(restore.account, profile, restore.region, None, groups)


def _target(restore: Restore) -> Place:
    account: Word = restore.target or _ACCOUNT
    profile = Blank("TARGET_PROFILE", f"a profile of the AWS CLI for account {account}")
    home = None if isinstance(restore.home, str) else restore.home
    return Place(account, profile, restore.region, home, home)


def _origin(restore: Restore, called: str, key: Word) -> Origin:
    snapshot = restore.backup.snapshot
    return Origin(snapshot, called, restore.backup.point.database, snapshot.identifier, key)


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


def _in_the_vault(restore: Restore, vault: Place) -> tuple[Command, ...]:
    origin = _origin(restore, restore.backup.snapshot.identifier, restore.key)
    make = MAKE[origin.snapshot.kind]
    return _identity(vault), _kept(restore, vault), *make(origin, vault)


def _back_home(restore: Restore, vault: Place, target: Place) -> tuple[Command, ...]:
    """Share the backup, and restore it there: an instance from a copy (11.3)."""
    snapshot = restore.backup.snapshot
    note = f"the key that the database is to be under, of account {target.account}"
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
    snapshot, name = restore.backup.snapshot, _copy_name(restore)
    yield target.call(
        "An instance cannot be restored from a snapshot that is shared and encrypted (11.3).",
        "rds copy-db-snapshot",
        ("--source-db-snapshot-identifier", snapshot.arn),
        ("--target-db-snapshot-identifier", name),
        ("--kms-key-id", key),
        ("--tags", f"Key=restored-from,Value={snapshot.identifier}"),
    )
    yield waited(target, "db-snapshot", "--db-snapshot-identifier", name)


def _copy_name(restore: Restore) -> str:
    """The same whenever the same backup is planned for: a repeated copy is refused."""
    database = restore.backup.point.database[:_COPY_ROOM].rstrip("-")
    return f"{database}-{data_at(restore.backup).astimezone(UTC):%Y%m%d-%H%M}-to-restore"


def _sharing(restore: Restore, vault: Place, target: Place, change: str) -> Command:
    snapshot = restore.backup.snapshot
    noun = _NOUN[snapshot.kind]
    why = {
        "add": "The answer has to list this one account and no other (3.8).",
        "remove": "Last, and not while anything is being made from it (4.4): share it no longer.\n"
        "Then take the statement out of the key's policy.",
    }
    return vault.call(
        why[change],
        f"rds modify-{noun}-attribute",
        (f"--{noun}-identifier", snapshot.identifier),
        ("--attribute-name", "restore"),
        (f"--values-to-{change}", target.account),
    )
