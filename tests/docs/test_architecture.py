"""docs/contributing/architecture.md against the folders and the contract that it describes."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "contributing" / "architecture.md"
TEXT = PAGE.read_text()
PACKAGE = ROOT / "backup_function" / "rds_backup"


def layers() -> list[str]:
    """The rows of the contract between the wings."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (wings,) = (c for c in contracts["contracts"] if c["id"] == "wings")
    return list(wings["layers"])


def test_the_picture_has_every_row_of_the_contract_in_its_order() -> None:
    """One picture, and it is the one that is checked."""
    picture = TEXT.split("```text\n", 1)[1].split("```", 1)[0]
    places = [
        min(picture.index(name + end) for end in ("/", ".py") if name + end in picture)
        for row in layers()
        for name in row.split(" | ")[:1]
    ]

    assert sorted(places) == places
    assert {name for row in layers() for name in row.split(" | ")} == {
        *(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()),
        *(path.stem for path in PACKAGE.glob("*.py") if path.stem != "__init__"),
    }


def test_every_wing_says_in_a_docstring_what_it_is_and_has_no_code() -> None:
    """Nothing is handed on through it: an import names the module."""
    for wing in PACKAGE.glob("*/__init__.py"):
        assert re.fullmatch(r'"""[^"]+"""\n', wing.read_text()), wing
