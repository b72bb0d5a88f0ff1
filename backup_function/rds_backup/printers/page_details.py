"""What the page folds: of a database all that its row leaves out, and what no database claims."""

from collections.abc import Iterator
from html import escape

from rds_backup.model.decisions import BAD
from rds_backup.printers.markup import facts, prose
from rds_backup.printers.wording import (
    NO_REMOVAL,
    TO_REMOVE,
    flight,
    held_in_all,
    kept_base,
    left_lying,
    next_expiry,
    restored,
    size,
    when,
)
from rds_backup.report.detail import Detail, Held, Setting
from rds_backup.report.entry import Entry
from rds_backup.report.shown import Shown

_KEPT = {True: "kept", False: "expires", None: "held"}


def unfolded(entry: Entry, nights: str) -> Iterator[str]:
    """Everything about one database that neither its row nor a cause tells."""
    detail = entry.detail
    named = [("Resource id", entry.resource_id)]
    yield facts([*named, *_pairs(entry, detail)] if detail else named)
    if entry.state not in BAD and not entry.fix:
        yield f"<p>{prose(entry.reason)}</p>\n"
    if detail:
        for found in detail.in_flight:
            where = f"{_code(found.snapshot)} in account {escape(found.account)}"
            yield f"<p>{escape(flight(found))}: {where}</p>\n"
        yield from _left(entry)
        yield f"<p>Nights: {nights}</p>\n" if nights else ""
        yield _copies(detail)


def _pairs(entry: Entry, detail: Detail) -> list[tuple[str, str | None]]:
    """Names and values; without a verified backup there is little to tell."""
    account = ("Account", detail.source_account)
    if not entry.backup:
        return [
            account,
            ("All copies", size(detail.total_size) if detail.total_size else None),
            ("Restored", restored(detail, whole=True)),
        ]
    return [
        account,
        ("Newest verified", when(detail.backup_taken_at)),
        ("Oldest verified", when(detail.oldest_backup_taken_at)),
        ("Next to expire", next_expiry(detail)),
        ("Base", kept_base(detail)),
        ("All copies", size(detail.total_size)),
        ("Restored", restored(detail, whole=True)),
        ("Key", detail.kms_key),
    ]


def _copies(detail: Detail) -> str:
    if not detail.backups:
        # A verified backup is one of the copies held; a bounded result may leave out their list.
        left_out = "The list of copies is too long for this result."
        return f"<p>{left_out if detail.backup_taken_at else 'No copy is held.'}</p>\n"
    names = ("Taken (UTC)", "Copy", "Condition", "Size", "Kept or not")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    rows = "".join(map(_copy, reversed(detail.backups)))
    return f'<table class="held"><thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody></table>\n'


def _copy(held: Held) -> str:
    return (
        f'<tr><td class="number">{escape(when(held.taken_at))}</td><td>{_code(held.snapshot)}</td>'
        f"<td>{held.condition}</td><td>{escape(size(held.size))}</td>"
        f"<td>{_KEPT[held.kept]}: {prose(held.reason)}</td></tr>\n"
    )


def _left(entry: Entry) -> Iterator[str]:
    for words, command in left_lying(entry):
        yield f"<p>{escape(words)}</p><pre>{escape(command)}</pre>\n"


def _code(name: str) -> str:
    return f"<code>{escape(name)}</code>"


def others(report: Shown) -> Iterator[str]:
    """The series that no selected database claims, or that a person has retired, each with why."""
    if report.unselected:
        yield "<h2>Not selected</h2>\n"
        yield '<ul class="others">\n'
        yield from (f"<li>{''.join(_other(e, report.setting))}</li>\n" for e in report.unselected)
        yield "</ul>\n"


def _other(entry: Entry, setting: Setting) -> Iterator[str]:
    named = f"{entry.kind} {entry.resource_id}"
    yield f'<b>{escape(entry.database)}</b> <span class="soft">{escape(named)}</span>: '
    yield prose(entry.reason)
    detail = entry.detail
    if detail is None:
        return
    yield f"<br>{escape(held_in_all(entry, detail))}"
    yield "<details><summary>details</summary>\n"
    yield from _left(entry)
    yield _copies(detail)
    if detail.removal:
        yield f"<p>To see whether it exists, in account {escape(str(setting.source_account))}:</p>"
        yield f"<pre>{escape(detail.removal.look)}</pre>\n<p>{escape(TO_REMOVE)}</p>"
        yield f"<pre>{escape(detail.removal.delete)}</pre>\n"
    elif setting.source_account:
        yield f"<p>{escape(NO_REMOVAL)}</p>\n"
    yield "</details>"
