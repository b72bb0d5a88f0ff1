"""What AWS asks IAM for one API call: actions, resources, condition keys, and RDS's own KMS calls.

Written from AWS's documentation (docs/reference/permissions.md says what of it nobody has seen
on AWS); an operation that is not known here is an error.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sandbox.calls import Call
from sandbox.kinds import FAMILIES, Family
from sandbox.world import Row
from tests.permissions.asking import Principal, Request
from tests.permissions.recording import Recorded
from tests.permissions.resolving import REGION

# What RDS needs of a key on behalf of the caller: Amazon RDS User Guide, Sharing encrypted
# snapshots, with ReEncrypt* and GenerateDataKey* written out for a symmetric key.
DATA = (
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
# The key of the database itself is only read from: Amazon RDS User Guide, AWS KMS key management.
READING = ("kms:Decrypt",)
THROUGH_RDS = ("kms:ViaService", f"rds.{REGION}.amazonaws.com")
GRANTED = ("kms:GrantIsForAWSResource", "true")
# A name that is in nobody's pattern: a listing is not limited to any resource.
_ANY = "of-any-name"
type Context = tuple[tuple[str, str | tuple[str, ...]], ...]


@dataclass(frozen=True)
class Keys:
    """What a request has to know of keys: ARNs by alias, and those whose policy is AWS's own."""

    aliases: Mapping[str, str]
    managed: frozenset[str]


def requests(recorded: Recorded, principal: Principal, keys: Keys) -> list[Request]:
    """Everything that has to be allowed for the call."""
    call = recorded.call
    return [*_requests(call, _Ask(call, principal, recorded.snapshots), keys)]


class _Ask:
    """Makes the requests of one call."""

    def __init__(self, call: Call, principal: Principal, rows: Mapping[str, Row]) -> None:
        self.rows = rows
        self.own = str(call.account)
        self._call, self._principal = call, principal

    def __call__(
        self, action: str, resource: str, context: Context = (), account: str | None = None
    ) -> Request:
        """The account's own resource, unless said otherwise."""
        why = f"{self._call.operation} at {self._call.at:%d. %H:%M}"
        return Request(self._principal, action, resource, account or self.own, context, why)

    def snapshot(self, family: Family, identifier: str) -> str:
        """The ARN of a snapshot that is named by its identifier or its ARN."""
        if identifier.startswith("arn:"):
            return identifier
        return f"arn:aws:rds:{REGION}:{self.own}:{family.arn_word}:{identifier}"

    def tags(self, arn: str) -> Context:
        """The tags of a snapshot as they are; none while there is no such snapshot."""
        row = self.rows.get(arn)
        return tuple((f"aws:ResourceTag/{k}", v) for k, v in row.tags.items()) if row else ()

    def key(self, arn: str, data: Sequence[str]) -> Iterator[Request]:
        """RDS's use of a key in the name of the caller."""
        account = arn.split(":")[4]
        for action in ("kms:DescribeKey", *data):
            yield self(action, arn, (THROUGH_RDS,), account)
        yield self("kms:CreateGrant", arn, (THROUGH_RDS, GRANTED), account)


def _requests(call: Call, ask: _Ask, keys: Keys) -> Iterator[Request]:
    params = call.params
    match call.service, call.operation:
        case "sts", "GetCallerIdentity":
            return  # needs no permission (AWS STS API Reference)
        case "sts", "AssumeRole":
            given = params.get("ExternalId")
            context = (("sts:ExternalId", given),) if given else ()
            arn = params["RoleArn"]
            yield ask("sts:AssumeRole", arn, context, arn.split(":")[4])
        case "kms", "DescribeKey" | "GetKeyPolicy" as operation:
            arn = keys.aliases.get(params["KeyId"], params["KeyId"])
            named = (("kms:RequestAlias", params["KeyId"]),) if params["KeyId"] != arn else ()
            yield ask(f"kms:{operation}", arn, named, arn.split(":")[4])
        case "iam", "GetRole":
            yield ask("iam:GetRole", f"arn:aws:iam::{ask.own}:role/{params['RoleName']}")
        case "rds", _:
            yield from _of_rds(call, ask, keys)
        case unknown:
            raise NotImplementedError(f"what AWS asks IAM for {unknown}")


def _of_rds(call: Call, ask: _Ask, keys: Keys) -> Iterator[Request]:
    family = FAMILIES["cluster" if "Cluster" in call.operation else "instance"]
    noun, params, here = family.noun, call.params, f"arn:aws:rds:{REGION}:{ask.own}"
    match call.operation:
        case "DescribeAccountAttributes" | "DescribeDBEngineVersions" as operation:
            yield ask(f"rds:{operation}", "*")
        case "DescribeOptionGroups":
            yield ask("rds:DescribeOptionGroups", f"{here}:og:{_ANY}")
        case "DescribeDBInstances" | "DescribeDBClusters" as operation:
            yield ask(f"rds:{operation}", f"{here}:{family.database_arn_word}:{_ANY}")
        case "DescribeDBSnapshots" | "DescribeDBClusterSnapshots" as operation:
            yield ask(f"rds:{operation}", ask.snapshot(family, _ANY))
        case operation if operation == f"Copy{noun}":
            yield from _copy(call, ask, family)
            yield from _keys(call, ask, family, keys)
        case operation if operation in (
            f"Delete{noun}",
            f"Describe{noun}Attributes",
            f"Modify{noun}Attribute",
        ):
            arn = ask.snapshot(family, params[f"{noun}Identifier"])
            yield ask(f"rds:{operation}", arn, ask.tags(arn))
        case unknown:
            raise NotImplementedError(f"what AWS asks IAM for {unknown}")


def _copy(call: Call, ask: _Ask, family: Family) -> Iterator[Request]:
    """Authorised on its source and on its target, and tags need a permission of their own.

    Amazon RDS User Guide, Copying a DB snapshot; Service Authorization Reference.
    """
    params, action = call.params, f"rds:{call.operation}"
    source = ask.snapshot(family, params[f"Source{family.noun}Identifier"])
    target = ask.snapshot(family, params[f"Target{family.noun}Identifier"])
    tags = {tag["Key"]: tag["Value"] for tag in params["Tags"]}
    asked: Context = (
        *((f"aws:RequestTag/{key}", value) for key, value in tags.items()),
        ("aws:TagKeys", tuple(tags)),
    )
    # RDS's own sharing stands in for a resource policy, which snapshots have none of: the identity
    # policy decides, as for a snapshot of the caller's own.
    yield ask(action, source, asked + ask.tags(source))
    if source.split(":")[4] != ask.own:
        # Whether the tags of another account's snapshot are seen is not documented: both.
        yield ask(action, source, asked)
    yield ask(action, target, asked + ask.tags(target))
    yield ask("rds:AddTagsToResource", target, asked + ask.tags(target))


def _keys(call: Call, ask: _Ask, family: Family, keys: Keys) -> Iterator[Request]:
    """RDS uses the target's key, and the source's unless that is AWS's own, for the caller."""
    source = ask.snapshot(family, call.params[f"Source{family.noun}Identifier"])
    row = ask.rows.get(source)
    foreign = source.split(":")[4] != ask.own
    yield from ask.key(call.params["KmsKeyId"], DATA)
    if row and row.kms_key and row.kms_key not in keys.managed:
        yield from ask.key(row.kms_key, DATA if foreign else READING)
