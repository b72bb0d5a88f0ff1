"""The statements of the keys' policies, as both stacks write them, with their values filled in.

A test holds them to the templates.  This module must not know whether anything is missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from rds_backup.check.answer import Statement
from rds_backup.model.inventory import Side
from rds_backup.model.settings import Settings, partition_of, rds_in

# What RDS needs of a key in its caller's name: Amazon RDS User Guide, Sharing encrypted snapshots,
# with ReEncrypt* and GenerateDataKey* written out for a symmetric key.
DATA = [
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
]


@dataclass(frozen=True, slots=True)
class KeyStatements:
    """Statements for one deployment; ``function_role`` is the ARN of the function's own role."""

    settings: Settings
    function_role: str

    @property
    def partition(self) -> str:
        """The Region's partition, as ARNs name it."""
        return partition_of(self.settings.region).name

    def through_rds(self, *regions: str) -> Mapping[str, str | list[str]]:
        """RDS of these Regions alone comes this way; where there are two, either may (2.27c)."""
        one, *more = map(rds_in, regions)
        return {"kms:ViaService": [one, *more] if more else one}

    def _root(self, account: str) -> Mapping[str, str]:
        return {"AWS": f"arn:{self.partition}:iam::{account}:root"}

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
        settings, ours = self.settings, self.settings.regions
        return self._role_on_key("BackupRole", settings.backup.account, settings.role, *ours)

    def own_role_on_key(self, side: Side) -> tuple[Statement, ...]:
        """Of a key that does not leave it to its account: the same for the account's own role."""
        name, role = "Function", self.function_role
        if side is Side.BACKUP:
            name, role = "BackupRole", self.settings.role
        account, region = self.settings.place(side)
        return self._role_on_key(name, account, role, region)

    def _role_on_key(
        self, name: str, account: str, arn: str, *regions: str
    ) -> tuple[Statement, ...]:
        root = {"Effect": "Allow", "Principal": self._root(account), "Resource": "*"}
        role = {"ArnEquals": {"aws:PrincipalArn": arn}}
        through = {"StringEquals": self.through_rds(*regions)}
        granted = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
        return (
            {"Sid": f"{name}Reads", **root, "Action": "kms:DescribeKey", "Condition": role},
            {
                "Sid": f"{name}CopiesThroughRds",
                **root,
                "Action": DATA,
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
