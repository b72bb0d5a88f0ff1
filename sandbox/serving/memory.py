"""A moment of a sandbox, to come back to any number of times.

Holds snapshots, databases, copies under way, the record of calls and the time; keys, roles and
switches are not part of it, and must not change in between.
"""

import copy
from typing import Any

from sandbox.sandbox import Sandbox


class Moment:
    """What exists in a sandbox now."""

    def __init__(self, aws: Sandbox) -> None:
        """Take it down."""
        self._aws = aws
        self.time = aws.clock.now
        self._calls = len(aws.calls)
        self._state = copy.deepcopy(_parts(aws))

    def restore(self) -> None:
        """Make the sandbox what it was then."""
        aws = self._aws
        aws.clock.move_to(self.time)
        del aws.calls[self._calls :]
        for (owner, name), part in zip(_holders(aws), copy.deepcopy(self._state), strict=True):
            setattr(owner, name, part)


def _holders(aws: Sandbox) -> list[tuple[Any, str]]:
    world, copies = aws._world, aws.copies  # noqa: SLF001 - a part of the sandbox
    return [
        (world, "databases"),
        (world, "snapshots"),
        (world, "gone"),
        (world, "changing"),
        (world, "deletions"),
        (world.restores, "_fates"),
        (copies, "_failures"),
        (copies, "_lanes"),
        (copies, "_jobs"),
        (copies, "_wake"),
    ]


def _parts(aws: Sandbox) -> list[Any]:
    """All in one list, so that what refers to one another is copied together."""
    return [getattr(owner, name) for owner, name in _holders(aws)]
