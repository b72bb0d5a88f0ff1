"""The quota of manual snapshots: respected before RDS refuses, and told in numbers when it does."""

from rds_backup.apply.clients import Clients
from rds_backup.aws.errors import AwsError
from rds_backup.model.decisions import Problem, State
from rds_backup.model.identity import all_owned
from rds_backup.model.inventory import Lane, Listing, Snapshot
from rds_backup.model.world import Learned, World

# Manual snapshots of a family in an account and Region, unless AWS has raised it (5.1).
DEFAULT_QUOTA = 100
_MAKE_ROOM = "delete some of the others, or request a higher quota"


class Places:
    """The places for manual snapshots, as one pass knows them."""

    def __init__(self, world: World, learned: Learned, clients: Clients) -> None:
        """Take what was seen, what was learned since, and what to call with."""
        self._world = world
        self._learned = learned
        self._clients = clients

    def full(self, lane: Lane) -> Problem | None:
        """Why no manual snapshot may be added; RDS is asked where its default is reached.

        Shared copies of ours go again, and make room; without any, a person has to.  Where the
        quota cannot be read, RDS itself tells.
        """
        there = len(self._there(lane))
        if there < DEFAULT_QUOTA:
            return None
        try:
            if lane not in self._learned.most:
                _, self._learned.most[lane] = self._quota(lane)
        except AwsError:
            return None
        most = self._learned.most[lane]
        if there < most:
            return None
        self._learned.crowded.add(lane)
        words = self._counted(lane, there, most)
        if self._ours(lane):
            return Problem(State.QUEUED, f"queued: {words}")
        return Problem(State.BLOCKED, words, _MAKE_ROOM)

    def refused(self, error: AwsError, lane: Lane) -> Problem:
        """What RDS's refusal means: copies in flight pass, for the others a person makes room."""
        if error.copies_in_flight:
            return Problem(State.QUEUED, f"queued: AWS says: {error.message}")
        self._learned.crowded.add(lane)
        try:
            counted = self._counted(lane, *self._quota(lane))
        except AwsError as unreadable:
            counted = (
                f"in the {lane.side} account the quota cannot be read ({unreadable}), "
                f"{self._ours(lane)} are ours"
            )
        return Problem(State.BLOCKED, f"{error.code}: {error.message}; {counted}", _MAKE_ROOM)

    def _quota(self, lane: Lane) -> tuple[int, int]:
        return self._clients.rds(lane.side).manual_quotas()[lane.kind]

    def _counted(self, lane: Lane, used: int, most: int) -> str:
        return (
            f"in the {lane.side} account {used} of {most} manual {lane.kind} snapshots are used, "
            f"{self._ours(lane)} are ours"
        )

    def _there(self, lane: Lane) -> tuple[Snapshot, ...]:
        listing = self._world.manual[lane]
        return self._learned.snapshots(lane, listing) if isinstance(listing, Listing) else ()

    def _ours(self, lane: Lane) -> int:
        return len(all_owned(self._there(lane), self._clients.settings.marker))
