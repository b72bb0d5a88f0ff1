"""What the holder of LookPolicy may never do, in either account: the requests."""

from collections.abc import Iterator, Mapping, Sequence
from copy import replace

from tests.permissions.asking import BACKUP, SOURCE, Principal, Request
from tests.permissions.attempts import ELSEWHERE, MARKED, MARKING, OURS, both, use
from tests.permissions.authorising import DATA, GRANTED, THROUGH_RDS
from tests.permissions.grants import holder
from tests.permissions.known_keys import BACKUP_KEY, SHARING_KEY
from tests.permissions.resolving import REGION, Stack
from tests.permissions.scenarios import Deployed
from tests.permissions.unrecorded import ADMINISTRATION, look_functions, looks

# By the type of the resource: what starts, changes or deletes it, or gives a permission away.
_OF_TYPE: Mapping[str, Sequence[str]] = {
    "AWS::CloudWatch::Alarm": (
        *("cloudwatch:DeleteAlarms", "cloudwatch:DisableAlarmActions"),
        *("cloudwatch:PutMetricAlarm", "cloudwatch:SetAlarmState"),
    ),
    "AWS::IAM::ManagedPolicy": ("iam:CreatePolicyVersion", "iam:DeletePolicy"),
    "AWS::IAM::Role": (
        *("iam:AttachRolePolicy", "iam:PassRole", "iam:PutRolePolicy"),
        *("iam:UpdateAssumeRolePolicy", "sts:AssumeRole"),
    ),
    "AWS::Lambda::Function": (
        *("lambda:AddPermission", "lambda:CreateFunctionUrlConfig", "lambda:DeleteFunction"),
        *("lambda:PutFunctionConcurrency", "lambda:PutFunctionEventInvokeConfig"),
        *("lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"),
    ),
    "AWS::Logs::LogGroup": (
        *("logs:CreateLogStream", "logs:DeleteLogGroup", "logs:DeleteLogStream"),
        *("logs:PutLogEvents", "logs:PutMetricFilter", "logs:PutRetentionPolicy"),
        "logs:PutSubscriptionFilter",
    ),
    "AWS::SNS::Topic": ("sns:Publish", "sns:Subscribe"),
    "AWS::SQS::Queue": ("sqs:PurgeQueue", "sqs:ReceiveMessage", "sqs:SendMessage"),
}
_OF_STACK = ("CreateChangeSet", "DeleteStack", "ExecuteChangeSet", "UpdateStack")


def _lookers(deployed: Deployed) -> Iterator[tuple[Stack, Principal]]:
    """The holder of each stack's policy, where it has one."""
    for stack, account in ((deployed.source, SOURCE), (deployed.backup, BACKUP)):
        if "LookPolicy" in stack.resources:
            yield stack, Principal(holder(account))


def working(deployed: Deployed) -> Iterator[Request]:
    """The functions that start copies and deletions, of their own stack."""
    for stack, who in _lookers(deployed):
        for name, resource in stack.resources.items():
            function = resource["Type"] == "AWS::Lambda::Function"
            if function and name not in look_functions(stack):
                yield Request(who, "lambda:InvokeFunction", stack.arn(name), stack.account)


def changing(deployed: Deployed) -> Iterator[Request]:
    """Everything of the stack, every snapshot of ours, and both keys."""
    for stack, who in _lookers(deployed):
        account = stack.account
        for name, resource in stack.resources.items():
            for action in _OF_TYPE.get(resource["Type"], ()):
                yield Request(who, action, _arn(stack, name, resource["Type"]), account)
        own = f"arn:aws:cloudformation:{REGION}:{account}:stack/rds-backup/0a1b2c3d"
        for operation in _OF_STACK:
            yield Request(who, f"cloudformation:{operation}", own, account)
        dataset = f"arn:aws:cloudwatch:{REGION}:{account}:dataset/default"
        yield Request(who, "cloudwatch:PutMetricData", dataset, account)
        yield from both(who, ("Copy{}", "Delete{}", "Modify{}Attribute"), account, OURS, MARKED)
        yield from both(who, "AddTagsToResource", account, OURS, MARKED + MARKING)
        key = BACKUP_KEY if account == BACKUP else SHARING_KEY
        yield from use(who, key, (THROUGH_RDS,), *DATA, *ADMINISTRATION)
        yield from use(who, key, (THROUGH_RDS, GRANTED), "kms:CreateGrant")


def _arn(stack: Stack, name: str, kind: str) -> str:
    if kind in ("AWS::IAM::ManagedPolicy", "AWS::SNS::Topic"):
        return str(stack.value({"Ref": name}))
    arn = stack.arn(name)
    return f"{arn.removesuffix('*')}log-stream:one" if kind == "AWS::Logs::LogGroup" else arn


def looking_further(deployed: Deployed) -> Iterator[Request]:
    """Another function, stack, dashboard or log group; and RDS itself, which the function asks."""
    for stack, who in _lookers(deployed):
        for request in looks(stack, stack.account):
            if "rds-backup" in request.resource:
                another = request.resource.replace("rds-backup", "another")
                yield replace(request, resource=another)
        yield from both(who, "Describe{}s", stack.account, OURS)


def looking_elsewhere(deployed: Deployed) -> Iterator[Request]:
    """What is not limited to a resource is limited to this Region."""
    for stack, _ in _lookers(deployed):
        for request in looks(stack, stack.account):
            if "rds-backup" not in request.resource:
                yield replace(request, context=ELSEWHERE)
