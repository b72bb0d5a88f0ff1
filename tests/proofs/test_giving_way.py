"""A shared copy that nobody can delete, of a point that has ended: every newer night is kept.

The deletions of points that give way, are abandoned, or are left over fail for ever, in every way
that a deletion can fail; and then they do not any more.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from sandbox import Call, Hook, Sandbox
from sandbox.kinds import Kind
from tests.support import mishaps
from tests.support.mishaps import Answer
from tests.support.playing import DAY, NIGHT, automated
from tests.support.scenes import Scene

KINDS: tuple[Kind, ...] = ("instance", "cluster")
NIGHTS = 2


class Undeletable(Hook):
    """Every deletion in the source account is answered like this."""

    def __init__(self, aws: Sandbox, answer: Answer) -> None:
        """Take the answer."""
        self._aws, self._answer = aws, answer
        self.struck = 0

    def before(self, call: Call) -> None:
        """Answer instead of the deletion."""
        if call.operation.startswith("DeleteDB") and call.account == self._aws.source.id:
            self.struck += 1
            kind: Kind = "cluster" if "Cluster" in call.operation else "instance"
            raise self._answer.answer(kind)


def gives_way(scene: Scene) -> None:
    """Its copies into the backup account failed as often as they may."""
    aws = scene.aws
    aws.copies.fail_next(3, lambda _, account, __: account == aws.backup.id)
    for _ in range(9):
        scene.tick()
        scene.wait()
    aws.copies.forget_failures()


def abandoned(scene: Scene) -> None:
    """Its shared copy failed, and its automated snapshot is gone before it is tried again."""
    aws = scene.aws
    aws.copies.fail_next(1, lambda _, account, __: account == aws.source.id)
    scene.tick()
    scene.wait()
    for row in aws.snapshots(account=aws.source.id, type="automated"):
        aws.remove_snapshot(aws.source, row.kind, row.identifier)


WAYS: dict[str, Callable[[Scene], None]] = {"gives way": gives_way, "abandoned": abandoned}


@contextmanager
def scene_of(kind: Kind) -> Iterator[Scene]:
    """One database, on the night of the mishap."""
    with Sandbox(start=NIGHT - 9 * DAY) as aws:
        yield Scene(aws, kind)


# Every answer in every way, to one family each, in turn.
PLAYED = [
    pytest.param(answer, way, KINDS[(n + m) % 2], id=f"{answer}-{name}")
    for n, answer in enumerate(mishaps.DELETIONS[0].answers)
    for m, (name, way) in enumerate(WAYS.items())
]


@pytest.mark.parametrize(("answer", "way", "kind"), PLAYED)
def test_a_deletion_that_fails_for_ever_keeps_no_newer_point_from_its_backup(
    answer: Answer, way: Callable[[Scene], None], kind: Kind
) -> None:
    """The newest point starts all the same, and the refused deletion is told by its database."""
    with scene_of(kind) as scene:
        aws = scene.aws
        way(scene)
        mishap = Undeletable(aws, answer)
        aws.hooks.append(mishap)
        told: list[str] = []
        for number in range(1, NIGHTS + 1):
            night = NIGHT + number * DAY
            automated(aws, night)
            aws.clock.move_to(night)
            for _ in range(6):
                done: Any = scene.tick()
                told += [str(done.error)] if done.error else []
                scene.wait()
            newest = scene.checker.verified()[-1]
            assert newest.tags["rds-backup:taken-at"] > f"{night - DAY:%Y-%m-%dT%H}"
        assert mishap.struck
        if answer.codes.get(kind) not in ("DBSnapshotNotFound", "DBClusterSnapshotNotFoundFault"):
            assert told
            assert all("orders: " in error for error in told)
            assert any("could not be deleted" in error for error in told)
        aws.hooks.remove(mishap)
        scene.tick_on()
        assert [] == scene.checker.shared_copies()
