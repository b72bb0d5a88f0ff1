"""Questions on who expires backups: whether both accounts agree, and whether anybody does.

The backup account's stack writes its settings as tags on the role that is assumed, which ``check``
can read without any further permission.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from rds_backup.check.answer import Answer, Level
from rds_backup.check.facts import Facts
from rds_backup.check.unanswered import nothing_found
from rds_backup.decide.retention import counted_days
from rds_backup.model.settings import Rules
from rds_backup.model.verified import verified

_ABOUT = "expiry"
EXPIRE_FROM = "rds-backup:expire-from"
BACKUPS_TO_KEEP = "rds-backup:backups-to-keep"
KEEP_AT_LEAST_DAYS = "rds-backup:keep-at-least-days"
# The tiers by their variables; a stack of 0.1.0 has no such tags, and no tiers.
_TIERS = {
    "KEEP_WEEKLY": "rds-backup:keep-weekly",
    "KEEP_MONTHLY": "rds-backup:keep-monthly",
    "KEEP_YEARLY": "rds-backup:keep-yearly",
}
DRILLS = "rds-backup:drills"
HERE, THERE = "source-account", "backup-account"
_SPARE = 2
_WEEK = timedelta(days=7)


def of_expiry(facts: Facts) -> Iterator[Answer]:
    """Who expires by the settings, by which number, and whether it shows."""
    yield _who(facts)
    yield from _numbers(facts)
    yield _seen(facts)


def rules_that_count(facts: Facts) -> Rules:
    """The rules of the account that expires, as far as they can be read; else this account's."""
    mine, tags = facts.settings.backup.rules, facts.there.tags
    if facts.settings.expire or tags.get(EXPIRE_FROM) != THERE:
        return mine
    keep, days = _number(tags, BACKUPS_TO_KEEP), _number(tags, KEEP_AT_LEAST_DAYS)
    return Rules(
        mine.keep if keep is None else max(1, keep),
        mine.min_age if days is None else timedelta(days=days),
        *(_number(tags, name) or 0 for name in _TIERS.values()),
    )


def nobody_expires(facts: Facts) -> bool:
    """Whether both sides leave it to the other, or backups are there that should be gone."""
    return (not facts.settings.expire and facts.there.tags.get(EXPIRE_FROM) == HERE) or bool(
        _hoards(facts)
    )


def told_tiers(rules: Rules) -> str:
    """What the tiers keep, in words."""
    return f"first days: {rules.weekly} weeks, {rules.monthly} months, {rules.yearly} years"


def drills_run(facts: Facts) -> bool:
    """Whether the backup account restores its backups by itself: then one more of each is kept."""
    return facts.there.tags.get(DRILLS) == "on"


def _who(facts: Facts) -> Answer:
    question = "both settings agree"
    said = facts.there.tags.get(EXPIRE_FROM)
    mine = HERE if facts.settings.expire else THERE
    if said not in (HERE, THERE):
        fact = f"cannot tell: {facts.settings.role} has no readable tag {EXPIRE_FROM}"
        fix = "deploy backup-account.yaml, which tags it; EXPIRE_BACKUPS here is "
        return Answer(_ABOUT, question, Level.WARN, fact, fix + str(facts.settings.expire).lower())
    if said == mine:
        who = "this function, through the role" if mine == HERE else "the backup account itself"
        return Answer(_ABOUT, question, Level.PASS, who)
    fix = "deploy both stacks with the same ExpireFrom"
    if mine == HERE:
        fact = (
            "this function is set to delete old backups, but the role in the backup account may "
            "not: its deletions are refused"
        )
    else:
        fact = (
            "each account leaves it to the other: nothing deletes old backups, and the quota fills"
        )
    return Answer(_ABOUT, question, Level.FAIL, fact, fix)


def _numbers(facts: Facts) -> Iterator[Answer]:
    """The number kept there against the number that is reported against here."""
    tags, rules = facts.there.tags, facts.settings.backup.rules
    if facts.settings.expire or tags.get(EXPIRE_FROM) != THERE:
        return
    keep, question = _number(tags, BACKUPS_TO_KEEP), "number to keep"
    if keep is None:
        fact = f"cannot tell: {facts.settings.role} has no readable tag {BACKUPS_TO_KEEP}"
        yield Answer(
            _ABOUT, question, Level.WARN, fact, "deploy backup-account.yaml, which tags it"
        )
        return
    here = {"BACKUPS_TO_KEEP": rules.keep, **dict(zip(_TIERS, rules[2:], strict=True))}
    there = {"BACKUPS_TO_KEEP": keep, **{n: _number(tags, tag) or 0 for n, tag in _TIERS.items()}}
    differ = [
        f"{name} is {there[name]} in the backup account, which decides, and {mine} here"
        for name, mine in here.items()
        if there[name] != mine
    ]
    if differ:
        fix = "set the same number in both stacks"
        yield Answer(_ABOUT, question, Level.WARN, "; ".join(differ), fix)
        return
    fact = f"{keep} in both stacks" + (f"; {told_tiers(rules)}" if rules.tiers else "")
    yield Answer(_ABOUT, question, Level.PASS, fact)


def _seen(facts: Facts) -> Answer:
    rules, question = rules_that_count(facts), "old backups are deleted"
    most, age = rules.keep + rules.tiers + _SPARE, max(_WEEK, rules.min_age).days
    found = _hoards(facts)
    if not found:
        fact = f"no series has more than {most} days with verified backups older than {age} days"
        return nothing_found(_ABOUT, question, fact, facts.anything_unread)
    listed = ", ".join(f"{name}: {count}" for name, count in found)
    fact = (
        f"old backups are not deleted: more than {most} days have verified backups older than "
        f"{age} days ({listed})"
    )
    fix = (
        "make sure that the function that deletes them runs, and that both stacks have the same "
        "ExpireFrom; if you have just lowered the number to keep, ask again after the next expiry"
    )
    return Answer(_ABOUT, question, Level.FAIL, fact, fix)


def _hoards(facts: Facts) -> list[tuple[str, int]]:
    """The series with old verified backups of more days than are kept, and two to spare."""
    rules, vault = rules_that_count(facts), facts.settings.backup.vault(str(facts.world.backup_key))
    before = facts.now - max(_WEEK, rules.min_age)
    found = []
    for subject in facts.plan.subjects:
        old = [
            b
            for b in subject.view.backups
            if verified(b, vault) and b.snapshot.created_at and b.snapshot.created_at < before
        ]
        days = len(counted_days(old))
        if days > rules.keep + rules.tiers + _SPARE:
            found.append((old[0].point.database, days))
    return sorted(found)


def _number(tags: Mapping[str, str], name: str) -> int | None:
    text = tags.get(name, "")
    return int(text) if text.isascii() and text.isdigit() else None
