"""The page: the worst first, everything once, and whatever a text holds, text."""

import re
from collections.abc import Iterable, Mapping
from copy import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from rds_backup.model.decisions import State
from rds_backup.model.inventory import Kind
from rds_backup.printers.page import page
from rds_backup.printers.wording import to_keep
from rds_backup.report.detail import Flight, Left, NextExpiry, Removal, Setting
from rds_backup.report.entry import Entry
from tests.support.shown_fleet import FIX, REASON, SETTING, backed_up, read_back

VOID = {"meta", "br"}
EVIL = "</style></td><script>alert('1')</script><img src=\"https://example.com\">&amp;"
NIGHTS = "2026-03-02 to 2026-03-05: before; 2026-03-06 to 2026-03-12: verified"


class Reading(HTMLParser):
    """What a page holds: its elements, closed in order; its text, and which of that is folded."""

    def __init__(self, html: str) -> None:
        """Read it all."""
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = self.folded = ""
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
        """What a person reads; the style and the hints of shapes are none of it."""
        if {"details", "summary"} & set(self.open) == {"details"}:
            self.folded += data
        elif not {"style", "title"} & set(self.open):
            self.text += data

    def attributes(self, tag: str, name: str) -> list[str | None]:
        """The values of an attribute, of all elements of a tag that have it."""
        return [a[name] for found, a in self.elements if found == tag and name in a]


def read(
    entries: Iterable[Entry], unselected: Iterable[Entry] = (), setting: Setting = SETTING
) -> Reading:
    """The page of these."""
    return Reading(page(read_back(entries, unselected, setting)))


def bad(name: str) -> Entry:
    """A database that needs a person."""
    return replace(backed_up(name), state=State.BLOCKED, reason=REASON, fix=FIX)


def evil() -> str:
    """A page in which every text is hostile."""
    well = backed_up("orders")
    assert well.detail
    detail = replace(
        well.detail,
        in_flight=(Flight("copy", EVIL, EVIL, "2026-03-12T02:00:00Z", EVIL, 4, EVIL),),
        backups=(replace(well.detail.backups[0], snapshot=EVIL, reason=EVIL),),
        kms_key=EVIL,
        next_expiry=NextExpiry(EVIL, 1, None),
        left=(Left(EVIL, EVIL, EVIL, EVIL),),
        removal=Removal(EVIL, EVIL),
        source_account=EVIL,
    )
    entry = replace(
        well, database=EVIL, resource_id=EVIL, backup=EVIL, reason=EVIL, fix=EVIL, detail=detail
    )
    blocked = replace(entry, state=State.BLOCKED)
    strange = replace(SETTING, region=EVIL, source_account=EVIL, backup_account=EVIL)
    return page(read_back((blocked, replace(entry, fix=None)), (entry,), strange))


@pytest.mark.parametrize(
    ("expected", "tiers"),
    [
        ("7 verified backups", {}),
        (
            "7 verified backups, the first day of 4 weeks, the first day of 12 months",
            {"keep_weekly": 4, "keep_monthly": 12},
        ),
        ("7 verified backups, the first day of 2 years", {"keep_yearly": 2}),
        (None, {"keep_yearly": 2, "expires": False}),
    ],
)
def test_it_says_how_much_is_kept(expected: str | None, tiers: Mapping[str, Any]) -> None:
    """Only where this deployment deletes old backups."""
    assert expected == to_keep(replace(SETTING, **tiers))


@pytest.mark.parametrize(
    "html", [page(read_back([backed_up("orders"), bad("ledger")])), evil()], ids=["well", "hostile"]
)
def test_it_loads_and_runs_nothing(html: str) -> None:
    """No script, no picture, no link; the only references are to its own shapes."""
    found = Reading(html)
    tags = {tag for tag, _ in found.elements}
    shapes = {f"#{name}" for name in found.attributes("g", "id")}

    assert [] == found.open
    assert set() == tags & {
        "script",
        "img",
        "link",
        "iframe",
        "object",
        "embed",
        "form",
        "base",
        "a",
    }
    assert shapes >= set(found.attributes("use", "href")) > set()
    assert set() == {name for _, a in found.elements for name in a} & {"src", "style", "onload"}
    assert "url(" not in html
    assert "@import" not in html


def test_what_is_hostile_is_shown_as_it_is() -> None:
    """Escaped, not removed: a person has to see what a name or a message really was."""
    found = Reading(evil())

    assert found.text.count("<script>alert('1')</script>") >= 8
    assert found.folded.count("<script>alert('1')</script>") >= 20


def test_every_shape_has_a_text_or_stands_beside_one() -> None:
    """Screen readers read the label, and skip what is drawn beside a word."""
    shapes = [a for tag, a in read([backed_up("orders"), bad("ledger")]).elements if tag == "svg"]

    assert len(shapes) > 10
    for attributes in shapes:
        assert ("true" == attributes.get("aria-hidden")) != bool(attributes.get("aria-label"))


def test_the_verdict_is_the_first_and_the_last_thing_on_it() -> None:
    """Whoever has scrolled to the end need not go back; both name what needs a person."""
    text = read([backed_up("orders"), bad("ledger")]).text.strip()

    assert text.startswith("1 of 2 needs a person: ledger (blocked)")
    assert text.endswith("1 of 2 needs a person: ledger (blocked)")


def test_a_cause_is_told_once_with_every_database_that_it_holds_for() -> None:
    """Thirty databases behind one key are one thing to mend; the first names are told at once."""
    found = read([bad(f"db-{number:02}") for number in range(30)])
    everything = found.text + found.folded

    assert 1 == everything.count("KMS refuses the copy")
    assert 1 == everything.count(FIX)
    assert "blocked db-00, db-01, db-02, db-03, db-04, db-05, db-06, db-07" in found.text
    assert ", ".join(f"db-{number:02}" for number in range(8, 30)) in found.folded


def test_what_is_well_has_a_cause_only_if_there_is_something_to_do() -> None:
    """A fix beside a protected database is not what needs a person tonight."""
    text = read([replace(backed_up("orders"), fix="delete the stranger's copy")]).text

    assert "Also worth knowing" in text
    assert "Fix: delete the stranger's copy" in text
    assert "What needs a person" not in text


def test_the_worst_has_the_first_row() -> None:
    """A row for each database, and who needs a person need not be looked for."""
    found = read([backed_up("billing"), bad("orders"), backed_up("wiki", kept=0)])
    names = re.findall(r"(orders|wiki|billing) instance", found.text)

    assert ["orders", "wiki", "billing"] == names
    assert 3 == found.attributes("th", "scope").count("row")


def test_a_row_is_one_line_and_the_rest_is_folded() -> None:
    """The state, the age of the objective, how many, how large; ids and copies are unfolded."""
    found = read([backed_up("orders")])

    assert " protectedorders instance2.1 of 36 h716.3 GiB2026-03-09\n" in found.text
    for folded in (
        "db-ORDERS",
        "Oldest verified2026-03-06 02:00",
        "once 1 more backup is verified",
        "All copies114.1 GiB",
        "Restored2026-03-09 06:42 UTC, 42 minutes after the call; asked: available, connection",
        "rds-backup-orders-20260306-0200-4433f4ea5e-1",
        "kept: day 3 of the newest 7",
        "its newest automated snapshot has a verified backup",
        f"Nights: {NIGHTS}; 2026-03-13 to 2026-03-15: to come",
    ):
        assert folded in found.folded
        assert folded not in found.text


def test_a_copy_under_way_and_one_that_is_left_are_in_the_details() -> None:
    """With how far it is, and with the commands for the one that nobody finishes."""
    well = backed_up("orders")
    assert well.detail
    flight = Flight("copy", "rds-backup-x", "1" * 12, "2026-03-12T02:00:00Z", "copying", 72, None)
    left = Left("rds-backup-old", "2026-03-01T02:00:00Z", None, "aws rds delete-db-snapshot")
    detail = replace(well.detail, in_flight=(flight,), left=(left,))
    folded = read([replace(well, detail=detail)]).folded

    assert "copying 72 % since -: rds-backup-x in account 111111111111" in folded
    assert "left in the source account: rds-backup-old" in folded
    assert "aws rds delete-db-snapshot" in folded


def test_the_details_of_the_bad_ones_are_marked_and_none_is_open() -> None:
    """On paper the marked ones are open; on a screen a line is a line."""
    found = read([backed_up("orders"), bad("ledger")])
    details = [attributes for tag, attributes in found.elements if tag == "details"]

    assert [{"class": "bad"}, {}] == details


def test_a_database_that_could_not_be_looked_at_has_its_row() -> None:
    """Nothing is said of its backups, as if there were none."""
    lost = Entry("orders", Kind.INSTANCE, "db-1", State.UNKNOWN, "cannot list: Throttling")
    nobody = Entry("backup=nightly", None, None, State.UNKNOWN, "no database has this tag")
    found = read([lost, nobody])

    assert "cannot list: Throttling" in found.text
    assert "orders instance---" in found.text
    assert "backup=nightly selector---" in found.text
    assert "db-1" in found.folded
    assert "No copy is held" not in found.folded


def test_a_list_that_was_left_out_is_not_taken_for_an_empty_one() -> None:
    """A bounded result may leave out the copies of a database; no night is drawn empty for that."""
    well = backed_up("orders")
    assert well.detail
    left_out = read([replace(well, detail=replace(well.detail, backups=()))])
    none = read([backed_up("orders", kept=0)])

    assert "The list of copies is too long for this result." in left_out.folded
    assert [] == left_out.attributes("svg", "aria-label")
    assert "No copy is held." in none.folded
    assert ["2026-03-09 to 2026-03-11: before; 2026-03-12 to 2026-03-15: to come"] == (
        none.attributes("svg", "aria-label")
    )


def test_nights_before_the_strip_are_counted() -> None:
    """Sixty backups do not fit on five weeks."""
    folded = read([backed_up("orders", kept=60)]).folded

    assert "2026-02-09 to 2026-03-12: verified" in folded
    assert "; 28 verified of earlier nights" in folded


def test_every_time_has_one_form() -> None:
    """In running texts, too; only the names of copies hold another."""
    found = read([backed_up("orders"), bad("ledger")], unselected=[bad("archive")])

    assert [] == re.findall(r"\d{4}-\d\d-\d\dT", found.text + found.folded)
    assert "nothing newer than 2026-03-10 02:00 is held" in found.text


def test_a_reason_that_differs_in_numbers_says_whose_it_is() -> None:
    """Two databases have one cause; the hours are the first one's, and not both's."""
    old = [
        replace(bad(name), reason=f"the newest data is {hours} hours old", age_hours=hours)
        for name, hours in (("orders", 50.0), ("ledger", 40.0))
    ]
    text = read(old).text

    assert 1 == text.count("orders, for one: the newest data is 50.0 hours old")
    assert "40.0 hours old" not in text


def test_what_nobody_selects_has_its_reason_and_its_commands() -> None:
    """One that a person has retired says so; the commands are unfolded."""
    old = replace(
        backed_up("archive"), state=State.STALE, reason="no selected database has this id"
    )
    assert old.detail
    gone = replace(old, detail=replace(old.detail, removal=Removal("aws look", "aws delete")))
    found = read([backed_up("orders")], unselected=[gone, old])

    assert 2 == found.text.count("no selected database has this id")
    assert "7 copies, 7 of them verified, the newest of 2026-03-12 02:00" in found.text
    assert "in account 111111111111:aws look" in found.folded
    assert "aws delete" in found.folded
    assert 1 == found.folded.count("No command is given")


def test_the_backup_account_sees_whose_databases_they_are() -> None:
    """Series of many accounts have the same names; nobody there is told to look for a database."""
    own = replace(SETTING, source_account=None)
    found = read([backed_up("orders")], unselected=[backed_up("archive")], setting=own)

    assert "Backups in account 222222222222, 2026-03-12 04:05 UTC" in found.text
    assert "orders of 111111111111 instance" in found.text
    assert "None" not in found.text + found.folded
    assert "No command is given" not in found.folded


def test_a_part_of_a_result_says_that_it_is_one() -> None:
    """What a later page holds is not there, and not well for that."""
    part = replace(read_back([backed_up("orders")]), missing=1200)

    assert "1,200 more are not in this result." in Reading(page(part)).text
