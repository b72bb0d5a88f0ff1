"""What is said to people is made once, and never read back.

A sentence that code takes apart is a second interface that nobody sees: it breaks when a word is
changed.  What a program has to know of a reason is a field beside it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "backup_function" / "rds_backup"
# Fields that hold sentences of this project.  AWS's own messages are ``message``: where AWS tells
# two conditions apart by nothing else, ``aws.errors`` reads them, and nobody else does.
SENTENCES = {"reason", "fix", "fact", "told", "why"}
OURS = sorted(PACKAGE.rglob("*.py"))
READS_MESSAGES = "aws/errors.py"
# Methods that look into a text, or cut a piece out of it.
READING = {
    *("split", "rsplit", "partition", "rpartition", "splitlines", "removeprefix", "removesuffix"),
    *("startswith", "endswith", "find", "rfind", "index", "rindex", "count", "replace", "strip"),
}
MATCHING = {"search", "match", "fullmatch", "findall", "finditer", "sub", "split"}


def _is(node: ast.expr, names: set[str]) -> bool:
    """Whether an expression is one of these fields, or the same in another case."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func.value
    return isinstance(node, ast.Attribute) and node.attr in names


def _read(tree: ast.Module, names: set[str]) -> Iterator[str]:
    """Every place where a sentence is compared, searched, matched, cut or indexed."""
    for node in ast.walk(tree):
        looked_at: list[ast.expr] = []
        if isinstance(node, ast.Compare):
            looked_at = [node.left, *node.comparators]
        elif isinstance(node, ast.Subscript):
            looked_at = [node.value]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in READING:
                looked_at = [node.func.value]
            if node.func.attr in MATCHING:
                looked_at += node.args
        if any(_is(one, names) for one in looked_at):
            yield ast.unparse(node)


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_code_takes_a_sentence_apart(path: Path) -> None:
    """Nor looks for one text in another, nor tells two cases apart by their words."""
    names = SENTENCES | ({"message"} if str(path.relative_to(PACKAGE)) != READS_MESSAGES else set())
    assert [] == list(_read(ast.parse(path.read_text()), names))


@pytest.mark.parametrize(
    "code",
    [
        "problem.reason.rpartition('; ')",
        "name in entry.reason",
        "entry.reason == f'{name} is verified'",
        "re.search('; ', problem.reason.lower())",
        "entry.told[:80]",
        "older.reason not in shown.reason",
    ],
)
def test_what_it_looks_for_is_found(code: str) -> None:
    """Each of these stood in the package once, or could."""
    assert [code] == list(_read(ast.parse(code), SENTENCES))
