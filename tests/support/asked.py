"""Finds among answers of ``check`` the one that a test is about."""

from collections.abc import Iterable
from typing import Any

from rds_backup.check.answer import Answer, Level

SOURCE, BACKUP = "source account", "backup account"
SHARING_KEY, BACKUP_KEY = "sharing key", "backup key"
ORDERS, BILLING = "orders (instance)", "billing (cluster)"


def one(answers: Iterable[Answer], question: str, about: str | None = None) -> Answer:
    """The only answer to a question; fails if there is none, or another."""
    (found,) = [a for a in answers if a.question == question and about in (None, a.about)]
    return found


def not_well(answers: Iterable[Answer]) -> set[tuple[str, str, str]]:
    """What is not ``pass``: level, about what, and the question; every failure has its fix."""
    found = [a for a in answers if a.level is not Level.PASS]
    assert [] == [a for a in found if a.level is Level.FAIL and not a.fix]
    return {(str(a.level), a.about, a.question) for a in found}


def pasted(answer: Answer) -> list[tuple[str, dict[str, Any]]]:
    """What is to be pasted, and into what."""
    return [(p.into, dict(p.statement)) for p in answer.paste]
