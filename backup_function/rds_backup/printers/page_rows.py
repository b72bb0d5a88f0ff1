"""The page's table: a line for each database, with its nights as a strip, and the rest folded."""

from datetime import date
from html import escape

from rds_backup.model.decisions import BAD
from rds_backup.printers.calendar import Day, Mark, earlier, first_monday, spells, weeks
from rds_backup.printers.markup import with_shape
from rds_backup.printers.page_details import unfolded
from rds_backup.printers.verdict import TONES
from rds_backup.printers.wording import hours, restored, size
from rds_backup.report.detail import Setting
from rds_backup.report.entry import Entry
from rds_backup.report.shown import Shown

OF_MARK = {
    Mark.VERIFIED: "good",
    Mark.COPYING: "busy",
    Mark.UNVERIFIED: "doubt",
    Mark.FAILED: "bad",
    Mark.GAP: "gap",
    Mark.BEFORE: "before",
    Mark.TO_COME: "to-come",
}
# A night with the space beside it, and a week with the space behind it, as they are drawn.
_NIGHT, _WEEK = 16, 7 * 16 + 8
_SCALE = 0.8


def table(report: Shown) -> str:
    """A row for each database, in the report's order."""
    details = [e.detail for e in report.databases if e.detail]
    today = date.fromisoformat(report.setting.looked_at[:10])
    start = first_monday(details, today)
    drawn = weeks(details[0], start, today) if details else ()
    mondays = "".join(f"<span>{week[0].day}</span>" for week in drawn)
    head = "".join(
        f'<th scope="col" role="columnheader">{name}</th>'
        for name in ("State", "Database", "Age", "Kept", "Size", "Restored")
    )
    rows = "".join(_row(entry, report.setting, start, today) for entry in report.databases)
    return (
        '<table class="databases" role="table">\n'
        f'<thead role="rowgroup"><tr role="row">{head}'
        '<th class="nights" scope="col" role="columnheader">Nights (UTC), week by week from'
        f'<span class="weeks">{mondays}</span></th>'
        '<th scope="col" role="columnheader"></th></tr></thead>\n'
        f'<tbody role="rowgroup">\n{rows}</tbody>\n</table>\n'
    )


def _row(entry: Entry, setting: Setting, start: date, today: date) -> str:
    name, said = escape(entry.database), ""
    nights: list[Day] = []
    if entry.detail and (entry.detail.backups or not entry.backup):
        # Else the list of copies was too long for the result, and nothing is known of a night.
        nights = [night for week in weeks(entry.detail, start, today) for night in week]
        older = earlier(entry.detail, start)
        said = _said(nights) + (f"; {older} verified of earlier nights" if older else "")
    folded = "".join(unfolded(entry, said))
    bad = ' class="bad"' if entry.state in BAD else ""
    return (
        f'<tr role="row" class="{TONES[entry.state]}">'
        f'<td role="cell">{with_shape(entry.state)}</td>'
        f'<th class="name" scope="row" role="rowheader"><b>{name}</b> '
        f'<span class="soft">{escape(str(entry.kind or "selector"))}</span></th>'
        f"{_numbers(entry, setting)}"
        f'<td class="nights" role="cell">{_strip(nights)}</td>\n'
        f'<td class="more" role="cell"><details{bad}>'
        f'<summary aria-label="details of {name}">details</summary>\n'
        f'<div class="inside">\n{folded}</div></details></td></tr>\n'
    )


def _numbers(entry: Entry, setting: Setting) -> str:
    detail = entry.detail
    numbers = (
        ("Age", hours(entry.age_hours, setting.max_snapshot_age_hours) if detail else "-"),
        ("Kept", str(entry.backups_kept) if detail else "-"),
        ("Size", size(detail.size if detail else None)),
        ("Restored", restored(detail).partition(",")[0]),
    )
    return "".join(
        f'<td class="number" role="cell" data-label="{label}">{escape(value)}</td>'
        for label, value in numbers
    )


def _strip(nights: list[Day]) -> str:
    """The nights as one drawing; a screen reader is told them as spans."""
    if not nights:
        return ""
    width = len(nights) // 7 * _WEEK
    drawn = "".join(
        f'<use class="{OF_MARK[night.mark]}" href="#{OF_MARK[night.mark]}" '
        f'x="{number // 7 * _WEEK + number % 7 * _NIGHT}"><title>{night.day}: {night.mark}</title>'
        "</use>"
        for number, night in enumerate(nights)
    )
    return (
        f'<svg role="img" aria-label="{_said(nights)}" viewBox="0 0 {width} {_NIGHT}" '
        f'width="{width * _SCALE:.0f}">{drawn}</svg>'
    )


def _said(nights: list[Day]) -> str:
    return "; ".join(
        f"{first}: {mark}" if first == last else f"{first} to {last}: {mark}"
        for first, last, mark in spells(nights)
    )
