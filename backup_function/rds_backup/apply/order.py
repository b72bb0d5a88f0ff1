"""Carry out what a pass has decided: expire, delete shared copies, then start copies.

Nothing else changes anything in either account, and nothing is decided here.
"""

from rds_backup.apply.clients import Hands
from rds_backup.apply.deletions import Deletions
from rds_backup.apply.starts import Starts
from rds_backup.decide.plan import Night
from rds_backup.model.world import Learned, World


def apply(night: Night, world: World, learned: Learned, hands: Hands) -> None:
    """Do all that the night holds, as far as the time reaches; a failed call stops no other."""
    deletions = Deletions(world, learned, hands)
    deletions.expire(night.expires)
    deletions.delete_shared(night.deletes)
    starts = Starts(world, learned, hands)
    for start in night.starts:
        if not hands.in_time():
            return
        starts.start(start)
