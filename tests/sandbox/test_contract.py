"""docs/explained/aws-contract.md and the sandbox's tests name each other truly."""

import ast
import dataclasses
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from sandbox import Switches

ROOT = Path(__file__).parents[2]
COLUMNS = 5


@dataclass(frozen=True)
class Rule:
    """One row of the contract."""

    number: str
    line: str
    source: str
    test: str
    switch: str


def rules() -> list[Rule]:
    """Every row of every table."""
    text = (ROOT / "docs/explained/aws-contract.md").read_text()
    rows = [
        [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if re.match(r"\| \d", line)
    ]
    assert {COLUMNS} == {len(row) for row in rows}
    return [Rule(*row) for row in rows]


@cache
def docstrings() -> dict[str, str]:
    """The docstring of every test of the sandbox, by ``file::name``."""
    return {
        f"{path.name}::{item.name}": ast.get_docstring(item) or ""
        for path in Path(__file__).parent.glob("test_*.py")
        for item in ast.parse(path.read_text()).body
        if isinstance(item, ast.FunctionDef) and item.name.startswith("test_")
    }


def numbers(docstring: str) -> set[str]:
    """The rules that a test says it protects: what its docstring begins with."""
    found = re.match(r"((?:\d+(?:\.\d+)?[a-z]?(?:, )?)+): ", docstring)
    return set(found[1].split(", ")) if found else set()


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: f"{rule.number}-{rule.test}")
def test_the_test_of_a_rule_exists_and_says_so(rule: Rule) -> None:
    """Each row names a test, and that test's docstring names the rule; every cell is filled."""
    assert rule.number in numbers(docstrings()[rule.test])
    assert rule.line
    assert rule.source


def test_every_rule_that_a_test_names_is_in_the_contract() -> None:
    """No rule is tested without being listed."""
    named = {number for text in docstrings().values() for number in numbers(text)}
    assert set() == named - {rule.number for rule in rules()}


def test_every_switch_is_named_by_an_unconfirmed_rule() -> None:
    """Each field of Switches has its row, and no row names a switch that is not there."""
    fields = {field.name for field in dataclasses.fields(Switches)}
    assert fields == {rule.switch for rule in rules() if rule.switch}


def test_an_unconfirmed_rule_has_a_switch() -> None:
    """What AWS leaves open is run both ways."""
    assert [] == [rule.number for rule in rules() if "Unconfirmed" in rule.line and not rule.switch]
