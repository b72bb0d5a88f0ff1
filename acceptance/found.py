"""What a run has made: found by its tag and its name, in one account and Region.

Each thing knows how it is removed.  Nothing is taken for the run's that lacks either mark.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from acceptance.databases import delete_database
from acceptance.families import FAMILIES, Family
from acceptance.run import PREFIX, TAG, as_mapping, bears, is_run
from acceptance.sides import Side, Told

ROLES = "/rds-backup-acceptance/"
_GOING = ("deleting", "deleted")


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing of a run; ``going`` says that it is being removed already."""

    what: str
    name: str
    remove: Callable[[], Told]
    going: bool = False

    def __str__(self) -> str:
        """What it is, and its name."""
        return f"{self.what} {self.name}"


def of_rds(side: Side, region: str, run: str | None) -> Iterator[Thing]:
    """Databases, then snapshots, then option groups: the order in which they can go."""
    for family in FAMILIES.values():
        method, key = f"describe_{family.databases}s", f"{family.database}s"
        for found in side.listed("rds", method, key, at=region):
            if bears(found[family.database_name], as_mapping(found.get("TagList", [])), run):
                yield _database(side, region, family, found)
    for family in FAMILIES.values():
        method, key = f"describe_{family.snapshots}s", f"{family.noun}s"
        for found in side.listed("rds", method, key, at=region, SnapshotType="manual"):
            if bears(found[family.name], as_mapping(found.get("TagList", [])), run):
                yield _snapshot(side, region, family, found)
    yield from _option_groups(side, region, run)


def _database(side: Side, region: str, family: Family, found: dict[str, Any]) -> Thing:
    name, going = found[family.database_name], found[family.status] in _GOING
    return Thing(family.kind, name, lambda: delete_database(side, family, name, region), going)


def _snapshot(side: Side, region: str, family: Family, found: dict[str, Any]) -> Thing:
    name, method = found[family.name], f"delete_{family.snapshots}"
    what = f"snapshot of {family.kind}"
    return Thing(what, name, lambda: side.ask("rds", method, at=region, **{family.name: name}))


def _option_groups(side: Side, region: str, run: str | None) -> Iterator[Thing]:
    """Their tags are no part of the listing."""
    for found in side.listed("rds", "describe_option_groups", "OptionGroupsList", at=region):
        name = found["OptionGroupName"]
        if not is_run(name.rpartition("-")[0]):
            continue
        arn = found["OptionGroupArn"]
        told = side.ask("rds", "list_tags_for_resource", at=region, ResourceName=arn)
        if not bears(name, as_mapping(told["TagList"]), run):
            continue
        yield Thing("option group", name, _group_remover(side, region, name))


def _group_remover(side: Side, region: str, name: str) -> Callable[[], Told]:
    return lambda: side.ask("rds", "delete_option_group", at=region, OptionGroupName=name)


def roles(side: Side, run: str | None) -> Iterator[Thing]:
    """Roles of the run's, under a path of their own; IAM has one for all Regions."""
    for found in side.listed("iam", "list_roles", "Roles", PathPrefix=ROLES):
        name = found["RoleName"]
        told = side.ask("iam", "get_role", RoleName=name)
        if bears(name, as_mapping(told["Role"].get("Tags", [])), run):
            yield Thing("role", name, _role_remover(side, name))


def _role_remover(side: Side, name: str) -> Callable[[], Told]:
    def remove() -> Told:
        side.ask("iam", "delete_role_policy", RoleName=name, PolicyName="guard")
        return side.ask("iam", "delete_role", RoleName=name)

    return remove


def keys(side: Side, region: str, run: str | None) -> Iterator[Thing]:
    """KMS keys of the run's, those of the stacks, too; a key has no name but its tag.

    A key that waits for its deletion is going.  RuntimeError, at the end, for keys whose tags
    cannot be read: they may be the run's.
    """
    unread: list[str] = []
    for found in side.listed("kms", "list_keys", "Keys", at=region):
        key = found["KeyId"]
        told = side.ask("kms", "list_resource_tags", at=region, KeyId=key)
        if told.refused:
            unread.append(f"{key} ({told.words})")
            continue
        value = as_mapping(told["Tags"]).get(TAG, "")
        if not is_run(value) or run not in (None, value):
            continue
        state = side.ask("kms", "describe_key", at=region, KeyId=key)["KeyMetadata"]["KeyState"]
        yield Thing("key", found["KeyArn"], _key_remover(side, region, key), _ends(state))
    if unread:
        raise RuntimeError(f"keys whose tags cannot be read: {', '.join(unread)}")


def log_groups(side: Side, region: str, run: str | None) -> Iterator[Thing]:
    """Those that the stacks have made, and leave behind; their tags are no part of the listing."""
    listing = ("logs", "describe_log_groups", "logGroups")
    for found in side.listed(*listing, at=region, logGroupNamePrefix=run or PREFIX):
        name = found["logGroupName"]
        told = side.ask(
            "logs", "list_tags_for_resource", at=region, resourceArn=found["logGroupArn"]
        )
        if bears(name, told["tags"], run):
            yield Thing("log group", name, _log_remover(side, region, name))


def _log_remover(side: Side, region: str, name: str) -> Callable[[], Told]:
    return lambda: side.ask("logs", "delete_log_group", at=region, logGroupName=name)


def _ends(state: str) -> bool:
    return state in ("PendingDeletion", "PendingReplicaDeletion")


def _key_remover(side: Side, region: str, key: str) -> Callable[[], Told]:
    return lambda: side.ask(
        "kms", "schedule_key_deletion", at=region, KeyId=key, PendingWindowInDays=7
    )
