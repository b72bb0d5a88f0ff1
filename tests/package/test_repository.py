"""What a repository has beside its code: workflows, hooks, forms, and pages for contributors."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.resolved_templates import ROOT

FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))
WORKFLOWS = sorted((ROOT / ".github/workflows").iterdir())
PAGES = ("CONTRIBUTING.md", "SECURITY.md", ".github/pull_request_template.md")
TARGETS = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


def _read(path: Path) -> Any:  # noqa: ANN401 - YAML
    return yaml.safe_load(path.read_text())


def _steps(workflow: Path) -> list[dict[str, Any]]:
    return [step for job in _read(workflow)["jobs"].values() for step in job["steps"]]


class TestWorkflows:
    """Everything that a workflow does is a script that can be run here."""

    @pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.name)
    def test_each_step_is_an_action_or_a_script_of_ours(self, path: Path) -> None:
        """One line, so that nothing is tried on GitHub for the first time."""
        for step in _steps(path):
            if "run" in step:
                [script, *arguments] = step["run"].split()
                assert script.startswith(".ci/")
                assert os.access(ROOT / script, os.X_OK)
                assert [] == [one for one in arguments if "{{" in one]

    @pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.name)
    def test_an_action_is_named_by_its_commit(self, path: Path) -> None:
        """A tag can be moved; the version stands beside it for people."""
        used = re.findall(r"uses: (.+)", path.read_text())

        assert used
        assert [] == [
            u for u in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v[\d.]+", u)
        ]

    def test_what_is_run_on_every_push_may_only_read(self) -> None:
        """A pull request runs somebody else's code."""
        ci = _read(ROOT / ".github/workflows/ci.yml")

        assert {"contents": "read"} == ci["permissions"]
        assert ["release"] == [name for name, job in ci["jobs"].items() if "permissions" in job]
        assert [".ci/run"] == [s["run"] for s in ci["jobs"]["run"]["steps"] if "run" in s]
        # YAML 1.1 reads the key "on" as true.
        assert ["push", "pull_request"] == ci[True]

    def test_a_release_is_of_a_tag_and_after_everything_has_passed(self) -> None:
        """Neither a branch nor a pull request publishes anything."""
        job = _read(ROOT / ".github/workflows/ci.yml")["jobs"]["release"]

        assert "run" == job["needs"]
        assert "github.event_name == 'push' && startsWith(github.ref, 'refs/tags/v')" == job["if"]


def test_every_hook_is_a_target_of_make() -> None:
    """The pinned tools of the project, and nothing that is downloaded for a hook."""
    [repo] = _read(ROOT / ".pre-commit-config.yaml")["repos"]

    assert "local" == repo["repo"]
    for hook in repo["hooks"]:
        program, target = hook["entry"].split()
        assert ("make", "system", False) == (program, hook["language"], hook["pass_filenames"])
        assert target in TARGETS


@pytest.mark.parametrize("path", [p for p in FORMS if p.stem != "config"], ids=lambda p: p.stem)
def test_a_form_has_what_github_asks_for(path: Path) -> None:
    """Or else it is not offered, without a word (GitHub Docs, Syntax for issue forms)."""
    form = _read(path)
    asked = [one for one in form["body"] if one["type"] != "markdown"]
    ids = [one["id"] for one in asked]

    assert {"name", "description", "body"} <= set(form)
    assert {"markdown", "input", "textarea"} >= {one["type"] for one in form["body"]}
    assert all(one["attributes"]["label"] for one in asked)
    assert len(ids) == len(set(ids)) > 0
    assert any(one.get("validations", {}).get("required") for one in asked)


def test_who_opens_an_issue_chooses_a_form() -> None:
    """And is told there where security problems go."""
    assert {"blank_issues_enabled": False} == _read(ROOT / ".github/ISSUE_TEMPLATE/config.yml")
    assert "SECURITY.md" in (ROOT / ".github/ISSUE_TEMPLATE/bug.yml").read_text()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_files_and_targets_that_are_there(page: str) -> None:
    """Whoever follows it for the first time does not know better."""
    text = (ROOT / page).read_text()
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    named = re.findall(r"`((?:\.ci|docs|backup_function)/[\w./-]+)`", text)
    made = {t for c in re.findall(r"`make ([a-z -]+?)[`A-Z\"]", text) for t in c.split()}

    assert [] == [one for one in links + named if not (ROOT / one).exists()]
    assert made <= TARGETS
    assert links or named
