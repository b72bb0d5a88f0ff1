"""What AWS asks IAM for one API call: actions, resources, condition keys, and RDS's own KMS calls.

Written from AWS's documentation (docs/reference/permissions.md says what of it nobody has seen
on AWS); an operation that is not known here is an error.
"""

from collections.abc import Iterator, Mapping, Sequence

from sandbox.calls import Call
from sandbox.kinds import FAMILIES, Family
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
# An id that AWS chose: of a secret, and of the key aws/secretsmanager.
_ID = "00000000-0000-4000-8000-00000000000d"
type Context = tuple[tuple[str, str | tuple[str, ...]], ...]


# The ARNs of keys, by account and alias.
type Keys = Mapping[tuple[str, str], str]


def requests(recorded: Recorded, principal: Principal, keys: Keys) -> list[Request]:
    """Everything that has to be allowed for the call."""
    call = recorded.call
    return [*_requests(call, _Ask(recorded, principal), keys)]


class _Ask:
    """Makes the requests of one call."""

    def __init__(self, recorded: Recorded, principal: Principal) -> None:
        self.rows = recorded.snapshots
        self.databases = recorded.databases
        self.own = str(recorded.call.account)
        self._call, self._principal = recorded.call, principal

    def __call__(
        self, action: str, resource: str, context: Context = (), account: str | None = None
    ) -> Request:
        """The account's own resource, unless said otherwise."""
        why = f"{self._call.operation} at {self._call.at:%d. %H:%M}"
        return Request(self._principal, action, resource, account or self.own, context, why)

    def snapshot(self, family: Family, identifier: str) -> str:
        """The ARN of a snapshot that is named by its identifier or its ARN."""
        return (
            identifier if identifier.startswith("arn:") else self.named(family.arn_word, identifier)
        )

    def named(self, word: str, name: str) -> str:
        """The ARN of something of the account's own in RDS."""
        return f"arn:aws:rds:{self._call.region}:{self.own}:{word}:{name}"

    def tags(self, arn: str) -> Context:
        """The tags of a snapshot or database as they are; none while there is no such thing."""
        row = self.rows.get(arn) or self.databases.get(arn)
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
            arn = keys.get((ask.own, params["KeyId"]), params["KeyId"])
            named = (("kms:RequestAlias", params["KeyId"]),) if params["KeyId"] != arn else ()
            yield ask(f"kms:{operation}", arn, named, arn.split(":")[4])
        case "iam", "GetRole":
            yield ask("iam:GetRole", f"arn:aws:iam::{ask.own}:role/{params['RoleName']}")
        case "lambda", "Invoke":
            yield ask("lambda:InvokeFunction", params["FunctionName"])
        case "rds", _:
            yield from _of_rds(call, ask)
        case unknown:
            raise NotImplementedError(f"what AWS asks IAM for {unknown}")


def _of_rds(call: Call, ask: _Ask) -> Iterator[Request]:
    family = FAMILIES["cluster" if "Cluster" in call.operation else "instance"]
    noun, params = family.noun, call.params
    match call.operation:
        case (
            "DescribeAccountAttributes"
            | "DescribeDBEngineVersions"
            | "DescribeOrderableDBInstanceOptions"
        ) as operation:
            yield ask(f"rds:{operation}", "*")
        case "DescribeOptionGroups":
            yield ask("rds:DescribeOptionGroups", ask.named("og", _ANY))
        case "DescribeDBInstances" | "DescribeDBClusters" as operation:
            yield ask(f"rds:{operation}", ask.named(family.database_arn_word, _ANY))
        case "DescribeDBSnapshots" | "DescribeDBClusterSnapshots" as operation:
            yield ask(f"rds:{operation}", ask.snapshot(family, _ANY))
        case operation if operation == f"Copy{noun}":
            yield from _copy(call, ask, family)
            yield from _keys(call, ask, family)
        case operation if operation in (
            f"Delete{noun}",
            f"Describe{noun}Attributes",
            f"Modify{noun}Attribute",
        ):
            arn = ask.snapshot(family, params[f"{noun}Identifier"])
            yield ask(f"rds:{operation}", arn, ask.tags(arn))
        case "AddTagsToResource":
            arn = params["ResourceName"]
            yield ask("rds:AddTagsToResource", arn, _tagging(call) + ask.tags(arn))
        case _:
            yield from _of_databases(call, ask, family)


def _of_databases(call: Call, ask: _Ask, family: Family) -> Iterator[Request]:
    """Databases that are made of snapshots, changed and deleted: what a drill does.

    Each call is asked for every resource that the Service Authorization Reference calls required,
    and those of its optional ones that the call names or RDS has to choose.
    """
    database = ask.named(family.database_arn_word, call.params[family.database_id])
    match call.operation:
        case "RestoreDBInstanceFromDBSnapshot" | "RestoreDBClusterFromSnapshot":
            yield from _restore(call, ask, family, database)
        case "CreateDBInstance":
            yield from _member(call, ask, database)
        case "DeleteDBInstance":
            yield ask("rds:DeleteDBInstance", database, ask.tags(database))
        case "DeleteDBCluster":
            yield ask("rds:DeleteDBCluster", database, ask.tags(database))
            # Required, whether or not there is to be a final snapshot.
            yield ask("rds:DeleteDBCluster", ask.named("cluster-snapshot", _ANY))
        case "ModifyDBInstance" | "ModifyDBCluster" as operation:
            managed = ("rds:ManageMasterUserPassword", _flag(call, "ManageMasterUserPassword"))
            yield ask(f"rds:{operation}", database, (managed, *ask.tags(database)))
            yield from _password(ask, family)
        case unknown:
            raise NotImplementedError(f"what AWS asks IAM for {unknown}")


def _tagging(call: Call) -> Context:
    """The tags that a call gives."""
    tags = {tag["Key"]: tag["Value"] for tag in call.params["Tags"]}
    return (
        *((f"aws:RequestTag/{key}", value) for key, value in tags.items()),
        ("aws:TagKeys", tuple(tags)),
    )


def _flag(call: Call, name: str) -> str:
    return "true" if call.params[name] is True else "false"


def _copy(call: Call, ask: _Ask, family: Family) -> Iterator[Request]:
    """Authorised on its source and on its target, and tags need a permission of their own.

    Amazon RDS User Guide, Copying a DB snapshot; Service Authorization Reference.
    """
    params, action, asked = call.params, f"rds:{call.operation}", _tagging(call)
    source = ask.snapshot(family, params[f"Source{family.noun}Identifier"])
    target = ask.snapshot(family, params[f"Target{family.noun}Identifier"])
    # RDS's own sharing stands in for a resource policy, which snapshots have none of: the identity
    # policy decides, as for a snapshot of the caller's own.
    yield ask(action, source, asked + ask.tags(source))
    if source.split(":")[4] != ask.own:
        # Whether the tags of another account's snapshot are seen is not documented: both.
        yield ask(action, source, asked)
    yield ask(action, target, asked + ask.tags(target))
    yield ask("rds:AddTagsToResource", target, asked + ask.tags(target))


def _keys(call: Call, ask: _Ask, family: Family) -> Iterator[Request]:
    """RDS uses the target's key, and the source's, for the caller."""
    source = ask.snapshot(family, call.params[f"Source{family.noun}Identifier"])
    row = ask.rows.get(source)
    foreign = source.split(":")[4] != ask.own
    yield from ask.key(call.params["KmsKeyId"], DATA)
    if row and row.kms_key:
        yield from ask.key(row.kms_key, DATA if foreign else READING)


def _restore(call: Call, ask: _Ask, family: Family, database: str) -> Iterator[Request]:
    """Of a snapshot, into a network, with groups of the engine's family where none is named.

    Whether the key is used as for a copy is not documented: everything that a copy needs.
    """
    params, instance = call.params, family.kind == "instance"
    asked, action = _tagging(call), f"rds:{call.operation}"
    if instance:
        asked += (("rds:PubliclyAccessible", _flag(call, "PubliclyAccessible")),)
    name = params["DBSnapshotIdentifier" if instance else "SnapshotIdentifier"]
    snapshot = ask.snapshot(family, name)
    yield ask(action, snapshot, asked + ask.tags(snapshot))
    yield ask(action, database, asked + _class(call))
    options = params.get("OptionGroupName", f"default:{params['Engine']}-1")
    yield from _groups(ask, action, asked, params["DBSubnetGroupName"], options)
    yield ask(action, ask.named(f"{'' if instance else 'cluster-'}pg", "default.family"), asked)
    yield ask("rds:AddTagsToResource", database, _tagging(call))
    for key in {ask.rows[snapshot].kms_key, params.get("KmsKeyId")} - {None}:
        yield from ask.key(str(key), DATA)


def _member(call: Call, ask: _Ask, database: str) -> Iterator[Request]:
    """The instance of a cluster, in its network.

    The call names neither network nor groups, and whether RDS asks for them all the same is not
    documented: they are asked for.
    """
    asked = (
        *_tagging(call),
        ("rds:PubliclyAccessible", _flag(call, "PubliclyAccessible")),
    )
    cluster = ask.named("cluster", call.params["DBClusterIdentifier"])
    network = ask.databases[cluster].fields["DBSubnetGroup"]
    yield ask("rds:CreateDBInstance", database, asked + _class(call))
    yield ask("rds:CreateDBInstance", cluster, asked + ask.tags(cluster))
    yield from _groups(ask, "rds:CreateDBInstance", asked, network, "default:family-1")
    yield ask("rds:CreateDBInstance", ask.named("pg", "default.family"), asked)
    yield ask("rds:AddTagsToResource", database, _tagging(call))


def _class(call: Call) -> Context:
    """Of an instance; a cluster has none."""
    found = call.params.get("DBInstanceClass")
    return (("rds:DatabaseClass", found),) if found else ()


def _groups(
    ask: _Ask, action: str, asked: Context, network: str, options: str
) -> Iterator[Request]:
    yield ask(action, ask.named("subgrp", network), asked)
    yield ask(action, ask.named("og", options), asked)


def _password(ask: _Ask, family: Family) -> Iterator[Request]:
    """RDS makes the secret of a managed password in the caller's name, and reads its key.

    Amazon RDS User Guide, Password management with Secrets Manager: permissions.  By which way the
    key is read is not documented: both.
    """
    secret = f"secret:rds!{family.database_arn_word}-{_ID}-AbCdEf"
    for action in ("CreateSecret", "TagResource"):
        arn = f"arn:aws:secretsmanager:{REGION}:{ask.own}:{secret}"
        yield ask(f"secretsmanager:{action}", arn)
    for context in ((), (THROUGH_RDS,)):
        yield ask("kms:DescribeKey", f"arn:aws:kms:{REGION}:{ask.own}:key/{_ID}", context)
