"""Every part of every policy, taken out one by one.

A part: a statement, an action, a resource, a principal, a condition or one value of a condition.
Decides nothing about who notices.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tests.permissions.asking import Request, concerns
from tests.permissions.grants import Grants, Policy


@dataclass(frozen=True)
class Removal:
    """One policy without one part."""

    policy: str
    sid: str
    part: str
    without: Policy
    actions: tuple[str, ...]
    resources: tuple[str, ...]

    @property
    def name(self) -> str:
        """For people, and for the list of exemptions."""
        return f"{self.policy} {self.sid}: {self.part}"

    def touches(self, request: Request, grants: Grants) -> bool:
        """Whether the request may be answered otherwise: the statement speaks of it."""
        return (
            self.policy in concerns(request, grants)
            and any(fnmatchcase(request.action, action) for action in self.actions)
            and any(fnmatchcase(request.resource, resource) for resource in self.resources)
        )

    def applied(self, grants: Grants) -> Grants:
        """Everything as it is, but for this part."""
        return grants.with_document(self.policy, self.without)


def removals(name: str, policy: Policy) -> Iterator[Removal]:
    """The policy without each of its parts in turn."""
    for number, statement in enumerate(policy["Statement"]):
        for part, without in _statements(statement):
            changed = copy.deepcopy(policy)
            changed["Statement"][number : number + 1] = [without] if without else []
            actions = tuple(listed(statement["Action"]))
            resources = tuple(listed(statement.get("Resource", "*")))
            yield Removal(name, statement["Sid"], part, changed, actions, resources)


def wide(name: str, policy: Policy) -> Iterator[str]:
    """Parts that allow more than what they name: a wildcard for actions, or for all resources.

    In the policy of a key or a topic the resource is what the policy is on.
    """
    on_a_resource = any("Principal" in statement for statement in policy["Statement"])
    for statement in policy["Statement"]:
        if statement["Effect"] == "Allow":
            for action in listed(statement["Action"]):
                if "*" in action or "?" in action:
                    yield f"{name} {statement['Sid']}: Action {action}"
            for resource in listed(statement.get("Resource", [])):
                if not on_a_resource and resource.split(":", 5)[-1] == "*":
                    yield f"{name} {statement['Sid']}: Resource {resource}"


def _statements(statement: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any] | None]]:
    if unknown := set(statement) - {
        "Sid",
        "Effect",
        "Principal",
        "Action",
        "Resource",
        "NotResource",
        "Condition",
    }:
        raise NotImplementedError(f"{statement['Sid']} has {sorted(unknown)}")
    yield "the statement", None
    for member in ("Action", "Resource", "NotResource"):
        for value, rest in _each(statement.get(member, [])):
            yield f"{member} {value}", {**statement, member: rest}
    for kind, values in statement.get("Principal", {}).items():
        for value, rest in _each(values):
            yield f"Principal {value}", {**statement, "Principal": {kind: rest}}
    yield from _conditions(statement)


def _each(values: Any) -> Iterator[tuple[str, list[str]]]:  # noqa: ANN401 - a text or a list
    """Each of several values and the rest; an only one is the whole statement's."""
    several = listed(values)
    if len(several) > 1:
        for number, value in enumerate(several):
            yield value, several[:number] + several[number + 1 :]


def listed(values: Any) -> list[str]:  # noqa: ANN401 - as above
    """IAM takes one text where there is only one."""
    return values if isinstance(values, list) else [values]


def _conditions(statement: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            changed = copy.deepcopy(statement)
            del changed["Condition"][operator][key]
            if not changed["Condition"][operator]:
                del changed["Condition"][operator]
            if not changed["Condition"]:
                del changed["Condition"]
            yield f"{operator} {key}", changed
            for value, rest in _each(values):
                less = copy.deepcopy(statement)
                less["Condition"][operator][key] = rest
                yield f"{operator} {key} {value}", less
