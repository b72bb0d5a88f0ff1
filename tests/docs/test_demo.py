"""`make demo` fits a terminal, says what was seen, and ends quietly when nobody reads on."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from sandbox import demo
from sandbox.sandbox import SOURCE

ROOT = Path(__file__).parents[2]
CODES = re.compile(r"\x1b\[[\d;]*m")
COLOURED = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-7]|9[0-7])m")

type Printed = Callable[[StringIO, dict[str, str]], str]


class Terminal(StringIO):
    """Standard output of somebody who sits before it."""

    def isatty(self) -> bool:
        """Rich asks."""
        return True


@pytest.fixture(scope="module")
def night() -> demo.Night:
    """One night, played once."""
    return demo.play()


@pytest.fixture
def printed(night: demo.Night) -> Printed:
    """What the program prints of the night, by where it prints and its environment."""

    def run(output: StringIO, environment: dict[str, str]) -> str:
        with (
            patch.object(demo, "play", return_value=night),
            patch.dict(os.environ, environment, clear=True),
            redirect_stdout(output),
        ):
            demo.main()
        return output.getvalue()

    return run


def test_it_fits_a_small_terminal(printed: Printed) -> None:
    """Eighty columns, and half of the lines that it once took."""
    lines = printed(StringIO(), {}).splitlines()

    assert max(map(len, lines)) <= 80
    assert 40 < len(lines) <= 78


@pytest.mark.parametrize("columns", ["40", "200"])
def test_its_width_is_the_same_everywhere(printed: Printed, columns: str) -> None:
    """What a colleague pipes into a file is what one sees oneself."""
    there = {"TERM": "xterm", "COLUMNS": columns}

    assert printed(StringIO(), {}) == CODES.sub("", printed(Terminal(), there))


def test_a_pipe_gets_no_escape_code(printed: Printed) -> None:
    """Files and other programs take the text as it is."""
    assert "\x1b" not in printed(StringIO(), {"TERM": "xterm"})


def test_a_terminal_gets_colours_unless_it_asked_for_none(printed: Printed) -> None:
    """NO_COLOR is how a person asks, in every program."""
    assert COLOURED.search(printed(Terminal(), {"TERM": "xterm"}))
    assert not COLOURED.search(printed(Terminal(), {"TERM": "xterm", "NO_COLOR": "1"}))


def test_whoever_reads_three_lines_hears_of_no_error() -> None:
    """`make demo | head -3`: any exit code but 0 would have make print one."""
    with subprocess.Popen(
        [sys.executable, "-m", "sandbox.demo"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": "backup_function"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stderr
        assert all(process.stdout.readline().strip() for _ in range(3))
        process.stdout.close()
        assert "" == process.stderr.read()

    assert 0 == process.returncode


def test_every_time_has_one_form(printed: Printed) -> None:
    """Its zone is said once, so that no line has to."""
    text = printed(StringIO(), {})
    dates = re.findall(r"20\d\d-\d\d-\d\d\S*(?: \S+)?", text)

    assert len(dates) > 20
    assert [] == [d for d in dates if not re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d", d)]
    assert 1 == text.count("UTC")


def test_the_night_is_as_it_should_be(night: demo.Night) -> None:
    """Every sentence about what was seen, computed from both accounts."""
    assert all(tick.done.error is None for tick in night.ticks)
    assert [(True, sentence) for _, sentence in demo.seen(night)] == list(demo.seen(night))


@pytest.mark.parametrize(
    ("name", "change", "sentences"),
    [
        ("rds-backup-orders-20260309-", {"status": "failed"}, {"orders: 6 backups"}),
        ("rds-backup-orders-20260309-", {"kms_key": None}, {"orders: 6 backups"}),
        (
            "rds-backup-billing-20260309-",
            {"account": SOURCE},
            {"billing: 6 backups", "shared copies left in the source account: 1"},
        ),
        (
            "rds-backup-billing-20260309-",
            {"database": "scratch"},
            {"billing: 6 backups", "scratch: 1 backups"},
        ),
        (
            "kept-by-the-auditors",
            {"status": "deleting"},
            {"a person's snapshots: 1 of 2 untouched"},
        ),
    ],
)
def test_another_end_is_told_as_it_is(
    night: demo.Night, name: str, change: dict[str, Any], sentences: set[str]
) -> None:
    """No sentence about what was seen is there whatever was seen."""
    rows = [replace(r, **change) if r.identifier.startswith(name) else r for r in night.after]

    wrong = [told for good, told in demo.seen(replace(night, after=rows)) if not good]
    assert sentences == {told.split(",")[0] for told in wrong}


def test_what_to_do_next_can_be_done() -> None:
    """The page and the commands exist."""
    steps = [re.split(r" {2,}", line.strip())[0] for line in demo.NEXT.splitlines()]

    assert ["make test", "docs/guides/set-up.md", ".venv/bin/python -m sandbox"] == steps
    assert "\ntest:" in (ROOT / "Makefile").read_text()
    assert (ROOT / "docs/guides/set-up.md").exists()
    assert (ROOT / "sandbox" / "__main__.py").exists()
