"""``make mutants``: changes the code that decides in one place at a time; the tests have to notice.

mutmut makes the changes and runs the unit tests; which modules it changes stands in pyproject.toml.
What the tests do not notice has to be listed in docs/explained/mutants.md with the reason, and
so have the figures.  This module must not know what any change means.
"""

import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/explained/mutants.md"
# mutmut takes a module's name from its path, except for a leading src.
STAGE = ROOT / ".mutants"
STAGED = {
    "src": "backup_function",
    **{name: name for name in ("docs", "events", "pyproject.toml", "sandbox", "tests")},
}
NAME = re.compile(r"rds_backup\.(?P<module>[\w.]+)\.x_(?P<function>\w+)__mutmut_\d+")


class Figures(NamedTuple):
    """How many mutants of one module there are, and how many of them the tests notice."""

    mutants: int
    killed: int


class Survivor(NamedTuple):
    """A change that no test notices, by what stays the same when other code is changed."""

    function: str
    code: str
    changed: str


class Found(NamedTuple):
    """One run's figures of each module, and the names of its survivors with their diffs."""

    figures: dict[str, Figures]
    diffs: dict[str, str]

    @property
    def survivors(self) -> Counter[Survivor]:
        """The survivors as a page lists them; two may look the same."""
        return Counter(survivor(name, diff) for name, diff in self.diffs.items())


def survivor(name: str, diff: str) -> Survivor:
    """The survivor that has this name and this unified diff in mutmut."""
    named = NAME.fullmatch(name)
    if not named:
        raise ValueError(f"not a mutant of the package: {name}")
    body = diff.splitlines()
    body = body[next(i for i, line in enumerate(body) if line.startswith("@@")) :]
    code, changed = (
        " ".join(line[1:].strip() for line in body if line.startswith(sign)) for sign in "-+"
    )
    return Survivor(f"{named['module']}.{named['function']}", code, changed)


def _rows(page: str, first: str) -> list[list[str]]:
    """The rows, less the heading, of the table whose first column has this heading."""
    table = re.search(rf"^\| {first} \|.*\n\|[ -|]*\n((?:\|.*\n)*)", page, flags=re.MULTILINE)
    lines = table[1].splitlines() if table else []
    return [
        [cell.strip().strip("`").replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in lines
    ]


def _row(of: Survivor) -> str:
    """The row of the page, to be given a reason."""
    return f"| {' | '.join(f'`{cell.replace("|", r"\|")}`' for cell in of)} | |"


def figures(page: str) -> dict[str, Figures]:
    """The figures that a page states for each module."""
    return {
        module: Figures(int(mutants), int(killed))
        for module, mutants, killed in _rows(page, "module")
    }


def accepted(page: str) -> Counter[Survivor]:
    """The survivors that a page accepts; each needs a reason."""
    rows = _rows(page, "function")
    if not all(reason for *_, reason in rows):
        raise ValueError("a survivor is accepted without a reason")
    return Counter(Survivor(*row[:3]) for row in rows)


def complaints(found: Found, page: str) -> list[str]:
    """Everything in which a run and the page differ; nothing if they agree."""
    listed = accepted(page)
    news = found.survivors - listed
    gone = listed - found.survivors
    return [
        *(f"not noticed by a test, and not accepted: {_row(one)}" for one in news.elements()),
        *(f"accepted, but noticed or not made any more: {_row(one)}" for one in gone.elements()),
        *(
            f"{module}: {stated} on the page, {counted} in the run"
            for module in sorted(figures(page) | found.figures)
            if (stated := figures(page).get(module)) != (counted := found.figures.get(module))
        ),
    ]


def _mutmut(*arguments: str) -> str:
    command = (str(Path(sys.prefix) / "bin/mutmut"), *arguments)
    done = subprocess.run(  # noqa: S603 - a program of this environment
        command, cwd=STAGE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        # Progress is written over itself.
        sys.exit(f"{' '.join(arguments)} failed:\n{re.sub(r'.*\r', '', done.stdout)[-4000:]}")
    return done.stdout


def run() -> Found:
    """Every mutant anew: mutmut would keep what it found out before a test was changed."""
    shutil.rmtree(STAGE, ignore_errors=True)
    STAGE.mkdir()
    for name, target in STAGED.items():
        (STAGE / name).symlink_to(ROOT / target)
    _mutmut("run")
    results = dict(
        line.strip().rsplit(": ", 1) for line in _mutmut("results", "--all", "true").splitlines()
    )
    modules = Counter(name.rpartition(".")[0].removeprefix("rds_backup.") for name in results)
    # A test that ran out of time, or was never run, has noticed nothing.
    alive = [name for name, result in results.items() if result != "killed"]
    living = Counter(name.rpartition(".")[0].removeprefix("rds_backup.") for name in alive)
    return Found(
        {module: Figures(count, count - living[module]) for module, count in modules.items()},
        {name: _mutmut("show", name) for name in alive},
    )


def main() -> int:
    """Run, print the figures and the survivors, and compare them with the page."""
    print("about ten minutes: the unit tests are run once for each mutant", flush=True)
    found = run()
    for name, diff in found.diffs.items():
        print(f"\n{name}\n{diff.strip()}")
    print()
    for module, of in sorted(found.figures.items()):
        print(f"{module:20} {of.killed:4} of {of.mutants:4} killed")
    total = Figures(*(sum(column) for column in zip(*found.figures.values(), strict=True)))
    print(f"{'all':20} {total.killed:4} of {total.mutants:4} killed")
    differences = complaints(found, PAGE.read_text())
    for difference in differences:
        print(f"{PAGE.relative_to(ROOT)}: {difference}")
    return bool(differences)


if __name__ == "__main__":
    sys.exit(main())
