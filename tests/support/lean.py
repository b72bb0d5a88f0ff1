"""botocore's data as `make build` trims them, and a wire without a network.

The wire is replaced, nothing of botocore: what it parses is what a service would have sent.
"""

import importlib.util
import io
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.httpsession import URLLib3Session

from sandbox.wire import Reply

ROOT = Path(__file__).parents[2]
WING = ROOT / "backup_function/rds_backup/aws"
REGION = "eu-west-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
type Wire = Callable[[str, str, Mapping[str, str]], Reply]


def program(name: str) -> ModuleType:
    """A program of `.ci/`, which is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / f".ci/{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


lean_models = program("lean_models")


@cache
def lean() -> Path:
    """The folder that the build would write, once for the process."""
    return Path(lean_models.write(WING, Path(tempfile.mkdtemp(prefix="lean-"))))


@contextmanager
def answered(wire: Wire) -> Iterator[None]:
    """Let this answer every request: it is given the service, the operation and what was sent."""

    def send(_: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
        headers: Any = request.headers
        body = request.body.decode() if isinstance(request.body, bytes) else str(request.body)
        service = headers["Authorization"].decode().split("/")[3]
        said = {name: values[0] for name, values in parse_qs(body).items()}
        target = headers.get("X-Amz-Target", b"").decode()
        operation = target.rpartition(".")[2] or said["Action"]
        status, got, text = wire(service, operation, said)
        return AWSResponse(request.url, status, HTTPHeaders.from_dict(got), _Raw(text.encode()))

    with patch.object(URLLib3Session, "send", send), patch("botocore.endpoint.time.sleep"):
        yield


class _Raw(io.BytesIO):
    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:  # noqa: ANN401 - as urllib3 has it
        yield self.read()
