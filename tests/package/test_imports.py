"""What the function imports is paid for at each cold start."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

FUNCTION = Path(__file__).parents[2] / "backup_function"


@cache
def imported() -> frozenset[str]:
    """Every module that the handler's import brings along."""
    environment = {"PATH": os.environ["PATH"], "AWS_REGION": "eu-west-1"}
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import app"],
        cwd=FUNCTION,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return frozenset(
        line.rsplit("|", 1)[1].strip() for line in done.stderr.splitlines() if "|" in line
    )


def test_the_function_imports_nothing_it_does_not_need() -> None:
    """No pydantic, rich or X-Ray SDK, no command line, look, check, restore plan or sandbox."""
    assert {"app", "boto3", "rds_backup.run"} <= imported()
    looks = {f"rds_backup.report.{name}" for name in ("detail", "read_only", "removal")}
    assert set() == imported() & looks
    wings = ("check", "command_line", "printers", "restore")
    assert [] == [n for n in imported() for wing in wings if n.startswith(f"rds_backup.{wing}")]
    unwanted = ("pydantic", "rich", "aws_xray_sdk", "argparse", "click", "moto", "sandbox")
    assert [] == sorted(name for name in imported() if name.split(".")[0] in unwanted)


def test_the_collector_of_garbage_works_again_once_the_function_has_started() -> None:
    """It rests while the clients are made; what an invocation leaves behind has to go."""
    done = subprocess.run(
        [sys.executable, "-c", "import app, gc; print(gc.isenabled(), gc.get_freeze_count() > 0)"],
        cwd=FUNCTION,
        env={"PATH": os.environ["PATH"], "AWS_REGION": "eu-west-1"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "True True\n" == done.stdout
