"""What rests on names alone, and when a family is worth a whole look."""

from datetime import timedelta

import pytest

from rds_backup.decide.backup import decide_backup
from rds_backup.decide.plan import Plan
from rds_backup.decide.under_way import waited_for
from rds_backup.inputs.environment import from_env
from rds_backup.model.decisions import HandOver, Owned, State
from rds_backup.model.identity import KMS_KEY, identifier
from rds_backup.model.inventory import Kind, Lane, Listing, Side
from rds_backup.model.world import Learned, Selection, World
from tests.support import making
from tests.support.making import DAY, HOUR, NIGHT, backup, listing, point, shared

OURS, THERE = (Lane(side, Kind.INSTANCE) for side in Side)
SETTINGS = from_env(
    {
        "DB_TAG": "backup",
        "SOURCE_ACCOUNT": making.SOURCE,
        "KMS_KEY_ID": making.SHARING_KEY,
        "BACKUP_ACCOUNT": making.BACKUP,
        "BACKUP_ACCOUNT_ROLE": f"arn:aws:iam::{making.BACKUP}:role/rds-backup-writer",
        "MAX_INSTANCE_COPIES": "3",
        "MAX_ATTEMPTS": "2",
    }
)
NOW = NIGHT + 2 * HOUR
NEW = point(NIGHT)
OLD = point(NIGHT - DAY)


def on_names(*here: Owned, there: tuple[Owned, ...] = (), lane: Lane = OURS) -> Plan:
    """What a tick decides that has read these, at two hours past the night."""
    names = waited_for({lane: listing(*here)}, SETTINGS)[lane.kind]
    named = Listing(listing(*there).snapshots, frozenset(names))
    world = World(
        Selection((), ()),
        frozenset(),
        {},
        {lane: listing(*here), Lane(Side.BACKUP, lane.kind): named},
        making.SHARING_KEY,
        making.BACKUP_KEY,
    )
    return decide_backup(world, Learned(), SETTINGS, frozenset(), NOW)


def test_every_attempt_of_an_available_copy_is_waited_for() -> None:
    """A reading by name is complete for its names; a copy that runs waits for nothing there."""
    running = shared(OLD, word="creating")
    found = waited_for({OURS: listing(shared(NEW, 2), running)}, SETTINGS)
    expected = {identifier(making.PREFIX, NEW, number) for number in (1, 2)}
    assert {Kind.INSTANCE: expected} == found


def test_an_available_copy_is_handed_over_as_the_next_attempt() -> None:
    """Names tell which attempts there were."""
    plan = on_names(shared(), there=(backup(word="failed"),))
    assert [HandOver(shared(), 2)] == list(plan.starts)
    assert not plan.looks


def test_a_copy_whose_backup_is_verified_goes() -> None:
    """That needs no more than the backup's own name."""
    plan = on_names(shared(), there=(backup(),))
    assert [(shared(), backup())] == [(d.shared, d.backup) for d in plan.deletes]
    assert not plan.looks
    assert not plan.expires


def test_a_copy_under_way_is_waited_for() -> None:
    """In either account."""
    for plan in (
        on_names(shared(word="creating")),
        on_names(shared(), there=(backup(word="creating"),)),
    ):
        (subject,) = plan.subjects
        assert [State.IN_PROGRESS] == [d.state for d in subject.decisions]
        assert plan.quiet
        assert not plan.looks


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ((shared(word="failed"),), ()),
        ((shared(key=making.OTHER_KEY),), ()),
        ((shared(OLD), shared(NEW)), ()),
        ((shared(OLD), shared(NEW)), (backup(NEW),)),
    ],
    ids=["dead", "another key", "gives way", "abandoned"],
)
def test_what_rests_on_complete_listings_is_worth_a_look_and_not_done(
    here: tuple[Owned, ...], there: tuple[Owned, ...]
) -> None:
    """Giving way, abandoning, leftovers, another attempt: nothing of it is decided on names."""
    plan = on_names(*here, there=there)
    assert frozenset({Kind.INSTANCE}) == plan.looks
    assert all(d.backup for d in plan.deletes)
    assert all(start.shared.point == NEW for start in plan.starts if isinstance(start, HandOver))


def test_what_can_go_no_further_is_worth_none() -> None:
    """Attempts used up, a key that RDS ignores, data of the day before yesterday."""
    dead = tuple(shared(NEW, number, "failed") for number in (1, 2))
    asked = {KMS_KEY: making.SHARING_KEY}
    plain = shared(NEW, key=making.OTHER_KEY)
    ignored = plain._replace(
        snapshot=plain.snapshot._replace(tags={**plain.snapshot.tags, **asked})
    )
    for plan in (
        on_names(*dead),
        on_names(ignored),
        on_names(shared(point(NIGHT - 2 * DAY), word="failed")),
    ):
        assert plan.quiet
        assert not plan.looks


class TestAPlaceForWhatIsQueued:
    """A whole look fills every place: nothing is queued where they were never all taken."""

    def looks(self, *here: Owned) -> bool:
        """Whether it is worth a look."""
        return bool(on_names(*here).looks)

    def copies(self, *words: str) -> tuple[Owned, ...]:
        """Copies of as many databases."""
        return tuple(
            shared(point(NIGHT, f"db-{number}"), word=word) for number, word in enumerate(words)
        )

    def test_fewer_copies_than_places_kept_nobody_waiting(self) -> None:
        """Three places, two copies."""
        assert not self.looks(*self.copies("creating", "available"))

    def test_a_place_that_has_become_free_may_be_waited_for(self) -> None:
        """Three places, three copies, of which one has ended."""
        assert not self.looks(*self.copies("creating", "creating", "creating"))
        assert self.looks(*self.copies("creating", "creating", "available"))

    def test_no_more_than_may_be_open(self) -> None:
        """Eight are, with three places in each account."""
        assert self.looks(*self.copies(*["available"] * 7))
        assert not self.looks(*self.copies(*["available"] * 8))

    def test_others_copies_of_the_last_day_may_have_kept_somebody_waiting(self) -> None:
        """They count where they run, and are there when they have ended."""
        (mine, *others) = self.copies("creating", "available", "available")
        anybody = [o._replace(snapshot=o.snapshot._replace(tags={})) for o in others]
        assert self.looks(mine, *anybody)
        made = NOW - timedelta(days=2)
        old = [o._replace(snapshot=o.snapshot._replace(created_at=made)) for o in anybody]
        assert not self.looks(mine, *old)
