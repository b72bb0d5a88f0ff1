"""Whether a night's copies fit into a day: by what is exact, and by what the last nights show."""

from collections.abc import Iterable
from copy import replace
from datetime import datetime, timedelta

import pytest

from rds_backup.check.answer import Answer, Level
from rds_backup.check.facts import Facts
from rds_backup.check.throughput import of_throughput
from rds_backup.model.decisions import Owned, Series
from rds_backup.model.identity import STARTED_AT
from rds_backup.model.inventory import Database, Kind, Lane, Side
from rds_backup.model.settings import Settings
from tests.support import making
from tests.support.asked import one
from tests.support.made_facts import NOW, SETTINGS, database, facts, undatabased, unlisted, world
from tests.support.making import DAY, HOUR

CLUSTERS, INSTANCES = "a night of cluster copies", "a night of instance copies"
MINUTE = timedelta(minutes=1)
THE_FIRST_RUN = making.NIGHT.replace(hour=3, minute=0, second=0, microsecond=0)
UNTOLD = "RDS does not say how long a copy takes"


def clusters(count: int) -> list[Database]:
    """So many that are selected, by names that sort."""
    return [database(f"c{number:03}", Kind.CLUSTER) for number in range(count)]


def at(item: Owned, moment: datetime) -> Owned:
    """The same, asked for at a moment."""
    tags = {**item.snapshot.tags, STARTED_AT: moment.isoformat()}
    return item._replace(snapshot=item.snapshot._replace(tags=tags))


def handed(
    of: Iterable[Database],
    every: timedelta,
    first: datetime = THE_FIRST_RUN,
    taken: datetime = making.NIGHT,
    together: int = 5,
    series: Series | None = None,
) -> list[Owned]:
    """Backups of one night, asked for so many at a time, one time after the other."""
    return [
        at(
            making.backup(making.point(taken, d.identifier, d.kind, series)),
            first + every * (1 + number // together),
        )
        for number, d in enumerate(of)
    ]


def made(
    of: Iterable[Database],
    backups: Iterable[Owned] = (),
    shared: Iterable[Owned] = (),
    settings: Settings = SETTINGS,
    now: datetime = NOW + 20 * HOUR,
) -> Facts:
    """What is read of these at the end of the night."""
    return replace(facts(world(*of, backups=backups, shared=shared), settings), now=now)


def said(of: Facts, question: str = CLUSTERS) -> Answer:
    """The answer on one family."""
    return one(of_throughput(of), question, "throughput")


class TestWhatIsExact:
    """The databases, the places, and the copies in flight."""

    def test_where_each_has_a_place_none_waits(self) -> None:
        """However long a copy takes."""
        five = clusters(5)
        slow = handed(five, 20 * HOUR)
        running = [making.shared(making.point(database="x", kind=Kind.CLUSTER), word="creating")]
        found = said(made(five, slow, running))

        fact = (
            "5 selected; 5 at once, in flight 1 here and 0 in the backup account; "
            "none waits for a place"
        )
        assert (Level.PASS, fact, None) == (found.level, found.fact, found.fix)

    def test_each_family_that_is_backed_up_has_its_own_answer(self) -> None:
        """What cannot be copied waits for nothing."""
        graph = database("graph", Kind.CLUSTER, "neptune")

        assert [INSTANCES] == [a.question for a in of_throughput(made([database(), graph]))]
        both = made([database(), *clusters(1)])
        assert [INSTANCES, CLUSTERS] == [a.question for a in of_throughput(both)]

    @pytest.mark.parametrize("side", Side)
    def test_what_could_not_be_listed_is_not_taken_for_none(self, side: Side) -> None:
        """In either account."""
        seen = unlisted(world(*clusters(6)), Lane(side, Kind.CLUSTER))
        found = said(facts(seen))

        assert Level.WARN is found.level
        assert found.fact.startswith("cannot tell: cannot list")
        nobody = undatabased(world(database(), *clusters(6)), Kind.CLUSTER)
        assert [INSTANCES] == [a.question for a in of_throughput(facts(nobody))]


class TestTheFirstNight:
    """Nothing is known of a copy before one was begun, and little before one has ended."""

    def test_before_it_the_room_is_told(self) -> None:
        """500 clusters in five places: 24 h x 5 / 500."""
        found = said(made(clusters(500)))

        assert (
            Level.WARN,
            f"ask again some hours after the first copies have started: {UNTOLD}",
        ) == (
            found.level,
            found.fix,
        )
        assert found.fact == (
            "cannot tell yet: 500 selected; 5 at once, in flight 0 here and 0 in the backup "
            "account; 14 min for both copies of each would fill a day"
        )

    def under_way(self, minutes: int) -> Answer:
        """Five of 500 are copied, for so long."""
        many = clusters(500)
        begun = NOW - minutes * MINUTE
        running = [
            at(
                making.shared(making.point(database=d.identifier, kind=d.kind), word="creating"),
                begun,
            )
            for d in many[:5]
        ]
        return said(made(many, shared=running, now=NOW))

    def test_copies_under_way_tell_the_least(self) -> None:
        """As soon as that is too long, it is said."""
        assert self.under_way(14).fact.startswith("cannot tell yet: ")
        found = self.under_way(30)

        assert Level.FAIL is found.level
        assert (
            "in flight 5 here and 0 in the backup account; no second copy started yet; under way "
            f"for 30 min and longer: at least 50.0 h for all, of 24 ({UNTOLD}); too late: c240, "
            "c241, c242 and 257 more"
        ) in found.fact


class TestWhatTheLastNightsShow:
    """As many hand-overs later as there are places, a place has seen another database through."""

    def test_a_night_that_fits(self) -> None:
        """100 clusters, five each 40 minutes: 20 times."""
        many = clusters(100)
        found = said(made(many, handed(many, 40 * MINUTE)))

        assert (Level.PASS, None) == (found.level, found.fix)
        assert found.fact.endswith(
            "; of 95 that waited in 3 days, each took a place for 40 min on average: about 13.3 h "
            f"for all, of 24 ({UNTOLD})"
        )

    def test_a_night_that_nearly_does_not_fit_is_a_warning(self) -> None:
        """From 80 percent of a day on."""
        many = clusters(100)

        assert Level.PASS is said(made(many, handed(many[:60], 57 * MINUTE))).level
        warned = said(made(many, handed(many[:60], 58 * MINUTE)))
        assert (Level.WARN, True) == (warned.level, "about 19.3 h for all" in warned.fact)
        assert Level.WARN is said(made(many, handed(many[:60], 72 * MINUTE))).level
        assert Level.FAIL is said(made(many, handed(many[:60], 73 * MINUTE))).level

    def test_a_night_that_does_not_fit_names_the_first_that_are_too_late(self) -> None:
        """500 clusters at 108 minutes; those that are protected the longest go first."""
        many = clusters(500)
        found = said(made(many, handed(many[:50], 108 * MINUTE)))

        assert Level.FAIL is found.level
        # 66 of 500 in a day: the 440 without a backup come first.
        assert found.fact.endswith(
            f"about 180.0 h for all, of 24 ({UNTOLD}); too late: c116, c117, c118 and 431 more"
        )
        assert found.fix == (
            "raise MAX_CLUSTER_COPIES if RDS lets both accounts run more at once (what it refuses "
            "is queued), select fewer, or give some an account and a deployment of their own"
        )

    def test_the_places_are_those_of_the_family(self) -> None:
        """As the settings say."""
        more = replace(SETTINGS, max_copies={Kind.INSTANCE: 20, Kind.CLUSTER: 10})
        many = clusters(100)
        found = said(made(many, handed(many[:50], HOUR, together=10), settings=more))

        assert "10 at once" in found.fact
        assert "about 10.0 h" in found.fact

    def test_the_wait_before_the_first_run_is_no_copy(self) -> None:
        """Snapshots of 02:00 wait for 03:00, and those of noon for the next night."""
        six = clusters(6)
        one_by_one = [
            *handed(six[:3], 30 * MINUTE),
            *handed(six[3:], 30 * MINUTE, taken=making.NIGHT - 14 * HOUR),
        ]
        found = said(made(six, one_by_one[:4], now=NOW + 3 * HOUR))

        assert (
            "none waited; the second copy started within 30 min on average: about 0.6 h"
            in found.fact
        )

    def test_where_no_run_is_known_the_snapshot_was_the_beginning(self) -> None:
        """Then what is told is more."""
        six = clusters(6)
        unknown = replace(SETTINGS, schedule=None)
        found = said(made(six, handed(six[:4], 30 * MINUTE), settings=unknown))

        assert "the second copy started within 89 min on average" in found.fact

    def test_a_tick_may_have_begun_it_before_the_next_run(self) -> None:
        """It was handed over before that run."""
        six = clusters(6)
        noon = making.NIGHT + 10 * HOUR
        found = said(made(six, handed(six[:4], 30 * MINUTE, first=noon, taken=noon)))

        assert "the second copy started within 30 min on average" in found.fact

    def test_a_shared_copy_that_is_still_there_tells_its_own_beginning(self) -> None:
        """By its tag."""
        six = clusters(6)
        points = [making.point(database=d.identifier, kind=d.kind) for d in six[:4]]
        shared = [at(making.shared(p), THE_FIRST_RUN + 20 * MINUTE) for p in points]
        found = said(made(six, handed(six[:4], 30 * MINUTE), shared))

        assert "the second copy started within 10 min on average" in found.fact

    def test_the_hours_between_two_nights_are_no_wait(self) -> None:
        """The first of each night have free places."""
        many = clusters(10)
        nights = [
            backup
            for n in range(2)
            for backup in handed(many, 30 * MINUTE, THE_FIRST_RUN - n * DAY, making.NIGHT - n * DAY)
        ]
        found = said(made(many, nights))

        assert "of 10 that waited in 3 days, each took a place for 30 min" in found.fact

    def test_a_second_attempt_is_no_second_hand_over(self) -> None:
        """The first one says when the shared copy had ended."""
        many = clusters(10)
        again = [
            at(making.backup(b.point, attempt=2), THE_FIRST_RUN + 9 * HOUR)
            for b in handed(many, 30 * MINUTE)
        ]
        found = said(made(many, [*again, *handed(many, 30 * MINUTE)]))

        assert "of 5 that waited in 3 days, each took a place for 30 min" in found.fact

    def test_what_was_longer_ago_does_not_count(self) -> None:
        """Limits are raised, and databases go."""
        many = clusters(10)
        old = handed(many, 9 * HOUR, THE_FIRST_RUN - 3 * DAY, making.NIGHT - 3 * DAY)

        assert said(made(many, old, now=NOW + 20 * HOUR)).fact.startswith("cannot tell yet")


class TestManySourceAccounts:
    """Their copies in the backup account go through the same places."""

    def test_their_databases_count(self) -> None:
        """Five here have five places, and five elsewhere wait for the same."""
        five = clusters(5)
        theirs = [
            at(
                making.backup(
                    making.point(
                        database=d.identifier,
                        kind=d.kind,
                        of=Series("333333333333", making.REGION, d.resource_id),
                    )
                ),
                THE_FIRST_RUN + 2 * HOUR,
            )
            for d in five
        ]
        found = said(made(five, [*handed(five, HOUR), *theirs]))

        assert found.fact.startswith("5 selected, 5 of other source accounts; 5 at once")
        assert "of 5 that waited in 3 days, each took a place for 60 min" in found.fact
        assert "about 2.0 h for all" in found.fact
