"""What a restore drill under way needs next, and which database of the account it is.

Pure: the listings, the backup and the time are arguments.  The first row that holds decides.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from rds_backup.model.decisions import Owned, Problem
from rds_backup.model.drills import DatabaseThere, Drill, drill_of, is_drill
from rds_backup.model.identity import Marker
from rds_backup.model.inventory import Kind
from rds_backup.model.proof import BACKUP_GONE, OVERDUE, has_room, proof_of

# In these a database answers; the last two may take days (RDS guide, Viewing instance status).
READY = ("available", "storage-initialization", "storage-optimization")
# Words of RDS from which a restored database does not recover by itself (RDS guide, Viewing
# Amazon RDS DB instance status; Aurora guide, Viewing cluster status).
_HOPELESS = frozenset(
    {
        "failed",
        "inaccessible-encryption-credentials",
        "inaccessible-encryption-credentials-recoverable",
        "incompatible-create",
        "incompatible-network",
        "incompatible-option-group",
        "incompatible-parameters",
        "incompatible-restore",
        "insufficient-capacity",
        "migration-failed",
        "restore-error",
        "stopped",
        "storage-full",
        "upgrade-failed",
    }
)


class Do(StrEnum):
    """What a step of a drill does."""

    WAIT = "wait"
    ADD_MEMBER = "add_member"
    SET_PASSWORD = "set_password"  # noqa: S105 - a step's name
    ASK = "ask"
    RECORD = "record"
    DELETE = "delete"


class Step(NamedTuple):
    """One step, and why; ``result`` is the first word of a failure that is to be recorded."""

    do: Do
    why: str
    result: str | None = None


class UnderWay(NamedTuple):
    """A drill as it is listed; ``said`` is None where its tag cannot be read any more."""

    database: DatabaseThere
    members: tuple[DatabaseThere, ...]
    said: Drill | None

    @property
    def shown(self) -> DatabaseThere:
        """Whichever of its parts is not available yet; else the database itself."""
        parts = (self.database, *self.members)
        return next((d for d in parts if d.word not in READY), self.database)

    def overdue(self, now: datetime) -> bool:
        """Whether it should be gone: also where it cannot be known since when it is there."""
        return self.said is None or now > self.said.deadline


class DrillsThere(NamedTuple):
    """What of drills is in the account: those under way, the first begun first, and odd ones.

    ``taken`` are names like a drill's that somebody else's database has; ``astray`` has the names
    of drills' databases that somebody has renamed.
    """

    under_way: tuple[UnderWay, ...]
    taken: frozenset[str]
    astray: tuple[str, ...]


def find(listed: Mapping[Kind, Iterable[DatabaseThere]], marker: Marker, stem: str) -> DrillsThere:
    """The drills among all databases of the account."""
    everything = [database for found in listed.values() for database in found]
    named = [d for d in everything if d.identifier.startswith(stem)]
    ours = [d for d in named if is_drill(d, marker)]
    clusters = {d.identifier for d in everything if d.kind is Kind.CLUSTER and d in ours}
    drills = [
        UnderWay(d, _members(d, everything), drill_of(d))
        for d in ours
        if d.member_of not in clusters
    ]
    return DrillsThere(
        tuple(sorted(drills, key=_begun)),
        frozenset(d.identifier for d in named if d not in ours),
        tuple(d.identifier for d in everything if is_drill(d, marker) and d not in named),
    )


def _members(
    cluster: DatabaseThere, everything: Iterable[DatabaseThere]
) -> tuple[DatabaseThere, ...]:
    if cluster.kind is not Kind.CLUSTER:
        return ()
    return tuple(d for d in everything if d.member_of == cluster.identifier)


def _begun(drill: UnderWay) -> tuple[bool, datetime | None, str]:
    """Those that cannot be read come last: they only go."""
    said = drill.said
    return said is None, said.begun if said else None, drill.database.identifier


def free_name(stem: str, taken: Collection[str], number: int = 1) -> str:
    """The first name that nobody else's database has."""
    name = f"{stem}{number}"
    return free_name(stem, taken, number + 1) if name in taken else name


def step_of(
    drill: UnderWay, backup: Owned | Problem | None, now: datetime, *, validated: bool
) -> Step:
    """The next step of the one drill that goes on.

    ``backup`` is what is restored: None if it is gone, a Problem if that could not be read.
    ``validated``: a validator is to be asked, which needs a password.
    """
    said, database = drill.said, drill.database
    if database.word == "deleting":
        return Step(Do.WAIT, "RDS is deleting it")
    if said is None:
        return Step(Do.DELETE, "its tag says nothing that can be read")
    if isinstance(backup, Owned):
        proof = proof_of(backup, now)
        if proof and proof.at >= said.begun:
            return Step(Do.DELETE, f"the result is recorded: {proof.result}")
    if now > said.deadline:
        why = f"it is not done by its deadline; its status is {drill.shown.word}"
        return Step(Do.DELETE, why, OVERDUE)
    if backup is None:
        return Step(Do.DELETE, "the backup is gone, and with it the place for a proof", BACKUP_GONE)
    if isinstance(backup, Owned) and not has_room(backup):
        return Step(Do.DELETE, "the backup has no room for the tags of a proof")
    hopeless = next((d for d in (database, *drill.members) if d.word in _HOPELESS), None)
    if hopeless:
        return Step(Do.RECORD, f"{hopeless.identifier} is {hopeless.word}", hopeless.word)
    return _forward(drill, backup, validated=validated)


def _forward(drill: UnderWay, backup: Owned | Problem, *, validated: bool) -> Step:
    """Nothing is wrong so far."""
    database = drill.database
    if database.member_of:
        return Step(Do.WAIT, f"its cluster {database.member_of} is not seen")
    if drill.shown.word not in READY:
        return Step(Do.WAIT, f"{drill.shown.identifier} is {drill.shown.word}")
    if isinstance(backup, Problem):
        return Step(Do.WAIT, f"the backup cannot be read: {backup.reason}")
    if database.kind is Kind.CLUSTER and not drill.members:
        return Step(Do.ADD_MEMBER, "the cluster is available, and has no instance yet")
    if validated and database.secret is None:
        return Step(Do.SET_PASSWORD, "nobody knows the password that the data came with")
    if validated and database.secret_word != "active":  # noqa: S105 - a status
        return Step(Do.WAIT, f"its secret is {database.secret_word}")
    return Step(Do.ASK, "it is available")
