"""The promises, held against the record of API calls and the two accounts, and nothing else.

Imports nothing of the function.  A hook of the sandbox: before each mutating call of the function
it takes down what exists, and after a call that took effect it judges it.  What breaks a promise is
noted in ``broken``, since an error raised in the middle of a call would look like a fault of AWS.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox import Call, Hook, Row
from sandbox.serving.lambda_runtime import Invocation
from tests.support.failed_listings import FailedListings, by_function
from tests.support.truth import (
    DEAD,
    ENDS,
    KEEP_TAG,
    POINT,
    TAG,
    Truth,
    data_at,
    identity,
    newest_automated,
)

# Times in a report are rounded to hundredths of an hour.
_ROUNDED = timedelta(minutes=1)


@dataclass(eq=False)
class Checker(Truth, Hook):
    """Judges every mutating call of the function, every answer, and the state after a step.

    ``strangers`` are snapshots of others, which have to stay as they are.
    """

    strangers: list[Row] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    judged: Counter[str] = field(default_factory=Counter)
    _before: dict[str, Row] = field(default_factory=dict)
    _failed: FailedListings = field(init=False)

    def install(self) -> "Checker":
        """Watch, before any other hook can interfere."""
        self.aws.hooks.insert(0, self)
        self._failed = FailedListings(self.aws)
        return self

    def fork(self) -> "Checker":
        """Another checker that knows what this one knows, with nothing broken yet."""
        return Checker(self.aws, self.rules, set(self.made), list(self.strangers))

    def assert_kept(self) -> None:
        """Raise if a promise was broken so far."""
        assert not self.broken, "\n".join(self.broken)

    def before(self, call: Call) -> None:
        """Take down what exists before the function changes it."""
        self._failed.follow()
        if call.mutating and by_function(call):
            self._before = {row.arn: row for row in self.aws.snapshots()}

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Judge a call of the function that took effect."""
        del answer
        if not call.mutating or not by_function(call):
            return
        self.judged[call.operation] += 1
        family = "cluster" if "Cluster" in call.operation else "instance"
        if call.operation.startswith("Copy"):
            self._copied(call, family)
        elif call.operation.startswith("Modify"):
            self._shared(call, self._row(call, family))
        elif call.operation.startswith("Delete"):
            self._deleted(family, self._row(call, family))
        else:
            self._break(0, f"{call.operation} is none of the function's business")

    def answered(self, done: Invocation, *, series_only: bool = False) -> None:
        """Judge what an invocation said (promises 1 and 8), and the two accounts after it.

        ``series_only``: said by ``expire`` in the backup account, where nobody knows the automated
        snapshots.
        """
        self.reported([line for line in done.logs if "state" in line], series_only=series_only)
        looked = done.error is None or type(done.error).__name__ == "BackupFailedError"
        if looked and not any("Heartbeat" in line for line in done.metrics):
            self._break(8, "an invocation ended without a heartbeat")
        if series_only:
            self._counted(done)
        self.looked()

    def _counted(self, done: Invocation) -> None:
        """Judge the gauges of ``expire``: what it was shown whole it has to tell, and truly."""
        told = {
            metric["Name"]: line[metric["Name"]][0]
            for line in done.metrics
            for directive in line["_aws"]["CloudWatchMetrics"]
            for metric in directive["Metrics"]
        }
        there = len(self.series())
        if "Series" in told:
            self.judged["series"] += 1
            seen = told["Series"] + told["SeriesRetired"]
            # A listing that lags may lack a series that has just begun.
            if seen > there or (seen < there and not self.aws.switches.listing_lag_calls):
                self._break(8, f"{seen} series are told, of {there}")
        elif done.error is None:
            self._break(8, f"{there} series are there, and no number of them is told")
        if not there or not told.get("Series", there):
            self.judged["no age"] += 1
            if "OldestBackupAgeHours" in told:
                self._break(8, f"an age of {told['OldestBackupAgeHours']} is told of nothing")

    def reported(self, entries: Iterable[Mapping[str, Any]], *, series_only: bool = False) -> None:
        """Judge what was said of databases: ``protected`` and every age have to be true."""
        rows = {row.arn: row for row in self.aws.snapshots()}
        for entry in entries:
            backup = rows.get(entry.get("backup") or "")
            if backup is not None:
                self.judged["ages"] += 1
                told = timedelta(hours=entry["age_hours"])
                if abs(self.aws.clock.now - data_at(backup) - told) > _ROUNDED:
                    self._break(8, f"{entry['database']} is called {told} old, from {backup}")
            if entry["state"] == "protected":
                self.judged["protected"] += 1
                for reason in self._not_protected(entry, rows, series_only=series_only):
                    self._break(1, f"{entry['database']} is called protected, but {reason}")

    def looked(self) -> None:
        """Judge the two accounts after a step: strangers (3), and whom ours are shared with (9)."""
        self._failed.follow()
        self.judged["looks"] += 1
        rows = self.aws.snapshots()
        there = {identity(row) for row in rows}
        for row in self.strangers:
            if identity(row) not in there:
                self._break(3, f"{row.identifier} is not as it was")
        for row in rows:
            if row.arn in self.made and row.shared_with - {self.aws.backup.id}:
                self._break(9, f"{row.identifier} is shared with {sorted(row.shared_with)}")

    def _row(self, call: Call, family: str) -> Row | None:
        name = call.params[f"{_noun(family)}Identifier"]
        mine = (
            row
            for row in self._before.values()
            if (row.account, row.kind, row.identifier) == (call.account, family, name)
        )
        return next(mine, None)

    def _break(self, promise: int, words: str) -> None:
        self.broken.append(f"promise {promise}, {self.aws.clock.now:%d %H:%M}: {words}")

    # Copies

    def _copied(self, call: Call, family: str) -> None:
        noun, params, rules = _noun(family), call.params, self.rules
        name, source = params[f"Target{noun}Identifier"], params[f"Source{noun}Identifier"]
        tags = {tag["Key"]: tag["Value"] for tag in params["Tags"]}
        arn_word = "cluster-snapshot" if family == "cluster" else "snapshot"
        self.made.add(f"arn:aws:rds:{call.region}:{call.account}:{arn_word}:{name}")
        row, hand_over = self._before[source], call.account == self.aws.backup.id
        key = rules.backup_key if hand_over else rules.sharing_key
        if params.get("KmsKeyId") != key:
            self._break(10, f"{name} was copied under {params.get('KmsKeyId')}, not {key}")
        if KEEP_TAG in tags or any(k.lower().startswith(("aws:", "rds:")) for k in tags):
            self._break(3, f"{name} carries tags that are not its own: {sorted(tags)}")
        wrong_name = not name.startswith(rules.prefix + "-")
        if tags.get(TAG + "resource-id") != row.resource_id or wrong_name:
            self._break(3, f"{name} is marked {tags}, and is a copy of {row.resource_id}")
        if hand_over and not (self.ours(row) and row.kms_key == rules.sharing_key):
            self._break(3, f"{name} was copied from {row.identifier}, which is no shared copy")
        if not hand_over and row.type != "automated":
            self._break(3, f"{name} was copied from {row.identifier}, a {row.type} snapshot")
        if int(tags[TAG + "attempt"]) > rules.max_attempts:
            self._break(6, f"{name} is attempt {tags[TAG + 'attempt']}")
        twice = [
            other.identifier
            for other in self._before.values()
            if (other.account, other.kms_key) == (call.account, key)
            and self.ours(other)
            and other.tags[POINT] == tags[POINT]
            and other.status not in DEAD
        ]
        if twice:
            self._break(6, f"{name} doubles {twice}")

    # Sharing

    def _shared(self, call: Call, row: Row | None) -> None:
        added = call.params.get("ValuesToAdd", [])
        if added not in ([], [self.aws.backup.id]):
            self._break(9, f"{call.operation} shares with {added}")
        if row is None or not self.ours(row) or row.account != self.aws.source.id:
            self._break(3, f"{call.operation} of something that is not ours: {call.params}")
        elif added and (row.kms_key != self.rules.sharing_key or row.status != "available"):
            self._break(9, f"{row.identifier} is shared under {row.kms_key}, {row.status}")

    # Deletions

    def _deleted(self, family: str, row: Row | None) -> None:
        if row is None:
            return
        if not self.ours(row):
            self._break(3, f"{row.identifier} in {row.account} was deleted, and is not ours")
            return
        for account in {row.account, self.aws.backup.id}:
            if self._failed.hides(account, family, row.identifier, self._enough(row, account)):
                self._break(4, f"{row.identifier} was deleted after a failed listing of {account}")
        if row.status not in (*DEAD, "available"):
            self._break(2, f"{row.identifier} was deleted while {row.status}")
        if row.account == self.aws.source.id:
            self._let_go(row)
        elif row.status in DEAD:
            if not self._passed(row):
                self._break(2, f"{row.identifier}, the memory of an attempt, went too early")
        else:
            self._expired(row)

    def _enough(self, row: Row, account: str) -> set[str]:
        """The names on which the deletion of a shared copy rests where data as new is verified."""
        served = {
            r.identifier for r in self.verified(None, row.resource_id) if r.taken_at >= row.taken_at
        }
        if row.account != self.aws.source.id or not served:
            return set()
        return {row.identifier} | (served if account == self.aws.backup.id else set())

    def _without_room(self) -> bool:
        """Whether the source account has, or has just said to have, no place for one more."""
        aws = self.aws
        since = aws.clock.now - timedelta(hours=1)
        said = any(
            (call.account, call.error) == (aws.source.id, "SnapshotQuotaExceeded")
            for call in aws.calls
            if call.at >= since
        )
        there = aws.snapshots(aws.source, "instance", "manual")
        return said or len(there) + 1 >= aws.source.limits.manual["instance"]

    def _expired(self, row: Row) -> None:
        """A backup is gone: there has to be enough besides, and newer."""
        rules, name, now = self.rules, row.identifier, self.aws.clock.now
        sound = self.verified(self._before.values(), row.resource_id)
        left = [other for other in sound if other.arn != row.arn]
        if KEEP_TAG in row.tags:
            self._break(2, f"{name} was to be kept by its tag, and was deleted")
        if len(left) < min(rules.keep, len(sound)) or not left:
            self._break(2, f"{name} was deleted, which leaves {len(left)} verified backups")
        created_at = row.created_at or now
        days = {_created(o, now).astimezone(UTC).date() for o in left if KEEP_TAG not in o.tags}
        later = [day for day in days if day > created_at.astimezone(UTC).date()]
        if len(later) < rules.keep:
            self._break(2, f"{name} was deleted, with verified ones of {len(later)} later days")
        firsts = self.first_days(self._before.values(), row.resource_id)
        self.judged["first days"] += bool(firsts)
        if self._sound(row) and created_at.astimezone(UTC).date() in firsts:
            self._break(
                2, f"{name} was deleted, which is of the first day of a week, month or year"
            )
        if now - created_at < timedelta(days=rules.keep_days):
            self._break(2, f"{name} was deleted before its {rules.keep_days} days")

    def _passed(self, row: Row) -> bool:
        """Whether a verified backup of that or a later point exists, or a later one has begun."""
        return any(
            other.taken_at > row.taken_at
            or (other.taken_at == row.taken_at and other in self.verified([other]))
            for other in self._before.values()
            if (other.account, other.resource_id) == (row.account, row.resource_id)
            and self.ours(other)
        )

    def _let_go(self, row: Row) -> None:
        """A shared copy is gone: nothing may need it any more."""
        name, rows = row.identifier, self._before.values()
        running = [o.identifier for o in rows if o.source_arn == row.arn and o.status not in ENDS]
        if running:
            self._break(5, f"{name} was deleted while {running} were copied from it")
        if row.status in DEAD or row.kms_key != self.rules.sharing_key:
            return
        if self.is_base(row, rows) and not self._without_room():
            self._break(5, f"{name} was deleted, and the next copy rests on it")
        done = any(o.tags[POINT] == row.tags[POINT] for o in self.verified(rows))
        newest = newest_automated(row.resource_id, rows)
        passed = newest is not None and newest.taken_at > row.taken_at
        later = self.verified(rows, row.resource_id)
        if not done and not passed and not any(o.taken_at > row.taken_at for o in later):
            self._break(5, f"{name} was deleted, and its point has no backup")

    # Reports

    def _not_protected(
        self, entry: Mapping[str, Any], rows: Mapping[str, Row], *, series_only: bool
    ) -> Iterator[str]:
        row = rows.get(entry["backup"] or "")
        if row is None:
            yield f"{entry['backup']} does not exist"
            return
        if not self.verified([row], entry["resource_id"]):
            yield f"{row} is not verified"
        age = self.aws.clock.now - data_at(row)
        if age > timedelta(hours=self.rules.max_age_hours) + _ROUNDED:
            yield f"its data is {age} old"
        if series_only or self.rules.several_at_once:
            return
        newest = newest_automated(entry["resource_id"], rows.values())
        points = {o.tags[POINT] for o in self.verified(rows.values())}
        if newest and newest.arn not in points:
            yield f"{newest.identifier} has no backup"


def _noun(family: str) -> str:
    return "DBClusterSnapshot" if family == "cluster" else "DBSnapshot"


def _created(row: Row, now: datetime) -> datetime:
    return row.created_at or now
