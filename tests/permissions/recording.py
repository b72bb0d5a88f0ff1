"""Nights played through the real handler, and every API call that they made.

The environment is what the stacks give their functions.  With each call goes what IAM would look
at: the tags and keys of the snapshots and databases that it names, as they were when it was made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from botocore import xform_name

from rds_backup.apply.places import DEFAULT_QUOTA
from sandbox import Sandbox
from sandbox.calls import Call
from sandbox.gate import Hook
from sandbox.kinds import FAMILIES
from sandbox.rds.database_rows import DatabaseRow
from sandbox.serving.lambda_runtime import Function
from sandbox.world import Row
from tests.support.playing import BACKUP, DAY, EXPIRE, NIGHT, RESUME, automated, play, shared_copies

# RDS gives a restored database the tags that its snapshot came with (Amazon RDS User Guide, Copying
# tags to DB instance snapshots), and its own snapshots the database's.
RESTORED = {"backup": "nightly", "rds-backup:managed-by": "rds-backup"}


@dataclass(frozen=True)
class Recorded:
    """A call, and what existed then, by ARN: snapshots and databases, if it names one at all."""

    call: Call
    snapshots: Mapping[str, Row]
    databases: Mapping[str, DatabaseRow]


class Record(Hook):
    """Takes down every call before it takes effect, those that are refused then included."""

    def __init__(self, aws: Sandbox) -> None:
        """Begin with the next call."""
        self.calls: list[Recorded] = []
        self._aws = aws
        aws.hooks.insert(0, self)

    def before(self, call: Call) -> None:
        """Take it down."""
        if of_the_functions(self._aws, call):
            self.calls.append(seen(self._aws, call))


def of_the_functions(aws: Sandbox, call: Call) -> bool:
    """Whether it is a call in either account, and not a person's: those are made by the tests."""
    ours = call.caller is not None and ":assumed-role/administrator/" not in call.caller
    return ours and call.account in (aws.source.id, aws.backup.id)


def seen(aws: Sandbox, call: Call) -> Recorded:
    """The call with the snapshots and databases as they are."""
    if not any(name.endswith("Identifier") or name == "ResourceName" for name in call.params):
        return Recorded(call, {}, {})
    return Recorded(
        call, {row.arn: row for row in aws.snapshots()}, {row.arn: row for row in aws.databases()}
    )


@dataclass(frozen=True)
class World:
    """The functions of both stacks in one sandbox; not every deployment has an ``expiring`` one."""

    aws: Sandbox
    function: Function
    expiring: Function | None

    def night(self, number: int, hours: float = 1) -> None:
        """The first hours of a night with its automated snapshots."""
        night = NIGHT + number * DAY
        automated(self.aws, night)
        play(self.function, night, hours=hours)
        if self.expiring is not None:
            assert self.expiring.invoke(EXPIRE).error is None


def story(world: World) -> None:
    """Everything that the functions ever call, for both families.

    Nights with expiry, copies that fail at both stages, quotas that are used up in both accounts,
    sharing that is refused a second time and read back, sharing with a stranger that is taken
    back, ``plan``, ``status``, ``check`` and ``expire``; and a restore plan by each function.
    """
    aws, function = world.aws, world.function
    for number in range(DEFAULT_QUOTA // 2 + 1):  # beyond that, the quota is asked for
        aws.add_snapshot(aws.backup, "instance", f"by-hand-{number}")
    for number in range(2):
        world.night(number)
    aws.copies.fail_next(2, lambda _, account, __: account == aws.source.id)
    aws.copies.fail_next(2, lambda _, account, __: account == aws.backup.id)
    world.night(2, hours=2.5)
    for account in (aws.source, aws.backup):
        aws.fault(
            "Copy*",
            account=account,
            times=2,
            code="SnapshotQuotaExceeded",
            message="Cannot create more than 100 manual snapshots",
        )
    world.night(3)
    shared_already(world)
    shared_with_a_stranger(world)
    for action in ("plan", "status", "check"):
        assert function.invoke({"action": action}).error is None
    for each in filter(None, (function, world.expiring)):
        assert each.invoke({"action": "restore_plan", "database": "orders"}).error is None


def shared_already(world: World) -> None:
    """A share that was not answered: RDS may refuse to share twice, and the list is read."""
    aws, function = world.aws, world.function
    night = NIGHT + 4 * DAY
    automated(aws, night)
    function.at(night, BACKUP)
    aws.clock.advance(minutes=25)
    _share(world, aws.backup.id)
    play(function, aws.clock.now, hours=1)


def shared_with_a_stranger(world: World) -> None:
    """Somebody shared a copy with another account: the function takes it back."""
    aws, function = world.aws, world.function
    night = NIGHT + 5 * DAY
    automated(aws, night)
    function.at(night, BACKUP)
    aws.clock.advance(minutes=25)
    _share(world, "999999999999")
    function.invoke(RESUME)
    play(function, night + DAY / 24, hours=1)


def _share(world: World, account: str) -> None:
    client = world.aws.source.client("rds")
    for row in shared_copies(world.aws):
        family = FAMILIES[row.kind]
        share = getattr(client, xform_name(f"Modify{family.noun}Attribute"))
        share(**{family.identifier: row.identifier}, AttributeName="restore", ValuesToAdd=[account])


def families(aws: Sandbox, keys: Sequence[str]) -> None:
    """An instance and a cluster to back up, each under its key; they come from backups.

    The instance has an option group of its own, which ``check`` reads.
    """
    aws.add_option_group("audited", engine="mysql", options={"MARIADB_AUDIT_PLUGIN": "plain"})
    aws.add_option_group("audited", engine="mysql", account=aws.backup)
    groups = [{"OptionGroupName": "audited", "Status": "in-sync"}]
    aws.add_instance(
        "orders", engine="mysql", kms_key=keys[0], tags=RESTORED, OptionGroupMemberships=groups
    )
    aws.add_cluster("billing", engine="aurora-postgresql", kms_key=keys[1], tags=RESTORED)
