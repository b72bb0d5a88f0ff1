"""Which shared copy stays as the base of the next copy, and when it goes (INCREMENTAL)."""

from copy import replace

import pytest

from rds_backup.decide.backup import decide_backup
from rds_backup.decide.plan import Plan
from rds_backup.decide.under_way import surely_worth_a_look, waited_for
from rds_backup.inputs.environment import from_env
from rds_backup.model.decisions import CopyAutomated, HandOver, Owned, Point, Problem, State
from rds_backup.model.inventory import Database, Kind, Lane, Listing, Side
from rds_backup.model.world import Learned, Selection, World
from rds_backup.report.from_plan import said_of_backup
from tests.support import making
from tests.support.making import DAY, HOUR, NIGHT, automated, backup, listing, point, shared

OURS, THERE = (Lane(side, Kind.INSTANCE) for side in Side)
ENVIRONMENT = {
    "DB_TAG": "backup",
    "SOURCE_ACCOUNT": making.SOURCE,
    "KMS_KEY_ID": making.SHARING_KEY,
    "BACKUP_ACCOUNT": making.BACKUP,
    "BACKUP_ACCOUNT_ROLE": f"arn:aws:iam::{making.BACKUP}:role/rds-backup-writer",
    "MAX_INSTANCE_COPIES": "3",
    "MAX_ATTEMPTS": "2",
    "INCREMENTAL": "true",
}
SETTINGS = from_env(ENVIRONMENT)
OLD, NEW = point(NIGHT - DAY), point(NIGHT)
NOW = NIGHT + 2 * HOUR
ORDERS = (making.database(),)
OLD_BILLING = point(NIGHT - DAY, "billing")


def planned(  # noqa: PLR0913 - one keyword a fact
    here: tuple[Owned, ...],
    there: tuple[Owned, ...],
    *,
    selected: tuple[Database, ...] = ORDERS,
    nights: tuple[Point, ...] = (OLD, NEW),
    of: Kind = Kind.INSTANCE,
    learned: Learned | None = None,
    settings: dict[str, str] | None = None,
    key: str | Problem = making.SHARING_KEY,
) -> Plan:
    """What a whole look decides that sees these, and these nights' automated snapshots."""
    world = World(
        Selection(selected, ()),
        frozenset(),
        {of: tuple(automated(_of(night, d)) for d in selected for night in nights)},
        {Lane(Side.SOURCE, of): listing(*here), Lane(Side.BACKUP, of): listing(*there)},
        key,
        making.BACKUP_KEY,
    )
    chosen = from_env(ENVIRONMENT | (settings or {}))
    return decide_backup(world, learned or Learned(), chosen, frozenset(), NOW)


def _of(night: Point, of: Database) -> Point:
    return point(night.taken_at, of.identifier, of.kind)


def on_names(here: tuple[Owned, ...], there: tuple[Owned, ...]) -> tuple[Plan, World]:
    """What a tick decides that has read these."""
    names = waited_for({OURS: listing(*here)}, SETTINGS)[Kind.INSTANCE]
    named = Listing(listing(*there).snapshots, frozenset(names))
    world = World(
        Selection((), ()),
        frozenset(),
        {},
        {OURS: listing(*here), THERE: named},
        making.SHARING_KEY,
        making.BACKUP_KEY,
    )
    return decide_backup(world, Learned(), SETTINGS, frozenset(), NOW), world


def bases(plan: Plan) -> list[Owned]:
    """What stays as a base."""
    return [base for subject in plan.subjects for base in subject.bases]


def gone(plan: Plan) -> list[tuple[Owned, Owned | None]]:
    """What is deleted, and on the strength of which backup."""
    return [(d.shared, d.backup) for d in plan.deletes]


def test_the_shared_copy_of_the_newest_verified_backup_stays() -> None:
    """The next copy is of what has changed since."""
    plan = planned((shared(NEW),), (backup(OLD), backup(NEW)))
    assert ([shared(NEW)], []) == (bases(plan), gone(plan))
    assert plan.quiet


def test_a_base_does_not_hold_up_the_next_point() -> None:
    """It is done; and it is there until the next one's backup is verified."""
    for word in ("creating", "failed", "available"):
        plan = planned((shared(OLD), shared(NEW, word=word)), (backup(OLD),))
        assert [shared(OLD)] == bases(plan)
        assert shared(OLD) not in [d.shared for d in plan.deletes]
    (start,) = planned((shared(OLD),), (backup(OLD),)).starts
    assert isinstance(start, CopyAutomated)
    assert NEW.source_arn == start.point.source_arn


def test_a_base_goes_once_a_newer_backup_is_verified_and_rests_on_that_one() -> None:
    """Its own may have expired by then, with BACKUPS_TO_KEEP=1, or be about to."""
    plan = planned((shared(OLD), shared(NEW)), (backup(OLD), backup(NEW)))
    assert ([shared(NEW)], [(shared(OLD), backup(NEW))]) == (bases(plan), gone(plan))
    assert ["a newer backup is verified"] == [d.why for d in plan.deletes]
    expired = planned((shared(OLD), shared(NEW)), (backup(NEW),))
    assert [shared(OLD)] == [d.shared for d in expired.deletes]
    assert [shared(NEW)] == bases(expired)


@pytest.mark.parametrize(
    "why",
    [
        {"settings": {"INCREMENTAL": "false"}},
        {"selected": ()},
        {"key": making.OTHER_KEY},
    ],
    ids=["off", "not selected", "another key"],
)
def test_a_base_that_serves_nothing_goes(why: dict[str, object]) -> None:
    """Increments are off, its database is deselected or gone, KMS_KEY_ID is another."""
    plan = planned((shared(NEW),), (backup(NEW),), **why)  # type: ignore[arg-type]
    assert ([], [(shared(NEW), backup(NEW))]) == (bases(plan), gone(plan))


def test_a_base_does_not_hide_that_there_is_no_automated_snapshot() -> None:
    """It is said as without a base; the base stays for the next one."""
    plan = planned((shared(NEW),), (backup(NEW),), nights=())
    (decision,) = plan.subjects[0].decisions
    name = backup(NEW).snapshot.identifier
    assert f"{name} is verified; there is no automated snapshot now" == decision.reason
    assert [shared(NEW)] == bases(plan)


def test_the_base_is_of_the_newest_backup_and_not_of_the_newest_automated_snapshot() -> None:
    """NEW's automated snapshot was deleted since."""
    plan = planned((shared(OLD), shared(NEW)), (backup(OLD), backup(NEW)), nights=(OLD,))
    assert ([shared(NEW)], [(shared(OLD), backup(NEW))]) == (bases(plan), gone(plan))


def test_a_key_that_cannot_be_told_lets_no_base_go() -> None:
    """What cannot be read is not another key."""
    unread = Problem(State.UNKNOWN, "throttled")
    plan = planned((shared(NEW),), (backup(NEW),), key=unread)
    assert ([shared(NEW)], []) == (bases(plan), gone(plan))


def test_a_cluster_has_no_base() -> None:
    """RDS copies clusters in full, always (2.30)."""
    night = point(NIGHT, kind=Kind.CLUSTER)
    plan = planned(
        (shared(night),),
        (backup(night),),
        selected=(making.database(kind=Kind.CLUSTER),),
        of=Kind.CLUSTER,
    )
    assert ([], [shared(night)]) == (bases(plan), [d.shared for d in plan.deletes])


@pytest.mark.parametrize(
    ("attempts", "stays"),
    [
        ((shared(NEW, 1, "failed"), shared(NEW, 2)), 2),
        ((shared(NEW, 1, key=making.OTHER_KEY), shared(NEW, 2)), 2),
        ((shared(NEW, 1), shared(NEW, 2)), 2),
        ((shared(NEW, 9), shared(NEW, 10)), 10),
        ((shared(NEW, 1, "failed"),), None),
    ],
    ids=["a failed one", "under another key", "two good ones", "ten", "none"],
)
def test_one_good_copy_stays_at_most(attempts: tuple[Owned, ...], stays: int | None) -> None:
    """Available, under KMS_KEY_ID, the last that was completed."""
    plan = planned(attempts, (backup(NEW),))
    assert [stays] * (stays is not None) == [base.attempt for base in bases(plan)]
    assert len(attempts) - len(bases(plan)) == len(plan.deletes)


def test_of_two_points_of_one_time_one_has_the_base() -> None:
    """A database that was renamed lists its automated snapshot under either name."""
    twin = replace(NEW, source_arn=f"{NEW.source_arn}-renamed")
    plan = planned((shared(NEW), shared(twin)), (backup(NEW), backup(twin)))
    assert (1, 1) == (len(bases(plan)), len(plan.deletes))


def test_a_base_whose_backup_a_person_deleted_is_handed_over_again() -> None:
    """It heals while nothing newer is verified; what newer data has passed goes."""
    (start,) = planned((shared(NEW),), (backup(OLD),)).starts
    assert HandOver(shared(NEW), 1) == start
    passed = planned((shared(OLD), shared(NEW)), (backup(NEW),))
    assert not passed.starts
    assert [shared(OLD)] == [d.shared for d in passed.deletes]


class TestOnNames:
    """What a tick knows of bases."""

    def test_a_base_is_no_work_and_is_not_told_of(self) -> None:
        """However old it is: what is stale is for the nightly window to say."""
        for night in (NEW, OLD, point(NIGHT - 9 * DAY)):
            plan, world = on_names((shared(night),), (backup(night),))
            assert plan.quiet
            assert not plan.looks
            said = said_of_backup(plan, world, Learned(), SETTINGS, NOW)
            assert () == said.entries

    def test_the_base_before_goes_with_the_tick_that_sees_the_next(self) -> None:
        """And the database is told of, since something was done for it."""
        here, there = (shared(OLD), shared(NEW)), (backup(OLD), backup(NEW))
        plan, world = on_names(here, there)
        assert [(shared(OLD), backup(NEW))] == gone(plan)
        assert not plan.looks
        after, _ = on_names(here[1:], there[1:])
        done = Learned(done=[{"resource_id": NEW.series.resource_id, "action": "delete"}])
        (entry,) = said_of_backup(after, world, done, SETTINGS, NOW).entries
        name = backup(NEW).snapshot.identifier
        assert (State.PROTECTED, f"{name} is verified") == (entry.state, entry.reason)

    def test_the_copy_after_a_base_is_waited_for(self) -> None:
        """As without one."""
        plan, _ = on_names((shared(OLD), shared(NEW)), (backup(OLD),))
        assert [HandOver(shared(NEW), 1)] == list(plan.starts)

    def test_bases_take_no_place_and_hide_nobody_who_waits(self) -> None:
        """Three places: ten bases are no reason to look; three copies beside them are."""
        names = [f"db-{number}" for number in range(10)]
        old = tuple(shared(point(OLD.taken_at, name)) for name in names)
        there = tuple(backup(point(OLD.taken_at, name)) for name in names)
        assert not on_names(old, there)[0].looks
        new = tuple(
            shared(point(NIGHT, name), word=word)
            for name, word in zip(names, ("available", "creating", "creating"), strict=False)
        )
        assert on_names((*old, *new), there)[0].looks

    @pytest.mark.parametrize(("kind", "looks"), [(Kind.INSTANCE, False), (Kind.CLUSTER, True)])
    def test_the_listing_alone_tells_nothing_of_bases(self, kind: Kind, *, looks: bool) -> None:
        """As many available copies as places: all may be bases, those of clusters not."""
        there = (shared(point(NIGHT, f"db-{number}", kind)) for number in range(6))
        assert looks is surely_worth_a_look(kind, listing(*there), SETTINGS, NOW)

    def test_a_point_that_took_a_day_lets_the_newest_start(self) -> None:
        """Known by the base before it, which goes; a base of yesterday's alone says nothing."""
        late, before = point(NOW - 26 * HOUR), point(NOW - 50 * HOUR)
        here, there = (shared(before), shared(late)), (backup(before), backup(late))
        assert on_names(here, there)[0].looks
        assert not on_names(here[1:], there[1:])[0].looks


class TestWithoutAPlace:
    """An account whose places are all taken, by bases too."""

    WAITS = planned((shared(OLD),), (backup(OLD),), learned=Learned(crowded={OURS}))

    def test_the_base_of_what_waits_gives_way(self) -> None:
        """Else nothing would ever be copied again; its copy is then a full one."""
        assert ([], [(shared(OLD), backup(OLD))]) == (bases(self.WAITS), gone(self.WAITS))

    def test_other_bases_stay(self) -> None:
        """Those of databases that are done."""
        billing = (making.database(), making.database("billing"))
        here, there = (shared(NEW), shared(OLD_BILLING)), (backup(NEW), backup(OLD_BILLING))
        plan = planned(here, there, selected=billing, learned=Learned(crowded={OURS}))
        assert ([shared(NEW)], [shared(OLD_BILLING)]) == (
            bases(plan),
            [d.shared for d in plan.deletes],
        )

    def test_others_give_way_where_what_waits_has_none(self) -> None:
        """As many as wait: a new database is not left without a backup."""
        names = ("a", "b", "c")
        done = [point(NIGHT, name) for name in names]
        plan = planned(
            tuple(map(shared, done)),
            tuple(map(backup, done)),
            selected=tuple(map(making.database, (*names, "new"))),
            learned=Learned(crowded={OURS}),
        )
        assert (2, 1) == (len(bases(plan)), len(plan.deletes))

    def test_none_gives_way_while_a_copy_will_make_room(self) -> None:
        """An open shared copy ends with the deletion of a base."""
        billing = point(NIGHT, "billing")
        plan = planned(
            (shared(OLD), shared(billing, word="creating")),
            (backup(OLD),),
            selected=(making.database(), making.database("billing")),
            learned=Learned(crowded={OURS}),
        )
        assert shared(OLD) in bases(plan)
