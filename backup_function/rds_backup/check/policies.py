"""Whether a key's policy has our own statements; whatever else it says, nothing is concluded.

A policy is no list of statements to be read one by one: conditions, denials and wildcards decide
together.  So it passes with the very statements that this project's templates write, and with no
others; else all that can be told is that nobody of an account is named at all.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rds_backup.check.answer import Statement

_NAMES = frozenset({"Sid", "Effect", "Principal", "Action", "Resource", "Condition"})


class Match(StrEnum):
    """What a policy is seen to be."""

    OURS = "ours"
    NOBODY = "nobody"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Compared:
    """A match, and those of the statements looked for that are not there as we write them.

    ``ours``: all are there, and nothing is denied but by the very statements that are known.
    ``nobody``: none is there, and no statement allows anything to the account.
    ``unclear``: anything else.
    """

    match: Match
    missing: tuple[Statement, ...]


def compare(
    document: str, wanted: Sequence[Statement], account: str, known: Sequence[Statement] = ()
) -> Compared:
    """How the policy of a key compares with what is wanted, for principals of an account.

    ``known`` are denials that may be there; any other makes the policy ``unclear``.
    """
    found = statements(document)
    missing = tuple(w for w in wanted if not any(_has(s, w) for s in found))
    denied = [s for s in found if s.get("Effect") != "Allow"]
    strange = any(not any(_same(s, k) for k in known) for s in denied)
    if not missing and not strange:
        return Compared(Match.OURS, ())
    allowed = [s for s in found if s.get("Effect") == "Allow"]
    named = any(_may_name(s, account) for s in allowed)
    alone = len(missing) == len(wanted) and not named
    return Compared(Match.NOBODY if alone else Match.UNCLEAR, missing)


def outsiders(document: str, account: str) -> bool:
    """Whether a statement allows anything to a principal that is not seen to be the account's."""
    return any(
        "NotPrincipal" in s or any(_account(p) != account for p in _principals(s))
        for s in statements(document)
        if s.get("Effect") == "Allow"
    )


def left_out(document: str, guard: Statement) -> list[str]:
    """Whom the denial of these actions to everybody leaves out, by ``ArnNotEquals``."""
    found = []
    for statement in statements(document):
        named = statement.get("Condition", {}).get("ArnNotEquals", {})
        principals = _listed(named.get("aws:PrincipalArn", []))
        condition = {"ArnNotEquals": {"aws:PrincipalArn": principals}}
        if _has(statement, {**guard, "Condition": condition}):
            found += principals
    return found


def statements(document: str) -> list[dict[str, Any]]:
    """The statements of a policy; IAM takes one or a list of them."""
    found = json.loads(document).get("Statement", [])
    return [found] if isinstance(found, dict) else list(found)


def _same(found: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    """The same but for its Sid and the order of its lists: more than is known may be denied."""
    return _has(found, known) and _has(known, found)


def _has(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """The same but for its Sid, the order of its lists, and actions more than are wanted."""
    return (
        found.keys() <= _NAMES
        and found.get("Effect") == wanted["Effect"]
        and set(_principals(found)) == set(_principals(wanted))
        and set(_listed(found.get("Resource", []))) == set(_listed(wanted["Resource"]))
        and set(_listed(found.get("Action", []))) >= set(_listed(wanted["Action"]))
        and _conditions(found) == _conditions(wanted)
    )


def _conditions(statement: Mapping[str, Any]) -> dict[tuple[str, str], frozenset[Any]]:
    return {
        (operator, key): frozenset(
            str(v).lower() if isinstance(v, bool) else v for v in _listed(value)
        )
        for operator, tests in statement.get("Condition", {}).items()
        for key, value in tests.items()
    }


def _may_name(statement: Mapping[str, Any], account: str) -> bool:
    return "NotPrincipal" in statement or any(
        _account(p) in (account, None) for p in _principals(statement)
    )


def _principals(statement: Mapping[str, Any]) -> Iterator[str]:
    """Every principal, an account's id as its root; a service is one of no account."""
    principal = statement.get("Principal", {})
    if isinstance(principal, str):
        yield principal
        return
    for kind, named in principal.items():
        for each in _listed(named):
            yield each if kind == "AWS" else f"{kind}:{each}"


def _account(principal: str) -> str | None:
    """The account of a principal; None for everybody, and for one that cannot be told."""
    if principal.isdigit():
        return principal
    found = re.match(r"arn:[^:]*:[^:]*:[^:]*:(\d{12}):", principal)
    return found[1] if found else None


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - IAM takes one value or a list of them
    return list(value) if isinstance(value, list) else [value]
