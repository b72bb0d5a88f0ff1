"""Questions on the places for manual snapshots: who has them, how many are needed, until when.

The quotas are RDS's own (DescribeAccountAttributes: ManualSnapshots, ManualClusterSnapshots).
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from rds_backup.check.answer import Answer, Level, Paste
from rds_backup.check.expiring import nobody_expires, rules_that_count
from rds_backup.check.facts import WHOSE, Facts
from rds_backup.check.growth import Held, first_too_many
from rds_backup.check.unanswered import unanswered
from rds_backup.errors import AwsError
from rds_backup.model import Database, Kind, Lane, Listing, Owned, Side
from rds_backup.naming import KEEP, good, owned, verified
from rds_backup.night import Subject
from rds_backup.selection import unsupported

_RAISE = "raise the quota in Service Quotas, delete snapshots nobody needs, or keep fewer"


def of_places(facts: Facts, side: Side) -> Iterator[Answer]:
    """One answer for each family that has databases here."""
    for kind in Kind:
        databases = _databases(facts, kind)
        quota = facts.quotas.get(Lane(side, kind))
        if not databases or quota is None:
            continue
        question = f"places for {kind} snapshots"
        if isinstance(quota, AwsError):
            ours = facts.statements
            into = ours.function_role if side is Side.SOURCE else facts.settings.role
            paste = Paste(f"the policy of {into}", ours.quotas())
            yield unanswered(WHOSE[side], question, quota, Level.WARN, paste)
            continue
        listing = facts.world.manual.get(Lane(side, kind))
        if not isinstance(listing, Listing):
            fact = f"cannot tell whose they are: {quota[0]} of {quota[1]} used"
            yield Answer(WHOSE[side], question, Level.WARN, fact)
            continue
        backup = facts.settings.backup
        mine = [o for s in listing.snapshots if (o := owned(s, backup.prefix, backup.account))]
        if side is Side.SOURCE:
            yield _in_source(question, quota, len(mine), len(databases))
        else:
            yield _in_backup(facts, kind, question, quota, mine)


def _databases(facts: Facts, kind: Kind) -> list[Database]:
    """Those that are backed up."""
    return [d for d in facts.world.selection.databases if d.kind is kind and not unsupported(d)]


def _in_source(question: str, quota: tuple[int, int], ours: int, databases: int) -> Answer:
    """A database has one shared copy at most; it is gone once its backup is verified."""
    used, most = quota
    foreign = max(0, used - ours)
    about, room = WHOSE[Side.SOURCE], most - foreign
    fact = f"{used} of {most} used: {foreign} foreign, {ours} ours; needed for ours: {databases}"
    if room <= 0:
        return Answer(about, question, Level.FAIL, fact, "no copy can be made: " + _RAISE)
    if room < databases:
        fix = f"only {room} databases can be copied at once; the others are blocked until then"
        return Answer(about, question, Level.WARN, fact, f"{fix}: {_RAISE}")
    return Answer(about, question, Level.PASS, fact)


def _in_backup(
    facts: Facts, kind: Kind, question: str, quota: tuple[int, int], ours: Sequence[Owned]
) -> Answer:
    used, most = quota
    rules = rules_that_count(facts)
    databases = _databases(facts, kind)
    subjects = {
        s.view.database.resource_id: s
        for s in facts.night.subjects
        if s.view.database and s.view.database.kind is kind
    }
    helds = [_held(facts, subjects.get(d.resource_id)) for d in databases]
    theirs = sum(len(s.view.backups) for s in subjects.values())
    expires = not nobody_expires(facts)
    night = first_too_many(helds, rules, used - theirs, most, expires=expires)
    changing = any(h.others for h in helds)
    need = f"{len(databases)} x {rules.keep + 1}"
    if changing:
        need += f", up to {len(databases)} x {2 * rules.keep} while the key changes"
    fact = (
        f"{used} of {most} used: {max(0, used - len(ours))} foreign, {len(ours)} ours, "
        f"{len(ours) - theirs} of them of series not selected here; "
        f"needed for the selected: {need}"
    )
    if rules.min_age > timedelta(days=rules.keep):
        fact += f", more since KEEP_AT_LEAST_DAYS is {rules.min_age.days}"
    about = WHOSE[Side.BACKUP]
    if night is None:
        return Answer(about, question, Level.PASS, fact)
    when = facts.now + timedelta(days=night - 1)
    fact += f"; reached {'tonight' if night == 1 else f'in the night of {when:%Y-%m-%d}'}"
    return Answer(about, question, Level.FAIL, fact, _RAISE)


def _held(facts: Facts, subject: Subject | None) -> Held:
    if subject is None:
        return Held(0)
    key, account = str(facts.world.backup_key), facts.settings.backup.account
    backups = subject.view.backups
    kept = sum(KEEP in b.snapshot.tags for b in backups)
    free = [b for b in backups if KEEP not in b.snapshot.tags]
    sound = sum(verified(b, account, key) for b in free)
    others = sum(good(b) and not verified(b, account, key) for b in free)
    return Held(verified=sound, others=others, kept=kept)
