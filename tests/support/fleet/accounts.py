"""Two AWS accounts as light as counting allows: listings, copies that take time, limits, one clock.

Answers what a night asks, in AWS's own shape, and counts every call: a listing costs a call for
each page of 100, and one if it is empty.  It refuses a copy that is beyond a limit or of nothing,
and nothing else: how strict AWS is is the sandbox's business, and a test holds the two together.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from rds_backup.aws.spelling import SPELLING
from rds_backup.model.inventory import Kind, Lane, Side
from sandbox.clock import Clock
from tests.support.fleet.items import (
    Item,
    automated,
    backed_up,
    backup_name,
    copied,
    database,
    member,
)
from tests.support.making import BACKUP, BACKUP_KEY, SHARING_KEY, SOURCE

PAGE = 100
ACCOUNTS = {Side.SOURCE: SOURCE, Side.BACKUP: BACKUP}
KEYS = {Side.SOURCE: SHARING_KEY, Side.BACKUP: BACKUP_KEY}
type Calls = Counter[tuple[Side, str]]


@dataclass(eq=False, slots=True)
class Row:
    """A manual snapshot: its item in a listing, who may copy it, and when its copy ends."""

    lane: Lane
    item: Item
    begins: datetime
    ends: datetime
    readers: set[str] = field(default_factory=set)


# A large database takes long, and RDS shows how large it is.
GIB_A_MINUTE = 10


class Accounts:
    """Both accounts; ``calls`` counts what was called, by account and operation.

    ``minutes`` is how long a copy of each database takes, in either account.
    """

    def __init__(
        self,
        clock: Clock,
        minutes: Mapping[Kind, Mapping[str, float]],
        in_flight: Mapping[Kind, int],
        most: Mapping[Side, int],
    ) -> None:
        """Make the databases, with no snapshot.

        RDS copies ``in_flight`` at a time, and keeps at most ``most`` manual snapshots.
        """
        self.clock = clock
        self.minutes = minutes
        self.in_flight = in_flight
        self.most = most
        self.calls: Calls = Counter()
        self.ended: dict[Lane, datetime] = {}
        self.databases: dict[Kind, list[Item]] = {kind: [] for kind in Kind}
        self.automated: dict[Kind, list[Item]] = {kind: [] for kind in Kind}
        self.manual: dict[Lane, dict[str, Row]] = {
            Lane(side, kind): {} for side in Side for kind in Kind
        }
        self._sources: dict[str, Item] = {}
        self._running: list[Row] = []
        for kind, names in minutes.items():
            self.databases[kind] += [database(kind, name) for name in names]
        self.databases[Kind.INSTANCE] += [member(c) for c in self.databases[Kind.CLUSTER]]
        self._operations = dict(self._table())

    def call(self, side: Side, method: str, params: Mapping[str, Any]) -> Item:
        """One call, by boto3's name for it."""
        operation, kind, answer = self._operations[method]
        self.calls[side, operation] += 1
        self._settle()
        return answer(side, kind, params)

    def pages(self, side: Side, method: str, params: Mapping[str, Any]) -> Iterator[Item]:
        """Every page of a listing, each of them a call."""
        operation, kind, answer = self._operations[method]
        size = params.get("PaginationConfig", {}).get("PageSize", PAGE)
        self._settle()
        ((member, items),) = answer(side, kind, params).items()
        for start in range(0, max(1, len(items)), size):
            self.calls[side, operation] += 1
            yield {member: items[start : start + size]}

    def pages_of_all(self) -> int:
        """The calls that it takes to list everything once."""
        manual = [len(rows) for rows in self.manual.values()]
        others = [len(items) for of in (self.databases, self.automated) for items in of.values()]
        return sum(max(1, -(-count // PAGE)) for count in (*manual, *others))

    def copies_of(self, kind: Kind, night: datetime) -> int:
        """How many databases have an available backup of the night's automated snapshot."""
        wanted = {backup_name(kind, name, night) for name in self.minutes[kind]}
        rows = self.manual[Lane(Side.BACKUP, kind)]
        return sum(n in wanted and row.item["Status"] == "available" for n, row in rows.items())

    def a_night(self, at: datetime) -> None:
        """RDS takes every database's automated snapshot, and keeps those of seven nights."""
        for kind, names in self.minutes.items():
            tonight = [
                automated(kind, name, at) | {"AllocatedStorage": round(GIB_A_MINUTE * minutes)}
                for name, minutes in names.items()
            ]
            self.automated[kind] = [*self.automated[kind], *tonight][-7 * len(names) :]
            self._sources |= {item[f"{SPELLING[kind].noun}Arn"]: item for item in tonight}

    def backed_up(self, at: datetime) -> None:
        """Every database has a verified backup of the automated snapshot of this night."""
        for kind, names in self.minutes.items():
            for name in names:
                item = backed_up(kind, name, at, BACKUP)
                self._put(Row(Lane(Side.BACKUP, kind), item, at, at))

    def _put(self, row: Row) -> None:
        noun = SPELLING[row.lane.kind].noun
        self.manual[row.lane][row.item[f"{noun}Identifier"]] = row
        self._sources[row.item[f"{noun}Arn"]] = row.item

    def _settle(self) -> None:
        now = self.clock.now
        for row in self._running:
            done = (now - row.begins) / (row.ends - row.begins)
            row.item["PercentProgress"] = min(100, int(100 * done))
            if done >= 1:
                row.item |= {"Status": "available", "SnapshotCreateTime": row.begins}
                self.ended[row.lane] = max(row.ends, self.ended.get(row.lane, row.ends))
        self._running = [r for r in self._running if r.ends > now]

    def _table(self) -> Iterator[tuple[str, tuple[str, Kind, Callable[..., Item]]]]:
        """Every operation by boto3's name, with the family it is of and who answers it."""
        for kind, spelling in SPELLING.items():
            noun = spelling.noun
            for operation, answer in {
                f"Describe{spelling.databases}s": self._describe_databases,
                f"Describe{noun}s": self._describe_snapshots,
                f"Copy{noun}": self._copy,
                f"Modify{noun}Attribute": self._modify,
                f"Delete{noun}": self._delete,
            }.items():
                yield xform_name(operation), (operation, kind, answer)
        yield (
            "describe_account_attributes",
            ("DescribeAccountAttributes", Kind.INSTANCE, self._quotas),
        )

    def _describe_databases(self, _side: Side, kind: Kind, _params: Mapping[str, Any]) -> Item:
        return {f"{SPELLING[kind].databases}s": self.databases[kind]}

    def _describe_snapshots(self, side: Side, kind: Kind, params: Mapping[str, Any]) -> Item:
        spelling = SPELLING[kind]
        rows = self.manual[Lane(side, kind)]
        names = [params[of] for of in (f"{spelling.noun}Identifier",) if of in params]
        if filters := params.get("Filters"):
            names = filters[0]["Values"]
        if params.get("SnapshotType") == "automated":
            found = self.automated[kind]
        elif names:
            found = [rows[name].item for name in names if name in rows]
        else:
            found = [row.item for row in rows.values()]
        if spelling.database in params:
            mine = params[spelling.database]
            found = [item for item in found if item[spelling.database] == mine]
        return {f"{spelling.noun}s": found}

    def _copy(self, side: Side, kind: Kind, params: Mapping[str, Any]) -> Item:
        noun = SPELLING[kind].noun
        name, arn = params[f"Target{noun}Identifier"], params[f"Source{noun}Identifier"]
        lane = Lane(side, kind)
        there, most, in_flight = self.manual[lane], self.most[side], self.in_flight[kind]
        if len(there) >= most:
            raise _full(f"Copy{noun}", f"Cannot create more than {most} manual snapshots")
        if sum(row.lane == lane for row in self._running) >= in_flight:
            words = f"Cannot copy more than {in_flight} snapshots across regions"
            raise _full(f"Copy{noun}", words)
        source = self._sources[arn]
        if side is Side.BACKUP:
            shared = self.manual[Lane(Side.SOURCE, kind)][source[f"{noun}Identifier"]]
            assert BACKUP in shared.readers, f"{arn} is not shared"
        assert source["Status"] == "available", f"{arn} is {source['Status']}"
        assert name not in there, f"{name} exists already"
        item = copied(kind, ACCOUNTS[side], name, source, KEYS[side], params["Tags"])
        minutes = self.minutes[kind][source[SPELLING[kind].database]]
        now = self.clock.now
        row = Row(lane, item, now, now + timedelta(minutes=minutes))
        self._put(row)
        self._running.append(row)
        return {noun: item}

    def _modify(self, side: Side, kind: Kind, params: Mapping[str, Any]) -> Item:
        noun = SPELLING[kind].noun
        row = self.manual[Lane(side, kind)][params[f"{noun}Identifier"]]
        row.readers |= set(params.get("ValuesToAdd", ()))
        row.readers -= set(params.get("ValuesToRemove", ()))
        restore = {"AttributeName": "restore", "AttributeValues": sorted(row.readers)}
        return {f"{noun}AttributesResult": {f"{noun}Attributes": [restore]}}

    def _delete(self, side: Side, kind: Kind, params: Mapping[str, Any]) -> Item:
        noun = SPELLING[kind].noun
        row = self.manual[Lane(side, kind)].pop(params[f"{noun}Identifier"])
        self._running = [r for r in self._running if r is not row]
        return {noun: self._sources.pop(row.item[f"{noun}Arn"])}

    def _quotas(self, side: Side, _kind: Kind, _params: Mapping[str, Any]) -> Item:
        used = {SPELLING[k].quota: len(self.manual[Lane(side, k)]) for k in Kind}
        most = self.most[side]
        quotas = [{"AccountQuotaName": q, "Used": n, "Max": most} for q, n in used.items()]
        return {"AccountQuotas": quotas}


def _full(operation: str, words: str) -> ClientError:
    said: Any = {
        "Error": {"Code": "SnapshotQuotaExceeded", "Message": words},
        "ResponseMetadata": {"HTTPStatusCode": 400},
    }
    return ClientError(said, operation)
