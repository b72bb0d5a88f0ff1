"""What somebody has deployed: stacks, and the log groups that one leaves behind."""

from sandbox.accounts import Account, Both
from sandbox.stacks import Stack
from sandbox.world import World


class StacksByHand(Both):
    """The ways to put stacks and log groups into an account; a part of Sandbox."""

    _world: World

    def add_stack(
        self,
        name: str,
        account: Account,
        *,
        tags: dict[str, str] | None = None,
        outputs: dict[str, str] | None = None,
        resources: dict[str, str] | None = None,
    ) -> None:
        """A stack, deployed; its resources do not go with it."""
        stack = Stack(
            name=name,
            account=account.id,
            region=self.region_of(account),
            created_at=self._world.now,
            tags=tags or {},
            outputs=outputs or {},
            resources=resources or {},
        )
        self._world.stacks.append(stack)

    def add_log_group(self, name: str, account: Account, tags: dict[str, str]) -> None:
        """A log group that a stack has left."""
        self._world.log_groups[account.id, self.region_of(account)][name] = tags
