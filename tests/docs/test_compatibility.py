"""docs/reference/compatibility.md against the code and the tests that it names."""

import re

import pytest

from rds_backup.model import identity
from tests.support.resolved_templates import ROOT

PAGE = ROOT / "docs/reference/compatibility.md"
TEXT = PAGE.read_text()


def test_it_has_every_tag_and_no_other() -> None:
    """A tag that is written and promised nowhere may be renamed by accident."""
    ours = {value for value in vars(identity).values() if str(value).startswith("rds-backup:")}

    assert ours == set(re.findall(r"^\| `(rds-backup:[a-z-]+)` \|", TEXT, re.MULTILINE))


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)]+)\)", TEXT))))
def test_what_it_names_is_there(link: str) -> None:
    """A promise without its test is none."""
    assert (PAGE.parent / link).is_file()
