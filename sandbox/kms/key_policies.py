"""What the policies of keys say: as the two templates write them, and as AWS's own example does.

Holds documents; decides nothing about what they allow.
"""

from collections.abc import Sequence
from typing import Any

type Statement = dict[str, Any]
WRITER = "rds-backup-writer"
# What RDS does with a key for whoever copies or restores: Amazon RDS User Guide, Sharing encrypted
# snapshots, with ReEncrypt* and GenerateDataKey* written out for a symmetric key.
DATA = (
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)


def policy(account: str, *more: Statement) -> dict[str, Any]:
    """A policy that leaves the key to the policies of its own account, and says more."""
    own: Statement = {
        "Sid": "PoliciesOfThisAccountDecide",
        "Effect": "Allow",
        "Principal": {"AWS": _root(account)},
        "Action": "kms:*",
        "Resource": "*",
    }
    return {"Version": "2012-10-17", "Statement": [own, *more]}


def of_aws(account: str, region: str) -> dict[str, Any]:
    """The policy of the AWS managed key ``aws/rds``, which is AWS's.

    AWS documents no text of it; this is what people have read of theirs (its Id is auto-rds-2):
    RDS uses the key for every principal of the account, and the account itself reads about it.
    """
    rds = {
        "kms:ViaService": f"rds.{region}.amazonaws.com",
        "kms:CallerAccount": account,
    }
    return {
        "Version": "2012-10-17",
        "Id": "auto-rds-2",
        "Statement": [
            {
                "Sid": "Allow access through RDS for all principals in the account that are "
                "authorized to use RDS",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": [
                    *("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"),
                    *("kms:CreateGrant", "kms:ListGrants", "kms:DescribeKey"),
                ],
                "Resource": "*",
                "Condition": {"StringEquals": rds},
            },
            {
                "Sid": "Allow direct access to key metadata to the account",
                "Effect": "Allow",
                "Principal": {"AWS": _root(account)},
                "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
                "Resource": "*",
            },
        ],
    }


def for_the_writer(account: str, regions: Sequence[str]) -> list[Statement]:
    """What the sharing key of template.yaml says of the role in the backup account.

    ``regions`` are those of the key and of the backups.
    """
    role = {"aws:PrincipalArn": f"arn:aws:iam::{account}:role/{WRITER}"}
    one, *more = [f"rds.{region}.amazonaws.com" for region in dict.fromkeys(regions)]
    rds = {"kms:ViaService": [one, *more] if more else one}
    allowed: list[tuple[str, str | list[str], dict[str, Any]]] = [
        ("BackupRoleReads", "kms:DescribeKey", {}),
        ("BackupRoleCopiesThroughRds", [*DATA], {"StringEquals": rds}),
        (
            "BackupRoleGrantsToRds",
            "kms:CreateGrant",
            {"StringEquals": rds, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    ]
    return [
        {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"AWS": _root(account)},
            "Action": actions,
            "Resource": "*",
            "Condition": {"ArnEquals": role, **further},
        }
        for sid, actions, further in allowed
    ]


def as_documented(account: str) -> list[Statement]:
    """AWS's example: Amazon RDS User Guide, Sharing encrypted snapshots; it names no role."""
    principal = {"AWS": _root(account)}
    return [
        {
            "Sid": "Allow use of the key",
            "Effect": "Allow",
            "Principal": principal,
            "Action": [
                *("kms:CreateGrant", "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*"),
                *("kms:GenerateDataKey*", "kms:DescribeKey"),
            ],
            "Resource": "*",
        },
        {
            "Sid": "Allow attachment of persistent resources",
            "Effect": "Allow",
            "Principal": principal,
            "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
            "Resource": "*",
            "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
        },
    ]


def guarded(account: str, administrators: Sequence[str]) -> dict[str, Any]:
    """The policy of the backup key of backup-account.yaml."""
    return policy(
        account,
        {
            "Sid": "OnlyAdministratorsEndOrChangeIt",
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": [
                *("kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:DisableKey"),
                *("kms:DisableKeyRotation", "kms:UpdateAlias", "kms:DeleteAlias"),
            ],
            "Resource": "*",
            "Condition": {"ArnNotEquals": {"aws:PrincipalArn": [*administrators]}},
        },
        {
            "Sid": "OnlyServicesMakeOrRevokeGrants",
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": ["kms:CreateGrant", "kms:RevokeGrant"],
            "Resource": "*",
            "Condition": {
                "StringEquals": {"aws:PrincipalAccount": account},
                "BoolIfExists": {"kms:GrantIsForAWSResource": "false"},
            },
        },
    )


def _root(account: str) -> str:
    return f"arn:aws:iam::{account}:root"
