"""JSON read back into the values that it was made of.

A later release of this version may send more keys: those that are not known are left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, cast

type Found = Mapping[str, Any]


def known[T](of: Callable[..., T], found: Found) -> T:
    """A value of a dataclass; raises TypeError where a key that it needs is missing."""
    names = (field.name for field in fields(cast("Any", of)))
    return of(**{name: found[name] for name in names if name in found})
