"""The site: its menu has every page, and its hook leads every link to where it is there."""

import logging
from types import SimpleNamespace

import pytest
import yaml

from tests.support.lean import program
from tests.support.pages import ROOT, pages

REPOSITORY = "https://code.example/rds-backup"
hook = program("site_pages")


def _shown(path: str, text: str, repository: str | None = REPOSITORY) -> str:
    page = SimpleNamespace(file=SimpleNamespace(src_uri=path))
    shown: str = hook.on_page_markdown(text, page=page, config={"repo_url": repository}, files=())
    return shown


def test_the_menu_has_every_page() -> None:
    """What no menu has is found by nobody."""
    menu = (ROOT / "mkdocs.yml").read_text().split("\nnav:\n")[1]
    named = {f"docs/{page}" for page in _leaves(yaml.safe_load(menu))}

    # An old address, which the menu leaves out by name.
    assert {path for path in pages() if path != "README.md"} == named | {"docs/operations.md"}


def _leaves(menu: object) -> list[str]:
    if isinstance(menu, str):
        return [menu]
    parts = menu.values() if isinstance(menu, dict) else menu
    assert parts is not None
    return [leaf for part in parts for leaf in _leaves(part)]  # type: ignore[attr-defined]


def test_the_start_page_is_the_readme() -> None:
    """One text for the repository and the site; its links are the site's."""
    shown = _shown("index.md", "a sentence that is not shown")

    assert shown.splitlines()[0] == (ROOT / "README.md").read_text().splitlines()[0]
    assert "](guides/set-up.md)" in shown
    assert "](images/status.png)" in shown
    assert "](docs/" not in shown


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("[a](../reference/result.md#states)", "[a](../reference/result.md#states)"),
        ("[a](#states)", "[a](#states)"),
        ("[a](../../README.md#restore)", "[a](../index.md#restore)"),
        ("[a](../../mkdocs.yml)", f"[a]({REPOSITORY}/blob/HEAD/mkdocs.yml)"),
        ("[a](../decisions)", f"[a]({REPOSITORY}/blob/HEAD/docs/decisions)"),
        ("[a](https://aws.example/)", "[a](https://aws.example/)"),
    ],
)
def test_a_link_leads_within_the_site_or_to_the_repository(link: str, shown: str) -> None:
    """It is relative in a checkout; what the site does not have is in the repository."""
    assert shown == _shown("guides/cost.md", link)


def test_without_an_address_a_link_to_the_code_is_its_words() -> None:
    """A link into nowhere is worse than none."""
    assert "see a" == _shown("guides/cost.md", "see [a](../../mkdocs.yml)", None)


def test_a_link_to_a_file_that_is_not_there_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """On which the strict build fails."""
    with caplog.at_level(logging.WARNING, "mkdocs"):
        _shown("guides/cost.md", "[a](../../no.py)")

    assert ["docs/guides/cost.md links to no.py, which does not exist"] == caplog.messages
