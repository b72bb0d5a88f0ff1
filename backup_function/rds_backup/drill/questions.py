"""What a restored database is asked, and what its answers come to.

The first question that is not answered as it should be ends the drill, and its name is the result.
What could not be asked is no answer: the next tick asks again.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from rds_backup.aws.errors import DENIED, NO_ANSWER, NO_FUNCTION, AwsError
from rds_backup.aws.functions import Functions
from rds_backup.decide.drills import UnderWay
from rds_backup.model.clock import iso
from rds_backup.model.decisions import Owned
from rds_backup.model.inventory import Kind
from rds_backup.model.proof import PASSED, VALIDATED, VALIDATOR
from rds_backup.model.settings import DrillSettings


class NotAskedError(Exception):
    """No answer came, and one may come in some minutes; the message says of whom.

    ``waited``: the function was asked, and took too long.
    """

    def __init__(self, words: str, *, waited: bool = False) -> None:
        """Keep why."""
        super().__init__(words)
        self.waited = waited


class Answered(NamedTuple):
    """One question: its name, whether the answer is as it should be, and the answer in words."""

    question: str
    right: bool
    words: str


class Answers(NamedTuple):
    """All answers so far, and the facts that a validator has told."""

    answered: tuple[Answered, ...]
    facts: Mapping[str, Any]

    @property
    def result(self) -> str:
        """``passed``, with a second word if a validator was asked; or the question that failed."""
        wrong = next((a.question for a in self.answered if not a.right), None)
        if wrong:
            return wrong
        return f"{PASSED} {VALIDATED}" if self.answered[-1].question == VALIDATOR else PASSED


def asked(
    drill: UnderWay, backup: Owned, key: str, settings: DrillSettings, functions: Functions
) -> Answers:
    """Every question in its order, up to the first that is not answered as it should be.

    Raises NotAskedError.
    """
    facts: dict[str, Any] = {}
    questions: list[Callable[[], Answered]] = [
        lambda: Answered("available", True, f"{drill.shown.identifier} is available"),  # noqa: FBT003
        lambda: _encryption(drill, key),
        lambda: _engine(drill, backup),
        lambda: _version(drill, backup),
        lambda: _storage(drill, backup),
        lambda: _connection(drill, settings, functions),
    ]
    if settings.validator:
        questions.append(lambda: _validator(drill, backup, settings, functions, facts))
    answered: list[Answered] = []
    for question in questions:
        answered.append(question())
        if not answered[-1].right:
            break
    return Answers(tuple(answered), facts)


def _encryption(drill: UnderWay, key: str) -> Answered:
    found = drill.database
    right = found.encryption == "sse-kms" and found.kms_key == key
    return Answered("encryption", right, f"{found.encryption} under {found.kms_key}")


def _engine(drill: UnderWay, backup: Owned) -> Answered:
    found, wanted = drill.database.engine, backup.snapshot.engine
    return Answered("engine", found == wanted, f"{found}, the backup's is {wanted}")


def _version(drill: UnderWay, backup: Owned) -> Answered:
    found, wanted = drill.database.engine_version, backup.snapshot.engine_version
    return Answered("version", found == wanted, f"{found}, the backup's is {wanted}")


def _storage(drill: UnderWay, backup: Owned) -> Answered:
    """Aurora's storage grows with the data, and says nothing."""
    found, wanted = drill.database.gib, backup.snapshot.allocated_gib
    if drill.database.kind is Kind.CLUSTER or wanted is None:
        return Answered("storage", True, "grows with the data, or is not stated")  # noqa: FBT003
    return Answered("storage", (found or 0) >= wanted, f"{found} GiB, the backup's is {wanted} GiB")


def _connection(drill: UnderWay, settings: DrillSettings, functions: Functions) -> Answered:
    question = {"host": drill.database.host, "port": drill.database.port}
    said, failed, refused = _said(functions, settings.probe, question, "the probe")
    if refused:
        return Answered("connection", False, refused)  # noqa: FBT003
    if failed or not isinstance(said, Mapping):
        raise NotAskedError(f"the probe failed: {said}")
    words = f"{said.get('milliseconds')} ms" if said.get("ok") is True else str(said.get("reason"))
    return Answered("connection", said.get("ok") is True, words)


def _validator(
    drill: UnderWay,
    backup: Owned,
    settings: DrillSettings,
    functions: Functions,
    facts: dict[str, Any],
) -> Answered:
    """Whatever it answers is the answer, also that it ended without one; its facts are kept."""
    found = drill.database
    question = {
        "database": backup.point.database,
        "engine": found.engine,
        "endpoint": found.host,
        "port": found.port,
        "secret_arn": found.secret,
        "backup": backup.snapshot.arn,
        "taken_at": iso(backup.point.taken_at),
    }
    try:
        said, failed, refused = _said(functions, str(settings.validator), question, "the validator")
    except NotAskedError as error:
        if not error.waited:
            raise
        said, failed, refused = None, True, "the validator gave no answer in time"
    if refused:
        return Answered(VALIDATOR, False, refused)  # noqa: FBT003
    right = not failed and isinstance(said, Mapping) and said.get("ok") is True
    if isinstance(said, Mapping) and isinstance(said.get("facts"), Mapping):
        facts.update(said["facts"])
    return Answered(VALIDATOR, right, "ok" if right else f"{said}")


def _said(
    functions: Functions, name: str, question: dict[str, Any], whom: str
) -> tuple[Any, bool, str | None]:
    """What a function answers, whether it failed, and why it cannot be asked at all.

    A function that is not ready, such as one that nobody has asked for two weeks, is asked again.
    """
    try:
        answer = functions.ask(name, question)
    except AwsError as error:
        if error.code in (*DENIED, NO_FUNCTION):
            return None, True, f"{whom} cannot be asked: {error}"
        waited = error.code == NO_ANSWER
        raise NotAskedError(f"{whom} gave no answer: {error}", waited=waited) from error
    return answer.payload, answer.failed, None
