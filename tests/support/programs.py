"""Programs that serve at a port of this machine, and the sandbox as one of them.

For tests whose function runs in a process of its own.  Whatever is started here is ended here, by
its own process id.  Must know nothing of what the function does.
"""

import json
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from sandbox.serving import served

ROOT = Path(__file__).parents[2]
SECONDS_TO_START = 60


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def listening(port: int) -> bool:
    """Whether somebody listens at the port."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def program(
    command: Sequence[str], port: int, environment: Mapping[str, str], folder: Path, log: Path
) -> Iterator[None]:
    """Run it until it listens at the port; its output goes into the log; ended on leaving."""
    with (
        log.open("w") as output,
        subprocess.Popen(  # noqa: S603 - our own commands
            command, cwd=folder, env=dict(environment), stdout=output, stderr=output
        ) as running,
    ):
        try:
            deadline = time.monotonic() + SECONDS_TO_START
            while not listening(port):
                assert running.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.05)
            yield
        finally:
            running.terminate()


class Served(served.Served):
    """The sandbox behind a port, and what a proof asks of its two accounts."""

    def snapshots(self, account: str, database: str | None = None) -> list[dict[str, Any]]:
        """Our snapshots in one account as they truly are."""
        return [
            row
            for row in self.state()["snapshots"]
            if row["account"] == account
            and row["type"] == "manual"
            and database in (None, row["database"])
        ]

    def backups(self) -> dict[str, tuple[str, str]]:
        """Status and key's account of each database's one backup."""
        rows = self.snapshots(self.environment["BACKUP_ACCOUNT"])
        found = {r["database"]: (r["status"], r["kms_key"].split(":")[4]) for r in rows}
        assert len(rows) == len(found), rows
        return found

    def shared(self) -> list[str]:
        """The databases whose shared copies are there."""
        return sorted(r["database"] for r in self.snapshots(self.environment["SOURCE_ACCOUNT"]))


@contextmanager
def sandbox(copy_seconds: float = 60) -> Iterator[Served]:
    """``python -m sandbox`` at a free port."""
    with served.served(copy_seconds=copy_seconds) as found:
        yield Served(found.environment, found.person_in_backup)


def post(url: str, event: Any, timeout: float = 120) -> Any:  # noqa: ANN401 - an event is whatever JSON says
    """The answer to an event, whatever its status: JSON, or text where it is none."""
    request = Request(url, data=json.dumps(event).encode(), method="POST")  # noqa: S310
    try:
        with urlopen(request, timeout=timeout) as answer:  # noqa: S310 - our own server
            text = answer.read().decode()
    except HTTPError as error:
        text = error.read().decode()
    try:
        return json.loads(text)
    except ValueError:
        return text
