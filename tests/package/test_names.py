"""One word a thing: what a reader looks up by its name is found once."""

import ast
from collections import defaultdict
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "backup_function" / "rds_backup"


def _public(path: Path) -> set[str]:
    """The functions, classes, types and values that a module defines for others."""
    names: list[str] = []
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.TypeAlias):
            names.append(node.name.id)
        elif isinstance(node, ast.Assign):
            names += [n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)]
    return {name for name in names if not name.startswith("_")}


def test_no_public_name_stands_for_two_things() -> None:
    """Two modules that define the same name send a reader to the wrong one."""
    homes: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        for name in _public(path):
            homes[name].append(str(path.relative_to(PACKAGE)))

    assert {} == {name: paths for name, paths in homes.items() if len(paths) > 1}
