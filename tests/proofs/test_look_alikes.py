"""Snapshots that look like ours and are not: none is deleted, counted, shared or copied.

And what a hostile source account can make under our names: it may cost no good backup its place
within KEEP_AT_LEAST_DAYS.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from rds_backup.model import identity
from rds_backup.model.decisions import Point, Series
from rds_backup.model.inventory import Kind as Family
from sandbox import Row, Sandbox
from sandbox.kinds import FAMILIES, Kind
from tests.support import truth
from tests.support.playing import DAY, NIGHT, automated
from tests.support.scenes import KEEP, Scene

OTHER_ACCOUNT = "333333333333"
LONG_AGO = NIGHT - timedelta(days=300)
FAR_AHEAD = NIGHT + timedelta(days=300)
HOUR = timedelta(hours=1)
BEGINS = NIGHT - (KEEP + 1) * DAY

type Fields = dict[str, Any]
type Maker = Callable[["Forger"], Fields]


class Forger:
    """Makes snapshots under our names and tags, as exactly or as badly as asked."""

    def __init__(self, scene: Scene, account: str, created_at: datetime) -> None:
        """Take where, and when RDS is to have made them."""
        self.scene, self.account, self.created_at = scene, account, created_at
        self.resource_id = scene.aws.database("orders", kind=scene.kind).resource_id

    def point(
        self,
        resource_id: str | None = None,
        source_account: str | None = None,
        taken_at: datetime | None = None,
        database: str = "orders",
    ) -> Point:
        """A point of this database, unless said otherwise."""
        aws, word = self.scene.aws, FAMILIES[self.scene.kind].arn_word
        account, moment = source_account or aws.source.id, taken_at or self.created_at - HOUR
        arn = f"arn:aws:rds:{aws.region}:{account}:{word}:rds:{database}-{moment:%Y-%m-%d-%H-%M}"
        series = Series(account, aws.region, resource_id or self.resource_id)
        return Point(series, Family(self.scene.kind), database, arn, moment)

    def tagged(
        self,
        point: Point,
        prefix: str = "rds-backup",
        backup_account: str | None = None,
        attempt: int = 1,
    ) -> Fields:
        """A name and tags that fit each other."""
        account, key = backup_account or self.scene.aws.backup.id, self.scene.rules.backup_key
        marker = identity.Marker(prefix, account)
        tags = identity.tags(marker, point, attempt, key, self.created_at, {})
        return {"identifier": identity.identifier(prefix, point, attempt), "tags": tags}

    def put(self, identifier: str, **fields: Any) -> Row:  # noqa: ANN401 - a snapshot's
        """Put one into the account, under the key that is right there unless said otherwise."""
        rules, aws = self.scene.rules, self.scene.aws
        right = rules.backup_key if self.account == aws.backup.id else rules.sharing_key
        fields = {"resource_id": self.resource_id, "kms_key": right} | fields
        return aws.add_snapshot(
            self.account, self.scene.kind, identifier, created_at=self.created_at, **fields
        )


def our_prefix_and_no_tag(forger: Forger) -> Fields:
    """Only the name."""
    return {"identifier": forger.tagged(forger.point())["identifier"], "tags": {}}


def our_tags_and_no_prefix(forger: Forger) -> Fields:
    """Somebody copied one of ours, with its tags."""
    return forger.tagged(forger.point()) | {"identifier": f"orders-{forger.created_at:%Y%m%d}"}


def our_tags_and_another_name(forger: Forger) -> Fields:
    """Under the prefix, but no name of ours."""
    name = f"rds-backup-orders-{forger.created_at:%Y%m%d}-0200-0000000000-1"
    return forger.tagged(forger.point()) | {"identifier": name}


def another_source_accounts(forger: Forger) -> Fields:
    """The only backup of another source account's database of the same name."""
    resource_id = f"db-{forger.created_at:%Y%m%d}"
    made = forger.tagged(forger.point(resource_id=resource_id, source_account=OTHER_ACCOUNT))
    return made | {"resource_id": resource_id}


def another_databases(forger: Forger) -> Fields:
    """Tags of another series on a snapshot of this database."""
    return forger.tagged(forger.point(source_account=OTHER_ACCOUNT, resource_id="db-OTHERS"))


def another_prefix(forger: Forger) -> Fields:
    """A second deployment's, whose prefix begins with ours."""
    return forger.tagged(forger.point(), prefix="rds-backup-two")


def our_name_and_another_marker(forger: Forger) -> Fields:
    """Our name, marked with another prefix."""
    made = forger.tagged(forger.point())
    return made | {"tags": {**made["tags"], "rds-backup:managed-by": "RDS-backup"}}


def another_backup_account(forger: Forger) -> Fields:
    """A deployment with the same prefix, into another backup account."""
    return forger.tagged(forger.point(), backup_account=OTHER_ACCOUNT)


def a_service_made_it(forger: Forger) -> Fields:
    """AWS Backup's type, with our name and tags."""
    return forger.tagged(forger.point()) | {"type": "awsbackup"}


def one_tag_missing(forger: Forger) -> Fields:
    """Nearly ours."""
    made = forger.tagged(forger.point())
    return made | {"tags": {k: v for k, v in made["tags"].items() if not k.endswith(":attempt")}}


def another_time_in_the_tag(forger: Forger) -> Fields:
    """A time that does not make the name."""
    made = forger.tagged(forger.point())
    taken_at = "2030-01-01T00:00:00.000Z"
    return made | {"tags": {**made["tags"], "rds-backup:taken-at": taken_at}}


def attempt(number: int) -> Maker:
    """Ours in everything, but for an attempt that nobody makes."""

    def make(forger: Forger) -> Fields:
        return forger.tagged(forger.point(), attempt=number)

    make.__name__ = f"attempt_{number}"
    return make


LOOK_ALIKES: tuple[Maker, ...] = (
    our_prefix_and_no_tag,
    our_tags_and_no_prefix,
    our_tags_and_another_name,
    another_source_accounts,
    another_databases,
    another_prefix,
    our_name_and_another_marker,
    another_backup_account,
    a_service_made_it,
    one_tag_missing,
    another_time_in_the_tag,
    attempt(0),
    attempt(1_000_000),
)


def scene_in(aws: Sandbox, kind: Kind, *, by_source: bool, **settings: str) -> Scene:
    """A scene on the evening before the night, with these settings for both functions."""
    scene = Scene(aws, kind, by_source=by_source)
    scene.retention.update(settings)
    return scene


@pytest.mark.parametrize("by_source", [True, False], ids=["source expires", "backup expires"])
@pytest.mark.parametrize("kind", ["instance", "cluster"])
@pytest.mark.parametrize("make", LOOK_ALIKES, ids=lambda make: make.__name__)
def test_a_look_alike_is_not_touched_and_does_not_count(
    make: Maker, kind: Kind, *, by_source: bool
) -> None:
    """Ours are marked, named as their tags say, and of the series: all of it, in both accounts."""
    with Sandbox(start=BEGINS) as aws:
        scene = scene_in(aws, kind, by_source=by_source)
        rows = [
            forger.put(**make(forger))
            for account in (aws.source.id, aws.backup.id)
            for created_at in (LONG_AGO, NIGHT - HOUR / 2, FAR_AHEAD)
            for forger in (Forger(scene, account, created_at),)
        ]
        scene.tick_on()
        scene.night(NIGHT + DAY)
        scene.checker.assert_kept()
        there = {truth.identity(row) for row in aws.snapshots()}
        assert [] == [row for row in rows if truth.identity(row) not in there]
        assert [] == [row for row in rows if row.shared_with]
        good = scene.checker.verified()
        assert [NIGHT + n * DAY - HOUR for n in range(KEEP)] == [row.taken_at for row in good]
        entry = scene.function.invoke({"action": "status"}).entry("orders")
        assert ("protected", KEEP) == (entry["state"], entry["backups_kept"])
        assert good[-1].arn == entry["backup"]


@pytest.mark.parametrize("by_source", [True, False], ids=["source expires", "backup expires"])
def test_tags_of_a_database_do_not_speak_in_our_name(*, by_source: bool) -> None:
    """A keep tag on a database would fill the backup account, and one of ours would lie."""
    tags = {
        "rds-backup:keep": "for ever",
        "rds-backup:managed-by": "somebody",
        "rds-backup:attempt": "99",
        "RDS-Backup:keep": "for ever",
        "owner": "shop",
    }
    with Sandbox(start=BEGINS) as aws:
        scene = scene_in(aws, "instance", by_source=by_source)
        aws.database("orders").tags.update(tags)
        for night in range(KEEP + 2):
            scene.night(NIGHT + night * DAY)
        scene.checker.assert_kept()
        good = scene.checker.verified()
        assert KEEP == len(good)
        for row in good:
            assert [] == [k for k in row.tags if k.lower() == "rds-backup:keep"]
            assert ("rds-backup", "shop") == (row.tags["rds-backup:managed-by"], row.tags["owner"])


@pytest.mark.parametrize("by_source", [True, False], ids=["source expires", "backup expires"])
def test_a_backup_that_a_person_tagged_to_be_kept_is_kept_besides_the_others(
    *, by_source: bool
) -> None:
    """Not deleted, and not counted: N others remain."""
    with Sandbox(start=BEGINS) as aws:
        scene = scene_in(aws, "instance", by_source=by_source)
        scene.tick_on()
        kept = scene.checker.verified()[0]
        tags = {**kept.tags, "rds-backup:keep": "for the auditors"}
        aws.change_snapshot(aws.backup, "instance", kept.identifier, tags=tags)
        for night in range(1, KEEP + 2):
            scene.night(NIGHT + night * DAY)
        scene.checker.assert_kept()
        good = [row.taken_at for row in scene.checker.verified()]
        wanted = [NIGHT + n * DAY - HOUR for n in range(2, KEEP + 2)]
        assert [kept.taken_at, *wanted] == good


DAYS = 7
JUNK = 12


def junk(scene: Scene, taken_at: Callable[[int], datetime], night: int = 0) -> set[str]:
    """Many verified snapshots of nothing, in our series, under our names and key, made just now."""
    forger = Forger(scene, scene.aws.backup.id, scene.aws.clock.now)
    arns = set()
    for number in range(night * JUNK, (night + 1) * JUNK):
        made = forger.tagged(forger.point(taken_at=taken_at(number)))
        arns.add(forger.put(**made, taken_at=taken_at(number)).arn)
    return arns


FORGED_TIMES: dict[str, Callable[[int], datetime]] = {
    "of the past": lambda n: LONG_AGO + n * HOUR,
    "of now": lambda n: NIGHT + timedelta(minutes=n + 1),
    "of the future": lambda n: FAR_AHEAD + n * HOUR,
}


@pytest.mark.parametrize("by_source", [True, False], ids=["source expires", "backup expires"])
@pytest.mark.parametrize("kind", ["instance", "cluster"])
@pytest.mark.parametrize("times", FORGED_TIMES)
def test_a_flood_of_junk_evicts_no_good_backup_within_the_days_to_keep(
    times: str, kind: Kind, *, by_source: bool
) -> None:
    """The source can make what it likes under our names; somebody has a week to notice."""
    with Sandbox(start=BEGINS) as aws:
        scene = scene_in(aws, kind, by_source=by_source, KEEP_AT_LEAST_DAYS=str(DAYS))
        scene.tick_on()
        good = {row.arn: row for row in scene.checker.verified()}
        for night in range(1, DAYS + 1):
            junk(scene, FORGED_TIMES[times], night)
            scene.night(NIGHT + night * DAY)
            now = aws.clock.now
            there = {row.arn for row in aws.snapshots()}
            young = {
                arn
                for arn, row in good.items()
                if row.created_at is not None and now - row.created_at < timedelta(days=DAYS)
            }
            assert young <= there
            made = scene.checker.verified()
            assert NIGHT + night * DAY - HOUR in {row.taken_at for row in made}
            good |= {row.arn: row for row in made}
        assert len(good) >= DAYS


@pytest.mark.parametrize("by_source", [True, False], ids=["source expires", "backup expires"])
@pytest.mark.parametrize("times", FORGED_TIMES)
def test_junk_is_ordered_by_the_time_at_which_rds_made_it(times: str, *, by_source: bool) -> None:
    """Tags can be forged, and RDS's creation time cannot: old junk goes, whatever it says."""
    with Sandbox(start=BEGINS) as aws:
        scene = scene_in(aws, "instance", by_source=by_source)
        made = junk(scene, FORGED_TIMES[times])
        for night in range(KEEP + 1):
            scene.night(NIGHT + night * DAY)
        good = scene.checker.verified()
        assert [NIGHT + n * DAY - HOUR for n in (1, 2)] == [row.taken_at for row in good]
        assert set() == made & {row.arn for row in aws.snapshots()}


@pytest.mark.parametrize("times", FORGED_TIMES)
@pytest.mark.parametrize("fields", [{"status": "failed"}, {"key": "other"}, {"resource_id": "x"}])
def test_junk_that_is_not_verified_neither_counts_nor_pushes_out(
    times: str, fields: Fields
) -> None:
    """Even on the first night, and with no days to keep."""
    with Sandbox(start=BEGINS) as aws:
        scene = scene_in(aws, "instance", by_source=True)
        changed = dict(fields)
        if "key" in changed:
            changed["key"] = aws.keys.create(aws.backup.id)
        for arn in junk(scene, FORGED_TIMES[times]):
            aws.change_snapshot(aws.backup, "instance", arn.rsplit(":", 1)[1], **changed)
        before = scene.checker.verified()
        scene.tick()
        assert before == scene.checker.verified()
        scene.tick_on()
        good = scene.checker.verified()
        assert [NIGHT + n * DAY - HOUR for n in (-1, 0)] == [row.taken_at for row in good]


def test_a_database_of_the_same_name_after_another_one_begins_at_nothing() -> None:
    """Its namesake's backups are another series: neither counted nor pushed out."""
    with Sandbox(start=BEGINS) as aws:
        scene = scene_in(aws, "instance", by_source=True)
        scene.tick_on()
        old = scene.checker.verified()
        aws.delete_database("orders", retain_automated=True)
        aws.add_instance("orders")
        assert "stale" == scene.tick().entry("orders")["state"]
        for night in range(1, KEEP + 2):
            automated(aws, NIGHT + night * DAY)
            scene.night(NIGHT + night * DAY)
        good = scene.checker.verified()
        assert {row.arn for row in old} <= {row.arn for row in good}
        assert 2 * KEEP == len(good)
