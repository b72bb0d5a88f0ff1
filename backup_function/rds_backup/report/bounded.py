"""A result that Lambda can return, whatever the fleet: counts of all, what is bad, then a page.

Every item has a place: the bad ones by state and name, then the others by name.  A page goes on
behind the place where the last one ended.  It begins with every cause that something is bad for
now: so what turns bad between two pages, and moves before that place, is named.  Values only.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from rds_backup import __version__

# Lambda ends at 6 MB; this leaves a client room for a wrapper within 256 KB.
MAX_RESULT_BYTES = 240_000
# Raised when a client of the one before could not read the result any more; docs have its schema.
RESULT_VERSION = 1
# What every result begins with; the release tells which code has made it.
HEAD = {"version": RESULT_VERSION, "release": __version__}
# Of an item that would be a larger part of it, a long text is cut to so much, a long list left out.
_ALONE, _LONG, _CUT = 0.4, 4_000, 600
_BAD = "!"


class Item(NamedTuple):
    """One thing to tell, in the list ``member`` of the result, and what makes its JSON.

    ``name`` gives its place, ``word`` is what it counts as.  ``cause`` is there for what is bad:
    what it has in common with others, who are named by ``whose``.
    """

    member: str
    name: str
    word: str
    told: Callable[[], Mapping[str, Any]]
    cause: Mapping[str, str | None] | None = None
    whose: str = ""


def bounded(
    head: Mapping[str, Any],
    members: Sequence[str],
    items: Iterable[Item],
    after: str | None,
    most: float,
) -> dict[str, Any]:
    """The result of ``items``, of at most ``most`` bytes of JSON, in whatever encoding.

    ``head`` stands behind ``HEAD``.  ``counts`` are of all, and ``bad`` has each cause once,
    with its names, in at most half of it.  Then the items from ``after`` on, as many as fit, in
    their lists: the bad ones first, and else in the order in which they came.  ``more`` says how
    many are left, and after which place.  The ``members`` are there, if empty.
    """
    placed = _placed(items)
    counts = {member: Counter[str]() for member in members}
    for _, _, item in placed:
        counts.setdefault(item.member, Counter())[item.word] += 1
    result: dict[str, Any] = {**HEAD, **head}
    result["counts"] = {member: dict(found) for member, found in counts.items()}
    if bad := _bad((item for _, _, item in placed), most / 2):
        result["bad"] = bad
    result |= {member: [] for member in members}
    left = [one for one in placed if after is None or one[0] > after]
    page, room, last = [], most - _size(result), after
    for place, number, item in left:
        shown = fitting(item.told(), most * _ALONE)
        room -= _size(shown)
        if room < _size({"more": {"count": len(left), "after": place}}):
            break
        rank = (not item.cause, place if item.cause else "", number)
        page.append((rank, item.member, shown))
        last = place
    for _, member, shown in sorted(page, key=lambda one: one[0]):
        result.setdefault(member, []).append(shown)
    if len(page) < len(left):
        result["more"] = {"count": len(left) - len(page), "after": last}
    return result


def _placed(items: Iterable[Item]) -> list[tuple[str, int, Item]]:
    """All items in the order of their places, each with its number; no two have one place.

    No name begins with the mark of the bad ones, which sorts before all that names begin with.
    """
    seen: Counter[str] = Counter()
    placed = []
    for number, item in enumerate(items):
        again = seen[item.name]
        seen[item.name] += 1
        place = f"{item.name} {again:06}" if again else item.name
        placed.append((f"{_BAD} {item.word} {place}" if item.cause else place, number, item))
    return sorted(placed, key=lambda one: one[0])


def _bad(items: Iterable[Item], room: float) -> list[dict[str, Any]]:
    """Each cause once, with how many it holds for, and as many of their names as there is room."""
    groups: dict[tuple[tuple[str, Any], ...], list[str]] = {}
    for item in items:
        if item.cause:
            groups.setdefault(tuple(item.cause.items()), []).append(item.whose)
    told = []
    for cause, names in groups.items():
        group = {**fitting(dict(cause), room / 2), "count": len(names), "names": names}
        room -= _size(group | {"names": []})
        fit = 0
        while fit < len(names) and (room := room - _size(names[fit])) >= 0:
            fit += 1
        if fit == 0:
            break
        told.append(group | {"names": names[:fit]})
    return told


def fitting(item: Mapping[str, Any], most: float) -> Mapping[str, Any]:
    """The same if its JSON has at most ``most`` bytes, else with its long values cut."""
    if _size(item) <= most:
        return item
    return {key: value if _size(value) <= _LONG else _cut(value) for key, value in item.items()}


def _cut(value: object) -> str | None:
    return f"{value[:_CUT]}..." if isinstance(value, str) else None


def _size(value: object) -> int:
    """The bytes of its JSON and a comma, at most: escaped text is never shorter than UTF-8."""
    return len(json.dumps(value)) + 2
