"""The container task as a process of its own, ended by SIGTERM in its waits."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from containers.engine import FailedError
from containers.night import TICK_SECONDS, verify
from sandbox.serving.served import Served, served

FUNCTION = Path(__file__).parents[2] / "backup_function"
COMMAND = (sys.executable, "-m", "rds_backup", "run")
LONGEST_SECONDS = 30


@pytest.fixture
def aws() -> Iterator[Served]:
    """Two accounts behind a port, where copies take as long as it takes to move the clock."""
    with served(copy_seconds=TICK_SECONDS - 60) as sandbox:
        yield sandbox


def _environment(aws: Served) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], **aws.environment}


def _terminated_in_its_wait(aws: Served) -> tuple[int, float, str]:
    """Exit code, seconds from SIGTERM to the end, and what it had printed for the person."""
    with subprocess.Popen(  # noqa: S603 - our own module
        COMMAND, cwd=FUNCTION, env=_environment(aws), stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stderr is not None
        waits: list[str] = []
        while not waits or "looks again" not in waits[-1]:
            waits.append(run.stderr.readline())
        start = time.monotonic()
        run.send_signal(signal.SIGTERM)
        try:
            code = run.wait(LONGEST_SECONDS)
        finally:
            run.kill()
        seconds = time.monotonic() - start
        return code, seconds, "".join([*waits, run.stderr.read()])


def test_sigterm_in_a_wait_ends_the_task_within_two_seconds_and_the_next_run_goes_on(
    aws: Served,
) -> None:
    """Terminated at each of the night's two waits, the third run finds a night to finish."""
    for stage in ("copy under the sharing key started", "copy under the backup key started"):
        code, seconds, said = _terminated_in_its_wait(aws)

        assert 143 == code
        assert seconds < 2
        assert 2 == said.count(stage)
        assert "0 of 2 protected; " in said
        assert (
            "stopped by SIGTERM; RDS finishes copies under way; the next run continues"
            == said.splitlines()[-1]
        )
        with pytest.raises(FailedError, match="shared copies"):
            verify(aws)
        aws.advance(TICK_SECONDS)

    done = subprocess.run(  # noqa: S603 - our own module
        COMMAND,
        cwd=FUNCTION,
        env=_environment(aws),
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_SECONDS,
    )
    assert 0 == done.returncode
    assert done.stderr.splitlines()[-1].endswith("orders: protected")
    verify(aws)


@pytest.mark.parametrize("lost", ["stdout", "stderr"])
def test_a_reader_that_goes_away_ends_the_task_in_words(aws: Served, lost: str) -> None:
    """141, as shells have it, and no traceback: ``run | head`` is no accident."""
    command = COMMAND if lost == "stderr" else (*COMMAND[:-1], "plan")
    with subprocess.Popen(  # noqa: S603 - our own module
        command,
        cwd=FUNCTION,
        env=_environment(aws),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as run:
        gone = run.stdout if lost == "stdout" else run.stderr
        other = run.stderr if lost == "stdout" else run.stdout
        assert gone is not None
        assert other is not None
        gone.close()
        said = other.read()
        assert 141 == run.wait(LONGEST_SECONDS)
    assert "the output was closed; RDS finishes copies under way; the next run continues" in (said)
    assert "Traceback" not in said


def test_a_night_without_its_backups_is_seen(aws: Served) -> None:
    """Else the check at the end of a night would prove nothing: here none has begun."""
    with pytest.raises(FailedError, match=r"orders: expected .* found .*'backups': ..}"):
        verify(aws)
