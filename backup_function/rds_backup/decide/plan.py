"""Everything decided in one pass, as a value: what to do, in which order, and on which series."""

from dataclasses import dataclass

from rds_backup.decide.series import SeriesView
from rds_backup.model.decisions import Decision, DeleteShared, Expire, Owned, Start
from rds_backup.model.inventory import Kind


@dataclass(frozen=True, slots=True)
class Subject:
    """One series with what was decided on it; ``database`` is None where it is not selected.

    ``proof`` is its newest verified backup.  ``by_names`` says that no more of it was read than
    the names that its shared copies wait for.
    """

    view: SeriesView
    decisions: tuple[Decision, ...]
    proof: Owned | None
    by_names: bool = False

    @property
    def left(self) -> tuple[Owned, ...]:
        """Shared copies that stay, since they may be the last data of their points."""
        return tuple(item for decision in self.decisions for item in decision.left)

    @property
    def bases(self) -> tuple[Owned, ...]:
        """The shared copy that stays as the base of the next copy, if any."""
        return tuple(decision.base.shared for decision in self.decisions if decision.base)

    @property
    def at_rest(self) -> bool:
        """Whether names tell nothing of it but that there is a base: no work for a tick."""
        rests = all(d.base and not d.deletes for d in self.decisions)
        return self.by_names and bool(self.decisions) and rests

    @property
    def held(self) -> bool:
        """Whether anything of it is there that stays."""
        return bool(self.view.backups or self.left)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything decided in one pass: what to do, in the order of doing.

    ``subjects`` are the series that it was decided on, for whoever has to say more; ``only`` are
    the databases that it was narrowed to (empty: all).  ``looks`` are the families read by names
    of which more could be done after a whole look.
    """

    expires: tuple[Expire, ...]
    deletes: tuple[DeleteShared, ...]
    starts: tuple[Start, ...]
    subjects: tuple[Subject, ...]
    only: frozenset[str] = frozenset()
    looks: frozenset[Kind] = frozenset()

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.expires or self.deletes or self.starts)
