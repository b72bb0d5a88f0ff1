"""What AWS may answer instead at each kind of call of a drill.

Every error that botocore's models name for the operations, those that any operation may answer,
and the ones that the models do not name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import botocore.session

from sandbox import Call, Hook
from tests.support.drill_stories import DRILL_STORIES, DrillStory, drill_calls
from tests.support.mishaps import ATTEMPTS, COMMON, Answer, kind_of

_SERVICES = {"Invoke": "lambda", "DescribeKey": "kms", "GetCallerIdentity": "sts"}
# What botocore tries again by its code (its retry handler of the standard mode).
_RETRIED = ("TooManyRequestsException", "LimitExceededException", "KMSInternalException")
_SERVER_ERROR = 500
# Not in the models, and seen: a state, a missing resource, a quota.
_MORE = {
    "AddTagsToResource": ("InvalidDBSnapshotState", "DBClusterSnapshotNotFoundFault"),
    "CreateDBInstance": ("InvalidDBClusterStateFault", "InvalidDBInstanceState"),
    "DeleteDBInstance": ("InvalidDBClusterStateFault",),
    "Invoke": ("AccessDeniedException", "CodeArtifactUserPendingException"),
}


class Place(NamedTuple):
    """One kind of call: in which drill and in which invocation of it it comes first."""

    story: DrillStory
    invocation: int
    operation: str
    of: str
    mutating: bool

    def __str__(self) -> str:
        """The id of a test."""
        return f"{self.operation} {self.of}".strip()

    def is_it(self, call: Call) -> bool:
        """Whether a call is of this kind."""
        return (call.operation, _of(call)) == (self.operation, self.of)


@cache
def places() -> tuple[Place, ...]:
    """Every kind of call that a drill makes, each once."""
    found: dict[str, Place] = {}
    for story in DRILL_STORIES:
        for invocation, calls in enumerate(drill_calls(story)):
            for call in calls:
                place = Place(story, invocation, call.operation, _of(call), call.mutating)
                found.setdefault(str(place), place)
    return tuple(found.values())


def _of(call: Call) -> str:
    """Which function is asked; whether an instance is a cluster's."""
    if function := call.params.get("FunctionName"):
        return str(function).rpartition(":")[2]
    return "member" * str(call.params.get("DBInstanceIdentifier")).endswith("-member")


@cache
def _named(operation: str) -> dict[str, int]:
    """The codes that the service model names, each with its HTTP status."""
    loader = botocore.session.get_session()
    model = loader.get_service_model(_SERVICES.get(operation, "rds")).operation_model(operation)
    errors = [(s.metadata.get("error", {}), s.name) for s in model.error_shapes]
    return {e.get("code", name): e.get("httpStatusCode", 400) for e, name in errors}


@cache
def answers_at(place: Place) -> tuple[Answer, ...]:
    """Every answer that a call of this kind may get, each once."""
    codes = _named(place.operation) | dict.fromkeys(_MORE.get(place.operation, ()), 400)
    common = [a for a in COMMON if a.breaks or not codes.keys() & set(a.codes.values())]
    return (*common, *(_answer(code, status) for code, status in codes.items()))


def _answer(code: str, status: int) -> Answer:
    again = status >= _SERVER_ERROR or code in _RETRIED
    return Answer({"instance": code, "cluster": code}, "Words of AWS.", "", "", status, again)


def everything() -> Iterator[tuple[Place, Answer]]:
    """Every answer at every kind of call."""
    for place in places():
        for answer in answers_at(place):
            yield place, answer


@dataclass(eq=False)
class Struck(Hook):
    """An answer instead of a kind of call: once, with botocore's own retries, or for ever."""

    place: Place
    answer: Answer
    once: bool
    struck: int = 0

    def before(self, call: Call) -> None:
        """Answer instead of the operation."""
        most = ATTEMPTS if self.answer.retried else 1
        if not self.place.is_it(call) or (self.once and self.struck >= most):
            return
        self.struck += 1
        raise self.answer.answer(kind_of(call))


@dataclass(eq=False)
class LostAt(Hook):
    """A kind of call takes effect, and so many of its answers are lost."""

    place: Place
    answer: Answer
    times: int
    struck: int = 0

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Lose the answer."""
        del answer
        self._lose(call)

    def before(self, call: Call) -> None:
        """Lose the answers to botocore's further attempts, whatever they would be."""
        if self.struck:
            self._lose(call)

    def _lose(self, call: Call) -> None:
        if self.place.is_it(call) and self.struck < self.times:
            self.struck += 1
            raise self.answer.answer(kind_of(call))
