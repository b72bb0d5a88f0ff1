"""The checker itself: a function that breaks a promise is found out, whichever promise it is.

Here the function's credentials do by hand what the function must never do.
"""

from collections.abc import Callable, Iterator
from copy import replace
from dataclasses import dataclass
from typing import Any

import pytest

from sandbox import Row, Sandbox, connect
from tests.support.playing import DAY, EXPIRE, NIGHT
from tests.support.scenes import KEEP, Scene
from tests.support.truth import KEEP_TAG, POINT

STRANGER = "333333333333"


@dataclass
class Rogue:
    """A scene with KEEP backups, one night under way, and clients with the function's rights."""

    scene: Scene

    def __post_init__(self) -> None:
        """Play to where the shared copy is there."""
        aws = self.scene.aws
        self.scene.tick()
        self.scene.wait()
        self.source = connect("rds", aws.source.function, aws.region)
        self.backup = connect("rds", aws.writer, aws.region)
        assert [] == self.scene.checker.broken

    @property
    def shared(self) -> Row:
        """The shared copy."""
        return self.scene.checker.shared_copies()[0]

    @property
    def backups(self) -> list[Row]:
        """The verified backups, oldest first."""
        return self.scene.checker.verified()

    def copy(self, client: Any, source: Row, key: str, **changed: str) -> None:  # noqa: ANN401
        """Copy as the function would, but for some tags."""
        tags = {**self.shared.tags, **changed}
        number = tags.get("rds-backup:attempt")
        client.copy_db_snapshot(
            SourceDBSnapshotIdentifier=source.arn,
            TargetDBSnapshotIdentifier=f"rds-backup-by-a-rogue-{number}",
            KmsKeyId=key,
            Tags=[{"Key": k, "Value": v} for k, v in tags.items()],
        )


@pytest.fixture
def rogue() -> Iterator[Rogue]:
    """One night under way."""
    with Sandbox(start=NIGHT - (KEEP + 1) * DAY) as aws:
        yield Rogue(Scene(aws, "instance"))


def deletes_what_a_person_made(rogue: Rogue) -> None:
    """Promise 3."""
    rogue.source.delete_db_snapshot(DBSnapshotIdentifier="by-hand")


def deletes_a_good_backup(rogue: Rogue) -> None:
    """Promise 2."""
    rogue.backup.delete_db_snapshot(DBSnapshotIdentifier=rogue.backups[-1].identifier)


def deletes_what_is_tagged_to_be_kept(rogue: Rogue) -> None:
    """Promise 2, though enough would be left."""
    rogue.scene.rules.keep = 1
    oldest = rogue.backups[0]
    tags = {**oldest.tags, KEEP_TAG: "yes"}
    rogue.scene.aws.change_snapshot(oldest.account, "instance", oldest.identifier, tags=tags)
    rogue.backup.delete_db_snapshot(DBSnapshotIdentifier=oldest.identifier)


def deletes_before_its_days(rogue: Rogue) -> None:
    """Promise 2, of KEEP_AT_LEAST_DAYS."""
    rogue.scene.rules.keep, rogue.scene.rules.keep_days = 1, 30
    rogue.backup.delete_db_snapshot(DBSnapshotIdentifier=rogue.backups[0].identifier)


def deletes_the_first_day_of_a_week(rogue: Rogue) -> None:
    """Promise 2, of KEEP_WEEKLY; of the day before it there is none any more."""
    rogue.scene.rules.keep, rogue.scene.rules.weekly = 1, 9
    rogue.backup.delete_db_snapshot(DBSnapshotIdentifier=rogue.backups[0].identifier)


def _fails_to_list(rogue: Rogue) -> str:
    """The oldest backup, which expires, after a listing that was refused."""
    rogue.scene.rules.keep = 1
    oldest = rogue.backups[0].identifier
    rogue.scene.aws.fault("DescribeDBSnapshots", code="AccessDenied", status=403, times=1)
    with pytest.raises(rogue.backup.exceptions.ClientError):
        rogue.backup.describe_db_snapshots(SnapshotType="manual")
    return str(oldest)


def deletes_after_a_failed_listing(rogue: Rogue) -> None:
    """Promise 4."""
    rogue.backup.delete_db_snapshot(DBSnapshotIdentifier=_fails_to_list(rogue))


def deletes_a_backup_on_the_strength_of_its_name(rogue: Rogue) -> None:
    """Promise 4: a look at the name makes up for a failed listing where a shared copy goes only."""
    oldest = _fails_to_list(rogue)
    named = [{"Name": "db-snapshot-id", "Values": [oldest]}]
    rogue.backup.describe_db_snapshots(SnapshotType="manual", Filters=named)
    rogue.backup.delete_db_snapshot(DBSnapshotIdentifier=oldest)


def deletes_a_source_in_mid_copy(rogue: Rogue) -> None:
    """Promise 5."""
    rogue.scene.tick()
    rogue.source.delete_db_snapshot(DBSnapshotIdentifier=rogue.shared.identifier)


def deletes_a_shared_copy_without_a_backup(rogue: Rogue) -> None:
    """Promise 5, with nothing under way."""
    rogue.source.delete_db_snapshot(DBSnapshotIdentifier=rogue.shared.identifier)


def deletes_the_base_of_the_next_copy(rogue: Rogue) -> None:
    """Promise 5, with increments on: its backup is verified, and no newer one."""
    rogue.scene.tick()
    rogue.scene.wait()
    rogue.scene.rules.incremental = True
    rogue.source.delete_db_snapshot(DBSnapshotIdentifier=rogue.shared.identifier)


def copies_twice(rogue: Rogue) -> None:
    """Promise 6."""
    (source,) = (row for row in rogue.scene.aws.snapshots() if row.arn == rogue.shared.tags[POINT])
    rogue.copy(rogue.source, source, rogue.scene.rules.sharing_key)


def tries_too_often(rogue: Rogue) -> None:
    """Promise 6, of MAX_ATTEMPTS."""
    attempt = {"rds-backup:attempt": "4"}
    rogue.scene.tick()
    rogue.copy(rogue.backup, rogue.shared, rogue.scene.rules.backup_key, **attempt)


def copies_what_a_person_made(rogue: Rogue) -> None:
    """Promise 3."""
    by_hand = next(r for r in rogue.scene.aws.snapshots() if r.identifier == "by-hand")
    rogue.copy(rogue.source, by_hand, rogue.scene.rules.sharing_key)


def copies_under_another_key(rogue: Rogue) -> None:
    """Promise 10."""
    aws = rogue.scene.aws
    rogue.scene.tick()
    rogue.copy(rogue.backup, rogue.shared, aws.keys.create(aws.backup.id))


def shares_with_a_stranger(rogue: Rogue) -> None:
    """Promise 9."""
    rogue.source.modify_db_snapshot_attribute(
        DBSnapshotIdentifier=rogue.shared.identifier,
        AttributeName="restore",
        ValuesToAdd=[STRANGER],
    )


ROGUES: dict[Callable[[Rogue], None], int] = {
    deletes_what_a_person_made: 3,
    deletes_a_good_backup: 2,
    deletes_what_is_tagged_to_be_kept: 2,
    deletes_before_its_days: 2,
    deletes_the_first_day_of_a_week: 2,
    deletes_after_a_failed_listing: 4,
    deletes_a_backup_on_the_strength_of_its_name: 4,
    deletes_a_source_in_mid_copy: 5,
    deletes_a_shared_copy_without_a_backup: 5,
    deletes_the_base_of_the_next_copy: 5,
    copies_twice: 6,
    tries_too_often: 6,
    copies_what_a_person_made: 3,
    copies_under_another_key: 10,
    shares_with_a_stranger: 9,
}


@pytest.mark.parametrize("breaks", ROGUES, ids=lambda breaks: breaks.__name__)
def test_the_checker_sees_a_function_that(breaks: Callable[[Rogue], None], rogue: Rogue) -> None:
    """Each promise, broken by a call; nothing else is said to be broken before."""
    breaks(rogue)
    rogue.scene.checker.looked()
    said = rogue.scene.checker.broken
    assert any(words.startswith(f"promise {ROGUES[breaks]},") for words in said), said


def test_the_checker_sees_a_stranger_that_is_not_as_it_was(rogue: Rogue) -> None:
    """Promise 3, whoever changed it."""
    aws, checker = rogue.scene.aws, rogue.scene.checker
    (by_hand,) = (row for row in aws.snapshots() if row.identifier == "by-hand")
    checker.strangers.append(by_hand)
    checker.looked()
    assert [] == checker.broken
    aws.change_snapshot(by_hand.account, "instance", "by-hand", tags={"new": "tag"})
    checker.looked()
    assert ["promise 3"] == [words[:9] for words in checker.broken]


@pytest.mark.parametrize(
    ("lie", "promise"),
    [
        ({"state": "protected"}, 1),
        ({"state": "protected", "backup": "arn:of:nothing"}, 1),
        ({"age_hours": 1.0}, 8),
    ],
)
def test_the_checker_sees_a_report_that_lies(
    lie: dict[str, Any], promise: int, rogue: Rogue
) -> None:
    """Promises 1 and 8: tonight's backup is not there yet, and the newest is a day old."""
    done = rogue.scene.function.invoke({"action": "status"})
    entry = done.entry("orders")
    rogue.scene.checker.rules.several_at_once = False
    rogue.scene.checker.answered(done)
    assert [] == rogue.scene.checker.broken
    rogue.scene.checker.reported([entry | lie])
    assert {f"promise {promise}"} == {words[:9] for words in rogue.scene.checker.broken}


def test_the_checker_sees_an_invocation_without_a_heartbeat(rogue: Rogue) -> None:
    """Promise 8: silence is an alarm, so that there must be no other silence."""
    done = rogue.scene.function.invoke({"action": "status"})
    rogue.scene.checker.answered(replace(done, metrics=()))
    assert ["promise 8"] == [words[:9] for words in rogue.scene.checker.broken]


@pytest.mark.parametrize("emptied", [False, True])
@pytest.mark.parametrize(
    "lie",
    [
        {"Series": [2.0]},
        {"SeriesRetired": [1.0]},
        {"Series": None},
        {"Series": [0.0], "SeriesRetired": [1.0], "OldestBackupAgeHours": [0.0]},
        {"OldestBackupAgeHours": [0.0]},
    ],
    ids=str,
)
def test_the_checker_sees_an_expire_that_miscounts(
    lie: dict[str, Any], rogue: Rogue, *, emptied: bool
) -> None:
    """Promise 8: the number of series, whether it is told, and an age of what is not there."""
    for row in rogue.backups if emptied else ():
        rogue.scene.aws.remove_snapshot(row.account, row.kind, row.identifier)
    done = rogue.scene.expiring.invoke(EXPIRE)
    rogue.scene.checker.answered(done, series_only=True)
    assert [] == rogue.scene.checker.broken
    (line,) = done.metrics
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    kept = [metric for metric in directive["Metrics"] if metric["Name"] not in lie]
    told = kept + [{"Name": name} for name, value in lie.items() if value]
    metrics = line | lie | {"_aws": {"CloudWatchMetrics": [{"Metrics": told}]}}
    rogue.scene.checker.answered(replace(done, metrics=(metrics,)), series_only=True)
    true = not emptied and lie == {"OldestBackupAgeHours": [0.0]}
    assert ({"promise 8"} if not true else set()) == {w[:9] for w in rogue.scene.checker.broken}
