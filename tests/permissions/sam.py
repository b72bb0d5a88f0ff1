"""SAM's own resources made plain, by sam's own translator in sam's own environment."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.permissions.resolving import REGION, ROOT, UnknownError


def transformed(wanted: Sequence[tuple[str, Mapping[str, str]]]) -> list[Any]:
    """Templates (text, parameters) without SAM's own resources: one run of sam's translator."""
    asked = [{"text": text, "parameters": parameters} for text, parameters in wanted]
    done = subprocess.run(  # noqa: S603 - both are ours
        [ROOT / ".tools/sam/bin/python", Path(__file__).with_name("transform.py")],
        input=json.dumps(asked),
        capture_output=True,
        check=False,
        env={"AWS_DEFAULT_REGION": REGION, "SAM_CLI_TELEMETRY": "0"},
        text=True,
    )
    if done.returncode:
        raise UnknownError(done.stderr)
    found: list[Any] = json.loads(done.stdout)
    return found
