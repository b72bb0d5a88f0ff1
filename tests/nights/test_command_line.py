"""The command line: the container task, and a look at what it would do."""

import json
from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import patch

import pytest

from rds_backup import __main__ as command_line
from rds_backup import __version__
from rds_backup.aws import account
from rds_backup.commands import run as run_command
from rds_backup.model.decisions import State
from rds_backup.report.entry import Entry
from rds_backup.report.result import Report
from sandbox import Sandbox
from tests.support.playing import DAY, NIGHT, automated, backups, mutations, shared_copies


@pytest.fixture
def task(aws: Sandbox) -> Iterator[Sandbox]:
    """A container task whose sleep moves the sandbox's clock."""
    aws.add_instance("orders", engine="postgres", kms_key="aws/rds")
    automated(aws)
    aws.clock.move_to(NIGHT)
    environment = aws.environment(DB_ID="orders")

    def sleep(seconds: float) -> None:
        aws.clock.advance(timedelta(seconds=seconds))

    with (
        patch.dict("os.environ", environment, clear=True),
        patch("rds_backup.__main__.time.sleep", sleep),
        patch.object(run_command, "SECONDS_BETWEEN_PASSES", 300.0),  # fewer passes to play
    ):
        account.own.cache_clear()
        account.assumed.cache_clear()
        yield aws


def test_it_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    """What somebody is asked for who reports a mistake."""
    with pytest.raises(SystemExit) as ended:
        command_line.main(["--version"])

    assert (0, f"rds-backup {__version__}\n") == (ended.value.code, capsys.readouterr().out)


def test_run_waits_until_everything_is_protected(
    task: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 0 means protected, and progress is shown with percentages on the way."""
    assert 0 == command_line.main(["run"])
    assert ["available"] == [b.status for b in backups(task)]
    assert [] == shared_copies(task)
    out, err = capsys.readouterr()
    assert "protected   orders (instance, 1 kept" in out
    assert "50 %" in err


def test_run_gives_up_at_its_timeout_and_the_next_run_goes_on(
    task: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 3: nothing more is changed, and nothing is lost."""
    task.copies.duration = timedelta(hours=5)
    assert 3 == command_line.main(["run", "--timeout", "90m", "--json"])
    assert "in_progress" == json.loads(capsys.readouterr().out)["outcome"]
    assert 1 == len(shared_copies(task))
    assert task.clock.now - NIGHT <= timedelta(minutes=90)
    assert 0 == command_line.main(["run"])
    assert ["available"] == [b.status for b in backups(task)]


def test_run_that_had_no_time_to_act_is_no_success(
    task: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is protected: it could not be seen to the end."""
    del task
    seen = Entry("orders", None, "db-1", State.PROTECTED, "it is verified")
    late = Report((), (seen,), late="reading left no time")
    with patch("rds_backup.commands.run.run_of", return_value=late):
        assert 1 == command_line.main(["run"])
    assert capsys.readouterr().out.startswith("it is protected; reading left no time\n")


def test_run_tells_of_a_deletion_that_was_refused(
    task: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    """The database is protected, and the temporary copy stays: that is no success."""
    task.fault("DeleteDBSnapshot", code="AccessDenied", message="by a policy", status=403)
    assert 1 == command_line.main(["run"])
    out = capsys.readouterr().out
    assert out.startswith("it is protected; 1 could not be deleted\n")
    assert "not deleted: orders: " in out
    assert "by a policy" in out


def test_run_ends_with_one_when_a_person_should_look(
    task: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    """A refused call is no reason to wait."""
    task.fault("CopyDBSnapshot", code="AccessDenied", message="not allowed", status=403)
    assert 1 == command_line.main(["run"])
    assert "blocked     orders" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["plan", "status"])
def test_a_look_changes_nothing(
    task: Sandbox, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Read only, as text and as JSON."""
    assert 0 == command_line.main([command])
    assert "orders" in capsys.readouterr().out
    assert 0 == command_line.main([command, "--json"])
    assert "orders" in json.loads(capsys.readouterr().out)["databases"][0]["database"]
    assert [] == mutations(task)


def test_an_unusable_environment_ends_with_two(
    task: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The mistakes, all of them, on standard error; no call."""
    monkeypatch.setenv("BACKUPS_TO_KEEP", "0")
    monkeypatch.delenv("KMS_KEY_ID")
    assert 2 == command_line.main(["run"])
    err = capsys.readouterr().err
    assert "BACKUPS_TO_KEEP is '0'" in err
    assert "KMS_KEY_ID is not set" in err
    assert [] == task.calls


@pytest.mark.parametrize("timeout", ["", "1", "1d", "-1h", "one hour"])
def test_a_timeout_that_is_no_duration_is_refused(
    task: Sandbox, timeout: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message says what is expected."""
    with pytest.raises(SystemExit) as refused:
        command_line.main(["run", f"--timeout={timeout}"])
    assert 2 == refused.value.code
    assert "expected 23h, 90m or 3600s" in capsys.readouterr().err
    assert [] == task.calls


def test_role_credentials_are_renewed_in_a_long_wait(task: Sandbox) -> None:
    """A role assumed with a role's credentials lives one hour; the run lives longer (7.10)."""
    task.copies.duration = timedelta(hours=7)
    assert 0 == command_line.main(["run"])
    assumed = [c for c in task.calls if c.operation == "AssumeRole"]
    assert 14 <= len(assumed) <= 30  # refreshed some minutes before each hour is over
    assert task.clock.now < NIGHT + DAY


@pytest.mark.parametrize(
    "operation",
    [
        "DescribeDBSnapshots",
        "DescribeKey",
        "GetCallerIdentity",
        "AssumeRole",
        "DescribeDBInstances",
        "CopyDBSnapshot",
    ],
)
@pytest.mark.parametrize("code", ["ThrottlingException", "ServiceUnavailable"])
@pytest.mark.parametrize("minutes", [0, 10])
def test_run_waits_through_a_bad_minute(
    task: Sandbox, operation: str, code: str, minutes: int
) -> None:
    """A passing error is no reason to end a night, and none to wake anybody."""
    task.copies.duration = timedelta(minutes=12)
    begin = NIGHT + timedelta(minutes=minutes)
    fault = task.fault(
        operation,
        code=code,
        status=503 if code == "ServiceUnavailable" else 400,
        when=lambda _: begin <= task.clock.now < begin + timedelta(minutes=1),
    )
    with patch.object(run_command, "SECONDS_BETWEEN_PASSES", 30.0):
        assert 0 == command_line.main(["run"])

    # Ten minutes in, the role's credentials are there, and the copies run.
    once = ("AssumeRole", "CopyDBSnapshot", "GetCallerIdentity")
    assert fault.hits or (minutes and operation in once)
    assert ["available"] == [b.status for b in backups(task)]


@pytest.mark.parametrize(("operation", "expected"), [("GetCallerIdentity", 2), ("DescribeKey", 1)])
def test_what_never_passes_is_told_at_the_timeout(
    task: Sandbox, operation: str, expected: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Waiting is no success: a person has to look in the end."""
    task.fault(operation, code="ThrottlingException", status=400)
    assert expected == command_line.main(["run", "--timeout", "30m"])
    assert "ThrottlingException" in "".join(capsys.readouterr())


def test_what_is_refused_is_not_waited_for(task: Sandbox) -> None:
    """A person has to mend it, and should know at once."""
    task.fault("DescribeDBInstances", code="AccessDenied", status=403)
    assert 1 == command_line.main(["run"])
    assert task.clock.now == NIGHT


def test_ctrl_c_ends_it_in_words(task: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    """130, as shells have it; nothing is lost."""
    del task
    with patch("rds_backup.__main__.time.sleep", side_effect=KeyboardInterrupt):
        assert 130 == command_line.main(["run"])
    said = capsys.readouterr().err.splitlines()
    assert "stopped by Ctrl-C; RDS finishes copies under way; the next run continues" == said[-1]
