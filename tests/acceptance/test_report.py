"""A report says what was seen, and of whom nothing; the sandbox takes it for its settings."""

import ast
import json
import os
import subprocess
import sys
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from acceptance import report
from acceptance.accepted import REPORTS, sentence
from acceptance.asking import ask
from acceptance.questions import QUESTIONS
from acceptance.redacting import redacted
from sandbox import Switches
from sandbox.observing import observed, switches_of, worlds
from tests.acceptance.playing import RUN, ground, world
from tests.support.pages import ROOT
from tests.support.usual import RESTS_ON

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
SEEN = Switches(sse_rds="refuse", instance_source="arn", listing_lag_calls=2)


def reported(folder: Path, switches: Switches) -> dict[str, Any]:
    """The report of a run in such a world."""
    with world(switches, "eu-central-1") as aws:
        here = ground(aws, folder)
        ask(here)
        known = {aws.source.id: "SOURCE", aws.backup.id: "BACKUP"}
        told = report.body(here.file, known, NOW)
    report.write(folder, told)
    return told


def test_a_report_has_a_row_for_each_question(tmp_path: Path) -> None:
    """Answer, evidence and whether the handling fits; of one that is not asked, why."""
    told = reported(tmp_path, SEEN)
    rows = {row["id"]: row for row in told["questions"]}
    text = (tmp_path / report.MARKDOWN).read_text()

    assert {question.id for question in QUESTIONS} == set(rows)
    assert ("refuse", True) == (rows["sse_rds"]["value"], rows["sse_rds"]["fits"])
    assert any("InvalidParameterCombination" in each for each in rows["sse_rds"]["evidence"])
    assert all(row["not_asked"] or row["evidence"] is not None for row in rows.values())
    assert all(f"| `{name}`: " in text for name in rows)
    assert told == json.loads((tmp_path / report.JSON).read_text())
    assert {"source: a snapshot or copy of cluster"} <= {one["what"] for one in told["times"]}


def test_a_report_names_nobody(tmp_path: Path) -> None:
    """No account, key, resource id, run or caller, in neither file."""
    with world(replace(SEEN, foreign_tags_visible=True)) as aws:
        here = ground(aws, tmp_path)
        ask(here)
        raw = json.dumps(here.file.answers, default=str)
        ids = [aws.source.id, aws.backup.id, RUN]
        ids += [aws.keys.managed(aws.backup.id).rsplit("/", 1)[1]]
        ids += [row.resource_id for row in aws.snapshots()]
        known = {aws.source.id: "SOURCE", aws.backup.id: "BACKUP"}
        report.write(tmp_path, report.body(here.file, known, NOW))
    texts = [(tmp_path / name).read_text() for name in (report.JSON, report.MARKDOWN)]

    ids = [one for one in ids if one in raw]
    assert len(ids) > 4
    assert [] == [one for one in ids for text in texts if one in text]


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("in 333333333333: no", "in ACCOUNT: no"),
        ("User: arn:aws:sts::1:assumed-role/admin/jane.doe is", "assumed-role/NAME is"),
        ("User: arn:aws:iam::1:user/people/jane is", "user/NAME is"),
        ("at orders.c0ffee.eu-west-1.rds.amazonaws.com:5432", "at ENDPOINT:5432"),
        ("from 10.0.12.7, jane.doe@example.com", "from ADDRESS, ADDRESS"),
        ("key/1234abcd-12ab-34cd-56ef-1234567890ab)", "key/ID)"),
        ("db-ABCDEFGHIJKLMNOPQRSTUVWXYZ of it", "db-ID of it"),
        ("in vpc-0123456789abcdef0", "in ID"),
        *((f"id {kind}0123456789ABCDEF", "id ID") for kind in ("AROA", "AIDA", "ASIA", "AKIA")),
        *((f"in {kind}-0123456789abcdef0", "in ID") for kind in ("subnet", "sg", "eni", "i")),
        ("secret:rds!db-1234-AbCdEf", "secret:NAME"),
    ],
)
def test_what_looks_like_a_name_is_replaced(text: str, instead: str) -> None:
    """Also of what the kit does not know: AWS's words may name anything."""
    assert redacted(text, {}).endswith(instead)


def test_a_time_and_a_number_stay(tmp_path: Path) -> None:
    """They are what was asked for."""
    del tmp_path
    said = "SnapshotCreateTime=2026-03-02 02:08:00+00:00, 37 %, 20 GiB, 1 of 100"

    assert said == redacted(said, {})


def test_the_sandbox_takes_what_was_seen(tmp_path: Path) -> None:
    """The worlds of the workflow tests are the usual one and that one; without a report, one."""
    told = reported(tmp_path, SEEN)

    assert SEEN == switches_of(told) == observed(tmp_path / report.JSON)
    assert [Switches(), SEEN] == worlds(tmp_path / report.JSON)
    assert [Switches()] == worlds(tmp_path / "none.json")
    told["questions"][0] |= {"id": "sse_rds", "value": "something new"}
    with pytest.raises(ValueError, match="something new"):
        switches_of(told)


def test_the_workflow_tests_run_in_the_world_that_was_seen_too(tmp_path: Path) -> None:
    """Beside the usual one, as soon as there is a report; but those that count its looks."""
    reported(tmp_path, SEEN)
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-n", "0"]
    one = "tests/nights/test_the_night.py"
    collected = {}
    for name in ("none.json", report.JSON):
        environment = {**os.environ, "RDS_BACKUP_OBSERVED": str(tmp_path / name)}
        done = subprocess.run(  # noqa: S603 - our own command
            [*command, one], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        collected[name] = [line for line in done.stdout.splitlines() if "::" in line]
    usual, both = collected.values()

    assert len(usual) < len(both)
    seen = [line for line in both if "[observed" in line or "observed]" in line]
    assert seen
    assert [line for line in usual for name in RESTS_ON["listing_lag_calls"] if name in line]
    assert not [line for line in seen for name in RESTS_ON["listing_lag_calls"] if name in line]


def test_the_readme_says_when_it_was_last_accepted(tmp_path: Path) -> None:
    """Generated from the reports in docs/acceptance; there is none until somebody sends one."""
    assert sentence(REPORTS) in (ROOT / "README.md").read_text()
    assert "Last accepted on two real AWS accounts: never yet." == sentence(tmp_path)
    for day in (3, 12):
        told = {"date": f"2026-12-{day:02}"}
        (tmp_path / f"{day}.json").write_text(json.dumps(told))
    assert "Last accepted on two real AWS accounts: on 2026-12-12." == sentence(tmp_path)


def test_what_rests_on_a_usual_value_is_a_test_and_a_switch() -> None:
    """A name that is no test's any more would leave nothing out."""
    named = {name for names in RESTS_ON.values() for name in names}
    defined = {
        item.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for item in ast.walk(ast.parse(path.read_text()))
        if isinstance(item, ast.FunctionDef)
    }

    assert named <= defined
    assert set(RESTS_ON) <= {field.name for field in fields(Switches)}
