"""A door in front of the sandbox that can be shut in the middle of a pass.

Must know nothing of what the function does: it passes requests on, and once the one it was told of
has been answered, holds every other without an answer until it is opened again.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import urlsplit


class Door(BaseHTTPRequestHandler):
    """One request, passed on or held."""

    target: ClassVar[str]
    shuts_after: ClassVar[bytes]
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
        passed.request("POST", self.path, body, dict(self.headers))
        answer = passed.getresponse()
        content = answer.read()
        if self.shuts_after in body:
            self.shut.set()
        self.send_response(answer.status)
        for name in ("Content-Type", "x-amzn-RequestId"):
            if value := answer.getheader(name):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: Any) -> None:  # noqa: ANN401 - as the library has it
        """Say nothing."""


@contextmanager
def door(target: str, shuts_after: bytes) -> Iterator[tuple[str, type[Door]]]:
    """Its address and the door; opened and gone on leaving."""

    class This(Door):
        shut, opened = threading.Event(), threading.Event()

    This.target, This.shuts_after = target, shuts_after
    with ThreadingHTTPServer(("127.0.0.1", 0), This) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", This
        finally:
            This.opened.set()
            server.shutdown()
            thread.join()
