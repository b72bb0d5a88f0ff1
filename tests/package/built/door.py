"""A door in front of the sandbox: it can be shut in the middle of a pass, and exchange badges.

Must know nothing of what the function does: it passes requests on, and once the one it was told of
has been answered, holds every other without an answer until it is opened again.  Credentials that
another emulator gave to its function become those that the sandbox knows.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any, ClassVar
from urllib.parse import urlsplit


class Door(BaseHTTPRequestHandler):
    """One request, passed on or held."""

    target: ClassVar[str]
    shuts_after: ClassVar[bytes | None]
    badges: ClassVar[Mapping[str, tuple[str, str]]]
    shut: ClassVar[threading.Event]
    opened: ClassVar[threading.Event]

    def do_POST(self) -> None:
        """Pass it on, unless shut: then no answer comes, and the call never arrives."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.shut.is_set() and not self.opened.is_set():
            self.opened.wait()
            self.close_connection = True
            return
        passed = HTTPConnection(urlsplit(self.target).netloc)
        passed.request("POST", self.path, body, self._exchanged())
        answer = passed.getresponse()
        content = answer.read()
        if self.shuts_after and self.shuts_after in body:
            self.shut.set()
        self.send_response(answer.status)
        for name in ("Content-Type", "x-amzn-RequestId"):
            if value := answer.getheader(name):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _exchanged(self) -> dict[str, str]:
        """The headers, with an access key and a token that the sandbox knows."""
        headers = dict(self.headers)
        for given, (key, token) in self.badges.items():
            signed = headers.get("Authorization", "")
            if f"Credential={given}/" in signed:
                headers["Authorization"] = signed.replace(f"={given}/", f"={key}/")
                headers["X-Amz-Security-Token"] = token
        return headers

    def log_message(self, *arguments: Any) -> None:  # noqa: ANN401 - as the library has it
        """Say nothing."""


@contextmanager
def door(
    target: str,
    shuts_after: bytes | None = None,
    badges: Mapping[str, tuple[str, str]] = MappingProxyType({}),
) -> Iterator[tuple[str, type[Door]]]:
    """Its address and the door; opened and gone on leaving."""

    class This(Door):
        shut, opened = threading.Event(), threading.Event()

    This.target, This.shuts_after, This.badges = target, shuts_after, badges
    with ThreadingHTTPServer(("127.0.0.1", 0), This) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", This
        finally:
            This.opened.set()
            server.shutdown()
            thread.join()
