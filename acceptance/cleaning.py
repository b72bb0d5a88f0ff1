"""Removes all that a run has made, in both accounts and every Region, and tells what it could not.

Level-triggered: looks, removes what can go, and looks again until nothing is left.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from acceptance import found, stacks
from acceptance.sides import Side

_EMPTY_LOOKS = 3
_GONE = ("NotFound", "NoSuchEntity", "NoSuchBucket")


@dataclass(kw_only=True)
class Cleaned:
    """What came of it: removed, keys that wait for their deletion, and what is left, with why."""

    removed: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Cleaning:
    """One clean-up; ``run`` None removes what is of any run.

    It gives up after ``minutes``; it never touches what lacks the tag or the name of a run.
    """

    sides: Sequence[Side]
    regions: Sequence[str]
    run: str | None
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    say: Callable[[str], None]
    look_every: float = 15
    minutes: float = 120
    unseen: dict[str, str] = field(default_factory=dict)

    def all(self) -> Cleaned:
        """Everything but the keys, again and again until it is gone; last the keys."""
        done = Cleaned()
        self._until_gone(done, self.things)
        said = self._look(done, (key for key in self.keys() if not key.going))
        keys = list(self.keys())
        done.left |= {str(key): said.get(str(key), "") for key in keys if not key.going}
        done.keys = sorted(key.name for key in keys if key.going)
        done.left |= self.unseen
        return done

    def things(self) -> Iterator[found.Thing]:
        """What there is but keys; a stack's network goes once no database is in it."""
        for side in self.sides:
            for region in self.regions:
                for what, things in (
                    ("stacks", stacks.of_run(side, region, self.run)),
                    ("RDS", found.of_rds(side, region, self.run)),
                    ("logs", found.log_groups(side, region, self.run)),
                ):
                    yield from self._listed(f"{side.name}: {what} in {region}", things)
            yield from self._listed(f"{side.name}: roles", found.roles(side, self.run))

    def keys(self) -> Iterator[found.Thing]:
        """Every KMS key of the run's."""
        for side in self.sides:
            for region in self.regions:
                what = f"{side.name}: keys in {region}"
                yield from self._listed(what, found.keys(side, region, self.run))

    def _listed(self, what: str, things: Iterator[found.Thing]) -> Iterator[found.Thing]:
        """What can be listed; a listing that is refused is told, and the others go on."""
        self.unseen.pop(what, None)
        try:
            yield from things
        except RuntimeError as error:
            self.unseen[what] = str(error)

    def _until_gone(self, done: Cleaned, things: Callable[[], Iterable[found.Thing]]) -> None:
        """Several looks in a row have to find nothing: a listing may be late."""
        begun, empty = self.clock(), 0
        left: dict[str, str] = {}
        while empty < _EMPTY_LOOKS and self.clock() - begun <= timedelta(minutes=self.minutes):
            left = self._look(done, things())
            empty = 0 if left else empty + 1
            self.sleep(self.look_every)
        done.left |= left

    def _look(self, done: Cleaned, things: Iterable[found.Thing]) -> dict[str, str]:
        """Remove what is there and not going; what was there, with why it may still be."""
        seen: dict[str, str] = {}
        for thing in things:
            what = str(thing)
            told = None if thing.going else thing.remove()
            if told is None or (told.refused and not any(word in told.code for word in _GONE)):
                seen[what] = told.words if told else "it is being removed"
                continue
            seen[what] = "its removal has begun"
            if what not in done.removed:
                self.say(f"removed: {what}")
                done.removed.append(what)
        return seen
