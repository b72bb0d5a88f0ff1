"""Both keys of the well world, one of them changed, and what ``check`` says of them.

It must know no answer: what is expected is the tests' business.
"""

from collections.abc import Mapping
from typing import Any

from rds_backup.aws.errors import AwsError
from rds_backup.check.answer import Answer
from rds_backup.check.facts import Facts, SeenKey
from rds_backup.check.keys import of_backup_key, of_sharing_key
from rds_backup.model.keys import Key
from tests.support import handed_out, making
from tests.support.asked import BACKUP_KEY, SHARING_KEY
from tests.support.made_facts import key, policy, with_keys

ON_SHARING_KEY = f"the policy of {making.SHARING_KEY}"
ON_BACKUP_KEY = f"the policy of {making.BACKUP_KEY}"
DENIES = {**handed_out.OWN_ACCOUNT, "Effect": "Deny", "Principal": handed_out.root("999999999999")}
BOTH = (SHARING_KEY, BACKUP_KEY)
ARN = {SHARING_KEY: making.SHARING_KEY, BACKUP_KEY: making.BACKUP_KEY}
ACCOUNT = {SHARING_KEY: making.SOURCE, BACKUP_KEY: making.BACKUP}
POLICY = {SHARING_KEY: handed_out.ON_SHARING_KEY, BACKUP_KEY: handed_out.ON_BACKUP_KEY}


def seen(about: str, key_: Key | AwsError, policy_: str | AwsError | None = None) -> Facts:
    """All is well but for one key."""
    found = SeenKey(key_, policy(*POLICY[about]) if policy_ is None else policy_)
    return with_keys(found) if about == SHARING_KEY else with_keys(backup=found)


def asked(made: Facts) -> list[Answer]:
    """What is said of both keys."""
    return [*of_sharing_key(made), *of_backup_key(made)]


def under(about: str, *statements: Mapping[str, Any]) -> list[Answer]:
    """What is said where one key has this policy."""
    return asked(seen(about, key(ARN[about]), policy(*statements)))
