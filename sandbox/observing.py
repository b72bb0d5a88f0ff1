"""What was seen on AWS, as settings of the world: a report of the acceptance kit.

``sandbox/observed.json`` is such a report, once there is one; it decides nothing unless asked for.
"""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from sandbox.switches import Switches

OBSERVED = Path(__file__).with_name("observed.json")


def switches_of(report: Mapping[str, Any]) -> Switches:
    """The settings that a report tells; what it does not tell is as in any other world.

    Raises ValueError for a value that the switch of a question does not have.
    """
    types = get_type_hints(Switches)
    fields = {field.name for field in dataclasses.fields(Switches)}
    seen = {
        row["id"]: row["value"]
        for row in report["questions"]
        if row["id"] in fields and row["value"] is not None
    }
    odd = {name: value for name, value in seen.items() if not _is_one(types[name], value)}
    if odd:
        raise ValueError(f"the sandbox does not play {odd}")
    return Switches(**seen)


def observed(path: Path = OBSERVED) -> Switches | None:
    """The settings that were seen, or None if nothing was yet."""
    return switches_of(json.loads(path.read_text())) if path.exists() else None


def worlds(path: Path = OBSERVED) -> list[Switches]:
    """The usual settings, and those that were seen, where they differ."""
    seen, usual = observed(path), Switches()
    return [usual] if seen in (None, usual) else [usual, seen]


def _is_one(kind: Any, value: object) -> bool:  # noqa: ANN401 - a type
    if get_origin(kind) is Literal:
        return value in get_args(kind)
    return type(value) is kind and (kind is bool or value >= 0)  # type: ignore[operator]
