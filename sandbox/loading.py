"""Service models are read once a process: clients of new boto3 sessions are ready at once.

Changes nothing that a client does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import botocore.session
from botocore.loaders import Loader, create_loader

_read: dict[Any, Any] = {}


@contextmanager
def models_read_once() -> Iterator[None]:
    """Let every botocore session in here share what any of them has read."""

    def shared(search_path_string: str | None = None) -> Loader:
        loader = create_loader(search_path_string)
        loader._cache = _read  # type: ignore[attr-defined]  # noqa: SLF001 - where botocore keeps it
        return loader

    with patch.object(botocore.session, "create_loader", shared):
        yield
