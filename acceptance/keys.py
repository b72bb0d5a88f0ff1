"""The run's two KMS keys: the sharing key of the source account, and the backup key.

Found by their tags; made, and enabled again, where they are not as they should be.
"""

import json
from typing import Any

from acceptance.ground import Ground
from acceptance.run import TAG, USE, as_mapping, tags_of
from acceptance.sides import Side


class Keys:
    """Keys of one run, by what they are for."""

    def __init__(self, ground: Ground) -> None:
        """Nothing is made yet."""
        self._ground = ground
        self._known: dict[str, str] = {}

    @property
    def sharing(self) -> str:
        """The ARN of the sharing key, which the backup account may use, too."""
        return self._key("sharing", self._ground.source, self._ground.backup)

    def sharing_through(self, region: str) -> str:
        """The same of a key that the backup account may use through RDS of one Region only."""
        rds = f"rds.{region}.amazonaws.com"
        return self._key(f"sharing-{region}", self._ground.source, self._ground.backup, rds=rds)

    @property
    def backup(self) -> str:
        """The ARN of the backup key."""
        return self.backup_in(self._ground.backup)

    def backup_in(self, side: Side) -> str:
        """The ARN of the backup key in the side's Region."""
        return self._key(f"backup-{side.region}", side)

    def disable(self, arn: str) -> None:
        """Disable a key of the source account, until ``enable``, or the run's next process."""
        _ = self._ground.source.ask("kms", "disable_key", KeyId=_id(arn))["ResponseMetadata"]

    def enable(self, arn: str) -> None:
        """Enable a key of the source account again."""
        _ = self._ground.source.ask("kms", "enable_key", KeyId=_id(arn))["ResponseMetadata"]

    def _key(self, use: str, side: Side, *others: Side, rds: str = "") -> str:
        if use not in self._known:
            found = self._found(use, side) or self._made(use, side, *others, rds=rds)
            state = side.ask("kms", "describe_key", KeyId=found)["KeyMetadata"]["KeyState"]
            if state == "Disabled":
                self.enable(found)
            self._known[use] = found
        return self._known[use]

    def _found(self, use: str, side: Side) -> str | None:
        wanted = {TAG: self._ground.run, USE: use}
        for key in side.listed("kms", "list_keys", "Keys"):
            told = side.ask("kms", "list_resource_tags", KeyId=key["KeyId"])
            if not told.refused and wanted.items() <= as_mapping(told["Tags"]).items():
                return str(key["KeyArn"])
        return None

    def _made(self, use: str, side: Side, *others: Side, rds: str) -> str:
        self._ground.say(f"{side.name}: making the {use} key")
        tags = [
            {"TagKey": t["Key"], "TagValue": t["Value"]} for t in tags_of(self._ground.run, use)
        ]
        made = side.ask(
            "kms",
            "create_key",
            Description=f"{use} key of the acceptance run {self._ground.run}",
            Policy=json.dumps(policy_of(side, *others, rds=rds)),
            Tags=tags,
        )["KeyMetadata"]
        return str(made["Arn"])


def _id(arn: str) -> str:
    return arn.rsplit("/", 1)[1]


def policy_of(side: Side, *others: Side, rds: str = "") -> dict[str, Any]:
    """The account's own policies decide; other accounts as AWS's example admits them.

    Amazon RDS User Guide, Sharing encrypted snapshots.  Through ``rds`` only, if that is given.
    """
    via = {"StringEquals": {"kms:ViaService": rds}} if rds else {}
    used = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"]
    statements = [
        {
            "Sid": "PoliciesOfThisAccountDecide",
            "Effect": "Allow",
            "Principal": {"AWS": side.root},
            "Action": "kms:*",
            "Resource": "*",
        }
    ]
    for other in others:
        whole = {"Effect": "Allow", "Principal": {"AWS": other.root}, "Resource": "*"}
        grants: dict[str, Any] = {
            "Action": "kms:CreateGrant",
            "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}, **via},
        }
        data = {"Action": [*used, "kms:DescribeKey"], **({"Condition": via} if via else {})}
        statements += [{**whole, **data}, {**whole, **grants}]
    return {"Version": "2012-10-17", "Statement": statements}
