"""Where a run stands: both accounts, its file, the clock, and waiting.

Knows nothing of what is made or asked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from acceptance.run import RunFile
from acceptance.sides import Side, Told


class CannotTellError(Exception):
    """A question has no answer here; the message says why, in AWS's words where there are any."""


def expect_made(told: Told) -> None:
    """CannotTellError if AWS refused to make it; what is there already, the run made before."""
    if told.refused and "AlreadyExists" not in told.code:
        raise CannotTellError(told.words)


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Both accounts, the run's file, and the time, which tests decide.

    ``far`` is the backup account in another Region, if the run is to know one.
    """

    source: Side
    backup: Side
    file: RunFile
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    say: Callable[[str], None]
    look_every: float = 15
    far: Side | None = None

    @property
    def vault(self) -> Side:
        """Where the stacks make backups: in the other Region, if there is one."""
        return self.far or self.backup

    @property
    def run(self) -> str:
        """The run's name, with which every name begins."""
        return self.file.run

    @property
    def region(self) -> str:
        """The Region of the databases."""
        return self.source.region

    def named(self, *parts: object) -> str:
        """A name of this run's."""
        return "-".join([self.run, *map(str, parts)])

    def fresh(self, what: str) -> str:
        """A name that nothing had before: each try of a question has its own."""
        return self.named(what, self.file.try_again(what))

    def wait[T](
        self, what: str, look: Callable[[], T | None], *, minutes: float = 90, every: int = 1
    ) -> T:
        """Look until there is something; CannotTellError after so many minutes.

        ``every`` says how many of the kit's looks one of these takes.
        """
        begun = self.clock()
        while True:
            found = look()
            if found is not None:
                return found
            if self.clock() - begun > timedelta(minutes=minutes):
                raise CannotTellError(f"{what}: not within {minutes:g} minutes")
            self.sleep(every * self.look_every)
