"""The probe of the drill, on real sockets of this machine."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

import probe
from tests.support.resolved_templates import ROOT


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second instead of a minute."""
    monkeypatch.setattr(probe, "SECONDS", 1)
    monkeypatch.setattr(probe, "ATTEMPT_SECONDS", 0.3)
    monkeypatch.setattr(probe, "PAUSE_SECONDS", 0.1)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A port of this machine that is taken, and not open yet."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken


def _asked(listener: socket.socket) -> dict[str, Any]:
    host, port = listener.getsockname()
    return probe.lambda_handler({"host": host, "port": port}, None)


def test_a_database_that_accepts_connections_is_found_at_once(listener: socket.socket) -> None:
    """With the time that it took, in whole milliseconds."""
    listener.listen()
    answer = _asked(listener)

    assert {"ok": True, "milliseconds": answer["milliseconds"]} == answer
    assert 0 <= answer["milliseconds"] < 1000
    assert isinstance(answer["milliseconds"], int)


def test_it_waits_for_a_database_that_is_slow_to_listen(listener: socket.socket) -> None:
    """RDS may call it available a moment before; the attempt that worked is what was measured."""
    threading.Timer(0.5, listener.listen).start()
    answer = _asked(listener)

    assert answer["ok"] is True
    assert answer["milliseconds"] < 300


def test_a_port_that_refuses_is_told_with_the_systems_words(listener: socket.socket) -> None:
    """After the time is over, and not before."""
    began = time.monotonic()
    answer = _asked(listener)
    port = listener.getsockname()[1]

    assert 0.8 < time.monotonic() - began < 5
    assert answer["ok"] is False
    assert answer["reason"].startswith(f"no connection to 127.0.0.1:{port} in 1 seconds: ")
    assert "refused" in answer["reason"]


def test_a_host_where_nobody_answers_does_not_take_for_ever(listener: socket.socket) -> None:
    """As behind a security group: no refusal, only silence, until the attempt is given up."""
    listener.listen(0)
    with socket.create_connection(listener.getsockname()):  # nobody accepts it: the place is taken
        began = time.monotonic()
        answer = _asked(listener)

    assert time.monotonic() - began < 5
    assert answer["ok"] is False
    assert answer["reason"].endswith("timed out")


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"host": "127.0.0.1"},
        {"port": 5432},
        {"host": "", "port": 5432},
        {"host": ["127.0.0.1"], "port": 5432},
        {"host": "127.0.0.1", "port": "5432"},
        {"host": "127.0.0.1", "port": True},
        {"host": "127.0.0.1", "port": 0},
        {"host": "127.0.0.1", "port": 65536},
    ],
)
def test_an_event_without_a_host_and_a_port_is_refused_at_once(event: dict[str, Any]) -> None:
    """A slip of the drill must not look like a database that is silent."""
    began = time.monotonic()
    answer = probe.lambda_handler(event, None)

    assert {"ok": False, "reason": "the event needs a host and a port from 1 to 65535"} == answer
    assert time.monotonic() - began < 0.5


def test_it_imports_nothing_but_the_standard_library() -> None:
    """In its network no API of AWS can be reached, and it need not start as the other one does."""
    said = subprocess.run(
        [sys.executable, "-c", "import probe, sys; print(*{m.split('.')[0] for m in sys.modules})"],
        cwd=ROOT / "backup_function",
        env={},
        capture_output=True,
        text=True,
        check=True,
    )
    foreign = set(said.stdout.split()) - sys.stdlib_module_names

    assert not foreign & {"app", "aws_lambda_powertools", "boto3", "botocore", "rds_backup"}
