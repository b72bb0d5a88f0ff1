"""What the pages give to `sam deploy --parameter-overrides` comes out of sam as it was meant.

The shell takes one pair of quotes away.  sam's parser then cuts a value at its first blank and
refuses an empty one, unless the value has quotes of its own: 'Name="a b"' and 'Name=""'.
"""

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest

from tests.support.pages import ROOT, Page, pages

SAM = ROOT / ".tools/sam/bin/python"
OPTION = "--parameter-overrides"
PAGES = [Page(path) for path in [*pages(), "examples/drill-validator/README.md"]]


def _commands(page: Page) -> Iterator[str]:
    """Each command for sam with this option, and each parameter that stands in quotes alone."""
    lines = [line for block in page.blocks("sh") for line in block.replace("\\\n", "").splitlines()]
    for text in (*lines, *re.findall(r"`([^`\n]+)`", page.prose)):
        if OPTION in text and not text.startswith("aws ") and text != OPTION:
            yield text.partition(OPTION)[2]
        elif re.match(r"['\"][A-Z][A-Za-z]+=", text):
            yield text


def _words(command: str) -> list[str]:
    """Up to the next option; "..." stands for what another command prints."""
    given = takewhile(lambda word: not word.startswith("-"), shlex.split(command, comments=True))
    return [word for word in given if word != "..."]


GIVEN = [(p.path, words) for p in PAGES for c in _commands(p) if (words := _words(c))]


def _meant(words: list[str]) -> dict[str, str]:
    """What a reader takes them for."""
    pairs = [word.split("=", 1) for word in words]
    return {name: re.sub(r'^"(.*)"$', r"\1", value) for name, value in pairs}


@pytest.mark.skipif(not SAM.exists(), reason="not installed: sam (make build)")
def test_no_value_that_a_page_gives_to_sam_is_cut_or_refused() -> None:
    """A schedule that is cut at its blank fails the deployment, or means another time."""
    done = subprocess.run(  # noqa: S603 - both are ours
        [SAM, Path(__file__).with_name("overrides.py")],
        input=json.dumps([words for _, words in GIVEN]),
        capture_output=True,
        check=True,
        env={"SAM_CLI_TELEMETRY": "0"},
        text=True,
    )
    read = json.loads(done.stdout)

    assert [(path, _meant(words)) for path, words in GIVEN] == [
        (path, found) for (path, _), found in zip(GIVEN, read, strict=True)
    ]


def test_every_page_that_names_the_option_is_read() -> None:
    """Except the task's, which is deployed without sam; so no command is passed over."""
    naming = {page.path for page in PAGES if OPTION in page.text}

    assert naming - {"docs/guides/container-task.md"} == {path for path, _ in GIVEN}
