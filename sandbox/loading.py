"""What botocore and moto work out anew each time is worked out once a process.

Service models are read once, so that clients of new boto3 sessions are ready at once.  The same
answer is parsed once, and so is the same time; all keys of KMS have one RSA pair; the header that
names botocore is put together once, and so is the name of an event.
Changes nothing that a client does.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch

import botocore.session
import botocore.useragent
import botocore.utils
import moto.core.models
import moto.kms.models
from botocore.hooks import EventAliaser, HierarchicalEmitter
from botocore.loaders import Loader, create_loader
from botocore.model import Shape
from botocore.parsers import QueryParser
from moto.kms.utils import generate_private_key

ANSWERS_REMEMBERED = 500
_read: dict[Any, Any] = {}
_parsed: dict[tuple[bytes, Any], Any] = {}
_alias = EventAliaser._alias_event_name  # type: ignore[attr-defined]  # noqa: SLF001 - as below
_parse = QueryParser._do_parse  # type: ignore[attr-defined]  # noqa: SLF001 - botocore has no other


@contextmanager
def worked_out_once() -> Iterator[None]:
    """Let every botocore session in here share what any of them has read or worked out.

    Nor does moto prepare itself for the library ``requests``, which nobody here uses.
    """
    with ExitStack() as stack:
        for owner, name, once in _ONCE:
            stack.enter_context(patch.object(owner, name, once))
        yield


def _loader(search_path_string: str | None = None) -> Loader:
    loader = create_loader(search_path_string)
    loader._cache = _read  # type: ignore[attr-defined]  # noqa: SLF001 - where botocore keeps it
    return loader


def _parse_once(parser: QueryParser, response: dict[str, Any], shape: Shape) -> Any:  # noqa: ANN401 - any
    """A new copy of what the parser makes of an answer that is no error.

    Its text names the operation, and with it the shape; how it reads times is the session's own.
    """
    key = response["body"], parser._timestamp_parser  # type: ignore[attr-defined]  # noqa: SLF001 - as above
    if key not in _parsed:
        if len(_parsed) >= ANSWERS_REMEMBERED:
            _parsed.clear()
        _parsed[key] = _parse(parser, response, shape)
    return _copied(_parsed[key])


def _copied(value: Any) -> Any:  # noqa: ANN401 - whatever XML says
    """The same in new dicts and lists; what is in them cannot be changed."""
    if isinstance(value, dict):
        return {key: _copied(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_copied(inner) for inner in value]
    return value


@cache
def _event(name: str) -> str:
    """What botocore calls an event today, whatever it is called by; the same for all clients."""
    return str(_alias(EventAliaser(HierarchicalEmitter()), name))


_ONCE: tuple[tuple[Any, str, Any], ...] = (
    (botocore.session, "create_loader", _loader),
    (QueryParser, "_do_parse", _parse_once),
    (EventAliaser, "_alias_event_name", lambda _aliaser, name: _event(name)),
    *(
        (owner, name, cache(getattr(owner, name)))
        for owner, name in (
            (botocore.utils, "_parse_timestamp_with_tzinfo"),
            (botocore.useragent.UserAgentComponent, "to_string"),
        )
    ),
    (moto.core.models, "RESPONSES_METHODS", []),
    (moto.kms.models, "generate_private_key", cache(generate_private_key)),
)
