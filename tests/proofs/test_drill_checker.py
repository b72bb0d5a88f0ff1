"""The drill's checker itself: a drill that breaks a promise is found out, whichever it is.

Here the drill's credentials do by hand what a drill must never do.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from sandbox import Row, connect
from sandbox.environments import DRILL_SECURITY_GROUP, DRILL_SUBNET_GROUP
from tests.support.drill_checker import DRILL, MANAGED, PROOF, RESULT
from tests.support.drill_stories import (
    DRILL_STORIES,
    PERSONS,
    PLAIN,
    DrillStory,
    DrillWorld,
    drill_calls,
    drill_world,
)
from tests.support.playing import TICK, backups
from tests.support.truth import KEEP_TAG

NAME = "rds-backup-drill-rogue-1"
MARKS = {MANAGED: "rds-backup", DRILL: "rogue"}
PASSED = {**dict.fromkeys(PROOF, "2026-03-02T04:00:00Z"), RESULT: "passed"}


def _as_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


@dataclass
class Rogue:
    """A world before its drill, and a client with the drill's rights."""

    world: DrillWorld

    def __post_init__(self) -> None:
        """Make the clients."""
        aws = self.world.aws
        self.rds = connect("rds", aws.drill, aws.region)
        self.functions = connect("lambda", aws.drill, aws.region)

    @property
    def backup(self) -> Row:
        """The one backup."""
        found: Row = backups(self.world.aws)[-1]
        return found

    def restore(self, **changed: Any) -> None:  # noqa: ANN401 - parameters of RDS
        """Restore as a drill would, but for some parameters."""
        asked = {
            "DBInstanceIdentifier": NAME,
            "DBSnapshotIdentifier": self.backup.identifier,
            "DBSubnetGroupName": DRILL_SUBNET_GROUP,
            "VpcSecurityGroupIds": [DRILL_SECURITY_GROUP],
            "PubliclyAccessible": False,
            "Tags": _as_list(MARKS),
        }
        self.rds.restore_db_instance_from_db_snapshot(**asked | changed)

    def tag(self, arn: str, tags: dict[str, str]) -> None:
        """Put tags on something."""
        self.rds.add_tags_to_resource(ResourceName=arn, Tags=_as_list(tags))


@pytest.fixture
def rogue() -> Iterator[Rogue]:
    """Before the drill."""
    with drill_world(PLAIN) as world:
        yield Rogue(world)


def deletes_a_persons_database(rogue: Rogue) -> None:
    """Whatever its name."""
    rogue.rds.delete_db_instance(DBInstanceIdentifier=PERSONS, SkipFinalSnapshot=True)


def deletes_a_persons_database_of_its_name(rogue: Rogue) -> None:
    """Even with its tags: who made it counts."""
    rogue.world.aws.add_instance(NAME, account=rogue.world.aws.backup, tags=MARKS)
    rogue.rds.delete_db_instance(DBInstanceIdentifier=NAME, SkipFinalSnapshot=True)


def sets_the_password_of_a_persons_database(rogue: Rogue) -> None:
    """It would lock them out."""
    rogue.rds.modify_db_instance(DBInstanceIdentifier=PERSONS, ManageMasterUserPassword=True)


def writes_passed_without_a_database(rogue: Rogue) -> None:
    """Nothing was restored."""
    rogue.tag(rogue.backup.arn, PASSED)


def writes_passed_without_asking(rogue: Rogue) -> None:
    """It was restored, and is available."""
    rogue.restore()
    rogue.world.aws.clock.advance(3 * TICK)
    rogue.tag(rogue.backup.arn, PASSED)


def writes_passed_after_a_bad_answer(rogue: Rogue) -> None:
    """It was asked while it was being made."""
    rogue.restore()
    rogue.world.aws.clock.advance(3 * TICK)
    aws = rogue.world.aws
    aws.add_function("drill-probe", lambda _: {"ok": False})
    _ask(rogue)
    rogue.tag(rogue.backup.arn, PASSED)


def writes_passed_for_the_database_before(rogue: Rogue) -> None:
    """That one answered; this one was made since, under its name."""
    rogue.restore()
    rogue.world.aws.clock.advance(3 * TICK)
    _ask(rogue)
    rogue.rds.delete_db_instance(DBInstanceIdentifier=NAME, SkipFinalSnapshot=True)
    rogue.world.aws.clock.advance(3 * TICK)
    rogue.restore()
    rogue.world.aws.clock.advance(3 * TICK)
    rogue.tag(rogue.backup.arn, PASSED)


def writes_validated_without_a_validator(rogue: Rogue) -> None:
    """Only the probe has answered."""
    rogue.restore()
    rogue.world.aws.clock.advance(3 * TICK)
    _ask(rogue)
    rogue.tag(rogue.backup.arn, PASSED | {RESULT: "passed validated"})


def _ask(rogue: Rogue) -> None:
    (made,) = rogue.world.checker.made()
    host = made.fields["Endpoint"]["Address"]
    event = f'{{"host": "{host}", "port": 5432}}'
    rogue.functions.invoke(FunctionName="drill-probe", Payload=event.encode())


def invokes_another_function(rogue: Rogue) -> None:
    """It may ask two."""
    rogue.world.aws.add_function("somebodys", lambda _: None)
    rogue.functions.invoke(FunctionName="somebodys", Payload=b"{}")


def tags_a_backup_to_be_kept(rogue: Rogue) -> None:
    """Three keys, and no other."""
    rogue.tag(rogue.backup.arn, {KEEP_TAG: "yes"})


def tags_a_database(rogue: Rogue) -> None:
    """A proof lies on a backup only."""
    (persons,) = rogue.world.aws.databases(rogue.world.aws.backup.id)
    rogue.tag(persons.arn, PASSED | {RESULT: "failed"})


def deletes_a_backup(rogue: Rogue) -> None:
    """Not even one that failed."""
    rogue.rds.delete_db_snapshot(DBSnapshotIdentifier=rogue.backup.identifier)


def restores_publicly(rogue: Rogue) -> None:
    """Whatever the group admits."""
    rogue.restore(PubliclyAccessible=True)


def restores_outside_its_network(rogue: Rogue) -> None:
    """Where others are."""
    rogue.restore(VpcSecurityGroupIds=["sg-of-others"])


def restores_without_its_tags(rogue: Rogue) -> None:
    """Nobody would ever delete it."""
    rogue.restore(Tags=[])


def restores_what_is_no_backup(rogue: Rogue) -> None:
    """A person's snapshot."""
    aws = rogue.world.aws
    aws.add_manual("theirs", of=PERSONS, account=aws.backup)
    rogue.restore(DBSnapshotIdentifier="theirs")


def makes_two(rogue: Rogue) -> None:
    """Of one family, at one moment."""
    rogue.restore()
    rogue.restore(DBInstanceIdentifier=f"{NAME}2")


def leaves_its_database(rogue: Rogue) -> None:
    """For longer than its deadline and one tick."""
    rogue.restore()
    rogue.world.aws.clock.advance(rogue.world.checker.deadline + 2 * TICK)
    rogue.world.checker.looked(1)


def is_backed_up_itself(rogue: Rogue) -> None:
    """A copy of a snapshot of its database."""
    aws = rogue.world.aws
    rogue.restore()
    aws.clock.advance(3 * TICK)
    snapshot = aws.take_automated(NAME, account=aws.backup)
    connect("rds", aws.backup.function, aws.region).copy_db_snapshot(
        SourceDBSnapshotIdentifier=snapshot.identifier,
        TargetDBSnapshotIdentifier="rds-backup-of-a-drill",
    )


ROGUES: dict[Callable[[Rogue], None], str] = {
    deletes_a_persons_database: "theirs",
    deletes_a_persons_database_of_its_name: "theirs",
    sets_the_password_of_a_persons_database: "theirs",
    writes_passed_without_a_database: "passed",
    writes_passed_without_asking: "passed",
    writes_passed_after_a_bad_answer: "passed",
    writes_passed_for_the_database_before: "passed",
    writes_validated_without_a_validator: "passed",
    invokes_another_function: "calls",
    tags_a_backup_to_be_kept: "backups",
    tags_a_database: "tags",
    deletes_a_backup: "backups",
    restores_publicly: "public",
    restores_outside_its_network: "public",
    restores_without_its_tags: "tags",
    restores_what_is_no_backup: "source",
    makes_two: "one",
    leaves_its_database: "deadline",
    is_backed_up_itself: "source",
}


@pytest.mark.parametrize("breaks", ROGUES, ids=lambda breaks: breaks.__name__)
def test_the_checker_sees_a_drill_that(breaks: Callable[[Rogue], None], rogue: Rogue) -> None:
    """Each promise, broken by a call or by none."""
    breaks(rogue)
    said = rogue.world.checker.broken
    assert any(words.startswith(f"{ROGUES[breaks]},") for words in said), said


def test_the_checker_sees_two_drills_of_two_families(rogue: Rogue) -> None:
    """After one tick in which nothing goes wrong."""
    aws = rogue.world.aws
    rogue.restore()
    made = aws.add_cluster("rds-backup-drill-x-1", account=aws.backup, tags=MARKS)
    rogue.world.checker.looked(1)
    assert [] == rogue.world.checker.broken
    aws.database(made.name, account=aws.backup).made_by = rogue.world.checker.role
    rogue.world.checker.looked(0)
    assert [] == rogue.world.checker.broken
    rogue.world.checker.looked(1)
    assert ["one"] == [words.split(",")[0] for words in rogue.world.checker.broken]


@pytest.mark.parametrize("story", DRILL_STORIES, ids=str)
def test_a_drill_as_it_should_be_breaks_nothing(story: DrillStory) -> None:
    """All its calls were judged, and it passed; else the checker would be worth nothing."""
    changes = {c.operation for calls in drill_calls(story) for c in calls if c.mutating}
    with drill_world(story) as world:
        world.begin()
        assert [] == world.heal()
        assert changes <= set(world.checker.judged)
        assert 1 == world.checker.judged["passed"]
