"""CopyDBSnapshot and CopyDBClusterSnapshot: which copies RDS starts, and what it refuses.

Decides whether a copy may be made, under which key, and with which tags; ``copies`` decides how it
goes on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from moto.kms.models import Key

from sandbox.calls import Ask
from sandbox.errors import (
    AwsError,
    already_exists,
    invalid_combination,
    invalid_state,
    invalid_value,
    key_not_accessible,
    not_found,
    quota_exceeded,
)
from sandbox.kinds import Encryption, Family
from sandbox.rds.copies import Job
from sandbox.rds.databases import default_version
from sandbox.rds.groups import OPTION_GROUP
from sandbox.rds.identifiers import reference, snapshot_name
from sandbox.rds.snapshots import TRAITS, Snapshot, snapshot_answer
from sandbox.rds.tags import accepted, limited
from sandbox.rds.versions import refuse_withdrawn
from sandbox.world import World

_MARKER = "rds-backup:managed-by"
MULTI_AZ_ENGINES = ("mysql", "postgres")


@dataclass(frozen=True, slots=True)
class _Storage:
    encryption: Encryption
    key: str | None


def copy_snapshot(world: World, family: Family, ask: Ask) -> dict[str, Any]:
    """Start a copy; the answer is the copy as it is at once."""
    target_parameter = f"Target{family.noun}Identifier"
    identifier = snapshot_name(family, target_parameter, ask.params[target_parameter])
    tags = accepted(ask.params.get("Tags", ()))
    source = _source(world, family, ask)
    _refuse_taken(world, family, ask, identifier)
    _refuse_unsupported(family, source)
    if source.region != ask.region:
        version = source.engine_version or default_version(source.engine)
        refuse_withdrawn(world, ask.region, source.engine, version)
    storage = _storage(world, family, ask, source)
    if ask.params.get("CopyTags") and not tags:
        tags = _source_tags(ask, source)
    _refuse_beyond_quota(world, family, ask, source)
    target = Snapshot(
        kind=family.kind,
        account=ask.account,
        region=ask.region,
        identifier=identifier,
        database=source.database,
        resource_id=source.resource_id,
        engine=source.engine,
        taken_at=source.taken_at,
        created_at=None,
        encryption=storage.encryption,
        key=storage.key,
        tags=tags,
        source_arn=source.arn,
        engine_version=source.engine_version,
        database_tags=source.database_tags,
        retention_days=source.retention_days,
        copied_under=source.key,
        option_group=_option_group(world, ask, source),
        unseen=world.switches.listing_lag_calls,
        fields=_fields(world, ask, source),
        above=source.lineage,
    )
    job = Job(source, target, ask.caller, ask.now, timedelta(0), doomed=False)
    world.copies.start(job, ask.params)
    world.add(target)
    return {family.noun: snapshot_answer(target, ask.account, world.switches)}


def _option_group(world: World, ask: Ask, source: Snapshot) -> str | None:
    """The group that is named, which has to be there; else its own, where it has come from."""
    named: str | None = ask.params.get(OPTION_GROUP)
    if named is not None and named not in world.groups[ask.account, OPTION_GROUP]:
        raise AwsError("OptionGroupNotFoundFault", f"Specified OptionGroupName: {named} not found.")
    here = (source.account, source.region) == (ask.account, ask.region)
    return source.option_group if named is None and here else named


def _refuse_taken(world: World, family: Family, ask: Ask, identifier: str) -> None:
    """A name can be taken once; which of two refusals comes first is a switch."""
    there = world.find(family.kind, ask.account, ask.region, identifier)
    if there is None:
        return
    if world.switches.copy_onto_marked == "denied" and _MARKER in there.tags:
        operation = f"Copy{family.noun}"
        raise AwsError(
            "AccessDenied",
            f"User: {ask.caller.arn} is not authorized to perform: rds:{operation} on resource: "
            f"{there.arn} because no identity-based policy allows the rds:{operation} action",
        )
    raise already_exists(family, identifier)


def _fields(world: World, ask: Ask, source: Snapshot) -> Mapping[str, Any]:
    """The further members of its listing: in doubt only for copies of another account's."""
    if world.switches.copied_traits == "kept" or source.account == ask.account:
        return source.fields
    return {name: value for name, value in source.fields.items() if name not in TRAITS}


def _source(world: World, family: Family, ask: Ask) -> Snapshot:
    """The snapshot to copy: one's own by name or ARN, another account's by ARN if it is shared."""
    text = ask.params[f"Source{family.noun}Identifier"]
    where = reference(text, family.arn_word, ask.account, ask.region)
    found = world.find(family.kind, where.account, where.region, where.name)
    if found is None or not (
        where.account == ask.account or found.shared_with & {ask.account, "all"}
    ):
        raise not_found(family, text)
    if found.status != "available":
        raise invalid_state(
            family, f"The snapshot {text} is in the state {found.status}, and must be available."
        )
    return found


def _refuse_unsupported(family: Family, source: Snapshot) -> None:
    """Multi-AZ DB cluster and RDS Custom snapshots cannot be copied."""
    if family.kind == "cluster" and source.engine in MULTI_AZ_ENGINES:
        raise invalid_value("Copying snapshots of Multi-AZ DB clusters is not supported.")
    if source.engine.startswith("custom-"):
        raise invalid_value("Copying snapshots of RDS Custom databases is not supported.")


def _storage(world: World, family: Family, ask: Ask, source: Snapshot) -> _Storage:
    """How the copy will be encrypted; raises where the keys do not allow it."""
    given = ask.params.get("KmsKeyId")
    if source.encryption == "sse-kms":
        return _Storage("sse-kms", _key_of_encrypted(world, family, ask, source))
    if given is None:
        return _Storage(source.encryption, None)
    what, way = "a snapshot with default encryption (SSE-RDS)", world.switches.sse_rds
    if source.encryption == "none":
        what, way = "an unencrypted DB cluster snapshot", world.switches.unencrypted_cluster
    if family.kind == "cluster" and way == "ignore":
        return _Storage(source.encryption, None)
    if family.kind == "cluster" and way == "refuse":
        raise invalid_combination(f"KmsKeyId cannot be given for {what}.")
    return _Storage("sse-kms", str(_target_key(world, ask, given).arn))


def _key_of_encrypted(world: World, family: Family, ask: Ask, source: Snapshot) -> str:
    given = ask.params.get("KmsKeyId")
    assert source.key is not None  # noqa: S101 - what is sse-kms has a key
    if given is None and source.region != ask.region:
        raise invalid_value("Must specify new KMS key for cross region encrypted snapshot copy.")
    if given is None and source.account != ask.account:
        raise key_not_accessible(family.no_key)
    if not world.copies.readable(source, ask.region, ask.caller):
        raise key_not_accessible(f"The source snapshot KMS key [{source.key}]")
    if given is None:
        return source.key
    target = _target_key(world, ask, given)
    foreign, refused = source.account != ask.account, world.switches.under_default_key == "refuse"
    if foreign and refused and target.key_manager == "AWS":
        raise key_not_accessible(f"The target KMS key [{given}]")
    return str(target.arn)


def _target_key(world: World, ask: Ask, given: str) -> Key:
    key = world.keys.find(given, ask.account, ask.region)
    if key is None or not world.keys.usable(key, ask.caller):
        raise key_not_accessible(f"The target KMS key [{given}]")
    return key


def _source_tags(ask: Ask, source: Snapshot) -> dict[str, str]:
    """The source's tags for CopyTags, which one reserved key among them makes fail.

    None across accounts.
    """
    if source.account != ask.account:
        return {}
    reserved = [key for key in source.tags if key.lower().startswith("aws:")]
    if reserved:
        raise invalid_value(f"Tag keys cannot start with the reserved prefix: {reserved[0]}")
    limited(source.tags)
    return dict(source.tags)


def _refuse_beyond_quota(world: World, family: Family, ask: Ask, source: Snapshot) -> None:
    """Manual snapshots, then copies in flight: one code for both, told apart by the message."""
    limits = world.accounts[ask.account].limits
    most = limits.manual[family.kind]
    if len(world.manual(ask.account, ask.region, family.kind)) >= most:
        raise quota_exceeded(f"Cannot create more than {most} manual snapshots")
    if source.region == ask.region and not world.switches.count_same_region_copies:
        return
    in_flight = limits.in_flight[family.kind]
    running = world.in_flight(ask.account, ask.region, family.kind)
    if in_flight is not None and running >= in_flight:
        raise quota_exceeded(f"Cannot copy more than {in_flight} snapshots across regions")
