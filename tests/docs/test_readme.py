"""The README says what the code does: its tables, its commands, its paths and the demo's output."""

import io
import json
import os
import re
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from rds_backup.__main__ import main as command_line
from rds_backup.commands import options
from rds_backup.inputs import environment, request
from rds_backup.inputs.variables import VARIABLES
from rds_backup.model.decisions import BAD, State
from rds_backup.report import actions
from rds_backup.report.detail import Condition, Detail
from rds_backup.report.entry import Entry
from rds_backup.report.result import BackupFailedError, Outcome, Report
from sandbox import Sandbox, demo
from sandbox.serving.lambda_runtime import Function, Invocation
from tests.support import figures
from tests.support.resolved_templates import SOURCE_TEMPLATE, TEMPLATES, Stack
from tests.support.stories import EXPIRES_WITHIN, HEALS_WITHIN

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text()
# Everything outside of fenced blocks, and the fenced blocks by language.
PROSE = re.sub(r"^```.*?^```$", "", TEXT, flags=re.MULTILINE | re.DOTALL)
JSON_BLOCKS = re.findall(r"^```json\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)
LINKS = re.findall(r"\]\(([^)]+)\)", PROSE)
# Paths in backticks that are a user's own or AWS's.
NOT_FILES = {
    ".tools/sam/bin": "make build makes it",
    "alias/rds-backup": "an alias of a key",
    "aws/rds": "AWS's own key",
    "env.json": "the user writes it, git ignores it",
}


def _section(title: str) -> str:
    """The text under a heading of the second level."""
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", TEXT, flags=re.MULTILINE | re.DOTALL)
    assert found, f"README.md has no section {title}"
    return found[1]


def _table(section: str, first: str) -> list[list[str]]:
    """The rows, less the heading, of the section's table whose first column has this heading."""
    lines = section.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"| {first} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def _code(cell: str) -> str:
    """The text of a cell that is one piece of code."""
    assert cell.startswith("`"), cell
    assert cell.endswith("`"), cell
    return cell[1:-1]


def _between(name: str) -> str:
    """The contents of the fenced block between two marks."""
    pattern = rf"<!-- {name}:begin -->\n```\w+\n(.*?)```\n<!-- {name}:end -->"
    found = re.search(pattern, TEXT, flags=re.DOTALL)
    assert found, f"README.md has no block {name}"
    return found[1]


@pytest.fixture(scope="module")
def night() -> demo.Night:
    """The demo's."""
    return demo.play()


class TestTheDemo:
    """What the README shows was printed by a run."""

    def test_every_line_shown_is_printed_in_that_order(self, night: demo.Night) -> None:
        """An excerpt may leave lines out, and may not change or add any."""
        screen = Console(width=demo.WIDTH, highlight=False, file=io.StringIO())
        with screen.capture() as capture:
            demo.show(screen, night)
        printed = (line.rstrip() for line in capture.get().splitlines())
        shown = _between("demo").splitlines()

        assert [] == [line for line in shown if line not in printed]  # consumes as it goes

    def test_the_night_its_outcome_and_its_end_are_shown(self) -> None:
        """An empty block would satisfy the test above."""
        shown = _between("demo")

        assert all(title in shown for title in ("The night", "What was seen"))
        assert all(f" {word}" in shown for word in ("schedule", "tick", "completed"))

    def test_the_result_shown_is_part_of_the_returned_one(self, night: demo.Night) -> None:
        """It is an excerpt: some of the actions and databases, each of them whole."""
        [returned] = (t.done.result for t in night.ticks if f"{t.at:%H:%M}" == "04:00")
        shown = json.loads(_between("result"))

        assert returned is not None
        assert returned["outcome"] == shown["outcome"]
        for part in ("actions", "databases"):
            assert shown[part]
            assert [] == [item for item in shown[part] if item not in returned[part]]


@pytest.mark.parametrize("command", ["check", "plan", "status"])
def test_what_is_shown_of_a_look_was_printed(command: str) -> None:
    """Lines may be left out, and none changed; tests/docs/test_golden.py prints the rest."""
    printed = iter((ROOT / "tests/docs/golden/looks" / f"{command}.txt").read_text().splitlines())
    shown = _between(command).splitlines()

    assert [] == [line for line in shown if line not in printed]  # consumes as it goes
    assert len(shown) > 10


class TestTheEnvironment:
    """The table of variables is the settings'."""

    rows = _table(_section("Environment"), "variable")

    def test_it_has_every_variable_and_no_other(self) -> None:
        """A variable that is not documented is not there for a user."""
        assert list(VARIABLES) == [_code(row[0]) for row in self.rows]

    @pytest.mark.parametrize("row", rows, ids=[_code(row[0]) for row in rows])
    def test_its_default_is_that_of_the_code(self, row: list[str]) -> None:
        """Without a default it is required, or may be left out."""
        name, default = _code(row[0]), row[1]
        row_of_code = VARIABLES[name]
        if row_of_code.default is not None:
            assert row_of_code.default == _code(default)
        else:
            assert default == ("none" if row_of_code.optional else "required")

    def test_the_required_ones_and_a_database_are_all_it_takes(self) -> None:
        """Whoever fills in what the table calls required has a configuration that is accepted."""
        example = json.loads(next(b for b in JSON_BLOCKS if '"BackupFunction"' in b))
        given = example["BackupFunction"]
        required = {_code(row[0]) for row in self.rows if row[1] == "required"}

        assert environment.from_env(given).source_account == given["SOURCE_ACCOUNT"]
        assert required | {"DB_TAG"} == set(given)

    def test_those_marked_for_expire_are_the_ones_it_reads(self) -> None:
        """In the backup account nothing else has to be set."""
        read = set()

        class Environment(dict[str, str]):
            def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - as dict has it
                read.add(key)
                return super().get(key, default)

        environment.expire_from_env(Environment(BACKUP_ACCOUNT="222222222222"))

        assert read == {_code(row[0]) for row in self.rows if "Also for `expire`" in row[2]}


class TestEvents:
    """The table of events is the parser's."""

    rows = _table(_section("Events"), "event")

    @pytest.mark.parametrize("row", rows, ids=[row[0] for row in rows])
    def test_it_is_understood_as_the_action_beside_it(self, row: list[str]) -> None:
        """So is the sample file in its row."""
        samples = [
            json.loads((ROOT / path).read_text()) for path in re.findall(r"\((.+?)\)", row[3])
        ]

        for event in (json.loads(_code(row[0])), *samples):
            assert _code(row[1]) == request.parse(event).action

    def test_every_action_is_there(self) -> None:
        """And no other."""
        assert set(request.Action) == {_code(row[1]) for row in self.rows}

    def test_those_called_read_only_are(self) -> None:
        """Whoever reads that nothing is changed may ask for it in production."""
        read_only = {_code(row[1]) for row in self.rows if "read only" in row[2]}

        assert request.READ_ONLY == read_only

    @pytest.mark.parametrize("path", sorted((ROOT / "events").glob("*.json")), ids=lambda p: p.stem)
    def test_every_sample_is_mentioned(self, path: Path) -> None:
        """Samples that nobody finds help nobody."""
        assert f"](events/{path.name})" in _section("Events")


class TestTheResult:
    """States, outcomes, keys and exit codes."""

    section = _section("Result, states and outcomes")

    def test_every_state_is_there_and_whether_a_person_should_look(self) -> None:
        """In the code's own order."""
        rows = _table(self.section, "state")
        expected = [[state, "yes" if state in BAD else "no"] for state in State]

        assert expected == [[_code(row[0]), row[1]] for row in rows]

    def test_every_outcome_is_there_and_whether_it_raises(self) -> None:
        """Each outcome by a report that comes to it."""
        told = {_code(row[0]): row[1] for row in _table(self.section, "outcome")}
        found = dict(map(_outcome, REPORTS))

        assert list(Outcome) == list(told)
        assert told == found

    def test_the_keys_of_a_database_are_those_of_the_code(self) -> None:
        """The example has all of them, but those that only `plan` and `status` add."""
        shown = json.loads(_between("result"))["databases"][0]

        entry = Entry("orders", None, None, State.PROTECTED, "a reason")
        assert list(entry.as_dict()) == list(shown)

    def test_the_keys_that_plan_and_status_add_are_those_of_the_code(self) -> None:
        """In a table of their own."""
        told = [re.findall(r"`(\w+)`", row[0]) for row in _table(self.section, "key")]

        assert [field.name for field in fields(Detail)] == list(chain.from_iterable(told))

    def test_every_condition_of_a_copy_is_named(self) -> None:
        """A program that reads them has to know them all."""
        assert set(Condition) <= set(re.findall(r"`(\w+)`", self.section))

    def test_every_action_that_a_result_can_list_is_named(self) -> None:
        """Those that start something say why in a table, those that delete in their own words."""
        named = set(re.findall(r"`(\w+)`", self.section))

        assert {*actions.WHY, "delete_shared_copy", "expire"} <= named

    def test_exit_codes_are_those_of_the_command(self) -> None:
        """Its help text and the table say the same."""
        told = {int(row[0]) for row in _table(_section("Use it"), "exit code")}
        documented = {int(code) for code in re.findall(r"(\d+): ", command_line.__doc__ or "")}

        assert documented == told


def _entry(state: State) -> Entry:
    return Entry("orders", None, None, state, "")


DONE = ({"action": "copy"},)
REPORTS = (
    Report((), (_entry(State.BLOCKED),)),
    Report((), (_entry(State.BLOCKED), _entry(State.PROTECTED))),
    Report((), (_entry(State.QUEUED), _entry(State.PROTECTED))),
    Report(DONE, (_entry(State.PROTECTED),)),
    Report((), (_entry(State.PROTECTED),)),
)


def _outcome(report: Report) -> tuple[str, str]:
    try:
        report.raise_if_bad()
    except BackupFailedError:
        return report.outcome, "yes"
    return report.outcome, "no"


def test_the_decision_table_speaks_of_states_and_variables_that_exist() -> None:
    """Loosely: its rows are the unit tests' business."""
    rows = _table(_section("What is decided"), "the backup")
    words = set(re.findall(r"`(\w+)`", " ".join(chain.from_iterable(rows))))

    assert words <= {*State, *VARIABLES}
    assert {"protected", "in_progress", "blocked", "stuck", "unsupported"} <= words


def test_metrics_are_those_that_the_handler_emits(aws: Sandbox, function: Function) -> None:
    """Full looks in both accounts emit all of them, an idle tick the heartbeat only."""
    aws.add_instance("orders", engine="postgres", kms_key="aws/rds", tags={"backup": "nightly"})
    idle, full = (function.invoke({"action": action}) for action in ("resume", "status"))
    expiring = Function(aws, aws.backup_environment()).invoke({"action": "expire"})

    assert {"Heartbeat"} == _metrics(idle)
    assert _metrics(full) | _metrics(expiring) == {
        _code(row[0]) for row in _table(_section("Metrics and logs"), "metric")
    }


def _metrics(invocation: Invocation) -> set[str]:
    return {
        metric["Name"]
        for line in invocation.metrics
        for group in line["_aws"]["CloudWatchMetrics"]
        for metric in group["Metrics"]
    }


class TestSetUp:
    """The commands and documents that lead to a first night."""

    section = _section("Set up")

    def test_it_takes_five_commands_at_most_and_checks_before_it_runs(self) -> None:
        """Numbered as the notes below them are."""
        [block] = re.findall(r"^```sh\n(.*?)^```$", self.section, flags=re.MULTILINE | re.DOTALL)
        commands = block.replace("\\\n", "").splitlines()
        disabled, check, enabled = (
            next(i for i, command in enumerate(commands) if text in command)
            for text in ("ScheduleState=DISABLED", "events/check.json", "ScheduleState=ENABLED")
        )

        assert len(commands) <= 5
        assert disabled < check < enabled
        assert [True] * 5 == [f"# {n}." in command for n, command in enumerate(commands, 1)]
        assert re.findall(r"^(\d)\. ", self.section, flags=re.MULTILINE) == list("12345")

    def test_each_environment_of_the_command_line_exists(self) -> None:
        """An unknown one is taken as empty by sam, which then deploys something else."""
        config = tomllib.loads((ROOT / "samconfig.toml").read_text())
        named = set(re.findall(r"--config-env (\w+)", TEXT))

        assert named == {"backup"} <= set(config)

    def test_a_sharing_key_of_ones_own_has_the_policy_of_the_stacks(self) -> None:
        """Less the statement that every key has, for its own account."""
        [block] = [block for block in JSON_BLOCKS if '"Statement"' in block]
        made = Stack(SOURCE_TEMPLATE).resources()["SharingKey"]["KeyPolicy"]["Statement"]

        assert json.loads(block)["Statement"] == [
            s for s in made if s["Sid"] != "PoliciesOfThisAccountDecide"
        ]

    def test_the_page_of_all_permissions_is_linked(self) -> None:
        """It is written from the templates."""
        assert "(docs/permissions.md)" in _section("Permissions")


@pytest.mark.parametrize("block", JSON_BLOCKS, ids=range(len(JSON_BLOCKS)))
def test_json_parses(block: str) -> None:
    """What is pasted has to be accepted."""
    assert json.loads(block)


def test_every_make_target_that_is_named_exists() -> None:
    """Commands are there to be pasted."""
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, flags=re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", TEXT, flags=re.MULTILINE))

    assert {"demo", "test", "check", "build"} <= named
    assert named <= targets


def test_continuous_integration_runs_targets_that_are_named() -> None:
    """What is checked on every change is what a contributor is told to run."""
    script = (ROOT / ".ci/run").read_text()
    lists = re.findall(r"^for target in (.+); do$", script, re.MULTILINE)
    targets = {t for each in lists for t in each.split()}
    targets |= set(re.findall(r"^ *make ([a-z]+)", script, re.MULTILINE))

    assert {"test", "check", "build", "local", "system"} <= targets
    assert targets <= set(re.findall(r"`make ([a-z-]+)", _section("For contributors")))


def _paths() -> Iterator[str]:
    """What looks like a path of the repository: in backticks, in code blocks, or linked."""
    for code in re.findall(r"`([^`\n]+)`", PROSE):
        if re.fullmatch(r"\.?[\w-]+(/[\w.-]+)+/?|[\w-]+\.(json|md|py|toml|ya?ml)", code):
            yield code
    yield from re.findall(r"\b(?:events|docs|tests|sandbox|backup_function)/[\w./-]*", TEXT)
    yield from (link for link in LINKS if not link.startswith(("#", "http")))


@pytest.mark.parametrize("path", sorted(set(_paths()) - set(NOT_FILES)))
def test_every_path_that_is_named_exists(path: str) -> None:
    """Links included, and the heading of a page that one leads to."""
    file, _, heading = path.partition("#")
    assert (ROOT / file).exists()
    if heading:
        titles = re.findall(r"^#+ (.+)$", (ROOT / file).read_text(), flags=re.MULTILINE)
        assert heading in {
            re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles
        }


@pytest.mark.parametrize("path", NOT_FILES)
def test_every_exception_is_needed(path: str) -> None:
    """An exception that matches nothing would hide a mistake later."""
    assert path in set(_paths())


def test_links_within_the_page_resolve() -> None:
    """To the headings as GitHub names them."""
    headings = re.findall(r"^#+ (.+)$", PROSE, flags=re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}

    assert {link[1:] for link in LINKS if link.startswith("#")} <= anchors


def test_no_path_of_a_machine_is_named() -> None:
    """The page is for everybody's machine: its paths begin in the repository."""
    assert [] == re.findall(r"(?:^|[\s`(])((?:/|~/)[\w.]+/\S*)", TEXT, flags=re.MULTILINE)


def test_parameters_of_the_stacks_that_are_named_exist() -> None:
    """A parameter that is misspelled is refused by CloudFormation, after a long build."""
    overrides = re.findall(r"--parameter-overrides ((?:\w+=\S+\s+\\?\n?\s*)+)", TEXT)
    named = set(re.findall(r"\b([A-Z]\w+)=", " ".join(overrides)))
    named |= set(re.findall(r"parameters? `([A-Z][A-Za-z]+)`", TEXT))
    # In the chapter on setting up, every word of this form is a parameter or an output.
    named |= set(re.findall(r"`((?:[A-Z][a-z]+){2,})[=`]", _section("Set up")))
    known = {name for t in TEMPLATES for name in (*t.parameters, *t.body["Outputs"])}

    assert {"DbTag", "BackupAccountId", "KmsKeyArn", "ExpireFrom", "KeyAdministrators"} <= named
    assert named <= known


def test_the_command_line_is_spelled_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """Each command that is shown is one that the parser knows."""
    blocks = "\n".join(re.findall(r"^```sh\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL))
    shown = re.findall(r"^(?:python -m rds_backup|rds-backup) ([\w-]+)", blocks, re.MULTILINE)

    assert {"run", "check", "plan", "status", "restore-plan"} == set(shown)
    assert all(option in TEXT for option in ("--all", "--only-bad", "--exit-code", "--result"))
    for command in set(shown):
        with pytest.raises(SystemExit) as ended:
            command_line([command, "--help"])
        assert os.EX_OK == ended.value.code
    assert "--timeout" in capsys.readouterr().out


def _commands(page: str) -> list[str]:
    """Every command of ours that a page has in a block of its shell."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)
    return re.findall(
        r"^(?:python -m rds_backup|rds-backup) ([^#\n]+)", "\n".join(blocks), re.MULTILINE
    )


@pytest.mark.parametrize("page", ["README.md", "docs/operations.md", "docs/restore.md"])
def test_every_command_that_a_page_has_can_be_typed(page: str) -> None:
    """A slip would end in the usage, at 4 a.m."""
    found = _commands(page)

    assert len(found) > 3
    for command in found:
        assert options.parser("rds-backup", "", "").parse_args(shlex.split(command)).command


def test_the_restore_plan_shown_was_printed() -> None:
    """An excerpt: its lines in their order, from the head to a whole command."""
    printed = iter(
        (ROOT / "tests" / "docs" / "golden" / "restore" / "instance.txt").read_text().splitlines()
    )
    shown = _between("restore").splitlines()

    assert [] == [line for line in shown if line not in printed]  # consumes as it goes
    assert "Restore of orders" in shown[0]
    assert any(line.startswith("aws rds restore-db-instance") for line in shown)


def test_the_figures_of_the_proofs_are_theirs() -> None:
    """Nothing is claimed that was not played."""
    section = _section("Reliability")
    rows = _table(section, "what goes wrong")

    assert figures.figures() == {row[0]: int(row[1]) for row in rows}
    assert f"within {HEALS_WITHIN} ticks of ten minutes" in section
    assert f"the number to keep has gone within {EXPIRES_WITHIN}." in section
