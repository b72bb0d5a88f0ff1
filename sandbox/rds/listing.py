"""DescribeDBSnapshots and DescribeDBClusterSnapshots: who sees which snapshots.

Decides what belongs into a listing; paging is in ``pages``, the members in ``snapshots``.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.calls import Ask
from sandbox.errors import AwsError, invalid_value, not_found
from sandbox.kinds import Family
from sandbox.rds.identifiers import reference
from sandbox.rds.pages import MOST_VALUES, filters, page
from sandbox.rds.snapshots import Snapshot, outdated_answer, shows_resource_id
from sandbox.world import World

_TYPES = ("automated", "manual", "shared", "public", "awsbackup")
_OWN_BY_DEFAULT = ("automated", "manual")


def describe_snapshots(world: World, family: Family, ask: Ask) -> dict[str, Any]:
    """One page of the snapshots that the parameters select among those the caller may see."""
    params = ask.params
    if params.get("SnapshotType") not in (None, *_TYPES):
        raise invalid_value(f"Invalid snapshot type: {params['SnapshotType']}")
    world.copies.show_progress(ask.now)
    found = [s for s in _visible(world, family, ask) if not _lags(s)]
    if params.get(family.database_id):
        found = _of_database(world, family, ask, found)
    if params.get(family.resource_id):
        wanted = [params[family.resource_id]]
        found = [s for s in found if _resource(world, s) in wanted]
    most = MOST_VALUES if world.switches.snapshot_filter_values == "limited" else None
    for name, values in filters(params, _filters(world, family), most):
        found = [s for s in found if name(s) & values]
    if params.get(family.identifier):
        found = _named(family, ask, found)
    shown, marker = page(params, found, lambda s: s.place)
    answer: dict[str, Any] = {
        f"{family.noun}s": [outdated_answer(s, ask.account, world.switches) for s in shown]
    }
    return answer | ({"Marker": marker} if marker else {})


def _visible(world: World, family: Family, ask: Ask) -> list[Snapshot]:
    """The caller's own of the type asked for, and other people's where these are asked for.

    ``IncludeShared`` and ``IncludePublic`` do not apply to ``manual`` and ``automated``.
    """
    params, kind = ask.params, family.kind
    wanted = params.get("SnapshotType")
    types = (wanted,) if wanted else _OWN_BY_DEFAULT
    own = world.snapshots[ask.account, ask.region, kind]
    gone = world.still_listed(ask.account, ask.region, kind)
    there = own | {s.identifier: s for s in gone if s.identifier not in own}
    found = [s for s in there.values() if s.type in types]
    shared = wanted == "shared" or (wanted is None and params.get("IncludeShared"))
    public = wanted == "public" or (wanted is None and params.get("IncludePublic"))
    if shared or public:
        found += [
            s
            for s in world.all_snapshots(ask.region, kind)
            if s.account != ask.account
            and ((shared and ask.account in s.shared_with) or (public and "all" in s.shared_with))
        ]
    return found


def _lags(snapshot: Snapshot) -> bool:
    """Whether the snapshot is too new for this listing; counts the listing."""
    if snapshot.unseen == 0:
        return False
    snapshot.unseen -= 1
    return True


def _of_database(world: World, family: Family, ask: Ask, found: list[Snapshot]) -> list[Snapshot]:
    """The snapshots of the database of this name; one that is not in the account is a switch."""
    word = family.database_arn_word
    name = reference(ask.params[family.database_id], word, ask.account, ask.region).name
    if (
        world.switches.describe_absent_database == "error"
        and name not in world.databases[ask.account, ask.region, family.kind]
    ):
        raise AwsError(family.database_not_found, f"{family.database_noun} {name} not found.")
    return [s for s in found if s.database == name]


def _named(family: Family, ask: Ask, found: list[Snapshot]) -> list[Snapshot]:
    """The one snapshot of this name; an automated one is found only if its type is given."""
    text = ask.params[family.identifier]
    where = reference(text, family.arn_word, ask.account, ask.region)
    one = [
        s
        for s in found
        if (s.account, s.region, s.identifier) == (where.account, where.region, where.name)
        and (s.type != "automated" or ask.params.get("SnapshotType"))
    ]
    if not one:
        raise not_found(family, text)
    return one


def _filters(world: World, family: Family) -> Mapping[str, Callable[[Snapshot], set[str]]]:
    """The filters that the operation knows, each as the values a snapshot answers to."""
    known: dict[str, Callable[[Snapshot], set[str]]] = {
        family.snapshot_filter: lambda s: {s.identifier},
        family.database_filter: lambda s: {s.database, _database_arn(s, family)},
        "snapshot-type": lambda s: {s.type},
        "engine": lambda s: {s.engine},
    }
    if family.kind == "instance":
        known["dbi-resource-id"] = lambda s: {_resource(world, s) or ""}
    return known


def _resource(world: World, snapshot: Snapshot) -> str | None:
    return snapshot.resource_id if shows_resource_id(snapshot, world.switches) else None


def _database_arn(snapshot: Snapshot, family: Family) -> str:
    place = f"{snapshot.region}:{snapshot.account}"
    return f"arn:aws:rds:{place}:{family.database_arn_word}:{snapshot.database}"
