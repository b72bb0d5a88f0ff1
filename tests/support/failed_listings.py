"""Which listings of manual snapshots failed, by the record of calls, and were not made good since.

Knows nothing of what was done with a listing.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from sandbox import Call, Sandbox

_EVERYTHING = ""


@dataclass
class FailedListings:
    """Follows the record of calls; only those made by a function count."""

    aws: Sandbox
    _unread: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    _named: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    _seen: int = 0

    def __post_init__(self) -> None:
        """Begin with the calls to come."""
        self._seen = len(self.aws.calls)

    def follow(self) -> None:
        """Read what has been recorded since."""
        calls = self.aws.calls
        # The last one is under way: whether it fails is not known yet.
        for call in calls[self._seen : -1]:
            manual = call.params.get("SnapshotType") == "manual"
            if manual and call.operation.endswith("Snapshots") and by_function(call):
                self._listed(call)
        self._seen = max(self._seen, len(calls) - 1)

    def hides(self, account: str, family: str, name: str, enough: Collection[str] = ()) -> bool:
        """Whether the last whole listing there, or the last look at this name, failed.

        A later look at any of those that are ``enough`` makes up for that.
        """
        if self._named[account, family] & {*enough}:
            return False
        return bool(self._unread[account, family] & {_EVERYTHING, name})

    def _listed(self, call: Call) -> None:
        family = "cluster" if "Cluster" in call.operation else "instance"
        names = {n for f in call.params.get("Filters", ()) for n in f["Values"]} or {_EVERYTHING}
        lane = call.account or "", family
        unread, named = self._unread[lane], self._named[lane]
        if call.error:
            unread |= names
            named.clear()
        elif names == {_EVERYTHING} and not call.params.get("Marker"):
            unread.clear()
        else:
            unread -= names
            named |= names


def by_function(call: Call) -> bool:
    """Whether a function made the call, and no person."""
    return call.caller is not None and "/administrator/" not in call.caller
