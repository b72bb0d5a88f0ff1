"""How much the proofs play, as docs/explained/reliability.md states it.

``python -m tests.support.figures`` prints it, with ``PYTHONPATH=backup_function``.
"""

from sandbox.kinds import FAMILIES
from tests.proofs import (
    test_double_runs,
    test_giving_way,
    test_keys,
    test_lies,
    test_look_alikes,
    test_machine,
)
from tests.support import mishaps
from tests.support.mishaps import Stage, answers_to, pairs
from tests.support.stories import (
    BY_BACKUP,
    BY_SOURCE,
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
        **{name: len(pairs(*of)) for name, of in stages.items()},
        "errors for ever at a deletion of a point that has ended": len(test_giving_way.PLAYED),
        "errors once, every error that a call may get at every call of a night": sum(
            len(answers_to(call)) for story in (BY_SOURCE, BY_BACKUP) for call in calls_of(story)
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


def main() -> None:
    """Print the figures."""
    for name, count in figures().items():
        print(f"{count:6} {name}")  # noqa: T201 - what it is for


if __name__ == "__main__":
    main()
