"""The status as one page for people and auditors: nothing is loaded, nothing runs.

It prints what the report holds, and decides nothing.  Every value is escaped; every shape has a
text, so that neither colour nor sight is needed.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from html import escape

from rds_backup.model.decisions import BAD, State
from rds_backup.printers.calendar import MEANING, Day, Mark, earlier, first_monday, weeks
from rds_backup.printers.page_style import OF_MARK, OF_STATE, SHAPES, STYLE
from rds_backup.printers.wording import (
    ELSEWHERE,
    NO_REMOVAL,
    SIZES,
    TO_REMOVE,
    flight,
    held_in_all,
    hours,
    key_id,
    keys,
    left_lying,
    next_expiry,
    size,
    when,
)
from rds_backup.report.detail import Detail, Setting
from rds_backup.report.entry import Entry
from rds_backup.report.shown import Shown

_COLUMNS = ("Database", "State", "Newest verified backup", "Kept", "Size", "Key", "Nights (UTC)")
_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{shapes}
"""


def page(report: Shown) -> str:
    """The page of a ``status``, complete: HTML without script or any outside resource."""
    setting = report.setting
    title = f"Backups of account {setting.source_account}, {when(setting.looked_at)} UTC"
    parts = [
        _HEAD.format(title=escape(title), style=STYLE, shapes=SHAPES),
        f"<header>\n<h1>{escape(title)}</h1>\n<p>{escape(_summary(report))}</p>\n",
        _facts(setting),
        "</header>\n<main>\n<h2>Databases</h2>\n",
        _databases(report, setting),
        "<h2>What the nights' shapes mean</h2>\n",
        '<ul class="legend">\n',
        *(f"<li>{_shape(*OF_MARK[mark])} {escape(MEANING[mark])}</li>\n" for mark in Mark),
        "</ul>\n",
        f"<p>{escape(SIZES)}</p>\n",
        "" if setting.expires else f"<p>{escape(ELSEWHERE)}</p>\n",
        *(f"<p>Key {key_id(arn)} is <code>{escape(arn)}</code></p>\n" for arn in keys(report)),
        *_unselected(report, setting),
        "</main>\n</body>\n</html>\n",
    ]
    return "".join(parts)


def _summary(report: Shown) -> str:
    states = Counter(entry.state for entry in report.databases)
    counted = [f"{states[state]} {state.replace('_', ' ')}" for state in State if states[state]]
    total = len(report.databases)
    noun = "database" if total == 1 else "databases"
    return f"{total} {noun}: {', '.join(counted) or 'nothing selected'}."


def _facts(setting: Setting) -> str:
    facts = {
        "Looked at": f"{when(setting.looked_at)} UTC",
        "Region": setting.region,
        "Databases in account": setting.source_account or "all of the series",
        "Backups in account": setting.backup_account,
        "Objective": f"data at most {setting.max_snapshot_age_hours} hours old",
        "To keep": f"{setting.backups_to_keep} verified backups"
        if setting.expires
        else "decided in the backup account",
    }
    pairs = (f"<div><dt>{escape(k)}</dt><dd>{escape(v)}</dd></div>\n" for k, v in facts.items())
    return f"<dl>\n{''.join(pairs)}</dl>\n"


def _databases(report: Shown, setting: Setting) -> str:
    details = [e.detail for e in report.databases if e.detail]
    today = date.fromisoformat(setting.looked_at[:10])
    start = first_monday(details, today)
    head = "".join(f'<th scope="col" role="columnheader">{escape(name)}</th>' for name in _COLUMNS)
    rows = "".join(_row(entry, setting, start, today) for entry in report.databases)
    return (
        '<table class="databases" role="table">\n'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>\n'
        f'<tbody role="rowgroup">\n{rows}</tbody>\n</table>\n'
    )


def _row(entry: Entry, setting: Setting, start: date, today: date) -> str:
    kind = f"{entry.kind} {entry.resource_id}" if entry.resource_id else "selector"
    name = f'{escape(entry.database)}<br><span class="id">{escape(kind)}</span>'
    cells = [_state(entry), *(_cells(entry, entry.detail, setting) if entry.detail else [""] * 4)]
    calendar = _calendar(entry.detail, start, today) if entry.detail else ""
    labelled = "".join(
        f'<td role="cell" data-label="{escape(label)}">{cell}</td>\n'
        for label, cell in zip(_COLUMNS[1:], [*cells, calendar], strict=True)
        if cell or not entry.detail
    )
    return f'<tr role="row">\n<th scope="row" role="rowheader">{name}</th>\n{labelled}</tr>\n'


def _state(entry: Entry) -> str:
    word = entry.state.replace("_", " ")
    notes = "".join(
        f"<p>{escape(words)}</p>"
        for words in map(flight, entry.detail.in_flight if entry.detail else ())
    )
    notes += _left(entry)
    remark = entry.told if entry.state in BAD or entry.fix else None
    return (
        f'<span class="state">{_shape(*OF_STATE[entry.state])} {escape(word)}</span>'
        + (f"<p>{escape(remark)}</p>" if remark else "")
        + notes
    )


def _left(entry: Entry) -> str:
    return "".join(
        f"<p>{escape(words)}</p><pre>{escape(command)}</pre>"
        for words, command in left_lying(entry)
    )


def _cells(entry: Entry, detail: Detail, setting: Setting) -> list[str]:
    age = hours(entry.age_hours, setting.max_snapshot_age_hours)
    newest = f"{when(detail.backup_taken_at)}, age {age}"
    name = (entry.backup or "").rsplit(":", 1)[-1]
    expiry = next_expiry(detail)
    kept = f"{entry.backups_kept}, the oldest of {when(detail.oldest_backup_taken_at)}"
    return [
        f"{escape(newest)}<br><code>{escape(name)}</code>" if entry.backup else "none",
        (escape(kept) if entry.backups_kept else "none")
        + (f"<p>Next to expire: {escape(expiry)}</p>" if expiry else ""),
        f'<span class="whole">{escape(size(detail.size))}</span>'
        + (f"<p>all copies {escape(size(detail.total_size))}</p>" if detail.total_size else ""),
        f'<code class="whole">{escape(key_id(detail.kms_key))}</code>',
    ]


def _calendar(detail: Detail, start: date, today: date) -> str:
    older = earlier(detail, start)
    note = f", and {older} verified of earlier nights" if older else ""
    names = "".join(
        f'<th scope="col" abbr="{day}">{day[:2]}</th>'
        for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    )
    rows = "".join(
        f"<tr>{''.join(_day(one) for one in week)}</tr>\n" for week in weeks(detail, start, today)
    )
    return (
        f'<table class="nights">\n<caption>from {start}{note}</caption>\n'
        f"<thead><tr>{names}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>"
    )


def _day(one: Day) -> str:
    text = f"{one.day}: {MEANING[one.mark]}"
    return f"<td>{_shape(*OF_MARK[one.mark], text)}<span>{one.day.day}</span></td>"


def _unselected(report: Shown, setting: Setting) -> Iterator[str]:
    if report.unselected:
        yield "<h2>Backups that no selected database claims</h2>\n"
    for entry in report.unselected:
        detail = entry.detail
        yield f"<h3>{escape(entry.database)} ({escape(f'{entry.kind} {entry.resource_id}')})</h3>\n"
        if detail is None:
            continue
        yield _left(entry)
        yield f"<p>{escape(held_in_all(entry, detail))}</p>\n"
        if detail.removal is None:
            yield f"<p>{escape(NO_REMOVAL)}</p>\n"
            continue
        yield f"<p>To see whether it exists, in account {escape(str(setting.source_account))}:</p>\n"
        yield f"<pre>{escape(detail.removal.look)}</pre>\n"
        yield f"<p>{escape(TO_REMOVE)}</p>\n"
        yield f"<pre>{escape(detail.removal.delete)}</pre>\n"


def _shape(shape: str, colour: str, text: str | None = None) -> str:
    """A drawn shape; without a text of its own it stands beside one."""
    said = f'role="img" aria-label="{escape(text)}"' if text else 'aria-hidden="true"'
    title = f"<title>{escape(text)}</title>" if text else ""
    return f'<svg class="shape {colour}" {said}>{title}<use href="#{shape}"/></svg>'
