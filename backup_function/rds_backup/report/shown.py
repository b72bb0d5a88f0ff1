"""A ``plan`` or ``status`` read back from its result object, as every printer shows it.

Whatever made the object, this process or a deployed function, it is shown the same.  The worst
first: what needs a person, then by age.  Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from rds_backup.decide.turns import Round
from rds_backup.model.decisions import BAD, WAITING, State
from rds_backup.model.inventory import Kind
from rds_backup.report.base import Base
from rds_backup.report.detail import (
    WHOLE_WAY,
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
from rds_backup.report.drilled import Drilled
from rds_backup.report.entry import Entry
from rds_backup.report.known import Found, known


@dataclass(frozen=True, slots=True)
class Shown:
    """What a result says: every entry that it has, the worst first, and the counts of all.

    ``states`` and ``planned`` count all databases and all actions, whatever a page of the result
    holds.  ``named`` are those that need a person by name with their states, as many as the result
    has.  ``missing`` are items that it leaves to a later page; ``late`` says that the time ended
    before everything was read, ``as_of`` in words that the look is an old one.  ``drills`` is
    there in the backup account's own look.
    """

    setting: Setting
    fleet: Fleet
    databases: tuple[Entry, ...]
    unselected: tuple[Entry, ...]
    actions: tuple[Mapping[str, str], ...]
    states: Mapping[State, int]
    planned: Mapping[str, int]
    named: tuple[tuple[str, State], ...]
    missing: int = 0
    late: str | None = None
    as_of: str | None = None
    drills: Round | None = None

    @property
    def bad(self) -> tuple[Entry, ...]:
        """The databases that need a person."""
        return tuple(e for e in self.databases if e.state in BAD)

    @property
    def total(self) -> int:
        """How many databases there are."""
        return sum(self.states.values())

    @property
    def needy(self) -> int:
        """How many need a person: pages of two looks may disagree, and then the worse counts."""
        return max(self.count(*BAD), len(self.named))

    @property
    def waiting(self) -> int:
        """How many are in progress or queued."""
        return self.count(*WAITING)

    @property
    def not_begun(self) -> tuple[Entry, ...]:
        """Those in progress of which nothing has begun: what AWS says to it is not known yet."""
        return tuple(
            e
            for e in self.databases
            if e.state is State.IN_PROGRESS
            and e.detail
            and not e.detail.in_flight
            and e.detail.remaining == WHOLE_WAY
        )

    def count(self, *states: State) -> int:
        """How many databases are in one of these states."""
        return sum(self.states.get(state, 0) for state in states)


def shown(result: Found, as_of: str | None = None) -> Shown:
    """The result read back; raises KeyError, TypeError or ValueError where it is none."""
    setting = known(Setting, result["setting"])
    found = [(item["database"], _entry(item, setting)) for item in result["databases"]]
    found.sort(key=lambda each: worst_first(each[1]))
    named = {
        (name, entry.state): (entry.database, entry.state)
        for name, entry in found
        if entry.state in BAD
    }
    # What turned bad while a result was asked for page by page is named here only.
    for group in result.get("bad", ()):
        for name in group["names"]:
            state = State(group["state"])
            named.setdefault((name, state), (name, state))
    counts = result["counts"]
    return Shown(
        setting=setting,
        fleet=_fleet(result["fleet"]),
        databases=tuple(entry for _, entry in found),
        unselected=tuple(_entry(e, setting) for e in result.get("unselected_series", ())),
        actions=tuple(result["actions"]),
        states={State(word): int(number) for word, number in counts["databases"].items()},
        planned={word: int(number) for word, number in counts["actions"].items()},
        named=tuple(named.values()),
        missing=int(result["more"]["count"]) if "more" in result else 0,
        late=result.get("late"),
        as_of=as_of,
        drills=known(Round, result["drills"]) if result.get("drills") else None,
    )


def worst_first(entry: Entry) -> tuple[bool, float, str]:
    """The order of entries: what needs a person, then the oldest, no backup before all others."""
    age = inf if entry.age_hours is None else entry.age_hours
    return entry.state not in BAD, -age, entry.place


def _entry(found: Found, setting: Setting) -> Entry:
    """One entry; in the backup account, where names of several accounts meet, with its account."""
    kind, detail = found["kind"], _detail(found) if "backups" in found else None
    of = f" of {detail.source_account}" if detail and setting.source_account is None else ""
    values = {
        "database": f"{found['database']}{of}",
        "kind": Kind(kind) if kind else None,
        "state": State(found["state"]),
        "detail": detail,
    }
    return known(Entry, {**found, **values})


def _detail(found: Found) -> Detail:
    """The detail of an entry; a list that was too long for a result is empty."""
    return Detail(
        remaining=tuple(found["remaining"] or ()),
        in_flight=tuple(known(Flight, one) for one in found["in_flight"] or ()),
        backups=tuple(_held(one) for one in found["backups"] or ()),
        backup_taken_at=found["backup_taken_at"],
        oldest_backup_taken_at=found["oldest_backup_taken_at"],
        kms_key=found["kms_key"],
        size=_size(found["size"]),
        total_size=_size(found["total_size"]),
        next_expiry=known(NextExpiry, found["next_expiry"]) if found["next_expiry"] else None,
        left=tuple(known(Left, one) for one in found["left"] or ()),
        removal=known(Removal, found["removal"]) if found["removal"] else None,
        source_account=found["source_account"],
        restored=Drilled.read(found.get("restored")),
        last_drill=Drilled.read(found.get("last_drill")),
        base=known(Base, found["base"]) if found.get("base") else None,
    )


def _held(found: Found) -> Held:
    values = {"condition": Condition(found["condition"]), "size": _size(found["size"])}
    return known(Held, {**found, **values})


def _size(found: Found | None) -> Size | None:
    return known(Size, found) if found else None


def _fleet(found: Found) -> Fleet:
    sizes: dict[str, Any] = {name: _size(found[name]) for name in ("size", "with_one_more")}
    return known(Fleet, {**found, **sizes})
