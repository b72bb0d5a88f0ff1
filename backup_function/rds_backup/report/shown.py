"""A ``plan`` or ``status`` read back from its result object, as every printer shows it.

Whatever made the object, this process or a deployed function, it is shown the same.  The worst
first: what needs a person, then by age.  Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from rds_backup.model.decisions import BAD, State
from rds_backup.model.inventory import Kind
from rds_backup.report.detail import (
    Condition,
    Detail,
    Fleet,
    Flight,
    Held,
    Left,
    NextExpiry,
    Removal,
    Setting,
    Size,
)
from rds_backup.report.entry import Entry

type Found = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a result says: every entry that it has, the worst first, and the counts of all.

    ``total`` and ``needy`` count all databases and those that need a person.  ``named`` are these
    by name with their states, as many as the result has.  ``missing`` are items that it leaves to
    a later page; ``late`` says that the time ended before everything was read.
    """

    action: str
    outcome: str
    setting: Setting
    fleet: Fleet
    databases: tuple[Entry, ...]
    unselected: tuple[Entry, ...]
    actions: tuple[Mapping[str, str], ...]
    total: int
    needy: int
    named: tuple[tuple[str, State], ...]
    missing: int
    late: str | None

    @property
    def bad(self) -> tuple[Entry, ...]:
        """The databases that need a person."""
        return tuple(e for e in self.databases if e.state in BAD)

    def count(self, *states: State) -> int:
        """How many of the databases shown are in one of these states."""
        return sum(e.state in states for e in self.databases)


def shown(result: Found) -> Shown:
    """The result read back; raises KeyError, TypeError or ValueError where it is none."""
    entries = sorted(map(_entry, result["databases"]), key=worst_first)
    states = {State(word): number for word, number in result["counts"]["databases"].items()}
    names = {e.place: (e.database, e.state) for e in entries if e.state in BAD}
    known = set(names.values())
    # What turned bad while a result was asked for page by page is named here only.
    for group in result.get("bad", ()):
        for name in group["names"]:
            if (name, State(group["state"])) not in known:
                names[f"{name} {group['state']}"] = name, State(group["state"])
    return Shown(
        action=str(result["action"]),
        outcome=str(result["outcome"]),
        setting=Setting(**result["setting"]),
        fleet=_fleet(result["fleet"]),
        databases=tuple(entries),
        unselected=tuple(map(_entry, result.get("unselected_series", ()))),
        actions=tuple(result["actions"]),
        total=sum(states.values()),
        needy=sum(number for state, number in states.items() if state in BAD),
        named=tuple(names.values()),
        missing=result["more"]["count"] if "more" in result else 0,
        late=result.get("late"),
    )


def worst_first(entry: Entry) -> tuple[bool, float, str]:
    """The order of entries: what needs a person, then the oldest, no backup before all others."""
    age = inf if entry.age_hours is None else entry.age_hours
    return entry.state not in BAD, -age, entry.place


def _entry(found: Found) -> Entry:
    return Entry(
        database=found["database"],
        kind=Kind(found["kind"]) if found["kind"] else None,
        resource_id=found["resource_id"],
        state=State(found["state"]),
        reason=found["reason"],
        fix=found["fix"],
        source_snapshot=found["source_snapshot"],
        taken_at=found["taken_at"],
        backup=found["backup"],
        age_hours=found["age_hours"],
        backups_kept=found["backups_kept"],
        detail=_detail(found) if "backups" in found else None,
    )


def _detail(found: Found) -> Detail:
    """The detail of an entry; a list that was too long for a result is empty."""
    return Detail(
        remaining=tuple(found["remaining"] or ()),
        in_flight=tuple(Flight(**one) for one in found["in_flight"] or ()),
        backups=_held(found["backups"] or ()),
        backup_taken_at=found["backup_taken_at"],
        oldest_backup_taken_at=found["oldest_backup_taken_at"],
        kms_key=found["kms_key"],
        size=_size(found["size"]),
        total_size=_size(found["total_size"]),
        next_expiry=NextExpiry(**found["next_expiry"]) if found["next_expiry"] else None,
        left=tuple(Left(**one) for one in found["left"] or ()),
        removal=Removal(**found["removal"]) if found["removal"] else None,
        source_account=found["source_account"],
    )


def _fleet(found: Found) -> Fleet:
    return Fleet(found["copies"], _size(found["size"]), _size(found["with_one_more"]))


def _held(found: Sequence[Found]) -> tuple[Held, ...]:
    return tuple(
        Held(**{**one, "condition": Condition(one["condition"]), "size": _size(one["size"])})
        for one in found
    )


def _size(found: Found | None) -> Size | None:
    return Size(**found) if found else None
