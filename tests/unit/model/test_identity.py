"""Names and tags: a snapshot's tags reproduce its name, and anything else is not ours."""

import re
import time
from collections.abc import Callable, Iterator
from copy import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rds_backup.model import identity
from rds_backup.model.decisions import Owned, Point, Series
from rds_backup.model.inventory import Kind, Snapshot
from tests.support.making import (
    BACKUP,
    BACKUP_KEY,
    DAY,
    HOUR,
    MARKER,
    NIGHT,
    NOUN,
    PREFIX,
    REGION,
    SEARCH,
    SOURCE,
    automated,
    backup,
    point,
    series,
    shared,
)

LEGAL = re.compile(r"[a-z](?!.*--)[a-z0-9-]*[a-z0-9]", re.ASCII)  # rule 2.2
prefixes = st.from_regex(r"[a-z](-?[a-z0-9]){0,19}", fullmatch=True).filter(lambda p: len(p) <= 20)
databases = st.from_regex(r"[a-zA-Z](-?[a-zA-Z0-9]){0,62}", fullmatch=True).filter(
    lambda d: len(d) <= 63
)
attempts = st.integers(1, identity.LARGEST_ATTEMPT)
moments = st.datetimes(datetime(2010, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - hypothesis adds the zone
    lambda t: t.replace(microsecond=t.microsecond // 1000 * 1000)
)


@st.composite
def points(draw: st.DrawFn) -> Point:
    """A point of any database that RDS can have."""
    account = draw(st.from_regex(r"[0-9]{12}", fullmatch=True))
    region = draw(st.sampled_from(["eu-west-1", "us-gov-west-1", "ap-southeast-4"]))
    resource_id = "db-" + draw(st.from_regex(r"[A-Z0-9]{26}", fullmatch=True))
    kind = draw(st.sampled_from(list(Kind)))
    return point(draw(moments), draw(databases), kind, Series(account, region, resource_id))


@SEARCH
@given(prefixes, points(), attempts)
@example("a" * 20, point(database="b" * 63), 99)
@example("a" * 20, point(database="thirteen-char" + "-and-more"), 99)  # cut at a hyphen
@example("a", point(database="b"), 1)
@example("a", point(database="A--b-"), 1)  # no such name is legal
def test_an_identifier_is_legal_for_both_families(prefix: str, of: Point, attempt: int) -> None:
    """At most 63 of RDS's characters, whatever the prefix, the database and the attempt."""
    name = identity.identifier(prefix, of, attempt)
    assert len(name) <= identity.MAX_IDENTIFIER == 63
    assert LEGAL.fullmatch(name)


@SEARCH
@given(prefixes, points(), attempts)
def test_an_identifier_starts_with_the_prefix_and_ends_with_the_attempt(
    prefix: str, of: Point, attempt: int
) -> None:
    """IAM allows by the prefix; the time makes the list readable."""
    name = identity.identifier(prefix, of, attempt)
    assert name.startswith(f"{prefix}-{of.database[0].lower()}")
    assert re.search(rf"-{of.taken_at:%Y%m%d-%H%M}-[0-9a-f]{{10}}-{attempt}$", name)


@SEARCH
@given(points(), attempts)
def test_the_same_point_and_attempt_have_the_same_identifier(of: Point, attempt: int) -> None:
    """A call that is repeated meets "already exists" instead of making a second copy."""
    again = Point(of.series, of.kind, of.database, of.source_arn, of.taken_at)
    assert identity.identifier(PREFIX, of, attempt) == identity.identifier(PREFIX, again, attempt)


def test_an_identifier_is_the_same_in_every_release() -> None:
    """What an older release made is found again by a newer one."""
    assert identity.identifier(PREFIX, point(), 1) == (
        "rds-backup-orders-20260302-0200-d3a702f599-1"
    )


@pytest.mark.parametrize(
    ("database", "said"), [("Orders-EU", "orders-eu"), ("XeroX", "xerox"), ("A--b-", "a-b")]
)
def test_an_identifier_has_the_name_of_the_database_in_lower_case(database: str, said: str) -> None:
    """A person recognises it; no double or trailing hyphen comes from it (2.2)."""
    name = identity.identifier(PREFIX, point(database=database), 1)
    assert name.startswith(f"{PREFIX}-{said}-20260302-")


@pytest.fixture
def _another_time_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine nine hours ahead of UTC."""
    monkeypatch.setenv("TZ", "JST-9")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("_another_time_zone")
def test_an_identifier_is_the_same_in_every_time_zone() -> None:
    """What the function made is known to the command line on a person's machine."""
    assert "-20260302-0200-" in identity.identifier(PREFIX, point(), 1)


@pytest.mark.parametrize(
    "other",
    [
        replace(point(), series=replace(series(), account="333333333333")),
        replace(point(), series=replace(series(), region="us-east-1")),
        replace(point(), series=replace(series(), resource_id="db-RECREATED")),
        replace(point(), source_arn=point().source_arn + "x"),
        replace(point(), taken_at=NIGHT + timedelta(minutes=1)),
        replace(point(), database="billing"),
    ],
    ids=["account", "region", "resource-id", "source-arn", "minute", "database"],
)
def test_another_point_has_another_identifier(other: Point) -> None:
    """Also where database and minute are the same: the hash tells them apart."""
    assert identity.identifier(PREFIX, point(), 1) != identity.identifier(PREFIX, other, 1)


@SEARCH
@given(points(), points(), attempts, attempts)
def test_no_two_series_snapshots_or_attempts_share_an_identifier(
    one: Point, two: Point, first: int, second: int
) -> None:
    """An automated snapshot was taken once: its ARN and its series tell all points apart."""
    if (one.series, one.source_arn, first) != (two.series, two.source_arn, second):
        assert identity.identifier("p", one, first) != identity.identifier("p", two, second)


def found(of: Point, attempt: int, prefix: str = PREFIX, account: str = BACKUP) -> Snapshot:
    """What a listing shows of the copy made from this point."""
    return replace(
        backup(of, attempt).snapshot,
        identifier=identity.identifier(prefix, of, attempt),
        tags=identity.tags(
            identity.Marker(prefix, account), of, attempt, BACKUP_KEY, NIGHT, {"team": "data"}
        ),
    )


@SEARCH
@given(prefixes, points(), attempts)
def test_what_was_made_from_a_point_gives_the_point_back(
    prefix: str, of: Point, attempt: int
) -> None:
    """All state lives in RDS: names and tags are enough to go on."""
    snapshot = found(of, attempt, prefix)
    assert Owned(snapshot, of, attempt) == identity.owned(snapshot, identity.Marker(prefix, BACKUP))


@pytest.mark.parametrize("make", [shared, backup])
@pytest.mark.parametrize("word", ["available", "creating", "failed", "deleting", "never-seen"])
def test_ours_is_ours_in_either_account_and_in_every_status(
    make: Callable[..., Owned], word: str
) -> None:
    """A dead copy is the memory of its attempt: it is read like a good one."""
    mine = make(word=word)
    assert mine == identity.owned(mine.snapshot, MARKER)


@pytest.mark.parametrize(
    "tag",
    [
        identity.MANAGED_BY,
        identity.BACKUP_ACCOUNT,
        identity.RESOURCE_ID,
        identity.DATABASE,
        identity.SOURCE_SNAPSHOT,
        identity.TAKEN_AT,
        identity.ATTEMPT,
    ],
)
def test_without_one_of_the_tags_that_name_it_a_snapshot_is_not_ours(tag: str) -> None:
    """Half a set of tags is somebody's experiment, not our copy."""
    snapshot = backup().snapshot
    fewer = {k: v for k, v in snapshot.tags.items() if k != tag}
    assert identity.owned(replace(snapshot, tags=fewer), MARKER) is None


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        (identity.MANAGED_BY, "rds"),
        (identity.MANAGED_BY, "rds-backup-2"),
        (identity.MANAGED_BY, "RDS-BACKUP"),
        (identity.MANAGED_BY, ""),
        (identity.BACKUP_ACCOUNT, "333333333333"),
        (identity.BACKUP_ACCOUNT, SOURCE),
        (identity.RESOURCE_ID, "db-RECREATED"),
        (identity.RESOURCE_ID, "db-orders"),
        (identity.RESOURCE_ID, ""),
        (identity.DATABASE, "billing"),
        (identity.DATABASE, ""),
        (identity.SOURCE_SNAPSHOT, point(NIGHT + DAY).source_arn),
        (identity.SOURCE_SNAPSHOT, point().source_arn.replace(SOURCE, BACKUP)),
        (identity.SOURCE_SNAPSHOT, point().source_arn.replace(REGION, "us-east-1")),
        (identity.SOURCE_SNAPSHOT, point().source_arn.replace(":rds:", ":s3:", 1)),
        (identity.SOURCE_SNAPSHOT, point().source_arn.replace("snapshot", "cluster-snapshot")),
        (identity.SOURCE_SNAPSHOT, "rds:orders-2026-03-02-02-00"),
        (identity.SOURCE_SNAPSHOT, f"arn:aws:rds:{REGION}:{SOURCE}:db:orders"),
        (identity.SOURCE_SNAPSHOT, ""),
        (identity.TAKEN_AT, "2026-03-03T02:00:30.250Z"),
        (identity.TAKEN_AT, "2026-03-02T02:01:30.250Z"),
        (identity.TAKEN_AT, "2026-03-02T02:00:30.250"),
        (identity.TAKEN_AT, "2026-03-02T02:00:30Z"),
        (identity.TAKEN_AT, "2026-03-02T02:00:30.250+00:00"),
        (identity.TAKEN_AT, "2026-03-02T03:00:30.250+01:00"),
        (identity.TAKEN_AT, "2026-03-02"),
        (identity.TAKEN_AT, "yesterday"),
        (identity.TAKEN_AT, ""),
        (identity.TAKEN_AT, "0001-01-01T00:00:00+14:00"),
        (identity.TAKEN_AT, "9999-12-31T23:59:59-14:00"),
        (identity.ATTEMPT, "2"),
        (identity.ATTEMPT, "01"),
        (identity.ATTEMPT, "+1"),
        (identity.ATTEMPT, " 1"),
        (identity.ATTEMPT, "1.0"),
        (identity.ATTEMPT, "\N{FULLWIDTH DIGIT ONE}"),
        (identity.ATTEMPT, "one"),
        (identity.ATTEMPT, ""),
        (identity.ATTEMPT, "-1"),
        (identity.ATTEMPT, "9" * 256),
    ],
)
def test_with_one_tag_changed_a_snapshot_is_not_ours(tag: str, value: str) -> None:
    """Anybody may tag a snapshot: a tag that contradicts the name is not believed, nor an error."""
    snapshot = backup().snapshot
    changed = replace(snapshot, tags={**snapshot.tags, tag: value})
    assert identity.owned(changed, MARKER) is None


@pytest.mark.parametrize(
    "changed",
    [
        replace(backup().snapshot, type="automated"),
        replace(backup().snapshot, type="awsbackup"),
        replace(backup().snapshot, type="shared"),
        replace(backup().snapshot, type=""),
        replace(backup().snapshot, kind=Kind.CLUSTER),
        replace(backup().snapshot, identifier=backup(attempt=2).snapshot.identifier),
        replace(backup().snapshot, identifier=backup().snapshot.identifier.upper()),
        replace(backup().snapshot, identifier="before-the-migration"),
        replace(backup().snapshot, tags={}),
        automated(),
    ],
)
def test_with_another_type_kind_or_name_a_snapshot_is_not_ours(changed: Snapshot) -> None:
    """People's own snapshots are theirs, also those to which our tags were copied."""
    assert identity.owned(changed, MARKER) is None


@pytest.mark.parametrize(
    "lie",
    [
        replace(point(), source_arn=point().source_arn.replace(":rds:", ":s3:", 1)),
        replace(point(), source_arn=point(kind=Kind.CLUSTER).source_arn),
        replace(point(), source_arn=point().source_arn.replace(":snapshot:", ":db:")),
    ],
    ids=["of another service", "of the other family", "no snapshot"],
)
def test_a_name_made_for_what_is_no_source_snapshot_is_not_ours(lie: Point) -> None:
    """Whoever knows the recipe can make name and tags agree; they still have to make sense."""
    assert identity.owned(found(lie, 1), MARKER) is None


@pytest.mark.parametrize("prefix", ["rds", "rds-backup-2", "RDS-backup", ""])
def test_a_deployment_with_another_prefix_does_not_touch_ours(prefix: str) -> None:
    """The prefix is compared exactly, not as a beginning."""
    assert identity.owned(backup().snapshot, identity.Marker(prefix, BACKUP)) is None


def test_a_deployment_with_another_backup_account_does_not_touch_ours() -> None:
    """Two deployments may share a source account and a prefix by mistake."""
    assert identity.owned(backup().snapshot, identity.Marker(PREFIX, "333333333333")) is None


def test_ours_says_what_it_is_in_its_tags() -> None:
    """The tags of the design, in words that a person reads in the console."""
    made = identity.tags(MARKER, point(), 2, BACKUP_KEY, NIGHT + HOUR, {})
    assert {
        "rds-backup:managed-by": "rds-backup",
        "rds-backup:backup-account": BACKUP,
        "rds-backup:resource-id": "db-ORDERS",
        "rds-backup:database": "orders",
        "rds-backup:source-snapshot": point().source_arn,
        "rds-backup:taken-at": "2026-03-02T02:00:30.250Z",
        "rds-backup:started-at": "2026-03-02T03:00:30.250Z",
        "rds-backup:attempt": "2",
    }.items() <= made.items()
    assert all(name.startswith("rds-backup:") for name in made)


@SEARCH
@given(
    st.dictionaries(
        st.one_of(
            st.text("abAB:-", min_size=1, max_size=8),
            st.sampled_from(["aws:", "AWS:", "rds:", "Rds:", "rds-backup:", "RDS-Backup:"]).flatmap(
                lambda reserved: st.text("abk", max_size=3).map(lambda rest: reserved + rest)
            ),
            st.sampled_from([identity.MANAGED_BY, identity.KEEP, identity.TAKEN_AT]),
        ),
        st.text(max_size=5),
        max_size=80,
    )
)
def test_the_databases_tags_never_crowd_out_or_replace_ours(carried: dict[str, str]) -> None:
    """47 at most and ours first; reserved keys make the whole copy fail, in any case."""
    ours = identity.tags(MARKER, point(), 1, BACKUP_KEY, NIGHT, {})
    made = identity.tags(MARKER, point(), 1, BACKUP_KEY, NIGHT, carried)
    assert ours == dict(list(made.items())[: len(ours)])
    assert len(made) <= identity.MAX_TAGS == 47
    theirs = {k: v for k, v in made.items() if k not in ours}
    assert theirs.items() <= carried.items()
    assert not any(k.lower().startswith(("aws:", "rds:", "rds-backup:")) for k in theirs)
    legal = [k for k in carried if not k.lower().startswith(("aws:", "rds:", "rds-backup:"))]
    assert len(theirs) == min(len(legal), 47 - len(ours))


def test_a_database_with_60_tags_keeps_as_many_as_there_is_room_for() -> None:
    """The tags of the database are a service, ours are the state."""
    carried = {f"tag-{n:02}": str(n) for n in range(60)}
    made = identity.tags(MARKER, point(), 1, BACKUP_KEY, NIGHT, carried)
    assert 47 == len(made)
    assert 47 == sum(k.startswith("rds-backup:") for k in made) + sum(k in carried for k in made)
    assert identity.MANAGED_BY in made


def test_the_tags_that_find_no_room_are_known() -> None:
    """The last by alphabet; what is never carried along is not missed."""
    carried = {f"tag-{n:02}": str(n) for n in range(40)} | {
        "aws:x": "",
        "RDS-backup:keep": "",
        "zz": "",
    }
    made = identity.tags(MARKER, point(), 1, BACKUP_KEY, NIGHT, carried)
    assert ["tag-38", "tag-39", "zz"] == identity.crowded_out(carried)
    assert {"tag-38", "tag-39", "zz", "aws:x", "RDS-backup:keep"} == set(carried) - set(made)
    assert [] == identity.crowded_out({f"tag-{n:02}": "" for n in range(38)})


def test_a_point_has_no_more_precision_than_its_tags() -> None:
    """RDS may show microseconds, the tag has milliseconds: both have to be one point."""
    taken_at = datetime(2026, 3, 2, 2, 0, 59, 999_999, tzinfo=UTC)
    of = identity.point_of(automated(), series(), taken_at)
    assert (
        Point(
            series(),
            Kind.INSTANCE,
            "orders",
            point().source_arn,
            taken_at.replace(microsecond=999_000),
        )
        == of
    )
    mine = found(of, 1)
    assert Owned(mine, of, 1) == identity.owned(mine, MARKER)


@pytest.mark.parametrize("kind", Kind)
def test_the_source_snapshots_own_colon_does_not_confuse_its_arn(kind: Kind) -> None:
    """An automated snapshot's ARN ends in ``:rds:<name>`` (rules 1.19)."""
    of = point(kind=kind)
    assert f":{NOUN[kind]}:rds:orders-" in of.source_arn
    mine = backup(of)
    assert mine == identity.owned(mine.snapshot, MARKER)


def test_a_time_in_another_zone_is_the_same_moment_in_a_tag() -> None:
    """Tags are in UTC, whatever zone a client's times come in."""
    there = timezone(timedelta(hours=5, minutes=30))
    in_utc = identity.tags(MARKER, point(), 1, BACKUP_KEY, NIGHT, {})
    elsewhere = identity.tags(MARKER, point(), 1, BACKUP_KEY, NIGHT.astimezone(there), {})
    assert in_utc == elsewhere


@pytest.mark.parametrize(
    "attempt", ["0", "100", "1000000", "-1", "+1", "01", " 1", "1_0", "\u0661"]
)
def test_a_number_that_is_no_attempt_of_ours_is_not_ours(attempt: str) -> None:
    """Attempts are 1 to 99: names up to a look-alike's number would be made, and asked for."""
    of = point()
    number = int(attempt)
    there = found(of, 1)
    named = identity.identifier(PREFIX, of, number)
    odd = replace(there, identifier=named, tags={**there.tags, "rds-backup:attempt": attempt})
    assert identity.owned(odd, identity.Marker(PREFIX, BACKUP)) is None
