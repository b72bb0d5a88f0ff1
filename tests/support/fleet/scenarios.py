"""The fleets that are measured, and the day that each of them is played through.

The one place of what is assumed: how many databases, how long their copies take, when the
schedules fire.  No earlier night is played: the accounts are made as seven good nights leave them,
with an automated snapshot of every database that is an hour old.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from rds_backup.model.inventory import Kind, Lane, Side
from sandbox.clock import Clock, stopped
from tests.support.fleet.accounts import Accounts
from tests.support.fleet.deployed import Bill, Deployed
from tests.support.making import BACKUP, BACKUP_KEY, DAY, HOUR, REGION, SHARING_KEY, SOURCE

START = datetime(2026, 3, 9, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NIGHTS = 7
# As both templates have them; tests/docs/test_performance.py compares.
SCHEDULES = {
    "backup": "cron(0 3-9 * * ? *)",
    "resume": "rate(10 minutes)",
    "status": "rate(1 hour)",
    "expire": "rate(1 hour)",
}
PLACES = {Kind.INSTANCE: 20, Kind.CLUSTER: 5}
# The source account's quota is AWS's own; the backup account's has to be raised for such a fleet.
MOST = {Side.SOURCE: 100, Side.BACKUP: 20_000}
SEED = 20_260_309


class Scenario(NamedTuple):
    """A fleet: so many of each family, whose copies take between two numbers of minutes.

    ``by_id`` names the databases in ``DB_ID``; else they are chosen by a tag.
    """

    title: str
    instances: int
    clusters: int
    minutes: tuple[float, float]
    by_id: bool = False

    @property
    def databases(self) -> int:
        """All of them."""
        return self.instances + self.clusters

    @property
    def families(self) -> Mapping[Kind, int]:
        """How many there are of each family that there are any of."""
        many = {Kind.INSTANCE: self.instances, Kind.CLUSTER: self.clusters}
        return {kind: count for kind, count in many.items() if count}

    def copies(self) -> Mapping[Kind, Mapping[str, float]]:
        """How long a copy of each database takes: spread evenly by ratio, in a drawn order."""
        drawn = random.Random(SEED)  # noqa: S311 - an order, no secret
        return {
            kind: dict(zip(_names(kind, count), _spread(*self.minutes, count, drawn), strict=True))
            for kind, count in self.families.items()
        }


ONE = Scenario("1, by tag", 1, 0, (15, 15))
ONE_BY_ID = Scenario("1, by `DB_ID`", 1, 0, (15, 15), by_id=True)
TEN = Scenario("10", 5, 5, (10, 10))
HUNDRED = Scenario("100", 50, 50, (10, 10))
MIXED = Scenario("100, mixed copies", 50, 50, (15, 360))
THOUSAND = Scenario("1,000, mixed copies", 500, 500, (15, 360))
LARGEST = Scenario("3,000", 1500, 1500, (10, 10))
FLEETS = (ONE, ONE_BY_ID, TEN, HUNDRED, MIXED, THOUSAND)


class Day(NamedTuple):
    """What a fleet's day came to.

    ``pages`` are the calls of one listing of everything, ``verified`` how many databases of each
    family have a backup of the night after 24 hours, and ``left`` how many shared copies there are
    then.  ``ended`` are the minutes from the start to the last backup of a family, if all came.
    """

    scenario: Scenario
    bills: tuple[Bill, ...]
    pages: int
    verified: Mapping[Kind, int]
    ended: Mapping[Kind, float]
    left: int


def opened(scenario: Scenario, clock: Clock) -> Accounts:
    """The accounts with the fleet's databases, and no snapshot."""
    return Accounts(clock, scenario.copies(), PLACES, MOST)


def after_good_nights(scenario: Scenario, clock: Clock) -> Accounts:
    """The accounts as seven good nights leave them; the clock has to stand before the start."""
    accounts = opened(scenario, clock)
    for number in range(NIGHTS, 0, -1):
        at = START - number * DAY - HOUR
        accounts.a_night(at)
        accounts.backed_up(at)
    accounts.a_night(START - HOUR)
    return accounts


def deploy(scenario: Scenario, accounts: Accounts, **given: str) -> tuple[Deployed, Deployed]:
    """Both functions, as the templates have them: the source account's, and the one that expires.

    ``given`` are further variables of both.
    """
    theirs = {"AWS_REGION": REGION, "BACKUP_ACCOUNT": BACKUP, "BACKUP_KMS_KEY_ID": BACKUP_KEY}
    ours = {
        "SOURCE_ACCOUNT": SOURCE,
        "KMS_KEY_ID": SHARING_KEY,
        "BACKUP_ACCOUNT_ROLE": f"arn:aws:iam::{BACKUP}:role/rds-backup-writer",
        "EXPIRE_BACKUPS": "false",
    }
    chosen = {"DB_TAG": "backup=nightly"}
    if scenario.by_id:
        chosen = {"DB_ID": ",".join(scenario.copies()[Kind.INSTANCE])}
    return (
        Deployed(accounts, Side.SOURCE, theirs | ours | chosen | given),
        Deployed(accounts, Side.BACKUP, theirs | given),
    )


def ticks() -> Iterator[tuple[datetime, str]]:
    """Every invocation of a day.  Where two fall on one minute, ``resume`` comes first."""
    for hour in range(24):
        for minute in range(0, 60, 10):
            yield START + timedelta(hours=hour, minutes=minute), "resume"
            if minute == 0 and hour <= 6:  # 03:00 to 09:00
                yield START + timedelta(hours=hour), "backup"
            if minute == 30:
                yield START + timedelta(hours=hour, minutes=minute + 5), "status"
            if minute == 40:
                yield START + timedelta(hours=hour, minutes=minute + 5), "expire"


def play(scenario: Scenario) -> Day:
    """One day of the fleet; a night that could end within it is played to its end."""
    with stopped(START - DAY, running=False) as clock:
        accounts = after_good_nights(scenario, clock)
        function, expiring = deploy(scenario, accounts)
        pages = accounts.pages_of_all()

        def tick(when: datetime, action: str) -> Bill:
            clock.move_to(when)
            return (expiring if action == "expire" else function).invoke({"action": action})

        def verified() -> Mapping[Kind, int]:
            return {kind: accounts.copies_of(kind, START - HOUR) for kind in scenario.families}

        bills = tuple(tick(when, action) for when, action in ticks())
        in_time = verified()
        left = sum(len(accounts.manual[Lane(Side.SOURCE, kind)]) for kind in Kind)
        if max(bound(scenario, kind) for kind in scenario.families) < DAY / MINUTE:
            for when, action in ticks():
                if verified() == scenario.families:
                    break
                tick(when + DAY, action)
        ended = {
            kind: (accounts.ended[Lane(Side.BACKUP, kind)] - START) / MINUTE
            for kind, count in verified().items()
            if count == scenario.families[kind]
        }
        return Day(scenario, bills, pages, in_time, ended, left)


def look(scenario: Scenario) -> Bill:
    """One ``status`` of a fleet whose night is still to come."""
    with stopped(START - DAY, running=False) as clock:
        accounts = after_good_nights(scenario, clock)
        function, _ = deploy(scenario, accounts)
        clock.move_to(START - HOUR / 2)
        return function.invoke({"action": "status"})


def bound(scenario: Scenario, kind: Kind) -> float:
    """The fewest minutes from the start to the last backup of a family, whoever makes the copies.

    Every database is copied twice, one copy after the other, each in its account's places.  So it
    takes at least the longest pair of copies; and at least all copies of one account divided by
    its places, and the shortest copy, before which the backup account has nothing to copy.
    """
    copies = scenario.copies()[kind].values()
    return max(sum(copies) / PLACES[kind] + min(copies), 2 * max(copies))


def _names(kind: Kind, count: int) -> Sequence[str]:
    return [f"{kind}-{number:04}" for number in range(count)]


def _spread(least: float, most: float, count: int, drawn: random.Random) -> list[float]:
    times = [round(least * (most / least) ** ((n + 0.5) / count), 1) for n in range(count)]
    drawn.shuffle(times)
    return times
