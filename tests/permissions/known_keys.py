"""The keys of the sandbox, which are the same in every one, and what AWS says on its own."""

from collections.abc import Mapping

from sandbox import Sandbox
from sandbox.kms.key_policies import of_aws
from tests.permissions.resolving import REGION

with Sandbox() as _aws:
    SHARING_KEY, BACKUP_KEY = _aws.sharing_key, _aws.backup_key
    # The third and fourth are databases'.
    DATABASE_KEYS = tuple(_aws.keys.create(_aws.source.id) for _ in range(2))
    # ``aws/rds``, by account.
    DEFAULT_KEYS: Mapping[str, str] = {
        account: _aws.keys.managed(account) for account in (_aws.source.id, _aws.backup.id)
    }
# Another Region for the backups, with their key there.
THERE = "eu-south-1"
with Sandbox(backup_region=THERE) as _aws:
    KEY_THERE = _aws.backup_key
POLICIES_OF_AWS = {arn: of_aws(account, REGION) for account, arn in DEFAULT_KEYS.items()}
