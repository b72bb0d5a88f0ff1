"""One run: its name, the tag that all it makes bears, and the file of what AWS does not keep.

The file is written at every change, so that a run that was cut off goes on.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

TAG = "rds-backup-acceptance"
# What the stacks' functions make bears the marks of the product, whose prefix is the run's name.
_OF_STACKS = "rds-backup:managed-by"
# What is made by following a restore plan names the backup, which begins with the run's name.
_OF_PLANS = "restored-from"
USE = "rds-backup-acceptance-use"
# A prefix that the stacks take for their snapshots, too: at most 20 characters.
PREFIX = "acc-"
_RUN = re.compile(PREFIX + r"\d{10}[0-9a-f]{4}")


_LENGTH = len("acc-2611261607ab12")


def run_id(now: datetime, draw: str) -> str:
    """A new run's name, which is the prefix of all its names, too: ``acc-2611261607ab12``.

    ``draw`` are four hexadecimal digits; two runs of one minute differ in them.
    """
    made = f"{PREFIX}{now:%y%m%d%H%M}{draw}"
    if not is_run(made):
        raise ValueError(f"{draw!r} is not four hexadecimal digits")
    return made


def is_run(text: str | None) -> bool:
    """Whether a tag's value is a run's."""
    return bool(text) and _RUN.fullmatch(str(text)) is not None


def tags_of(run: str, use: str = "") -> list[dict[str, str]]:
    """The tags of everything that a run makes, as RDS and IAM take them."""
    return [{"Key": TAG, "Value": run}, *([{"Key": USE, "Value": use}] if use else [])]


def bears(name: str, tags: Mapping[str, str], run: str | None) -> bool:
    """Whether a thing is a run's: it has a tag with the run's name, and its own begins with it.

    ``run`` None means any run's.  A name alone, or a tag alone, is somebody else's.
    """
    given = [tags.get(TAG, ""), tags.get(_OF_STACKS, ""), tags.get(_OF_PLANS, "")[:_LENGTH]]
    values = {value for value in given if is_run(value)}
    ours = values if run is None else values & {run}
    return any(name.startswith(f"{value}-") for value in ours)


def as_mapping(tags: list[Mapping[str, str]]) -> dict[str, str]:
    """Tags of a listing: RDS and IAM say Key, KMS says TagKey."""
    return {t.get("Key", t.get("TagKey", "")): t.get("Value", t.get("TagValue", "")) for t in tags}


@dataclass(kw_only=True)
class RunFile:
    """What a run knows and AWS does not keep: answers, tries begun, times, Regions touched."""

    path: Path
    run: str
    regions: list[str]
    answers: dict[str, Any]
    tries: dict[str, int]
    times: list[dict[str, Any]]
    played: dict[str, dict[str, Any]]
    accounts: list[str]
    place: list[str]

    @classmethod
    def begin(
        cls, path: Path, run: str, accounts: Sequence[str], place: Sequence[str] = ()
    ) -> Self:
        """The run's file: as it is, or a new one of these accounts and Regions."""
        found = cls.read(path)
        if found is not None:
            return found
        made = cls(
            path=path,
            run=run,
            accounts=[*accounts],
            place=[*place],
            regions=[],
            answers={},
            tries={},
            times=[],
            played={},
        )
        made.write()
        return made

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """The file that is there, if any."""
        if not path.exists():
            return None
        return cls(path=path, **json.loads(path.read_text()))

    def write(self) -> None:
        """Write all of it, at once or not at all."""
        body = {key: value for key, value in vars(self).items() if key != "path"}
        beside = self.path.with_suffix(".new")
        beside.write_text(json.dumps(body, indent=2, sort_keys=True, default=str) + "\n")
        beside.replace(self.path)

    def touch(self, *regions: str) -> None:
        """Something will be made in these Regions: said before it is."""
        self.regions = sorted({*self.regions, *regions})
        self.write()

    def try_again(self, name: str) -> int:
        """The number of a new try, said before anything is made for it."""
        self.tries[name] = self.tries.get(name, 0) + 1
        self.write()
        return self.tries[name]

    def answer(self, question: str, said: Mapping[str, Any]) -> None:
        """Keep an answer."""
        self.answers[question] = dict(said)
        self.write()

    def play(self, step: str, said: str, at: datetime, *, done: bool) -> None:
        """Keep what came of a step; one that is not done is played again by a later run."""
        self.played[step] = {"said": said, "done": done, "at": at.isoformat()}
        self.write()

    def is_played(self, step: str) -> bool:
        """Whether a step is done."""
        return bool(self.played.get(step, {}).get("done"))

    def took(self, what: str, seconds: float) -> None:
        """Keep how long something took."""
        self.times.append({"what": what, "seconds": round(seconds)})
        self.write()
