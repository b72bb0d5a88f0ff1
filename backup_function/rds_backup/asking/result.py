"""A result object from elsewhere: whether it is one that this release can read, and made whole."""

from collections.abc import Callable, Mapping
from typing import Any

from rds_backup.aws.deployed import NoAnswerError, failure
from rds_backup.report.bounded import RESULT_VERSION

type Result = dict[str, Any]
_LISTS = ("actions", "databases", "unselected_series", "answers")


def whole(
    ask: Callable[[Mapping[str, Any]], object], event: Mapping[str, Any], whose: str
) -> Result:
    """All pages of the answer to an event, as one result; raises NoAnswerError in words.

    What is counted and named as bad is the last page's, since that is the newest look.
    """
    result = recognised(ask(event), str(event["action"]), whose)
    after = None
    while "more" in result:
        last, after = after, result["more"]["after"]
        if after == last:
            raise NoAnswerError(f"{whose} answers the same page again, and does not come to an end")
        page = recognised(ask({**event, "after": after}), str(event["action"]), whose)
        lists = {
            k: [*result.get(k, ()), *page.get(k, ())] for k in _LISTS if k in result or k in page
        }
        result = {**page, **lists}
    return result


def recognised(said: object, action: str, whose: str) -> Result:
    """The same, if it is a result of this action and version; raises NoAnswerError else."""
    if isinstance(said, Mapping) and "errorMessage" in said:
        raise NoAnswerError(f"{whose} holds an error: {failure(said)}")
    if not isinstance(said, Mapping) or not isinstance(said.get("outcome"), str):
        raise NoAnswerError(f"{whose} is no result of rds-backup")
    version = said.get("version", 0)
    if version != RESULT_VERSION:
        older = not isinstance(version, int) or version < RESULT_VERSION
        raise NoAnswerError(
            f"{whose} is of an earlier release than this command: update the stack"
            if older
            else f"{whose} is of a later release than this command: update rds-backup"
        )
    if said.get("action") != action:
        raise NoAnswerError(f"{whose} is of the action {said.get('action')}, not of {action}")
    return dict(said)
