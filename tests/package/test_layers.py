"""What Import Linter's contracts cannot say: the standard library, and the handler's own module."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

FUNCTION = Path(__file__).parents[2] / "backup_function"
PACKAGE = FUNCTION / "rds_backup"
# Decide or print, and nothing else: the same arguments give the same answer.
PURE_WINGS = ("model", "decide", "report", "printers")
# Wings with one module that looks; the others of them are pure, too.
LOOKS = {"check": "reading", "restore": "find"}
PURE = [
    *(path for wing in PURE_WINGS for path in sorted((PACKAGE / wing).glob("*.py"))),
    *(
        path
        for wing, looking in LOOKS.items()
        for path in sorted((PACKAGE / wing).glob("*.py"))
        if path.stem != looking
    ),
]
# All of the standard library that they may use: values and text, no clock, network or environment.
PURE_STANDARD_LIBRARY = {
    "bisect",
    "collections",
    "dataclasses",
    "datetime",  # the values; asking for the time is refused below
    "enum",
    "functools",
    "hashlib",
    "html",
    "itertools",
    "json",
    "math",
    "re",
    "shlex",
    "textwrap",
    "types",
    "typing",
}
# Whoever asks for the time cannot be told it by a test.
CLOCKS = {
    f"{value}.{question}"
    for value in ("datetime", "date")
    for question in ("now", "today", "utcnow")
}
# May ask for the time: where a program starts.
MAY_ASK_FOR_THE_TIME = {"app.py", "probe.py", "__main__.py"}
MODULES = sorted(FUNCTION.rglob("*.py"))
BY_MODULE = pytest.mark.parametrize(
    "path", [pytest.param(path, id=str(path.relative_to(FUNCTION))) for path in MODULES]
)


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert 0 == node.level, f"{path.name}: a relative import"
            yield node.module or ""


def _tops(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in _imports(path)}


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_pure_module_knows_no_clock_network_log_or_environment(path: Path) -> None:
    """The core decides from its arguments alone, so that every night can be played in a test."""
    standard = _tops(path) & sys.stdlib_module_names

    assert standard <= PURE_STANDARD_LIBRARY


@BY_MODULE
def test_the_time_is_an_argument(path: Path) -> None:
    """Only where the program starts is the clock read."""
    tree = ast.parse(path.read_text())
    attributes = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    asked = (attributes & CLOCKS) | (_tops(path) & {"time"})

    assert not asked or path.name in MAY_ASK_FOR_THE_TIME


@BY_MODULE
def test_powertools_is_known_to_the_handler_only(path: Path) -> None:
    """The same code runs as a command and in tests, where there is no Lambda."""
    assert "aws_lambda_powertools" not in _tops(path) or path.name == "app.py"


@BY_MODULE
def test_the_function_imports_nothing_of_the_development_tools(path: Path) -> None:
    """What is not in its requirements is not there in Lambda; what is heavy delays its start."""
    third_party = _tops(path) - sys.stdlib_module_names - {"rds_backup"}

    assert third_party <= {"aws_lambda_powertools", "boto3", "botocore"}


def test_the_handler_is_a_thin_shell() -> None:
    """Fewer than 60 lines: what can go wrong in Lambda only is little enough to read."""
    assert (FUNCTION / "app.py").read_text().count("\n") < 60


@BY_MODULE
def test_a_module_can_be_held_in_the_head(path: Path) -> None:
    """At most 200 lines a file, and 40 a function; more needs a reason beside it, and here."""
    too_long = [
        node.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 40
    ]

    assert path.read_text().count("\n") <= 200
    assert [] == too_long


def test_the_kit_knows_of_the_house_only_where_a_report_goes() -> None:
    """It asks AWS, and judges the product by what everybody sees of it."""
    kit = FUNCTION.parent / "acceptance"
    known = {
        name
        for path in kit.rglob("*.py")
        for name in _imports(path)
        if name.split(".")[0] in ("app", "rds_backup", "sandbox", "tests")
    }

    assert {"sandbox.observing"} == known
