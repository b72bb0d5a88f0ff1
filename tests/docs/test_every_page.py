"""What holds of every page: its links, paths, commands and examples are there."""

import json
import posixpath
import re
from collections.abc import Iterator

import pytest

from tests.support.pages import ROOT, Page, pages

PAGES = [Page(path) for path in [*pages(), "examples/drill-validator/README.md"]]
EVERY = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, flags=re.MULTILINE))
# Where a path begins: decisions and the architecture name modules by their wing.
FOLDERS = (
    ROOT,
    ROOT / "backup_function/rds_backup",
    ROOT / "sandbox",
    ROOT / "docs/decisions",
    ROOT / "acceptance",
)
# Paths in backticks that are a user's own or AWS's.
NOT_FILES = {
    ".tools/iam": "make iam makes it",
    ".tools/sam/bin": "make build makes it",
    "acceptance-report.json": "make acceptance writes it",
    "acceptance-report.md": "the same",
    "acceptance-run.json": "the same; git ignores it",
    "docs/acceptance": "there with the first report that somebody sends",
    "env.json": "the user writes it, git ignores it",
    "sandbox/observed.json": "made of a report, once there is one",
    "trust.json": "the user writes it",
}


@EVERY
def test_json_parses(page: Page) -> None:
    """What is pasted has to be accepted."""
    for block in page.blocks("json"):
        assert json.loads(block)


@EVERY
def test_every_make_target_that_is_named_exists(page: Page) -> None:
    """Commands are there to be pasted."""
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", page.text, flags=re.MULTILINE))

    assert named <= TARGETS


def test_continuous_integration_runs_targets_that_are_named() -> None:
    """What is checked on every change is what a contributor is told to run."""
    script = (ROOT / ".ci/run").read_text()
    lists = re.findall(r"^for target in (.+); do$", script, re.MULTILINE)
    targets = {t for each in lists for t in each.split()}
    targets |= set(re.findall(r"^ *make ([a-z]+)", script, re.MULTILINE))
    told = re.findall(r"`make ([a-z-]+)", Page("docs/contributing/make-targets.md").text)

    assert {"test", "check", "build", "local", "system"} <= targets
    assert targets <= set(told)


@EVERY
def test_every_link_leads_to_a_file_and_its_heading(page: Page) -> None:
    """Relative, so that it works in a checkout; headings as GitHub names them."""
    for link in page.links:
        if link.startswith("http"):
            continue
        path, _, heading = link.partition("#")
        here = posixpath.join(posixpath.dirname(page.path), path)
        file = posixpath.normpath(here) if path else page.path
        assert (ROOT / file).exists(), link
        assert not heading or heading in Page(file).anchors, link


def _paths(page: Page) -> Iterator[str]:
    """What is a path of the repository: named in backticks, or in a command."""
    for code in re.findall(r"`([\w./-]+)`", page.prose):
        first, slash, _ = code.partition("/")
        here = slash and (first.startswith(".") or (first and (ROOT / first).exists()))
        if here or re.search(r"\w\.(json|md|py|toml|ya?ml)$", code):
            yield code
    tops = "events|docs|tests|sandbox|backup_function"
    yield from re.findall(rf"(?<![\w./])(?:{tops})/[\w./-]*\w(?![\w<*]|_<)", page.text)


@EVERY
def test_every_path_that_is_named_exists(page: Page) -> None:
    """Whoever is sent to a file finds it."""
    missing = {p for p in _paths(page) if not any((folder / p).exists() for folder in FOLDERS)}

    assert missing <= set(NOT_FILES)


@pytest.mark.parametrize("path", NOT_FILES)
def test_every_exception_is_needed(path: str) -> None:
    """An exception that matches nothing would hide a mistake later."""
    assert any(path in _paths(page) for page in PAGES)


@EVERY
def test_no_path_of_a_machine_is_named(page: Page) -> None:
    """The pages are for everybody's machine: their paths begin in the repository."""
    assert [] == re.findall(
        r"(?:^|[\s`(])((?:/(?!dev/)|~/)[\w.]+/\S*)", page.text, flags=re.MULTILINE
    )
