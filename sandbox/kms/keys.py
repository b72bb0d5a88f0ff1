"""The KMS keys of both accounts, and which of them RDS may use for whom.

Decides what a key identifier means to a caller and whether the key can be used.  The keys
themselves are moto's, so that the KMS API and these rules see the same state.
"""

import copy
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from moto.core.utils import unix_time
from moto.kms.models import Alias, Key, KmsBackend, kms_backends

from sandbox.accounts import Identity
from sandbox.errors import AwsError
from sandbox.iam.policies import Document, Request, allows, principals
from sandbox.kms import key_policies

MANAGED_ALIAS = "alias/aws/rds"
# What RDS needs of a key, on behalf of the principal that calls it: Amazon RDS User Guide, AWS KMS
# key management, and Sharing encrypted snapshots.
NEEDED = ("kms:CreateGrant", "kms:DescribeKey", *key_policies.DATA)
_ARN_PARTS = 6
# KMS guide, Key states of AWS KMS keys.
USABLE = ("Enabled", "Updating")
_EVER = datetime.min.replace(tzinfo=UTC)
_WAITING_DAYS = 30


class Keys:
    """Every key of one sandbox."""

    def __init__(self, region: str, there: str | None = None) -> None:
        """Start with none; ``region`` is where keys are made unless said otherwise.

        ``there`` is where the backups are, if that is elsewhere: the policy of a key that is
        shared names it.
        """
        self._region = region
        self._there = there
        self._made = 0
        self._admitted_at: dict[tuple[str, str], datetime] = {}

    def create(self, account: str, alias: str | None = None, region: str | None = None) -> str:
        """A new enabled customer managed key, for the use of its own account; its ARN."""
        region = region or self._region
        self._made += 1
        key: Key = copy.copy(_template())
        key.id = str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{account}.{region}.{self._made}"))
        key.account_id, key.region = account, region
        key.arn = f"arn:aws:kms:{region}:{account}:key/{key.id}"
        key.creation_date = unix_time()
        key.policy = json.dumps(key_policies.policy(account))
        key.grants, key.aliases, key.rotations = {}, {}, []
        self._backend(account, region).keys[key.id] = key
        if alias:
            self.point(alias, key.arn)
        return key.arn

    def managed(self, account: str, region: str | None = None) -> str:
        """The ARN of the account's AWS managed key ``aws/rds``."""
        region = region or self._region
        found = self.find(MANAGED_ALIAS, account, region)
        if found is None:
            found = self[self.create(account, MANAGED_ALIAS, region)]
            found.key_manager = "AWS"
            found.policy = json.dumps(key_policies.of_aws(account, region))
        return str(found.arn)

    def policy(self, arn: str) -> dict[str, Any]:
        """The key's policy."""
        found: dict[str, Any] = json.loads(self[arn].policy)
        return found

    def set_policy(self, arn: str, document: Document) -> None:
        """Give the key another policy, past the API, which would judge by the old one."""
        self[arn].policy = json.dumps(document)

    def admit(
        self, arn: str, account: str, *, delay: timedelta = timedelta(0), only: str | None = None
    ) -> None:
        """Let the writing role of another account use the key, by the statements of template.yaml.

        Policies take effect some minutes late: after ``delay``.  ``only``: through RDS of this
        Region alone.
        """
        key = self[arn]
        regions = (only,) if only else (key.region, self._there or key.region)
        self._add(arn, account, key_policies.for_the_writer(account, regions), delay)

    def admit_as_documented(
        self, arn: str, account: str, *, delay: timedelta = timedelta(0)
    ) -> None:
        """Let all of another account use the key, by the policy that AWS documents for snapshots.

        Policies take effect some minutes late: after ``delay``.
        """
        self._add(arn, account, key_policies.as_documented(account), delay)

    def _add(
        self, arn: str, account: str, statements: Sequence[Document], delay: timedelta
    ) -> None:
        self._admitted_at[arn, account] = datetime.now(UTC) + delay
        found = self.policy(arn)
        self.set_policy(arn, {**found, "Statement": [*found["Statement"], *statements]})

    def shut_out(self, arn: str, account: str) -> None:
        """Take every statement that names the account out of the key's policy."""
        found = self.policy(arn)
        statements = [
            statement
            for statement in found["Statement"]
            if not any(account in principal for principal in principals(statement))
        ]
        self.set_policy(arn, {**found, "Statement": statements})

    def disable(self, arn: str) -> None:
        """Disable the key."""
        self._of(arn).disable_key(self[arn].id)

    def enable(self, arn: str) -> None:
        """Enable the key again, cancelling its deletion."""
        self._of(arn).cancel_key_deletion(self[arn].id)
        self._of(arn).enable_key(self[arn].id)

    def schedule_deletion(self, arn: str) -> None:
        """Start the key's waiting period before deletion."""
        self._of(arn).schedule_key_deletion(self[arn].id, _WAITING_DAYS)

    def point(self, alias: str, arn: str) -> None:
        """Point an alias of the key's account at the key."""
        key, backend = self[arn], self._of(arn)
        backend.delete_alias(alias)
        key.aliases[alias] = Alias(  # type: ignore[abstract]
            key.account_id, key.region, alias, key
        )

    def find(self, text: str, account: str, region: str) -> Key | None:
        """The key that an id, alias, key ARN or alias ARN means to a caller in an account.

        Ids and alias names are the account's own; another account's key takes an ARN.  A key of
        another Region is not found.  (KMS service model, DescribeKey.)
        """
        if text.startswith("arn:"):
            parts = text.split(":", _ARN_PARTS - 1)
            if len(parts) < _ARN_PARTS or parts[2] != "kms" or parts[3] != region:
                return None
            account, text = parts[4], parts[5].removeprefix("key/")
        keys: dict[str, Key] = self._backend(account, region).keys
        if text.startswith("alias/"):
            return next((key for key in keys.values() if text in key.aliases), None)
        return keys.get(text)

    def usable(self, key: Key | None, caller: Identity, through: str | None = None) -> bool:
        """Whether RDS can use the key for the caller: by its state, and by its policy.

        It is RDS of the key's own Region, unless it comes ``through`` another.
        """
        if key is None or not key.enabled or key.key_state not in USABLE:
            return False
        policy, rds = self.policy(key.arn), f"rds.{through or key.region}.amazonaws.com"
        return all(
            self._permits(policy, key, Request(caller, action, _through(rds, caller, action)))
            for action in NEEDED
        )

    def allows(self, key: Key, caller: Identity, action: str) -> bool:
        """Whether the key's policy allows the action to a caller that calls KMS itself."""
        return self._permits(self.policy(key.arn), key, Request(caller, action, {}))

    def refuse_lock_out(self, arn: str, caller: Identity) -> None:
        """Take a new key away whose policy does not let its maker change that policy."""
        if not self.allows(self[arn], caller, "kms:PutKeyPolicy"):
            del self._of(arn).keys[arn.rsplit("/", 1)[1]]
            raise AwsError(
                "MalformedPolicyDocumentException",
                "The new key policy will not allow you to update the key policy in the future.",
            )

    def _permits(self, policy: Document, key: Key, request: Request) -> bool:
        known = self._admitted_at.get((key.arn, request.caller.account), _EVER)
        return datetime.now(UTC) >= known and allows(policy, request)

    def __getitem__(self, arn: str) -> Key:
        """The key with this ARN."""
        return self._of(arn).keys[arn.rsplit("/", 1)[1]]

    def _of(self, arn: str) -> KmsBackend:
        _, _, _, region, account, _ = arn.split(":")
        return self._backend(account, region)

    @staticmethod
    def _backend(account: str, region: str) -> KmsBackend:
        return kms_backends[account][region]


def _through(service: str, caller: Identity, action: str) -> Mapping[str, str]:
    """The condition keys of a call that a service makes for somebody.

    KMS Developer Guide, AWS KMS condition keys: whether a grant is for a service's own resource is
    asked of grants only.
    """
    grant = {"kms:GrantIsForAWSResource": "true"} if action == "kms:CreateGrant" else {}
    return {"kms:ViaService": service, "kms:CallerAccount": caller.account, **grant}


@cache
def _template() -> Key:
    """A key to copy: moto makes an RSA pair for every key, which takes long."""
    return Key(  # type: ignore[abstract]
        None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "", "000000000000", "eu-west-1"
    )
