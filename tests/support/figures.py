"""How much the proofs play, as docs/explained/reliability.md states it.

``python -m tests.support.figures`` prints it, with ``PYTHONPATH=backup_function``.
"""

from sandbox.kinds import FAMILIES
from tests.proofs import (
    test_double_runs,
    test_drill_crashes,
    test_drill_double_runs,
    test_drill_faults,
    test_drill_people,
    test_drill_weeks,
    test_giving_way,
    test_keys,
    test_lies,
    test_look_alikes,
    test_machine,
)
from tests.support import mishaps
from tests.support.drill_mishaps import answers_at, places
from tests.support.drill_stories import DRILL_STORIES, drill_calls
from tests.support.mishaps import ATTEMPTS, Stage, answers_to, pairs
from tests.support.stories import (
    AT_ONCE,
    BY_SOURCE,
    IN_TWO_REGIONS,
    PAIRS_OF_DEATHS,
    STORIES,
    calls_of,
    crash_points,
    lost_answers,
)


def figures() -> dict[str, int]:
    """How much the proofs play, by what it is."""
    stages: dict[str, tuple[Stage, ...]] = {
        "errors for ever at a change": mishaps.CHANGES,
        "errors for ever at a deletion": mishaps.DELETIONS,
        "errors for ever at a look": (*mishaps.LISTINGS, *mishaps.FRESH_LOOKS),
        "errors for ever at a role, a key or an identity": (*mishaps.ACCOUNTS, mishaps.IDENTITY),
        "errors at the backup account's own expire": mishaps.EXPIRES,
    }
    earlier = [story for story in STORIES if story.earlier]
    retried = sum(answer.retried for answer in mishaps.COMMON)
    return {
        "calls of the nights that die": sum(len(calls_of(s)) for s in STORIES),
        "deaths, before each of them and after the last of an invocation": sum(
            len(crash_points(s)) for s in STORIES
        ),
        "pairs of deaths": PAIRS_OF_DEATHS,
        "deaths with the backups in another Region": PAIRS_OF_DEATHS * len(IN_TWO_REGIONS),
        "errors for ever at the copy into another Region": len(pairs(mishaps.CHANGES[2])),
        **{name: len(pairs(*of)) for name, of in stages.items()},
        "errors for ever at a deletion of a point that has ended": len(test_giving_way.PLAYED),
        "errors once, every error that a call may get at every call of a night": sum(
            len(answers_to(call)) for story in AT_ONCE for call in calls_of(story)
        ),
        "calls that fail at their first attempt": retried * len(calls_of(BY_SOURCE)),
        "keys that fail, at every moment of a night": len(test_keys.PLACES)
        * len(earlier)
        * (len(test_keys.TROUBLES) + len(test_keys.ALIASES)),
        "lost answers": 4 * sum(len(lost_answers(story)) for story in earlier),
        "orders of the calls of two invocations at once": len(test_double_runs.KINDS)
        * sum(map(sum, test_double_runs.ORDERS.values())),
        "clauses of verified, false alone": len(test_lies.KINDS) * len(test_lies.FLIPS),
        "look-alikes, in both accounts": len(FAMILIES) * len(test_look_alikes.LOOK_ALIKES),
        "steps of the state machine, at least": test_machine.STEPS_STATED,
    }


def drill_figures() -> dict[str, int]:
    """The same of restore drills."""
    changes = [place for place in places() if place.mutating]
    breaks = sum(answer.breaks is not None for answer in mishaps.COMMON)
    orders = test_drill_double_runs.DRILL_ORDERS.values()
    return {
        "calls of the drills that die": sum(
            len(calls) for story in DRILL_STORIES for calls in drill_calls(story)
        ),
        "deaths, before each of them and after each that changes": sum(
            len(test_drill_crashes.drill_deaths(story)) for story in DRILL_STORIES
        ),
        "pairs of deaths in a drill": test_drill_crashes.PAIRS_OF_DRILL_DEATHS,
        "errors once, every error that a call may get at every kind of call": sum(
            len(answers_at(place)) for place in places()
        ),
        "errors until after the deadline": sum(
            len(test_drill_faults.lasting(place)) for place in places()
        ),
        "lost answers of a drill": len((1, ATTEMPTS)) * breaks * len(changes),
        "orders of the calls of two invocations at once, at every moment of a drill": sum(
            sum(found) for pairs_of in orders for found in pairs_of.values()
        ),
        "meddling people, at every step of a drill": len(test_drill_people.MEDDLINGS)
        * sum(len(drill_calls(story)) for story in DRILL_STORIES),
        "days of drills, nights and expiry beside each other": test_drill_weeks.DAYS
        * len(test_drill_weeks.WEEKS),
        "storms of faults, deaths and people": len(test_drill_weeks.DRILL_STORMS),
    }


def main() -> None:
    """Print the figures."""
    for name, count in (figures() | drill_figures()).items():
        print(f"{count:6} {name}")  # noqa: T201 - what it is for


if __name__ == "__main__":
    main()
