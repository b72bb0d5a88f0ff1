"""A probe reports what the world is like: every value of every switch."""

import dataclasses
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from acceptance.asking import ask
from acceptance.families import INSTANCE
from acceptance.probes import PROBES
from acceptance.questions import QUESTIONS
from acceptance.sides import UnknownCallError
from acceptance.stage import Stage
from sandbox import Switches
from tests.acceptance.playing import RUN, ground, world

_TYPES = get_type_hints(Switches)


def _values(kind: Any) -> tuple[object, ...]:  # noqa: ANN401 - a type
    if get_origin(kind) is Literal:
        return get_args(kind)
    return (False, True) if kind is bool else (0, 2)


ASKED = {question.id for question in QUESTIONS if question.asked}
ELSEWHERE = "eu-central-1"
EVERY = [
    pytest.param(field.name, value, id=f"{field.name}={value}")
    for field in dataclasses.fields(Switches)
    if field.name in ASKED
    for value in _values(_TYPES[field.name])
]


@pytest.mark.parametrize(("switch", "value"), EVERY)
def test_a_probe_reports_what_the_world_is_like(switch: str, value: object, tmp_path: Path) -> None:
    """And that the product's handling fits it, in the words of whoever plays AWS."""
    with world(Switches(**{switch: value}), ELSEWHERE) as aws:  # type: ignore[arg-type]
        here = ground(aws, tmp_path)
        ask(here, only=[switch])
        answer = here.file.answers[switch]

    assert (value, True) == (answer["value"], answer["fits"]), answer["evidence"]


# As little as possible is as it usually is.
_LAST: dict[str, Any] = {f.name: _values(_TYPES[f.name])[-1] for f in dataclasses.fields(Switches)}
OTHERWISE = Switches(**_LAST)


@pytest.mark.parametrize("switches", [Switches(), OTHERWISE], ids=["usual", "otherwise"])
def test_a_whole_run_answers_every_question_that_is_asked(
    switches: Switches, tmp_path: Path
) -> None:
    """One after the other, with what the ones before have made, and whatever they answered."""
    with world(switches, ELSEWHERE) as aws:
        here = ground(aws, tmp_path)
        ask(here)
        answers = here.file.answers

    assert set(answers) == ASKED
    assert [] == [q for q, answer in answers.items() if answer["value"] is None]
    true = {k: v for k, v in dataclasses.asdict(switches).items() if k in ASKED}
    assert true == {q: a["value"] for q, a in answers.items() if q in true}
    assert here.file.times


def test_a_run_that_was_cut_off_goes_on(tmp_path: Path) -> None:
    """What is answered is not asked again, and what is there is not made again."""
    with world() as aws:
        here = ground(aws, tmp_path)
        ask(here, only=["instance_source"])
        made = aws.count("Create*")
        there = ground(aws, tmp_path)
        ask(there)

        assert here.file.answers["instance_source"] == there.file.answers["instance_source"]
        assert 0 < made
        databases = [c.params for c in aws.calls if c.operation == "CreateDBInstance"]
        assert 1 == len(databases)
        before = len(aws.calls)
        ask(ground(aws, tmp_path))
        assert before + 2 == len(aws.calls)  # who the callers are, and nothing else


@pytest.mark.parametrize(
    "operation", ["CopyDBSnapshot", "ListKeys", "RestoreDBClusterFromSnapshot"]
)
def test_an_operation_that_is_not_known_ends_the_run(operation: str, tmp_path: Path) -> None:
    """The kit is wrong then, and no answer is to be had of it."""
    with world() as aws:
        aws.fault(operation, code="InvalidAction")
        here = ground(aws, tmp_path)
        with pytest.raises(UnknownCallError):
            ask(here)


def test_no_question_is_asked_twice() -> None:
    """Each id is one probe's."""
    asked = [question for probe in PROBES for question in probe.asks]

    assert sorted(set(asked)) == sorted(asked)


def test_a_refusal_with_another_code_does_not_fit(tmp_path: Path) -> None:
    """The product reads a refusal by its code; another one is told as what it is."""
    with world(Switches(sse_rds="refuse")) as aws:
        aws.fault(
            "CopyDBClusterSnapshot",
            code="SomethingNewFault",
            message="AWS's own words",
            when=lambda call: "KmsKeyId" in call.params,
        )
        here = ground(aws, tmp_path)
        ask(here, only=["sse_rds"])
        answer = here.file.answers["sse_rds"]

    assert ("refuse", False) == (answer["value"], answer["fits"])
    assert ["SomethingNewFault: AWS's own words"] == answer["evidence"]


@pytest.mark.parametrize("times", [1, None], ids=["once", "always"])
def test_a_guard_that_denies_is_asked_again_without_its_condition(
    times: int | None, tmp_path: Path
) -> None:
    """With TagGuard on and off; what the templates then need is said."""
    with world() as aws:
        aws.fault(
            "CopyDBSnapshot",
            code="AccessDenied",
            times=times,
            when=lambda call: "guarded" in call.params["TargetDBSnapshotIdentifier"],
        )
        here = ground(aws, tmp_path)
        ask(here, only=["null_tag"])
        answer = here.file.answers["null_tag"]

    assert "denied" == answer["value"]
    without = {1: "without the condition (TagGuard=off): begun", None: "denied without"}[times]
    assert answer["evidence"][-1].startswith(without)


def test_a_copy_from_another_region_that_is_pending_has_not_ended(tmp_path: Path) -> None:
    """Seen in the field: it begins as `pending`, and RDS copies it then."""
    with world() as aws:
        name = f"{RUN}-far"
        aws.add_snapshot(aws.backup, "instance", name, status="pending")
        after = iter(["copying", "available"])

        def sleep(_: float) -> None:
            aws.change_snapshot(aws.backup, "instance", name, status=next(after))

        here = ground(aws, tmp_path, sleep=sleep)
        assert "available" == Stage(here).ended(here.backup, INSTANCE, name)["Status"]
