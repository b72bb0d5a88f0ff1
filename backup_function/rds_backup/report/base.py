"""The shared copy that stays as the base of the next copy, as a look tells of it; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from rds_backup.decide.plan import Subject
from rds_backup.model.decisions import Owned
from rds_backup.model.verified import started_at


@dataclass(frozen=True, slots=True)
class Base:
    """The base of the next copy, and how long copies take.

    RDS tells neither whether a copy was incremental nor when it ended: ``hours`` are those from the
    newest verified backup's automated snapshot until its shared copy was handed over, its first
    copy's time among them, ``hours_before`` the same in the middle of those before it.
    """

    snapshot: str
    hours: float | None
    hours_before: float | None

    @classmethod
    def of(cls, subject: Subject, sound: Sequence[Owned], now: datetime) -> Self | None:
        """The base of a series with these verified backups; None where there is none."""
        if not subject.bases:
            return None
        before = sorted(h for b in sound if b != subject.proof and (h := _hours(b, now)))
        return cls(
            subject.bases[0].snapshot.identifier,
            _hours(subject.proof, now) if subject.proof else None,
            before[len(before) // 2] if before else None,
        )


def _hours(backup: Owned, now: datetime) -> float | None:
    """Until the hand-over; None where its tag does not tell."""
    took = (started_at(backup, now) - backup.point.taken_at).total_seconds() / 3600
    return round(took, 2) if took > 0 else None
