"""What `sam build` packs is what the tests ran with, and how large it is, is told."""

import re
from pathlib import Path

import pytest

from tests.support.lean import program
from tests.support.resolved_templates import BACKUP_TEMPLATE, ROOT, SOURCE_TEMPLATE

package_size = program("package_size")


def _pins(path: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9_.-]+)==(\S+)", (ROOT / path).read_text(), re.MULTILINE))


@pytest.mark.parametrize(
    ("folder", "brought"), [("backup_function", "boto3"), ("examples/drill-validator", "pymysql")]
)
def test_a_function_gets_the_versions_that_the_tests_run_with(folder: str, brought: str) -> None:
    """Two compilations of one list, at two times, could differ."""
    function = _pins(f"{folder}/requirements.txt")
    tests = _pins("requirements/dev.txt")

    assert brought in function
    assert function == {name: tests.get(name) for name in function}


@pytest.mark.parametrize(
    "path",
    [
        "backup_function/requirements.txt",
        "examples/drill-validator/requirements.txt",
        "requirements/dev.txt",
        "requirements/runtime.txt",
        "requirements/sam.txt",
        "requirements/stack.txt",
        "requirements/uv.txt",
    ],
)
def test_requirements_are_pinned_by_hash_and_name_no_index(path: str) -> None:
    """They install from wherever the machine installs from, and only what was tested."""
    text = (ROOT / path).read_text()

    hashed = re.findall(r"^\S+==\S+( ; .+)? \\\n    --hash=sha256:", text, re.MULTILINE)

    assert len(_pins(path)) == len(hashed) > 0
    assert not re.search(r"://|--(extra-)?index|--find-links", text)


def test_every_function_of_both_stacks_is_trimmed_and_measured() -> None:
    """`sam build` leaves a folder for each; one that the Makefile misses has all of botocore."""
    makefile = (ROOT / "Makefile").read_text()
    built = re.findall(r"\$\(addprefix \.aws-sam/(\w+)/,([\w ]+)\)", makefile)

    assert {
        "build": set(SOURCE_TEMPLATE.of_type("AWS::Serverless::Function")),
        "backup": set(BACKUP_TEMPLATE.of_type("AWS::Serverless::Function")),
    } == {folder: set(names.split()) for folder, names in built}


def test_all_that_comes_with_boto3_alone_is_told_apart() -> None:
    """What only boto3 brings is not the function's own weight."""
    bringers: dict[str, set[str]] = {}
    name = ""
    for line in (ROOT / "backup_function/requirements.txt").read_text().splitlines():
        if "==" in line:
            name = line.split("==")[0]
        elif line.startswith("    #"):
            words = line.removeprefix("    #").removeprefix(" via").split()
            bringers.setdefault(name, set()).update(words[:1])
    boto3 = {"boto3"}
    while more := {n for n, via in bringers.items() if via and via <= boto3} - boto3:
        boto3 |= more

    assert boto3 == {n for n in bringers if n.replace("-", "_") in package_size.BOTO3}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A function as `sam build` leaves it: its own code, boto3, and another package."""
    for name in ("app.py", "boto3/session.py", "boto3-1.44.5.dist-info/METADATA", "six.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(name.encode() * 100)
    return tmp_path


def test_the_size_is_reported_with_and_without_boto3(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Lambda carries a boto3 of its own: the package's own weight is the rest."""
    assert 0 == package_size.main([str(built)])

    everything, rest = (
        int(number.replace(",", ""))
        for number in re.findall(r"([\d,]+)(?: bytes zipped| without)", capsys.readouterr().out)
    )
    for name in ("boto3/session.py", "boto3-1.44.5.dist-info/METADATA", "six.py"):
        (built / name).unlink()

    assert rest == package_size.zipped(built) < everything


def test_a_package_beyond_the_budget_fails_the_build(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So does a function that was not built."""
    monkeypatch.setattr(package_size, "BUDGET", package_size.zipped(built, package_size.BOTO3) - 1)

    assert 1 == package_size.main([str(built)])
    monkeypatch.undo()
    assert 1 == package_size.main([str(built), str(built / "not-there")])
