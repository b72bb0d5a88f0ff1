"""Calls that no night on the sandbox makes, and that both stacks have to allow all the same.

What AWS's services do around the functions, and what people do with the keys.
"""

from collections.abc import Iterator

from tests.permissions.asking import BACKUP, SOURCE, Principal, Request
from tests.permissions.authorising import DATA, GRANTED, THROUGH_RDS, Context
from tests.permissions.grants import holder
from tests.permissions.playing import in_account
from tests.permissions.resolving import REGION, Stack
from tests.permissions.scenarios import Deployed

LAMBDA, SCHEDULER = Principal("lambda.amazonaws.com"), Principal("scheduler.amazonaws.com")
EVENTS, ALARMS = Principal("events.amazonaws.com"), Principal("cloudwatch.amazonaws.com")


def unrecorded(deployed: Deployed) -> list[Request]:
    """All of them, once each."""
    found = [*_services(deployed.source, SOURCE, "BackupFunction")]
    found += looks(deployed.source, SOURCE)
    found += _alerts(deployed.source, SOURCE, "SharingWithOthers")
    for account in deployed.scenario.accounts[1:]:
        found += [in_account(request, account) for request in found]
    if deployed.expires_itself:
        found += _services(deployed.backup, BACKUP, "ExpireFunction")
    if deployed.drills:
        found += _services(deployed.backup, BACKUP, "DrillFunction")
        found += _drills(deployed.backup)
    if "LookPolicy" in deployed.backup.resources:
        found += looks(deployed.backup, BACKUP)
    found += _alerts(deployed.backup, BACKUP, "DeletionsByOthers", "BackupKeyTouched")
    found += _people(deployed)
    return [*dict.fromkeys(found)]


def _services(stack: Stack, account: str, function: str) -> Iterator[Request]:
    """Lambda runs the function, which logs; the Scheduler invokes it, or keeps the event."""
    own, scheduler = stack.arn(f"{function}Role"), stack.arn("SchedulerRole")
    group = (("aws:SourceAccount", account), ("aws:SourceArn", stack.arn("Schedules")))
    yield from _runs(stack, function)
    yield Request(SCHEDULER, "sts:AssumeRole", scheduler, account, group, "a schedule is due")
    invoking = Principal(scheduler)
    yield Request(invoking, "lambda:InvokeFunction", stack.arn(function), account, why="a schedule")
    yield Request(
        invoking, "sqs:SendMessage", stack.arn("UndeliveredEvents"), account, why="undelivered"
    )
    if bus := stack.given.get("OutcomeEventBusArn"):
        yield Request(Principal(own), "events:PutEvents", bus, account, why="an outcome")


def _runs(stack: Stack, function: str) -> Iterator[Request]:
    """Lambda runs a function in the name of its role, and writes its log."""
    role, log = stack.arn(f"{function}Role"), stack.arn(f"{function}Logs")
    yield Request(LAMBDA, "sts:AssumeRole", role, stack.account, why="Lambda runs the function")
    stream = f"{log.removesuffix('*')}log-stream:one"
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        yield Request(Principal(role), action, stream, stack.account, why="log lines")


def _drills(stack: Stack) -> Iterator[Request]:
    """Lambda puts the probe into its network; RDS makes its own role with the first database.

    Lambda Developer Guide, Giving Lambda functions access to resources in a VPC; Amazon RDS User
    Guide, Using service-linked roles.  A backup may need an option group of its own.  And a call
    that makes a database may come without rds:PubliclyAccessible.
    """
    yield from _runs(stack, "DrillProbe")
    probe = Principal(stack.arn("DrillProbeRole"))
    for action, resources in ATTACHING.items():
        for resource in resources:
            arn = f"arn:aws:ec2:{REGION}:{BACKUP}:{resource}/any" if resource else "*"
            yield Request(probe, f"ec2:{action}", arn, BACKUP, why="the probe's network")
    drill = Principal(stack.arn("DrillFunctionRole"))
    options = f"arn:aws:rds:{REGION}:{BACKUP}:og:of-any-name"
    restore, closed = "rds:RestoreDBInstanceFromDBSnapshot", ("rds:PubliclyAccessible", "false")
    yield Request(drill, restore, options, BACKUP, (closed,), "a backup's option group")
    keys = ("rds-backup:managed-by", "rds-backup:drill")
    given = tuple((f"aws:RequestTag/{key}", "rds-backup") for key in keys)
    tags: Context = (*given, ("aws:TagKeys", keys))
    made = f"arn:aws:rds:{REGION}:{BACKUP}:db:rds-backup-drill-0123456789-1"
    for action in (restore, "rds:CreateDBInstance"):
        yield Request(drill, action, made, BACKUP, tags, "a database of which AWS says less")
    yield Request(
        drill,
        "iam:CreateServiceLinkedRole",
        ROLE_OF_RDS,
        BACKUP,
        (("iam:AWSServiceName", "rds.amazonaws.com"),),
        "the first database of the account",
    )


def look_functions(stack: Stack) -> list[str]:
    """The functions that only look, by logical id."""
    return [name for name in ("LookFunction", "DrillLookFunction") if name in stack.resources]


def looks(stack: Stack, account: str) -> Iterator[Request]:
    """What somebody does who only looks, on resources of the types that each action has.

    Service Authorization Reference; an account's metrics are one dataset.
    """
    named = f"arn:aws:cloudformation:{REGION}:{account}:stack/rds-backup/0a1b2c3d"
    metrics = f"arn:aws:cloudwatch:{REGION}:{account}"
    asked = {
        **{stack.arn(name): ["lambda:InvokeFunction"] for name in look_functions(stack)},
        named: ["cloudformation:DescribeStackResource"],
        f"{metrics}:alarm:of-any-name": [
            *("cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory"),
        ],
        f"{metrics}:dataset/default": ["cloudwatch:GetMetricData", "cloudwatch:ListMetrics"],
        "*": ["logs:DescribeLogGroups", "logs:DescribeQueryDefinitions", "logs:StopQuery"],
    }
    for logs in ("BackupFunctionLogs", "ExpireFunctionLogs", "DrillFunctionLogs"):
        if logs in stack.resources:
            streams = f"{stack.arn(logs).removesuffix('*')}log-stream:"
            asked[streams] = [
                f"logs:{o}" for o in ("DescribeLogStreams", "FilterLogEvents", "StartQuery")
            ]
            asked[f"{streams}one"] = ["logs:GetLogEvents", "logs:GetQueryResults"]
    if "Dashboard" in stack.resources:
        dashboard = stack.value({"Ref": "Dashboard"})
        arn = f"arn:aws:cloudwatch::{account}:dashboard/{dashboard}"
        asked[arn] = ["cloudwatch:GetDashboard"]
    for resource, actions in asked.items():
        for action in actions:
            yield Request(Principal(holder(account)), action, resource, account, why="a look")


def _alerts(stack: Stack, account: str, *rules: str) -> Iterator[Request]:
    """Every alarm that sends, and every rule, where they are there."""
    made = stack.resources
    if "Alerts" not in made:
        return
    topic = stack.value({"Ref": "Alerts"})
    for name, resource in made.items():
        if "AlarmActions" in resource.get("Properties", {}):
            alarm = (("aws:SourceAccount", account), ("aws:SourceArn", stack.arn(name)))
            yield Request(ALARMS, "sns:Publish", topic, account, alarm, "an alarm")
    for name in made.keys() & set(rules):
        # Without any condition key: EventBridge is met by none in a topic's policy (8.9).
        yield Request(EVENTS, "sns:Publish", topic, account, why="an alert without a role")
        own = (("aws:SourceAccount", account), ("aws:SourceArn", stack.arn(name)))
        role = stack.arn("AlertRole")
        yield Request(EVENTS, "sts:AssumeRole", role, account, own, "an alert")
        yield Request(Principal(role), "sns:Publish", topic, account, why="an alert")


def _people(deployed: Deployed) -> Iterator[Request]:
    """Administrators manage the backup key, unless it is AWS's; who restores uses it, by RDS."""
    key, by_us = deployed.backup_key, not deployed.scenario.under_default_key
    for role in deployed.backup.value({"Ref": "KeyAdministrators"}) if by_us else ():
        for action in ADMINISTRATION:
            yield Request(Principal(role, everything=True), action, key, BACKUP)
    restorer = Principal(f"arn:aws:iam::{BACKUP}:role/restorer", everything=True)
    for action in ("kms:DescribeKey", *DATA):
        yield Request(restorer, action, key, BACKUP, (THROUGH_RDS,), "a restore")
    yield Request(restorer, "kms:CreateGrant", key, BACKUP, (THROUGH_RDS, GRANTED), "a restore")


# What ends a key, changes who may use it, or moves its name: for its administrators only.
ADMINISTRATION = (
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:UpdateAlias",
    "kms:DeleteAlias",
)
# What Lambda does for a function in a network, by the types of resources that it is asked for.
ATTACHING = {
    "AssignPrivateIpAddresses": ("network-interface",),
    "CreateNetworkInterface": ("network-interface", "security-group", "subnet"),
    "DeleteNetworkInterface": ("network-interface",),
    "DescribeNetworkInterfaces": ("",),
    "DescribeSubnets": ("",),
    "UnassignPrivateIpAddresses": ("network-interface",),
}
ROLE_OF_RDS = f"arn:aws:iam::{BACKUP}:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS"
