"""What one invocation works with, and what it has done: every change of a drill is made here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rds_backup.aws.account import Account
from rds_backup.aws.errors import OTHERWISE, PARAMETERS, AwsError, Meaning
from rds_backup.aws.restores import Offer, Restores
from rds_backup.decide.drills import UnderWay
from rds_backup.model.clock import Time, iso
from rds_backup.model.decisions import Owned
from rds_backup.model.drills import DatabaseThere, is_drill
from rds_backup.model.inventory import Snapshot
from rds_backup.model.proof import ended, proof_of
from rds_backup.model.settings import DrillSettings

# So many classes and storage types are tried in one invocation.
_MOST_OFFERS = 6


@dataclass(slots=True)
class Drilling:
    """One invocation; ``steps`` are what is told of each drill that it had to do with.

    ``problems`` are what did not work, ``failures`` how many drills have failed, ``skipped`` are
    the series that cannot be drilled.  ``begun`` says that a restore was begun.
    """

    own: Account
    restores: Restores
    settings: DrillSettings
    time: Time
    problems: list[str] = field(default_factory=list)
    skipped: list[dict[str, str]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    failures: int = 0
    begun: bool = False

    def offers(self, snapshot: Snapshot) -> list[Offer]:
        """As what RDS offers to restore it, which no snapshot says; raises AwsError."""
        found: list[Offer] = []
        for instance_class in self.settings.classes:
            try:
                found += self.restores.offers(snapshot, instance_class)
            except AwsError as error:
                if error.code not in PARAMETERS:
                    raise
                # Of an engine or version that RDS does not know, nothing is offered.
        return found

    def made(self, offers: Sequence[Offer], make: Callable[[Offer], None]) -> None:
        """Make it of the first offer that RDS does not refuse for its class or storage type.

        Raises the AwsError of another refusal, or of the last offer; the others are a note.
        """
        some = offers[:_MOST_OFFERS]
        for offer in some:
            self.told(**{"class": offer.instance_class})
            try:
                make(offer)
            except AwsError as error:
                if error.code not in OTHERWISE or offer is some[-1]:
                    raise
                self.noted(f"refused: {offer.instance_class} on {offer.storage}: {error}")
            else:
                return

    def told(self, **more: Any) -> None:  # noqa: ANN401 - any JSON
        """Say more of the step that was told last."""
        self.steps[-1] |= more

    def record(self, backup: Owned, word: str, begun: datetime, *, counts: bool = True) -> None:
        """Write how a drill ended onto a backup, which may be gone by now.

        ``counts``: where it did not pass, the drill has failed.
        """
        now = self.time.now()
        minutes = max(0, round((now - begun).total_seconds() / 60))
        proof = ended(word, now, minutes, proof_of(backup, now))
        self.failures += counts and not proof.passed
        try:
            self.restores.tag(backup.snapshot.arn, proof.as_tags)
        except AwsError as error:
            self.told(unrecorded=word)
            self.met(error, "the result could not be written onto its backup")
        else:
            self.told(result=word, minutes=minutes, ended=iso(now))

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
        """An error that another moment may not meet is a note, any other a problem."""
        if error.meaning is Meaning.LOOK_AGAIN:
            self.noted(f"{what} yet: {error.code}: {error.message}")
        else:
            self.problems.append(f"{what}: {error}")

    def noted(self, words: str) -> None:
        """Say something of the step that was told last, which is no problem."""
        before = self.steps[-1].get("note")
        self.told(note=f"{before}; {words}" if before else words)


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
