"""What is read again before deletions, divided into filtered listings: pure, and calls nothing.

One filter of a listing may have MAX_VALUES names (1.7b).  This module must not know what may go.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from rds_backup.aws.rds import MAX_VALUES
from rds_backup.decide.retention import floor_of
from rds_backup.model.decisions import DeleteShared, Expire, Owned, Series
from rds_backup.model.settings import Rules
from rds_backup.model.verified import Vault


class Part(NamedTuple):
    """What expires of one series, oldest first, and the names of what has to stay for it."""

    expires: tuple[Expire, ...]
    floor: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All that has to be read again for these deletions."""
        return (*(e.backup.snapshot.identifier for e in self.expires), *self.floor)


def with_floors(
    expires: Iterable[Expire], backups: Mapping[Series, Sequence[Owned]], vault: Vault, rules: Rules
) -> Iterator[Part]:
    """Series by series; in several parts where the whole does not fit one listing.

    ``backups`` are those of every series in the listing that was decided on.
    """
    due: dict[Series, list[Expire]] = {}
    for expire in expires:
        due.setdefault(expire.backup.point.series, []).append(expire)
    for series, mine in due.items():
        floor = tuple(b.snapshot.identifier for b in floor_of(backups[series], vault, rules))
        room = MAX_VALUES - len(floor)
        size = room if room > 0 else MAX_VALUES
        for first in range(0, len(mine), size):
            yield Part(tuple(mine[first : first + size]), floor)


def rests_on(delete: DeleteShared) -> tuple[str, ...]:
    """The names in the backup account that the deletion of a shared copy rests on."""
    backup = delete.backup
    return delete.rivals if backup is None else (*delete.rivals, backup.snapshot.identifier)


def packed[T](units: Iterable[T], names: Callable[[T], Collection[str]]) -> Iterator[list[T]]:
    """As many units at once as rest on no more names than a listing may have; one at least."""
    batch: list[T] = []
    seen: set[str] = set()
    for unit in units:
        more = seen | set(names(unit))
        if batch and len(more) > MAX_VALUES:
            yield batch
            batch, more = [], set(names(unit))
        batch.append(unit)
        seen = more
    if batch:
        yield batch
