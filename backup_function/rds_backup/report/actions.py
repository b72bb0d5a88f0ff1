"""Actions, as results and plans list them: what, of which database, where, and why.

The same words for what was done and for what would be done.  Pure.
"""

from collections.abc import Mapping

from rds_backup.decide.plan import Plan
from rds_backup.model.decisions import CopyAutomated, Point, Start
from rds_backup.model.identity import identifier
from rds_backup.model.inventory import Side

WHY = {
    "copy": "the newest automated snapshot has no backup",
    "share": "the shared copy is available",
    "back_up": "it is shared, and there is no backup yet",
    "unshare": "it was also shared with somebody else",
}


def described(
    word: str, point: Point, account: str, name: str, why: str | None = None
) -> dict[str, str]:
    """One action."""
    return {
        "action": word,
        "database": point.database,
        "resource_id": point.series.resource_id,
        "account": account,
        "snapshot": name,
        "reason": why or WHY[word],
    }


def planned(plan: Plan, prefix: str, accounts: Mapping[Side, str]) -> list[dict[str, str]]:
    """Everything that a night holds, in the order in which it would be done."""
    lines = []
    for expire in plan.expires:
        backup = expire.backup
        name = backup.snapshot.identifier
        lines.append(described("expire", backup.point, accounts[Side.BACKUP], name, expire.why))
    for delete in plan.deletes:
        shared = delete.shared
        account, name = accounts[Side.SOURCE], shared.snapshot.identifier
        lines.append(described("delete_shared_copy", shared.point, account, name, delete.why))
    for start in plan.starts:
        lines += _planned_start(start, prefix, accounts)
    return lines


def _planned_start(start: Start, prefix: str, accounts: Mapping[Side, str]) -> list[dict[str, str]]:
    if isinstance(start, CopyAutomated):
        name = identifier(prefix, start.point, start.attempt)
        return [described("copy", start.point, accounts[Side.SOURCE], name)]
    point = start.shared.point
    name = identifier(prefix, point, start.attempt)
    return [
        described("share", point, accounts[Side.SOURCE], start.shared.snapshot.identifier),
        described("back_up", point, accounts[Side.BACKUP], name),
    ]
