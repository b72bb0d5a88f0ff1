"""Installed, the package is the command `rds-backup`: what is in it, and that it runs."""

import subprocess
import sys
import sysconfig
import tarfile
from email.message import Message
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest

from rds_backup import __version__

ROOT = Path(__file__).parents[2]
UV = ROOT / ".tools" / "uv" / "bin" / "uv"
PACKAGE = ROOT / "backup_function"
INSTALLED = f"rds_backup-{__version__}.dist-info"


def _uv(*arguments: str | Path) -> None:
    """Run uv, which must not ask any index."""
    command = [UV, "--offline", "--quiet", *arguments]
    subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603 - our own command


def _build(source: Path, folder: Path, *kinds: str) -> None:
    """Build with the backend that is here."""
    here = ("--no-build-isolation", "--python", sys.executable)
    _uv("build", *here, *kinds, "--out-dir", folder, source)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with both distributions, each made of the repository."""
    folder = tmp_path_factory.mktemp("dist")
    _build(ROOT, folder, "--sdist", "--wheel")
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> ZipFile:
    """The wheel, opened."""
    [path] = built.glob("*.whl")
    return ZipFile(path)


def _metadata(wheel: ZipFile) -> Message:
    return Parser().parsestr(wheel.read(f"{INSTALLED}/METADATA").decode())


def test_the_wheel_has_the_package_and_nothing_beside_it(wheel: ZipFile) -> None:
    """The handler is Lambda's, sandbox and tests are the repository's."""
    there = {str(p.relative_to(PACKAGE)) for p in (PACKAGE / "rds_backup").rglob("*.py")}

    assert there == {name for name in wheel.namelist() if not name.startswith(INSTALLED)}


def test_the_source_distribution_makes_the_same_wheel(
    built: Path, wheel: ZipFile, tmp_path: Path
) -> None:
    """It has what that takes, and neither templates, nor sandbox, nor tests."""
    [source] = built.glob("*.tar.gz")
    _build(source, tmp_path, "--wheel")
    [again] = tmp_path.glob("*.whl")
    with tarfile.open(source) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames()}

    assert wheel.namelist() == ZipFile(again).namelist()
    assert {"backup_function/rds_backup"} == {
        str(Path(*Path(n).parts[:2])) for n in names if "/" in n
    }


def test_it_says_what_it_is(wheel: ZipFile) -> None:
    """Licence, description and what it needs, to whoever asks pip; one version everywhere."""
    metadata = _metadata(wheel)

    assert __version__ == metadata["Version"]
    assert ("Apache-2.0", "LICENSE") == (metadata["License-Expression"], metadata["License-File"])
    assert (ROOT / "LICENSE").read_bytes() == wheel.read(f"{INSTALLED}/licenses/LICENSE")
    assert (ROOT / "README.md").read_text().strip() == str(metadata.get_payload()).strip()
    assert "boto3==1.*" in metadata.get_all("Requires-Dist", [])


def test_the_installed_command_runs(built: Path, tmp_path: Path) -> None:
    """In an environment of its own, with boto3 from here; its exit code is the command's."""
    [path] = built.glob("*.whl")
    _uv("venv", "--python", sys.executable, tmp_path / "venv")
    _uv("pip", "install", "--no-deps", "--python", tmp_path / "venv", path)

    done = subprocess.run(  # noqa: S603 - our own command
        [tmp_path / "venv" / "bin" / "rds-backup", "plan"],
        cwd=tmp_path,
        env={"PYTHONPATH": sysconfig.get_path("purelib")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert 2 == done.returncode
    assert "no variable is set here; to ask a deployed function, run rds-backup plan" in done.stderr
