"""Nights on which RDS throttles, since somebody else asks it without end: played on the sandbox.

Every request has to find a token of its account and Region (5.4), a retry's wait moves the clock,
and somebody else takes most of what comes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sandbox import Sandbox
from sandbox.serving.lambda_runtime import Function, Invocation
from sandbox.throttling import PER_SECOND, Throttle
from tests.support.playing import (
    BACKUP,
    NIGHT,
    RESUME,
    TICK,
    WINDOW,
    automated,
    backups,
    shared_copies,
)

FAMILY = 8
MINUTE = timedelta(minutes=1)


@contextmanager
def fleet() -> Iterator[tuple[Sandbox, Function]]:
    """Eight instances and eight clusters, before a night; five clusters are copied at once."""
    with Sandbox(start=NIGHT - timedelta(hours=2)) as aws:
        for number in range(FAMILY):
            aws.add_instance(f"i-{number}", tags={"backup": "nightly"})
            aws.add_cluster(f"c-{number}", tags={"backup": "nightly"})
        aws.copies.duration = 15 * MINUTE
        automated(aws)
        aws.clock.move_to(NIGHT)
        yield aws, Function(aws, aws.environment(DB_TAG="backup=nightly"))


def play(aws: Sandbox, function: Function, throttle: Throttle | None = None) -> list[Invocation]:
    """The ticks of three hours; at each, somebody else has just used up the burst."""
    met = []
    for number in range(18):
        when = NIGHT + number * TICK
        aws.clock.move_to(when)
        if throttle:
            throttle.drain(when)
        starts = number % 6 == 0 and number // 6 in WINDOW
        met.append(function.invoke(BACKUP if starts else RESUME))
    return met


def changes(aws: Sandbox) -> list[str]:
    """The changing calls that took effect, in order of their names."""
    return sorted(c.operation for c in aws.calls if c.mutating and c.error is None)


def test_a_night_beside_a_noisy_caller_is_a_night_like_any_other() -> None:
    """One token a second is left: each call may wait for its own, and no call is made twice.

    No storm: what is answered is what an undisturbed night asks, and each call is refused once at
    most.
    """
    with fleet() as (aws, function):
        play(aws, function)
        quiet, expected = len(aws.calls), changes(aws)
    with fleet() as (aws, function):
        throttle = Throttle(others=lambda *_: PER_SECOND - 1)
        aws.hooks.append(throttle)
        met = play(aws, function, throttle)

        assert [] == [done.error for done in met if done.error]
        assert 2 * FAMILY == len(backups(aws))
        assert [] == shared_copies(aws)
        assert expected == changes(aws)
        assert quiet == len(aws.calls) - throttle.refused
        assert quiet / 2 < throttle.refused < quiet


def test_one_throttled_minute_is_no_alarm() -> None:
    """The first run of the night meets it; the night is whole all the same.

    What is refused is asked for again, and less often than a whole night asks.
    """
    with fleet() as (aws, function):
        play(aws, function)
        quiet, expected = len(aws.calls), changes(aws)

    def somebody(_account: str, now: datetime) -> float:
        return 100 * PER_SECOND if now < NIGHT + MINUTE else 0.0

    with fleet() as (aws, function):
        throttle = Throttle(others=somebody)
        throttle.drain(NIGHT)
        aws.hooks.append(throttle)
        met = play(aws, function)

        assert [] == [done.error for done in met if done.error]
        assert 2 * FAMILY == len(backups(aws))
        assert [] == shared_copies(aws)
        assert expected == changes(aws)
        assert 0 < throttle.refused < quiet
