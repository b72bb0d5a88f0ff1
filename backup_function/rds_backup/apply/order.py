"""Carry out what a pass has decided: expire, delete shared copies, then start copies.

Nothing else changes anything in either account, and nothing is decided here.
"""

from rds_backup.apply.clients import Clients
from rds_backup.apply.deletions import Deletions
from rds_backup.apply.fairly import fairly
from rds_backup.apply.starts import Starts
from rds_backup.decide.plan import Plan
from rds_backup.model.world import Learned, World


def apply(plan: Plan, world: World, learned: Learned, clients: Clients) -> None:
    """Do all that the night holds, as far as the time reaches; a failed call stops no other."""
    deletions = Deletions(world, learned, clients)
    deletions.expire(plan.expires)
    deletions.delete_shared(plan.deletes)
    starts = Starts(world, learned, clients)
    for start in fairly(plan.starts, clients.time):
        starts.start(start)
