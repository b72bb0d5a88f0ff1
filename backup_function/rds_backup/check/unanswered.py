"""What is said where AWS did not answer a question.

A refusal is a fact; no answer is none, and never a pass.
"""

from rds_backup.check.answer import Answer, Level, Paste
from rds_backup.errors import DENIED, AwsError, Meaning

AGAIN = "ask again; nothing can be said until an answer comes"


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
        return Answer(about, question, Level.WARN, f"no answer came: {words}", AGAIN)
    cannot = "cannot tell: " if level is Level.WARN else ""
    if error.code in DENIED:
        told = "allow it" if paste else "allow the action that the message names"
        return Answer(about, question, level, f"{cannot}{words}", told, paste)
    return Answer(about, question, level, f"{cannot}{words}", fix)
