"""The other reading operations of RDS: databases, option groups, quotas; tags, also changed."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from sandbox.calls import Ask
from sandbox.errors import AwsError, invalid_combination, invalid_value, not_found
from sandbox.kinds import FAMILIES, Family
from sandbox.rds.databases import Database, database_answer
from sandbox.rds.groups import OPTION_GROUP, Group, option_group_answer
from sandbox.rds.identifiers import reference
from sandbox.rds.pages import MOST_VALUES, filters, page
from sandbox.rds.snapshots import Snapshot
from sandbox.rds.tags import accepted, as_list, limited
from sandbox.world import World

_WORD = 5
_MAJOR_VERSION = "MajorEngineVersion"


def describe_databases(world: World, family: Family, ask: Ask) -> dict[str, Any]:
    """One page of the account's instances or clusters."""
    found = list(world.databases[ask.account, ask.region, family.kind].values())
    for values_of, values in filters(ask.params, _filters(family), MOST_VALUES):
        found = [database for database in found if values_of(database) & values]
    text = ask.params.get(family.database_id)
    if text:
        name = reference(text, family.database_arn_word, ask.account, ask.region).name
        found = [database for database in found if database.name == name]
        if not found:
            raise AwsError(family.database_not_found, f"{family.database_noun} {name} not found.")
    shown, marker = page(ask.params, found, lambda d: _place(d.arn))
    answer: dict[str, Any] = {f"{family.database_noun}s": [database_answer(d) for d in shown]}
    return answer | ({"Marker": marker} if marker else {})


def _filters(family: Family) -> Mapping[str, Callable[[Database], set[str]]]:
    known: dict[str, Callable[[Database], set[str]]] = {
        "engine": lambda d: {d.engine},
        "db-cluster-id": lambda d: {d.member_of or ""},
        family.database_filter: lambda d: {d.name, d.arn},
    }
    if family.kind == "instance":
        known["dbi-resource-id"] = lambda d: {d.resource_id}
    else:
        known["db-cluster-resource-id"] = lambda d: {d.resource_id}
    return known


def describe_option_groups(world: World, ask: Ask) -> dict[str, Any]:
    """One page of the account's option groups: the one of a name, those of an engine, or all."""
    params, found = ask.params, world.groups[ask.account, OPTION_GROUP]
    name, engine, version = (params.get(p) for p in (OPTION_GROUP, "EngineName", _MAJOR_VERSION))
    if (name and (engine or version)) or (version and not engine):
        raise invalid_combination(
            "OptionGroupName stands alone, and MajorEngineVersion needs EngineName."
        )
    if name and name not in found:
        raise AwsError("OptionGroupNotFoundFault", f"OptionGroupName {name} not found.")
    chosen = [
        option_group_answer(each, group, ask.region, ask.account)
        for each, group in found.items()
        if name in (None, each)
        and engine in (None, group.engine)
        and version in (None, group.major_version)
    ]
    shown, marker = page(params, chosen, lambda g: _place(g["OptionGroupArn"]))
    return {"OptionGroupsList": shown} | ({"Marker": marker} if marker else {})


def _place(resource: str) -> str:
    """Its place in listings, which have no documented order."""
    return sha256(resource.encode()).hexdigest()[:16]


def describe_account_attributes(world: World, ask: Ask) -> dict[str, Any]:
    """The account's quotas of manual snapshots: used and most."""
    limits = world.accounts[ask.account].limits
    quotas = [
        {
            "AccountQuotaName": family.quota,
            "Used": len(world.manual(ask.account, ask.region, kind)),
            "Max": limits.manual[kind],
        }
        for kind, family in FAMILIES.items()
    ]
    return {"AccountQuotas": quotas}


def list_tags(world: World, ask: Ask) -> dict[str, Any]:
    """The tags of a database or snapshot."""
    return {"TagList": as_list(_tagged(world, ask, reading=True).tags)}


def add_tags(world: World, ask: Ask) -> dict[str, Any]:
    """Set tags on a database or snapshot of the caller's own."""
    resource = _tagged(world, ask)
    tags = resource.tags | accepted(ask.params["Tags"])
    limited(tags)
    resource.tags = tags
    return {}


def remove_tags(world: World, ask: Ask) -> dict[str, Any]:
    """Take tags off a database or snapshot of the caller's own."""
    resource = _tagged(world, ask)
    keys = ask.params["TagKeys"]
    resource.tags = {key: value for key, value in resource.tags.items() if key not in keys}
    return {}


def _tagged(world: World, ask: Ask, *, reading: bool = False) -> Database | Snapshot | Group:
    """What ``ResourceName`` names; another account's snapshot can be read if it is shared."""
    text = ask.params["ResourceName"]
    word = text.split(":")[_WORD] if text.count(":") > _WORD else ""
    for family in FAMILIES.values():
        if word == family.database_arn_word:
            where = reference(text, word, ask.account, ask.region)
            database = world.databases[where.account, where.region, family.kind].get(where.name)
            if database is None or where.account != ask.account:
                raise AwsError(family.database_not_found, f"{text} not found.")
            return database
        if word == family.arn_word:
            where = reference(text, word, ask.account, ask.region)
            snapshot = world.find(family.kind, where.account, where.region, where.name)
            foreign = reading and world.switches.foreign_tags_visible
            if snapshot is None or not (
                where.account == ask.account or (foreign and ask.account in snapshot.shared_with)
            ):
                raise not_found(family, text)
            return snapshot
    if word == "og":
        where = reference(text, word, ask.account, ask.region)
        group = world.groups[where.account, OPTION_GROUP].get(where.name)
        if group is None or where.account != ask.account:
            raise AwsError("OptionGroupNotFoundFault", f"{text} not found.")
        return group
    raise invalid_value(f"Invalid resource name: {text}")
