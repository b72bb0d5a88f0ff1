"""docs/reference/permissions.md says what the templates say."""

import re

import pytest

from tests.permissions import page
from tests.permissions.resolving import ROOT
from tests.permissions.scenarios import TEXTS

TEXT = page.PAGE.read_text()


def test_the_tables_are_those_of_the_templates() -> None:
    """`make permissions` writes them."""
    assert TEXT == page.written(TEXT)


@pytest.mark.parametrize("side", TEXTS)
def test_every_statement_is_there_with_its_reason(side: str) -> None:
    """Whatever its condition: no parameter leaves one out."""
    sids = set(re.findall(r"- Sid: (\w+)", TEXTS[side]))
    listed = re.findall(r"^\| `(\w+)` \| .* \| ([^|]+) \|$", TEXT, flags=re.MULTILINE)

    assert sids <= {sid for sid, _ in listed}
    assert all(why.endswith(".") for _, why in listed)


def test_every_file_that_is_named_exists() -> None:
    """The page leads into the tests."""
    named = set(re.findall(r"`(tests/[\w/.]+)`", TEXT))

    assert {"tests/permissions/exempt.py", "tests/permissions/forbidden.py"} <= named
    assert [] == [path for path in sorted(named) if not (ROOT / path).exists()]
