"""How another account may use the backup key for the time of a restore, and only through RDS.

No principal outside the backup account may use that key; a snapshot shared with another account
is of no use there without it.  Numbers are rules of docs/explained/aws-contract.md.
"""

import json

from rds_backup.model.settings import rds_in
from rds_backup.restore.bash import Blank, Word, comment

ROLE = "<ROLE>"
_DATA_ACTIONS = ("Decrypt", "Encrypt", "GenerateDataKey*", "ReEncrypt*")


def admission(
    account: str, key: str, target: Word, home: str, *, shareable: bool = True
) -> tuple[str, ...]:
    """What the key's administrator has to do first, as comments with the statements to paste.

    ``account`` owns the backups and the ``key`` (an ARN); ``target`` is to copy or restore them, in
    the Region ``home``.  Of two Regions, RDS of either may be the one that reads (2.27c).  A key
    that is not ``shareable`` has no administrator: another one of the account's is lent.
    """
    _, partition, _, region, *_ = key.split(":")
    one, *more = map(rds_in, dict.fromkeys((region, home)))
    admitted = "<ACCOUNT>" if isinstance(target, Blank) else target
    through = {"StringEquals": {"kms:ViaService": [one, *more] if more else one}}
    grants = {**through, "Bool": {"kms:GrantIsForAWSResource": "true"}}
    allow = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{partition}:iam::{admitted}:role/{ROLE}"},
        "Resource": "*",
    }
    data = [f"kms:{action}" for action in _DATA_ACTIONS]
    statements = (
        {"Sid": "RestoreReads", **allow, "Action": "kms:DescribeKey"},
        {"Sid": "RestoreThroughRds", **allow, "Action": data, "Condition": through},
        {"Sid": "RestoreGrants", **allow, "Action": "kms:CreateGrant", "Condition": grants},
    )
    whose = (
        f"\nFirst: nobody outside account {account} may use the backup key (6.1).\n"
        if shareable
        else f"\nFirst: choose a customer managed key of account {account}, SHARING_KEY_ID,\n"
        "or make one: nobody outside may use aws/rds, under which the backup is (2.13, 6.1).\n"
    )
    words = (
        f"{whose}Its administrator adds these statements to its policy, with the role behind\n"
        f"TARGET_PROFILE for {ROLE}; that role's own policy has to allow the same.\n"
        "They take effect some minutes later (6.10).\n"
    )
    return tuple(comment(words + "\n".join(map(json.dumps, statements))))
