"""The statements of both stacks, word for word as ``check`` looks for them or hands them out.

Written out, and read from nowhere: what ``check`` says is held against them, and
``tests/templates`` holds ``check`` to the templates.
"""

from collections.abc import Mapping
from typing import Any

from tests.support.making import BACKUP, REGION, SHARING_KEY, SOURCE

type Statement = Mapping[str, Any]

FUNCTION_ROLE = f"arn:aws:iam::{SOURCE}:role/nightly/rds-backup-function"
BACKUP_ROLE = f"arn:aws:iam::{BACKUP}:role/rds-backup-writer"
ADMINISTRATOR = f"arn:aws:iam::{BACKUP}:role/key-administrator"
TO_FUNCTION = f"the policy of {FUNCTION_ROLE}"
TO_BACKUP_ROLE = f"the policy of {BACKUP_ROLE}"
_HERE = {"StringEquals": {"aws:RequestedRegion": REGION}}
_THROUGH_RDS = {"StringEquals": {"kms:ViaService": f"rds.{REGION}.amazonaws.com"}}
_FOR_AWS = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
_DATA = [
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
]


def _allow(sid: str, action: str | list[str], resource: str | list[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": resource}


def root(account: str) -> dict[str, str]:
    """The principal that stands for a whole account."""
    return {"AWS": f"arn:aws:iam::{account}:root"}


def own_account(account: str) -> dict[str, Any]:
    """The key policy that KMS writes by default."""
    return {
        "Sid": "PoliciesOfThisAccountDecide",
        "Effect": "Allow",
        "Principal": root(account),
        "Action": "kms:*",
        "Resource": "*",
    }


def _on_key(name: str, account: str, role: str) -> list[Statement]:
    whom = {"ArnEquals": {"aws:PrincipalArn": role}}
    grants = {**whom, **_THROUGH_RDS, **_FOR_AWS}
    common = {"Effect": "Allow", "Principal": root(account), "Resource": "*"}
    copies = {**whom, **_THROUGH_RDS}
    return [
        {"Sid": f"{name}Reads", **common, "Action": "kms:DescribeKey", "Condition": whom},
        {"Sid": f"{name}CopiesThroughRds", **common, "Action": _DATA, "Condition": copies},
        {"Sid": f"{name}GrantsToRds", **common, "Action": "kms:CreateGrant", "Condition": grants},
    ]


# On keys.

OWN_ACCOUNT = own_account(SOURCE)
OF_BACKUP_ROLE = _on_key("BackupRole", BACKUP, BACKUP_ROLE)
OF_FUNCTION_ROLE = _on_key("Function", SOURCE, FUNCTION_ROLE)
ON_SHARING_KEY = [OWN_ACCOUNT, *OF_BACKUP_ROLE]
ONLY_ADMINISTRATORS: Statement = {
    "Sid": "OnlyAdministratorsEndOrChangeIt",
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Resource": "*",
    "Action": [
        "kms:PutKeyPolicy",
        "kms:ScheduleKeyDeletion",
        "kms:DisableKey",
        "kms:DisableKeyRotation",
        "kms:UpdateAlias",
        "kms:DeleteAlias",
    ],
    "Condition": {"ArnNotEquals": {"aws:PrincipalArn": [ADMINISTRATOR]}},
}
ONLY_SERVICES: Statement = {
    "Sid": "OnlyServicesMakeOrRevokeGrants",
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Resource": "*",
    "Action": ["kms:CreateGrant", "kms:RevokeGrant"],
    "Condition": {
        "StringEquals": {"aws:PrincipalAccount": BACKUP},
        "BoolIfExists": {"kms:GrantIsForAWSResource": "false"},
    },
}
ON_BACKUP_KEY = [own_account(BACKUP), ONLY_ADMINISTRATORS, ONLY_SERVICES]

# In the policies of the roles.

ASSUME = _allow("AssumeBackupRole", "sts:AssumeRole", BACKUP_ROLE)
LIST_SOURCE = {
    **_allow(
        "ListDatabasesAndSnapshots",
        [
            "rds:DescribeDBInstances",
            "rds:DescribeDBClusters",
            "rds:DescribeDBSnapshots",
            "rds:DescribeDBClusterSnapshots",
        ],
        "*",
    ),
    "Condition": _HERE,
}
LIST_BACKUPS = {
    **_allow("ListBackups", ["rds:DescribeDBSnapshots", "rds:DescribeDBClusterSnapshots"], "*"),
    "Condition": _HERE,
}
QUOTAS = {**_allow("ReadQuotas", "rds:DescribeAccountAttributes", "*"), "Condition": _HERE}
OPTION_GROUPS = {**_allow("ReadOptionGroups", "rds:DescribeOptionGroups", "*"), "Condition": _HERE}
FROM_SHARING_KEY = [
    _allow("ReadSharingKeys", "kms:DescribeKey", [SHARING_KEY]),
    {**_allow("DecryptUnderSharingKeys", _DATA, [SHARING_KEY]), "Condition": _THROUGH_RDS},
    {
        **_allow("GrantSharingKeysToRds", "kms:CreateGrant", [SHARING_KEY]),
        "Condition": {**_THROUGH_RDS, **_FOR_AWS},
    },
]


def default_key(account: str) -> dict[str, Any]:
    """Of the role that has to know ``aws/rds`` of its account."""
    return {
        **_allow("ReadDefaultKey", "kms:DescribeKey", f"arn:aws:kms:{REGION}:{account}:key/*"),
        "Condition": {"StringEquals": {"kms:RequestAlias": "alias/aws/rds"}},
    }


DEFAULT_KEY = default_key(SOURCE)


def own_role(arn: str) -> dict[str, Any]:
    """A role reads itself."""
    return _allow("ReadOwnRole", "iam:GetRole", arn)


def read_key(which: str, arn: str) -> dict[str, Any]:
    """Of the role that has to read the ``SharingKey`` or the ``BackupKey``."""
    return _allow(f"Read{which}", "kms:DescribeKey", arn)


def read_key_policy(which: str, arn: str) -> dict[str, Any]:
    """The same of its policy."""
    return _allow(f"Read{which}Policy", "kms:GetKeyPolicy", arn)


def database_keys(*arns: str) -> list[Statement]:
    """Of the function's role: read the databases' keys, and let RDS read what is under them."""
    keys = [*arns]
    return [
        _allow("ReadDatabaseKeys", ["kms:DescribeKey", "kms:GetKeyPolicy"], keys),
        {**_allow("ReadUnderDatabaseKeys", "kms:Decrypt", keys), "Condition": _THROUGH_RDS},
        {
            **_allow("GrantDatabaseKeysToRds", "kms:CreateGrant", keys),
            "Condition": {**_THROUGH_RDS, **_FOR_AWS},
        },
    ]


def trust(*, external_id: bool = False) -> dict[str, Any]:
    """Of the backup role's trust policy; the id itself is never printed."""
    asked = {"StringEquals": {"sts:ExternalId": "THE-EXTERNAL-ID"}} if external_id else {}
    return {
        "Sid": "FunctionsOfTheSourceAccounts",
        "Effect": "Allow",
        "Principal": {"AWS": [SOURCE]},
        "Action": "sts:AssumeRole",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": [FUNCTION_ROLE]}, **asked},
    }
