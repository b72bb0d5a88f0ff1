"""The policy statements of both stacks that ``check`` looks for, or hands out to be pasted.

Here are those of the roles; those of the keys are in ``key_statements``.  They are those of
``template.yaml`` and ``backup-account.yaml`` with their values filled in; a test holds them to the
templates.  This module must not know whether anything is missing.
"""

from dataclasses import dataclass

from rds_backup.check.answer import Statement
from rds_backup.check.key_statements import DATA, KeyStatements
from rds_backup.model.inventory import Side
from rds_backup.model.keys import DEFAULT_KEY

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
class Statements(KeyStatements):
    """All statements for one deployment."""

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
        return self._in(side, sid, actions)

    def quotas(self, side: Side) -> Statement:
        """Of either role: read the account's quotas."""
        return self._in(side, "ReadQuotas", "rds:DescribeAccountAttributes")

    def option_groups(self) -> Statement:
        """Of the function's role: read what the databases' option groups hold."""
        return self._in(Side.SOURCE, "ReadOptionGroups", "rds:DescribeOptionGroups")

    def what_the_region_has(self) -> Statement:
        """Of the backup account's role: read what the other Region offers, and has."""
        actions = ["rds:DescribeDBEngineVersions", "rds:DescribeOptionGroups"]
        return self._in(Side.BACKUP, "ReadWhatTheRegionHas", actions)

    def own_role(self, arn: str) -> Statement:
        """Of either role: read itself."""
        return _allow("ReadOwnRole", "iam:GetRole", arn)

    def read_key(self, side: Side, arn: str) -> Statement:
        """Of either role: read the state of its account's key."""
        return _allow(f"Read{_KEYS[side]}", "kms:DescribeKey", arn)

    def read_key_policy(self, side: Side, arn: str) -> Statement:
        """Of either role: read the policy of its account's key."""
        return _allow(f"Read{_KEYS[side]}Policy", "kms:GetKeyPolicy", arn)

    def default_key(self, side: Side = Side.SOURCE) -> Statement:
        """Of either role: know its account's key ``aws/rds`` by its alias."""
        account, region = self.settings.place(side)
        return {
            **_allow(
                "ReadDefaultKey",
                "kms:DescribeKey",
                f"arn:{self.partition}:kms:{region}:{account}:key/*",
            ),
            "Condition": {"StringEquals": {"kms:RequestAlias": DEFAULT_KEY}},
        }

    def database_keys(self, arns: list[str]) -> tuple[Statement, ...]:
        """Of the function's role: read the databases' keys, and let RDS read what is under them."""
        through = {"StringEquals": self.through_rds(self.settings.region)}
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
        through = {"StringEquals": self.through_rds(*reversed(self.settings.regions))}
        return (
            _allow("ReadSharingKeys", "kms:DescribeKey", [arn]),
            {**_allow("DecryptUnderSharingKeys", DATA, [arn]), "Condition": through},
            {
                **_allow("GrantSharingKeysToRds", "kms:CreateGrant", [arn]),
                "Condition": {**through, "Bool": {"kms:GrantIsForAWSResource": "true"}},
            },
        )

    def _in(self, side: Side, sid: str, actions: str | list[str]) -> Statement:
        """Of one Region only: these actions name no single resource."""
        region = {"StringEquals": {"aws:RequestedRegion": self.settings.place(side)[1]}}
        return {**_allow(sid, actions, "*"), "Condition": region}


_KEYS = {Side.SOURCE: "SharingKey", Side.BACKUP: "BackupKey"}


def _allow(sid: str, actions: str | list[str], resource: str | list[str]) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}
