"""What the questions are asked of: databases, snapshots and copies, each made once and found again.

Level-triggered: whatever is there under its name is taken as it is, and the next step is done.
"""

from typing import Any

from botocore import xform_name

from acceptance.databases import DATABASES, Made
from acceptance.families import FAMILIES, RUNNING, Family
from acceptance.ground import CannotTellError, Ground, expect_made
from acceptance.keys import Keys
from acceptance.run import tags_of
from acceptance.sides import Side, Told

# A new key's policy is not known everywhere at once.
_NOT_YET = "KMSKeyNotAccessibleFault"


class Stage:
    """What there is of one run, and is made when it is asked for."""

    def __init__(self, ground: Ground) -> None:
        """Nothing is made yet."""
        self.ground = ground
        self.keys = Keys(ground)

    def database(self, which: str) -> Made:
        """A database of the source account, available; made if it is not there."""
        made, side = DATABASES[which], self.ground.source
        family, name = FAMILIES[made.kind], self.ground.named(which)
        if self._database(side, family, name) is None:
            made.make(self.ground, name)
        self.ground.wait(f"{which} is available", lambda: self._there(side, family, name))
        return made

    def there(self, which: str) -> bool:
        """Whether a database of the source account is there, in whatever state."""
        family, name = FAMILIES[DATABASES[which].kind], self.ground.named(which)
        return self._database(self.ground.source, family, name) is not None

    def snapshot(self, which: str) -> str:
        """The name of a manual snapshot of a database in the source account, available."""
        side, family = self.ground.source, FAMILIES[DATABASES[which].kind]
        name = self.ground.named(which, "0")
        if self.one(side, family, name) is None:
            self.database(which)
            told = side.ask(
                "rds",
                f"create_{family.snapshots}",
                **{family.name: name, family.database_name: self.ground.named(which)},
                Tags=tags_of(self.ground.run),
            )
            expect_made(told)
        self.available(side, family, name)
        return name

    def shared(self, which: str, through: str = "") -> str:
        """The ARN of a copy under the sharing key that is shared with the backup account.

        ``through`` is the Region through whose RDS alone that account may use the key.
        """
        side, family = self.ground.source, FAMILIES[DATABASES[which].kind]
        name = self.ground.named(which, "shared", *([through] if through else []))
        if self.one(side, family, name) is None:
            key = self.keys.sharing_through(through) if through else self.keys.sharing
            self.copied(side, family, self.snapshot(which), name, KmsKeyId=key)
        found = self.available(side, family, name)
        if self.ground.backup.account not in self.shared_with(family, name):
            self.share(family, name)
        return str(found[family.arn])

    def backup_copy(self, which: str) -> str:
        """The name of a copy in the backup account, under the backup key."""
        side, family = self.ground.backup, FAMILIES[DATABASES[which].kind]
        name = self.ground.named(which, "backup")
        if self.one(side, family, name) is None:
            self.copied(side, family, self.shared(which), name, KmsKeyId=self.keys.backup)
        self.available(side, family, name)
        return name

    def copy(self, side: Side, family: Family, source: str, target: str, **params: Any) -> Told:  # noqa: ANN401
        """Begin a copy under a name of the run's; AWS's answer, whatever it is."""
        return side.ask(
            "rds",
            f"copy_{family.snapshots}",
            **{f"Source{family.noun}Identifier": source, f"Target{family.noun}Identifier": target},
            **{"Tags": tags_of(self.ground.run), **params},
        )

    def copied(self, side: Side, family: Family, source: str, target: str, **params: Any) -> None:  # noqa: ANN401
        """Begin a copy that is to be there; tried again while a new key is not known everywhere."""

        def begin() -> Told | None:
            told = self.copy(side, family, source, target, **params)
            return None if told.code == _NOT_YET else told

        expect_made(self.ground.wait(f"a copy to {target}", begin, minutes=10))

    def one(self, side: Side, family: Family, name: str) -> dict[str, Any] | None:
        """A snapshot by its name, as a listing shows it, or None."""
        return _only(side, family.noun, **{family.name: name})

    def ended(self, side: Side, family: Family, name: str) -> dict[str, Any]:
        """A copy once it has ended in whatever way; how long it took is kept."""
        begun = self.ground.clock()

        def look() -> dict[str, Any] | None:
            found = self.one(side, family, name)
            return found if found and found["Status"] not in RUNNING else None

        found = self.ground.wait(f"{name} ends", look, minutes=240)
        what = f"{side.name}: a snapshot or copy of {family.kind}"
        self.ground.file.took(what, (self.ground.clock() - begun).total_seconds())
        return found

    def available(self, side: Side, family: Family, name: str) -> dict[str, Any]:
        """The same of one that has to be available: CannotTellError if it is not."""
        found = self.ended(side, family, name)
        if found["Status"] != "available":
            raise CannotTellError(f"a copy that the question needs has ended {found['Status']}")
        return found

    def shared_with(self, family: Family, name: str) -> list[str]:
        """With whom a snapshot of the source account is shared."""
        told = self.ground.source.ask(
            "rds", f"describe_{family.snapshots}_attributes", **{family.name: name}
        )
        return accounts(family, told)

    def share(self, family: Family, name: str, way: str = "ValuesToAdd") -> Told:
        """Share a snapshot with the backup account; ``ValuesToRemove`` unshares it."""
        changed: Any = {way: [self.ground.backup.account]}
        return self.ground.source.ask(
            "rds",
            f"modify_{family.snapshots}_attribute",
            **{family.name: name},
            AttributeName="restore",
            **changed,
        )

    def delete(self, side: Side, family: Family, name: str) -> Told:
        """Delete a snapshot of the run's."""
        return side.ask("rds", f"delete_{family.snapshots}", **{family.name: name})

    def _database(self, side: Side, family: Family, name: str) -> dict[str, Any] | None:
        return _only(side, family.database, **{family.database_name: name})

    def _there(self, side: Side, family: Family, name: str) -> dict[str, Any] | None:
        found = self._database(side, family, name)
        return found if found and found[family.status] == "available" else None


def _only(side: Side, noun: str, **by: str) -> dict[str, Any] | None:
    """The one thing of this name, as a listing shows it, or None."""
    told = side.ask("rds", f"describe_{xform_name(noun)}s", **by)
    if told.refused and "NotFound" in told.code:
        return None
    found: list[dict[str, Any]] = told[f"{noun}s"]
    return found[0] if found else None


def accounts(family: Family, told: Told) -> list[str]:
    """The accounts that an answer on sharing lists."""
    attributes = told[f"{family.noun}AttributesResult"][f"{family.noun}Attributes"]
    return [v for one in attributes for v in one["AttributeValues"]]
