"""Any error answer, at any place of a night, once and for ever (promises 1 to 7).

Every code that an operation may answer is played for ever at every kind of call, and once at every
single call of a night.  Copies are instant: one invocation goes through all stages.
"""

from collections.abc import Iterator
from copy import replace
from itertools import groupby

import pytest

from sandbox import Call, Switches
from sandbox.kinds import Kind
from sandbox.operations import OPERATIONS
from sandbox.sandbox import SOURCE
from sandbox.serving.lambda_runtime import Invocation
from tests.support import mishaps
from tests.support.mishaps import Answer, Mishap, Once, Stage, answers_to, pairs
from tests.support.process import Process
from tests.support.stories import (
    AT_ONCE,
    BY_BACKUP,
    BY_SOURCE,
    ELSEWHERE,
    HEALS_WITHIN,
    KEEP,
    MAX_ATTEMPTS,
    NEIGHBOURS,
    Story,
    World,
    calls_of,
    invocations_of,
    world,
)
from tests.support.truth import POINT, identity

WITH_OTHERS = replace(BY_SOURCE, databases=NEIGHBOURS)
OTHERS = tuple(name for name, _ in NEIGHBOURS if name not in mishaps.HIT)
PLACES = 24
# A client's allowance for retries is 500, and a call that fails for good takes 56 of it (5.7).
CLIENT_LASTS = 7


@pytest.fixture(autouse=True)
def _new_clients(request: pytest.FixtureRequest) -> Iterator[None]:
    """Retries use up a client's allowance: the next test gets new clients."""
    yield
    answer = request.node.callspec.params.get("answer") if hasattr(request.node, "callspec") else 0
    if not isinstance(answer, Answer) or answer.retried:
        Process.new_clients()


def strike(night: World, mishap: Mishap) -> list[Invocation]:
    """The first hour of a night in which a mishap goes on: two ``backup``s and a ``resume``."""
    night.aws.hooks.append(mishap)
    invocations = night.play(2)
    night.skip(4)
    invocations += night.play(1)
    night.aws.hooks.remove(mishap)
    return invocations


def heal(night: World) -> list[str]:
    """What is wrong when the mishap has ended and HEALS_WITHIN ticks have passed."""
    ticks = night.tick_on()
    return [f"not well after {ticks} ticks"] * (ticks > HEALS_WITHIN) + night.judge()


def told(invocations: list[Invocation], database: str) -> list[dict[str, str]]:
    """Every word on a database."""
    return [line for i in invocations for line in i.logs if line.get("database") == database]


def refused_calls(calls: list[Call], database: str) -> int:
    """How many copies and shares of a database failed; botocore's own retries count as one."""
    failed = [
        (c.operation, str(c.params))
        for c in calls
        if c.mutating
        and c.error
        and not c.operation.startswith("Delete")
        and database in str(c.params)
    ]
    return sum(1 for _ in groupby(failed))


def about(answer: Answer, reason: str) -> bool:
    """Whether a reason has AWS's words and the fix."""
    words = any(code in reason for code in answer.codes.values()) or answer.state == "queued"
    said = answer.message in reason or answer.breaks is not None
    return words and said and answer.fix in reason


WHERE = [
    *((stage, answer, None) for stage, answer in pairs(*mishaps.CHANGES)),
    *((stage, answer, ELSEWHERE) for stage, answer in pairs(mishaps.CHANGES[2])),
]


@pytest.mark.parametrize(("stage", "answer", "region"), WHERE, ids=str)
def test_a_change_that_fails_for_ever_stops_its_database_only(
    stage: Stage, answer: Answer, region: str | None
) -> None:
    """The right state with AWS's words and the fix; never protected; the others are.

    At most one refused copy or share for each database and invocation (two where the first says
    only that the world has changed), and everything heals within HEALS_WITHIN ticks.
    """
    with world(replace(WITH_OTHERS, backup_region=region)) as night:
        mishap = Mishap(stage, answer)
        invocations = strike(night, mishap)
        hit = [name for name, kind in NEIGHBOURS[:2] if kind in answer.codes]
        assert len(mishap.struck) >= len(hit)
        # A quota is the account's: what comes after the refused call waits, of the same family.
        full = answer in (mishaps.FULL, mishaps.BUSY)
        for database in hit:
            words = told(invocations, database)
            assert {answer.state} == {w["state"] for w in words}
            assert all(about(answer, w["reason"]) for w in words), words
            for calls in night.calls:
                assert refused_calls(calls, database) <= 1 + answer.looks
        tonights = {r.tags[POINT] for r in night.checker.verified()} & night.sources
        assert len(tonights) == len(NEIGHBOURS) - len(hit) - full
        others = {told(invocations, name)[-1]["state"] for name in OTHERS}
        assert others == {"protected", answer.state} if full else {"protected"}
        alarm = "in_progress" if answer.state == "queued" else "partially_failed"
        assert alarm == invocations[0].outcome
        assert [] == heal(night)


@pytest.mark.parametrize(("stage", "answer"), pairs(*mishaps.DELETIONS), ids=str)
def test_a_deletion_that_fails_for_ever_holds_up_nothing_else(stage: Stage, answer: Answer) -> None:
    """Tonight's backup is there and protected; what could not be deleted is said, and goes later.

    "Not found" is taken for done (4.7).
    """
    with world(BY_SOURCE) as night:
        mishap = Mishap(stage, answer)
        invocations = strike(night, mishap)
        sound = night.checker.verified()
        assert night.sources <= {r.tags[POINT] for r in sound}
        for database in mishaps.HIT:
            words = told(invocations, database)
            assert {"protected"} == {w["state"] for w in words}
            if answer.codes.get("instance") != "DBSnapshotNotFound":
                assert all("could not be deleted" in w["reason"] for w in words)
                assert all(answer.codes["instance"][:2] in w["reason"] for w in words)
                assert "partially_failed" == invocations[0].outcome
        assert len(mishap.struck) >= len(mishaps.HIT)
        assert [] == heal(night)


def by_family(*stages: Stage) -> list[tuple[Stage, Answer, Kind]]:
    """Every answer at every stage; to one family each, in turn."""
    kinds: tuple[Kind, Kind] = ("instance", "cluster")
    return [(s, a, kinds[n % 2]) for n, (s, a) in enumerate(pairs(*stages))]


@pytest.mark.parametrize(("stage", "answer", "kind"), by_family(*mishaps.LISTINGS), ids=str)
def test_a_family_that_cannot_be_listed_is_not_taken_for_empty(
    stage: Stage, answer: Answer, kind: Kind
) -> None:
    """Nothing of it is started or deleted, and it is not called protected; the other one is."""
    with world(BY_SOURCE) as night:
        mishap = Mishap(stage, answer, (kind,))
        invocations = strike(night, mishap)
        of = dict(night.story.databases)
        lost = next(name for name, family in of.items() if family == kind)
        other = next(name for name in of if name != lost)
        changes = [
            c for calls in night.calls for c in calls if c.mutating and lost in str(c.params)
        ]
        assert [] == changes
        words = told(invocations, lost) or told(invocations, "DB_TAG backup=nightly")
        state = "unknown" if answer.looks else answer.state
        assert {state} == {w["state"] for w in words}
        assert all(about(answer, w["reason"]) for w in words), words
        assert "protected" == told(invocations, other)[-1]["state"]
        if stage.name == "list shared copies":
            assert None not in [i.error for i in invocations]
        assert mishap.struck
        assert [] == heal(night)


@pytest.mark.parametrize(("stage", "answer", "kind"), by_family(*mishaps.FRESH_LOOKS), ids=str)
def test_nothing_is_deleted_without_a_fresh_look(stage: Stage, answer: Answer, kind: Kind) -> None:
    """The last look before a deletion fails: the deletion waits, and it is said."""
    with world(BY_SOURCE) as night:
        mishap = Mishap(stage, answer, (kind,))
        invocations = strike(night, mishap)
        lost = next(name for name, family in night.story.databases if family == kind)
        words = told(invocations, lost)
        assert {"protected"} == {w["state"] for w in words}
        assert all("could not be deleted" in w["reason"] for w in words)
        deleted = {
            c.account
            for calls in night.calls
            for c in calls
            if c.operation.startswith("DeleteDB") and lost in str(c.params)
        }
        assert stage.account not in deleted
        assert "partially_failed" == invocations[0].outcome
        assert mishap.struck
        assert [] == heal(night)


@pytest.mark.parametrize(("stage", "answer"), pairs(*mishaps.ACCOUNTS), ids=str)
def test_an_account_or_key_out_of_reach_stops_everything_and_harms_nothing(
    stage: Stage, answer: Answer
) -> None:
    """No database is called protected, nothing changes, and the words and the fix are said."""
    with world(BY_SOURCE) as night:
        before = [identity(r) for r in night.aws.snapshots()]
        mishap = Mishap(stage, answer)
        invocations = strike(night, mishap)
        for database in mishaps.HIT:
            words = told(invocations, database)
            assert {answer.state} == {w["state"] for w in words}
            assert all(about(answer, w["reason"]) for w in words), words
        if stage.name != "sharing key":  # what has expired goes without it
            assert before == [identity(r) for r in night.aws.snapshots()]
        assert "failed" == invocations[0].outcome
        assert [] == heal(night)


@pytest.mark.parametrize("answer", mishaps.IDENTITY.answers, ids=str)
def test_a_function_that_does_not_know_its_account_writes_nothing(answer: Answer) -> None:
    """Identity is checked before the first write."""
    with world(BY_SOURCE) as night:
        before = [identity(r) for r in night.aws.snapshots()]
        invocations = strike(night, Mishap(mishaps.IDENTITY, answer))
        for invocation in (invocations[0], invocations[-1]):
            assert answer.codes["instance"] in str(invocation.error)
        assert before == [identity(r) for r in night.aws.snapshots()]
        assert [] == heal(night)


@pytest.mark.parametrize(("stage", "answer"), pairs(*mishaps.EXPIRES), ids=str)
def test_an_expire_that_fails_in_the_backup_account_deletes_nothing(
    stage: Stage, answer: Answer
) -> None:
    """The source's databases are protected all the same, and the error reaches a person."""
    with world(BY_BACKUP) as night:
        mishap = Mishap(stage, answer)
        assert night.expiring is not None
        night.aws.hooks.append(mishap)
        invocations = night.play(3)
        night.until(lambda: mishap.struck)
        failed = night.invocations[-1]
        assert failed.error is not None
        assert answer.codes["instance"][:2] in str(failed.error) + str(failed.logs)
        assert len(night.checker.verified()) == (KEEP + 1) * len(mishaps.HIT)
        assert {"protected"} == {told(invocations, n)[0]["state"] for n in mishaps.HIT}
        night.aws.hooks.remove(mishap)
        assert [] == heal(night)


def once(story: Story, number: int, answer: Answer) -> list[str]:
    """What is wrong after a night in which the call with this number failed."""
    with world(story) as night:
        fault = Once(number, answer)
        night.aws.hooks.append(fault)
        night.until(lambda: fault.struck)
        return [f"call {number}, {answer}: {wrong}" for wrong in heal(night)]


@pytest.mark.parametrize("part", range(PLACES))
@pytest.mark.parametrize("story", AT_ONCE, ids=str)
def test_a_night_in_which_any_one_call_fails_in_any_way_ends_well(story: Story, part: int) -> None:
    """Every error that an operation may answer, at every call; well within HEALS_WITHIN ticks."""
    places = [
        (number, answer)
        for number, call in enumerate(calls_of(story))
        for answer in answers_to(call)
    ]
    wrongs = []
    for count, place in enumerate(places[part::PLACES]):
        if count % CLIENT_LASTS == 0:
            Process.new_clients()
        wrongs += once(story, *place)
    assert [] == wrongs


@pytest.mark.parametrize("answer", [a for a in mishaps.COMMON if a.retried], ids=str)
def test_a_night_in_which_every_call_fails_at_first_is_an_ordinary_one(answer: Answer) -> None:
    """What botocore retries is no fault to us: the very same night, invocation by invocation."""
    ordinary = invocations_of(BY_SOURCE)
    with world(BY_SOURCE) as night:
        fault = mishaps.EachCallOnce(answer)
        night.aws.hooks.append(fault)
        invocations = night.play(len(ordinary))
        assert [None] * len(invocations) == [i.error for i in invocations]
        assert [] == night.judge()
        assert fault.struck == len(calls_of(BY_SOURCE))


@pytest.mark.parametrize("side", ["source", "backup"])
@pytest.mark.parametrize("story", [BY_SOURCE, BY_BACKUP], ids=str)
def test_copies_that_always_fail_are_not_made_for_ever(story: Story, side: str) -> None:
    """MAX_ATTEMPTS for each point and stage, then stuck, with the names; the next night heals."""
    with world(replace(story, databases=NEIGHBOURS)) as night:
        account = night.aws.source.id if side == "source" else night.aws.backup.id

        def hit(_kind: Kind, owner: str, params: object) -> bool:
            return owner == account and any(name in str(params) for name in mishaps.HIT)

        night.aws.copies.fail_next(100, hit)
        invocations = [i for i in night.play(7) if i.logs]
        for database in mishaps.HIT:
            assert "stuck" == told(invocations, database)[-1]["state"]
            dead = [
                r.identifier
                for r in night.aws.snapshots(account=account)
                if r.status == "failed" and r.database == database
            ]
            assert MAX_ATTEMPTS == len(dead)
            assert all(name in told(invocations, database)[-1]["reason"] for name in dead)
        assert {"protected"} == {told(invocations, name)[-1]["state"] for name in OTHERS}
        assert [] == night.checker.broken
        night.aws.copies.forget_failures()
        night.next_night()
        assert [] == heal(night)


@pytest.mark.parametrize("answer", [mishaps.DENIED, mishaps.SERVER_ERROR], ids=str)
def test_a_quota_that_cannot_be_read_is_said_and_harms_nothing(answer: Answer) -> None:
    """The refusal is reported all the same (2.39)."""
    with world(BY_SOURCE) as night:
        quota = Stage("quota", "DescribeAccountAttributes", SOURCE, (answer,))
        night.aws.hooks.append(Mishap(quota, answer))
        invocations = strike(night, Mishap(mishaps.CHANGES[0], mishaps.FULL))
        for word in told(invocations, "orders"):
            assert "blocked" == word["state"]
            assert "the quota cannot be read" in word["reason"]
        assert [] == heal(night)


@pytest.mark.parametrize("answer", [mishaps.DENIED, mishaps.SERVER_ERROR], ids=str)
def test_sharing_that_cannot_be_read_back_shares_with_nobody_else(answer: Answer) -> None:
    """Where RDS refuses to share twice (3.9), the list is read; if that fails, nothing goes on."""
    with world(BY_SOURCE, switches=Switches(share_repeat="refuse")) as night:
        reading = Stage("read", "DescribeDB*SnapshotAttributes", SOURCE, (answer,))
        mishap = Mishap(reading, answer)
        night.aws.hooks.append(mishap)
        strike(night, Mishap(mishaps.CHANGES[2], mishaps.DENIED))
        assert mishap.struck
        invocations = night.play(1)
        for database in mishaps.HIT:
            (word,) = told(invocations, database)
            assert answer.state == word["state"]
            assert about(answer, word["reason"])
        night.aws.hooks.remove(mishap)
        assert [] == heal(night)


def test_every_error_that_the_service_models_name_is_played() -> None:
    """The lists of mishaps are complete, by botocore's models of the operations used."""
    with world(BY_SOURCE) as night:
        for stage in mishaps.ALL:
            service = {"Describe": "rds", "AssumeRo": "sts", "GetCalle": "sts"}
            played = [o for names in OPERATIONS.values() for o in names if stage.plays(o)]
            for operation in played:
                name = service.get(operation[:8], "rds")
                client = night.aws.source.client("kms" if operation == "DescribeKey" else name)
                model = client.meta.service_model.operation_model(operation)
                named = {
                    shape.metadata.get("error", {}).get("code", shape.name)
                    for shape in model.error_shapes
                }
                codes = {code for a in stage.answers for code in a.codes.values()}
                assert named - codes == set() or stage in mishaps.EXPIRES
