"""A result object from elsewhere: whether it is one that this release can read, and made whole."""

from collections.abc import Callable, Mapping
from typing import Any

from rds_backup.aws.deployed import NoAnswerError, failure
from rds_backup.report.bounded import RESULT_VERSION

type Result = dict[str, Any]
_LISTS = ("actions", "databases", "unselected_series", "answers")
# Of one database, or of one answer, the newest look counts.
_KEYS = ("action", "account", "snapshot", "database", "kind", "resource_id", "about", "question")


def whole(
    ask: Callable[[Mapping[str, Any]], object], event: Mapping[str, Any], whose: str
) -> Result:
    """All pages of the answer to an event, as one result; raises NoAnswerError in words.

    Each page is a look of its own, so that what two of them say of the same database is of the
    later one; so is what is counted, and named as bad.
    """
    result = recognised(ask(event), str(event["action"]), whose)
    seen: set[object] = set()
    while "more" in result:
        after = result["more"]["after"]
        if after in seen:
            raise NoAnswerError(f"{whose} returns the same page again, so its pages never end")
        seen.add(after)
        page = recognised(ask({**event, "after": after}), str(event["action"]), whose)
        lists = {
            k: _joined(result.get(k, ()), page.get(k, ())) for k in _LISTS if k in result | page
        }
        result = {**page, **lists}
    return result


def _joined(first: list[Result], then: list[Result]) -> list[Result]:
    newest = {_place(item): item for item in then}
    return [item for item in first if _place(item) not in newest] + then


def _place(item: Result) -> tuple[object, ...]:
    return tuple(item.get(key) for key in _KEYS)


def recognised(said: object, action: str, whose: str) -> Result:
    """The same, if it is a result of this action and version; raises NoAnswerError else."""
    if isinstance(said, Mapping) and "errorMessage" in said:
        raise NoAnswerError(f"{whose} holds an error: {failure(said)}")
    if not isinstance(said, Mapping) or not isinstance(said.get("outcome"), str):
        raise NoAnswerError(f"{whose} is not a result of rds-backup")
    version = said.get("version", 0)
    if version != RESULT_VERSION:
        older = not isinstance(version, int) or version < RESULT_VERSION
        raise NoAnswerError(
            f"{whose} comes from an earlier release than this command: update the stack"
            if older
            else f"{whose} comes from a later release than this command: update rds-backup"
        )
    if said.get("action") != action:
        raise NoAnswerError(f"{whose} is a result of {said.get('action')}, not of {action}")
    return dict(said)
