"""The last look before a deletion: each way in which the world may have changed stops it."""

from collections.abc import Callable
from copy import replace
from datetime import timedelta

import pytest

from rds_backup.apply.guard import FRESH, GuardError, floor_holds, fresh, not_needed, unchanged
from rds_backup.model import identity
from rds_backup.model.decisions import DeleteShared, Owned
from rds_backup.model.inventory import Kind, Snapshot
from rds_backup.model.proof import Proof
from rds_backup.model.settings import Rules
from tests.support.making import (
    BACKUP,
    BACKUP_KEY,
    DAY,
    HOUR,
    MARKER,
    NIGHT,
    OTHER_KEY,
    SHARING_KEY,
    SOURCE,
    VAULT,
    automated,
    backup,
    point,
    series,
    shared,
)


@pytest.mark.parametrize("age", [timedelta(0), timedelta(seconds=1), timedelta(seconds=60)])
def test_a_reading_of_the_last_60_seconds_is_fresh(age: timedelta) -> None:
    """Long enough for a page of deletions."""
    assert fresh(NIGHT, NIGHT + age)


@pytest.mark.parametrize(
    "age", [timedelta(seconds=60, milliseconds=1), HOUR, DAY, -timedelta(seconds=1), -DAY]
)
def test_an_older_reading_or_one_from_the_future_is_not_acted_on(age: timedelta) -> None:
    """A run that stalled, or a clock that was set back, looks again."""
    assert FRESH == timedelta(seconds=60)
    assert not fresh(NIGHT, NIGHT + age)


def look(planned: Owned, there: Snapshot, account: str = BACKUP) -> None:
    """The check of what is there now against what was decided on."""
    unchanged(planned, there, account, MARKER)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize(
    "word", ["available", "failed", "incompatible-restore", "incompatible-parameters"]
)
def test_what_is_as_it_was_may_go(word: str, kind: Kind) -> None:
    """Ours, deletable, and the very one: nothing is raised."""
    expired = backup(point(kind=kind), word=word)
    look(expired, expired.snapshot)
    served = shared(point(kind=kind), word=word)
    look(served, served.snapshot, SOURCE)


def test_what_changes_by_itself_stops_nothing() -> None:
    """Progress is no identity."""
    planned = backup(word="failed")
    look(planned, replace(planned.snapshot, percent=99))


def tagged(snapshot: Snapshot, **tags: str) -> Snapshot:
    """With other tags of ours; an underscore stands for a hyphen."""
    ours = {f"rds-backup:{k.replace('_', '-')}": v for k, v in tags.items()}
    return replace(snapshot, tags={**snapshot.tags, **ours})


NOT_OURS: dict[str, Snapshot] = {
    "no marker": replace(
        backup().snapshot,
        tags={k: v for k, v in backup().snapshot.tags.items() if k != identity.MANAGED_BY},
    ),
    "no tags": replace(backup().snapshot, tags={}),
    "another prefix": tagged(backup().snapshot, managed_by="rds"),
    "another backup account": tagged(backup().snapshot, backup_account="333333333333"),
    "another series": tagged(backup().snapshot, resource_id="db-RECREATED"),
    "another point": tagged(backup().snapshot, taken_at="2026-03-03T02:00:30.250Z"),
    "another attempt": tagged(backup().snapshot, attempt="2"),
    "another name": replace(backup().snapshot, identifier="before-the-migration"),
    "another kind": replace(backup().snapshot, kind=Kind.CLUSTER),
    "automated": replace(backup().snapshot, type="automated"),
    "made by AWS Backup": replace(backup().snapshot, type="awsbackup"),
    "the automated snapshot itself": automated(),
    "in another account": shared().snapshot,
}


@pytest.mark.parametrize("there", NOT_OURS.values(), ids=list(NOT_OURS))
def test_what_is_not_ours_stays(there: Snapshot) -> None:
    """Marker and prefix and series and account: each alone is enough to stop."""
    with pytest.raises(GuardError, match="is no longer ours"):
        look(backup(), there)


@pytest.mark.parametrize("word", ["creating", "copying", "deleting", "deleted", "a-word-of-2030"])
def test_what_is_neither_available_nor_dead_stays(word: str) -> None:
    """A copy under way may be the one that somebody waits for."""
    planned = backup()
    with pytest.raises(GuardError, match=f"is {word} now"):
        look(planned, replace(planned.snapshot, word=word))


REPLACED: dict[str, tuple[Owned, Snapshot]] = {
    "failed then, good now": (backup(word="failed"), backup().snapshot),
    "good then, failed now": (backup(), backup(word="failed").snapshot),
    "under another key": (backup(), replace(backup().snapshot, kms_key=OTHER_KEY)),
    "made at another time": (
        backup(),
        replace(backup().snapshot, created_at=NIGHT + 2 * HOUR),
    ),
    "a person said keep": (backup(), tagged(backup().snapshot, keep="")),
    "started again": (backup(), tagged(backup().snapshot, started_at="2026-03-02T05:00:00.000Z")),
    "a tag of the database's gone": (backup(tags={"team": "data"}), backup().snapshot),
    "the next attempt": (backup(attempt=1), backup(attempt=2).snapshot),
    "the next night": (backup(), backup(point(NIGHT + DAY)).snapshot),
    "of another database": (
        backup(),
        backup(point(of=replace(series(), resource_id="db-RECREATED"))).snapshot,
    ),
}


@pytest.mark.parametrize(("planned", "there"), REPLACED.values(), ids=list(REPLACED))
def test_what_has_taken_the_place_of_what_was_decided_on_stays(
    planned: Owned, there: Snapshot
) -> None:
    """Run A plans to delete a failed copy and stalls; run B replaces it; A wakes."""
    with pytest.raises(GuardError, match="is not the snapshot that the decision was about"):
        look(planned, there)


def test_a_proof_that_was_written_meanwhile_stops_nothing() -> None:
    """A drill may end between the look and the deletion: it is the same backup."""
    proof = Proof(NIGHT + 2 * HOUR, 40, "overdue").as_tags
    proven = backup(tags=proof).snapshot
    look(backup(), proven)
    look(backup(tags=proof), backup().snapshot)
    need(SERVED, proven)


def test_what_has_no_creation_time_is_not_there_yet() -> None:
    """1.15: RDS may call it available before it is whole."""
    with pytest.raises(GuardError, match="is available now"):
        look(backup(), replace(backup().snapshot, created_at=None))


def nights(count: int) -> list[Owned]:
    """The backups of so many nights, newest first."""
    return [backup(point(NIGHT - n * DAY)) for n in range(count)]


def floor(item: Owned, all_of: list[Owned], deleted: set[str], keep: int) -> None:
    """The check of what would be left, by a reading of all that has not been deleted since."""
    read = [b for b in all_of if b.snapshot.identifier not in deleted]
    floor_holds(item, read, Rules(keep, timedelta(0)), VAULT)


def test_the_floor_lets_go_what_is_beyond_n() -> None:
    """Three of five may go, one after the other, where two are kept."""
    five = nights(5)
    deleted: set[str] = set()
    for item in five[:1:-1]:
        floor(item, five, deleted, keep=2)
        deleted.add(item.snapshot.identifier)
    assert 3 == len(deleted)


def test_the_floor_lets_a_dead_copy_go() -> None:
    """It is nobody's backup, also where there are fewer than N."""
    dead = backup(point(NIGHT - 9 * DAY), word="failed")
    floor(dead, [dead, *nights(1)], set(), keep=7)


@pytest.mark.parametrize("existing", [1, 2, 3])
def test_the_floor_stops_at_min_of_n_and_existing(existing: int) -> None:
    """Whatever retention said: never fewer than min(N, existing) verified ones."""
    backups = nights(existing)
    with pytest.raises(
        GuardError, match=f"only {existing - 1} later days have a verified backup, not 3"
    ):
        floor(backups[-1], backups, set(), keep=3)


def test_the_floor_counts_days_and_not_backups() -> None:
    """A flood of one day is one day, whatever a listing of minutes ago made of it."""
    old = backup(point(NIGHT - 2 * DAY))
    flood = [backup(attempt=n, created_at=NIGHT + n * HOUR) for n in range(1, 9)]
    with pytest.raises(GuardError, match="only 1 later days have a verified backup, not 2"):
        floor(old, [old, *flood], set(), keep=2)
    floor(old, [old, *flood, backup(point(NIGHT - DAY))], set(), keep=2)


def test_the_floor_does_not_count_what_a_person_keeps() -> None:
    """Retention does not either: the nightly ones are kept besides."""
    old, *newer = nights(3)[::-1]
    kept = [replace(b, snapshot=tagged(b.snapshot, keep="")) for b in newer]
    with pytest.raises(GuardError, match="only 0 later days"):
        floor(old, [old, *kept], set(), keep=1)


def test_a_dead_copy_needs_one_verified_backup_besides() -> None:
    """Where none is verified, retention lets nothing go."""
    dead = backup(point(NIGHT - 9 * DAY), word="failed")
    name = dead.snapshot.identifier
    with pytest.raises(GuardError, match=f"^{name}: its series no longer has a verified backup$"):
        floor(dead, [dead, backup(key=OTHER_KEY)], set(), keep=1)


def test_the_floor_counts_what_was_deleted_since_the_listing() -> None:
    """The listing is the pass's; what the pass deleted is in it still."""
    five = nights(5)
    deleted = {b.snapshot.identifier for b in five[2:]}
    with pytest.raises(GuardError, match="only 1 later days have a verified backup, not 2"):
        floor(five[1], five, deleted, keep=2)


OTHER: dict[str, Callable[[Owned], Owned]] = {
    "under another key": lambda b: replace(b, snapshot=replace(b.snapshot, kms_key=OTHER_KEY)),
    "still copying": lambda b: replace(b, snapshot=replace(b.snapshot, word="creating")),
    "failed": lambda b: replace(b, snapshot=replace(b.snapshot, word="failed")),
    "in the source account": lambda b: shared(b.point),
    "of another resource id": lambda b: replace(
        b, snapshot=replace(b.snapshot, resource_id="db-RECREATED")
    ),
}


@pytest.mark.parametrize("other", OTHER.values(), ids=list(OTHER))
def test_the_floor_rests_on_verified_backups_only(other: Callable[[Owned], Owned]) -> None:
    """Ten that are not verified make no floor under one that is."""
    old, *rest = nights(11)[::-1]
    with pytest.raises(GuardError, match="only 0 later days"):
        floor(old, [old, *map(other, rest)], set(), keep=1)
    floor(old, [old, *map(other, rest[1:]), rest[0]], set(), keep=1)


def test_the_last_backup_of_a_series_is_never_deleted() -> None:
    """Not with a number to keep of zero either, which the settings refuse."""
    with pytest.raises(GuardError, match="only 0 later days have a verified backup"):
        floor(backup(), [backup()], set(), keep=0)


def test_the_floor_stops_at_the_first_day_that_is_left_of_a_period() -> None:
    """The tiers' own rule, on a fresh reading: a person has deleted the first meanwhile."""
    friday, saturday, sunday, monday = nights(4)[::-1]
    weekly = Rules(1, timedelta(0), weekly=2)
    floor_holds(saturday, [friday, saturday, sunday, monday], weekly, VAULT)
    name = saturday.snapshot.identifier
    words = f"^{name}: it is of the first day that is left of 2026-W09$"
    with pytest.raises(GuardError, match=words):
        floor_holds(saturday, [saturday, sunday, monday], weekly, VAULT)
    floor_holds(saturday, [saturday, monday], weekly._replace(weekly=1), VAULT)


def test_the_floor_asks_of_a_dead_copy_and_of_what_is_not_sound_no_first_day() -> None:
    """They hold none."""
    weekly = Rules(1, timedelta(0), weekly=2)
    for word, key in (("failed", BACKUP_KEY), ("available", SHARING_KEY)):
        old = backup(point(NIGHT - 9 * DAY), word=word, key=key)
        floor_holds(old, [old, backup()], weekly, VAULT)


def need(delete: DeleteShared, *there: Snapshot) -> None:
    """The check of the backup account, just read."""
    not_needed(delete, {s.identifier: s for s in there}, VAULT)


SERVED = DeleteShared(
    shared(), "its backup is verified", backup(), (backup(attempt=2).snapshot.identifier,)
)
GAVE_WAY = DeleteShared(
    shared(), "gave way", None, tuple(backup(attempt=n).snapshot.identifier for n in (1, 2, 3))
)


def test_a_shared_copy_may_go_when_its_backup_is_verified() -> None:
    """The shared copy outlives the copy made from it, and no longer."""
    need(SERVED, backup().snapshot)
    need(SERVED, backup().snapshot, backup(attempt=2, word="failed").snapshot)


UNSAFE: dict[str, list[Snapshot]] = {
    "nothing there": [],
    "still copying": [backup(word="creating").snapshot],
    "failed": [backup(word="failed").snapshot],
    "going": [backup(word="deleting").snapshot],
    "under another key": [replace(backup().snapshot, kms_key=OTHER_KEY)],
    "not encrypted": [replace(backup().snapshot, encryption="none", kms_key=None)],
    "in another account": [replace(backup().snapshot, arn=shared().snapshot.arn)],
    "of another resource id": [replace(backup().snapshot, resource_id="db-RECREATED")],
    "with other tags": [tagged(backup().snapshot, started_at="2026-03-02T05:00:00.000Z")],
    "no longer ours": [replace(backup().snapshot, tags={})],
    "another attempt only": [backup(attempt=3).snapshot],
}


@pytest.mark.parametrize("there", UNSAFE.values(), ids=list(UNSAFE))
def test_a_shared_copy_stays_without_its_verified_backup(there: list[Snapshot]) -> None:
    """What was verified a minute ago is looked at again."""
    with pytest.raises(GuardError, match=r"its backup (no longer exists|is no longer verified)"):
        need(SERVED, *there)


@pytest.mark.parametrize("word", ["creating", "copying", "a-word-of-2030"])
@pytest.mark.parametrize("delete", [SERVED, GAVE_WAY], ids=["served", "gave way"])
def test_a_shared_copy_stays_while_a_copy_of_it_runs(delete: DeleteShared, word: str) -> None:
    """Another run may have started one since: deleting the shared copy would kill it."""
    with pytest.raises(GuardError, match=f"is {word} in the backup account"):
        need(delete, backup().snapshot, backup(attempt=2, word=word).snapshot)


def test_a_point_that_gave_way_needs_no_backup() -> None:
    """Its failed attempts, or nothing at all, are no reason to keep the shared copy."""
    need(GAVE_WAY)
    need(GAVE_WAY, *(backup(attempt=n, word="failed").snapshot for n in (1, 2, 3)))
    need(GAVE_WAY, backup(attempt=4, word="creating").snapshot)


def test_a_guard_that_stops_names_the_snapshot() -> None:
    """The log says which one stayed."""
    name = shared().snapshot.identifier
    with pytest.raises(GuardError, match=f"^{name}: "):
        need(SERVED)
    with pytest.raises(GuardError, match=f"^{name} is no longer ours$"):
        look(shared(), automated(), SOURCE)
