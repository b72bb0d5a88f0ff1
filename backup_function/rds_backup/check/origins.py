"""Questions on what RDS itself says of the backups, held against what their tags say.

Whoever may copy into the backup account writes the tags; nobody writes what RDS returns.
"""

from collections.abc import Callable, Iterator

from rds_backup.check.answer import Answer, Level, some
from rds_backup.check.facts import Facts
from rds_backup.check.unanswered import nothing_found
from rds_backup.model.decisions import Owned
from rds_backup.model.verified import contradiction, good, misdated

_ABOUT = "backups"


def of_origins(facts: Facts) -> Iterator[Answer]:
    """Whether a backup is of another source or age than it says, and where RDS does not tell."""
    who = "find out in the backup account's CloudTrail who made them"
    yield _asked(facts, "contradicted by RDS", _contradicted, Level.FAIL, f"not counted; {who}")
    yield _asked(facts, "older or younger than tagged", misdated, Level.WARN, who)
    fix = "nothing to do: where they were copied from cannot be compared with their tags"
    yield _asked(facts, "source as RDS names it", _odd_source, Level.WARN, fix)


def _asked(
    facts: Facts, question: str, words: Callable[[Owned], str | None], level: Level, fix: str
) -> Answer:
    backups = (b for s in facts.plan.subjects for b in s.view.backups if good(b))
    found = sorted(told for b in backups if (told := words(b)))
    if not found:
        return nothing_found(_ABOUT, question, "none", facts.anything_unread)
    return Answer(_ABOUT, question, level, some(found, "; "), fix)


def _contradicted(backup: Owned) -> str | None:
    said = contradiction(backup)
    return said and f"{backup.snapshot.identifier} {said}"


def _odd_source(backup: Owned) -> str | None:
    """1.16: where it is there and no snapshot's ARN, it counts as none."""
    snapshot = backup.snapshot
    if snapshot.copied_from is None or snapshot.origin:
        return None
    return f"{snapshot.identifier} is a copy of {snapshot.copied_from}, which is no snapshot's ARN"
