"""A week with a bit of everything, up to a night, as the golden outputs show it.

``orders`` is well, one of its backups under another key; copies of the cluster ``billing`` take
hours; ``ledger`` lost a night, and all copies of its last one failed; ``reports`` cannot be backed
up; ``archive`` is gone, and its backups are not.  Each morning one backup is restored, and once
the restored database does not answer.  Fewer backups are kept from tonight on.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sandbox import Kind, Sandbox
from sandbox.serving.lambda_runtime import Function
from tests.support.drilling import MORNING, drill
from tests.support.playing import BACKUP, DAY, NIGHT, RESUME, TICK, automated, play

KEEP, KEEP_FROM_TONIGHT = 5, 4
TONIGHT = NIGHT + 6 * DAY
FULL_BYTES = 17_502_003_200  # 16.3 GiB
TAGS = {"backup": "nightly"}
NO_ANSWER = 2


def a_week(aws: Sandbox) -> Function:
    """The function on TONIGHT at 03:00, before anything of the night has begun."""
    aws.add_instance("orders", engine="postgres", kms_key="aws/rds", tags=TAGS)
    aws.add_instance("ledger", engine="mysql", kms_key="aws/rds", tags=TAGS)
    aws.add_instance("archive", engine="mysql", kms_key="aws/rds", tags=TAGS)
    aws.add_cluster("billing", engine="aurora-postgresql", kms_key=aws.sharing_key, tags=TAGS)
    aws.add_cluster("reports", engine="mysql", kms_key="aws/rds", tags=TAGS)
    earlier = aws.environment(
        DB_TAG="backup=nightly",
        BACKUPS_TO_KEEP=str(KEEP),
        NIGHT_SCHEDULE="cron(0 3-9 * * ? *)",
        AWS_LAMBDA_FUNCTION_NAME="rds-backup",
    )
    for number in range(6):
        _night(aws, Function(aws, earlier), number)
    aws.copies.forget_failures()
    aws.copies.duration = _slow_clusters
    automated(aws, TONIGHT)
    aws.clock.move_to(TONIGHT)
    return Function(aws, earlier | {"BACKUPS_TO_KEEP": str(KEEP_FROM_TONIGHT)})


def into_the_night(aws: Sandbox, function: Function) -> None:
    """Until 04:05: ``orders`` is done, ``billing`` halfway; ``ledger`` waits for a person."""
    function.at(TONIGHT, BACKUP)
    while aws.clock.now < TONIGHT + 6 * TICK:
        function.at(aws.clock.now + TICK, RESUME)
    aws.clock.advance(minutes=5)
    for row in aws.snapshots(account=aws.backup):
        if row.database == "orders":
            sized = {"FullSnapshotSizeInBytes": FULL_BYTES}
            aws.change_snapshot(aws.backup, row.kind, row.identifier, fields=sized)


@contextmanager
def without_the_grant(aws: Sandbox) -> Iterator[None]:
    """The sharing key's policy as it is when its most forgotten statement is missing."""
    whole = aws.keys.policy(aws.sharing_key)
    kept = [s for s in whole["Statement"] if s["Sid"] != "BackupRoleGrantsToRds"]
    aws.keys.set_policy(aws.sharing_key, {**whole, "Statement": kept})
    yield
    aws.keys.set_policy(aws.sharing_key, whole)


def _night(aws: Sandbox, function: Function, number: int) -> None:
    night = NIGHT + number * DAY
    aws.database("ledger").retention_days = 0 if number == 3 else 7
    if number == 3:
        aws.delete_database("archive")
    if number == 5:
        aws.copies.fail_next(99, where=_of_ledger)
    automated(aws, night)
    play(function, night, hours=2)
    _restore_one(aws, night, answers=number != NO_ANSWER)
    if number == 4:
        _move_to_another_key(aws)


def _restore_one(aws: Sandbox, night: datetime, *, answers: bool) -> None:
    aws.clock.move_to(night + MORNING)
    aws.add_function("deaf", lambda _: {"ok": False, "reason": "the connection timed out"})
    probe = "drill-probe" if answers else "deaf"
    drill(aws, Function(aws, aws.drill_environment(DRILL_PROBE=probe)))


def _move_to_another_key(aws: Sandbox) -> None:
    newest = max(
        (r for r in aws.snapshots(account=aws.backup) if r.database == "orders"),
        key=lambda row: row.taken_at,
    )
    key = aws.keys.create(aws.backup.id)
    aws.change_snapshot(aws.backup, "instance", newest.identifier, key=key)


def _slow_clusters(kind: Kind, _account: str, _params: Mapping[str, Any]) -> timedelta:
    return timedelta(minutes=90) if kind == "cluster" else timedelta(minutes=15)


def _of_ledger(_kind: Kind, account: str, params: Mapping[str, Any]) -> bool:
    target = str(params.get("TargetDBSnapshotIdentifier"))
    return account == "222222222222" and "-ledger-" in target
