"""docs/reference/command-line.md and check.md: what they say is what the program does."""

import os
import re
import shlex

import pytest

from rds_backup.__main__ import main as command_line
from rds_backup.commands import options
from tests.support.pages import ROOT, Page, left_out, pages

PAGE = Page("docs/reference/command-line.md")


@pytest.mark.parametrize(
    ("page", "command"),
    [
        ("docs/reference/command-line.md", "plan"),
        ("docs/reference/check.md", "check"),
        ("docs/guides/drill.md", "drill"),
    ],
)
def test_what_is_shown_of_a_look_was_printed(page: str, command: str) -> None:
    """Lines may be left out, and none changed; tests/docs/test_golden.py prints the rest."""
    shown = Page(page).between(command)

    assert [] == left_out(shown, (ROOT / f"tests/docs/golden/looks/{command}.txt").read_text())
    assert len(shown.splitlines()) > 10


def test_exit_codes_are_those_of_the_command() -> None:
    """Its help text and the table say the same."""
    told = {int(row[0]) for row in PAGE.table("exit code")}
    documented = {int(code) for code in re.findall(r"(\d+): ", command_line.__doc__ or "")}

    assert documented == told


def test_the_command_line_is_spelled_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """Each command that is shown is one that the parser knows, and every command is shown."""
    blocks = "\n".join(PAGE.blocks("sh"))
    shown = re.findall(r"^(?:python -m rds_backup|rds-backup) ([\w-]+)", blocks, re.MULTILINE)

    assert {"run", "check", "plan", "status", "restore-plan", "drill"} == set(shown)
    assert all(option in PAGE.text for option in ("--all", "--only-bad", "--exit-code", "--result"))
    for command in set(shown):
        with pytest.raises(SystemExit) as ended:
            command_line([command, "--help"])
        assert os.EX_OK == ended.value.code
    assert "--timeout" in capsys.readouterr().out


def _commands(page: str) -> list[str]:
    """Every command of ours that a page has in a block of its shell, or in a sentence."""
    text = Page(page).text
    blocks = "\n".join(re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    found = re.findall(r"^(?:python -m rds_backup|rds-backup) ([^#\n|>]+)", blocks, re.MULTILINE)
    return found + re.findall(r"`rds-backup ([\w-]+ [^`]*--function [\w-]+)`", text)


@pytest.mark.parametrize("page", [page for page in pages() if _commands(page)])
def test_every_command_that_a_page_has_can_be_typed(page: str) -> None:
    """A slip would end in the usage, at 4 a.m."""
    for command in _commands(page):
        assert options.parser("rds-backup", "", "").parse_args(shlex.split(command)).command


def test_the_pages_for_an_emergency_have_commands() -> None:
    """Or else the test above would be empty for them."""
    for page in ("README.md", "docs/guides/operations.md", "docs/guides/restore.md"):
        assert _commands(page)
    assert len(_commands("docs/guides/operations.md")) > 3
