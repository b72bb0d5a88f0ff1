"""The status page in a real browser: nothing is amiss, and it can be read anywhere.

Needs ``chromium`` on PATH (``apt-get install chromium``), and is skipped without it.
"""

import re
import subprocess
from html import escape
from pathlib import Path
from shutil import which

import pytest

CHROMIUM = which("chromium")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="chromium is not on PATH (apt-get install chromium)"
)
PAGE = (Path(__file__).parents[1] / "docs" / "golden" / "looks" / "status.html").read_text(
    encoding="utf-8"
)
NARROW = 360
# Measures a page in a frame of a phone's width, and says so in a title.
MEASURE = """<!DOCTYPE html><title>-</title><body style="margin:0">
<iframe style="border:0;width:{width}px;height:600px" srcdoc="{page}"></iframe>
<script>addEventListener("load", () => {{
  const found = document.querySelector("iframe").contentDocument;
  const days = [...found.querySelectorAll(".nights th")].map(day => Math.round(day.offsetWidth));
  document.title = [found.documentElement.scrollWidth, found.body.innerText.length,
    new Set(days).size].join(" ");
}});</script>"""


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


def console(logged: str) -> list[str]:
    """The messages of the page's console."""
    return re.findall(r":CONSOLE[^\n]*", logged)


def test_it_renders_without_a_word_in_the_console(tmp_path: Path) -> None:
    """Every database's row is there; nothing was refused, missing or malformed."""
    dom, logged = chromium(tmp_path, PAGE, "--dump-dom")

    assert [] == console(logged)
    assert all(f">{name}<br>" in dom for name in ("billing", "ledger", "orders", "reports"))


def test_what_a_page_might_load_is_refused_aloud(tmp_path: Path) -> None:
    """The page's own policy admits nothing; it also shows that the test above would hear it."""
    loading = PAGE.replace("<main>", '<main><img alt="" src="https://example.com/x.png">')

    _, logged = chromium(tmp_path, loading, "--dump-dom")

    assert [True] == ["example.com" in message for message in console(logged)]


@pytest.mark.parametrize(
    ("html", "fits"),
    [
        pytest.param(PAGE, True, id="the page"),
        pytest.param(
            PAGE.replace("<main>", '<main><div style="width:400px">wide</div>'),
            False,
            id="one that is too wide",
        ),
    ],
)
def test_it_is_no_wider_than_a_phone(tmp_path: Path, html: str, *, fits: bool) -> None:
    """Nobody has to scroll sideways at 4 a.m., and a calendar's days are of one width.

    The second page shows that it is measured.
    """
    measuring = MEASURE.format(width=NARROW, page=escape(html))

    dom, _ = chromium(tmp_path, measuring, "--dump-dom")
    title = re.search(r"<title>(\d+) (\d+) (\d+)</title>", dom)

    assert title
    assert fits == (int(title[1]) <= NARROW)
    assert int(title[2]) > 1000
    assert 1 == int(title[3])


def test_it_prints_on_a_few_landscape_pages(tmp_path: Path) -> None:
    """An auditor files paper or PDF."""
    pdf = tmp_path / "page.pdf"

    chromium(tmp_path, PAGE, "--no-pdf-header-footer", f"--print-to-pdf={pdf}")
    content = pdf.read_bytes()
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)

    assert 1 <= len(boxes) <= 4
    assert all(float(width) > float(height) for width, height in boxes)
