"""docs/guides/set-up.md: its commands and documents lead to a first night."""

import json
import re
import tomllib

import pytest

from tests.support.pages import ROOT, Page, pages
from tests.support.resolved_templates import SOURCE_TEMPLATE, TEMPLATES, Stack

GUIDE = Page("docs/guides/set-up.md")
# Every page that deploys something.
DEPLOYING = [p for p in map(Page, pages()) if "--parameter-overrides" in p.text]
TASK = set(
    re.findall(r"^  (\w+):", (ROOT / "docs/guides/container-task.yaml").read_text(), re.MULTILINE)
)
KNOWN = {name for t in TEMPLATES for name in (*t.parameters, *t.body["Outputs"])}


def test_each_environment_of_the_command_line_exists() -> None:
    """An unknown one is taken as empty by sam, which then deploys something else."""
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    texts = (page.text for page in DEPLOYING)
    named = {name for text in texts for name in re.findall(r"--config-env (\w+)", text)}

    assert named == {"backup"} <= set(config)


def test_a_sharing_key_of_ones_own_has_the_policy_of_the_stacks() -> None:
    """Less the statement that every key has, for its own account."""
    [block] = GUIDE.blocks("json")
    made = Stack(SOURCE_TEMPLATE).resources()["SharingKey"]["KeyPolicy"]["Statement"]

    assert json.loads(block)["Statement"] == [
        s for s in made if s["Sid"] != "PoliciesOfThisAccountDecide"
    ]


@pytest.mark.parametrize("page", DEPLOYING, ids=lambda page: page.path)
def test_parameters_that_a_page_gives_exist(page: Page) -> None:
    """A parameter that is misspelled is refused by CloudFormation, after a long build."""
    overrides = re.findall(r"--parameter-overrides((?:\s+\\?\s*'?\w+=[^\s`]+)+)", page.text)
    named = set(re.findall(r"\b([A-Z]\w+)=", " ".join(overrides)))

    assert named
    assert named <= (TASK if page.path == "docs/guides/container-task.md" else KNOWN)


def test_parameters_that_the_pages_name_exist() -> None:
    """In the guides every word of this form is a parameter, an output or a resource."""
    texts = {path: Page(path).text for path in pages() if "decisions" not in path}
    named = {
        name for t in texts.values() for name in re.findall(r"parameters? `([A-Z][A-Za-z]+)`", t)
    }
    named |= set(re.findall(r"`((?:[A-Z][a-z]+){2,})[=`]", GUIDE.text))

    assert {"KmsKeyArn", "ExpireFrom", "KeyAdministrators", "NextCommand"} <= named
    assert named <= KNOWN
