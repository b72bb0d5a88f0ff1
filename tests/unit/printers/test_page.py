"""The page: whatever a name or a message holds, it stays one page of text and shapes."""

from copy import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from rds_backup.model.decisions import State
from rds_backup.model.inventory import Kind
from rds_backup.printers.page import page
from rds_backup.report.detail import Detail, NextExpiry, Removal, Setting
from rds_backup.report.entry import Entry
from rds_backup.report.result import Report

GOLDEN = (Path(__file__).parents[2] / "docs" / "golden" / "looks" / "status.html").read_text(
    encoding="utf-8"
)
VOID = {"meta", "br"}
EVIL = "</style></td><script>alert('1')</script><img src=\"https://example.com\">&amp;"
SETTING = Setting("2026-03-08T04:05:00.000Z", "eu-west-1", "1" * 12, "2" * 12, 36, 4, expires=True)
DETAIL = Detail((), (), (), None, None, None, None, None, None)


class Reading(HTMLParser):
    """What a page holds: elements, whether they are closed in order, texts of shapes."""

    def __init__(self, html: str) -> None:
        """Read it all."""
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without contents."""
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """The element that was opened last ends."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """What a person reads."""
        self.text += data


def evil() -> str:
    """A page in which every text is hostile."""
    gone = replace(
        DETAIL,
        kms_key=EVIL,
        next_expiry=NextExpiry(EVIL, 1, None),
        removal=Removal(EVIL, EVIL),
    )
    entry = Entry(EVIL, Kind.INSTANCE, EVIL, State.BLOCKED, EVIL, backup=EVIL, detail=gone)
    strange = replace(SETTING, region=EVIL, source_account=EVIL)
    return page(Report((), (entry,), unselected=(entry,)), strange)


@pytest.mark.parametrize("html", [GOLDEN, evil()], ids=["golden", "hostile"])
def test_it_loads_and_runs_nothing(html: str) -> None:
    """No script, no picture, no link; the only references are to its own shapes."""
    read = Reading(html)
    tags = {tag for tag, _ in read.elements}
    references = {
        attributes[name]
        for _, attributes in read.elements
        for name in ("src", "href", "style", "onload", "action", "data")
        if name in attributes
    }

    assert [] == read.open
    assert set() == tags & {"script", "img", "link", "iframe", "object", "embed", "form", "base"}
    assert all(reference and reference.startswith("#") for reference in references)
    assert "url(" not in html
    assert "@import" not in html


def test_what_is_hostile_is_shown_as_it_is() -> None:
    """Escaped, not removed: a person has to see what a name or a message really was."""
    assert Reading(evil()).text.count("<script>alert('1')</script>") >= 8


@pytest.mark.parametrize("html", [GOLDEN, evil()], ids=["golden", "hostile"])
def test_every_shape_has_a_text_or_stands_beside_one(html: str) -> None:
    """Screen readers read the label, and skip what is drawn beside a word."""
    shapes = [a for tag, a in Reading(html).elements if tag == "svg"]

    assert len(shapes) > 7
    for attributes in shapes:
        assert ("true" == attributes.get("aria-hidden")) != bool(attributes.get("aria-label"))


def test_a_row_is_there_for_each_database_and_a_cell_for_each_night() -> None:
    """Four databases, one week."""
    rows = [a for tag, a in Reading(GOLDEN).elements if tag == "th" and a.get("scope") == "row"]

    assert 4 == len(rows)
    assert 4 * 7 == GOLDEN.count('role="img" aria-label="2026-03-')


def test_a_database_that_could_not_be_looked_at_has_its_row() -> None:
    """Its reason is all there is to say."""
    lost = Entry("orders", Kind.INSTANCE, "db-1", State.UNKNOWN, "cannot list: Throttling")
    read = Reading(page(Report((), (lost,)), SETTING))

    assert "cannot list: Throttling" in read.text
    assert "1 database: 1 unknown." in read.text


def test_both_schemes_of_colours_are_there_and_print_is_light() -> None:
    """A dark page on paper wastes ink, and reads badly."""
    assert "@media screen and (prefers-color-scheme: dark)" in GOLDEN
    assert "@media print { :root { color-scheme: light; }" in GOLDEN
