"""What a restore drill promises, held against the record of API calls and the two accounts.

Imports nothing of the function: the words are those of the plan for drills.  A hook of the sandbox,
as the night's checker is: it judges every call of the drill's role that took effect, and after each
step what exists.  What breaks a promise is noted in ``broken``.

Of one family there is never more than one drill's database.  Of both together there is one at most
after one tick in which nothing goes wrong: RDS gives a name once in each family, not in both.
"""

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sandbox import Call, Hook, Row, Sandbox
from sandbox.environments import DRILL_SECURITY_GROUP
from sandbox.rds.database_rows import DatabaseRow
from tests.support.playing import TICK
from tests.support.truth import TAG

MANAGED, DRILL, RESULT = TAG + "managed-by", TAG + "drill", TAG + "restore-result"
PROOF = frozenset({RESULT, TAG + "restored-at", TAG + "restore-minutes"})
PROBE, VALIDATOR = "drill-probe", "validate"
_CHANGES = (
    *("RestoreDBInstanceFromDBSnapshot", "RestoreDBClusterFromSnapshot", "CreateDBInstance"),
    *("ModifyDBInstance", "ModifyDBCluster", "DeleteDBInstance", "DeleteDBCluster"),
    *("AddTagsToResource", "Invoke"),
)


@dataclass
class Seen:
    """What the checker remembers: whose drill a database is, and which have answered whom."""

    restored: dict[str, str] = field(default_factory=dict)
    answered: dict[str, set[str]] = field(default_factory=lambda: {PROBE: set(), VALIDATOR: set()})


@dataclass(eq=False)
class DrillChecker(Hook):
    """Judges the drill's calls, and the state after a step; ``deadline`` is the deployment's."""

    aws: Sandbox
    deadline: timedelta
    validated: bool = False
    prefix: str = "rds-backup"
    broken: list[str] = field(default_factory=list)
    judged: Counter[str] = field(default_factory=Counter)
    seen: Seen = field(default_factory=Seen)
    _databases: dict[str, DatabaseRow] = field(default_factory=dict)
    _snapshots: dict[str, Row] = field(default_factory=dict)

    def install(self) -> "DrillChecker":
        """Watch, before any other hook can interfere."""
        self.aws.hooks.insert(0, self)
        return self

    def fork(self) -> "DrillChecker":
        """Another checker that knows what this one knows, with nothing broken yet."""
        return DrillChecker(
            self.aws, self.deadline, self.validated, self.prefix, seen=deepcopy(self.seen)
        )

    @property
    def role(self) -> str:
        """Who drills."""
        return self.aws.drill.identity.arn

    def made(self) -> list[DatabaseRow]:
        """The databases that the drill's role made, and that still have its name and its tags."""
        return [row for row in self.aws.databases(self.aws.backup.id) if self._is_drill(row)]

    def _is_drill(self, row: DatabaseRow) -> bool:
        return (
            row.made_by == self.role
            and row.identifier.startswith(f"{self.prefix}-drill-")
            and row.tags.get(MANAGED) == self.prefix
            and DRILL in row.tags
        )

    def before(self, call: Call) -> None:
        """Take down what exists before the drill changes it."""
        if call.mutating and call.caller == self.role:
            self._databases = {row.arn: row for row in self.aws.databases()}
            self._snapshots = {row.arn: row for row in self.aws.snapshots()}

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Judge a call that took effect."""
        if call.operation.startswith("Copy"):
            self._copied(call)
        if not call.mutating or call.caller != self.role:
            return
        self.judged[call.operation] += 1
        if call.operation not in _CHANGES:
            self._break("calls", f"{call.operation} is none of the drill's business")
        elif call.operation == "Invoke":
            self._asked(call, answer)
        elif call.operation.startswith(("Restore", "Create")):
            self._restored(call)
        elif call.operation == "AddTagsToResource":
            self._tagged(call)
        else:
            self._changed(call)
        self._nothing_else_changed(call)

    def looked(self, quiet: int) -> None:
        """Judge the accounts after a step; nothing went wrong in the last ``quiet`` steps."""
        self.judged["looks"] += 1
        mine = self.made()
        whole = [row for row in mine if row.member_of is None]
        if quiet and len(whole) > 1:
            self._break("one", f"there are {[row.identifier for row in whole]}")
        for row in mine:
            late = self.aws.clock.now - row.created_at - self.deadline
            if quiet and row.status != "deleting" and late > TICK:
                self._break("deadline", f"{row.identifier} is {row.status}, {late} too late")
        for snapshot in self.aws.snapshots(type="manual"):
            if snapshot.resource_id in self.seen.restored:
                self._break("source", f"{snapshot.identifier} is of a drill's database")

    def _break(self, promise: str, words: str) -> None:
        self.broken.append(f"{promise}, {self.aws.clock.now:%d %H:%M}: {words}")

    def _named(self, call: Call) -> list[DatabaseRow]:
        """The database of the backup account that a call is about, as it was or as it is."""
        noun = "cluster" if "DBCluster" in call.operation else "instance"
        name = call.params[f"DB{noun.capitalize()}Identifier"]
        there = [*self._databases.values(), *self.aws.databases()]
        return [
            row
            for row in there
            if (row.account, row.kind, row.identifier) == (self.aws.backup.id, noun, name)
        ]

    def _copied(self, call: Call) -> None:
        source = next(v for k, v in call.params.items() if k.startswith("SourceDB"))
        found = [r for r in self.aws.snapshots() if source in (r.arn, r.identifier)]
        if any(row.resource_id in self.seen.restored for row in found):
            self._break("source", f"{source} is of a drill's database, and was copied")

    def _asked(self, call: Call, answer: dict[str, Any]) -> None:
        """Remember who has answered well for which database."""
        name, question = call.params["FunctionName"].split(":")[-1], call.params["Payload"]
        host = question.get("host") or question.get("endpoint")
        if name not in self.seen.answered:
            self._break("calls", f"{name} was invoked")
        elif "FunctionError" not in answer and answer["Payload"].get("ok") is True:
            self.seen.answered[name] |= {
                row.resource_id for row in self._databases.values() if _host(row) == host
            }

    def _restored(self, call: Call) -> None:
        """A database came: of a backup, marked, closed, in the drill's network, and alone."""
        made = self._named(call)[-1]
        if set(made.tags) != {MANAGED, DRILL} or made.tags[MANAGED] != self.prefix:
            self._break("tags", f"{made.identifier} has the tags {sorted(made.tags)}")
        if made.fields["PubliclyAccessible"]:
            self._break("public", f"{made.identifier} is open to the public")
        if call.operation == "CreateDBInstance":
            cluster = call.params["DBClusterIdentifier"]
            owner = [r for r in self.made() if (r.kind, r.identifier) == ("cluster", cluster)]
            if not owner:
                self._break("tags", f"{made.identifier} was put into {cluster}")
            return
        groups = [group["VpcSecurityGroupId"] for group in made.fields["VpcSecurityGroups"]]
        if groups != [DRILL_SECURITY_GROUP]:
            self._break("public", f"{made.identifier} is in {groups}")
        name = call.params.get("DBSnapshotIdentifier") or call.params["SnapshotIdentifier"]
        (source,) = (
            row
            for row in self._snapshots.values()
            if (row.account, row.kind, row.identifier) == (self.aws.backup.id, made.kind, name)
        )
        if not self._backup(source):
            self._break("source", f"{made.identifier} is made of {name}, which is no backup")
        self.seen.restored[made.resource_id] = source.arn
        others = [r for r in self.made() if r.kind == made.kind and r.member_of is None]
        if len(others) > 1:
            self._break("one", f"there are {[row.identifier for row in others]}")

    def _backup(self, row: Row) -> bool:
        return (
            row.tags.get(MANAGED) == self.prefix
            and row.tags.get(TAG + "resource-id") == row.resource_id
            and row.kms_key == self.aws.backup_key
            and row.status == "available"
        )

    def _tagged(self, call: Call) -> None:
        """Three tags on a backup, and ``passed`` only for a database that has answered."""
        arn, tags = call.params["ResourceName"], call.params["Tags"]
        said = {tag["Key"]: tag["Value"] for tag in tags}
        backup = self._snapshots.get(arn)
        if backup is None or backup.account != self.aws.backup.id or MANAGED not in backup.tags:
            self._break("tags", f"{arn} was tagged, and is no backup")
        if set(said) != PROOF:
            self._break("tags", f"{arn} was given {sorted(said)}")
        words = said.get(RESULT, "").split()
        if words[:1] == ["passed"]:
            self.judged["passed"] += 1
            asked = [PROBE, *[VALIDATOR] * (self.validated or "validated" in words)]
            if not any(self._proven(row, arn, asked) for row in self._databases.values()):
                self._break("passed", f"{arn} has passed, and nothing of it has answered")

    def _proven(self, row: DatabaseRow, arn: str, asked: list[str]) -> bool:
        return (
            self._is_drill(row)
            and self.seen.restored.get(row.resource_id) == arn
            and row.fields.get("KmsKeyId") == self.aws.backup_key
            and all(row.resource_id in self.seen.answered[name] for name in asked)
        )

    def _changed(self, call: Call) -> None:
        """Modified or deleted: only what the drill's role has made."""
        for row in self._named(call)[:1]:
            if row.made_by != self.role:
                self._break("theirs", f"{call.operation} of {row.identifier}, of {row.made_by}")
        if call.operation.startswith("Modify") and set(call.params) & {
            *("MasterUserPassword", "PubliclyAccessible", "DeletionProtection"),
        }:
            self._break("calls", f"{call.operation} with {sorted(call.params)}")

    def _nothing_else_changed(self, call: Call) -> None:
        """Whatever the drill did: each snapshot is as it was but for the three tags of a proof."""
        now = {row.arn: row for row in self.aws.snapshots()}
        if gone := self._snapshots.keys() - now.keys():
            self._break("backups", f"{call.operation}: {sorted(gone)} are gone")
        for arn, row in now.items():
            was = self._snapshots.get(arn)
            if row.type == "manual" and (was is None or _known_by(row) != _known_by(was)):
                self._break("backups", f"{call.operation}: {row.identifier} is not as it was")
        for arn, there in {row.arn: row for row in self.aws.databases()}.items():
            before = self._databases.get(arn)
            if before is not None and before.made_by != self.role and before != there:
                self._break("theirs", f"{call.operation}: {before.identifier} is not as it was")


def _host(row: DatabaseRow) -> str | None:
    endpoint = row.fields.get("Endpoint")
    return endpoint["Address"] if isinstance(endpoint, dict) else endpoint


def _known_by(row: Row) -> tuple[object, ...]:
    """All by which a backup is known, counted and kept."""
    tags = {name: value for name, value in row.tags.items() if name not in PROOF}
    return row.status, row.created_at, row.kms_key, row.shared_with, tags
