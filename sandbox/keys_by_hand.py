"""What a test does to the KMS keys, as their owners' administrators would."""

from sandbox.accounts import Account, account_id
from sandbox.world import World


class KeysByHand:
    """The ways to change keys by hand; a part of Sandbox.  Keys are given by their ARN."""

    backup: Account
    _world: World

    def create_key(
        self, account: Account | str, alias: str | None = None, region: str | None = None
    ) -> str:
        """A new customer managed key that only its own account may use; its ARN."""
        return self._world.keys.create(account_id(account), alias, region)

    def managed_key(self, account: Account | str) -> str:
        """The ARN of the account's AWS managed key ``aws/rds``."""
        return self._world.keys.managed(account_id(account))

    def disable_key(self, arn: str) -> None:
        """Disable a key."""
        self._world.keys.disable(arn)

    def enable_key(self, arn: str) -> None:
        """Enable a key again, also one that waits for its deletion."""
        self._world.keys.enable(arn)

    def schedule_key_deletion(self, arn: str) -> None:
        """Let a key wait for its deletion."""
        self._world.keys.schedule_deletion(arn)

    def point_alias(self, alias: str, arn: str) -> None:
        """Point an alias of the key's account at the key."""
        self._world.keys.point(alias, arn)

    def open_key(self, arn: str, account: Account | str | None = None) -> None:
        """Let another account (the backup account) use a key."""
        self._world.keys.admit(arn, account_id(account or self.backup))

    def close_key(self, arn: str, account: Account | str | None = None) -> None:
        """Take another account (the backup account) out of a key's policy."""
        self._world.keys.shut_out(arn, account_id(account or self.backup))
