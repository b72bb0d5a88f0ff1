"""`check` is refused a read: each refusal is an answer of its own, and reading goes on.

What is asked of what was read, and what is answered, stands in ``tests/unit/check``.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import pytest

from sandbox import Sandbox
from sandbox.calls import Call
from tests.support.check_answers import (
    BACKUP,
    BACKUP_KEY,
    BILLING,
    DENIED,
    ORDERS,
    SHARING_KEY,
    SOURCE,
    Answers,
    before_a_night,
    checked,
    own_key,
)

OWN_KEY, OPTIONS, ENCRYPTION = "its own key", "options", "encryption"
OWN, OTHER = "policy, for its own account", "policy, for the backup account"
SEEN, GUARDED = "seen from the backup account", "policy, guarded"
LISTED = (SOURCE, "databases and snapshots can be listed")
LISTED_THERE = (BACKUP, "backups can be listed")
BOUNDARY = "permissions boundary"
PLACES, CLUSTERS = "places for instance snapshots", "places for cluster snapshots"


@pytest.fixture
def aws(aws: Sandbox) -> Sandbox:
    """Two databases, before a night that is well."""
    before_a_night(aws)
    return aws


class Refused(NamedTuple):
    """A read that is refused in one account, and the answer that has its statements."""

    side: str
    operation: str
    question: tuple[str, str]
    level: str
    sids: str
    when: Callable[[Sandbox, Call], bool] = lambda _, call: bool(call)


def sort(name: str) -> Callable[[Sandbox, Call], bool]:
    """Snapshots of one type."""
    return lambda _, call: bool(call.params.get("SnapshotType") == name)


def of_key(which: Callable[[Sandbox], str]) -> Callable[[Sandbox, Call], bool]:
    """One key."""
    return lambda aws, call: bool(call.params["KeyId"] == which(aws))


SHARING, MINE = of_key(lambda aws: aws.sharing_key), of_key(own_key)
DEFAULT = of_key(lambda _: "alias/aws/rds")
THERE = "ReadSharingKeys DecryptUnderSharingKeys GrantSharingKeysToRds"
HERE = "ReadDatabaseKeys ReadUnderDatabaseKeys GrantDatabaseKeysToRds"
LISTS, QUOTAS = "ListDatabasesAndSnapshots", "ReadQuotas"
REFUSED = {
    "the function's role": Refused("source", "GetRole", (SOURCE, BOUNDARY), "warn", "ReadOwnRole"),
    "the role there": Refused("backup", "GetRole", (BACKUP, BOUNDARY), "warn", "ReadOwnRole"),
    "instances": Refused("source", "DescribeDBInstances", LISTED, "fail", LISTS),
    "clusters": Refused("source", "DescribeDBClusters", LISTED, "fail", LISTS),
    "shared copies": Refused(
        "source", "DescribeDBSnapshots", LISTED, "fail", LISTS, sort("manual")
    ),
    "automated snapshots": Refused(
        "source", "DescribeDBSnapshots", LISTED, "fail", LISTS, sort("automated")
    ),
    "backups": Refused("backup", "DescribeDBClusterSnapshots", LISTED_THERE, "fail", "ListBackups"),
    "the quota": Refused("source", "DescribeAccountAttributes", (SOURCE, PLACES), "warn", QUOTAS),
    "the quota there": Refused(
        "backup", "DescribeAccountAttributes", (BACKUP, PLACES), "warn", QUOTAS
    ),
    "option groups": Refused(
        "source", "DescribeOptionGroups", (ORDERS, OPTIONS), "warn", "ReadOptionGroups"
    ),
    "the sharing key": Refused(
        "source", "DescribeKey", (SHARING_KEY, "found"), "fail", "ReadSharingKey", SHARING
    ),
    "its policy": Refused(
        "source", "GetKeyPolicy", (SHARING_KEY, OWN), "warn", "ReadSharingKeyPolicy", SHARING
    ),
    "the sharing key from there": Refused(
        "backup", "DescribeKey", (SHARING_KEY, SEEN), "fail", THERE, SHARING
    ),
    "the default key": Refused(
        "source", "DescribeKey", (ORDERS, ENCRYPTION), "warn", "ReadDefaultKey", DEFAULT
    ),
    "a database's key": Refused("source", "DescribeKey", (ORDERS, OWN_KEY), "fail", HERE, MINE),
    "policy of a key": Refused(
        "source", "GetKeyPolicy", (ORDERS, OWN_KEY), "warn", "ReadDatabaseKeys", MINE
    ),
    "the backup key": Refused(
        "backup", "DescribeKey", (BACKUP_KEY, "found"), "fail", "ReadBackupKey"
    ),
    "policy there": Refused(
        "backup", "GetKeyPolicy", (BACKUP_KEY, OWN), "warn", "ReadBackupKeyPolicy"
    ),
}


# None of these hides another of the same account.
TOGETHER = {
    "source": [
        "the function's role",
        "the quota",
        "option groups",
        "its policy",
        "policy of a key",
    ],
    "backup": ["the role there", "the quota there", "the sharing key from there", "policy there"],
}
MORE = {
    "source": {(SHARING_KEY, OTHER), (SOURCE, CLUSTERS)},
    "backup": {(BACKUP_KEY, GUARDED), (BACKUP, CLUSTERS), ("expiry", "both settings agree")},
}
ALONE = [read for read in REFUSED if not any(read in reads for reads in TOGETHER.values())]


class TestRefusals:
    """Reading goes on whatever is refused: each refusal is an answer of its own."""

    def refused(self, aws: Sandbox, *reads: str) -> Answers:
        """Each of these reads has its statements, for the role of the account it is made in."""
        for of in (REFUSED[read] for read in reads):
            theirs = aws.source if of.side == "source" else aws.backup
            aws.fault(of.operation, account=theirs, when=partial(of.when, aws), **DENIED)
        found = checked(aws, BACKUP_KMS_KEY_ID=aws.backup_key)
        for of in (REFUSED[read] for read in reads):
            answer = found.one(*of.question)
            role = aws.function_role if of.side == "source" else aws.backup_role
            assert (of.level, of.sids.split()) == (answer["level"], found.sids(*of.question))
            assert {f"the policy of {role.arn}"} == {paste["into"] for paste in answer["paste"]}
        return found

    @pytest.mark.parametrize("read", ALONE)
    def test_each_read_that_is_refused_has_its_statement(self, aws: Sandbox, read: str) -> None:
        """What does not rest on it is answered all the same."""
        found = self.refused(aws, read)

        assert found.level(SOURCE, "credentials") == "pass"
        assert found.level(SOURCE, BOUNDARY) == found.level(BACKUP, BOUNDARY) == "pass"
        assert found.all("schedule", "known")

    @pytest.mark.parametrize("side", TOGETHER)
    def test_what_one_account_refuses_is_nothing_of_the_other(
        self, aws: Sandbox, side: str
    ) -> None:
        """Everything else passes."""
        found = self.refused(aws, *TOGETHER[side])

        questions = {REFUSED[read].question for read in TOGETHER[side]} | MORE[side]
        assert questions == {(about, question) for _, about, question in found.not_well()}

    @pytest.mark.parametrize("account", ["source", "backup"])
    def test_a_listing_without_an_answer_is_never_a_pass(self, aws: Sandbox, account: str) -> None:
        """What rests on it cannot be told either; nothing fails."""
        aws.fault("DescribeDBSnapshots", code="Throttling", account=getattr(aws, account))
        found = checked(aws)
        whose = {"source": LISTED, "backup": LISTED_THERE}

        assert {("warn", *whose.pop(account)), ("warn", BACKUP, PLACES)} <= found.not_well()
        assert {"pass"} == {found.level(*other) for other in whose.values()}
        assert "warn" == found.outcome

    def test_a_database_that_could_not_be_seen_is_not_refused(self, aws: Sandbox) -> None:
        """Whether it is there may be known in a minute."""
        aws.fault("DescribeDBInstances", code="Throttling")

        assert (
            checked(aws, "orders", DB_TAG=None, DB_ID="orders").level("orders", "exists") == "warn"
        )

    def test_without_the_default_key_no_database_s_key_is_asked_about(self, aws: Sandbox) -> None:
        """Which of them are customer managed is not known."""
        aws.fault("DescribeKey", when=lambda c: DEFAULT(aws, c), code="Throttling")

        assert checked(aws).not_well() == {("warn", n, ENCRYPTION) for n in (ORDERS, BILLING)}
        asked = {c.params["KeyId"] for c in aws.calls if c.operation == "DescribeKey"}
        assert {"alias/aws/rds", aws.sharing_key, "alias/rds-backup"} == asked

    def test_an_account_without_a_default_key_is_well(self, aws: Sandbox) -> None:
        """KMS makes it on its first use; the cluster's key is then one like any other."""
        aws.fault("DescribeKey", when=lambda c: DEFAULT(aws, c), code="NotFoundException")
        found = checked(aws)

        assert found.level(ORDERS, OWN_KEY) == "pass"
        assert found.level(BILLING, ENCRYPTION) == "pass"
        assert found.all(BILLING, OWN_KEY)
