"""RDS as this project speaks it: list, copy, share, delete, for both families.

Instance and cluster are two spellings of one thing, in one table (``spelling``).  Every failure
leaves here as an ``AwsError``; nothing is decided here.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rds_backup.aws.calls import Calls
from rds_backup.aws.errors import AwsError
from rds_backup.aws.parsing import read_accounts, read_database, read_snapshot, read_surroundings
from rds_backup.aws.spelling import SPELLING
from rds_backup.model.clock import Time
from rds_backup.model.inventory import Database, Kind, Snapshot
from rds_backup.model.surroundings import Surroundings

MAX_VALUES = 100  # different values in one filter: more is InvalidParameterCombination
# Where an answer's list is not called after what it lists.
_MEMBER = {"OptionGroup": "OptionGroupsList"}
# Where a copy from another Region has to be signed for that Region, too; botocore does it (2.25).
_PRESIGNED = "aws-us-gov"


class Rds:
    """RDS in one account and Region, with one set of credentials."""

    def __init__(self, client: Any) -> None:
        """Wrap a boto3 RDS client."""
        self.calls = Calls(client)
        self.region = str(client.meta.region_name)

    def begin(self, time: Time) -> None:
        """Take the time of an invocation: no page is begun that may not end in it."""
        self.calls.begin(time)

    def databases(self, kind: Kind) -> tuple[Database, ...]:
        """Every instance or cluster, all pages."""
        noun = SPELLING[kind].databases
        return tuple(read_database(kind, item) for item in self._pages(noun))

    def automated(self, kind: Kind) -> tuple[Snapshot, ...]:
        """Every automated snapshot of one family, all pages."""
        return self._snapshots(kind, SnapshotType="automated")

    def manual(self, kind: Kind) -> tuple[Snapshot, ...]:
        """Every manual snapshot of one family, all pages."""
        return self._snapshots(kind, SnapshotType="manual")

    def named(self, kind: Kind, identifiers: Sequence[str]) -> dict[str, Snapshot]:
        """Those manual snapshots with these identifiers that exist, in one filtered listing.

        RDS refuses more than MAX_VALUES identifiers (1.7b): the caller asks in portions.
        """
        assert len(identifiers) <= MAX_VALUES  # noqa: S101 - a caller's mistake
        wanted = [{"Name": SPELLING[kind].filter, "Values": list(identifiers)}]
        found = self._snapshots(kind, SnapshotType="manual", Filters=wanted)
        return {s.identifier: s for s in found if s.identifier in identifiers}

    def bearer(self, kind: Kind, identifier: str) -> Surroundings | None:
        """The database that bears this name now, with what it runs in; None if none does."""
        return self._surroundings(kind, SPELLING[kind].database_filter, identifier)

    def surroundings(self, kind: Kind, resource_id: str) -> Surroundings | None:
        """The same of the database with this resource id, whatever its name is now (1.8)."""
        return self._surroundings(kind, SPELLING[kind].resource_filter, resource_id)

    def offers(self, engine: str, version: str) -> bool:
        """Whether a database of this version can still be made: others are not listed (11.14)."""
        listed = self._pages("DBEngineVersion", Engine=engine, EngineVersion=version)
        return any(True for _ in listed)

    def copy(
        self,
        kind: Kind,
        source_arn: str,
        target: str,
        key: str,
        tags: Mapping[str, str],
        option_group: str | None = None,
    ) -> Snapshot:
        """Start a copy; returns at once, with the copy as it is then.

        ``option_group`` is the source's, if it is no default one: groups are Regional, and another
        Region has to be told its name, and to have it (2.20).
        """
        noun = SPELLING[kind].noun
        arguments = {
            f"Source{noun}Identifier": source_arn,
            f"Target{noun}Identifier": target,
            "KmsKeyId": key,
            "Tags": [{"Key": name, "Value": value} for name, value in tags.items()],
        }
        _, partition, _, region, *_ = source_arn.split(":")
        if region != self.region:
            if option_group:
                arguments["OptionGroupName"] = option_group
            if partition == _PRESIGNED:
                arguments["SourceRegion"] = region
        return read_snapshot(kind, self.calls.call(f"Copy{noun}", **arguments)[noun])

    def shared_with(self, kind: Kind, identifier: str) -> frozenset[str]:
        """The accounts that the snapshot is shared with; ``all`` means everybody."""
        noun = SPELLING[kind].noun
        answer = self.calls.call(f"Describe{noun}Attributes", **{f"{noun}Identifier": identifier})
        return read_accounts(noun, answer)

    def share(self, kind: Kind, identifier: str, account: str) -> frozenset[str]:
        """Share with one account; all the accounts that it is then shared with."""
        return self._modify(kind, identifier, ValuesToAdd=[account])

    def unshare(self, kind: Kind, identifier: str, accounts: frozenset[str]) -> frozenset[str]:
        """Take sharing back; the accounts that it is then still shared with."""
        return self._modify(kind, identifier, ValuesToRemove=sorted(accounts))

    def delete(self, kind: Kind, identifier: str) -> None:
        """Delete a manual snapshot; one that is not there any more is deleted."""
        noun = SPELLING[kind].noun
        try:
            self.calls.call(f"Delete{noun}", **{f"{noun}Identifier": identifier})
        except AwsError as error:
            if not error.not_found:
                raise

    def manual_quotas(self) -> dict[Kind, tuple[int, int]]:
        """Manual snapshots of each family: used, and the most there may be."""
        answer = self.calls.call("DescribeAccountAttributes")
        told = {quota.get("AccountQuotaName"): quota for quota in answer["AccountQuotas"]}
        try:
            quotas = {kind: told[SPELLING[kind].quota] for kind in Kind}
            return {kind: (int(q["Used"]), int(q["Max"])) for kind, q in quotas.items()}
        except KeyError as missing:
            raise AwsError("DescribeAccountAttributes", "NoSuchQuota", str(missing)) from missing

    def lasting_options(self) -> dict[str, tuple[str, ...]]:
        """Every option group, with its permanent and persistent options; all pages."""
        return {
            group["OptionGroupName"]: tuple(
                option["OptionName"]
                for option in group.get("Options", ())
                if option.get("Permanent") or option.get("Persistent")
            )
            for group in self._pages("OptionGroup")
        }

    def _surroundings(self, kind: Kind, name: str, value: str) -> Surroundings | None:
        found = next(self._named(kind, name, value), None)
        if found is None:
            return None
        if kind is Kind.INSTANCE:
            return read_surroundings(kind, found, found)
        writers = {
            m["DBInstanceIdentifier"] for m in found["DBClusterMembers"] if m["IsClusterWriter"]
        }
        spelling = SPELLING[kind]
        members = self._named(Kind.INSTANCE, spelling.database_filter, found[spelling.database])
        writer = next((m for m in members if m["DBInstanceIdentifier"] in writers), {})
        return read_surroundings(kind, found, writer)

    def _named(self, kind: Kind, name: str, value: str) -> Iterator[dict[str, Any]]:
        """The databases of a family that a filter selects."""
        return self._pages(SPELLING[kind].databases, Filters=[{"Name": name, "Values": [value]}])

    def _snapshots(self, kind: Kind, **arguments: Any) -> tuple[Snapshot, ...]:
        """Deduplicated: what is made or deleted between two pages may show on both."""
        items = self._pages(SPELLING[kind].noun, **arguments)
        return tuple({s.identifier: s for s in (read_snapshot(kind, i) for i in items)}.values())

    def _pages(self, noun: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        return self.calls.pages(f"Describe{noun}s", _MEMBER.get(noun, f"{noun}s"), **arguments)

    def _modify(self, kind: Kind, identifier: str, **values: list[str]) -> frozenset[str]:
        noun = SPELLING[kind].noun
        arguments: dict[str, Any] = {f"{noun}Identifier": identifier, "AttributeName": "restore"}
        return read_accounts(noun, self.calls.call(f"Modify{noun}Attribute", **arguments, **values))
