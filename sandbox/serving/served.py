"""The sandbox as a process of its own, for whatever has to reach it over a port.

Knows what ``python -m sandbox`` prints and which endpoints it has; must know nothing of who asks.
"""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3

from sandbox.serving.server import PREFIX

ROOT = Path(__file__).parents[2]
_KEYS = {
    "aws_access_key_id": "AWS_ACCESS_KEY_ID",
    "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
    "aws_session_token": "AWS_SESSION_TOKEN",
}


@dataclass(frozen=True, slots=True)
class Served:
    """A sandbox behind a port: the function's environment, and a person's in the backup account."""

    environment: Mapping[str, str]
    person_in_backup: Mapping[str, str]

    @property
    def url(self) -> str:
        """Where it is."""
        return self.environment["AWS_ENDPOINT_URL"]

    def client(self, service: str, credentials: Mapping[str, str]) -> Any:  # noqa: ANN401 - boto3's
        """A plain boto3 client with the credentials in such an environment."""
        keys: dict[str, Any] = {ours: credentials[name] for ours, name in _KEYS.items()}
        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name=self.environment["AWS_REGION"],
            endpoint_url=self.url,
            **keys,
        )

    def state(self) -> Any:  # noqa: ANN401 - whatever JSON says
        """The time and the snapshots as they truly are."""
        return self._ask("GET", "state")

    def advance(self, seconds: float) -> None:
        """Move its clock on."""
        self._ask("POST", f"advance?seconds={seconds}")

    def _ask(self, method: str, what: str) -> Any:  # noqa: ANN401 - whatever JSON says
        request = Request(f"{self.url}{PREFIX}{what}", method=method)  # noqa: S310 - our own server
        with urlopen(request) as answer:  # noqa: S310 - our own server
            return json.load(answer)


@contextmanager
def served(host: str = "127.0.0.1", copy_seconds: float = 60) -> Iterator[Served]:
    """Start it at any free port of the address, and end it."""
    command = [sys.executable, "-m", "sandbox", "--host", host, "--port", "0"]
    command += ["--copy-seconds", str(copy_seconds)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - our own module
        try:
            assert server.stdout is not None  # noqa: S101 - it is a pipe
            yield _introduced(server.stdout)
        finally:
            server.terminate()


def _introduced(lines: Iterator[str]) -> Served:
    """What it says of itself before it serves; RuntimeError if it ended instead."""
    environment: dict[str, str] = {}
    person: dict[str, str] = {}
    for line in lines:
        if said := re.fullmatch(r"export (\w+)=(.*)\n", line):
            environment[said[1]] = shlex.split(said[2])[0]
        if said := re.fullmatch(r"# a person in the backup account: (.*)\n", line):
            person = dict(pair.split("=", 1) for pair in shlex.split(said[1]))
        if "advance" in line:
            return Served(environment, person)
    raise RuntimeError("the sandbox did not start; what it said is on standard error")
