"""The sandbox behind a port: moto's server with the same wrapping, and two endpoints of its own.

``GET /sandbox/state`` answers the time and the snapshots as they truly are;
``POST /sandbox/advance?seconds=N`` moves the clock.  Time runs on by itself.
"""

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Request

from sandbox.cloudformation import CloudFormationResponse
from sandbox.sandbox import Sandbox
from sandbox.shortcut import read

type StartResponse = Callable[[str, list[tuple[str, str]]], Any]
PREFIX = "/sandbox/"


class Application:
    """The sandbox as a WSGI application."""

    def __init__(self, aws: Sandbox) -> None:
        """Serve an open sandbox."""
        self._aws = aws
        self._moto = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer the sandbox's own endpoints, and hand AWS calls to moto."""
        if "/cloudformation/aws4_request" in environ.get("HTTP_AUTHORIZATION", ""):
            return self._stacks(environ, start_response)
        if not environ["PATH_INFO"].startswith(PREFIX):
            answer: Iterable[bytes] = self._moto(environ, start_response)
            return answer
        status, body = self._own(environ)
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(body, indent=2, default=_plain).encode() + b"\n"]

    def _stacks(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """CloudFormation, which moto's server could not load."""
        asked = Request(environ)
        sent = SimpleNamespace(url=asked.url, headers=dict(asked.headers), body=asked.get_data())
        status, headers, body = read(CloudFormationResponse, sent).call_action()  # type: ignore[arg-type]
        start_response(f"{status} Answer", [*headers.items()])
        return [str(body).encode()]

    def _own(self, environ: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        asked = environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix(PREFIX)
        with self._aws.gate.lock:
            if asked == ("GET", "state"):
                rows = [asdict(row) for row in self._aws.snapshots()]
                return "200 OK", {"now": self._aws.clock.now, "snapshots": rows}
            if asked == ("POST", "advance"):
                seconds = parse_qs(environ["QUERY_STRING"]).get("seconds", [""])[0]
                try:
                    self._aws.clock.advance(seconds=float(seconds))
                except ValueError:
                    return "400 Bad Request", {"error": f"seconds={seconds!r} is not a number"}
                return "200 OK", {"now": self._aws.clock.now}
        known = [f"GET {PREFIX}state", f"POST {PREFIX}advance?seconds=N"]
        return "404 Not Found", {"error": f"there are {known}"}


@contextmanager
def bound(aws: Sandbox, host: str, port: int) -> Iterator[BaseWSGIServer]:
    """A server for an open sandbox at the address; port 0 takes any free one."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server(
        host, port, Application(aws), threaded=True, request_handler=MotoRequestHandler
    )
    try:
        yield server
    finally:
        server.server_close()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(type(value).__name__)
