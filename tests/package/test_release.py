"""A tag becomes a release: what is in it, and when there is none."""

import os
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import pytest

from rds_backup import __version__
from tests.support.lean import program
from tests.support.resolved_templates import ROOT

release = program("release")
CODE = f'"""Words."""\n\n__version__ = "{__version__}"\n'
CHANGELOG = f"""# Changelog

## {__version__} (2026-12-01)

- A problem.
  Now it is [none](docs/guides/cost.md).

## 0.1.0 (unreleased)

- The first.
"""
# What a release calls that is not tried here: the build, and GitHub.
MAKE = """#!/usr/bin/env bash
[[ $1 == build ]] || exit 0
for stack in build backup; do
  mkdir -p .aws-sam/$stack/Function
  echo "$stack" > .aws-sam/$stack/template.yaml
  echo code > .aws-sam/$stack/Function/app.py
done
"""
GH = """#!/usr/bin/env bash
printf '%s\\n' "$@" > gh.log
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What a release reads of the repository, in a state that can be released."""
    for name in (".ci/release", ".ci/release.py", "README.md", "LICENSE", "pyproject.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "backup_function/rds_backup", tmp_path / "backup_function/rds_backup")
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    for name in (".venv", ".tools"):
        (tmp_path / name).symlink_to((ROOT / name).resolve())
    for name, text in (("make", MAKE), ("gh", GH)):
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    return tmp_path


def released(checkout: Path, tag: str) -> subprocess.CompletedProcess[str]:
    """One run of the script."""
    path = f"{checkout / 'bin'}:{os.environ['PATH']}"
    return subprocess.run(  # noqa: S603 - our own script
        [checkout / ".ci/release", tag],
        env={
            **os.environ,
            "PATH": path,
            "GITHUB_SERVER_URL": "https://git.example.com",
            "GITHUB_REPOSITORY": "us/rds-backup",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_release_has_both_stacks_the_package_and_their_hashes(checkout: Path) -> None:
    """Whoever downloads it needs no build, and can see that it is whole."""
    done = released(checkout, f"v{__version__}")
    assert 0 == done.returncode, done.stderr
    assets = checkout / "dist/assets"
    stacks = [f"rds-backup-{__version__}-{side}-account" for side in ("backup", "source")]
    package = [f"rds_backup-{__version__}{end}" for end in ("-py3-none-any.whl", ".tar.gz")]
    made = [*(f"{stack}.zip" for stack in stacks), *package]
    said = (checkout / "gh.log").read_text().splitlines()

    assert ["release", "create", f"v{__version__}", "--verify-tag"] == said[:4]
    assert [f"dist/assets/{name}" for name in ["SHA256SUMS", *made]] == sorted(said[8:])
    page = f"https://git.example.com/us/rds-backup/blob/v{__version__}/docs/guides/cost.md"
    assert (
        f"- A problem.\n  Now it is [none]({page}).\n" == (checkout / "dist/notes.md").read_text()
    )
    assert (assets / "SHA256SUMS").read_text() == "".join(
        f"{sha256((assets / name).read_bytes()).hexdigest()}  {name}\n" for name in made
    )
    for stack in stacks:
        assert [f"{stack}/Function/app.py", f"{stack}/template.yaml"] == sorted(
            ZipFile(assets / f"{stack}.zip").namelist()
        )


@pytest.mark.parametrize("tag", ["v9.9.9", __version__])
def test_a_tag_that_is_not_the_version_is_no_release(checkout: Path, tag: str) -> None:
    """Nothing is built and nothing published; the message names both."""
    done = released(checkout, tag)

    assert f"no release: the tag is {tag}, and the version {__version__}" in done.stderr
    assert (1, False) == (done.returncode, (checkout / "gh.log").exists())


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        (f"{__version__} (unreleased)", "put the date in the brackets"),
        ("Unreleased", f"has no section of {__version__}"),
    ],
)
def test_a_version_without_a_dated_section_is_no_release(heading: str, words: str) -> None:
    """Users read what changes before they update."""
    text = CHANGELOG.replace(f"{__version__} (2026-12-01)", heading)

    with pytest.raises(release.ReleaseError, match=words.replace("(", "[(]")):
        release.notes(text, release.version_of(f"v{__version__}", CODE))


def test_the_newest_section_of_the_changelog_can_be_released() -> None:
    """It has everything until the next heading, whatever stands in it."""
    text = (ROOT / "CHANGELOG.md").read_text()
    newest, older = [line for line in text.splitlines() if line.startswith("## ")][:2]
    dated = text.replace(newest, f"## {__version__} (2026-12-01)", 1)
    notes = release.notes(dated, __version__)

    assert newest.split()[1] in (__version__, "Unreleased")
    assert notes.strip() == text.split(f"{newest}\n")[1].split(f"{older}\n")[0].strip()
    assert len(notes) > 1000


def test_a_stack_that_is_not_built_is_no_release(tmp_path: Path) -> None:
    """An empty archive would look like a whole one."""
    with pytest.raises(release.ReleaseError, match="nothing is built"):
        release.pack(tmp_path / "nowhere", tmp_path / "stack.zip")


def test_the_same_files_make_the_same_archive(tmp_path: Path) -> None:
    """Whatever the clock says, so that a hash can be compared with one of a build of one's own."""
    folder = tmp_path / "build"
    folder.mkdir()
    (folder / "template.yaml").write_text("x")
    release.pack(folder, tmp_path / "a.zip")
    first = (tmp_path / "a.zip").read_bytes()
    os.utime(folder / "template.yaml", (10**9, 10**9))
    release.pack(folder, tmp_path / "a.zip")

    assert first == (tmp_path / "a.zip").read_bytes()
