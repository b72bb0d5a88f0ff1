"""What the tests of the documentation read: a page by its sections, tables, blocks and links."""

import re
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Page:
    """The README or a page of docs."""

    def __init__(self, path: str) -> None:
        """Read it."""
        self.path = path
        self.text = (ROOT / path).read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        """Everything outside of fenced blocks."""
        return re.sub(r"^```.*?^```$", "", self.text, flags=re.MULTILINE | re.DOTALL)

    @cached_property
    def links(self) -> list[str]:
        """Where its links lead."""
        return re.findall(r"\]\(([^)]+)\)", self.prose)

    @cached_property
    def anchors(self) -> set[str]:
        """Its headings, as GitHub names them in a link."""
        headings = re.findall(r"^#+ (.+)$", self.prose, flags=re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}

    def blocks(self, language: str) -> list[str]:
        """The fenced blocks of a language."""
        return re.findall(rf"^```{language}\n(.*?)^```$", self.text, flags=re.MULTILINE | re.DOTALL)

    def between(self, name: str) -> str:
        """The contents of the fenced block between two marks."""
        pattern = rf"<!-- {name}:begin -->\n```\w+\n(.*?)```\n<!-- {name}:end -->"
        found = re.search(pattern, self.text, flags=re.DOTALL)
        assert found, f"{self.path} has no block {name}"
        return found[1]

    def table(self, first: str) -> list[list[str]]:
        """The rows, less the heading, of the table whose first column has this heading."""
        lines = self.text.splitlines()
        start = next(i for i, line in enumerate(lines) if line.startswith(f"| {first} |"))
        rows = []
        for line in lines[start + 2 :]:
            if not line.startswith("|"):
                break
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
        return rows


def pages() -> list[str]:
    """The README and every page of docs."""
    return ["README.md", *sorted(str(p.relative_to(ROOT)) for p in ROOT.glob("docs/**/*.md"))]


def code(cell: str) -> str:
    """The text of a cell that is one piece of code."""
    assert cell.startswith("`"), cell
    assert cell.endswith("`"), cell
    return cell[1:-1]


def left_out(shown: str, printed: str) -> list[str]:
    """The lines of an excerpt that were not printed, or not in that order."""
    rest = iter(printed.splitlines())
    return [line for line in shown.splitlines() if line not in rest]  # consumes as it goes
