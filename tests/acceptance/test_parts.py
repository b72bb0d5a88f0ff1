"""Both stacks, played by the real handler: what a run tells of them, and that all of it goes."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from acceptance import report
from acceptance.ground import Ground
from acceptance.nights import CHOSEN
from acceptance.steps import STEPS, play
from sandbox import Sandbox, Switches
from tests.acceptance.deploying import Cloud
from tests.acceptance.offered import made_and_offered
from tests.acceptance.playing import RUN, ground, world
from tests.acceptance.test_cleaning import Kill, KilledError, Watch, clean, people
from tests.acceptance.truth import things

PARTS = ("stacks", "nights", "restores")


def played(here: Ground, cloud: Cloud, *parts: str) -> dict[str, Any]:
    """What came of the steps: done or not, and the words."""
    play(here, parts or PARTS, cloud.sam, cloud.shell)
    return {step: (found["done"], found["said"]) for step, found in here.file.played.items()}


def begun(aws: Sandbox, folder: Path) -> tuple[Cloud, Ground]:
    """A run in accounts with RDS's nights."""
    cloud = Cloud(aws)
    return cloud, ground(aws, folder, sleep=cloud.sleep)


@pytest.mark.parametrize("region", [None, "eu-central-1"])
def test_every_step_is_played_by_the_real_handler(region: str | None, tmp_path: Path) -> None:
    """Nights with a kill and a key that is off, a restore, a drill; expiry is the next day's."""
    with world(backup_region=region) as aws:
        cloud, here = begun(aws, tmp_path)
        first = played(here, cloud)
        aws.clock.advance(hours=24)
        aws.take_automated_of_all()
        calls = len(aws.calls)
        then = played(ground(aws, tmp_path, sleep=cloud.sleep), cloud)
        made, offered = made_and_offered(aws, *PARTS)
        known = {aws.source.id: "SOURCE", aws.backup.id: "BACKUP"}
        told = json.dumps(report.body(here.file, known, aws.clock.now))
        names = [aws.source.id, aws.backup.id, RUN, aws.backup_key.rsplit("/", 1)[1]]

    assert [] == [name for name in names if name in told]
    assert '"step": "drill"' in told
    assert made <= offered
    assert {step.id for step in STEPS} == set(first) == set(then)
    assert ["expiry"] == [step for step, (done, _) in first.items() if not done]
    said = {step: words for step, (_, words) in then.items()}
    assert "3 of 4 protected; partially_failed" in said["night"]
    assert "plain: unsupported" in said["night"]
    assert said["repeat"].endswith("; 0 actions")
    assert "the restored instance is available" == said["restore_plan"]
    assert said["drill"].startswith("passed; available: ")
    assert (
        "killed: Error: Task timed out; while the key was disabled: failed" in (said["third_night"])
    )
    assert "3 of 4 protected; partially_failed" in said["second_night"]
    # Of three nights of three databases; the one with the proof of the drill stays.
    assert "completed: 8 backups expired" in said["expiry"]
    assert not [c for c in aws.calls[calls:] if c.operation == "UpdateFunctionConfiguration"]
    assert {"a drill until it was answered", "a night of all databases: with increments"} <= {
        one["what"] for one in here.file.times
    }


def test_the_stacks_get_what_the_guide_says(tmp_path: Path) -> None:
    """The second one what the first one's output says, and the role behind the profile."""
    with world(Switches()) as aws:
        cloud, here = begun(aws, tmp_path)
        here.file.answer("null_tag", {"value": "denied"})
        played(here, cloud, "stacks")
        source, backup = cloud.asked

    assert {"DISABLED"} == {source["ScheduleState"], backup["ScheduleState"]}
    assert "off" == source["TagGuard"]
    assert "arn:x-*" == backup["SnapshotArnPatterns"]
    administrator = f"arn:aws:iam::{here.backup.account}:role/people/administrator"
    assert administrator == backup["KeyAdministrators"]


def test_a_user_cannot_administer_the_key(tmp_path: Path) -> None:
    """Told as what could not be played, and nothing of the later steps is."""
    with world() as aws:
        cloud, here = begun(aws, tmp_path)
        user = replace(here.backup, caller=f"arn:aws:iam::{here.backup.account}:user/somebody")
        said = played(replace(here, backup=user), cloud)

    assert not any(done for step, (done, _) in said.items() if step in ("deploy", "drill"))
    assert "only a role administers the key" in said["deploy"][1]


def test_whatever_the_stacks_make_is_found_after_any_call(tmp_path: Path) -> None:
    """The bucket for sam, what the functions make and what stacks leave behind included."""
    with world() as aws:
        people(aws)
        cloud, here = begun(aws, tmp_path)
        before = things(aws)
        watch = Watch(aws, here)
        aws.hooks.append(watch)
        played(here, cloud)
        aws.hooks.clear()
        cleaned = clean(here)

        assert {} == watch.lost
        assert {} == cleaned.left
        assert before == things(aws)


@pytest.mark.parametrize("changes", [1, 9, 20, 60])
def test_a_run_of_the_stacks_that_was_killed_goes_on(changes: int, tmp_path: Path) -> None:
    """From wherever it was cut off; what was played is not played again."""
    with world() as aws:
        cloud, here = begun(aws, tmp_path)
        aws.hooks.append(Kill(changes))
        with pytest.raises(KilledError):
            played(here, cloud)
        aws.hooks.clear()
        said = played(ground(aws, tmp_path, sleep=cloud.sleep), cloud)
        cleaned = clean(here)

        assert ["expiry"] == [step for step, (done, _) in said.items() if not done]
        assert {} == cleaned.left


@pytest.mark.parametrize(
    "operation",
    [
        *("CreateStack", "DescribeStacks", "DescribeStackResource", "GetRole", "Invoke"),
        *("UpdateFunctionConfiguration", "ModifyDBInstance", "DisableKey"),
    ],
)
def test_what_is_refused_to_the_stacks_is_told_and_leaves_nothing(
    operation: str, tmp_path: Path
) -> None:
    """The run goes on with the next step; a later run plays what was not played."""
    with world() as aws:
        cloud, here = begun(aws, tmp_path)
        before = things(aws)
        fault = aws.fault(
            operation,
            code="AccessDenied",
            message="an SCP says no",
            when=lambda call: ":assumed-role/administrator/" in str(call.caller),
        )
        said = played(here, cloud)
        fault.remove()
        cleaned = clean(here)

        assert [words for done, words in said.values() if not done and "an SCP says no" in words]
        assert {} == cleaned.left
        assert before == things(aws)


@pytest.mark.parametrize("operation", ["DescribeStacks", "DeleteStack", "DeleteLogGroup"])
def test_a_clean_up_says_which_stack_it_could_not_remove(operation: str, tmp_path: Path) -> None:
    """With AWS's words; the next clean-up removes the rest."""
    with world() as aws:
        cloud, here = begun(aws, tmp_path)
        before = things(aws)
        played(here, cloud, "stacks")
        fault = aws.fault(operation, code="AccessDenied", message="an SCP says no")
        done = clean(here)
        fault.remove()

        assert [what for what, why in done.left.items() if "an SCP says no" in why]
        assert {} == clean(here).left
        assert before == things(aws)


@pytest.mark.parametrize(
    ("without", "said"),
    [
        (("aurora",), (True, "no automated snapshot yet: aurora; 2 of 4 protected")),
        (CHOSEN, (False, "not within 90 minutes; go on tomorrow")),
    ],
    ids=["one", "all"],
)
def test_a_night_waits_for_automated_snapshots(
    without: tuple[str, ...], said: tuple[bool, str], tmp_path: Path
) -> None:
    """Of as many databases as get one; with none there is no night."""
    with world() as aws:
        cloud, here = begun(aws, tmp_path)
        cloud.without = without
        done, words = played(here, cloud, "stacks", "nights")["night"]

    assert (said[0], True) == (done, said[1] in words), words
