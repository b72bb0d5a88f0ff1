"""Which copies of instance snapshots are incremental, and to which copy.

By AWS's text of today (RDS guide, Considerations for incremental snapshot copying); RDS itself says
of no copy which it was.  Copies of clusters are always full (Aurora guide).
"""

from collections import defaultdict

from sandbox.rds.snapshots import Snapshot
from sandbox.switches import Switches


class Lineage:
    """The completed copies of each database, by account and Region, in the order of their ends."""

    def __init__(self, switches: Switches) -> None:
        """Nothing has been copied yet."""
        self._switches = switches
        self._copies: dict[tuple[str, ...], list[Snapshot]] = defaultdict(list)

    def base(self, source: Snapshot, target: Snapshot) -> Snapshot | None:
        """What a copy that begins now is incremental to; None if it is full.

        That is the most recently completed copy of the database: it has to be there, and under the
        same key.  Across accounts all copies that are there have to have the same lineage.  A copy
        of what is full is full, too: so is the first snapshot after a failover.
        """
        completed = self._copies[_place(target)]
        if target.kind == "cluster" or source.full or not completed or completed[-1].deleted:
            return None
        last = completed[-1]
        compared, across = [last], source.account != target.account
        if across and source.region != target.region and self._switches.across_regions == "full":
            return None
        if across and self._switches.one_lineage == "of all":
            compared = [copy for copy in completed if not copy.deleted]
        same = all(
            (c.lineage == target.lineage) if across else (c.key == target.key) for c in compared
        )
        return last if same else None

    def completed(self, copy: Snapshot, base: Snapshot | None) -> None:
        """A copy has become available; its base has to be there still."""
        copy.full = base is None or base.deleted
        self._copies[_place(copy)].append(copy)


def _place(snapshot: Snapshot) -> tuple[str, ...]:
    return snapshot.account, snapshot.region, snapshot.kind, snapshot.resource_id
