"""Attempts at what nobody may ever do: the requests, by principals of all three accounts.

A principal with ``everything`` has a policy beside its own that allows everything: then only what
is denied in so many words, or by the resource, stands in its way.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import replace
from dataclasses import dataclass

from sandbox.kinds import FAMILIES
from tests.permissions.asking import BACKUP, SOURCE, Principal, Request
from tests.permissions.authorising import Context
from tests.permissions.known_keys import BACKUP_KEY, DATABASE_KEYS, DEFAULT_KEYS, SHARING_KEY
from tests.permissions.resolving import REGION
from tests.permissions.scenarios import Deployed
from tests.permissions.unrecorded import ADMINISTRATION, ALARMS, EVENTS, SCHEDULER

THIRD = "444444444444"
OF_SERVICES = frozenset(
    {
        *("BackupFunctionRole", "ExpireFunctionRole", "DrillFunctionRole", "DrillProbeRole"),
        *("SchedulerRole", "AlertRole"),
    }
)
OURS, AUTOMATED, PERSONS = "rds-backup-orders-20260302-0200-1", "rds:orders-1", "before-migration"
_MARKER = "rds-backup:managed-by"
MARKED: Context = ((f"aws:ResourceTag/{_MARKER}", "rds-backup"),)
ANOTHERS: Context = ((f"aws:ResourceTag/{_MARKER}", "another-prefix"),)
MARKING: Context = ((f"aws:RequestTag/{_MARKER}", "rds-backup"), ("aws:TagKeys", (_MARKER,)))
NOT_MARKING: Context = (("aws:RequestTag/team", "x"), ("aws:TagKeys", ("team",)))
KEEPING, RETIRING, *PROVING = (
    (
        (f"aws:RequestTag/{_MARKER}", "rds-backup"),
        (f"aws:RequestTag/rds-backup:{word}", "yes"),
        ("aws:TagKeys", (_MARKER, f"rds-backup:{word}")),
    )
    for word in ("keep", "retired", "restored-at", "restore-minutes", "restore-result")
)
NOT_GRANTED = ("kms:GrantIsForAWSResource", "false")
# A key of the source account that is neither stack's, no database's, and not the default one.
PRIVATE_KEY = f"arn:aws:kms:{REGION}:{SOURCE}:key/00000000-0000-4000-8000-000000000001"
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
    def drill(self) -> Principal | None:
        """The function that restores backups, where there is one."""
        return self._of_drills("DrillFunctionRole")

    @property
    def probe(self) -> Principal | None:
        """The function that connects to what was restored, where there is one."""
        return self._of_drills("DrillProbeRole")

    def _of_drills(self, role: str) -> Principal | None:
        return Principal(self.deployed.backup.arn(role)) if self.deployed.drills else None

    @property
    def functions(self) -> tuple[Principal, ...]:
        """Every principal that the project's code calls AWS as."""
        some = (self.function, self.writer, self.expiring, self.drill)
        return tuple(each for each in some if each)


type Requests = Callable[[Who], Iterable[Request]]


def person(account: str, role: str = "administrator") -> Principal:
    """Somebody whom the account allows everything."""
    return Principal(f"arn:aws:iam::{account}:role/{role}", everything=True)


SOURCE_PERSON, BACKUP_PERSON, STRANGER = map(person, (SOURCE, BACKUP, THIRD))
ROOT_USER = Principal(f"arn:aws:iam::{BACKUP}:root", everything=True)


def with_everything(who: Principal) -> Principal:
    """The same principal, whatever another policy of its account allows it."""
    return replace(who, everything=True)


def both(
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


def not_ours(who: Principal, action: str, account: str) -> Iterator[Request]:
    """What is not ours by tag, by name, or because it is RDS's own."""
    yield from both(who, action, account, OURS)
    yield from both(who, action, account, OURS, ANOTHERS)
    yield from both(who, action, account, PERSONS, MARKED)
    yield from both(who, action, account, AUTOMATED, MARKED)


def assume(
    who: Principal, w: Who, organization: str | None = None, external_id: str | None = None
) -> Request:
    """Assume the role of the backup account; everything that it asks for is right by default."""
    scenario = w.deployed.scenario
    given = external_id or scenario.source.get("BackupAccountExternalId")
    context = (
        *((("sts:ExternalId", given),) if given and external_id != "" else ()),
        *((("aws:PrincipalOrgID", organization),) if organization else ()),
    )
    return Request(with_everything(who), "sts:AssumeRole", w.writer.name, BACKUP, context)


def without_external_id(w: Who) -> Iterator[Request]:
    """The right role without it, or with a wrong one, where it is asked for."""
    if "BackupAccountExternalId" in w.deployed.scenario.source:
        yield assume(w.function, w, external_id="")
        yield assume(w.function, w, external_id="another")


def outside_the_organization(w: Who) -> Iterator[Request]:
    """The right role of an account that has left it, where it is asked for."""
    if "OrganizationId" in w.deployed.scenario.backup:
        yield assume(w.function, w, organization="o-anotherone")


def away(who: Principal) -> Iterator[Request]:
    """Everything by which a backup could be changed, lost or carried off."""
    yield from both(who, ("Delete{}", "Modify{}Attribute"), BACKUP, OURS, MARKED)
    yield from both(who, "RemoveTagsFromResource", BACKUP, OURS, MARKED)
    yield from both(who, "AddTagsToResource", BACKUP, OURS, MARKED + MARKING)
    yield from both(who, "Copy{}", BACKUP, OURS, MARKED + MARKING)
    instance, cluster = both(who, "StartExportTask", BACKUP, OURS, MARKED)
    yield replace(instance, action="rds:ModifyDBSnapshot")
    yield replace(instance, action="rds:RestoreDBInstanceFromDBSnapshot")
    yield replace(cluster, action="rds:RestoreDBClusterFromSnapshot")
    yield from (instance, cluster)


def of_writer(w: Who) -> Iterator[Request]:
    """But for what it may do in some deployments: delete, or tag and copy what is a backup."""
    allowed: set[str] = set()
    if not w.deployed.expires_itself:
        allowed |= {"rds:DeleteDBSnapshot", "rds:DeleteDBClusterSnapshot"}
    if not w.deployed.guards_tags:
        allowed |= {"rds:AddTagsToResource", "rds:CopyDBSnapshot", "rds:CopyDBClusterSnapshot"}
    for request in away(w.writer):
        if request.action not in allowed:
            yield request


def use(who: Principal, key: str, context: Context, *actions: str) -> Iterator[Request]:
    """Use a key, directly or as the context says."""
    for action in actions:
        yield Request(who, action, key, key.split(":")[4], context)


def database_keys(w: Who) -> Sequence[str]:
    """The databases' own keys, where they are given."""
    return DATABASE_KEYS if "DatabaseKmsKeyArns" in w.deployed.scenario.source else ()


def own_sharing_key(w: Who) -> Sequence[str]:
    """The sharing key where the stack makes it; the policy of another is somebody else's."""
    return (SHARING_KEY,) if "SharingKey" in w.deployed.source.resources else ()


def ending(w: Who) -> Iterator[Request]:
    """By everybody who is no administrator of the key."""
    for who in (
        BACKUP_PERSON,
        ROOT_USER,
        SOURCE_PERSON,
        STRANGER,
        *map(with_everything, w.functions),
        # aws/rds has none.
        *([person(BACKUP, "key-administrator")] if w.deployed.scenario.under_default_key else []),
    ):
        yield from use(who, w.deployed.backup_key, (), *ADMINISTRATION)


def given_away(w: Who) -> Iterator[Request]:
    """By people of its account; the policy of ``aws/rds`` lets them revoke RDS's grants."""
    revoked = () if w.deployed.scenario.under_default_key else ("kms:RevokeGrant",)
    for who in (BACKUP_PERSON, ROOT_USER):
        for context in ((), (NOT_GRANTED,)):
            yield from use(who, w.deployed.backup_key, context, "kms:CreateGrant", *revoked)


def backup_keys(w: Who) -> Sequence[str]:
    """The stack's own key, also where it makes none, and the one that backups are under."""
    return tuple(dict.fromkeys((BACKUP_KEY, w.deployed.backup_key)))


def other_keys_there(w: Who) -> Iterator[Request]:
    """By another name than it has in the stack, or its policy."""
    private = PRIVATE_KEY.replace(SOURCE, BACKUP)
    default, other = DEFAULT_KEYS[BACKUP], (("kms:RequestAlias", "alias/private"),)
    for who in (w.writer, w.expiring, *(() if w.deployed.validates else (w.drill,))):
        if who:
            yield from use(who, private, (), "kms:DescribeKey", "kms:GetKeyPolicy")
            yield from use(who, private, other, "kms:DescribeKey")
            yield from use(who, default, (), "kms:DescribeKey", "kms:GetKeyPolicy")


def schedules(w: Who) -> Iterator[Request]:
    """EventBridge Scheduler for another group's schedules, or on another account's behalf."""
    for stack, account in ((w.deployed.source, SOURCE), (w.deployed.backup, BACKUP)):
        if "SchedulerRole" not in stack.resources:
            continue
        arn, group = stack.arn("SchedulerRole"), stack.arn("Schedules")
        other = (("aws:SourceAccount", account), ("aws:SourceArn", f"{group}-of-another"))
        theirs = (("aws:SourceAccount", THIRD), ("aws:SourceArn", group))
        for context in (other, theirs):
            yield Request(SCHEDULER, "sts:AssumeRole", arn, account, context)


def roles_of_services(w: Who) -> Iterator[Request]:
    """People in every account assume the roles of the services."""
    for stack in (w.deployed.source, w.deployed.backup):
        for role in sorted(OF_SERVICES & stack.resources.keys()):
            for who in (SOURCE_PERSON, BACKUP_PERSON, STRANGER):
                yield Request(who, "sts:AssumeRole", stack.arn(role), stack.account)


def alerts(w: Who) -> Iterator[Request]:
    """An alarm of another account, and what is no alarm, where alerts are sent."""
    for stack, account in ((w.deployed.source, SOURCE), (w.deployed.backup, BACKUP)):
        if "Alerts" not in stack.resources:
            continue
        topic = stack.value({"Ref": "Alerts"})
        own = f"arn:aws:cloudwatch:{REGION}:{account}"
        for whose, what in (
            (THIRD, f"arn:aws:cloudwatch:{REGION}:{THIRD}:alarm:x"),
            (THIRD, f"{own}:alarm:x"),
            (account, f"{own}:insight-rule/x"),
        ):
            alarm = (("aws:SourceAccount", whose), ("aws:SourceArn", what))
            yield Request(ALARMS, "sns:Publish", topic, account, alarm)


def rules(w: Who) -> Iterator[Request]:
    """EventBridge for another rule, or on another account's behalf; and another topic."""
    for stack, account in ((w.deployed.source, SOURCE), (w.deployed.backup, BACKUP)):
        if "AlertRole" not in stack.resources:
            continue
        role, own = stack.arn("AlertRole"), f"arn:aws:events:{REGION}:{account}:rule"
        names = [n for n, r in stack.resources.items() if r["Type"] == "AWS::Events::Rule"]
        for whose, rule in ((THIRD, stack.arn(names[0])), (account, f"{own}/another")):
            context = (("aws:SourceAccount", whose), ("aws:SourceArn", rule))
            yield Request(EVENTS, "sts:AssumeRole", role, account, context)
        topic = stack.value({"Ref": "Alerts"})
        yield Request(Principal(role), "sns:Publish", f"{topic}-of-another", account)


def elsewhere(w: Who) -> Iterator[Request]:
    """Everything that is listed, in another Region."""
    for who in w.functions:
        account = str(who.account)
        yield from both(who, "Describe{}s", account, PERSONS, ELSEWHERE, "eu-central-1")
    for who in w.functions:
        yield Request(who, "rds:DescribeAccountAttributes", "*", str(who.account), ELSEWHERE)
        yield Request(who, "rds:DescribeDBEngineVersions", "*", str(who.account), ELSEWHERE)
    for word, action in (("db", "DescribeDBInstances"), ("cluster", "DescribeDBClusters")):
        arn = f"arn:aws:rds:eu-central-1:{SOURCE}:{word}:orders"
        yield Request(w.function, f"rds:{action}", arn, SOURCE, ELSEWHERE)
    for who in (w.function, w.writer):
        account = str(who.account)
        groups = f"arn:aws:rds:eu-central-1:{account}:og:options"
        yield Request(who, "rds:DescribeOptionGroups", groups, account, ELSEWHERE)


def databases(w: Who) -> Iterator[Request]:
    """The databases themselves."""
    for who in w.functions:
        for word, noun in (("db", "DBInstance"), ("cluster", "DBCluster")):
            arn = f"arn:aws:rds:{REGION}:{who.account}:{word}:orders"
            for verb in ("Delete", "Modify"):
                yield Request(who, f"rds:{verb}{noun}", arn, str(who.account))


def automated(w: Who) -> Iterator[Request]:
    """Whatever another policy allows; the expiring function is only kept from deleting."""
    for who in w.functions:
        account = str(who.account)
        yield from both(with_everything(who), "Delete{}", account, AUTOMATED, MARKED)
        if who != w.expiring:
            yield from both(with_everything(who), "Modify{}Attribute", account, AUTOMATED, MARKED)


def foreign_sources(w: Who) -> Iterator[Request]:
    """Other names, another account, or a person's snapshot."""
    yield from both(w.writer, "Copy{}", SOURCE, PERSONS, MARKING)
    yield from both(w.writer, "Copy{}", THIRD, OURS, MARKING)
    yield from both(w.writer, "Copy{}", BACKUP, PERSONS, MARKING)


def copied_or_tagged(who: Principal, name: str, context: Context) -> Iterator[Request]:
    """The permission to tag, and both sides of a copy."""
    yield from both(who, ("AddTagsToResource", "Copy{}"), str(who.account), name, context)


def new_or_there(who: Principal, context: Context) -> Iterator[Request]:
    """The same of what is made, and of what is a backup already: TagGuard guards only that."""
    yield from copied_or_tagged(who, OURS, context)
    yield from copied_or_tagged(who, OURS, MARKED + context)
