"""Carry out what expires and what shared copies go: one fresh look, the guard, then the call.

Each deletion stands for itself: a refused one is noted, and holds up no other.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import batched

from rds_backup.apply.clients import Clients
from rds_backup.apply.guard import GuardError, floor_holds, fresh, not_needed, unchanged
from rds_backup.aws.errors import AwsError
from rds_backup.aws.rds import MAX_VALUES
from rds_backup.model.decisions import DeleteShared, Expire, Owned, Series
from rds_backup.model.identity import owned
from rds_backup.model.inventory import Kind, Lane, Listing, Side, Snapshot
from rds_backup.model.verified import Vault
from rds_backup.model.world import Learned, Undeleted, World
from rds_backup.report.actions import described

# Identifiers in one filtered listing before deletions: what it shows may be acted on for a minute.
BATCH = 50


class Deletions:
    """The deletions of one pass, on the strength of that pass's complete listings."""

    def __init__(self, world: World, learned: Learned, clients: Clients) -> None:
        """Take what was seen, what was learned since, and what to call with."""
        self._world = world
        self._learned = learned
        self._clients = clients
        self._backups: dict[Lane, dict[Series, list[Owned]]] = {}

    def expire(self, expires: Iterable[Expire]) -> None:
        """Delete expired backups; the floor holds before each."""
        for kind, mine in _by_kind((e.backup.point.kind, e) for e in expires):
            lane = Lane(Side.BACKUP, kind)
            for batch in batched(mine, BATCH, strict=False):
                why = {e.backup.snapshot.identifier: e.why for e in batch}
                items = {e.backup.snapshot.identifier: e.backup for e in batch}
                for item, there in self._reread(lane, items):
                    check = partial(self._floor, lane, item)
                    if self._delete(lane, item, there, check):
                        self._did("expire", lane, item, why[item.snapshot.identifier])

    def delete_shared(self, deletes: Iterable[DeleteShared]) -> None:
        """Delete shared copies that, by a fresh look at the backup account, no copy needs."""
        for kind, mine in _by_kind((d.shared.point.kind, d) for d in deletes):
            for batch in _portions(mine):
                self._delete_shared(Lane(Side.SOURCE, kind), batch)

    def _delete_shared(self, lane: Lane, batch: Sequence[DeleteShared]) -> None:
        named = {d.shared.snapshot.identifier: d for d in batch}
        items = {name: d.shared for name, d in named.items()}
        rests_on = sorted({name for d in batch for name in _rests_on(d)})
        try:
            backups = self._clients.backup.named(lane.kind, rests_on)
        except AwsError as error:
            self._refused(items.values(), error)
            return
        read_at = self._clients.time.now()
        for item, there in self._reread(lane, items):
            if not fresh(read_at, self._clients.time.now()):
                self._learned.relist.add(lane)
                return
            delete = named[item.snapshot.identifier]
            check = partial(not_needed, delete, backups, self._vault())
            if self._delete(lane, item, there, check):
                self._did("delete_shared_copy", lane, item, delete.why)

    def _reread(self, lane: Lane, items: dict[str, Owned]) -> Iterator[tuple[Owned, Snapshot]]:
        """Each item with a fresh reading of it; what has gone meanwhile is left out.

        Ends where a reading is too old to act on: then the next pass looks again.
        """
        listing = self._world.manual[lane]
        assert isinstance(listing, Listing)  # noqa: S101 - nothing is decided without it
        if not self._clients.time.in_time():
            return
        try:
            there = self._clients.rds(lane.side).named(lane.kind, list(items))
        except AwsError as error:
            self._refused(items.values(), error)
            return
        read_at = self._clients.time.now()
        for name, item in items.items():
            now = self._clients.time.now()
            if not (fresh(listing.read_at, now) and fresh(read_at, now)):
                self._learned.relist.add(lane)
                return
            if not self._clients.time.in_time():
                return
            if name in there:
                yield item, there[name]
            else:
                self._gone(lane, name)

    def _delete(self, lane: Lane, item: Owned, there: Snapshot, check: Callable[[], None]) -> bool:
        clients, settings = self._clients, self._clients.settings
        name, account = item.snapshot.identifier, clients.account(lane.side)
        try:
            unchanged(item, there, account, settings.marker)
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

    def _floor(self, lane: Lane, item: Owned) -> None:
        settings = self._clients.settings
        series = self._series(lane)[item.point.series]
        gone = self._learned.gone.get(lane, set())
        keep = settings.rules.keep
        floor_holds(item, series, gone, keep, self._vault())

    def _series(self, lane: Lane) -> dict[Series, list[Owned]]:
        """Every series in the pass's complete listing, read out of it once."""
        if lane not in self._backups:
            listing = self._world.manual[lane]
            assert isinstance(listing, Listing)  # noqa: S101 - nothing is decided without it
            settings = self._clients.settings
            self._backups[lane] = defaultdict(list)
            for snapshot in listing.snapshots:
                item = owned(snapshot, settings.marker)
                if item:
                    self._backups[lane][item.point.series].append(item)
        return self._backups[lane]

    def _vault(self) -> Vault:
        key = self._world.backup_key
        assert isinstance(key, str)  # noqa: S101 - nothing is decided without it
        return self._clients.settings.vault(key)

    def _gone(self, lane: Lane, name: str) -> None:
        self._learned.gone.setdefault(lane, set()).add(name)

    def _refused(self, items: Iterable[Owned], error: Exception) -> None:
        for item in items:
            name, point = item.snapshot.identifier, item.point
            words = f"{name} could not be deleted: {error}"
            refused = self._learned.undeleted.setdefault(point.series, {})
            refused[name] = Undeleted(point.database, words)


def _by_kind[T](items: Iterable[tuple[Kind, T]]) -> list[tuple[Kind, list[T]]]:
    listed = list(items)
    return [(kind, [item for k, item in listed if k is kind]) for kind in Kind]


def _portions(deletes: Sequence[DeleteShared]) -> Iterator[list[DeleteShared]]:
    """As many at once as rest on no more names than one filter may have, and BATCH at most."""
    portion: list[DeleteShared] = []
    names: set[str] = set()
    for delete in deletes:
        more = names | set(_rests_on(delete))
        if portion and (len(more) > MAX_VALUES or len(portion) == BATCH):
            yield portion
            portion, more = [], set(_rests_on(delete))
        portion.append(delete)
        names = more
    if portion:
        yield portion


def _rests_on(delete: DeleteShared) -> tuple[str, ...]:
    backup = delete.backup
    return delete.rivals if backup is None else (*delete.rivals, backup.snapshot.identifier)
