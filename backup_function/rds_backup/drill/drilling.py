"""What one invocation works with, and what it has done: every change of a drill is made here."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rds_backup.aws.account import Account
from rds_backup.aws.errors import PARAMETERS, AwsError, Meaning
from rds_backup.aws.restores import Offer, Restores
from rds_backup.decide.drills import UnderWay
from rds_backup.model.clock import Time, iso
from rds_backup.model.decisions import Owned
from rds_backup.model.drills import DatabaseThere, is_drill
from rds_backup.model.inventory import Snapshot
from rds_backup.model.proof import Proof
from rds_backup.model.settings import DrillSettings


@dataclass(slots=True)
class Drilling:
    """One invocation; ``step`` is what is told of the drill that it went on with or began.

    ``problems`` are what did not work, ``failures`` how many drills have failed, ``skipped`` are
    the series that cannot be drilled.
    """

    own: Account
    restores: Restores
    settings: DrillSettings
    time: Time
    problems: list[str] = field(default_factory=list)
    skipped: list[dict[str, str]] = field(default_factory=list)
    step: dict[str, Any] | None = None
    failures: int = 0

    def offer(self, snapshot: Snapshot) -> Offer | None:
        """The first class that RDS offers for it, which no snapshot names; raises AwsError."""
        for instance_class in self.settings.classes:
            try:
                offer = self.restores.offer(snapshot, instance_class)
            except AwsError as error:
                if error.code not in PARAMETERS:
                    raise
                continue  # of an engine or version that RDS does not know, nothing is offered
            if offer:
                return offer
        return None

    def record(self, backup: Owned, result: str, begun: datetime) -> None:
        """Write how a drill ended onto its backup, which may be gone by now."""
        now = self.time.now()
        proof = Proof(now, max(0, round((now - begun).total_seconds() / 60)), result)
        if self.step is not None:
            ended = {"result": result, "minutes": proof.minutes, "ended": iso(now)}
            self.step |= ended
        self.failures += not proof.passed
        try:
            self.restores.tag(backup.snapshot.arn, proof.as_tags)
        except AwsError as error:
            self.met(error, "the result could not be written onto its backup")

    def delete(self, drill: UnderWay) -> None:
        """Begin to delete what the drill made, a cluster's instance first; nobody else's."""
        members = [m for m in drill.members if m.word != "deleting"]
        for database in (*members, drill.database):
            if not is_drill(database, self.settings.backup.marker):
                self.problems.append(
                    f"{database.identifier} in the drill's cluster is not the drill's, and is left "
                    "alone: delete it, or the cluster cannot go"
                )
                continue
            try:
                self.restores.delete(database)
            except AwsError as error:
                self.met(error, f"{database.identifier} could not be deleted")

    def met(self, error: AwsError, what: str) -> None:
        """Note an error; what another moment may answer is only told where it says no more."""
        if error.meaning is Meaning.LOOK_AGAIN:
            self.noted(f"{what} yet: {error.code}: {error.message}")
        else:
            self.problems.append(f"{what}: {error}")

    def noted(self, words: str) -> None:
        """Say something of the step that is no problem."""
        if self.step is not None:
            self.step["note"] = words


def of_drill(drill: UnderWay, backup: Owned | None, do: str, why: str) -> dict[str, Any]:
    """What is said of a drill and its step, JSON-ready."""
    database, said = drill.database, drill.said
    return {
        "database": backup.point.database if backup else (said.snapshot if said else "unknown"),
        "kind": str(database.kind),
        "resource_id": said.series.resource_id if said else None,
        "source_account": said.series.account if said else None,
        "backup": said.backup if said else None,
        "drill_database": database.identifier,
        "class": _class_of(drill),
        "status": drill.shown.word,
        "begun": iso(said.begun) if said else None,
        "deadline": iso(said.deadline) if said else None,
        "step": do,
        "why": why,
    }


def _class_of(drill: UnderWay) -> str | None:
    parts: tuple[DatabaseThere, ...] = (drill.database, *drill.members)
    return next((d.instance_class for d in parts if d.instance_class), None)
