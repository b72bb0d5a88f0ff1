"""Carry out what expires and what shared copies go: one fresh look, the guard, then the call.

What a deletion rests on is read again just before it, not the listing that it was decided on: a
listing of many pages may be minutes old.  Each deletion stands for itself: a refused one is noted,
and holds up no other.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import batched

from rds_backup.apply.clients import Clients
from rds_backup.apply.fairly import fairly
from rds_backup.apply.guard import GuardError, floor_holds, fresh, not_needed, unchanged
from rds_backup.apply.portions import packed, rests_on, with_floors
from rds_backup.aws.errors import AwsError
from rds_backup.aws.rds import MAX_VALUES
from rds_backup.decide.subjects import by_series, owned_in
from rds_backup.model.decisions import DeleteShared, Expire, Owned, Series
from rds_backup.model.identity import all_owned
from rds_backup.model.inventory import Kind, Lane, Listing, Side, Snapshot
from rds_backup.model.verified import Vault
from rds_backup.model.world import Learned, Undeleted, World
from rds_backup.report.actions import described


class Deletions:
    """The deletions of one pass, on the strength of that pass's complete listings."""

    def __init__(self, world: World, learned: Learned, clients: Clients) -> None:
        """Take what was seen, what was learned since, and what to call with."""
        self._world = world
        self._learned = learned
        self._clients = clients
        self._backups: dict[Lane, dict[Series, list[Owned]]] = {}

    def expire(self, expires: Iterable[Expire]) -> None:
        """Delete expired backups; the floor holds before each, by what was just read."""
        for kind, due_here in _by_kind((e.backup.point.kind, e) for e in expires):
            lane = Lane(Side.BACKUP, kind)
            rules = self._clients.settings.rules
            parts = with_floors(due_here, self._series(lane), self._vault(), rules)
            for batch in fairly([*packed(parts, lambda p: p.names)], self._clients.time):
                due = {e.backup.snapshot.identifier: (e, p) for p in batch for e in p.expires}
                items = {name: e.backup for name, (e, _) in due.items()}
                floors = [name for p in batch for name in p.floor]
                for item, there in self._reread(lane, items, floors):
                    expire, part = due[item.snapshot.identifier]
                    mine = [there[name] for name in part.names if name in there]
                    check = partial(self._floor, lane, item, mine)
                    if self._delete(lane, item, there, check):
                        self._did("expire", lane, item, expire.why)

    def delete_shared(self, deletes: Iterable[DeleteShared]) -> None:
        """Delete shared copies that, by a fresh look at the backup account, no copy needs."""
        for kind, mine in _by_kind((d.shared.point.kind, d) for d in deletes):
            for batch in fairly([*packed(mine, rests_on)], self._clients.time):
                self._delete_shared(Lane(Side.SOURCE, kind), batch)

    def _delete_shared(self, lane: Lane, batch: Sequence[DeleteShared]) -> None:
        named = {d.shared.snapshot.identifier: d for d in batch}
        items = {name: d.shared for name, d in named.items()}
        names = sorted({name for d in batch for name in rests_on(d)})
        read_at = self._clients.time.now()
        try:
            backups = self._named(Lane(Side.BACKUP, lane.kind), names)
        except AwsError as error:
            self._refused(items.values(), error)
            return
        for item, there in self._reread(lane, items):
            if not fresh(read_at, self._clients.time.now()):
                self._learned.relist.add(lane)
                return
            delete = named[item.snapshot.identifier]
            check = partial(not_needed, delete, backups, self._vault())
            if self._delete(lane, item, there, check):
                self._did("delete_shared_copy", lane, item, delete.why)

    def _reread(
        self, lane: Lane, items: Mapping[str, Owned], besides: Sequence[str] = ()
    ) -> Iterator[tuple[Owned, Mapping[str, Snapshot]]]:
        """Each item with a fresh reading of all of them; what has gone meanwhile is left out.

        Ends where the reading is too old to act on: then the next pass looks again.
        """
        if not self._clients.time.in_time():
            return
        read_at = self._clients.time.now()
        try:
            there = self._named(lane, [*items, *besides])
        except AwsError as error:
            self._refused(items.values(), error)
            return
        for name, item in items.items():
            if not fresh(read_at, self._clients.time.now()):
                self._learned.relist.add(lane)
                return
            if not self._clients.time.in_time():
                return
            if name in there:
                yield item, there
            else:
                self._gone(lane, name)

    def _named(self, lane: Lane, names: Sequence[str]) -> dict[str, Snapshot]:
        """What there is of these names, in as many filtered listings as they need."""
        found: dict[str, Snapshot] = {}
        for part in batched(names, MAX_VALUES, strict=False):
            found |= self._clients.rds(lane.side).named(lane.kind, part)
        return found

    def _delete(
        self, lane: Lane, item: Owned, there: Mapping[str, Snapshot], check: Callable[[], None]
    ) -> bool:
        clients, settings = self._clients, self._clients.settings
        name, account = item.snapshot.identifier, clients.account(lane.side)
        try:
            unchanged(item, there[name], account, settings.marker)
            check()
            clients.rds(lane.side).delete(lane.kind, name)
        except (GuardError, AwsError) as error:
            self._refused([item], error)
            return False
        self._gone(lane, name)
        return True

    def _did(self, word: str, lane: Lane, item: Owned, why: str) -> None:
        account, name = self._clients.account(lane.side), item.snapshot.identifier
        self._learned.done.append(described(word, item.point, account, name, why))

    def _floor(self, lane: Lane, item: Owned, there: Iterable[Snapshot]) -> None:
        settings = self._clients.settings
        gone = self._learned.gone.get(lane, set())
        left = all_owned((s for s in there if s.identifier not in gone), settings.marker)
        read = [b for b in left if b.point.series == item.point.series]
        floor_holds(item, read, settings.rules, self._vault())

    def _series(self, lane: Lane) -> dict[Series, list[Owned]]:
        """Every series as the pass knows it: its listing, and what was done since."""
        if lane not in self._backups:
            listing = self._world.manual[lane]
            assert isinstance(listing, Listing)  # noqa: S101 - nothing is decided without it
            items = owned_in(lane, listing, self._learned, self._clients.settings)
            self._backups[lane] = by_series(items)
        return self._backups[lane]

    def _vault(self) -> Vault:
        key = self._world.backup_key
        assert isinstance(key, str)  # noqa: S101 - nothing is decided without it
        return self._clients.settings.vault(key)

    def _gone(self, lane: Lane, name: str) -> None:
        self._learned.gone.setdefault(lane, set()).add(name)
        if lane in self._learned.crowded:  # there is a place again
            self._learned.crowded.discard(lane)
            self._learned.full.pop(lane, None)

    def _refused(self, items: Iterable[Owned], error: Exception) -> None:
        for item in items:
            name, point = item.snapshot.identifier, item.point
            words = f"{name} could not be deleted: {error}"
            refused = self._learned.undeleted.setdefault(point.series, {})
            refused[name] = Undeleted(point.database, words)


def _by_kind[T](items: Iterable[tuple[Kind, T]]) -> list[tuple[Kind, list[T]]]:
    """Only the families that there are any of: the other may not have been listed."""
    listed = list(items)
    found = [(kind, [item for k, item in listed if k is kind]) for kind in Kind]
    return [(kind, mine) for kind, mine in found if mine]
