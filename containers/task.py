"""The container task: the image of the ``Dockerfile`` built, and a night of it run and interrupted.

Each run but the last is ended by SIGTERM while it waits for a copy, as ECS ends a task.
"""

import subprocess
import time
from collections.abc import Mapping

from containers.engine import ROOT, Engine, FailedError
from containers.night import TICK_SECONDS
from sandbox.serving.served import Served

IMAGE = "rds-backup-task"
STOPPED = 143
STOP_SECONDS = 2.0
LONGEST_RUN_SECONDS = 45
# Copy, back up, delete the shared copy.
RUNS = 3


def build(engine: Engine, base: str) -> None:
    """``docker build`` on the given base image."""
    start = time.monotonic()
    engine.must("build", "--tag", IMAGE, "--build-arg", f"BASE={base}", str(ROOT))
    print(f"docker build: {time.monotonic() - start:.1f} s")


def play(engine: Engine, aws: Served, environment: Mapping[str, str]) -> None:
    """A night in three runs of the task; raises FailedError if one of them does otherwise."""
    for number in range(1, RUNS):
        code, seconds = _interrupted(engine, environment)
        print(f"  run {number}: SIGTERM in its wait, exit code {code} after {seconds:.2f} s")
        if code != STOPPED or seconds > STOP_SECONDS:
            raise FailedError(f"expected exit code {STOPPED} within {STOP_SECONDS} seconds")
        aws.advance(TICK_SECONDS)
    done = engine.docker(*_command(environment))
    print("".join(f"  run {RUNS}: {line}\n" for line in done.stdout.splitlines()), end="")
    if done.returncode:
        raise FailedError(f"exit code {done.returncode}:\n{done.stdout}{done.stderr}")


def _command(environment: Mapping[str, str]) -> list[str]:
    """Nothing that the task does not need: no writing, no capability, no new privilege."""
    variables = [part for pair in environment.items() for part in ("--env", "=".join(pair))]
    safety = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
    return ["run", "--rm", *safety, *variables, IMAGE]


def _interrupted(engine: Engine, environment: Mapping[str, str]) -> tuple[int, float]:
    """One run, stopped when it first says that it waits: its exit code, and how long that took."""
    name = f"rds-backup-task-{time.monotonic_ns()}"
    command = ["docker", *_command(environment)]
    command[2:2] = ["--name", name]
    with subprocess.Popen(  # noqa: S603 - the arguments are ours
        command,
        env=engine.environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as run:
        assert run.stderr is not None  # noqa: S101 - it is a pipe
        said = run.stderr.readline()
        start = time.monotonic()
        engine.docker("kill", "--signal", "TERM", name)
        try:
            code = run.wait(LONGEST_RUN_SECONDS)
        except subprocess.TimeoutExpired as error:
            engine.docker("kill", name)
            raise FailedError(f"SIGTERM did not end it; it had said {said}") from error
        seconds = time.monotonic() - start
        said += run.stderr.read()
    if code != STOPPED:
        print(said)
    return code, seconds
