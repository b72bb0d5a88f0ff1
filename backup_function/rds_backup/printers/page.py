"""The status as one page for people and auditors: nothing is loaded, nothing runs.

It prints what the report holds, and decides nothing: the verdict, what needs a person, a line for
each database, and the verdict again.
"""

from collections.abc import Iterator, Sequence
from html import escape

from rds_backup.model.decisions import BAD, State
from rds_backup.printers.calendar import MEANING, Mark
from rds_backup.printers.markup import facts, prose, shape, with_shape
from rds_backup.printers.page_details import others
from rds_backup.printers.page_rows import OF_MARK, table
from rds_backup.printers.page_style import SHAPES, STYLE
from rds_backup.printers.verdict import TONES, Cause, causes, told_state, verdict
from rds_backup.printers.wording import (
    ELSEWHERE,
    SIZES,
    fleet,
    keys,
    restored_in_all,
    to_keep,
    when,
)
from rds_backup.report.shown import Shown

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
# So many names of a cause are told at once, and the others unfolded.
_AT_ONCE = 8


def page(report: Shown) -> str:
    """The page of a ``status``, complete: HTML without script or any outside resource."""
    setting = report.setting
    whose = (
        f"Backups of account {setting.source_account}"
        if setting.source_account
        else f"Backups in account {setting.backup_account}"
    )
    title = escape(f"{whose}, {when(setting.looked_at)} UTC")
    words, tone = verdict(report)
    said = f'<header class="verdict {tone}">{shape(tone)}<div><h1>{prose(words)}</h1>'
    parts = [
        _HEAD.format(title=title, style=STYLE, shapes=SHAPES),
        f"{said}<p>{title}</p></div></header>\n<main>\n",
        _fleet(report),
        *_causes(report),
        f"<h2>Databases</h2>\n{table(report)}",
        *_end(report),
        *others(report),
        f'</main>\n<footer class="verdict {tone}">{shape(tone)}<div><p>{prose(words)}</p></div>',
        "</footer>\n</body>\n</html>\n",
    ]
    return "".join(parts)


def _fleet(report: Shown) -> str:
    setting = report.setting
    counted = (
        f"<li>{shape(TONES[state])} {report.count(state)} {told_state(state)}</li>"
        for state in reversed(State)
        if report.count(state)
    )
    looked = [
        ("Region", setting.region),
        ("Databases of", setting.source_account or "every account"),
        ("Backups in", setting.backup_account),
        ("Region of the backups", setting.backup_region),
        ("Objective", f"data at most {setting.max_snapshot_age_hours} hours old"),
        ("To keep", to_keep(setting)),
        ("In all", fleet(report)),
        ("Proven", restored_in_all(report)),
    ]
    return f'<div class="fleet"><ul class="facts">{"".join(counted)}</ul>\n{facts(looked)}</div>\n'


def _causes(report: Shown) -> Iterator[str]:
    found = causes(report.databases)
    yield from _section("What needs a person", [c for c in found if c.state in BAD])
    yield from _section("Also worth knowing", [c for c in found if c.state not in BAD])


def _section(head: str, found: Sequence[Cause]) -> Iterator[str]:
    if found:
        yield f'<h2>{head}</h2>\n<ul class="causes">\n'
        yield from map(_cause, found)
        yield "</ul>\n"


def _cause(cause: Cause) -> str:
    names, more = cause.names[:_AT_ONCE], cause.names[_AT_ONCE:]
    folded = (
        f'<details class="bad"><summary>and {len(more)} more</summary>'
        f"{escape(', '.join(more))}</details>"
        if more
        else ""
    )
    fix = f"<p><b>Fix:</b> {prose(cause.fix)}</p>" if cause.fix else ""
    return (
        f'<li class="{TONES[cause.state]}">{with_shape(cause.state)} {escape(", ".join(names))}'
        f"{folded}<p>{prose(cause.told)}</p>{fix}</li>\n"
    )


def _end(report: Shown) -> Iterator[str]:
    """What the rows leave to be said: the shapes, the sizes, the keys."""
    if report.missing:
        yield f"<p>{report.missing:,} more are not in this result.</p>\n"
    legend = (f"<li>{shape(OF_MARK[mark])} {escape(MEANING[mark])}</li>" for mark in Mark)
    yield f'<ul class="facts legend"><li>A night (UTC):</li>{"".join(legend)}</ul>\n'
    yield f'<p class="soft">{escape(SIZES)}</p>\n'
    if not report.setting.expires:
        yield f'<p class="soft">{escape(ELSEWHERE)}</p>\n'
    for arn in keys(report):
        yield f'<p class="soft">Key of the newest backups: <code>{escape(arn)}</code></p>\n'
