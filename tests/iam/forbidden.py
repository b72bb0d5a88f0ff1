"""What nobody may ever do, by name: calls that every deployment of the two stacks has to refuse.

A principal with ``everything`` has a policy beside its own that allows everything: then only what
is denied in so many words, or by the resource, stands in its way.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from sandbox.kinds import FAMILIES
from tests.iam.asking import BACKUP, SOURCE, Principal, Request
from tests.iam.authorising import DATA, GRANTED, THROUGH_RDS, Context
from tests.iam.resolving import REGION
from tests.iam.scenarios import BACKUP_KEY, DATABASE_KEYS, SHARING_KEY, Deployed
from tests.iam.unrecorded import ADMINISTRATION, EVENTS, SCHEDULER

THIRD = "444444444444"
OURS, AUTOMATED, PERSONS = "rds-backup-orders-20260302-0200-1", "rds:orders-1", "before-migration"
_MARKER = "rds-backup:managed-by"
MARKED: Context = ((f"aws:ResourceTag/{_MARKER}", "rds-backup"),)
ANOTHERS: Context = ((f"aws:ResourceTag/{_MARKER}", "another-prefix"),)
MARKING: Context = ((f"aws:RequestTag/{_MARKER}", "rds-backup"), ("aws:TagKeys", (_MARKER,)))
NOT_MARKING: Context = (("aws:RequestTag/team", "x"), ("aws:TagKeys", ("team",)))
KEEPING: Context = (
    (f"aws:RequestTag/{_MARKER}", "rds-backup"),
    ("aws:RequestTag/rds-backup:keep", "yes"),
    ("aws:TagKeys", (_MARKER, "rds-backup:keep")),
)
ELSEWHERE: Context = (("aws:RequestedRegion", "eu-central-1"),)


@dataclass(frozen=True)
class Who:
    """The principals of one deployment, and people of all three accounts."""

    deployed: Deployed

    @property
    def function(self) -> Principal:
        """The function of the source account."""
        return Principal(self.deployed.source.arn("BackupFunctionRole"))

    @property
    def writer(self) -> Principal:
        """The role that the source account assumes."""
        return Principal(self.deployed.backup.arn("BackupRole"))

    @property
    def expiring(self) -> Principal | None:
        """The function of the backup account, where it has one."""
        if not self.deployed.expires_itself:
            return None
        return Principal(self.deployed.backup.arn("ExpireFunctionRole"))

    @property
    def deleting(self) -> Principal:
        """Who deletes backups in this deployment."""
        return self.expiring or self.writer

    @property
    def functions(self) -> tuple[Principal, ...]:
        """Every principal that the project's code runs as."""
        return (self.function, self.writer, *([self.expiring] if self.expiring else []))


def person(account: str, role: str = "administrator") -> Principal:
    """Somebody whom the account allows everything."""
    return Principal(f"arn:aws:iam::{account}:role/{role}", everything=True)


SOURCE_PERSON, BACKUP_PERSON, STRANGER = map(person, (SOURCE, BACKUP, THIRD))
ROOT_USER = Principal(f"arn:aws:iam::{BACKUP}:root", everything=True)


def _all(who: Principal) -> Principal:
    return replace(who, everything=True)


def _both(
    who: Principal,
    actions: str | Sequence[str],
    account: str,
    name: str,
    context: Context = (),
    region: str = REGION,
) -> Iterator[Request]:
    """The same for both families; ``{}`` in an action is the family's noun."""
    for family in FAMILIES.values():
        arn = f"arn:aws:rds:{region}:{account}:{family.arn_word}:{name}"
        for action in [actions] if isinstance(actions, str) else actions:
            yield Request(who, f"rds:{action.format(family.noun)}", arn, account, context)


def _not_ours(who: Principal, action: str, account: str) -> Iterator[Request]:
    """What is not ours by tag, by name, or because it is RDS's own."""
    yield from _both(who, action, account, OURS)
    yield from _both(who, action, account, OURS, ANOTHERS)
    yield from _both(who, action, account, PERSONS, MARKED)
    yield from _both(who, action, account, AUTOMATED, MARKED)


def _assume(
    who: Principal, w: Who, organization: str | None = None, external_id: str | None = None
) -> Request:
    """Assume the role of the backup account; everything that it asks for is right by default."""
    scenario = w.deployed.scenario
    given = external_id or scenario.source.get("BackupAccountExternalId")
    context = (
        *((("sts:ExternalId", given),) if given and external_id != "" else ()),
        *((("aws:PrincipalOrgID", organization),) if organization else ()),
    )
    return Request(_all(who), "sts:AssumeRole", w.writer.name, BACKUP, context)


def _without_external_id(w: Who) -> Iterator[Request]:
    if "BackupAccountExternalId" in w.deployed.scenario.source:
        yield _assume(w.function, w, external_id="")
        yield _assume(w.function, w, external_id="another")


def _outside_the_organization(w: Who) -> Iterator[Request]:
    if "OrganizationId" in w.deployed.scenario.backup:
        yield _assume(w.function, w, organization="o-anotherone")


def _away(who: Principal) -> Iterator[Request]:
    """Everything by which a backup could be changed, lost or carried off."""
    yield from _both(who, ("Delete{}", "Modify{}Attribute"), BACKUP, OURS, MARKED)
    yield from _both(who, "RemoveTagsFromResource", BACKUP, OURS, MARKED)
    yield from _both(who, "AddTagsToResource", BACKUP, OURS, MARKED + MARKING)
    yield from _both(who, "Copy{}", BACKUP, OURS, MARKED + MARKING)
    instance, cluster = _both(who, "StartExportTask", BACKUP, OURS, MARKED)
    yield replace(instance, action="rds:ModifyDBSnapshot")
    yield replace(instance, action="rds:RestoreDBInstanceFromDBSnapshot")
    yield replace(cluster, action="rds:RestoreDBClusterFromSnapshot")
    yield from (instance, cluster)


def _of_writer(w: Who) -> Iterator[Request]:
    """Its deletions are for the deployments in which it may not expire."""
    deleting = ("rds:DeleteDBSnapshot", "rds:DeleteDBClusterSnapshot")
    for request in _away(w.writer):
        if w.deployed.expires_itself or request.action not in deleting:
            yield request


def _use(who: Principal, key: str, context: Context, *actions: str) -> Iterator[Request]:
    for action in actions:
        yield Request(who, action, key, key.split(":")[4], context)


def _database_keys(w: Who) -> Sequence[str]:
    return DATABASE_KEYS if "DatabaseKmsKeyArns" in w.deployed.scenario.source else ()


def _own_sharing_key(w: Who) -> Sequence[str]:
    """The sharing key where the stack makes it; the policy of another is somebody else's."""
    return (SHARING_KEY,) if "SharingKey" in w.deployed.source.resources else ()


def _ending(w: Who) -> Iterator[Request]:
    """By everybody who is no administrator of the key."""
    for who in (BACKUP_PERSON, ROOT_USER, SOURCE_PERSON, STRANGER, *map(_all, w.functions)):
        yield from _use(who, BACKUP_KEY, (), *ADMINISTRATION)


def _schedules(w: Who) -> Iterator[Request]:
    stacks = [(w.deployed.source, SOURCE)]
    if w.expiring:
        stacks.append((w.deployed.backup, BACKUP))
    for stack, account in stacks:
        arn, group = stack.arn("SchedulerRole"), stack.arn("Schedules")
        other = (("aws:SourceAccount", account), ("aws:SourceArn", f"{group}-of-another"))
        theirs = (("aws:SourceAccount", THIRD), ("aws:SourceArn", group))
        for context in (other, theirs):
            yield Request(SCHEDULER, "sts:AssumeRole", arn, account, context)


def _roles_of_services(w: Who) -> Iterator[Request]:
    stacks = [(w.deployed.source, SOURCE, "BackupFunctionRole")]
    if w.expiring:
        stacks.append((w.deployed.backup, BACKUP, "ExpireFunctionRole"))
    for stack, account, function in stacks:
        for who in (SOURCE_PERSON, BACKUP_PERSON, STRANGER):
            for role in (function, "SchedulerRole"):
                yield Request(who, "sts:AssumeRole", stack.arn(role), account)


def _alerts(w: Who) -> Iterator[Request]:
    source = w.deployed.source
    if "SharingWithOthers" in source.resources:
        rule = (("aws:SourceArn", f"arn:aws:events:{REGION}:{THIRD}:rule/x"),)
        yield Request(EVENTS, "sns:Publish", source.value({"Ref": "Alerts"}), SOURCE, rule)


def _elsewhere(w: Who) -> Iterator[Request]:
    for who in w.functions:
        account = str(who.account)
        yield from _both(who, "Describe{}s", account, PERSONS, ELSEWHERE, "eu-central-1")
    for who in (w.function, w.writer):
        yield Request(who, "rds:DescribeAccountAttributes", "*", str(who.account), ELSEWHERE)
    for word, action in (("db", "DescribeDBInstances"), ("cluster", "DescribeDBClusters")):
        arn = f"arn:aws:rds:eu-central-1:{SOURCE}:{word}:orders"
        yield Request(w.function, f"rds:{action}", arn, SOURCE, ELSEWHERE)


def _databases(w: Who) -> Iterator[Request]:
    for who in w.functions:
        for word, noun in (("db", "DBInstance"), ("cluster", "DBCluster")):
            arn = f"arn:aws:rds:{REGION}:{who.account}:{word}:orders"
            for verb in ("Delete", "Modify"):
                yield Request(who, f"rds:{verb}{noun}", arn, str(who.account))


def _automated(w: Who) -> Iterator[Request]:
    """Whatever another policy allows; the expiring function is only kept from deleting."""
    for who in w.functions:
        account = str(who.account)
        yield from _both(_all(who), "Delete{}", account, AUTOMATED, MARKED)
        if who != w.expiring:
            yield from _both(_all(who), "Modify{}Attribute", account, AUTOMATED, MARKED)


def _foreign_sources(w: Who) -> Iterator[Request]:
    yield from _both(w.writer, "Copy{}", SOURCE, PERSONS, MARKING)
    yield from _both(w.writer, "Copy{}", THIRD, OURS, MARKING)
    yield from _both(w.writer, "Copy{}", BACKUP, PERSONS, MARKING)


def _copied_or_tagged(who: Principal, name: str, context: Context) -> Iterator[Request]:
    """The permission to tag, and both sides of a copy."""
    yield from _both(who, ("AddTagsToResource", "Copy{}"), str(who.account), name, context)


type Requests = Callable[[Who], Iterator[Request]]
FORBIDDEN: dict[str, Requests] = {
    "the function deletes a snapshot that is not ours": lambda w: _not_ours(
        w.function, "Delete{}", SOURCE
    ),
    "the function shares a snapshot that is not ours": lambda w: _not_ours(
        w.function, "Modify{}Attribute", SOURCE
    ),
    "whoever expires deletes a snapshot that is not ours": lambda w: _not_ours(
        w.deleting, "Delete{}", BACKUP
    ),
    "an automated snapshot is touched, whatever another policy allows": _automated,
    "the function tags a person's snapshot as ours": lambda w: _both(
        w.function, "AddTagsToResource", SOURCE, PERSONS, MARKING
    ),
    "the writer tags a person's snapshot as ours": lambda w: _both(
        w.writer, "AddTagsToResource", BACKUP, PERSONS, MARKING
    ),
    "the function tags or copies what is ours already": lambda w: _copied_or_tagged(
        w.function, OURS, MARKED + MARKING
    ),
    "the writer tags or copies a backup": lambda w: _copied_or_tagged(
        w.writer, OURS, MARKED + MARKING
    ),
    "the function makes a copy without our marker": lambda w: _copied_or_tagged(
        w.function, OURS, NOT_MARKING
    ),
    "the writer makes a copy without our marker": lambda w: _copied_or_tagged(
        w.writer, OURS, NOT_MARKING
    ),
    "the function copies an automated snapshot without our marker": lambda w: _both(
        w.function, "Copy{}", SOURCE, AUTOMATED, NOT_MARKING
    ),
    "the function copies a person's snapshot": lambda w: _both(
        w.function, "Copy{}", SOURCE, PERSONS, MARKING
    ),
    "the writer copies what no function shared": _foreign_sources,
    "the writer marks a backup as one to keep": lambda w: _copied_or_tagged(
        w.writer, OURS, KEEPING
    ),
    "the writer deletes, changes, shares, restores, exports or copies a backup": _of_writer,
    "somebody of the source account does any of it": lambda _: _away(SOURCE_PERSON),
    "the function does any of it with its own rights": lambda w: _away(_all(w.function)),
    "somebody of a third account does any of it": lambda _: _away(STRANGER),
    "the expiring function does more than delete": lambda w: (
        r for r in _away(w.expiring or w.writer) if not r.action.startswith("rds:Delete")
    ),
    "a function changes or deletes a database": _databases,
    "a function looks into another Region": _elsewhere,
    "somebody of another account uses the backup key": lambda w: (
        request
        for who in (SOURCE_PERSON, STRANGER, _all(w.function))
        for request in _use(who, BACKUP_KEY, (THROUGH_RDS, GRANTED), "kms:CreateGrant")
    ),
    "somebody of another account decrypts under the backup key": lambda w: (
        request
        for who in (SOURCE_PERSON, STRANGER, _all(w.function))
        for request in _use(who, BACKUP_KEY, (THROUGH_RDS,), "kms:DescribeKey", *DATA)
    ),
    "the writer uses a key itself, not through RDS": lambda w: (
        request for key in (BACKUP_KEY, SHARING_KEY) for request in _use(w.writer, key, (), *DATA)
    ),
    "the function uses the sharing key itself, not through RDS": lambda w: _use(
        w.function, SHARING_KEY, (), *DATA
    ),
    "the function uses a database's key itself, not through RDS": lambda w: (
        request
        for key in _database_keys(w)
        for request in (
            *_use(w.function, key, (), "kms:Decrypt"),
            *_use(w.function, key, (GRANTED,), "kms:CreateGrant"),
            *_use(w.function, key, (THROUGH_RDS, NOT_GRANTED), "kms:CreateGrant"),
        )
    ),
    "a grant is made not through RDS": lambda w: (
        request
        for who, keys in ((w.writer, (BACKUP_KEY, SHARING_KEY)), (w.function, (SHARING_KEY,)))
        for key in keys
        for request in _use(who, key, (GRANTED,), "kms:CreateGrant")
    ),
    "a grant is made for somebody else than AWS's services": lambda w: (
        request
        for who, keys in ((w.writer, (BACKUP_KEY, SHARING_KEY)), (w.function, (SHARING_KEY,)))
        for key in keys
        for request in _use(who, key, (THROUGH_RDS, NOT_GRANTED), "kms:CreateGrant")
    ),
    "somebody gives away the backup key, or takes it from RDS": lambda _: (
        request
        for who in (BACKUP_PERSON, ROOT_USER)
        for context in ((), (NOT_GRANTED,))
        for request in _use(who, BACKUP_KEY, context, "kms:CreateGrant", "kms:RevokeGrant")
    ),
    "the backup key is ended, changed or renamed by anyone but its administrators": _ending,
    "another role of the backup account uses the sharing key": lambda w: (
        request
        for key in _own_sharing_key(w)
        for request in (
            *_use(BACKUP_PERSON, key, (THROUGH_RDS,), "kms:DescribeKey", *DATA),
            *_use(BACKUP_PERSON, key, (THROUGH_RDS, GRANTED), "kms:CreateGrant"),
        )
    ),
    "the writer uses the sharing key itself, whatever its account allows": lambda w: (
        request
        for key in _own_sharing_key(w)
        for request in (
            *_use(_all(w.writer), key, (), *DATA, *ADMINISTRATION),
            *_use(_all(w.writer), key, (GRANTED,), "kms:CreateGrant"),
            *_use(_all(w.writer), key, (THROUGH_RDS, NOT_GRANTED), "kms:CreateGrant"),
        )
    ),
    "a third account assumes the role": lambda w: (
        _assume(person(THIRD, role), w) for role in ("administrator", w.function.name.split("/")[1])
    ),
    "another role of the source account assumes the role": lambda w: (
        _assume(who, w) for who in (SOURCE_PERSON, person(SOURCE, "rds-backup-function-2"))
    ),
    "somebody of the backup account assumes the role": lambda w: (
        _assume(who, w) for who in (BACKUP_PERSON, ROOT_USER)
    ),
    "the function assumes the role without its external id": _without_external_id,
    "the function assumes the role from outside the organization": _outside_the_organization,
    "the Scheduler acts for another account or another group": _schedules,
    "a person takes the role of a service": _roles_of_services,
    "another rule sends alerts": _alerts,
}
NOT_GRANTED = ("kms:GrantIsForAWSResource", "false")
