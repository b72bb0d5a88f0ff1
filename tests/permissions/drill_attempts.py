"""Attempts at what no restore drill may ever do, and nobody in its place: the requests, by name.

Each is a call of a drill with one thing wrong: what is right is what the recorded drills do.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from sandbox.kinds import FAMILIES, Kind
from tests.permissions.asking import BACKUP, SOURCE, Principal, Request
from tests.permissions.attempts import (
    ANOTHERS,
    AUTOMATED,
    ELSEWHERE,
    MARKED,
    MARKING,
    NOT_GRANTED,
    NOT_MARKING,
    OURS,
    PERSONS,
    SOURCE_PERSON,
    STRANGER,
    THIRD,
    Requests,
    Who,
    both,
    use,
    with_everything,
)
from tests.permissions.authorising import DATA, GRANTED, THROUGH_RDS, Context
from tests.permissions.grants import holder
from tests.permissions.known_keys import BACKUP_KEY, SHARING_KEY
from tests.permissions.resolving import REGION
from tests.permissions.scenarios import VALIDATOR
from tests.permissions.unrecorded import ATTACHING, ROLE_OF_RDS

NAME = "rds-backup-drill-0123456789-1"
RESTORES: Mapping[Kind, str] = {
    "instance": "rds:RestoreDBInstanceFromDBSnapshot",
    "cluster": "rds:RestoreDBClusterFromSnapshot",
}
CREATE = "rds:CreateDBInstance"
_OF_INSTANCES = (RESTORES["instance"], CREATE)
_MARKER, _DRILL = "rds-backup:managed-by", "rds-backup:drill"
_PROOF = ("rds-backup:restored-at", "rds-backup:restore-minutes", "rds-backup:restore-result")
_DRILLED: Context = ((f"aws:ResourceTag/{_DRILL}", "of somebody's"),)
_BOTH: Context = (*MARKED, *_DRILLED)
_CLOSED: Context = (("rds:PubliclyAccessible", "false"),)
_OPEN: Context = (("rds:PubliclyAccessible", "true"),)
_OFFERED: Context = (("rds:DatabaseClass", "db.t4g.medium"),)
_MANAGED: Context = (("rds:ManageMasterUserPassword", "true"),)
_MODIFY = ("rds:ModifyDBInstance", "rds:ModifyDBCluster")
# A key of the backup account that belongs to neither stack.
_ANOTHER_KEY = f"arn:aws:kms:{REGION}:{BACKUP}:key/00000000-0000-4000-8000-000000000002"
# By the word in the ARN: whatever else could be done to a database.
_DONE_TO = {
    "db": (
        *("AddRoleToDBInstance", "PromoteReadReplica", "RebootDBInstance"),
        *("StartDBInstance", "StopDBInstance"),
    ),
    "cluster": (
        *("AddRoleToDBCluster", "BacktrackDBCluster", "FailoverDBCluster"),
        *("PromoteReadReplicaDBCluster", "RebootDBCluster", "StartDBCluster", "StopDBCluster"),
    ),
}
_DELETED_OR_MODIFIED = {
    "db": ("DeleteDBInstance", "ModifyDBInstance"),
    "cluster": ("DeleteDBCluster", "ModifyDBCluster"),
}


def _tagging(*keys: str) -> Context:
    """A request that gives these tags; the marker as ours."""
    values = {_MARKER: "rds-backup"}
    given = tuple((f"aws:RequestTag/{key}", values.get(key, "yes")) for key in keys)
    return (*given, ("aws:TagKeys", keys))


_TAGGED = _tagging(_MARKER, _DRILL)


def _arn(word: str, name: str, account: str = BACKUP) -> str:
    return f"arn:aws:rds:{REGION}:{account}:{word}:{name}"


def _of_groups(who: Principal, word: str, name: str) -> Iterator[Request]:
    """Everything that makes a database, with one of its groups."""
    for action in (*RESTORES.values(), CREATE):
        if (word == "cluster-pg") == (action == RESTORES["cluster"]) or word in ("subgrp", "og"):
            asked = _TAGGED if action == RESTORES["cluster"] else _TAGGED + _CLOSED
            yield Request(who, action, _arn(word, name), BACKUP, asked)


def _made(
    who: Principal, name: str = NAME, tags: Context = _TAGGED, size: Context = _OFFERED
) -> Iterator[Request]:
    """The database that each call makes."""
    yield Request(who, RESTORES["cluster"], _arn("cluster", name), BACKUP, tags)
    for action in _OF_INSTANCES:
        yield Request(who, action, _arn("db", name), BACKUP, tags + _CLOSED + size)
    yield Request(who, CREATE, _arn("cluster", name), BACKUP, tags + _CLOSED)


def _changed(who: Principal, name: str, tags: Context) -> Iterator[Request]:
    """A database is deleted, or given a managed password."""
    for word, operations in _DELETED_OR_MODIFIED.items():
        for operation in operations:
            managed = _MANAGED if operation.startswith("Modify") else ()
            yield Request(who, f"rds:{operation}", _arn(word, name), BACKUP, tags + managed)


def _tags(who: Principal, name: str, context: Context) -> Iterator[Request]:
    """A snapshot of either family is tagged."""
    yield from both(who, "AddTagsToResource", BACKUP, name, context)


def _tags_of_databases(who: Principal, name: str, context: Context) -> Iterator[Request]:
    for word in ("db", "cluster"):
        yield Request(who, "rds:AddTagsToResource", _arn(word, name), BACKUP, context)


def without_tags(drill: Principal, _: Who) -> Iterator[Request]:
    """One of the two, none, or another prefix's."""
    for tags in ((), MARKED, _DRILLED, ANOTHERS + _DRILLED):
        yield from _changed(drill, NAME, tags)


def of_another_name(drill: Principal, _: Who) -> Iterator[Request]:
    """A person's database, whose tags may be anything."""
    for name in ("orders", "rds-backup-orders", "another-drill-0123456789-1", "drill"):
        yield from _changed(drill, name, _BOTH)


def persons_databases(drill: Principal, _: Who) -> Iterator[Request]:
    """Everything that is denied in so many words."""
    who = with_everything(drill)
    for tags in ((), _BOTH):
        yield from _changed(who, "orders", tags)
        yield from _done_to(who, "orders", tags)


def _done_to(who: Principal, name: str, tags: Context) -> Iterator[Request]:
    for word, operations in _DONE_TO.items():
        for operation in operations:
            yield Request(who, f"rds:{operation}", _arn(word, name), BACKUP, tags)


def more_than_delete(drill: Principal, _: Who) -> Iterator[Request]:
    """To the drill's own database: it is deleted, and nothing else."""
    yield from _done_to(drill, NAME, _BOTH)


def other_copies(drill: Principal, _: Who) -> Iterator[Request]:
    """A snapshot, an export, a replica, or its state at a point in time; of any database."""
    for name in (NAME, "orders"):
        instance, cluster = _arn("db", name), _arn("cluster", name)
        replica = "rds:CreateDBInstanceReadReplica"
        yield Request(drill, "rds:CreateDBSnapshot", instance, BACKUP, _TAGGED)
        yield Request(drill, "rds:CreateDBClusterSnapshot", cluster, BACKUP, _TAGGED)
        yield Request(drill, replica, instance, BACKUP, _TAGGED + _CLOSED)
        yield Request(drill, "rds:RestoreDBClusterToPointInTime", cluster, BACKUP, _TAGGED)
        point = "rds:RestoreDBInstanceToPointInTime"
        yield Request(drill, point, instance, BACKUP, _TAGGED + _CLOSED)
        for who in (drill, with_everything(drill)):
            yield Request(who, "rds:StartExportTask", cluster, BACKUP, _BOTH)


def publicly(drill: Principal, _: Who) -> Iterator[Request]:
    """Where the call says so.

    Of the database: a call is denied if one of its resources is.
    """
    for who in (drill, with_everything(drill)):
        for action in _OF_INSTANCES:
            asked = _TAGGED + _OPEN + _OFFERED
            yield Request(who, action, _arn("db", NAME), BACKUP, asked)


def no_backups(drill: Principal, _: Who) -> Iterator[Request]:
    """A person's, another prefix's, an automated one, or a foreign one that is shared.

    As for a copy, RDS's own sharing stands in for a resource policy: the identity policy decides.
    """
    for kind, family in FAMILIES.items():
        for account, name, tags in (
            (BACKUP, PERSONS, MARKED),
            (BACKUP, OURS, ()),
            (BACKUP, OURS, ANOTHERS),
            (BACKUP, "another-prefix-orders-1", MARKED),
            (BACKUP, AUTOMATED, MARKED),
            (SOURCE, OURS, MARKED),
            (THIRD, OURS, MARKED),
        ):
            asked = tags + _TAGGED + (_CLOSED if kind == "instance" else ())
            arn = _arn(family.arn_word, name, account)
            yield Request(drill, RESTORES[kind], arn, BACKUP, asked)


def without_both(drill: Principal, _: Who) -> Iterator[Request]:
    """One of the two tags, none, or another prefix's marker."""
    others = ((f"aws:RequestTag/{_MARKER}", "another-prefix"), *_tagging(_DRILL)[:1])
    keys: Context = (("aws:TagKeys", (_MARKER, _DRILL)),)
    for tags in ((), MARKING, _tagging(_DRILL), others + keys):
        yield from _made(drill, tags=tags)


def larger(drill: Principal, _: Who) -> Iterator[Request]:
    """Of an instance, alone or in a cluster."""
    for size in ("db.r6g.16xlarge", "db.t4g.micro"):
        for request in _made(drill, size=(("rds:DatabaseClass", size),)):
            if ":db:" in request.resource:
                yield request


def marks(drill: Principal, _: Who) -> Iterator[Request]:
    """Whatever another policy allows, alone or beside its own tags; any snapshot."""
    for key in ("rds-backup:keep", "rds-backup:retired", _MARKER):
        for name in (OURS, PERSONS):
            for keys in ((key,), (*_PROOF, key)):
                yield from _tags(with_everything(drill), name, MARKED + _tagging(*keys))


def other_tags(drill: Principal, _: Who) -> Iterator[Request]:
    """Of a backup: no tag but the three, with or without them; nor none."""
    for key in ("team", _DRILL, "rds-backup:taken-at", "rds-backup:source"):
        for keys in ((key,), (*_PROOF, key)):
            yield from _tags(drill, OURS, MARKED + _tagging(*keys))
    yield from _tags(drill, OURS, MARKED)


def proofs_of_others(drill: Principal, _: Who) -> Iterator[Request]:
    """The three tags on what is no backup of this prefix."""
    proof = _tagging(*_PROOF)
    for name, tags in ((PERSONS, MARKED), (OURS, ()), (OURS, ANOTHERS), (AUTOMATED, MARKED)):
        yield from _tags(drill, name, tags + proof)
    yield from _tags_of_databases(drill, "orders", MARKED + proof)
    yield from _tags_of_databases(drill, NAME, _BOTH + proof)


def databases_as_drills(drill: Principal, _: Who) -> Iterator[Request]:
    """A person's database, which could then be deleted if its name were right; or other tags."""
    yield from _tags_of_databases(drill, "orders", _TAGGED)
    for tags in ((), MARKING, NOT_MARKING, _tagging(_DRILL), _tagging(_MARKER, _DRILL, "team")):
        yield from _tags_of_databases(drill, NAME, tags)


def tags_away(drill: Principal, _: Who) -> Iterator[Request]:
    """Whatever another policy allows; of snapshots and databases."""
    who = with_everything(drill)
    for name in (OURS, PERSONS, AUTOMATED):
        yield from both(who, "RemoveTagsFromResource", BACKUP, name, MARKED)
    for word in ("db", "cluster"):
        for name in (NAME, "orders"):
            arn = _arn(word, name)
            yield Request(who, "rds:RemoveTagsFromResource", arn, BACKUP, _BOTH)


def snapshots(drill: Principal, _: Who) -> Iterator[Request]:
    """Of any kind, whatever another policy allows."""
    who = with_everything(drill)
    for name in (OURS, PERSONS, AUTOMATED):
        for tags in ((), MARKED):
            yield from both(who, ("Delete{}", "Modify{}Attribute"), BACKUP, name, tags)
            yield from both(who, "StartExportTask", BACKUP, name, tags)
            modified = _arn("snapshot", name)
            yield Request(who, "rds:ModifyDBSnapshot", modified, BACKUP, tags)
    for word, noun in (("auto-backup", "DBInstance"), ("cluster-auto-backup", "DBCluster")):
        kept = _arn(word, "ab-0123456789")
        yield Request(who, f"rds:Delete{noun}AutomatedBackup", kept, BACKUP)


def copies(drill: Principal, _: Who) -> Iterator[Request]:
    """Of a backup, under any name."""
    for name in (OURS, PERSONS):
        yield from both(drill, "Copy{}", BACKUP, name, MARKED + MARKING)


def itself(drill: Principal, _: Who) -> Iterator[Request]:
    """Its own use of the key, and grants to others."""
    yield from use(drill, BACKUP_KEY, (), *DATA)
    yield from use(drill, BACKUP_KEY, (GRANTED,), "kms:CreateGrant")
    other = ("kms:ViaService", f"s3.{REGION}.amazonaws.com")
    yield from use(drill, BACKUP_KEY, (other,), *DATA)
    yield from use(drill, BACKUP_KEY, (other, GRANTED), "kms:CreateGrant")


def other_keys(drill: Principal, w: Who) -> Iterator[Request]:
    """Also through RDS; with a validator it may read the state of keys of its account."""
    for key in (SHARING_KEY, _ANOTHER_KEY):
        yield from use(drill, key, (THROUGH_RDS,), *DATA)
        yield from use(drill, key, (THROUGH_RDS, GRANTED), "kms:CreateGrant")
        yield from use(drill, key, (), "kms:GetKeyPolicy")
    for key in (SHARING_KEY, *(() if w.deployed.validates else (_ANOTHER_KEY,))):
        for context in ((), (THROUGH_RDS,)):
            yield from use(drill, key, context, "kms:DescribeKey")


def other_functions(who: Principal, w: Who) -> Iterator[Request]:
    """Every function but the probe and the validator; without one, none but the probe."""
    stack = w.deployed.backup
    names = ("ExpireFunction", "LookFunction", "DrillFunction", "DrillLookFunction")
    known = [stack.arn(name) for name in names if name in stack.resources]
    validator = () if w.deployed.validates else (VALIDATOR,)
    another = f"arn:aws:lambda:{REGION}:{BACKUP}:function:another"
    theirs = f"arn:aws:lambda:{REGION}:{SOURCE}:function:validator"
    for function in (*known, *validator, another, f"{VALIDATOR}-2", theirs):
        yield Request(who, "lambda:InvokeFunction", function, function.split(":")[4])


def other_modifications(drill: Principal, _: Who) -> Iterator[Request]:
    """Of its own database, without a managed password: public, another class, a longer life."""
    for managed in ((), (("rds:ManageMasterUserPassword", "false"),)):
        for action, word in zip(_MODIFY, ("db", "cluster"), strict=True):
            yield Request(drill, action, _arn(word, NAME), BACKUP, _BOTH + managed)


def unvalidated(drill: Principal, w: Who) -> Iterator[Request]:
    """Nobody needs a password then."""
    if w.deployed.validates:
        return
    for action, word in zip(_MODIFY, ("db", "cluster"), strict=True):
        yield Request(drill, action, _arn(word, NAME), BACKUP, _BOTH + _MANAGED)
    for operation in ("CreateSecret", "TagResource"):
        yield Request(drill, f"secretsmanager:{operation}", _secret("rds!db-1-AbCdEf"), BACKUP)


def _secret(name: str) -> str:
    return f"arn:aws:secretsmanager:{REGION}:{BACKUP}:secret:{name}"


def secrets(drill: Principal, _: Who) -> Iterator[Request]:
    """Read, change or delete any, or make one of another name than RDS's."""
    for operation in ("GetSecretValue", "PutSecretValue", "DeleteSecret", "UpdateSecret"):
        for name in ("rds!db-1-AbCdEf", "mine-AbCdEf"):
            yield Request(drill, f"secretsmanager:{operation}", _secret(name), BACKUP)
    for operation in ("CreateSecret", "TagResource"):
        yield Request(drill, f"secretsmanager:{operation}", _secret("mine-AbCdEf"), BACKUP)


def elsewhere(drill: Principal, _: Who) -> Iterator[Request]:
    """Databases, backups and what RDS offers."""
    there = f"arn:aws:rds:eu-central-1:{BACKUP}"
    for family in FAMILIES.values():
        for noun, word in (
            (family.noun, family.arn_word),
            (family.database_noun, family.database_arn_word),
        ):
            arn = f"{there}:{word}:{NAME}"
            yield Request(drill, f"rds:Describe{noun}s", arn, BACKUP, ELSEWHERE)
    yield Request(drill, "rds:DescribeOrderableDBInstanceOptions", "*", BACKUP, ELSEWHERE)


def roles_of_others(drill: Principal, _: Who) -> Iterator[Request]:
    """Of another service; a role that only looks like one; or any other change of a role."""
    name, own = "iam:AWSServiceName", "rds.amazonaws.com"
    theirs = ROLE_OF_RDS.replace(own, "ecs.amazonaws.com")
    for arn, service in ((theirs, "ecs.amazonaws.com"), (ROLE_OF_RDS, "ecs.amazonaws.com")):
        create = "iam:CreateServiceLinkedRole"
        yield Request(drill, create, arn, BACKUP, ((name, service),))
    for action in ("CreateServiceLinkedRole", "PassRole", "DeleteRole"):
        role = f"arn:aws:iam::{BACKUP}:role/of-somebody"
        context = ((name, own),) if action == "CreateServiceLinkedRole" else ()
        yield Request(drill, f"iam:{action}", role, BACKUP, context)


def everything_of_a_drill(who: Principal, w: Who) -> Iterator[Request]:
    """All that a drill does and nobody else has to: it is right in every detail."""
    for kind, family in FAMILIES.items():
        asked = _TAGGED + MARKED + (_CLOSED if kind == "instance" else ())
        yield Request(who, RESTORES[kind], _arn(family.arn_word, OURS), BACKUP, asked)
    yield from _made(who)
    yield from _changed(who, NAME, _BOTH)
    yield from _tags(who, OURS, MARKED + _tagging(*_PROOF))
    yield from _tags_of_databases(who, NAME, _TAGGED)
    yield Request(who, "rds:DescribeOrderableDBInstanceOptions", "*", BACKUP)
    for function in (w.deployed.backup.arn("DrillProbe"), VALIDATOR):
        yield Request(who, "lambda:InvokeFunction", function, BACKUP)


def in_its_place(w: Who) -> Iterator[Request]:
    """By the roles of this project that make, expire and look at backups, and by the probe."""
    if w.probe:
        for who in (w.writer, w.expiring, w.probe, Principal(holder(BACKUP))):
            if who:
                yield from everything_of_a_drill(who, w)


def from_outside(w: Who) -> Iterator[Request]:
    """By people of other accounts, and by the source account's function with its own rights.

    What has no resource is asked of their own account, and none of the drill's business.
    """
    if w.drill:
        for who in (SOURCE_PERSON, STRANGER, with_everything(w.function)):
            for request in everything_of_a_drill(who, w):
                if request.resource != "*":
                    yield request


def _own_code(w: Who) -> Context:
    return (("lambda:SourceFunctionArn", w.deployed.backup.arn("DrillProbe")),)


def own_code(probe: Principal, w: Who) -> Iterator[Request]:
    """Whatever another policy allows."""
    detach = {"DetachNetworkInterface": ("network-interface", "instance")}
    for who in (probe, with_everything(probe)):
        for operation, words in {**ATTACHING, **detach}.items():
            for word in words:
                arn = f"arn:aws:ec2:{REGION}:{BACKUP}:{word}/any" if word else "*"
                yield Request(who, f"ec2:{operation}", arn, BACKUP, _own_code(w))


def of_probe(probe: Principal, w: Who) -> Iterator[Request]:
    """Calls of another function, of RDS, of keys and secrets; and a network elsewhere."""
    stack = w.deployed.backup
    yield from other_functions(probe, w)
    for family in FAMILIES.values():
        arn = _arn(family.database_arn_word, NAME)
        yield Request(probe, f"rds:Describe{family.database_noun}s", arn, BACKUP, _BOTH)
    yield from use(probe, BACKUP_KEY, (), "kms:DescribeKey", *DATA)
    yield from use(probe, BACKUP_KEY, (THROUGH_RDS,), *DATA)
    secret = _secret("rds!db-1-AbCdEf")
    yield Request(probe, "secretsmanager:GetSecretValue", secret, BACKUP)
    for role, logs in ((probe, "DrillFunctionLogs"), (w.drill, "DrillProbeLogs")):
        stream = f"{stack.arn(logs).removesuffix('*')}log-stream:one"
        yield Request(role or probe, "logs:PutLogEvents", stream, BACKUP)
    for operation, words in ATTACHING.items():
        for word in words:
            arn = f"arn:aws:ec2:eu-central-1:{BACKUP}:{word}/any" if word else "*"
            yield Request(probe, f"ec2:{operation}", arn, BACKUP, ELSEWHERE)


def schedules(w: Who) -> Iterator[Request]:
    """The probe, the validator, and what people look with."""
    stack = w.deployed.backup
    if w.drill:
        who = Principal(stack.arn("SchedulerRole"))
        for function in (stack.arn("DrillProbe"), stack.arn("DrillLookFunction"), VALIDATOR):
            yield Request(who, "lambda:InvokeFunction", function, BACKUP)


def _by(
    who: Callable[[Who], Principal | None],
    requests: Callable[[Principal, Who], Iterable[Request]],
) -> Requests:
    """The requests of a principal, where it exists."""

    def found(w: Who) -> Iterable[Request]:
        principal = who(w)
        return requests(principal, w) if principal else ()

    return found


_OF_DRILL: Mapping[str, Callable[[Principal, Who], Iterable[Request]]] = {
    "a drill deletes or modifies a database without both its tags": without_tags,
    "a drill deletes or modifies a database of another name": of_another_name,
    "a drill touches a person's database, whatever another policy allows": persons_databases,
    "a drill does more to its database than delete it": more_than_delete,
    "a drill copies a database in another way": other_copies,
    "a drill restores publicly, whatever another policy allows": publicly,
    "a drill restores outside its network": lambda drill, _: (
        request
        for name in ("default", "another", "rds-backup")
        for request in _of_groups(drill, "subgrp", name)
    ),
    "a drill restores with a person's parameters": lambda drill, _: (
        request
        for word in ("pg", "cluster-pg")
        for request in _of_groups(drill, word, "of-a-person")
    ),
    "a drill restores what is no backup": no_backups,
    "a drill makes a database of another name": lambda drill, _: (
        request
        for name in ("orders", "rds-backup-orders", "another-drill-0123456789-1")
        for request in _made(drill, name)
    ),
    "a drill makes a database without both its tags": without_both,
    "a drill makes an instance of a class that it was not given": larger,
    "a drill marks a snapshot as kept, retired or ours, whatever another policy allows": marks,
    "a drill tags a backup with anything but its three tags": other_tags,
    "a drill writes a proof onto what is no backup": proofs_of_others,
    "a drill tags a database as a drill's, or with anything else": databases_as_drills,
    "a drill takes tags away, whatever another policy allows": tags_away,
    "a drill deletes, shares, exports or changes a snapshot, whatever another policy allows": (
        snapshots
    ),
    "a drill copies a snapshot": copies,
    "a drill uses the backup key itself, not through RDS": itself,
    "a drill grants the backup key to somebody else than AWS's services": lambda drill, _: use(
        drill, BACKUP_KEY, (THROUGH_RDS, NOT_GRANTED), "kms:CreateGrant"
    ),
    "a drill uses another key": other_keys,
    "a drill invokes another function than the probe and the validator": other_functions,
    "a drill modifies its database without a managed password": other_modifications,
    "a drill without a validator modifies a database or makes a secret": unvalidated,
    "a drill reads or changes a secret, or makes one that is not RDS's": secrets,
    "a drill looks into another Region": elsewhere,
    "a drill makes or uses a role that is not RDS's own": roles_of_others,
}
OF_DRILLS: Mapping[str, Requests] = {
    **{name: _by(lambda w: w.drill, requests) for name, requests in _OF_DRILL.items()},
    "another role of the backup account does what a drill does": in_its_place,
    "somebody of another account does what a drill does": from_outside,
    "the probe's own code uses its network's permissions": _by(lambda w: w.probe, own_code),
    "the probe uses anything of AWS, or the drill its log": _by(lambda w: w.probe, of_probe),
    "a schedule starts the probe, the validator or a look": schedules,
}
