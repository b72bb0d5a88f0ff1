"""The permissions that a run needs are those that are listed: no fewer, and no more."""

import json
from pathlib import Path

from acceptance.asking import ask
from acceptance.steps import play
from sandbox import Sandbox
from tests.acceptance.deploying import Cloud
from tests.acceptance.playing import ground, world
from tests.acceptance.test_cleaning import clean
from tests.acceptance.test_parts import PARTS
from tests.acceptance.test_probes import ELSEWHERE, OTHERWISE
from tests.support.pages import ROOT

LISTED = json.loads((ROOT / "acceptance/permissions.json").read_text())
# What IAM calls an operation where that is not its own name.
_ACTIONS = {"lambda:Invoke": "lambda:InvokeFunction"}
# Who calls it may (AWS STS API Reference).
_FREE = {"sts:GetCallerIdentity"}


def called(aws: Sandbox) -> dict[str, set[str]]:
    """The actions of the two people, by the side of their account."""
    found: dict[str, set[str]] = {"source": set(), "backup": set()}
    for call in aws.calls:
        if ":assumed-role/administrator/" in str(call.caller):
            action = f"{call.service}:{call.operation}"
            side = "source" if call.account == aws.source.id else "backup"
            found[side].add(_ACTIONS.get(action, action))
    return {side: actions - _FREE for side, actions in found.items()}


def test_what_is_listed_is_what_is_called(tmp_path: Path) -> None:
    """A whole run in two worlds, all parts and the clean-up; what sam does is the guide's."""
    seen: dict[str, set[str]] = {"source": set(), "backup": set()}
    for number, (switches, region) in enumerate(((None, None), (OTHERWISE, ELSEWHERE))):
        with world(switches, region) as aws:
            cloud = Cloud(aws)
            aws.calls.clear()  # the test's own
            folder = tmp_path / str(number)
            folder.mkdir()
            here = ground(aws, folder, sleep=cloud.sleep)
            ask(here)
            play(here, PARTS, cloud.sam, cloud.shell)
            clean(here)
            for side, actions in called(aws).items():
                seen[side] |= actions

    assert seen == {side: set(LISTED[side]["called"]) for side in seen}


def test_what_no_call_shows_is_listed_with_the_calls_that_need_it() -> None:
    """Tags given with a call, and keys that RDS uses for the caller."""
    for side in LISTED.values():
        assert sorted(side["called"]) == side["called"]
        for needed in side["with_them"].values():
            assert needed["why"]
            assert set(needed["of"]) <= set(side["called"])
