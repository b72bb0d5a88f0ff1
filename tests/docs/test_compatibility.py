"""docs/reference/compatibility.md against the code and the tests that it names."""

import re
from collections.abc import Callable

import pytest

from rds_backup.model import identity
from tests.support.resolved_templates import ROOT, TEMPLATES, Template

PAGE = ROOT / "docs/reference/compatibility.md"
TEXT = PAGE.read_text()


def test_it_has_every_tag_and_no_other() -> None:
    """A tag that is written and promised nowhere may be renamed by accident."""
    ours = {value for value in vars(identity).values() if str(value).startswith("rds-backup:")}

    assert ours == set(re.findall(r"^\| `(rds-backup:[a-z-]+)` \|", TEXT, re.MULTILINE))


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)\)", TEXT))))
def test_what_it_names_is_there(link: str) -> None:
    """A promise without its test is none."""
    assert (PAGE.parent / link).is_file()


# Values of a length, where a row of letters is none.
LONG: dict[str, Callable[[int], str]] = {
    "BackupKmsKeyId": lambda n: f"arn:aws:kms:eu-west-1:222222222222:alias/{'a' * n}"[:n],
    "NightSchedule": lambda n: f"cron({'1' * (n - 6)})",
}
LONGEST = 2500
# No name of a time zone is longer than what is taken.
NEVER_WORKED = {"ScheduleTimezone"}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
def test_a_length_that_0_1_0_took_and_this_refuses_is_an_exception(template: Template) -> None:
    """Whoever has one reads it before the update, and not in the middle of it."""
    old = Template(f"tests/support/release_0_1_0/{template.name}", template.account, template.given)
    for name in old.parameters.keys() - NEVER_WORKED:
        words = [LONG.get(name, "x".__mul__)(length) for length in range(7, LONGEST)]
        refused = [len(w) for w in words if old.accepts(name, w) and not template.accepts(name, w)]
        if not refused:
            continue
        first, last = refused[0], refused[-1]
        told = f"more than {first - 1:,}" if last == LONGEST - 1 else f"{first:,} to {last:,}"
        (row,) = re.findall(rf"^\| A[^|]*`{name}`[^|]*\|", TEXT, re.MULTILINE)
        assert f" of {told} characters, `" in row


def test_the_tags_that_are_left_out_since_are_told() -> None:
    """0.1.0 filled all of the 50 that RDS allows, with nine of its own."""
    assert f"carries the first {identity.MAX_CARRIED} by alphabet, not {50 - 9};" in TEXT
