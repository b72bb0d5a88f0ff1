"""Texts from elsewhere, without what would steer a terminal."""

import re
from typing import Any

# Control characters (Unicode category Cc), and halves of surrogate pairs, which cannot be printed.
_STEERS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_BUT_LINES = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# Commands have lines of their own; a reason is wrapped anew, but for a restore plan's.
_OF_MANY_LINES = frozenset({"text", "delete", "reason"})


def plain(found: Any, key: str = "") -> Any:  # noqa: ANN401 - any JSON
    """The same JSON, each control character in its texts written out as Python would."""
    if isinstance(found, dict):
        return {plain(name): plain(value, name) for name, value in found.items()}
    if isinstance(found, list):
        return [plain(value, key) for value in found]
    if isinstance(found, str):
        steers = _BUT_LINES if key in _OF_MANY_LINES else _STEERS
        return steers.sub(lambda one: one[0].encode("unicode_escape").decode(), found)
    return found
