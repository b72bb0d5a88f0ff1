"""Look at both accounts: one complete listing per family and account, or the reason why not.

A listing that fails anywhere is a Problem, never a shorter listing.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from itertools import batched

from rds_backup.aws.errors import AwsError
from rds_backup.aws.problems import problem
from rds_backup.aws.rds import MAX_VALUES, Rds
from rds_backup.model.decisions import Problem
from rds_backup.model.inventory import Database, Kind, Lane, Listing, Side, Snapshot
from rds_backup.model.settings import Selector
from rds_backup.observe.patience import Patience

_WHOSE = {Side.SOURCE: "source account", Side.BACKUP: "backup account"}


def manual(rds: Rds, lane: Lane, names: Collection[str] | None = None) -> Listing | Problem:
    """The manual snapshots of one family in one account: all, or those with these identifiers."""
    try:
        if names is None:
            return Listing(rds.manual(lane.kind))
        found: dict[str, Snapshot] = {}
        for some in batched(sorted(names), MAX_VALUES, strict=False):
            found |= rds.named(lane.kind, some)
        return Listing(tuple(found.values()), frozenset(names))
    except AwsError as error:
        return problem(
            error, f"cannot list {lane.kind} snapshots in the {_WHOSE[lane.side]}", lane.side
        )


def automated(rds: Rds, kind: Kind) -> tuple[Snapshot, ...] | Problem:
    """The automated snapshots of one family in the source account."""
    try:
        return rds.automated(kind)
    except AwsError as error:
        return problem(error, f"cannot list automated {kind} snapshots", Side.SOURCE)


def databases(
    rds: Rds, selector: Selector, patience: Patience
) -> Mapping[Kind, Sequence[Database] | Problem]:
    """The databases of the families selected from; of both where an identifier is missing.

    The second family then tells "orders is a cluster" from "there is no orders".
    """
    listed = patience.read({kind: partial(_databases, rds, kind) for kind in selector.kinds})
    mine = listed[selector.kind]
    if isinstance(mine, Problem) or set(selector.identifiers) <= {d.identifier for d in mine}:
        return listed
    others = [kind for kind in Kind if kind not in listed]
    return listed | patience.read({kind: partial(_databases, rds, kind) for kind in others})


def _databases(rds: Rds, kind: Kind) -> Sequence[Database] | Problem:
    try:
        return rds.databases(kind)
    except AwsError as error:
        return problem(error, f"cannot list {kind}s", Side.SOURCE)
