"""Look at both accounts: one complete listing per family and account, or the reason why not.

A listing that fails anywhere is a Problem, never a shorter listing.
"""

from collections.abc import Mapping, Sequence

from rds_backup.aws.errors import AwsError, problem
from rds_backup.aws.rds import Rds
from rds_backup.model.decisions import Problem
from rds_backup.model.inventory import Database, Kind, Lane, Listing, Side, Snapshot
from rds_backup.model.settings import Selector

_WHOSE = {Side.SOURCE: "source account", Side.BACKUP: "backup account"}


def manual(rds: Rds, lane: Lane) -> Listing | Problem:
    """The manual snapshots of one family in one account."""
    try:
        return Listing(rds.manual(lane.kind))
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


def databases(rds: Rds, selector: Selector) -> Mapping[Kind, Sequence[Database] | Problem]:
    """The databases of the families selected from; of both where an identifier is missing.

    The second family then tells "orders is a cluster" from "there is no orders".
    """
    listed = {kind: _databases(rds, kind) for kind in selector.kinds}
    mine = listed[selector.kind]
    if not isinstance(mine, Problem):
        missing = set(selector.identifiers) - {d.identifier for d in mine}
        for kind in Kind:
            if missing and kind not in listed:
                listed[kind] = _databases(rds, kind)
    return listed


def _databases(rds: Rds, kind: Kind) -> Sequence[Database] | Problem:
    try:
        return rds.databases(kind)
    except AwsError as error:
        return problem(error, f"cannot list {kind}s", Side.SOURCE)
