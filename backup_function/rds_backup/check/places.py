"""Questions on the places for manual snapshots: who has them, how many are needed, until when.

The quotas are RDS's own (DescribeAccountAttributes: ManualSnapshots, ManualClusterSnapshots).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from rds_backup.aws.errors import AwsError
from rds_backup.check.answer import Answer, Level, Paste
from rds_backup.check.expiring import drills_run, nobody_expires, rules_that_count, told_tiers
from rds_backup.check.facts import WHOSE, Facts
from rds_backup.check.growth import HORIZON_NIGHTS, Counts, first_too_many, most_kept
from rds_backup.check.unanswered import unanswered, unread
from rds_backup.decide.engines import unsupported
from rds_backup.decide.retention import counted_days
from rds_backup.model.clock import utc_day
from rds_backup.model.decisions import Owned, Problem
from rds_backup.model.identity import KEEP
from rds_backup.model.inventory import Database, Kind, Lane, Side, Status
from rds_backup.model.proof import last_restored
from rds_backup.model.verified import came_from, good, sound_in, verified
from rds_backup.report.detail import Size

_RAISE = "raise the quota in Service Quotas, delete snapshots that nobody needs, or keep fewer"
_SEVERAL = 2


def of_places(facts: Facts, side: Side) -> Iterator[Answer]:
    """One answer for each family that is backed up, or that may be for all that could be seen."""
    for kind in Kind:
        quota, about = facts.quotas.get(Lane(side, kind)), WHOSE[side]
        databases = _databases(facts, kind)
        if quota is None or not (databases or kind in facts.world.unlisted):
            continue
        question, problem = f"places for {kind} snapshots", facts.unread(kind)
        if isinstance(quota, AwsError):
            ours = facts.statements
            into = ours.function_role if side is Side.SOURCE else facts.settings.role
            paste = Paste(f"the policy of {into}", ours.quotas(side))
            yield unanswered(about, question, quota, Level.WARN, paste)
        elif problem:
            said = f"{quota[0]} of {quota[1]} used; {problem.reason}"
            yield unread(about, question, Problem(problem.state, said))
        elif side is Side.SOURCE:
            yield _in_source(facts, kind, question, quota)
        else:
            yield _in_backup(facts, kind, question, quota)
            yield from _by_account(facts, kind, quota)


def _databases(facts: Facts, kind: Kind) -> list[Database]:
    """Those that are backed up."""
    return [d for d in facts.world.selection.databases if d.kind is kind and not unsupported(d)]


def _ours(facts: Facts, lane: Lane) -> list[Owned]:
    """The copies of this deployment's own databases, selected or not."""
    return [o for o in facts.owned(lane) if o.point.series[:2] == facts.settings.here]


def _in_source(facts: Facts, kind: Kind, question: str, quota: tuple[int, int]) -> Answer:
    """A database has one shared copy at most, which is gone once its backup is verified.

    With increments an instance has one more, the base.  Failed ones, and those of databases that
    are not selected, stay for now.
    """
    used, most = quota
    databases = {d.resource_id for d in _databases(facts, kind)}
    ours = _ours(facts, Lane(Side.SOURCE, kind))
    going = [
        o
        for o in ours
        if o.point.series.resource_id in databases and o.snapshot.status is not Status.DEAD
    ]
    based = facts.settings.incremental and kind is Kind.INSTANCE
    about, room, need = WHOSE[Side.SOURCE], most - (used - len(going)), len(databases)
    if based:
        need *= 2
    fact = (
        f"{used} of {most} used: {max(0, used - len(ours))} foreign, {len(ours)} ours; "
        f"needed for ours: {need}"
    )
    if based:
        fact += f", {len(databases)} of them for bases of the next copies (INCREMENTAL)"
    if room <= 0:
        return Answer(about, question, Level.FAIL, fact, f"{_RAISE}: no copy can be made")
    if room < need and based:
        fix = f"{_RAISE}: where no place is left, bases are deleted, and those copies are full"
        return Answer(about, question, Level.WARN, fact, fix)
    if room < need:
        fix = f"{_RAISE}: only {room} of the {need} databases can have a copy at once"
        return Answer(about, question, Level.WARN, fact, fix)
    return Answer(about, question, Level.PASS, fact)


def _in_backup(facts: Facts, kind: Kind, question: str, quota: tuple[int, int]) -> Answer:
    used, most = quota
    rules, databases = rules_that_count(facts), _databases(facts, kind)
    ours = _ours(facts, Lane(Side.BACKUP, kind))
    of = defaultdict(list)
    for item in ours:
        of[item.point.series.resource_id].append(item)
    tonight = _tonight(facts, databases)
    held = {d.resource_id: _counts(facts, d, of[d.resource_id], tonight) for d in databases}
    theirs = sum(len(of[resource_id]) for resource_id in held)
    expires = not nobody_expires(facts)
    night = first_too_many([*held.values()], rules, used - theirs, most, expires=expires)
    one_more = max((h.proven for h in held.values()), default=0)
    each = most_kept(rules) + rules.tiers + 1 + one_more
    need = f"{len(databases)} x {each}"
    if any(h.others > rules.tiers for h in held.values()):
        most_of = 2 * rules.keep + rules.tiers + one_more
        need += f", up to {len(databases)} x {most_of} while the key changes"
    if one_more:
        need += " (with the last one restored of each)"
    fact = (
        f"{used} of {most} used: {max(0, used - len(ours))} foreign, {len(ours)} ours, "
        f"{len(ours) - theirs} of them of series not selected; needed for the selected: {need}"
    )
    if rules.min_age:
        fact += f" (KEEP_AT_LEAST_DAYS is {rules.min_age.days})"
    if rules.tiers:
        fact += f" ({told_tiers(rules)}), at most {_gib(facts, databases) * each:.0f} GiB"
    about = WHOSE[Side.BACKUP]
    if night is None and rules.tiers and used - theirs + len(databases) * each > most:
        fact += f"; not reached within {HORIZON_NIGHTS} nights, but later it may be"
        return Answer(about, question, Level.WARN, fact, _RAISE)
    if night is None:
        return Answer(about, question, Level.PASS, fact)
    when = tonight + timedelta(days=night - 1)
    fact += f"; reached {'tonight' if night == 1 else f'in the night of {when:%Y-%m-%d}'}"
    return Answer(about, question, Level.FAIL, fact, _RAISE)


def _gib(facts: Facts, databases: Sequence[Database]) -> float:
    """How large one backup of each is, counted as full; those of no known size left out."""
    newest = (facts.newest.get(d.resource_id) for d in databases)
    size = Size.total(Size.of(snapshot) for snapshot in newest if snapshot)
    return size.gib if size else 0


def _by_account(facts: Facts, kind: Kind, quota: tuple[int, int]) -> Iterator[Answer]:
    """Which source account has how many of the places, where several have some.

    IAM has no condition on a number, so that one account can use up all of them.
    """
    copies = facts.owned(Lane(Side.BACKUP, kind))
    counted = Counter(came_from(copy) for copy in copies)
    held = sorted(counted.items(), key=lambda told: (-told[1], told[0]))
    if len(held) < _SEVERAL:
        return
    question, most = f"who uses the places for {kind} snapshots", quota[1]
    fact = f"of {most}: " + ", ".join(f"{account} has {count}" for account, count in held)
    if held[0][1] * 2 <= most:
        yield Answer(WHOSE[Side.BACKUP], question, Level.PASS, fact)
        return
    fix = (
        f"{held[0][0]} has more than half, and nothing limits it: check that all its databases "
        "are wanted, request a higher quota, or give it a backup account of its own"
    )
    yield Answer(WHOSE[Side.BACKUP], question, Level.WARN, fact, fix)


def _tonight(facts: Facts, databases: Sequence[Database]) -> datetime:
    """When the newest automated snapshot was made, which tonight's backups are of."""
    made = [s.created_at for d in databases if (s := facts.newest.get(d.resource_id))]
    newest = max((m for m in made if m), default=facts.now)
    return max(newest, facts.now - timedelta(days=1))


def _counts(facts: Facts, database: Database, mine: Sequence[Owned], night: datetime) -> Counts:
    vault = facts.settings.backup.vault(str(facts.world.backup_key))
    newest = facts.newest.get(database.resource_id)
    free = [o for o in mine if KEEP not in o.snapshot.tags]
    sound = sum(verified(o, vault) for o in free)
    good_ones = sum(good(o) for o in free)
    running = [o for o in free if o.snapshot.status is Status.RUNNING]
    tonight = [o for o in mine if newest and o.point.source_arn == newest.arn]
    made = any(verified(o, vault) or o in running for o in tonight)
    return Counts(
        verified=sound + len(running),
        others=good_ones - sound,
        kept=len(mine) - len(free),
        dead=len(free) - good_ones - len(running),
        made=made,
        proven=int(drills_run(facts) or last_restored(mine, facts.now) is not None),
        days=counted_days(o for o in mine if sound_in(o, vault.account)),
        tonight=utc_day(night),
    )
