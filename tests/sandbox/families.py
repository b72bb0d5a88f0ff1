"""Either family of the RDS API through boto3, so that one test holds for both.

Speaks to the sandbox as any client would; knows nothing of how it is made.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox import Account, Kind, Row, Sandbox

CODES = {
    "instance": {
        "not found": "DBSnapshotNotFound",
        "already exists": "DBSnapshotAlreadyExists",
        "state": "InvalidDBSnapshotState",
    },
    "cluster": {
        "not found": "DBClusterSnapshotNotFoundFault",
        "already exists": "DBClusterSnapshotAlreadyExistsFault",
        "state": "InvalidDBClusterSnapshotStateFault",
    },
}


@contextmanager
def refused(code: str, saying: str = "", status: int = 400) -> Iterator[None]:
    """AWS answers with this code, this HTTP status, and words among its message."""
    with pytest.raises(ClientError) as caught:
        yield
    response = caught.value.response
    assert code == response["Error"]["Code"]
    assert saying in response["Error"]["Message"]
    assert status == response["ResponseMetadata"]["HTTPStatusCode"]


@dataclass
class Family:
    """One family, spoken by a person in an account."""

    aws: Sandbox
    kind: Kind

    def __post_init__(self) -> None:
        """Choose the family's words."""
        cluster = self.kind == "cluster"
        self.noun = "DBClusterSnapshot" if cluster else "DBSnapshot"
        self.word = "db_cluster_snapshot" if cluster else "db_snapshot"
        self.copying = "copying" if cluster else "creating"
        self.resource_id = "DbClusterResourceId" if cluster else "DbiResourceId"
        self.encrypted = "StorageEncrypted" if cluster else "Encrypted"
        self.snapshot_filter = "db-cluster-snapshot-id" if cluster else "db-snapshot-id"
        self.database = "DBClusterIdentifier" if cluster else "DBInstanceIdentifier"
        self.longest = 63 if cluster else 255
        self.codes = CODES[self.kind]

    def add(self, name: str = "orders", **facts: Any) -> Row:  # noqa: ANN401 - the sandbox's own
        """A database of this family with an automated snapshot."""
        if self.kind == "cluster":
            self.aws.add_cluster(name, **facts)
        else:
            self.aws.add_instance(name, **facts)
        return self.aws.take_automated(name)

    def call(
        self, operation: str, account: Account | None = None, /, **params: object
    ) -> dict[str, Any]:
        """One call; ``{}`` in the operation is the family's word."""
        client = (account or self.aws.source).client("rds")
        answer: dict[str, Any] = getattr(client, operation.format(self.word))(**params)
        return answer

    def copy(
        self, source: str, target: str, account: Account | None = None, /, **params: object
    ) -> dict[str, Any]:
        """Copy; the copy as the answer shows it."""
        names = {f"Source{self.noun}Identifier": source, f"Target{self.noun}Identifier": target}
        answer: dict[str, Any] = self.call("copy_{}", account, **names, **params)[self.noun]
        return answer

    def copied(
        self, source: str, target: str, account: Account | None = None, /, **params: object
    ) -> Row:
        """Copy, and wait until the copy is there."""
        self.copy(source, target, account, **params)
        self.aws.clock.advance(hours=1)
        return self.row(target)

    def shared(self, target: str = "shared", name: str = "orders") -> Row:
        """A copy under the sharing key that is shared with the backup account."""
        source = self.add(name)
        self.copied(source.identifier, target, KmsKeyId=self.aws.sharing_key)
        self.share(target, self.aws.backup.id)
        return self.row(target)

    def share(self, identifier: str, *accounts: str, remove: tuple[str, ...] = ()) -> list[str]:
        """Share or unshare; the accounts that the answer lists."""
        params: dict[str, object] = {f"{self.noun}Identifier": identifier}
        changes = {"ValuesToAdd": list(accounts), "ValuesToRemove": list(remove)}
        params |= {name: values for name, values in changes.items() if values}
        answer = self.call("modify_{}_attribute", AttributeName="restore", **params)
        attributes = answer[f"{self.noun}AttributesResult"][f"{self.noun}Attributes"]
        assert ["restore"] == [attribute["AttributeName"] for attribute in attributes]
        values: list[str] = attributes[0]["AttributeValues"]
        return values

    def delete(self, identifier: str, account: Account | None = None) -> dict[str, Any]:
        """Delete; the snapshot as the answer shows it."""
        params = {f"{self.noun}Identifier": identifier}
        answer: dict[str, Any] = self.call("delete_{}", account, **params)[self.noun]
        return answer

    def list(self, account: Account | None = None, /, **params: object) -> list[dict[str, Any]]:
        """One listing, one page."""
        found: list[dict[str, Any]] = self.call("describe_{}s", account, **params)[f"{self.noun}s"]
        return found

    def names(self, account: Account | None = None, /, **params: object) -> set[str]:
        """The names in one listing."""
        return {item[f"{self.noun}Identifier"] for item in self.list(account, **params)}

    def one(
        self, identifier: str, account: Account | None = None, /, **params: object
    ) -> dict[str, Any]:
        """One snapshot, by its identifier."""
        (found,) = self.list(account, **{f"{self.noun}Identifier": identifier}, **params)
        return found

    def row(self, identifier: str) -> Row:
        """The snapshot as it truly is, wherever it is."""
        (found,) = (row for row in self.aws.snapshots() if row.identifier == identifier)
        return found
