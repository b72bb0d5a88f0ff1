"""A refusal is a fact, and no answer is none: neither ever passes."""

import pytest

from rds_backup.aws.errors import AwsError
from rds_backup.check.answer import Answer, Level, Paste
from rds_backup.check.unanswered import nothing_found, refused, unanswered, unread
from rds_backup.model.inventory import Side
from tests.support.made_facts import DENIED, OTHERWISE, THROTTLED
from tests.support.made_facts import unread as made_unread

AGAIN = "ask again: without an answer nothing can be said"
PASTE = Paste("the policy of a role", {"Sid": "One"})


def of(error: AwsError, level: Level, *paste: Paste, fix: str | None = None) -> Answer:
    """The answer to a question that an error came for."""
    return unanswered("a key", "found", error, level, *paste, fix=fix)


@pytest.mark.parametrize("level", [Level.WARN, Level.FAIL])
def test_no_answer_is_no_failure_and_gives_no_statement(level: Level) -> None:
    """It may be there in a minute."""
    fact = "no answer came: DescribeThings: Throttling: Rate exceeded"

    assert Answer("a key", "found", Level.WARN, fact, AGAIN) == of(THROTTLED, level, PASTE, fix="x")


@pytest.mark.parametrize("code", ["ExpiredToken", "ExpiredTokenException", "RequestExpired"])
def test_credentials_that_are_expired_have_to_be_renewed(code: str) -> None:
    """Asking again with them is of no use."""
    found = of(AwsError("DescribeThings", code, "is expired"), Level.FAIL)

    assert (Level.WARN, "renew the credentials, and ask again") == (found.level, found.fix)


@pytest.mark.parametrize(
    ("level", "fact"),
    [
        (Level.WARN, "cannot tell: DescribeThings: AccessDenied: not authorized"),
        (Level.FAIL, "DescribeThings: AccessDenied: not authorized"),
    ],
)
def test_a_permission_that_is_missing_gets_its_statement(level: Level, fact: str) -> None:
    """A fix that is for any other refusal is not said."""
    expected = Answer("a key", "found", level, fact, "allow it", (PASTE,))

    assert expected == of(DENIED, level, PASTE, fix="correct the variable")


def test_a_permission_without_a_statement_is_named_by_aws() -> None:
    """Its message has the action."""
    assert "allow the action that the message names" == of(DENIED, Level.FAIL).fix


@pytest.mark.parametrize(
    ("fix", "said"), [(None, "look up OptInRequired"), ("subscribe", "subscribe")]
)
@pytest.mark.parametrize(("level", "cannot"), [(Level.WARN, "cannot tell: "), (Level.FAIL, "")])
def test_any_other_refusal_gets_no_statement(
    fix: str | None, said: str, level: Level, cannot: str
) -> None:
    """No permission helps."""
    fact = f"{cannot}DescribeThings: OptInRequired: not subscribed"

    assert Answer("a key", "found", level, fact, said) == of(OTHERWISE, level, PASTE, fix=fix)


def test_a_problem_for_a_person_fails_with_its_fix() -> None:
    """The fact is AWS's, the fix what the problem says of it."""
    found = refused("a key", "found", made_unread(DENIED, "cannot list", Side.BACKUP), PASTE)

    fact = "cannot list: AccessDenied: not authorized"
    fix = "allow the role in the backup account the action that the message names"
    assert Answer("a key", "found", Level.FAIL, fact, fix, (PASTE,)) == found


def test_what_rests_on_a_look_that_failed_cannot_be_told() -> None:
    """Nobody looks again by itself: a check has no next tick."""
    fact = "cannot tell: cannot list: Throttling: Rate exceeded"

    assert Answer("a key", "found", Level.WARN, fact, AGAIN) == unread(
        "a key", "found", made_unread()
    )


def test_nothing_was_found_only_where_all_was_seen() -> None:
    """What was not read may hold it."""
    passed = Answer("a key", "found", Level.PASS, "none")

    assert passed == nothing_found("a key", "found", "none", None)
    problem = made_unread()
    assert unread("a key", "found", problem) == nothing_found("a key", "found", "none", problem)


def test_an_endpoint_that_does_not_answer_may_be_of_no_region() -> None:
    """Nobody has to ask for ever: the two variables are named."""
    lost = AwsError("DescribeKey", "EndpointConnectionError", "https://kms.eu-west-9", lost=True)
    found = of(lost, Level.FAIL)

    assert Level.WARN is found.level
    assert "ask again; if this stays, correct AWS_REGION or BACKUP_REGION, " in str(found.fix)
