"""Which tags RDS takes: reserved prefixes, lengths, characters, and how many."""

import re
from collections.abc import Mapping, Sequence

from sandbox.errors import invalid_value

MOST = 50
_KEY = re.compile(r"[\w\s.:/=+@-]{1,128}")
_VALUE = re.compile(r"[\w\s.:/=+@-]{0,256}")
_RESERVED = ("aws:", "rds:")


def accepted(items: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The tags of a request; raises InvalidParameterValue for what RDS refuses.

    Amazon RDS User Guide, Quotas and constraints; RDS service model, Tag.
    """
    found: dict[str, str] = {}
    for item in items:
        key, value = item["Key"], item.get("Value", "")
        if key.lower().startswith(_RESERVED):
            raise invalid_value(f"Tag keys cannot start with the reserved prefix: {key}")
        if not _KEY.fullmatch(key) or not _VALUE.fullmatch(value):
            raise invalid_value(f"Invalid tag: {key}={value}")
        if key in found:
            raise invalid_value(f"Duplicate tag key: {key}")
        found[key] = value
    limited(found)
    return found


def limited(tags: Mapping[str, str]) -> None:
    """Raise InvalidParameterValue for more tags than a resource may have."""
    if len(tags) > MOST:
        raise invalid_value(f"{len(tags)} tags: a resource may have at most {MOST}.")


def as_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """The tags as RDS lists them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]
