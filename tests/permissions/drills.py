"""Restore drills played through the real handler: everything that one ever calls."""

from sandbox import Sandbox
from sandbox.serving.lambda_runtime import Function
from tests.support.drilling import DRILL, PLAN, drill, made, results, ticks

# Of the databases that the nights back up.
_ENGINES = ("mysql", "aurora-postgresql")


def story(aws: Sandbox, function: Function, looking: Function) -> None:
    """Drills of both families, which take turns.

    A plan by whoever only looks; a drill for each class of DRILL_CLASSES, as if RDS offered no
    other; one for which it offers none; restores that fail, and that never end.
    """
    assert looking.invoke(PLAN).error is None
    for offered in function.environment["DRILL_CLASSES"].split(","):
        for engine in _ENGINES:
            aws.restores.offer(engine, offered)
        assert [] == [done.error for done in drill(aws, function) if done.error]
    for engine in _ENGINES:
        aws.restores.offer(engine)
    function.invoke(DRILL)
    aws.restores.offered.clear()
    for _ in _ENGINES:
        aws.restores.end_next("incompatible-restore")
        drill(aws, function)
    for _ in _ENGINES:
        aws.restores.end_next(None)
        function.invoke(DRILL)
        aws.clock.advance(hours=float(function.environment["DRILL_DEADLINE_HOURS"]))
        [*ticks(aws, function)]
    ends = {found.partition(" ")[0] for found in results(aws) if found}
    assert ends
    assert {"not-offered", "incompatible-restore", "overdue"} >= ends
    assert [] == made(aws)
