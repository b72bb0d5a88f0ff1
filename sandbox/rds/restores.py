"""How databases are made, changed and deleted: how long it takes, and how the next ones end.

Holds what tests decide.  Must not know which databases may be made.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sandbox.kinds import Kind
from sandbox.rds.copies import Duration, Where

# RDS guide, Viewing instance status: what a database can be reached in.
REACHABLE = frozenset({"available", "backing-up", "resetting-master-credentials"})


class Restores:
    """What tests decide about the databases that are made next.

    ``creating`` is a timedelta, or a function of kind, account and the call's parameters.
    """

    def __init__(self) -> None:
        """A quarter of an hour for a database, some minutes for the rest, and all succeed."""
        self.creating: Duration = timedelta(minutes=15)
        self.backing_up = timedelta(minutes=2)
        self.resetting = timedelta(minutes=1)
        self.deleting = timedelta(minutes=5)
        self.without_capacity: set[str] = set()
        self.past_support: dict[tuple[str, str], str] = {}
        self.offered: dict[tuple[str, str | None], tuple[str, ...]] = {}
        self._fates: list[tuple[str | None, Where]] = []

    def end_next(self, status: str | None, n: int = 1, where: Where | None = None) -> None:
        """Let the next ``n`` databases (of those for which ``where`` says so) end in this status.

        None: they never end, and stay in ``creating``.
        """
        self._fates += [(status, where or _any)] * n

    def forget_fates(self) -> None:
        """Let all next databases become available."""
        self._fates.clear()

    def offer(self, engine: str, *classes: str, version: str | None = None) -> None:
        """RDS offers these classes for an engine, or for one version of it, and no others."""
        self.offered[engine, version] = classes

    def takes(self, kind: Kind, account: str, params: Mapping[str, Any]) -> timedelta:
        """How long it takes to make this database."""
        return self.creating(kind, account, params) if callable(self.creating) else self.creating

    def fate(self, kind: Kind, account: str, params: Mapping[str, Any]) -> str | None:
        """In what this database ends, if at all; what was decided for it is used up."""
        for decided in self._fates:
            if decided[1](kind, account, params):
                self._fates.remove(decided)
                return decided[0]
        return "available"


def _any(_kind: Kind, _account: str, _params: Mapping[str, Any]) -> bool:
    return True
