"""A restore drill of one backup, as looks tell it."""

from dataclasses import dataclass
from typing import Self

from rds_backup.model.clock import iso
from rds_backup.model.decisions import Owned
from rds_backup.model.proof import Proof
from rds_backup.report.known import Found, known


@dataclass(frozen=True, slots=True)
class Drilled:
    """When it ended, after how many minutes, and what came of it; ``at`` is ISO 8601 in UTC.

    ``asked`` are the questions that all had the right answer; there are none where it failed.
    """

    backup: str
    at: str
    minutes: int
    result: str
    asked: tuple[str, ...]

    @classmethod
    def of(cls, found: tuple[Owned, Proof] | None) -> Self | None:
        """What the tags of a backup say; None where there is no drill."""
        if found is None:
            return None
        backup, proof = found
        name = backup.snapshot.identifier
        return cls(name, iso(proof.at), proof.minutes, proof.word, proof.asked)

    @classmethod
    def read(cls, found: Found | None) -> Self | None:
        """The same out of a result."""
        return known(cls, {**found, "asked": tuple(found["asked"])}) if found else None
