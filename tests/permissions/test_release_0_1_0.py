"""Updating one of the two stacks only, or none, refuses nothing that worked under 0.1.0's.

The templates of 0.1.0 stand as they were in ``tests/support/release_0_1_0``.  The code of today
plays its nights under exactly the permissions that one of them or both give it, and in the
environment of the stack that it runs in; what is not allowed is refused on the sandbox as by AWS.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import pytest

from sandbox import Sandbox, Switches
from sandbox.calls import Call
from sandbox.errors import AwsError
from sandbox.gate import Hook
from sandbox.serving.lambda_runtime import Function, Invocation
from tests.permissions import recording
from tests.permissions.asking import SOURCE, Decision, Request, decisions
from tests.permissions.authorising import requests
from tests.permissions.known_keys import BACKUP_KEY, DATABASE_KEYS, SHARING_KEY
from tests.permissions.playing import environment, keys_of, role_of
from tests.permissions.resolving import ROOT
from tests.permissions.scenarios import ALL_ASKED_FOR, SIDES, TEXTS, Deployed, Scenario, deploy_all
from tests.support import restore_plans
from tests.support.playing import BACKUP, DAY, NIGHT, backups, shared_copies
from tests.support.restore_plans import Printed

OLD = {
    side: (ROOT / "tests/support/release_0_1_0" / name).read_text() for side, name in SIDES.items()
}
TEXTS_OF = {"old": OLD, "new": TEXTS}
type Answer = Callable[[Request], Decision]
UPDATED = {"nothing": ("old", "old"), "the source": ("new", "old"), "the backup": ("old", "new")}
CASES = [(updated, side) for side in ("backup-account", "source-account") for updated in UPDATED]
NIGHTS = 2
NEWER_PARAMETERS = {"OutcomeEventBusArn"}
# Calls that this code makes and 0.1.0's permissions refuse, without any harm to a night.
REFUSED = frozenset(
    {
        # The backup account's `expire` leaves a metric out that no alarm of 0.1.0's listens to.
        "rds:DescribeAccountAttributes needs rds:DescribeAccountAttributes",
        # A restore plan says that it does not know whether the version is still offered.
        "rds:DescribeDBEngineVersions needs rds:DescribeDBEngineVersions",
    }
)
READING = ("status", "plan", "check")
BY_CASE = pytest.mark.parametrize(
    ("updated", "expires"),
    [pytest.param(*case, id=", ".join(case)) for case in CASES],
)


class Refused(Hook):
    """Refuses each call of the functions that is known to be denied, and keeps what it asks IAM."""

    def __init__(self, aws: Sandbox, deployed: Deployed, answer: Answer) -> None:
        """``answer`` is IAM's, as far as it is known; else the call is let through."""
        self.asked: list[Request] = []
        self.refused: set[str] = set()
        self._aws, self._keys, self._answer = aws, keys_of(deployed), answer
        aws.hooks.insert(0, self)

    def before(self, call: Call) -> None:
        """Refuse it in AWS's words."""
        if not recording.of_the_functions(self._aws, call):
            return
        for request in requests(recording.seen(self._aws, call), role_of(call), self._keys):
            self.asked.append(request)
            if self._answer(request) != "Allowed":
                self.refused.add(f"{call.service}:{call.operation} needs {request.action}")
                raise AwsError(
                    "AccessDenied",
                    f"User: {call.caller} is not authorized to perform: {request.action} on "
                    f"resource: {request.resource}",
                )


@dataclass(frozen=True)
class Played:
    """What the nights came to: what was left, what each look answered, what was refused."""

    backups: tuple[str, ...]
    shared: int
    looks: Mapping[str, Invocation]
    restore_plan: Printed
    refused: frozenset[str]


@cache
def deployed(updated: str, expires: str) -> Deployed:
    """All of them at once, in one run of sam's translator."""
    return _all_deployed()[updated, expires]


@cache
def _all_deployed() -> Mapping[tuple[str, str], Deployed]:
    wanted = [(_scenario(*case), _texts(case[0])) for case in CASES]
    return dict(zip(CASES, deploy_all(wanted), strict=True))


def _scenario(updated: str, expires: str) -> Scenario:
    """With nothing updated everything that 0.1.0 has is asked for; else the least."""
    source, backup = (
        {k: v for k, v in ALL_ASKED_FOR[side].items() if k not in NEWER_PARAMETERS}
        if updated == "nothing"
        else {}
        for side in ("source", "backup")
    )
    return Scenario(updated, expires, source=source, backup=backup)


def _texts(updated: str) -> Mapping[str, str]:
    source, backup = UPDATED[updated]
    return {"source": TEXTS_OF[source]["source"], "backup": TEXTS_OF[backup]["backup"]}


@cache
def played(updated: str, expires: str) -> Played:
    """The nights, again and again until IAM's answer to every call in them is known."""
    stacks = deployed(updated, expires)
    known: dict[Request, Decision] = {}

    def answer(request: Request) -> Decision:
        return known.get(request, "Allowed")

    while True:
        found, asked = _played(stacks, answer)
        unknown = [r for r in dict.fromkeys(asked) if r not in known]
        answers = decisions((stacks.grants, request) for request in unknown)
        known.update(zip(unknown, answers, strict=True))
        if {"Allowed"} >= {known[request] for request in unknown}:
            return found


def _played(stacks: Deployed, answer: Answer) -> tuple[Played, list[Request]]:
    with Sandbox(start=NIGHT.replace(hour=0), switches=Switches(share_repeat="refuse")) as aws:
        aws.external_id = stacks.scenario.source.get("BackupAccountExternalId")
        keys = [aws.keys.create(SOURCE) for _ in DATABASE_KEYS]
        assert (SHARING_KEY, BACKUP_KEY) == (aws.sharing_key, aws.backup_key)
        own_keys = "DatabaseKmsKeyArns" in stacks.scenario.source
        recording.families(aws, keys if own_keys else ["aws/rds"] * 2)
        here = aws.environment() | environment(stacks.source, "BackupFunction")
        function = Function(aws, here)
        expiring = None
        if stacks.expires_itself:
            own = environment(stacks.backup, "ExpireFunction")
            expiring = Function(aws, aws.backup_environment() | own)
        hook = Refused(aws, stacks, answer)
        world = recording.World(aws, function, expiring)
        for number in range(NIGHTS):
            world.night(number)
        function.invoke(BACKUP)  # retention is left to the hourly run
        looks = {action: function.invoke({"action": action}) for action in READING}
        plan = restore_plans.run(here, "orders")
        names = tuple(sorted(row.identifier for row in backups(aws)))
        shared = len(shared_copies(aws))
        return Played(names, shared, looks, plan, frozenset(hook.refused)), hook.asked


@BY_CASE
def test_nights_end_with_every_database_protected(updated: str, expires: str) -> None:
    """Backups are made, the older ones expire, and no shared copy stays behind."""
    found = played(updated, expires)
    last = f"{NIGHT + (NIGHTS - 1) * DAY:%Y%m%d}"
    answer = found.looks["status"].result

    assert answer is not None
    assert {"protected"} == {each["state"] for each in answer["databases"]}
    assert [True, True] == [f"-{last}-" in name for name in found.backups]
    assert 0 == found.shared


@BY_CASE
@pytest.mark.parametrize("action", READING)
def test_looks_answer(updated: str, expires: str, action: str) -> None:
    """Whatever they may not read is an answer, and no error."""
    assert played(updated, expires).looks[action].error is None


@BY_CASE
def test_a_restore_plan_is_printed(updated: str, expires: str) -> None:
    """By the function's own role."""
    found = played(updated, expires)

    assert 0 == found.restore_plan.code
    assert found.backups[-1] in found.restore_plan.out


@BY_CASE
def test_nothing_is_asked_that_0_1_0_refuses(updated: str, expires: str) -> None:
    """But for what stands above with its reason."""
    assert played(updated, expires).refused <= REFUSED


def test_a_call_that_is_denied_is_refused_as_it_would_be() -> None:
    """Else the tests above would pass whatever the templates say."""

    def no_deletion(request: Request) -> Decision:
        return "ImplicitlyDenied" if "Delete" in request.action else "Allowed"

    found, _ = _played(deployed("nothing", "source-account"), no_deletion)

    assert {f"rds:DeleteDB{n} needs rds:DeleteDB{n}" for n in ("Snapshot", "ClusterSnapshot")} == (
        found.refused
    )
    assert found.shared
    assert 2 * NIGHTS == len(found.backups)
