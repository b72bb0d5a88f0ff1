"""Where a restore is made, and of what: the values that every call of a plan is made from."""

from dataclasses import dataclass

from rds_backup.model.inventory import Snapshot
from rds_backup.model.surroundings import Surroundings
from rds_backup.restore.bash import Blank, Command, Option, Word

# Longest name of a database (RDS API), less the end that its restored namesake's member gets.
_ROOM = 63 - len("-restored-1")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call is made: the account, the profile with its credentials, and the Region.

    ``network`` is what the database runs in, in its own account; ``groups`` the same in any, since
    groups of the same names can be made there.
    """

    account: Word
    profile: Blank
    region: str
    network: Surroundings | None
    groups: Surroundings | None

    def call(self, why: str, operation: str, *options: Option) -> Command:
        """One call in this account and Region."""
        everywhere = (("--profile", self.profile), ("--region", self.region))
        return Command(why, operation, (*everywhere, *options))


@dataclass(frozen=True, slots=True)
class Origin:
    """What is restored: a snapshot, the name or ARN that it has here, and the database it was of.

    ``key`` is the one a cluster is put under; an instance has its snapshot's.  ``offered`` says
    that RDS offers the snapshot's version, as far as is known.
    """

    snapshot: Snapshot
    called: str
    database: str
    backup: str
    key: Word
    offered: bool

    @property
    def engine(self) -> Word:
        """The engine, which every listing of RDS shows."""
        return self.snapshot.engine or Blank("ENGINE", "the engine that the database had")

    @property
    def restored(self) -> str:
        """The name of the restored database: not the old one, which may still be in use."""
        return f"{self.database[:_ROOM].rstrip('-')}-restored"


def waited(place: Place, what: str, option: str, name: str) -> Command:
    """Wait until something is available."""
    why = "Waits for 30 minutes at most (5.9); repeat it while it ends with an error."
    return place.call(why, f"rds wait {what}-available", (option, name))
