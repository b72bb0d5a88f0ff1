"""What truly exists in both accounts of a sandbox, past every listing."""

from moto.kms.models import kms_backends

from sandbox import Sandbox


def things(aws: Sandbox) -> set[str]:
    """All that costs or stays: databases, snapshots, groups, roles, stacks, logs, and live keys."""
    world = aws._world  # noqa: SLF001 - there is no other way to see databases of any account
    found = {f"snapshot {row.arn}" for row in aws.snapshots()}
    for databases in world.databases.values():
        found |= {f"database {one.arn}" for one in databases.values()}
    for (account, parameter), groups in world.groups.items():
        found |= {f"{parameter} {account} {name}" for name in groups}
    found |= {f"role {role.arn}" for role in world.roles}
    found |= {f"stack {one.account} {one.name}" for one in world.stacks if not one.gone_at}
    for place, names in world.log_groups.items():
        found |= {f"log group {place} {name}" for name in names}
    for side in (aws.source, aws.backup):
        for region in {*aws.regions}:
            keys = kms_backends[side.id][region].keys.values()
            found |= {f"key {key.arn}" for key in keys if key.key_state != "PendingDeletion"}
    return found
