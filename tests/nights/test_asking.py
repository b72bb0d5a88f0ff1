"""The command line asks a deployed function, and prints what a look of its own would print."""

import io
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rds_backup.__main__ import main
from rds_backup.aws import account
from rds_backup.report.result import Report
from sandbox import Sandbox
from sandbox.serving.lambda_runtime import Function
from tests.support.cloud import Cloud, answering, clouded
from tests.support.drilling import made, ready
from tests.support.playing import NIGHT, automated, nights

type Said = Callable[..., tuple[int, str, str]]
LOOK, STACK = "rds-backup-LookFunction-1ABC", "rds-backup"


@pytest.fixture
def function(aws: Sandbox) -> Function:
    """A function for looks, after two nights of two databases."""
    aws.add_instance("orders", engine="postgres", kms_key="aws/rds", tags={"backup": "nightly"})
    aws.add_cluster("billing", engine="aurora-mysql", kms_key="aws/rds", tags={"backup": "nightly"})
    nights(aws, Function(aws, aws.environment(DB_TAG="backup=nightly")), 2)
    return Function(aws, aws.environment(DB_TAG="backup=nightly", READ_ONLY="true"))


@pytest.fixture
def cloud(function: Function) -> Iterator[Cloud]:
    """The function deployed, in a stack."""
    with clouded(Cloud({LOOK: answering(function)}, {STACK: LOOK})) as found:
        yield found


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Said:
    """What a command prints, and its exit code; the environment has no variable of ours."""
    monkeypatch.setenv("AWS_REGION", "eu-west-1")

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        return code, *capsys.readouterr()

    return run


def _as_its_own(
    function: Function, said: Said, monkeypatch: pytest.MonkeyPatch, *command: str
) -> tuple[int, str, str]:
    """The same command with the function's environment and credentials."""
    with monkeypatch.context() as inside:
        for name, value in function.environment.items():
            inside.setenv(name, value)
        inside.setenv("AWS_LAMBDA_FUNCTION_NAME", "nobody")
        account.own.cache_clear()
        return said(*command)


@pytest.mark.parametrize(
    "command",
    [
        ("status",),
        ("status", "--all"),
        ("status", "--json"),
        ("status", "--only-bad", "--exit-code"),
        ("plan", "--exit-code"),
        ("plan", "--all"),
        ("restore-plan", "orders"),
        ("restore-plan", "orders", "--at", "2026-03-02T04:00:00Z"),
        ("restore-plan", "nothing"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("name", [LOOK, STACK])
def test_a_function_is_shown_like_a_look_of_ones_own(
    cloud: Cloud,
    function: Function,
    said: Said,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    name: str,
) -> None:
    """The same tables, commands and exit codes, by the function's name or its stack's."""
    assert _as_its_own(function, said, monkeypatch, *command) == said(*command, "--function", name)
    assert [LOOK] == [asked for asked, _ in cloud.invoked]


class TestDrill:
    """What a drill would do is asked of the function that looks at drills, and of no other."""

    @pytest.mark.parametrize("command", [("drill", "--plan"), ("drill", "--plan", "--json")])
    def test_it_is_shown_like_a_look_of_ones_own(
        self,
        aws: Sandbox,
        said: Said,
        monkeypatch: pytest.MonkeyPatch,
        command: tuple[str, ...],
    ) -> None:
        """By the stack's name; nothing is restored."""
        ready(aws)
        looking = Function(aws, aws.drill_environment(READ_ONLY="true"))
        with clouded(Cloud({LOOK: answering(looking)}, {STACK: LOOK})) as cloud:
            own = _as_its_own(looking, said, monkeypatch, *command)
            assert own == said(*command, "--function", STACK)
        assert 0 == own[0]
        assert "orders" in own[1]
        assert [(LOOK, {"action": "drill", "plan": True})] == cloud.invoked
        assert ["DrillLookFunction"] == cloud.parts
        assert [] == made(aws)

    def test_a_stack_without_drills_says_so(self, said: Said) -> None:
        """And what would give it some."""
        with clouded(Cloud({}, {STACK: None})):
            code, _, err = said("drill", "--plan", "--function", STACK)
        assert 2 == code
        assert "has no DrillLookFunction" in err
        assert "without DrillSchedule" in err

    def test_the_command_only_looks(self, said: Said, capsys: pytest.CaptureFixture[str]) -> None:
        """A drill is the function's: there is no command that restores anything."""
        with pytest.raises(SystemExit) as ended:
            said("drill")
        assert 2 == ended.value.code
        assert "--plan" in capsys.readouterr().err

    def test_what_does_not_work_ends_with_one(
        self, aws: Sandbox, said: Said, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A look that saw half of the account is no success."""
        ready(aws)
        aws.fault("DescribeDBClusters", code="AccessDenied", status=403)
        looking = Function(aws, aws.drill_environment(READ_ONLY="true"))
        code, out, _ = _as_its_own(looking, said, monkeypatch, "drill", "--plan")
        assert 1 == code
        assert out.startswith("what would be restored is not known")
        assert "problem: cannot list clusters in the backup account" in out


def test_check_is_asked_too_and_ends_with_its_worst_answer(cloud: Cloud, said: Said) -> None:
    """Its answers are the function's, whose role it is about."""
    code, out, _ = said("check", "--function", STACK)

    assert code in (1, 2)
    assert "pass  backup key: 8 answers" in out
    assert [(LOOK, {"action": "check"})] == cloud.invoked


def test_the_page_of_a_function_is_written(cloud: Cloud, said: Said, tmp_path: Path) -> None:
    """Whoever may look has the page that auditors file."""
    path = tmp_path / "status.html"

    assert 0 == said("status", "--function", STACK, "--html", str(path))[0]
    assert "orders" in path.read_text(encoding="utf-8")
    assert 1 == len(cloud.invoked)


def test_a_result_in_pages_is_asked_for_until_it_is_whole(
    aws: Sandbox,
    function: Function,
    said: Said,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Thirty databases in pages of a few: every row, each once."""
    for number in range(30):
        aws.add_instance(f"db-{number:02}", engine="mysql", tags={"backup": "nightly"})
    automated(aws, NIGHT.replace(day=5))
    whole = _as_its_own(function, said, monkeypatch, "status", "--all")
    monkeypatch.setattr(Report.as_dict, "__defaults__", (None, 10_500))  # bytes of a page
    with clouded(Cloud({LOOK: answering(function)})) as cloud:
        assert whole == said("status", "--all", "--function", LOOK)
    assert 3 == len(cloud.invoked)
    assert "more are not in this result" not in whole[1]


def test_it_is_invoked_once_and_waited_for_as_long_as_it_may_run(cloud: Cloud, said: Said) -> None:
    """boto3's own defaults begin the look again after a minute, while the first one still runs."""
    said("status", "--function", LOOK)
    (config,) = {
        (c.meta.config.read_timeout, c.meta.config.retries["total_max_attempts"])
        for c in cloud.clients
    }

    assert (910, 1) == config


RESULT = {"version": 1, "action": "status", "outcome": "completed"}


@pytest.mark.parametrize(
    ("answer", "failed", "fact"),
    [
        ({"statusCode": 200, "body": "ok"}, False, "is not a result of rds-backup"),
        (None, False, "is not a result of rds-backup"),
        (b"<html>", False, "returned something that is not JSON"),
        ({"outcome": "completed", "databases": []}, False, "comes from an earlier release"),
        (RESULT | {"version": "1"}, False, "comes from an earlier release"),
        (RESULT | {"version": 2}, False, "comes from a later release"),
        (RESULT | {"action": "plan"}, False, "is a result of plan, not of status"),
        (RESULT, False, "not a complete result of this release"),
        ({"errorMessage": "unknown action 'status'"}, True, "unknown action 'status'"),
        ({"errorMessage": "2026 Task timed out after 600.00 seconds"}, True, "Task timed out"),
        ({"odd": 1}, True, 'returned an error: {"odd": 1}'),
    ],
)
def test_an_answer_that_cannot_be_shown_ends_with_two_in_words(
    said: Said,
    answer: object,
    failed: bool,  # noqa: FBT001
    fact: str,
) -> None:
    """Another product's function, an older or a newer release, an error: never a table."""
    with clouded(Cloud({LOOK: lambda _: (answer, failed)})):
        code, out, err = said("status", "--function", LOOK)

    assert (2, "") == (code, out)
    assert fact in err
    assert "Traceback" not in err


def test_a_function_that_goes_round_in_circles_is_told(said: Said) -> None:
    """No loop without an end, whatever answers."""
    again = RESULT | {"more": {"count": 1, "after": "a"}, "databases": []}
    with clouded(Cloud({LOOK: lambda _: (again, False)})) as cloud:
        code, _, err = said("status", "--function", LOOK)

    assert 2 == code
    assert "so its pages never end" in err
    assert 2 == len(cloud.invoked)


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        ({"functions": {}, "stacks": {}}, f"there is no function, and no stack, named {STACK}"),
        ({"stacks": {STACK: None}}, f"stack {STACK} has no LookFunction: update it"),
        ({"denied": frozenset({"Invoke"})}, "may not invoke"),
        ({"denied": frozenset({"Invoke"})}, "LookPolicyArn"),
    ],
)
def test_a_function_that_cannot_be_asked_is_told_with_the_next_step(
    cloud: Cloud,
    said: Said,
    change: dict[str, Any],
    fact: str,
) -> None:
    """Not there, not updated, not allowed."""
    for name, value in change.items():
        setattr(cloud, name, value)

    code, out, err = said("status", "--function", STACK)

    assert (2, "") == (code, out)
    assert fact in err


@pytest.mark.parametrize("profile", [None, "nobody"])
@pytest.mark.usefixtures("cloud")
def test_who_is_not_signed_in_is_told_how(
    said: Said, monkeypatch: pytest.MonkeyPatch, profile: str | None
) -> None:
    """Without any credentials, and with a profile that is not there."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    if profile:
        monkeypatch.setenv("AWS_PROFILE", profile)

    code, out, err = said("status", "--function", STACK)

    assert (2, "") == (code, out)
    assert "; sign in (aws sso login), and name the profile: --profile or AWS_PROFILE" in err


def test_who_may_not_look_at_stacks_may_still_name_the_function(cloud: Cloud, said: Said) -> None:
    """One permission is enough: to invoke it."""
    cloud.denied = frozenset({"DescribeStackResource"})

    assert 0 == said("status", "--function", LOOK)[0]
    assert 2 == said("status", "--function", STACK)[0]


@pytest.fixture
def saved(function: Function, tmp_path: Path) -> Path:
    """The result of a status in a file."""
    path = tmp_path / "status.json"
    path.write_text(json.dumps(function.invoke({"action": "status"}).result, indent=2))
    return path


def test_a_saved_result_is_printed_from_a_file_and_from_standard_input(
    saved: Path,
    function: Function,
    said: Said,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As `sam remote invoke` prints it, too: other lines, then the result in one."""
    expected = _as_its_own(function, said, monkeypatch, "status")
    assert expected == said("status", "--result", str(saved))
    remote = f"START RequestId: 1\nEND\n{json.dumps(json.loads(saved.read_text()))}\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(remote))
    assert expected == said("status", "--result", "-")


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("", "is empty"),
        ('{"version": 1, "act', "was it cut off?"),
        ("no JSON\nat all", "was it cut off?"),
        ("[]", "is not a result of rds-backup"),
        (json.dumps({"errorMessage": "the environment cannot be used"}), "cannot be used"),
    ],
)
def test_a_file_that_is_no_result_ends_with_two(
    said: Said,
    tmp_path: Path,
    text: str,
    fact: str,
) -> None:
    """Cut off, empty, or something else."""
    path = tmp_path / "some.json"
    path.write_text(text)

    code, out, err = said("status", "--result", str(path))

    assert (2, "") == (code, out)
    assert fact in err


def test_a_file_that_is_not_there_ends_with_two(said: Said, tmp_path: Path) -> None:
    """In words, with its name."""
    code, _, err = said("plan", "--result", str(tmp_path / "none.json"))

    assert 2 == code
    assert "none.json cannot be read" in err


def test_a_page_of_a_result_says_what_it_leaves_out(
    saved: Path,
    said: Said,
) -> None:
    """Whoever saved one page of many must not take it for all."""
    result = json.loads(saved.read_text())
    result["counts"]["databases"]["stuck"] = 3
    result["bad"] = [{"state": "stuck", "reason": "", "fix": None, "count": 3, "names": ["x"]}]
    saved.write_text(json.dumps(result | {"more": {"count": 3, "after": "x"}}))

    code, out, _ = said("status", "--result", str(saved), "--exit-code")

    assert 1 == code
    assert out.startswith("3 of 5 need a person: x (stuck) and 2 more (3 more are")


def changed(saved: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """The saved result with a change in it."""
    result = json.loads(saved.read_text())
    change(result)
    saved.write_text(json.dumps(result))
    return saved


def _more_keys(item: object) -> None:
    """A key that this release does not know, in every object."""
    if isinstance(item, dict):
        for value in list(item.values()):
            _more_keys(value)
        if "count" not in item and not all(isinstance(v, int) for v in item.values()):
            item["of_a_later_release"] = {"x": 1}
    elif isinstance(item, list):
        for value in item:
            _more_keys(value)


def test_keys_of_a_later_release_are_left_alone(saved: Path, said: Said) -> None:
    """Within a version keys may come: an updated stack breaks no laptop."""
    expected = said("status", "--all", "--result", str(saved))

    assert expected == said("status", "--all", "--result", str(changed(saved, _more_keys)))
    assert 0 == expected[0]


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r.update(databases=None),
        lambda r: r.update(counts=5),
        lambda r: r["databases"][0].update(reason=None),
        lambda r: r["databases"][0].update(backup_taken_at=5),
        lambda r: r["setting"].update(looked_at="yesterday"),
        lambda r: r.update(more=5),
        lambda r: r.pop("setting"),
        lambda r: r["databases"][0].pop("state"),
        lambda r: r["databases"][0].update(state="of a later version"),
    ],
    ids=range(9),
)
def test_a_result_that_is_odd_inside_ends_with_two_and_prints_no_half(
    saved: Path, said: Said, change: Callable[[dict[str, Any]], object]
) -> None:
    """No traceback, and no table that breaks off."""
    code, out, err = said("status", "--all", "--result", str(changed(saved, change)))

    assert (2, "") == (code, out)
    assert "is not a complete result of this release" in err
    assert "Traceback" not in err


def test_a_file_of_brackets_ends_with_two(said: Said, tmp_path: Path) -> None:
    """Deeper than Python reads."""
    path = tmp_path / "deep.json"
    path.write_text("[" * 100_000)

    assert 2 == said("status", "--result", str(path))[0]


def test_a_file_with_a_mark_of_its_encoding_is_read(saved: Path, said: Said) -> None:
    """As PowerShell writes it."""
    saved.write_text(saved.read_text(), encoding="utf-8-sig")

    assert 0 == said("status", "--result", str(saved))[0]


def test_nothing_in_a_result_steers_the_terminal(saved: Path, said: Said) -> None:
    """A name with an escape sequence could paint a row of its own."""

    def hostile(result: dict[str, Any]) -> None:
        result["databases"][0]["database"] = "a\x1b[31m\nprotected  fake\ud800"
        result["databases"][0]["fix"] = "\x07\x9b"

    _, out, _ = said("status", "--all", "--result", str(changed(saved, hostile)))

    assert not [c for c in out if c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160)]
    assert not any(line.startswith("protected  fake") for line in out.splitlines())
    with clouded(Cloud({LOOK: lambda _: ({"errorMessage": "\x1b[2Jgone"}, True)})):
        assert "\x1b" not in said("status", "--function", LOOK)[2]


def test_an_old_result_says_so_and_is_no_success(saved: Path, said: Said, aws: Sandbox) -> None:
    """A dashboard that prints last week's file must not be green."""
    assert 0 == said("status", "--exit-code", "--result", str(saved))[0]
    aws.clock.advance(hours=3)
    code, out, _ = said("status", "--exit-code", "--result", str(saved))
    assert 0 == code
    assert out.startswith("as of 2026-03-03 04:20 UTC, 3 hours ago: all 2 are protected\n")
    aws.clock.advance(hours=40)
    assert 1 == said("status", "--exit-code", "--result", str(saved))[0]


def test_pages_of_two_looks_tell_each_database_once_and_the_worse_counts(
    saved: Path, said: Said
) -> None:
    """Between two pages one heals and another breaks."""
    whole = json.loads(saved.read_text())
    first, second = whole["databases"]
    pages = {
        None: whole
        | {"databases": [first | {"state": "stuck"}], "more": {"count": 1, "after": "a"}},
        "a": whole | {"databases": [second]},
    }
    with clouded(Cloud({LOOK: lambda event: (pages[event.get("after")], False)})):
        code, out, _ = said("status", "--exit-code", "--function", LOOK)
    assert 1 == code
    assert out.startswith(f"1 of 2 needs a person: {first['database']} (stuck)")
    pages["a"]["databases"] = [second, first]
    with clouded(Cloud({LOOK: lambda event: (pages[event.get("after")], False)})):
        code, out, _ = said("status", "--exit-code", "--function", LOOK)
    assert (0, 1) == (code, out.count(f"  {first['database']}  "))


def test_pages_that_alternate_end(said: Said, saved: Path) -> None:
    """A, B, A: nothing is asked for ever."""
    whole = json.loads(saved.read_text())

    def turn(event: dict[str, Any]) -> tuple[object, bool]:
        after = "b" if event.get("after") == "a" else "a"
        return whole | {"more": {"count": 1, "after": after}}, False

    with clouded(Cloud({LOOK: turn})) as cloud:
        assert 2 == said("status", "--function", LOOK)[0]
    assert 3 == len(cloud.invoked)


def test_a_saved_restore_plan_is_not_taken_for_another_databases(
    function: Function, said: Said, tmp_path: Path
) -> None:
    """At 4 a.m. the wrong database's commands are worse than none."""
    path = tmp_path / "plan.json"
    event = {"action": "restore_plan", "database": "billing"}
    path.write_text(json.dumps(function.invoke(event).result))

    assert 0 == said("restore-plan", "--result", str(path))[0]
    assert 0 == said("restore-plan", "billing", "--result", str(path))[0]
    code, out, err = said("restore-plan", "orders", "--result", str(path))
    assert (2, "") == (code, out)
    assert "has the plan of billing" in err
    at = ("--at", "2026-03-02T12:00:00Z")
    assert 2 == said("restore-plan", "billing", "--result", str(path), *at)[0]


def test_what_is_empty_or_not_set_is_told_with_what_to_type(
    said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shell variable that is not set, and a laptop on which nothing is."""
    code, _, err = said("status", "--function", "")
    assert (2, True) == (code, "--function is empty" in err)
    code, _, err = said("status")
    assert (2, True) == (code, "run rds-backup status --function with the name of its stack" in err)
    monkeypatch.setenv("BACKUP_ACCOUNT", "222222222222")
    code, _, err = said("check")
    assert (2, True) == (code, "own functions take status, restore_plan, expire and drill" in err)


def test_a_stack_that_could_not_be_looked_up_is_not_called_missing(
    cloud: Cloud, said: Said
) -> None:
    """The way out is the function's own name."""
    cloud.denied = frozenset({"DescribeStackResource"})

    _, _, err = said("status", "--function", STACK)

    assert "a stack could not be looked up (AccessDenied): give the function's own name" in err


@pytest.mark.parametrize("timeout", ["0s", "119s", "99999999999999h"])
def test_a_timeout_out_of_reason_is_refused(
    timeout: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is started in the last minute, and no number ends in a traceback."""
    with pytest.raises(SystemExit) as refused:
        main(["run", "--timeout", timeout])
    assert 2 == refused.value.code
    assert "is not between 2m and 8760h" in capsys.readouterr().err


def test_a_time_before_all_times_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """It has no moment in UTC."""
    with pytest.raises(SystemExit) as refused:
        main(["restore-plan", "orders", "--at", "0001-01-01T00:00:00+10:00"])
    assert 2 == refused.value.code
    assert "is not a time" in capsys.readouterr().err
