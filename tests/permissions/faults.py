"""Mistakes put into the templates, and which part of the proof has to notice each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tests.permissions.scenarios import TEXTS

type Notice = Literal["denied", "allowed", "unneeded", "wide", "unknown"]


@dataclass(frozen=True)
class Fault:
    """A mistake in one template: ``old`` becomes ``new``, within the statement ``sid`` if given.

    ``noticed``: a call is denied that the nights need, a forbidden one is allowed, a part is not
    needed, a wildcard has no reason, or the template cannot be judged at all.
    """

    name: str
    noticed: Notice
    side: str
    sid: str | None
    old: str
    new: str
    scenario: str = "defaults"

    @property
    def texts(self) -> Mapping[str, str]:
        """Both templates, one of them with the mistake; raises if it does not fit exactly once."""
        text = TEXTS[self.side]
        part = text if self.sid is None else statement(text, self.sid)
        if part.count(self.old) != 1:
            raise ValueError(f"{self.name}: {self.old!r} is there {part.count(self.old)} times")
        return {**TEXTS, self.side: text.replace(part, part.replace(self.old, self.new))}


def statement(text: str, sid: str) -> str:
    """The lines of a template that are one statement: it ends where the indentation does."""
    (found,) = re.finditer(rf"^( *)- Sid: {sid}\n(?:\1 .*\n|\n)*", text, re.MULTILINE)
    return found[0]


def _source(name: str, noticed: Notice, sid: str | None, old: str, new: str = "") -> Fault:
    return Fault(name, noticed, "source", sid, old, new)


def _backup(name: str, noticed: Notice, sid: str | None, old: str, new: str = "") -> Fault:
    return Fault(name, noticed, "backup", sid, old, new)


def _drill(name: str, noticed: Notice, sid: str, old: str, new: str = "") -> Fault:
    return Fault(name, noticed, "backup", sid, old, new, scenario="everything")


def _elsewhere(side: str, noticed: Notice, name: str, sid: str, old: str, new: str) -> Fault:
    return Fault(name, noticed, side, sid, old, new, scenario="another-region")


_MARKED = 'StringEquals: { "aws:ResourceTag/rds-backup:managed-by": !Ref SnapshotPrefix }'
_UNMARKED = (
    f'"Null":\n{" " * 20}!If [TagsAreGuarded, '
    '{ "aws:ResourceTag/rds-backup:managed-by": "true" }, !Ref AWS::NoValue]'
)
_ROLE_ASKED_FOR = (
    'ArnEquals: { "aws:PrincipalArn": '
    '!Sub "arn:${AWS::Partition}:iam::${BackupAccountId}:role/${BackupRoleName}" }'
)
_PREFIX = ":snapshot:${SnapshotPrefix}-*"
_OF_DRILL = '"Null": { "aws:ResourceTag/rds-backup:drill": "false" }'
_ONE_REGION = '{ StringEquals: { "aws:RequestedRegion": !Ref AWS::Region } }'
_LISTED = "- rds:DescribeDBSnapshots\n"
FAULTS = (
    _source(
        "the permission to tag a copy is forgotten",
        "denied",
        "TagCopies",
        "rds:AddTagsToResource",
        "rds:ListTagsForResource",
    ),
    _source(
        "a copy is allowed on its target only",
        "denied",
        "CopyFromAutomatedSnapshots",
        ":snapshot:rds:*",
        ":snapshot:none",
    ),
    _source("an ARN is misspelled", "denied", "MakeSharedCopies", _PREFIX, ":snapshots:x-*"),
    _source(
        "an automated snapshot must not have our marker from its database",
        "denied",
        "CopyFromAutomatedSnapshots",
        "                Condition:\n",
        f"                Condition:\n                  {_UNMARKED}\n",
    ),
    _source(
        "the key's grant is forgotten",
        "denied",
        "GrantSharingKeyToRds",
        "Action: kms:CreateGrant",
        "Action: kms:ListGrants",
    ),
    _source(
        "the role's name is another in the key's policy",
        "denied",
        "BackupRoleReads",
        "role/${BackupRoleName}",
        "role/writer",
    ),
    _source(
        "any deletion is allowed", "wide", "DeleteCopies", "rds:DeleteDBSnapshot", "rds:Delete*"
    ),
    _source("a deletion needs no tag", "allowed", "DeleteCopies", _MARKED, "Bool: {}"),
    _source("anything may be shared", "allowed", "ShareCopies", _PREFIX, ":snapshot:*"),
    _source("what is ours may be tagged again", "allowed", "TagCopies", _UNMARKED),
    _source(
        "a copy needs no marker",
        "allowed",
        "MakeSharedCopies",
        'StringEquals: { "aws:RequestTag/rds-backup:managed-by": !Ref SnapshotPrefix }',
    ),
    _source(
        "a denial allows",
        "allowed",
        "NeverTouchAutomatedSnapshots",
        "Effect: Deny",
        "Effect: Allow",
    ),
    _source(
        "anybody in the backup account may use the sharing key",
        "allowed",
        "BackupRoleCopiesThroughRds",
        _ROLE_ASKED_FOR,
    ),
    _source(
        "the sharing key can be granted to anybody",
        "allowed",
        "BackupRoleGrantsToRds",
        'Bool: { "kms:GrantIsForAWSResource": "true" }',
    ),
    _source(
        "the function may use the sharing key itself",
        "allowed",
        "EncryptUnderSharingKey",
        'StringEquals: { "kms:ViaService": !Sub "rds.${AWS::Region}.${AWS::URLSuffix}" }',
        "Bool: {}",
    ),
    _source(
        "the Scheduler acts for anybody's schedules",
        "allowed",
        "SchedulerRunsThisGroup",
        '"aws:SourceArn": !GetAtt Schedules.Arn',
    ),
    _source(
        "an action is allowed that nobody calls",
        "unneeded",
        "ListDatabasesAndSnapshots",
        _LISTED,
        _LISTED + "                  - rds:DescribeEvents\n",
    ),
    _source(
        "the function may assume any role",
        "wide",
        "AssumeBackupRole",
        "Resource: !Sub arn:${AWS::Partition}:iam::${BackupAccountId}:role/${BackupRoleName}",
        'Resource: "*"',
    ),
    _source(
        "any log group may be written", "wide", "WriteLogs", "!GetAtt BackupFunctionLogs.Arn", '"*"'
    ),
    _source(
        "whoever only looks may start copies",
        "allowed",
        "InvokeLookFunction",
        "!GetAtt LookFunction.Arn",
        "!GetAtt BackupFunction.Arn",
    ),
    _source(
        "whoever only looks may switch READ_ONLY off",
        "allowed",
        "InvokeLookFunction",
        "Action: lambda:InvokeFunction",
        "Action: [lambda:InvokeFunction, lambda:UpdateFunctionConfiguration]",
    ),
    _source("any log may be read", "wide", "LookAtLogs", "!GetAtt BackupFunctionLogs.Arn", '"*"'),
    _backup(
        "whoever only looks may delete the log",
        "allowed",
        "LookAtLogs",
        "- logs:GetLogEvents\n",
        "- logs:GetLogEvents\n              - logs:DeleteLogStream\n",
    ),
    _backup(
        "whoever only looks looks everywhere",
        "allowed",
        "FindLogs",
        'StringEquals: { "aws:RequestedRegion": !Ref AWS::Region }',
        "Bool: {}",
    ),
    _backup(
        "any role of the source account may assume the role",
        "allowed",
        "FunctionsOfTheSourceAccounts",
        'ArnEquals: { "aws:PrincipalArn": !Ref FunctionRoleArns }',
    ),
    _backup(
        "the writer may delete although the backup account expires",
        "allowed",
        None,
        "- SourceAccountExpires\n                - Sid: ExpireBackupsFromSource",
        "- BackupAccountExpires\n                - Sid: ExpireBackupsFromSource",
    ),
    _backup(
        "the writer may share",
        "allowed",
        "ReadQuotas",
        "Action: rds:DescribeAccountAttributes",
        "Action: [rds:DescribeAccountAttributes, rds:ModifyDBSnapshotAttribute]",
    ),
    _backup("a backup may be tagged again", "allowed", "TagBackups", _UNMARKED),
    _backup("a backup may be copied", "allowed", "MakeBackups", _UNMARKED),
    _backup(
        "what counts as kept is misread",
        "allowed",
        "NeverMarkAsKept",
        "ForAnyValue",
        "ForAllValues",
    ),
    _backup(
        "anybody's snapshots may be copied",
        "allowed",
        "CopyFromSharedCopies",
        "Resource: !Ref SnapshotArnPatterns",
        'Resource: "*"',
    ),
    _backup(
        "a foreign snapshot has to show its tags",
        "denied",
        "CopyFromSharedCopies",
        "Resource: !Ref SnapshotArnPatterns",
        f"Resource: !Ref SnapshotArnPatterns\n                Condition: {{ {_MARKED} }}",
    ),
    _backup("an expiry needs no tag", "allowed", "ExpireBackups", _MARKED, "Bool: {}"),
    _backup("any snapshot is expired", "allowed", "ExpireBackups", _PREFIX, ":snapshot:*"),
    _backup(
        "anybody may change the policy of the backup key",
        "allowed",
        "OnlyAdministratorsEndOrChangeIt",
        "- kms:PutKeyPolicy\n",
        "- kms:EnableKey\n",
    ),
    _backup(
        "the administrators are kept out",
        "denied",
        "OnlyAdministratorsEndOrChangeIt",
        "ArnNotEquals",
        "ArnEquals",
    ),
    _backup(
        "the source account may use the backup key",
        "allowed",
        "PoliciesOfThisAccountDecide",
        '!Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"',
        "!Ref SourceAccountIds",
    ),
    _backup(
        "the sharing key's state cannot be read",
        "denied",
        "ReadSharingKeys",
        "Action: kms:DescribeKey",
        "Action: kms:ListGrants",
    ),
    _backup(
        "a role has a policy that is not in the template",
        "unknown",
        None,
        "      # Fixed, so that the source accounts can name it before this stack exists.\n",
        "      ManagedPolicyArns: [arn:aws:iam::aws:policy/AmazonRDSFullAccess]\n",
    ),
    _backup(
        "a resource may carry permissions that are not looked at",
        "unknown",
        None,
        "Type: AWS::KMS::Alias",
        "Type: AWS::IAM::Policy",
    ),
    Fault(
        "any rule takes the role of the rules",
        "allowed",
        "source",
        "EventBridgeRunsTheRule",
        "rule/${SnapshotPrefix}-sharing-with-others",
        "rule/*",
        scenario="everything",
    ),
    Fault(
        "the external id is not asked for",
        "allowed",
        "backup",
        "FunctionsOfTheSourceAccounts",
        '!If [ExternalIdIsAsked, { "sts:ExternalId": !Ref ExternalId }, !Ref AWS::NoValue]',
        "!Ref AWS::NoValue",
        scenario="everything",
    ),
    _drill(
        "a proof cannot be written whole",
        "denied",
        "WriteProofs",
        "- rds-backup:restore-minutes\n",
        "- rds-backup:minutes\n",
    ),
    _drill(
        "a drill may tag a backup as it likes",
        "allowed",
        "WriteProofs",
        "ForAllValues:",
        "ForAnyValue:",
    ),
    _drill("a drill tags whatever has our name", "allowed", "WriteProofs", _MARKED, "Bool: {}"),
    _drill("any of our databases is a drill's", "allowed", "DeleteDrillDatabases", _OF_DRILL),
    _drill(
        "a cluster cannot be deleted without a final snapshot",
        "denied",
        "DeleteClustersWithoutSnapshot",
        "Action: rds:DeleteDBCluster",
        "Action: rds:CreateDBClusterSnapshot",
    ),
    _drill(
        "every restore needs a key that AWS may not send",
        "denied",
        "NeverRestorePublicly",
        "Bool",
        "BoolIfExists",
    ),
    _drill(
        "a drill restores into any network",
        "allowed",
        "UseGroupsForDrills",
        "subgrp:${Group}",
        "subgrp:*",
    ),
    _drill(
        "a drill needs the groups of the default only",
        "denied",
        "UseGroupsForDrills",
        ":og:*",
        ":og:default:*",
    ),
    _drill(
        "a drill restores any snapshot of ours",
        "allowed",
        "RestoreFromBackups",
        _MARKED,
        "Bool: {}",
    ),
    _drill(
        "a drill may be as large as it likes",
        "allowed",
        "MakeDrillDatabases",
        'StringEqualsIfExists: { "rds:DatabaseClass": !Ref DrillClasses }',
    ),
    _drill(
        "a cluster has to have a class",
        "denied",
        "MakeDrillDatabases",
        "StringEqualsIfExists",
        "StringLike",
    ),
    _drill(
        "a modification may be any",
        "allowed",
        "GiveDrillDatabasesPasswords",
        'Bool: { "rds:ManageMasterUserPassword": "true" }',
    ),
    _drill(
        "a person's database is only not allowed",
        "allowed",
        "NeverTouchOtherDatabases",
        "- rds:ModifyDBInstance\n",
        "- rds:RebootDBShardGroup\n",
    ),
    _drill(
        "any secret may be made", "allowed", "MakeSecretsThroughRds", ":secret:rds!*", ":secret:*"
    ),
    _drill(
        "any function may be asked", "wide", "AskRestoredDatabases", "!GetAtt DrillProbe.Arn", '"*"'
    ),
    _drill(
        "a drill uses the backup key itself",
        "allowed",
        "RestoreUnderBackupKey",
        'StringEquals: { "kms:ViaService": !Sub "rds.${AWS::Region}.${AWS::URLSuffix}" }',
        "Bool: {}",
    ),
    _drill(
        "the probe's own code may use its network",
        "allowed",
        "NeverByItsOwnCode",
        'lambda:SourceFunctionArn": "false"',
        'lambda:SourceFunctionArn": "true"',
    ),
    _drill(
        "the writer may say that a backup was restored",
        "allowed",
        "NeverMarkAsKept",
        "- rds-backup:restore-result\n",
        "- rds-backup:result\n",
    ),
    _drill(
        "whoever only looks may restore",
        "allowed",
        "InvokeLookFunction",
        "!GetAtt DrillLookFunction.Arn",
        "!GetAtt DrillFunction.Arn",
    ),
    _elsewhere(
        "source",
        "denied",
        "the sharing key does not admit RDS of the other Region",
        "BackupRoleCopiesThroughRds",
        "rds.${BackupRegion}.",
        "rds.us-east-1.",
    ),
    _elsewhere(
        "backup",
        "denied",
        "the writer comes through RDS of its own Region only",
        "DecryptUnderSharingKeys",
        "rds.${Regions}.",
        "rds.${AWS::Region}.",
    ),
    _elsewhere(
        "backup",
        "denied",
        "a copy is asked for in one Region only",
        "CopyFromSharedCopies",
        "Resource: !Ref SnapshotArnPatterns",
        f"Resource: !Ref SnapshotArnPatterns\n{' ' * 16}Condition: {_ONE_REGION}",
    ),
    _elsewhere(
        "backup",
        "allowed",
        "the writer looks into any Region",
        "ReadWhatTheRegionHas",
        _ONE_REGION[2:-2],
        "Bool: {}",
    ),
)
