"""``sam build``, then ``sam local invoke`` of what was built, and what each invocation came to.

``sam`` exits with 0 whatever the handler does, so that its output decides.  Must not know what a
good night is.
"""

import json
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from containers.base_image import ARCHITECTURE
from containers.engine import ROOT, Engine, FailedError

FUNCTION = "BackupFunction"
BUILT = ROOT / ".aws-sam" / "local"
TOOLS = ROOT / ".tools" / "sam" / "bin"
OVERRIDES = ("--parameter-overrides", f"Architecture={ARCHITECTURE}")


class InvocationError(FailedError):
    """An invocation that did not answer with a result; the message is what ``sam`` printed."""


@dataclass(frozen=True, slots=True)
class Built:
    """The function as built, ready to be invoked in one engine under one environment."""

    engine: Engine
    environment: Mapping[str, str]
    template: Path
    variables: Path
    image: str

    def invoke(self, event: Path) -> dict[str, Any]:
        """The result of one invocation; raises InvocationError if there is none."""
        command = [str(TOOLS / "sam"), "local", "invoke", FUNCTION, "--event", str(event)]
        command += ["--template-file", str(self.template), "--env-vars", str(self.variables)]
        command += ["--invoke-image", self.image, "--skip-pull-image", *OVERRIDES]
        # With the endpoint beside the credentials: sam asks whose they are before it starts.
        return result(_run(command, {**self.engine.environment, **self.environment}))


def build() -> None:
    """``sam build``, for this machine's processor."""
    command = [str(TOOLS / "sam"), "build", "--cached", "--build-dir", str(BUILT), *OVERRIDES]
    start = time.monotonic()
    # sam looks on PATH for the runtime's Python, with pip: its own environment is one.
    engine = Engine().environment
    done = _run(command, engine | {"PATH": f"{TOOLS}:{engine['PATH']}"})
    if done.returncode:
        raise FailedError(f"sam build:\n{done.stdout}{done.stderr}")
    print(f"sam build: {time.monotonic() - start:.1f} s")


def prepare(
    engine: Engine,
    environment: Mapping[str, str],
    seen: Mapping[str, str],
    image: str,
    folder: Path,
) -> Built:
    """What ``sam local invoke`` needs, in a folder; ``seen`` is the environment in the container.

    ``--env-vars`` reaches only variables that the template has.  The endpoint is none of the
    function's: it is added to a copy of the built template.
    """
    template = yaml.safe_load((BUILT / "template.yaml").read_text())
    function = template["Resources"][FUNCTION]["Properties"]
    function["CodeUri"] = str(BUILT / function["CodeUri"])
    function["Environment"]["Variables"]["AWS_ENDPOINT_URL"] = ""
    copy, variables = folder / "template.yaml", folder / "env.json"
    copy.write_text(yaml.safe_dump(template))
    variables.write_text(json.dumps({FUNCTION: dict(seen)}))
    return Built(engine, environment, copy, variables, image)


def result(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The result object that ``sam`` printed last; raises InvocationError for anything else.

    An error of the handler, or of its import, is an object with ``errorType``; a timeout leaves
    standard output empty.
    """
    lines = done.stdout.strip().splitlines()
    try:
        answer: Any = json.loads(lines[-1]) if lines else None
    except ValueError:
        answer = None
    good = isinstance(answer, dict) and "outcome" in answer
    if done.returncode or not good or '"level":"ERROR"' in done.stderr:
        raise InvocationError(f"{done.stderr}{done.stdout}".strip())
    return dict(answer)


def _run(command: list[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - the arguments are ours
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
