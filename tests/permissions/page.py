"""The tables of docs/reference/permissions.md: every statement of both templates, and its reason.

Run as a program it writes them into the page.  The reason is the comment above the statement.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import replace
from typing import Any

from tests.permissions.asking import BACKUP, SOURCE
from tests.permissions.faults import statement
from tests.permissions.grants import Policy
from tests.permissions.known_keys import BACKUP_KEY, DATABASE_KEYS, SHARING_KEY, THERE
from tests.permissions.removals import listed
from tests.permissions.resolving import ROOT
from tests.permissions.scenarios import SIDES, TEXTS, Deployed, Scenario, all_asked_for, deploy_all

PAGE = ROOT / "docs/reference/permissions.md"
BEGIN, END = "<!-- permissions:begin -->", "<!-- permissions:end -->"
ACCOUNTS = {SOURCE: "the source account", BACKUP: "the backup account"}
KEYS = {
    SHARING_KEY: "the sharing key",
    BACKUP_KEY: "the backup key",
    **dict.fromkeys(DATABASE_KEYS, "the databases' keys"),
}
WORDS = {
    "ArnEquals": "is",
    "ArnLike": "is like",
    "ArnNotEquals": "is none of",
    "Bool": "is",
    "BoolIfExists": "is missing or",
    "ForAllValues:StringEquals": "has nothing but",
    "ForAnyValue:StringEquals": "has",
    "StringEquals": "is",
    "StringEqualsIfExists": "is missing or",
    "StringLike": "is",
}
_ALL = {**all_asked_for(), "accounts": (SOURCE,)}
_ALL["source"] = {key: value for key, value in _ALL["source"].items() if key != "KmsKeyArn"}


def tables() -> str:
    """A section for each policy, a row for each statement."""
    modes = [Scenario(mode, mode, **_ALL) for mode in ("backup-account", "source-account")]
    default = {**_ALL, "backup": {**_ALL["backup"], "BackupKeyAlias": "alias/aws/rds"}}
    modes.append(Scenario("under-aws-rds", "backup-account", **default))
    # What is there in another Region only; of what is the same but for Regions, one is shown.
    modes.append(replace(modes[0], source={**_ALL["source"], "BackupRegion": THERE}))
    both = deploy_all([(mode, TEXTS) for mode in modes])
    documents: dict[str, dict[str, dict[str, Any]]] = {}
    for deployed in both:
        for name, policy in {**deployed.grants.documents, **_limits(deployed)}.items():
            rows = documents.setdefault(name, {})
            rows |= {each["Sid"]: each for each in policy["Statement"] if each["Sid"] not in rows}
    order = sorted(documents, key=lambda name: (not name.startswith("source"), _where(name)))
    return "\n".join(line for name in order for line in _section(name, [*documents[name].values()]))


def _limits(deployed: Deployed) -> dict[str, Policy]:
    """The policies of endpoints, which allow nobody anything by themselves."""
    return {
        f"backup/{name}/endpoint": resource["Properties"]["PolicyDocument"]
        for name, resource in deployed.backup.resources.items()
        if resource["Type"] == "AWS::EC2::VPCEndpoint"
    }


def _where(name: str) -> int:
    """Where the policy's resource stands in its template."""
    side, resource, _ = name.split("/")
    return TEXTS[side].index(f"\n  {resource}:\n")


def _section(name: str, statements: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    side, resource, kind = name.split("/")
    title = {
        "trust": "who may assume it",
        "key": "its policy",
        "topic": "who may publish",
        "endpoint": "what passes it",
    }
    yield f"### `{SIDES[side]}`, `{resource}`: {title.get(kind, 'what it may do')}\n"
    on = "to whom" if "Principal" in statements[0] else "on what"
    yield f"| statement | actions | {on} | only if | why |"
    yield "| --- | --- | --- | --- | --- |"
    for each in statements:
        cells = (
            f"`{each['Sid']}`",
            ("**denied:** " if each["Effect"] == "Deny" else "") + _code(listed(each["Action"])),
            _whom(each["Principal"]) if "Principal" in each else _what(side, each),
            _conditions(each.get("Condition", {})),
            reason(TEXTS[side], each["Sid"]).replace("*", r"\*"),
        )
        yield f"| {' | '.join(cells)} |"
    yield ""


def reason(text: str, sid: str) -> str:
    """The comment above a statement; an error where there is none."""
    before = text[: text.index(statement(text, sid))].splitlines()
    while before and re.fullmatch(r" *- (!If|[A-Za-z]+)", before[-1]):
        before.pop()  # the statement is there under a condition
    lines: list[str] = []
    while before and before[-1].lstrip().startswith("#"):
        lines.insert(0, before.pop().lstrip(" #"))
    if not lines:
        raise ValueError(f"{sid} has no reason above it")
    return " ".join(lines)


def _code(values: Sequence[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _whom(principal: Mapping[str, Any]) -> str:
    found = [each for values in principal.values() for each in listed(values)]
    return ", ".join("everybody" if each == "*" else _named(each) for each in found)


def _what(side: str, statement: Mapping[str, Any]) -> str:
    own = SOURCE if side == "source" else BACKUP
    member = "Resource" if "Resource" in statement else "NotResource"
    found = [_resource(each, own) for each in listed(statement[member])]
    but = "" if member == "Resource" else "everything but "
    return but + ", ".join(dict.fromkeys(found))


def _resource(arn: str, own: str) -> str:
    if arn == "*":
        return "everything"
    account = arn.split(":")[4]
    return _named(arn) + ("" if arn in KEYS or account == own else f" of {ACCOUNTS[account]}")


def _named(arn: str) -> str:
    """Short for people: keys by what they are, the stack's own resources by their logical ids."""
    known = {**KEYS, **ACCOUNTS, **{f"arn:aws:iam::{a}:root": name for a, name in ACCOUNTS.items()}}
    if arn in known:
        return known[arn]
    made = re.search(r"rds-backup-(\w+)-A1B2C3D4E5F6", arn)
    return f"`{made[1] if made else arn.split(':', 5)[-1]}`"


def _conditions(condition: Mapping[str, Mapping[str, Any]]) -> str:
    return "; ".join(
        f"`{key}` is {'not ' if values == 'true' else ''}there"
        if operator == "Null"
        else _condition(operator, key, values)
        for operator, keys in condition.items()
        for key, values in keys.items()
    )


def _condition(operator: str, key: str, values: Any) -> str:  # noqa: ANN401 - as above
    said = [_named(value) for value in listed(values)]
    return f"`{key}` {WORDS[operator]} {' or '.join(said)}"


def written(page: str) -> str:
    """The page with its tables as the templates are now."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{tables()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
