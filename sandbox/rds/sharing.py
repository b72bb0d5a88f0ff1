"""Modify*SnapshotAttribute and Describe*SnapshotAttributes: with whom a snapshot is shared.

Decides what may be shared with whom.  Checks no key policy: RDS does not either.
"""

import re
from collections.abc import Sequence
from typing import Any

from sandbox.calls import Ask
from sandbox.errors import AwsError, invalid_combination, invalid_state, invalid_value, not_found
from sandbox.kinds import Family
from sandbox.rds.groups import OPTION_GROUP
from sandbox.rds.snapshots import Snapshot
from sandbox.world import World

MOST = 20
_ACCOUNT = re.compile(r"\d{12}")


def modify_attribute(world: World, family: Family, ask: Ask) -> dict[str, Any]:
    """Share or unshare one manual snapshot of the caller's own; answers who has it then."""
    snapshot = _own(world, family, ask)
    _refuse_unshareable(family, snapshot)
    if ask.params["AttributeName"] != "restore":
        raise invalid_value(f"Invalid snapshot attribute: {ask.params['AttributeName']}")
    add: Sequence[str] = ask.params.get("ValuesToAdd", ())
    remove: Sequence[str] = ask.params.get("ValuesToRemove", ())
    if set(add) & set(remove):
        raise invalid_combination("A value may not appear in both the add list and remove list.")
    for account in (*add, *remove):
        if account != "all" and not _ACCOUNT.fullmatch(account):
            raise invalid_value(f"Invalid account id: {account}")
    if add:
        _refuse_adding(world, snapshot, add)
    accounts = (snapshot.shared_with | set(add)) - set(remove)
    if len(accounts - {"all"}) > MOST:
        raise AwsError(
            "SharedSnapshotQuotaExceeded",
            f"A snapshot can be shared with at most {MOST} accounts.",
        )
    if accounts != snapshot.shared_with:
        snapshot.shared_before = snapshot.shared_with
        snapshot.shared_unseen = world.switches.sharing_lag_calls
    snapshot.shared_with = accounts
    if world.switches.unshared_mid_copy == "fails":
        for account in remove:
            world.copies.lose_source(snapshot, ask.now, account)
    return _answer(family, snapshot)


def describe_attributes(world: World, family: Family, ask: Ask) -> dict[str, Any]:
    """With whom a snapshot of the caller's own is shared."""
    return _answer(family, _own(world, family, ask))


def _own(world: World, family: Family, ask: Ask) -> Snapshot:
    identifier = ask.params[family.identifier]
    found = world.find(family.kind, ask.account, ask.region, identifier.lower())
    if found is None:
        raise not_found(family, identifier)
    return found


def _refuse_unshareable(family: Family, snapshot: Snapshot) -> None:
    """Automated snapshots cannot be shared, nor those of AWS Backup, nor unfinished ones."""
    if snapshot.type == "awsbackup":
        raise invalid_value(f"The snapshot {snapshot.identifier} belongs to AWS Backup.")
    if snapshot.type != "manual" and family.kind == "instance":
        raise invalid_value("The parameter DBSnapshotIdentifier is not a valid identifier.")
    if snapshot.type != "manual":
        raise invalid_state(family, "automated snapshots cannot be modified.")
    if snapshot.status != "available":
        raise invalid_state(
            family, f"The snapshot {snapshot.identifier} is in the state {snapshot.status}."
        )


def _refuse_adding(world: World, snapshot: Snapshot, add: Sequence[str]) -> None:
    if "all" in add and snapshot.encryption != "none":
        raise invalid_value("Encrypted snapshots cannot be shared publicly.")
    if snapshot.key is not None and world.keys[snapshot.key].key_manager == "AWS":
        raise invalid_value(
            "Snapshots encrypted with the default Amazon RDS encryption key cannot be shared."
        )
    group = world.groups[snapshot.account, OPTION_GROUP].get(snapshot.option_group or "")
    if group is not None and group.unshareable:
        raise invalid_combination(
            f"A snapshot whose option group {snapshot.option_group} has persistent or permanent "
            f"options cannot be shared: {', '.join(group.unshareable)}."
        )
    repeated = sorted(snapshot.shared_with & set(add))
    if repeated and world.switches.share_repeat == "refuse":
        raise invalid_value(f"The snapshot is already shared with {', '.join(repeated)}.")


def _answer(family: Family, snapshot: Snapshot) -> dict[str, Any]:
    """With whom it is shared, as an answer shows it that may be late; counts the answer."""
    values = sorted(snapshot.shared_before if snapshot.shared_unseen else snapshot.shared_with)
    snapshot.shared_unseen = max(0, snapshot.shared_unseen - 1)
    return {
        f"{family.noun}AttributesResult": {
            family.identifier: snapshot.identifier,
            f"{family.noun}Attributes": [
                {"AttributeName": "restore", "AttributeValues": values},
            ],
        }
    }
