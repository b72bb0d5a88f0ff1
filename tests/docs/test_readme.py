"""The README is a way in: short, printed by runs, with commands that work and a map."""

import io
import re

import pytest
from rich.console import Console

from sandbox import demo
from tests.support.pages import ROOT, Page, left_out, pages
from tests.support.resolved_templates import TEMPLATES

README = Page("README.md")
GUIDE = Page("docs/guides/set-up.md")


def test_it_is_short() -> None:
    """What is longer is a page of docs."""
    assert len(README.text.splitlines()) <= 250


def test_every_line_of_the_demo_is_printed_in_that_order() -> None:
    """An excerpt may leave lines out, and may not change or add any."""
    screen = Console(width=demo.WIDTH, highlight=False, file=io.StringIO())
    with screen.capture() as capture:
        demo.show(screen, demo.play())
    printed = "\n".join(line.rstrip() for line in capture.get().splitlines())
    shown = README.between("demo")

    assert [] == left_out(shown, printed)
    assert all(title in shown for title in ("The night", "What was seen"))
    assert all(f" {word}" in shown for word in ("schedule", "tick", "completed"))


def test_the_status_shown_was_printed() -> None:
    """Lines may be left out, and none changed; tests/docs/test_golden.py prints the rest."""
    shown = README.between("status")

    assert [] == left_out(shown, (ROOT / "tests/docs/golden/looks/status.txt").read_text())
    assert len(shown.splitlines()) > 10


def test_the_restore_plan_shown_was_printed() -> None:
    """An excerpt: its lines in their order, from the head to a whole command."""
    shown = README.between("restore")
    printed = (ROOT / "tests/docs/golden/restore/instance.txt").read_text()

    assert [] == left_out(shown, printed)
    assert "Restore of orders" in shown.splitlines()[0]
    command = shown[shown.index("aws rds restore-db-instance") :]
    assert command in printed


class TestSetUp:
    """The five commands, and the guide that explains them."""

    [block] = (b for b in README.blocks("sh") if "sam deploy" in b)
    commands = block.replace("\\\n", "").splitlines()

    def test_it_takes_five_commands_at_most_and_checks_before_it_runs(self) -> None:
        """Numbered as the steps of the guide are."""
        disabled, check, enabled = (
            next(i for i, command in enumerate(self.commands) if text in command)
            for text in ("ScheduleState=DISABLED", "events/check.json", "ScheduleState=ENABLED")
        )

        assert len(self.commands) <= 5
        assert disabled < check < enabled
        assert [True] * 5 == [f"# {n}." in command for n, command in enumerate(self.commands, 1)]
        assert re.findall(r"^## (\d)\. ", GUIDE.text, flags=re.MULTILINE) == list("12345")

    def test_the_guide_has_the_same_commands(self) -> None:
        """One in each step."""
        explained = [block.replace("\\\n", "").split() for block in GUIDE.blocks("sh")]

        assert explained == [command.split("#")[0].split() for command in self.commands]


# Pages that say no more than where one has gone.
MOVED = {"docs/operations.md"}


@pytest.mark.parametrize("path", [p for p in pages()[1:] if not p.startswith("docs/decisions/")])
def test_the_map_has_every_page(path: str) -> None:
    """A page that nobody finds helps nobody; the start page of the site is this one."""
    linked = {link.partition("#")[0] for link in README.links}

    assert path in linked | {"docs/index.md", *MOVED}


def test_what_can_be_switched_on_exists() -> None:
    """Each row names parameters or outputs of the stacks, or a file."""
    named = {name for row in README.table("setting") for name in re.findall(r"`(.+?)`", row[0])}
    known = {name for t in TEMPLATES for name in (*t.parameters, *t.body["Outputs"])}

    assert len(named) > 10
    assert [] == [n for n in named - known if "/" not in n or not (ROOT / n).exists()]


def test_the_words_of_the_pages_are_explained_once() -> None:
    """Here and in how it works, each in one of them."""
    rows = [*README.table("word"), *Page("docs/explained/how-it-works.md").table("word")]
    words = [row[0] for row in rows]

    assert sorted(set(words)) == sorted(words)
    assert {"source account", "shared copy", "backup", "verified", "point", "attempt"} <= {*words}
