"""What is silent is an alarm, and what lies is not believed: played on the sandbox.

An emptied account, a listing that is minutes old, tags that somebody forged, answers that are late.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rds_backup.model import identity
from rds_backup.model.decisions import Point, Series
from rds_backup.model.inventory import Kind as Family
from sandbox import Call, Hook, Sandbox, Switches
from sandbox.kinds import Kind
from sandbox.serving.lambda_runtime import Function
from tests.support.playing import (
    BACKUP,
    DAY,
    EXPIRE,
    NIGHT,
    TICK,
    automated,
    backups,
    metrics_of,
    mutations,
    nights,
    shared_copies,
)

NIGHTLY = {"backup": "nightly"}
HOUR = timedelta(hours=1)
STATUS: dict[str, Any] = {"action": "status"}


def add(aws: Sandbox, kind: Kind, name: str = "orders") -> None:
    """A database that is backed up."""
    make = aws.add_instance if kind == "instance" else aws.add_cluster
    make(name, tags=NIGHTLY)


def forged(
    aws: Sandbox,
    kind: Kind,
    night: datetime,
    attempt: int = 1,
    **fields: Any,  # noqa: ANN401 - attributes of a snapshot
) -> Any:  # noqa: ANN401 - a row of the sandbox
    """A backup of ``orders`` as whoever assumes the writer's role could make it, past the API."""
    database = aws.database("orders", kind=kind)
    word = "snapshot" if kind == "instance" else "cluster-snapshot"
    arn = f"arn:aws:rds:{aws.region}:{aws.source.id}:{word}:rds:orders-{night:%Y-%m-%d-%H-%M}"
    series = Series(aws.source.id, aws.region, database.resource_id)
    of = Point(series, Family(kind), "orders", arn, night)
    marker = identity.Marker("rds-backup", aws.backup.id)
    tags = identity.tags(marker, of, attempt, aws.backup_key, night, {})
    return aws.add_snapshot(
        aws.backup,
        kind,
        identity.identifier("rds-backup", of, attempt),
        kms_key=aws.backup_key,
        tags=tags,
        **{"resource_id": database.resource_id, **fields},
    )


class TestAnEmptiedAccount:
    """Where no series is seen no age is told, and the number of series falls."""

    @pytest.fixture
    def expiring(self, aws: Sandbox) -> Function:
        """The backup account's function, after three nights of two databases."""
        source = Function(aws, aws.environment(DB_TAG="backup=nightly", EXPIRE_BACKUPS="false"))
        add(aws, "instance")
        add(aws, "cluster", "billing")
        nights(aws, source, 3)
        return Function(aws, aws.backup_environment())

    def test_no_age_is_told_where_everything_is_gone(
        self, aws: Sandbox, expiring: Function
    ) -> None:
        """An age of 0 would end the very alarm that the deletion has set off."""
        before = metrics_of(expiring.invoke(EXPIRE))
        for row in backups(aws):
            aws.remove_snapshot(aws.backup, row.kind, row.identifier)
        aws.clock.advance(hours=10 * 24)
        after = metrics_of(expiring.invoke(EXPIRE))

        assert (2, 0) == (before["Series"], before["SeriesRetired"])
        assert (0, 0) == (after["Series"], after["SeriesRetired"])
        assert "OldestBackupAgeHours" in before
        assert "OldestBackupAgeHours" not in after

    def test_one_series_emptied_among_others_shows(self, aws: Sandbox, expiring: Function) -> None:
        """The others' age says nothing of it."""
        for row in backups(aws, "billing"):
            aws.remove_snapshot(aws.backup, row.kind, row.identifier)
        after = metrics_of(expiring.invoke(EXPIRE))

        assert (1, 0) == (after["Series"], after["SeriesRetired"])

    def test_a_series_that_a_person_retires_only_changes_sides(
        self, aws: Sandbox, expiring: Function
    ) -> None:
        """What falls on one side rises on the other: no alarm."""
        newest = backups(aws, "billing")[-1]
        aws.backup.client("rds").add_tags_to_resource(
            ResourceName=newest.arn, Tags=[{"Key": "rds-backup:retired", "Value": "today"}]
        )
        after = metrics_of(expiring.invoke(EXPIRE))

        assert (1, 1) == (after["Series"], after["SeriesRetired"])

    @pytest.mark.parametrize("operation", ["DescribeDBSnapshots", "DescribeDBClusterSnapshots"])
    def test_an_incomplete_look_counts_no_series(
        self, aws: Sandbox, expiring: Function, operation: str
    ) -> None:
        """A family that cannot be listed is not a family that is gone."""
        aws.fault(operation, code="AccessDenied", status=403)
        after = metrics_of(expiring.invoke(EXPIRE))

        assert set() == {"Series", "SeriesRetired", "MostBackupsOfOneDay"} & set(after)


class Meanwhile(Hook):
    """Somebody does something after the n-th answer of an operation to an account."""

    def __init__(
        self, operation: str, account: str, do: Callable[[], None], after: int = 1
    ) -> None:
        """Wait for it."""
        self._operation, self._account, self._do, self._left = operation, account, do, after

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Do it once."""
        del answer
        if (call.operation, call.account) == (self._operation, self._account):
            self._left -= 1
            if self._left == 0:
                self._do()


DESCRIBE = {"instance": "DescribeDBSnapshots", "cluster": "DescribeDBClusterSnapshots"}


@pytest.mark.parametrize("kind", ["instance", "cluster"])
@pytest.mark.parametrize("which", ["the newest", "those to stay", "those to go", "the oldest"])
@pytest.mark.parametrize("pages", [1, 2], ids=["after the listing", "between two pages"])
def test_the_floor_is_judged_on_what_is_there_now(
    aws: Sandbox, kind: Kind, which: str, pages: int
) -> None:
    """Ten are there, five are kept, and a person deletes four in the middle of the look."""
    add(aws, kind)
    for number in range(10, 0, -1):
        forged(aws, kind, NIGHT - number * DAY, created_at=NIGHT - number * DAY)
    if pages == 2:
        aws.backup.limits.manual[kind] = 500
        for number in range(101):
            aws.add_snapshot(aws.backup, kind, f"by-hand-{number}")
    ten = backups(aws)
    chosen = {
        "the newest": ten[-4:],
        "those to stay": ten[5:9],
        "those to go": ten[1:5],
        "the oldest": ten[:4],
    }[which]

    def delete() -> None:
        for row in chosen:
            aws.remove_snapshot(aws.backup, kind, row.identifier)

    expiring = Function(aws, aws.backup_environment(BACKUPS_TO_KEEP="5"))
    aws.hooks.append(Meanwhile(DESCRIBE[kind], aws.backup.id, delete))
    expiring.invoke(EXPIRE)

    assert 5 == len(backups(aws))
    expiring.invoke(EXPIRE)
    assert 5 == len(backups(aws))


@pytest.mark.parametrize("kind", ["instance", "cluster"])
def test_a_first_day_that_a_person_deletes_meanwhile_leaves_its_place_to_the_next(
    aws: Sandbox, kind: Kind
) -> None:
    """Friday to Sunday and a whole week are there; Friday's goes after the listing."""
    add(aws, kind)
    for number in range(10, 0, -1):
        forged(aws, kind, NIGHT - number * DAY, created_at=NIGHT - number * DAY)
    friday, saturday, _, monday, *_ = backups(aws)

    def delete() -> None:
        aws.remove_snapshot(aws.backup, kind, friday.identifier)

    expiring = Function(aws, aws.backup_environment(BACKUPS_TO_KEEP="5", KEEP_WEEKLY="2"))
    aws.hooks.append(Meanwhile(DESCRIBE[kind], aws.backup.id, delete))
    expiring.invoke(EXPIRE)

    left = [row.identifier for row in backups(aws)]
    assert [saturday.identifier, monday.identifier] == left[:2]
    assert 7 == len(left)


def test_a_listing_of_many_minutes_still_lets_old_backups_go(aws: Sandbox) -> None:
    """What is acted on is read again: how long the listing took is no reason to keep all."""
    add(aws, "instance")
    for number in range(4, 0, -1):
        forged(aws, "instance", NIGHT - number * DAY, created_at=NIGHT - number * DAY)
    slow = Meanwhile(DESCRIBE["instance"], aws.backup.id, lambda: aws.clock.advance(minutes=2))
    aws.hooks.append(slow)
    expiring = Function(aws, aws.backup_environment(BACKUPS_TO_KEEP="2"))

    assert "completed" == expiring.invoke(EXPIRE).outcome
    assert 2 == len(backups(aws))


def test_a_reading_older_than_a_minute_is_not_acted_on(aws: Sandbox) -> None:
    """The filtered listing of what goes and what stays takes two minutes, once."""
    add(aws, "instance")
    for number in range(4, 0, -1):
        forged(aws, "instance", NIGHT - number * DAY, created_at=NIGHT - number * DAY)
    slow = Meanwhile(
        DESCRIBE["instance"], aws.backup.id, lambda: aws.clock.advance(seconds=61), after=2
    )
    aws.hooks.append(slow)
    before = len(aws.calls)
    expiring = Function(aws, aws.backup_environment(BACKUPS_TO_KEEP="2"))

    assert "completed" == expiring.invoke(EXPIRE).outcome
    looks = [c.operation for c in aws.calls[before:] if c.operation == DESCRIBE["instance"]]
    assert 4 == len(looks)  # the listing, the slow reading, and both once more
    assert 2 == len(backups(aws))


@pytest.mark.parametrize("keep", [120, 99, 100])
def test_a_floor_of_more_names_than_a_listing_may_have_is_read_in_several(
    aws: Sandbox, keep: int
) -> None:
    """1.7b: BACKUPS_TO_KEEP may be more than a hundred, and the floor is read all the same."""
    add(aws, "instance")
    aws.backup.limits.manual["instance"] = 500
    first = NIGHT - 200 * DAY
    for number in range(keep + 3):
        when = first + number * DAY
        forged(aws, "instance", when, created_at=when + HOUR)
    before = len(aws.calls)
    expiring = Function(aws, aws.backup_environment(BACKUPS_TO_KEEP=str(keep)))

    assert "completed" == expiring.invoke(EXPIRE).outcome
    assert keep == len(backups(aws))
    asked = [f["Values"] for c in aws.calls[before:] for f in c.params.get("Filters", ())]
    assert all(len(values) <= 100 for values in asked)


class TestForgedTags:
    """What RDS itself says counts for more than a tag that the source account writes."""

    @pytest.fixture
    def source(self, aws: Sandbox) -> Function:
        """The function, and a database with a night of its own."""
        add(aws, "instance")
        return Function(aws, aws.environment(DB_ID="orders", MAX_SNAPSHOT_AGE_HOURS="36"))

    def test_old_data_under_a_young_tag_is_old(self, aws: Sandbox, source: Function) -> None:
        """A snapshot of 1 January, copied on 20 March under the tag of that night (1.16b)."""
        january = datetime(2026, 1, 1, 2, 0, tzinfo=UTC)
        march = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
        aws.clock.move_to(march + HOUR)
        forged(aws, "instance", march, created_at=march + HOUR, taken_at=january)
        entry = source.invoke(STATUS).entry("orders")

        assert "stale" == entry["state"]
        assert entry["age_hours"] > 78 * 24
        assert "says that its data is of 2026-03-20" in entry["reason"]
        assert "but RDS says 2026-01-01" in entry["reason"]
        assert "CloudTrail" in entry["reason"]

    def test_a_copy_from_another_account_s_snapshot_is_not_verified(
        self, aws: Sandbox, source: Function
    ) -> None:
        """One source account cannot write into the series of another (1.16)."""
        aws.clock.move_to(NIGHT)
        forged(
            aws,
            "instance",
            NIGHT - HOUR,
            source_arn=f"arn:aws:rds:{aws.region}:444444444444:snapshot:rds-backup-orders",
        )
        result = source.invoke(STATUS).result
        assert result
        (entry,) = result["databases"]

        assert (None, 0) == (entry["backup"], entry["backups_kept"])
        assert "unverified" == entry["backups"][0]["condition"]

    def test_attempts_used_up_by_such_copies_are_told_as_what_they_are(
        self, aws: Sandbox, source: Function
    ) -> None:
        """Not as backups under another key, which they are not."""
        taken = NIGHT - HOUR
        aws.clock.move_to(taken)
        aws.take_automated("orders")
        for attempt in (1, 2, 3):
            forged(
                aws,
                "instance",
                taken,
                attempt,
                source_arn=f"arn:aws:rds:{aws.region}:444444444444:snapshot:rds-backup-orders",
            )
        entry = source.at(NIGHT, BACKUP).entry("orders")

        assert "blocked" == entry["state"]
        assert "was copied from account 444444444444 in eu-west-1" in entry["reason"]

    def test_a_flood_of_one_day_is_told(self, aws: Sandbox) -> None:
        """More than two good copies of one series in a day is nobody's schedule."""
        add(aws, "instance")
        aws.clock.move_to(NIGHT)
        expiring = Function(aws, aws.backup_environment())
        forged(aws, "instance", NIGHT - 5 * DAY, created_at=NIGHT - 4 * DAY)
        assert 1 == metrics_of(expiring.invoke(EXPIRE))["MostBackupsOfOneDay"]
        for number in range(1, 8):
            forged(aws, "instance", NIGHT - DAY, number, created_at=NIGHT - number * HOUR / 2)
        assert 6 == metrics_of(expiring.invoke(EXPIRE))["MostBackupsOfOneDay"]

    def test_places_that_a_flood_uses_up_are_told(self, aws: Sandbox) -> None:
        """Of the family where it is most; nothing where the quota cannot be read."""
        aws.backup.limits.manual["instance"] = 80
        expiring = Function(aws, aws.backup_environment())
        for number in range(60):
            if number == 50:  # half of the default quota: until then, RDS is not asked
                assert 50 == metrics_of(expiring.invoke(EXPIRE))["PlacesUsedPercent"]
                assert "DescribeAccountAttributes" not in {c.operation for c in aws.calls}
            aws.add_snapshot(aws.backup, "instance", f"junk-{number}")
        assert 75 == metrics_of(expiring.invoke(EXPIRE))["PlacesUsedPercent"]
        aws.fault("DescribeAccountAttributes", code="AccessDenied", status=403)
        done = expiring.invoke(EXPIRE)
        assert "PlacesUsedPercent" not in metrics_of(done)
        assert done.error is None


@pytest.mark.parametrize("extra", [{}, {"databases": ["orders"]}])
def test_a_scheduled_event_that_asks_for_a_plan_starts_nothing(
    aws: Sandbox, function: Function, extra: dict[str, Any]
) -> None:
    """It is taken at its word."""
    add(aws, "instance")
    automated(aws)
    event = {"source": "aws.events", "detail-type": "Scheduled Event", "action": "plan", **extra}
    done = function.at(NIGHT, event)

    assert [] == mutations(aws)
    assert done.result
    assert ["copy"] == [a["action"] for a in done.result["actions"]]


class Late(Hook):
    """Answers on whom a snapshot is shared with, as they were before, so many times."""

    def __init__(self, times: int, *instead: str) -> None:
        """What they say instead."""
        self._times, self._instead = times, list(instead)

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Be late."""
        if "SnapshotAttribute" not in call.operation or self._times == 0:
            return
        self._times -= 1
        (result,) = answer.values()
        (attributes,) = (v for v in result.values() if isinstance(v, list))
        attributes[0]["AttributeValues"] = list(self._instead)


@pytest.fixture
def to_share(aws: Sandbox, function: Function, kind: Kind, switches: Switches) -> Function:
    """The function, and a shared copy of ``orders`` that is ready to be shared.

    Where RDS refuses to share twice (3.9), the answer to the first call is lost: so it does.
    """
    add(aws, kind)
    automated(aws)
    function.at(NIGHT, BACKUP)
    aws.clock.advance(minutes=30)
    if switches.share_repeat == "refuse":
        aws.lose_answer("ModifyDB*SnapshotAttribute")
    return function


REPEATS = [Switches(share_repeat="idempotent"), Switches(share_repeat="refuse")]


@pytest.mark.parametrize("switches", REPEATS, ids=lambda s: s.share_repeat)
@pytest.mark.parametrize("kind", ["instance", "cluster"])
@pytest.mark.parametrize("instead", [(), ("333333333333",), ("222222222222", "333333333333")])
def test_a_sharing_answer_that_is_late_once_accuses_nobody(
    aws: Sandbox, to_share: Function, instead: tuple[str, ...]
) -> None:
    """It is read again before anything is concluded from it."""
    aws.hooks.append(Late(1, *instead))
    done = to_share.invoke(BACKUP)

    assert done.error is None
    assert "ModifyDBSnapshotAttribute" not in str(done.logs)
    assert [aws.backup.id] == [a for row in shared_copies(aws) for a in row.shared_with]
    assert 1 == len(backups(aws))


@pytest.mark.parametrize("switches", REPEATS, ids=lambda s: s.share_repeat)
@pytest.mark.parametrize("kind", ["instance", "cluster"])
def test_sharing_that_does_not_show_is_tried_again_and_accuses_nobody(
    aws: Sandbox, to_share: Function
) -> None:
    """As long as no answer shows the backup account, nothing is copied, and nobody is blamed."""
    late = Late(-1)
    aws.hooks.append(late)
    entry = to_share.invoke(BACKUP).entry("orders")

    assert "unknown" == entry["state"]
    assert "does not yet list" in entry["reason"]
    assert [] == backups(aws)
    aws.hooks.remove(late)
    assert to_share.at(aws.clock.now + TICK, BACKUP).error is None
    assert 1 == len(backups(aws))


@pytest.mark.parametrize("kind", ["instance", "cluster"])
def test_sharing_that_is_refused_for_another_reason_is_blocked_whatever_is_late(
    aws: Sandbox, to_share: Function
) -> None:
    """Only a refusal that says that it is shared already is waited out."""
    words = "Snapshots encrypted with the default Amazon RDS encryption key cannot be shared."
    aws.fault("ModifyDB*SnapshotAttribute", code="InvalidParameterValue", message=words)
    entry = to_share.invoke(BACKUP).entry("orders")

    assert "blocked" == entry["state"]
    assert words in entry["reason"]


@pytest.mark.parametrize("switches", REPEATS, ids=lambda s: s.share_repeat)
@pytest.mark.parametrize("kind", ["instance", "cluster"])
def test_a_snapshot_that_is_shared_with_another_is_unshared_and_told(
    aws: Sandbox, to_share: Function, kind: Kind
) -> None:
    """Two answers say so: that is no lag."""
    (shared,) = shared_copies(aws)
    aws.change_snapshot(aws.source, kind, shared.identifier, shared_with={"333333333333"})
    entry = to_share.invoke(BACKUP).entry("orders")

    assert "blocked" == entry["state"]
    assert "333333333333" in entry["reason"]
    assert [] == [a for row in shared_copies(aws) for a in row.shared_with]
