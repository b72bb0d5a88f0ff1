"""What all answers come to together: the outcome, the exit code and the result object."""

import pytest

from rds_backup import __version__
from rds_backup.check.answer import Answer, Checked, Level, Paste


def checked(*levels: Level) -> Checked:
    """Answers of these levels."""
    answers = tuple(
        Answer("expiry", "old backups are deleted", level, "a fact") for level in levels
    )
    return Checked("2026-03-02T03:00:00Z", "eu-west-1", answers)


@pytest.mark.parametrize(
    ("levels", "outcome", "code"),
    [
        ([Level.PASS, Level.PASS], "pass", 0),
        ([Level.PASS, Level.WARN], "warn", 1),
        ([Level.FAIL, Level.WARN, Level.PASS], "fail", 2),
    ],
)
def test_the_outcome_is_the_worst_answer(levels: list[Level], outcome: str, code: int) -> None:
    """In whatever order they stand; the exit code says the same."""
    found = checked(*levels)

    assert (outcome, code) == (found.outcome, found.exit_code)


def test_the_result_object_says_all_of_it() -> None:
    """JSON-ready, with the time and the Region of the look."""
    paste = Paste("the policy of a role", {"Sid": "One"})
    answer = Answer("expiry", "old backups are deleted", Level.WARN, "a fact", "a fix", (paste,))

    assert {
        "version": 1,
        "release": __version__,
        "action": "check",
        "outcome": "warn",
        "looked_at": "2026-03-02T03:00:00Z",
        "region": "eu-west-1",
        "backup_region": None,
        "counts": {"answers": {"warn": 1}},
        "bad": [
            {
                "level": "warn",
                "question": "old backups are deleted",
                "fact": "a fact",
                "fix": "a fix",
                "count": 1,
                "names": ["expiry"],
            }
        ],
        "answers": [
            {
                "about": "expiry",
                "question": "old backups are deleted",
                "level": "warn",
                "fact": "a fact",
                "fix": "a fix",
                "paste": [{"into": "the policy of a role", "statement": {"Sid": "One"}}],
            }
        ],
    } == Checked("2026-03-02T03:00:00Z", "eu-west-1", (answer,)).as_dict()
