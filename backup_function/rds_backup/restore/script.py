"""The text of a restore plan: what is restored, what to fill in, and the commands in their order.

Made from the values of a ``Restore`` only; looks at nothing and runs nothing.  No command deletes
anything.  Numbers are rules of docs/explained/aws-contract.md.
"""

from collections.abc import Iterator, Sequence

from rds_backup.restore import carried
from rds_backup.restore.bash import Command, assignments, blanks, comment
from rds_backup.restore.calls import GROUPS
from rds_backup.restore.choice import Restore
from rds_backup.restore.head import head
from rds_backup.restore.key_policy import admission
from rds_backup.restore.places import Place
from rds_backup.restore.ways import back_home, in_the_vault, target_of, vault_of


def text(restore: Restore) -> str:
    """The whole plan, ready to be saved as a file and worked through in bash."""
    return "\n".join(_lines(restore)) + "\n"


def _lines(restore: Restore) -> Iterator[str]:
    yield from head(restore)
    vault, target = vault_of(restore), target_of(restore)
    here, there = ((f", {p.region}" if restore.across else "") for p in (vault, target))
    yield from _section(
        f"A. In the backup account {restore.account}{here}",
        (vault,),
        (),
        in_the_vault(restore, vault),
    )
    yield from _section(
        f"B. Back in account {target.account}{there}",
        (vault, target),
        admission(
            restore.account,
            restore.key,
            target.account,
            target.region,
            shareable=restore.shareable,
        ),
        back_home(restore, vault, target),
    )
    yield ""
    yield from comment(
        "Afterwards: remove the tag rds-backup:keep from the backup, or it is kept for ever.\n"
        "A restored database is backed up only once it is selected (DB_ID, DB_TAG).\n"
        "Multi-AZ, replicas, retention, monitoring, log exports, IAM roles and the scaling of\n"
        "storage and replicas do not come back.\n"
        "Database users have the passwords that they had at the time of the data."
    )
    for line in carried.reminders(restore):
        yield from comment(line)


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
