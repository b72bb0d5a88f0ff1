"""What a restore drill has proven of a backup, as tags of that backup say it.

Such a tag can keep a backup and can delete none; it never makes one verified.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from rds_backup.model.clock import iso, zoned
from rds_backup.model.decisions import Owned

RESTORED_AT = "rds-backup:restored-at"
RESTORE_MINUTES = "rds-backup:restore-minutes"
RESTORE_RESULT = "rds-backup:restore-result"
PROOF_TAGS = frozenset({RESTORED_AT, RESTORE_MINUTES, RESTORE_RESULT})
PASSED, VALIDATED = "passed", "validated"
# Failures that neither a question nor RDS has a word for.
OVERDUE, BACKUP_GONE, NOT_OFFERED = "overdue", "backup-gone", "not-offered"
# What every restored database is asked, and the question that only a validator answers.
QUESTIONS = ("available", "encryption", "engine", "version", "storage", "connection")
VALIDATOR = "validator"
_AFTER = re.compile(
    rf"\S+ after (?P<result>{PASSED}(?: {VALIDATED})?) (?P<at>\S+) (?P<minutes>\d+)"
)
# What RDS allows (RDS guide, Quotas and constraints).
MOST_TAGS = 50


class Proof(NamedTuple):
    """How a drill of one backup ended: when, after how many minutes, and with which words.

    ``result`` is ``passed``, ``passed validated`` where a validator was asked as well, or begins
    with the first word of the failure.  Of a backup that had passed before, a failure says that,
    too: ``storage after passed 2026-03-09T06:42:00.000Z 42``.
    """

    at: datetime
    minutes: int
    result: str

    @property
    def passed(self) -> bool:
        """Whether every question had the right answer."""
        return self.result.split(maxsplit=1)[:1] == [PASSED]

    @property
    def asked(self) -> tuple[str, ...]:
        """The questions that were answered as they should be, where all of them were."""
        if not self.passed:
            return ()
        return (*QUESTIONS, VALIDATOR) if VALIDATED in self.result.split() else QUESTIONS

    @property
    def word(self) -> str:
        """The first word of the result."""
        return self.result.partition(" ")[0]

    @property
    def newest_pass(self) -> "Proof | None":
        """The drill itself if it passed; else the one before it that did, of the same backup."""
        if self.passed:
            return self
        found = _AFTER.fullmatch(self.result)
        try:
            return (
                Proof(zoned(found["at"]), int(found["minutes"]), found["result"]) if found else None
            )
        except (ValueError, OverflowError):
            return None

    @property
    def as_tags(self) -> dict[str, str]:
        """The tags that say so."""
        return {
            RESTORED_AT: iso(self.at),
            RESTORE_MINUTES: str(self.minutes),
            RESTORE_RESULT: self.result,
        }


def ended(word: str, at: datetime, minutes: int, before: Proof | None) -> Proof:
    """How a drill ended, of a backup with this proof before: no failure wipes out what passed."""
    failed = Proof(at, minutes, word)
    passed = before.newest_pass if before else None
    if failed.passed or passed is None:
        return failed
    return failed._replace(result=f"{word} after {passed.result} {iso(passed.at)} {passed.minutes}")


def proof_of(backup: Owned, now: datetime) -> Proof | None:
    """What the tags of a backup say of its drill; None where they cannot be true.

    Nothing was restored before it was there, and nothing in the future.
    """
    said = backup.snapshot.tags
    try:
        at, minutes = zoned(said[RESTORED_AT]), int(said[RESTORE_MINUTES])
    except (KeyError, ValueError, OverflowError):
        return None
    if not _can_be(backup, at, now) or minutes < 0:
        return None
    return Proof(at, minutes, said.get(RESTORE_RESULT, ""))


def _can_be(backup: Owned, at: datetime, latest: datetime) -> bool:
    made = backup.snapshot.created_at
    return made is not None and made <= at <= latest


def last_drill(backups: Iterable[Owned], now: datetime) -> tuple[Owned, Proof] | None:
    """The newest drill of these backups, whatever came of it."""
    return _newest(_proofs(backups, now))


def last_restored(backups: Iterable[Owned], now: datetime) -> tuple[Owned, Proof] | None:
    """The newest drill of these backups that passed."""
    passed = ((b, proof.newest_pass, proof.at) for b, proof in _proofs(backups, now))
    return _newest((b, p) for b, p, latest in passed if p and _can_be(b, p.at, latest))


def _proofs(backups: Iterable[Owned], now: datetime) -> Iterator[tuple[Owned, Proof]]:
    return ((b, proof) for b in backups if (proof := proof_of(b, now)))


def _newest(found: Iterable[tuple[Owned, Proof]]) -> tuple[Owned, Proof] | None:
    return max(found, key=lambda each: (each[1].at, each[0].snapshot.identifier), default=None)


def without_proof(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags by which a backup is known, counted and kept; a drill may write the others."""
    return {name: value for name, value in tags.items() if name not in PROOF_TAGS}


def has_room(backup: Owned) -> bool:
    """Whether the tags of a proof fit beside those that a backup has."""
    return len(without_proof(backup.snapshot.tags)) + len(PROOF_TAGS) <= MOST_TAGS
