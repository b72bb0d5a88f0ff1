"""The policy statements of both stacks that ``check`` looks for, or hands out to be pasted.

They are those of ``template.yaml`` and ``backup-account.yaml`` with their values filled in; a test
holds them to the templates.  This module must not know whether anything is missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from rds_backup.check.answer import Statement
from rds_backup.model.inventory import Side
from rds_backup.model.settings import Settings

# What RDS needs of a key in its caller's name: Amazon RDS User Guide, Sharing encrypted snapshots,
# with ReEncrypt* and GenerateDataKey* written out for a symmetric key.
_DATA = [
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
]
# A listing, by the Sid of its statement in the account that it is made in.
_LISTINGS = {
    Side.SOURCE: (
        "ListDatabasesAndSnapshots",
        [
            "rds:DescribeDBInstances",
            "rds:DescribeDBClusters",
            "rds:DescribeDBSnapshots",
            "rds:DescribeDBClusterSnapshots",
        ],
    ),
    Side.BACKUP: ("ListBackups", ["rds:DescribeDBSnapshots", "rds:DescribeDBClusterSnapshots"]),
}


@dataclass(frozen=True, slots=True)
class Statements:
    """Statements for one deployment; ``function_role`` is the ARN of the function's own role."""

    settings: Settings
    function_role: str

    @property
    def _partition(self) -> str:
        return self.settings.role.split(":")[1]

    @property
    def _through_rds(self) -> Mapping[str, str]:
        """RDS alone comes this way; the suffix is the partition's (AWS::URLSuffix)."""
        suffix = "amazonaws.com.cn" if self._partition == "aws-cn" else "amazonaws.com"
        return {"kms:ViaService": f"rds.{self.settings.backup.region}.{suffix}"}

    def _root(self, account: str) -> Mapping[str, str]:
        return {"AWS": f"arn:{self._partition}:iam::{account}:root"}

    def own_account(self, account: str) -> Statement:
        """Of a key: the policies of its own account's roles decide."""
        return {
            "Sid": "PoliciesOfThisAccountDecide",
            "Effect": "Allow",
            "Principal": self._root(account),
            "Action": "kms:*",
            "Resource": "*",
        }

    def backup_role_on_sharing_key(self) -> tuple[Statement, ...]:
        """Of the sharing key: the role in the backup account reads it, and uses it through RDS."""
        return self._role_on_key("BackupRole", self.settings.backup.account, self.settings.role)

    def own_role_on_key(self, side: Side) -> tuple[Statement, ...]:
        """Of a key that does not leave it to its account: the same for the account's own role."""
        if side is Side.BACKUP:
            return self.backup_role_on_sharing_key()
        return self._role_on_key("Function", self.settings.source_account, self.function_role)

    def _role_on_key(self, name: str, account: str, arn: str) -> tuple[Statement, ...]:
        root = {"Effect": "Allow", "Principal": self._root(account), "Resource": "*"}
        role = {"ArnEquals": {"aws:PrincipalArn": arn}}
        through = {"StringEquals": self._through_rds}
        granted = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
        return (
            {"Sid": f"{name}Reads", **root, "Action": "kms:DescribeKey", "Condition": role},
            {
                "Sid": f"{name}CopiesThroughRds",
                **root,
                "Action": _DATA,
                "Condition": {**role, **through},
            },
            {
                "Sid": f"{name}GrantsToRds",
                **root,
                "Action": "kms:CreateGrant",
                "Condition": {**role, **through, **granted},
            },
        )

    def guards_of_backup_key(self, administrators: list[str]) -> tuple[Statement, ...]:
        """Of the backup key: what is denied to everybody but its administrators, and to all."""
        everybody = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Resource": "*"}
        return (
            {
                "Sid": "OnlyAdministratorsEndOrChangeIt",
                **everybody,
                "Action": [
                    "kms:PutKeyPolicy",
                    "kms:ScheduleKeyDeletion",
                    "kms:DisableKey",
                    "kms:DisableKeyRotation",
                    "kms:UpdateAlias",
                    "kms:DeleteAlias",
                ],
                "Condition": {"ArnNotEquals": {"aws:PrincipalArn": administrators}},
            },
            {
                "Sid": "OnlyServicesMakeOrRevokeGrants",
                **everybody,
                "Action": ["kms:CreateGrant", "kms:RevokeGrant"],
                "Condition": {
                    "StringEquals": {"aws:PrincipalAccount": self.settings.backup.account},
                    "BoolIfExists": {"kms:GrantIsForAWSResource": "false"},
                },
            },
        )

    def assume_backup_role(self) -> Statement:
        """Of the function's role."""
        return _allow("AssumeBackupRole", "sts:AssumeRole", self.settings.role)

    def trust(self) -> Statement:
        """Of the backup role's trust policy."""
        placeholder = {"sts:ExternalId": "THE-EXTERNAL-ID"}  # the id itself is never printed
        asked = {"StringEquals": placeholder} if self.settings.external_id else {}
        return {
            "Sid": "FunctionsOfTheSourceAccounts",
            "Effect": "Allow",
            "Principal": {"AWS": [self.settings.source_account]},
            "Action": "sts:AssumeRole",
            "Condition": {"ArnEquals": {"aws:PrincipalArn": [self.function_role]}, **asked},
        }

    def listing(self, side: Side) -> Statement:
        """Of either role: find databases and snapshots."""
        sid, actions = _LISTINGS[side]
        return self._here(sid, actions)

    def quotas(self) -> Statement:
        """Of either role: read the account's quotas."""
        return self._here("ReadQuotas", "rds:DescribeAccountAttributes")

    def option_groups(self) -> Statement:
        """Of the function's role: read what the databases' option groups hold."""
        return self._here("ReadOptionGroups", "rds:DescribeOptionGroups")

    def own_role(self, arn: str) -> Statement:
        """Of either role: read itself."""
        return _allow("ReadOwnRole", "iam:GetRole", arn)

    def read_key(self, side: Side, arn: str) -> Statement:
        """Of either role: read the state of its account's key."""
        return _allow(f"Read{_KEYS[side]}", "kms:DescribeKey", arn)

    def read_key_policy(self, side: Side, arn: str) -> Statement:
        """Of either role: read the policy of its account's key."""
        return _allow(f"Read{_KEYS[side]}Policy", "kms:GetKeyPolicy", arn)

    def default_key(self) -> Statement:
        """Of the function's role: know the key ``aws/rds`` by its alias."""
        account = self.settings.source_account
        region = self.settings.backup.region
        return {
            **_allow(
                "ReadDefaultKey",
                "kms:DescribeKey",
                f"arn:{self._partition}:kms:{region}:{account}:key/*",
            ),
            "Condition": {"StringEquals": {"kms:RequestAlias": "alias/aws/rds"}},
        }

    def database_keys(self, arns: list[str]) -> tuple[Statement, ...]:
        """Of the function's role: read the databases' keys, and let RDS read what is under them."""
        through = {"StringEquals": self._through_rds}
        return (
            _allow("ReadDatabaseKeys", ["kms:DescribeKey", "kms:GetKeyPolicy"], arns),
            {
                **_allow("ReadUnderDatabaseKeys", "kms:Decrypt", arns),
                "Condition": through,
            },
            {
                **_allow("GrantDatabaseKeysToRds", "kms:CreateGrant", arns),
                "Condition": {**through, "Bool": {"kms:GrantIsForAWSResource": "true"}},
            },
        )

    def sharing_key_from_backup(self, arn: str) -> tuple[Statement, ...]:
        """Of the backup account's role: its own side of the sharing key."""
        through = {"StringEquals": self._through_rds}
        return (
            _allow("ReadSharingKeys", "kms:DescribeKey", [arn]),
            {**_allow("DecryptUnderSharingKeys", _DATA, [arn]), "Condition": through},
            {
                **_allow("GrantSharingKeysToRds", "kms:CreateGrant", [arn]),
                "Condition": {**through, "Bool": {"kms:GrantIsForAWSResource": "true"}},
            },
        )

    def _here(self, sid: str, actions: str | list[str]) -> Statement:
        """Of this Region only: these actions name no single resource."""
        region = {"StringEquals": {"aws:RequestedRegion": self.settings.backup.region}}
        return {**_allow(sid, actions, "*"), "Condition": region}


_KEYS = {Side.SOURCE: "SharingKey", Side.BACKUP: "BackupKey"}


def _allow(sid: str, actions: str | list[str], resource: str | list[str]) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}
