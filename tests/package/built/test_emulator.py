"""The function as `make build` packed it, under AWS's runtime interface emulator.

What no test in one process can see: that the package alone suffices, that Lambda's own runtime
client finds the handler, and what a kill at the timeout leaves behind.  ``make emulator`` runs
these; they need a build, and must not import the function.
"""

import json
import platform
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.package.built.door import door
from tests.support.programs import ROOT, Served, free_port, listening, post, program, sandbox

PACKAGE = ROOT / ".aws-sam/build/BackupFunction"
PYTHON = ROOT / ".tools/runtime/bin/python"
(EMULATOR,) = ROOT.glob(
    ".tools/sam/lib/python3.*/site-packages/samcli/local/rapid/aws-lambda-rie-"
    + {"x86_64": "x86_64", "aarch64": "arm64"}[platform.machine()]
)
SCHEDULED = json.loads((ROOT / "events/scheduled.json").read_text())
STATUS = {"action": "status"}
CONSOLE = {"key1": "value1", "key2": "value2", "key3": "value3"}
# A pass starts nothing in its last 60 seconds: this leaves some for the calls before the kill.
SHORT = 75
type Invoke = Callable[[Any], Any]


@contextmanager
def deployed(
    environment: Mapping[str, str], log: Path, package: Path = PACKAGE, timeout: int = 600
) -> Iterator[Invoke]:
    """The package under the emulator; gives what invokes it."""
    port, runtime = free_port(), free_port()
    variables = {
        **environment,
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout),
        "PATH": "/usr/bin:/bin",
    }
    command = [
        *(str(EMULATOR), "--runtime-interface-emulator-address", f"127.0.0.1:{port}"),
        *("--runtime-api-address", f"127.0.0.1:{runtime}"),
        *(str(PYTHON), "-m", "awslambdaric", "app.lambda_handler"),
    ]
    url = f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"
    with program(command, port, variables, package, log):
        yield lambda event: post(url, event)
    assert not listening(port)
    assert not listening(runtime)


@pytest.fixture
def aws() -> Iterator[Served]:
    """The sandbox, an instance and a cluster in it."""
    with sandbox() as served:
        yield served


@pytest.fixture
def invoke(aws: Served, tmp_path: Path) -> Iterator[Invoke]:
    """The function, deployed."""
    with deployed(aws.environment, tmp_path / "log") as invoking:
        yield invoking


def tick_on(aws: Served, invoke: Invoke) -> list[str]:
    """Scheduled events, the copies' time between them, until there is nothing to do."""
    outcomes = []
    for _ in range(6):
        outcomes.append(invoke(SCHEDULED)["outcome"])
        if outcomes[-1] == "nothing_to_do":
            break
        aws.advance(61)
    return outcomes


def protected(aws: Served) -> bool:
    """Each database has one backup, available, under the backup account's key; no copy is left."""
    good = ("available", aws.environment["BACKUP_ACCOUNT"])
    return ({"orders": good, "billing": good}, []) == (aws.backups(), aws.shared())


def test_a_night_of_scheduled_events_protects_both_databases(aws: Served, invoke: Invoke) -> None:
    """The package needs nothing that only a developer's machine has."""
    outcomes = tick_on(aws, invoke)

    assert ["in_progress", "in_progress", "completed", "nothing_to_do"] == outcomes
    assert protected(aws)


def test_the_consoles_empty_event_backs_up(aws: Served, invoke: Invoke) -> None:
    """Whoever presses Test with ``{}`` gets what the schedule gets."""
    assert "in_progress" == invoke({})["outcome"]
    assert ["billing", "orders"] == aws.shared()


def test_the_consoles_default_event_is_refused_and_changes_nothing(
    aws: Served, invoke: Invoke
) -> None:
    """Whoever presses Test without reading learns what is accepted."""
    said = invoke(CONSOLE)

    assert "RequestError" == said["errorType"]
    assert said["errorMessage"].startswith("unknown key key1, key2, key3 in the event; accepted")
    assert ([], {}) == (aws.shared(), aws.backups())


def test_a_check_reads_both_accounts_and_changes_nothing(aws: Served, tmp_path: Path) -> None:
    """What only it imports is in the package, too: the models of IAM and KMS."""
    variables = {
        **aws.environment,
        "NIGHT_SCHEDULE": "cron(0 3-9 * * ? *)",
        "AWS_LAMBDA_FUNCTION_NAME": "rds-backup",  # the name of the sandbox's session
    }
    with deployed(variables, tmp_path / "log") as invoke:
        said = invoke({"action": "check"})

    assert [] == [answer for answer in said["answers"] if answer["level"] != "pass"]
    assert "pass" == said["outcome"]
    assert ([], {}) == (aws.shared(), aws.backups())


def test_the_next_tick_heals_what_a_kill_at_the_timeout_left(aws: Served, tmp_path: Path) -> None:
    """No answer comes after the first copy: Lambda kills the pass, with one database to start."""
    with ExitStack() as stack:
        address, shut = stack.enter_context(door(aws.url, b"Action=CopyDBSnapshot"))
        variables = {**aws.environment, "AWS_ENDPOINT_URL": address}
        invoke = stack.enter_context(deployed(variables, tmp_path / "log", timeout=SHORT))

        # The emulator, unlike Lambda, counts the start of the process into the timeout.
        assert {"orders", "billing"} == {d["database"] for d in invoke(STATUS)["databases"]}
        said = invoke(SCHEDULED)

        assert f"Task timed out after {SHORT}.00 seconds" in str(said)
        assert shut.shut.is_set()
        assert (["orders"], {}) == (aws.shared(), aws.backups())

        shut.opened.set()
        assert "nothing_to_do" == tick_on(aws, invoke)[-1]
        assert protected(aws)


def test_an_import_that_fails_is_seen_and_changes_nothing(aws: Served, tmp_path: Path) -> None:
    """A package without one of its modules must not look like a night with nothing to do."""
    broken = tmp_path / "broken"
    broken.mkdir()
    for entry in PACKAGE.iterdir():
        if entry.name not in ("rds_backup", "app.py"):
            (broken / entry.name).symlink_to(entry)
    shutil.copy(PACKAGE / "app.py", broken)
    shutil.copytree(PACKAGE / "rds_backup", broken / "rds_backup")
    (broken / "rds_backup/decide/backup.py").unlink()

    with deployed(aws.environment, tmp_path / "log", broken) as invoke:
        said = invoke(SCHEDULED)

    assert "Runtime.ImportModuleError" == said["errorType"]
    assert "No module named 'rds_backup.decide.backup'" in said["errorMessage"]
    assert ([], {}) == (aws.shared(), aws.backups())
