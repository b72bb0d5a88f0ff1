"""What the policy of a key or role allows: its principals and conditions, as IAM reads them.

Strict: an element, operator or condition key that it does not know is an error, never a guess.
Must not know whose policy it is, nor what the caller's own policies say: the sandbox plays none.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from sandbox.accounts import Identity

type Document = Mapping[str, Any]
_ELEMENTS = {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}
_KEYS = {
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "kms:CallerAccount",
    "kms:GrantIsForAWSResource",
    "kms:ViaService",
    "sts:ExternalId",
}
_ARN_PARTS = 6


class UnknownPolicyError(Exception):
    """The policy says something that the sandbox does not play."""


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks for which action; ``context`` has the condition keys beside the caller's own."""

    caller: Identity
    action: str
    context: Mapping[str, str]

    @property
    def keys(self) -> dict[str, str]:
        """Every condition key that the request has."""
        return {
            "aws:PrincipalAccount": self.caller.account,
            "aws:PrincipalArn": self.caller.principal,
            **self.context,
        }


def allows(policy: Document, request: Request) -> bool:
    """Whether some statement allows the request, and none denies it.

    IAM User Guide, Policy evaluation logic.  Raises UnknownPolicyError wherever in the policy.
    """
    return {s["Effect"] for s in policy["Statement"] if _applies(s, request)} == {"Allow"}


def principals(statement: Document) -> Iterator[str]:
    """The AWS principals that a statement names; a service is none."""
    principal = statement.get("Principal", {})
    yield from [principal] if isinstance(principal, str) else _listed(principal.get("AWS", []))


def _applies(statement: Document, request: Request) -> bool:
    if unknown := set(statement) - _ELEMENTS:
        raise UnknownPolicyError(f"the sandbox does not play {', '.join(sorted(unknown))}")
    met = [
        _met(operator, key, _listed(wanted), request.keys)
        for operator, tests in statement.get("Condition", {}).items()
        for key, wanted in tests.items()
    ]
    return (
        all(met)
        and any(fnmatchcase(request.action, pattern) for pattern in _listed(statement["Action"]))
        and any(_names(principal, request.caller) for principal in principals(statement))
    )


def _names(principal: str, caller: Identity) -> bool:
    whole_account = (caller.account, f"arn:aws:iam::{caller.account}:root")
    return principal in ("*", caller.principal, caller.arn, *whole_account)


def _met(operator: str, key: str, wanted: list[str], found: Mapping[str, str]) -> bool:
    if operator not in _OPERATORS or key not in _KEYS:
        raise UnknownPolicyError(f"the sandbox does not play the condition {operator} {key}")
    return _OPERATORS[operator](found.get(key), wanted)


def _equals(found: str | None, wanted: list[str]) -> bool:
    return found in wanted


def _equals_if_exists(found: str | None, wanted: list[str]) -> bool:
    return found is None or found in wanted


def _arn_equals(found: str | None, wanted: list[str]) -> bool:
    return found is not None and any(_like(found, pattern) for pattern in wanted)


def _arn_not_equals(found: str | None, wanted: list[str]) -> bool:
    return not _arn_equals(found, wanted)


def _like(arn: str, pattern: str) -> bool:
    """Part by part: wildcards count in both ArnEquals and ArnLike."""
    parts, patterns = (text.split(":", _ARN_PARTS - 1) for text in (arn, pattern))
    return len(parts) == len(patterns) and all(map(fnmatchcase, parts, patterns))


# IAM User Guide, IAM JSON policy elements: Condition operators.  A key that the request does not
# have meets what is negated and what ends in IfExists, and nothing else.
_OPERATORS: Mapping[str, Callable[[str | None, list[str]], bool]] = {
    "ArnEquals": _arn_equals,
    "ArnNotEquals": _arn_not_equals,
    "Bool": _equals,
    "BoolIfExists": _equals_if_exists,
    "StringEquals": _equals,
}


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
