"""The status page in a real browser: nothing is amiss, and it can be read anywhere.

Needs ``chromium`` on PATH (``apt-get install chromium``), and is skipped without it.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from copy import replace
from datetime import timedelta
from html import escape, unescape
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from rds_backup.model.decisions import State
from rds_backup.model.inventory import Kind
from rds_backup.printers.page import page
from rds_backup.report.entry import Entry
from tests.support.shown_fleet import FIX, REASON, TONIGHT, backed_up, read_back

CHROMIUM = which("chromium")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="chromium is not on PATH (apt-get install chromium)"
)
# A page of A4 in landscape format without its margins of 10 mm, at 96 pixels an inch.
PAPER = (1047, 718)
DARK = "--blink-settings=preferredColorScheme=0"
# Measures a page in a frame, and says in a title what it found; everything is unfolded if asked.
MEASURE = """<!DOCTYPE html><meta name="color-scheme" content="light dark"><title>-</title>
<body style="margin:0">
<iframe style="border:0;width:{width}px;height:{height}px" srcdoc="{page}"></iframe>
<script>addEventListener("load", () => {{
  const found = document.querySelector("iframe").contentDocument;
  const all = selector => [...found.querySelectorAll(selector)];
  if ({unfolded}) for (const details of all("details")) details.open = true;
  const pen = document.createElement("canvas").getContext("2d", {{willReadFrequently: true}});
  const seen = colour => {{
    pen.clearRect(0, 0, 1, 1); pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data];
  }};
  const light = colour => [0.2126, 0.7152, 0.0722].reduce((sum, part, index) => {{
    const value = colour[index] / 255;
    return sum + part * (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  }}, 0);
  const behind = element => {{
    for (let at = element; at; at = at.parentElement) {{
      const colour = seen(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return light(colour);
    }}
  }};
  const words = found.createTreeWalker(found.body, NodeFilter.SHOW_TEXT);
  const contrasts = [];
  while (words.nextNode()) {{
    const element = words.currentNode.parentElement;
    if (!words.currentNode.data.trim() || !element.checkVisibility()) continue;
    const pair = [light(seen(getComputedStyle(element).color)), behind(element)].sort();
    contrasts.push((Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05));
  }}
  document.title = JSON.stringify({{
    wide: found.documentElement.scrollWidth,
    rows: all(".databases > tbody > tr").map(row => row.getBoundingClientRect().bottom),
    heights: all(".databases > tbody > tr").map(row => row.getBoundingClientRect().height),
    open: all(".inside").map(inside => inside.checkVisibility()),
    contrasts: contrasts.length,
    contrast: Math.min(...contrasts),
    paper: behind(found.body),
  }});
}});</script>"""


def fleet(count: int, kept: int = 7) -> Iterator[Entry]:
    """So many databases, of which two need a person."""
    for number in range(count - 2):
        kind = Kind.CLUSTER if number % 4 == 0 else Kind.INSTANCE
        yield backed_up(f"customer-orders-{number:03}", kept if number else 30, kind=kind)
    yield replace(
        backed_up("payments-production", newest=TONIGHT - timedelta(days=2)),
        state=State.BLOCKED,
        reason=REASON,
        fix=FIX,
    )
    yield replace(
        backed_up("reports-monthly", 0, kind=Kind.CLUSTER),
        state=State.UNSUPPORTED,
        reason="a Multi-AZ DB cluster: RDS does not copy its snapshots",
        fix="use AWS Backup, or restore a snapshot to an instance and back that up",
    )


def awkward() -> Iterator[Entry]:
    """Names as long as RDS allows, sixty backups, long reasons, and no word to break them at."""
    long = backed_up(f"{'d' * 40}-{'x' * 22}", 60)
    yield long
    yield replace(long, state=State.STUCK, reason=f"{'x' * 500} " * 4, fix="y" * 300)
    yield replace(long, state=State.UNKNOWN, reason="cannot list", detail=None)
    yield backed_up("orders", 0)


PAGE = page(read_back(fleet(25)))
AWKWARD = page(read_back(awkward(), unselected=awkward()))
TOO_WIDE = PAGE.replace("<main>", '<main><div style="width:1300px">wide</div>')
TOO_PALE = PAGE.replace("--soft: #9198a1", "--soft: #50565e").replace("#57606a", "#9a9a9a")


def chromium(tmp_path: Path, html: str, *options: str) -> tuple[str, str]:
    """What a headless run on this page prints, and what it logs; it reaches no network."""
    path = tmp_path / "page.html"
    path.write_text(html, encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - the browser's path is PATH's
        [
            str(CHROMIUM),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--enable-logging=stderr",
            f"--user-data-dir={tmp_path / 'profile'}",
            *options,
            path.as_uri(),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout, done.stderr


def measured(
    tmp_path: Path, html: str, width: int, height: int, *options: str, unfolded: bool = False
) -> dict[str, Any]:
    """What MEASURE finds in a frame of this size."""
    frame = MEASURE.format(
        width=width, height=height, page=escape(html), unfolded=str(unfolded).lower()
    )
    dom, _ = chromium(tmp_path, frame, "--dump-dom", *options)
    title = re.search(r"<title>(.+?)</title>", dom)
    assert title
    found: dict[str, Any] = json.loads(unescape(title[1]))
    return found


def on_paper(html: str) -> str:
    """The same page, styled on a screen as it is on paper."""
    assert "@media print" in html
    return html.replace("@media screen", "@media speech").replace("@media print", "@media all")


def console(logged: str) -> list[str]:
    """The messages of the page's console."""
    return re.findall(r":CONSOLE[^\n]*", logged)


def printed_pages(tmp_path: Path, html: str) -> list[tuple[float, float]]:
    """The sizes of the pages of its PDF."""
    pdf = tmp_path / "page.pdf"
    chromium(tmp_path, html, "--no-pdf-header-footer", f"--print-to-pdf={pdf}")
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf.read_bytes())
    return [(float(width), float(height)) for width, height in boxes]


def test_it_renders_without_a_word_in_the_console(tmp_path: Path) -> None:
    """Every database's row is there; nothing was refused, missing or malformed."""
    dom, logged = chromium(tmp_path, PAGE, "--dump-dom")

    assert [] == console(logged)
    assert 25 == dom.count('role="rowheader"')


def test_what_a_page_might_load_is_refused_aloud(tmp_path: Path) -> None:
    """The page's own policy admits nothing; it also shows that the test above would hear it."""
    loading = PAGE.replace("<main>", '<main><img alt="" src="https://example.com/x.png">')

    _, logged = chromium(tmp_path, loading, "--dump-dom")

    assert [True] == ["example.com" in message for message in console(logged)]


def test_twenty_five_databases_are_seen_at_once(tmp_path: Path) -> None:
    """On a screen of 1280 by 1400, with two causes above them; a line each, and nothing open.

    A scroll bar takes 16 of them, so that what fits beside one fits without, too.
    """
    found = measured(tmp_path, PAGE, 1264, 1400, "--hide-scrollbars")

    assert 25 == len(found["rows"])
    assert max(found["rows"]) <= 1400
    assert max(found["heights"]) < 40
    assert [False] * 25 == found["open"]


@pytest.mark.parametrize("width", [1280, 768, 360])
@pytest.mark.parametrize(
    ("html", "fits"),
    [
        pytest.param(PAGE, True, id="a fleet"),
        pytest.param(AWKWARD, True, id="an awkward one"),
        pytest.param(TOO_WIDE, False, id="one that is too wide"),
    ],
)
def test_it_is_no_wider_than_the_screen(
    tmp_path: Path, html: str, width: int, *, fits: bool
) -> None:
    """Nobody has to scroll sideways at 4 a.m., whatever is unfolded.

    The last page shows that it is measured.
    """
    found = measured(tmp_path, html, width, 900, unfolded=True)

    assert fits == (found["wide"] <= width)
    assert all(found["open"])


@pytest.mark.parametrize(
    ("html", "enough"),
    [
        pytest.param(PAGE, True, id="the page"),
        pytest.param(TOO_PALE, False, id="one that is too pale"),
    ],
)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(
    tmp_path: Path, html: str, *, enough: bool, dark: bool
) -> None:
    """At least 4.5 to 1 (WCAG 2.2, 1.4.3), and a dark page is dark."""
    options = [DARK] if dark else []
    found = measured(tmp_path, html, 1280, 1400, *options, unfolded=True)

    assert found["contrasts"] > 300
    assert enough == (found["contrast"] >= 4.5)
    assert dark == (found["paper"] < 0.1)


def test_a_page_of_paper_has_twelve_databases_and_the_bad_ones_unfolded(tmp_path: Path) -> None:
    """An auditor reads what is bad with its copies, without a click; what is well is a line."""
    found = measured(tmp_path, on_paper(page(read_back(fleet(12)))), *PAPER)

    assert 12 == len(found["rows"])
    assert max(found["rows"]) <= PAPER[1]
    assert found["wide"] <= PAPER[0]
    assert [True] * 2 + [False] * 10 == found["open"]


def test_paper_is_light(tmp_path: Path) -> None:
    """A dark page on paper wastes ink, and reads badly."""
    found = measured(tmp_path, on_paper(PAGE), *PAPER, DARK)

    assert found["paper"] > 0.9
    assert found["contrast"] >= 4.5


def test_what_is_well_prints_on_one_page_however_much_is_held(tmp_path: Path) -> None:
    """In landscape format; the copies of the bad ones are printed, however many there are."""
    well = [backed_up(f"orders-{number}", 300) for number in range(12)]
    bad = replace(well[0], state=State.STALE, reason=REASON, fix=FIX)

    pages = printed_pages(tmp_path, page(read_back(well)))

    assert 1 == len(pages)
    assert pages[0][0] > pages[0][1]
    assert len(printed_pages(tmp_path, page(read_back([bad, *well[1:]])))) > 3
