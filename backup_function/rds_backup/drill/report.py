"""What one invocation has to say of drills: as a result, as log lines, as metrics."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rds_backup.decide.turns import Round
from rds_backup.model.proof import PASSED
from rds_backup.report.bounded import HEAD, MAX_RESULT_BYTES, fitting
from rds_backup.report.result import MAX_MESSAGE_BYTES, Outcome


class DrillFailedError(Exception):
    """Raised once, after everything is out: a drill has failed, or could not go on."""


@dataclass(frozen=True, slots=True)
class DrillReport:
    """One invocation: what it saw and did, JSON-ready.

    ``under_way`` is the number of drills at its end, ``overdue`` how many of them should be gone.
    ``steps`` are what it did of each, with the ``result`` where one was recorded; ``failures`` is
    how many drills have failed.  ``plan`` is what would be begun.  ``skipped`` are series that
    cannot be drilled, ``problems`` what did not work.  ``round`` tells of all series; ``seen``: all
    databases of the account could be listed; ``daily``: this is no tick.
    """

    looked_at: str
    under_way: int = 0
    overdue: int = 0
    steps: tuple[Mapping[str, Any], ...] = ()
    failures: int = 0
    plan: Mapping[str, Any] | None = None
    skipped: tuple[Mapping[str, str], ...] = ()
    problems: tuple[str, ...] = ()
    round: Round | None = None
    seen: bool = True
    daily: bool = False

    @property
    def idle(self) -> bool:
        """Never: also that nothing is under way is told to the metrics."""
        return False

    @property
    def outcome(self) -> Outcome:
        """A failure or a problem, under way, looked or done, nothing."""
        if self.failures or self.problems:
            return Outcome.FAILED
        if self.under_way:
            return Outcome.IN_PROGRESS
        return Outcome.COMPLETED if self.steps or self.plan else Outcome.NOTHING_TO_DO

    def as_dict(self, after: str | None = None, most: float = MAX_RESULT_BYTES) -> dict[str, Any]:
        """The result object, with the last step: it has no pages, and long values are cut."""
        del after
        told: dict[str, Any] = {
            **HEAD,
            "action": "drill",
            "outcome": str(self.outcome),
            "looked_at": self.looked_at,
            "counts": {"under_way": self.under_way, "overdue": self.overdue},
            "drill": fitting(self.steps[-1], most / 4) if self.steps else None,
            "skipped": [*self.skipped[:100]],
            "problems": [*self.problems],
        }
        if self.plan:
            told["plan"] = dict(self.plan)
        if self.round:
            told["round"] = asdict(self.round)
        return told

    def log_lines(
        self, counts: Mapping[str, Any], *, everyone: bool, tick: bool
    ) -> Iterator[tuple[bool, str, Mapping[str, Any]]]:
        """A line for the step, one for each problem, and one for each series that is skipped."""
        del everyone, tick
        for step in self.steps:
            bad = bool(self.failures) and not _passed(step.get("result", PASSED))
            told = fitting(step, MAX_RESULT_BYTES / 2)
            yield bad, "drill", {"drill": told, "counts": counts}
        for problem in self.problems:
            yield True, f"drill: {problem}", {}
        for skipped in self.skipped:
            yield False, f"{skipped['database']}: no drill", {"skipped": skipped}

    def metrics(self) -> dict[str, float]:
        """Counts in every invocation that saw them; ages only where all series were seen.

        A drill that could not be begun, or judged, has failed, too.
        """
        values = {
            "DrillsUnderWay": self.under_way if self.seen else None,
            "DrillsOverdue": self.overdue if self.seen else None,
            "DrillsFailed": self.failures or int(self.daily and bool(self.problems)),
            "OldestProofAgeDays": self.round.oldest_proof_days if self.round else None,
            "SeriesNotRestored": self.round.not_restored if self.round else None,
        }
        return {name: float(value) for name, value in values.items() if value is not None}

    def raise_if_bad(self) -> None:
        """Raise DrillFailedError if a person should look; its message is at most 2 KB."""
        if self.outcome is not Outcome.FAILED:
            return
        ends = [(s, s.get("result", s.get("unrecorded", PASSED))) for s in self.steps]
        lines = [f"{s['database']}: {word}: {_reason(s)}" for s, word in ends if not _passed(word)]
        text = "\n".join(["failed", *lines, *self.problems])
        raise DrillFailedError(text.encode()[:MAX_MESSAGE_BYTES].decode(errors="ignore"))


def _passed(word: str) -> bool:
    return word.startswith(PASSED)


def _reason(step: Mapping[str, Any]) -> str:
    """Why it failed: the answer that was wrong, or what AWS said; else why the step was taken."""
    wrong = [answer["words"] for answer in step.get("questions", ()) if not answer["right"]]
    return str(next((words for words in (*wrong, step.get("note")) if words), step["why"]))
