"""Questions on snapshots that bear our marker and are not this deployment's, or nobody's any more.

Nothing of them is ever touched or counted; a person has to know that they are there.
"""

import re
from collections import Counter
from collections.abc import Iterator

from rds_backup.check.answer import Answer, Level, some
from rds_backup.check.facts import WHOSE, Facts
from rds_backup.check.unanswered import nothing_found
from rds_backup.model.clock import iso
from rds_backup.model.decisions import Problem
from rds_backup.model.identity import (
    BACKUP_ACCOUNT,
    KMS_KEY,
    MANAGED_BY,
    RESOURCE_ID,
    SOURCE_SNAPSHOT,
    owned,
)
from rds_backup.model.inventory import Listing, Side, Snapshot
from rds_backup.report.removal import commands

_ABOUT = "other snapshots"
_REMOVE = "delete them by hand, or leave them"


def of_others(facts: Facts) -> Iterator[Answer]:
    """Other prefixes, other deployments on the same databases, look-alikes, series not selected."""
    strangers = list(_strangers(facts))
    listings = facts.world.manual.values()
    unlisted = next((w for w in listings if isinstance(w, Problem)), None)
    yield from _prefixes(facts, strangers, unlisted)
    yield from _deployments(facts, strangers)
    yield _look_alikes(facts, strangers, unlisted)
    yield _second_here(facts)
    yield from _not_selected(facts)
    yield from _left(facts)


def _strangers(facts: Facts) -> Iterator[tuple[Side, Snapshot]]:
    """Marked manual snapshots of this source account's databases that are not ours."""
    backup = facts.settings.backup
    for lane, listing in facts.world.manual.items():
        for snapshot in listing.snapshots if isinstance(listing, Listing) else ():
            mine = owned(snapshot, backup.marker)
            if MANAGED_BY in snapshot.tags and not mine and _from_here(facts, snapshot):
                yield lane.side, snapshot


def _from_here(facts: Facts, snapshot: Snapshot) -> bool:
    """Not of another source account, as far as its tag says."""
    found = re.match(r"arn:[^:]*:rds:[^:]*:(\d{12}):", snapshot.tags.get(SOURCE_SNAPSHOT, ""))
    return found is None or found[1] == facts.settings.source_account


def _prefixes(
    facts: Facts, strangers: list[tuple[Side, Snapshot]], unlisted: Problem | None
) -> Iterator[Answer]:
    mine = facts.settings.backup.prefix
    found = Counter(
        (side, s.tags[MANAGED_BY]) for side, s in strangers if s.tags[MANAGED_BY] != mine
    )
    if not found:
        yield nothing_found(_ABOUT, "under another prefix", "none", unlisted)
    for (side, prefix), count in sorted(found.items()):
        fact = (
            f"{count} under the prefix {prefix} in the {WHOSE[side]}, neither counted nor deleted"
        )
        fix = f"{_REMOVE}: another deployment's, or made before SNAPSHOT_PREFIX was changed"
        yield Answer(_ABOUT, "under another prefix", Level.WARN, fact, fix)


def _deployments(facts: Facts, strangers: list[tuple[Side, Snapshot]]) -> Iterator[Answer]:
    """Another deployment's, by prefix or by backup account, of a database that is selected here."""
    question, backup = "another deployment's", facts.settings.backup
    names = {d.resource_id: d.identifier for d in facts.world.selection.databases}
    found = Counter(
        (
            names[s.tags.get(RESOURCE_ID, "")],
            s.tags[MANAGED_BY],
            s.tags.get(BACKUP_ACCOUNT, "no account"),
        )
        for _, s in strangers
        if s.tags.get(RESOURCE_ID) in names
        and (s.tags[MANAGED_BY], s.tags.get(BACKUP_ACCOUNT)) != backup.marker
    )
    if not found:
        fact = "none of the selected databases"
        yield nothing_found(_ABOUT, question, fact, facts.anything_unread)
    for (name, prefix, account), count in sorted(found.items()):
        fact = f"{count} of {name}, under the prefix {prefix} for the backup account {account}"
        fix = "stop one of the two deployments: each backs it up, with copies of its own"
        yield Answer(_ABOUT, question, Level.WARN, fact, fix)


def _look_alikes(
    facts: Facts, strangers: list[tuple[Side, Snapshot]], unlisted: Problem | None
) -> Answer:
    question, backup = "marked, but not ours", facts.settings.backup
    ours = backup.marker
    found = [
        s.identifier
        for _, s in strangers
        if (s.tags[MANAGED_BY], s.tags.get(BACKUP_ACCOUNT)) == ours
    ]
    if not found:
        return nothing_found(_ABOUT, question, "none", unlisted)
    fact = f"{some(sorted(found))}: the name does not match the tags"
    return Answer(
        _ABOUT, question, Level.WARN, fact, f"{_REMOVE}: rds-backup neither touches nor counts them"
    )


def _second_here(facts: Facts) -> Answer:
    """Shared copies under our prefix that were asked for with another sharing key."""
    question, backup = "a second deployment here", facts.settings.backup
    key = facts.world.sharing_key
    here = [w for lane, w in facts.world.manual.items() if lane.side is Side.SOURCE]
    problem = next((w for w in (key, *here) if isinstance(w, Problem)), None)
    found = [
        s.identifier
        for listing in here
        for s in (listing.snapshots if isinstance(listing, Listing) else ())
        if owned(s, backup.marker) and s.tags.get(KMS_KEY, key) != key
    ]
    if not found or isinstance(key, Problem):
        return nothing_found(_ABOUT, question, "no sign of one", problem)
    fact = f"shared copies made for another sharing key than KMS_KEY_ID: {len(found)}"
    fix = "if KMS_KEY_ID was not changed, stop the second deployment with the same prefix"
    return Answer(_ABOUT, question, Level.WARN, fact, fix)


def _not_selected(facts: Facts) -> Iterator[Answer]:
    question = "series not selected"
    if not facts.said.unselected:
        yield nothing_found(_ABOUT, question, "none", facts.anything_unread)
    for entry in facts.said.unselected:
        series = f"{entry.database} ({entry.kind} {entry.resource_id})"
        fact = f"{series}, verified backups: {entry.backups_kept}"
        fix = "select its database again, or delete them with the commands that status prints"
        yield Answer(_ABOUT, question, Level.WARN, fact, fix)


def _left(facts: Facts) -> Iterator[Answer]:
    """Shared copies that nothing finishes or deletes any more, and a person has to know of."""
    question = "shared copies left"
    found = [item for subject in facts.plan.subjects for item in subject.left]
    if not found:
        yield nothing_found(_ABOUT, question, "none", facts.anything_unread)
    for item in found:
        snapshot, point = item.snapshot, item.point
        fact = (
            f"{snapshot.identifier} of {point.database}, under {snapshot.kms_key or 'no key'} and "
            f"not KMS_KEY_ID, may be the last data of {iso(point.taken_at)}"
        )
        told = commands(point.series, point.kind, snapshot.account, [snapshot.identifier])
        fix = f"if nobody needs it, delete it: {told.delete.replace(chr(10), ' ')}"
        yield Answer(_ABOUT, question, Level.WARN, fact, fix)
