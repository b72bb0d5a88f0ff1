"""What is said where AWS did not answer a question.

A refusal is a fact; no answer is none, and never a pass.
"""

from rds_backup.aws.errors import DENIED, FIND_ENDPOINT, NO_ENDPOINT, AwsError, Meaning
from rds_backup.check.answer import Answer, Level, Paste
from rds_backup.model.decisions import Problem

AGAIN = "ask again: without an answer nothing can be said"
_RENEW = "renew the credentials, and ask again"
_INSTEAD = {NO_ENDPOINT: f"ask again; if this stays, {FIND_ENDPOINT}"}
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired")


def unanswered(
    about: str,
    question: str,
    error: AwsError,
    level: Level,
    *paste: Paste,
    fix: str | None = None,
) -> Answer:
    """The answer to a question that an error came for, of this level if AWS refused it.

    What is to be pasted is handed out where a permission is missing; ``fix`` is for any other
    refusal.
    """
    words = f"{error.operation}: {error.code}: {error.message}"
    if error.meaning is Meaning.LATER:
        again = _RENEW if error.code in _EXPIRED else _INSTEAD.get(error.code, AGAIN)
        return Answer(about, question, Level.WARN, f"no answer came: {words}", again)
    cannot = "cannot tell: " if level is Level.WARN else ""
    if error.code in DENIED:
        told = "allow it" if paste else "allow the action that the message names"
        return Answer(about, question, level, f"{cannot}{words}", told, paste)
    return Answer(about, question, level, f"{cannot}{words}", fix or f"look up {error.code}")


def refused(about: str, question: str, problem: Problem, *paste: Paste) -> Answer:
    """The answer to a question whose problem needs a person."""
    return Answer(about, question, Level.FAIL, problem.reason, problem.fix, paste)


def unread(about: str, question: str, problem: Problem) -> Answer:
    """The answer to a question that rests on what could not be read."""
    fact = f"cannot tell: {problem.reason}"
    return Answer(about, question, Level.WARN, fact, AGAIN)


def nothing_found(about: str, question: str, fact: str, problem: Problem | None) -> Answer:
    """``pass`` where nothing was found, and all was seen in which it could have been."""
    if problem:
        return unread(about, question, problem)
    return Answer(about, question, Level.PASS, fact)
