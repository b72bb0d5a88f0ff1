"""The places for manual snapshots: who has them, how many are needed, and until when they last."""

from collections.abc import Iterable
from copy import replace

import pytest

from rds_backup.check.answer import Answer, Level
from rds_backup.check.places import of_places
from rds_backup.model.decisions import Owned
from rds_backup.model.inventory import Database, Kind, Lane, Side, Snapshot
from rds_backup.model.world import World
from tests.support import handed_out, making
from tests.support.asked import BACKUP, SOURCE, one, pasted
from tests.support.made_facts import (
    DENIED,
    SETTINGS,
    by_hand,
    database,
    facts,
    undatabased,
    unlisted,
    unread,
    with_places,
    world,
)

INSTANCES, CLUSTERS = "places for instance snapshots", "places for cluster snapshots"
RAISE = "raise the quota in Service Quotas, delete snapshots that nobody needs, or keep fewer"
TWO = (database(), database("more"))
BOTH = world(database(), database("billing", Kind.CLUSTER))
ON = {Side.SOURCE: SOURCE, Side.BACKUP: BACKUP}


class TestWhich:
    """Each family that is backed up has its quota in each account."""

    @pytest.mark.parametrize("side", Side)
    def test_each_family_has_its_own(self, side: Side) -> None:
        """What one uses is none of the other's."""
        quotas = {
            Lane(s, k): (n, 100) for n, (s, k) in enumerate((s, k) for s in Side for k in Kind)
        }
        found = of_places(replace(facts(BOTH), quotas=quotas), side)

        first = 0 if side is Side.SOURCE else 2
        assert [(INSTANCES, f"{first} of"), (CLUSTERS, f"{first + 1} of")] == [
            (a.question, a.fact[:4]) for a in found
        ]

    @pytest.mark.parametrize("side", Side)
    def test_a_family_that_is_not_backed_up_needs_none(self, side: Side) -> None:
        """What cannot be copied is a failure of its own."""
        neptune = world(database(), database("graph", Kind.CLUSTER, "neptune"))

        assert [INSTANCES] == [a.question for a in of_places(facts(neptune), side)]

    @pytest.mark.parametrize("side", Side)
    def test_one_whose_databases_were_not_seen_may_need_some(self, side: Side) -> None:
        """Nothing is known of it but what is used."""
        found = [*of_places(facts(undatabased(world(), Kind.CLUSTER)), side)]
        answer = one(found, CLUSTERS)

        assert Level.PASS is one(found, INSTANCES).level
        assert (ON[side], Level.WARN) == (answer.about, answer.level)
        expected = "cannot tell: 0 of 100 used; cannot list clusters: Throttling: Rate exceeded"
        assert expected == answer.fact

    def test_where_the_role_leads_nowhere_nothing_is_said_of_it(self) -> None:
        """No quota was asked for there."""
        made = facts()
        here = {lane: q for lane, q in made.quotas.items() if lane.side is Side.SOURCE}

        assert [] == [*of_places(replace(made, quotas=here), Side.BACKUP)]
        assert [INSTANCES] == [
            a.question for a in of_places(replace(made, quotas=here), Side.SOURCE)
        ]

    @pytest.mark.parametrize(
        ("side", "into"),
        [(Side.SOURCE, handed_out.TO_FUNCTION), (Side.BACKUP, handed_out.TO_BACKUP_ROLE)],
    )
    def test_quotas_that_may_not_be_read_get_the_statement(self, side: Side, into: str) -> None:
        """For the role of that account."""
        made = facts()
        denied = {**made.quotas, Lane(side, Kind.INSTANCE): DENIED}
        (answer,) = of_places(replace(made, quotas=denied), side)

        assert (ON[side], Level.WARN) == (answer.about, answer.level)
        assert answer.fact.startswith("cannot tell: DescribeThings")
        assert [(into, handed_out.QUOTAS)] == pasted(answer)

    @pytest.mark.parametrize("side", Side)
    @pytest.mark.parametrize(
        "seen",
        [
            unlisted(world(), Lane(Side.BACKUP, Kind.INSTANCE)),
            unlisted(world(), Lane(Side.SOURCE, Kind.INSTANCE)),
            replace(world(), automated={Kind.INSTANCE: unread()}),
            replace(world(), backup_key=unread()),
        ],
        ids=["backups", "shared copies", "automated", "key"],
    )
    def test_what_could_not_be_read_is_no_full_account(self, seen: World, side: Side) -> None:
        """A throttle of anything that it rests on is a warning, with used and most."""
        lane = Lane(side, Kind.INSTANCE)
        full = replace(facts(seen), quotas={lane: (4, 4)})
        (answer,) = of_places(full, side)

        assert Level.WARN is answer.level
        assert answer.fact.startswith("cannot tell: 4 of 4 used; cannot list")


class TestInTheSourceAccount:
    """A database has one shared copy at most, which is gone once its backup is verified."""

    def asked(self, most: int, *shared: Owned | Snapshot, of: Iterable[Database] = ()) -> Answer:
        """What is said where these are there."""
        made = with_places(facts(world(*of, shared=shared)), most, Side.SOURCE)
        return one(of_places(made, Side.SOURCE), INSTANCES, SOURCE)

    def test_foreign_ours_and_needed_are_told_apart(self) -> None:
        """One for each database."""
        found = self.asked(100, making.shared(), by_hand(), by_hand("two"), of=TWO)

        fact = "3 of 100 used: 2 foreign, 1 ours; needed for ours: 2"
        assert (Level.PASS, fact, None) == (found.level, found.fact, found.fix)

    def test_an_account_that_is_full_makes_no_copy(self) -> None:
        """Of other people's snapshots."""
        found = self.asked(1, by_hand())

        assert (Level.FAIL, f"{RAISE}: no copy can be made") == (found.level, found.fix)
        assert Level.PASS is self.asked(2, by_hand()).level

    def test_too_few_places_for_all_at_once_is_a_warning(self) -> None:
        """One database after the other still gets its copy."""
        found = self.asked(2, by_hand(), of=TWO)

        fix = f"{RAISE}: only 1 of the 2 databases can have a copy at once"
        assert (Level.WARN, fix) == (found.level, found.fix)
        assert Level.PASS is self.asked(3, by_hand(), of=TWO).level

    def test_with_increments_an_instance_needs_one_more_for_its_base(self) -> None:
        """A cluster has none; where places are lacking, bases give way, and nothing is lost."""
        on = SETTINGS._replace(incremental=True)
        seen = world(*TWO, database("billing", Kind.CLUSTER), shared=[making.shared()])
        made = facts(seen, on)
        found = [*of_places(with_places(made, 4, Side.SOURCE), Side.SOURCE)]
        told = "of them for bases of the next copies (INCREMENTAL)"
        fact = f"1 of 4 used: 0 foreign, 1 ours; needed for ours: 4, 2 {told}"
        assert (Level.PASS, fact) == (one(found, INSTANCES).level, one(found, INSTANCES).fact)
        assert one(found, CLUSTERS).fact.endswith("needed for ours: 1")
        few = one(of_places(with_places(made, 3, Side.SOURCE), Side.SOURCE), INSTANCES, SOURCE)
        fix = f"{RAISE}: where no place is left, bases are deleted, and those copies are full"
        assert (Level.WARN, fix) == (few.level, few.fix)

    def test_a_copy_under_way_is_the_one_that_is_needed(self) -> None:
        """It goes once it is done."""
        for word in ("available", "creating"):
            assert Level.PASS is self.asked(1, making.shared(word=word)).level

    def test_our_own_failed_copies_are_in_the_way(self) -> None:
        """They stay for now."""
        assert Level.FAIL is self.asked(1, making.shared(word="failed")).level

    def test_a_copy_of_a_database_that_left_has_its_place(self) -> None:
        """It may be finished yet; tonight's copies cannot count on it."""
        found = self.asked(1, making.shared(making.point(database="gone")))

        assert (Level.FAIL, "1 of 1 used: 0 foreign, 1 ours; needed for ours: 1") == (
            found.level,
            found.fact,
        )

    def test_nobody_counts_less_than_none(self) -> None:
        """RDS may not count yet what is listed already."""
        lane = Lane(Side.SOURCE, Kind.INSTANCE)
        made = replace(facts(world(shared=[making.shared()])), quotas={lane: (0, 100)})
        (found,) = of_places(made, Side.SOURCE)

        assert found.fact.startswith("0 of 100 used: 0 foreign, 1 ours")
