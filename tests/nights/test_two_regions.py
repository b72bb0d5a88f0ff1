"""The backups in another Region than the databases: the same night, made there."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import patch

import pytest

from sandbox import Sandbox, Switches
from sandbox.serving.lambda_runtime import Function
from tests.support.check_answers import BILLING, ORDERS, before_a_night, checked
from tests.support.drilling import drill, ready, results
from tests.support.playing import (
    BACKUP,
    DAY,
    EXPIRE,
    NIGHT,
    automated,
    backups,
    nights,
    play,
    shared_copies,
)

HERE, THERE = "eu-west-1", "eu-south-1"  # the second has to be enabled by an account
TAGGED = {"backup": "nightly"}
BOTH = [Switches(decrypts_from="source"), Switches(decrypts_from="destination")]


@pytest.fixture
def aws(switches: Switches) -> Iterator[Sandbox]:
    """Two empty accounts, in a Region each, two hours before the night."""
    start = NIGHT - timedelta(hours=2)
    with Sandbox(start=start, switches=switches, backup_region=THERE) as sandbox:
        yield sandbox


def both_families(aws: Sandbox) -> None:
    """An instance and a cluster."""
    aws.add_instance("orders", tags=TAGGED)
    aws.add_cluster("billing", tags=TAGGED)


def one_night(region: str | None) -> Counter[tuple[str, str | None]]:
    """The calls of a night of both families, by operation and account."""
    with Sandbox(start=NIGHT - timedelta(hours=2), backup_region=region) as aws:
        both_families(aws)
        automated(aws)
        play(Function(aws, aws.environment(DB_TAG="backup=nightly")), hours=2)
        assert 2 == len(backups(aws))
        return Counter((call.operation, call.account) for call in aws.calls)


@pytest.mark.parametrize("switches", BOTH)
def test_a_night_leaves_a_backup_of_each_database_in_the_other_region(
    aws: Sandbox, function: Function
) -> None:
    """In the backup account, in its Region, under its key there; nothing temporary is left.

    The series keep the Region of the databases.
    """
    both_families(aws)
    automated(aws)
    assert "nothing_to_do" == play(function, hours=2)[-1].outcome
    assert [("billing", THERE, aws.backup_key), ("orders", THERE, aws.backup_key)] == sorted(
        (b.database, b.region, b.kms_key) for b in backups(aws)
    )
    assert {HERE} == {b.tags["rds-backup:source-snapshot"].split(":")[3] for b in backups(aws)}
    assert [] == shared_copies(aws)
    assert {aws.source.id: {HERE}, aws.backup.id: {THERE}} == {
        account: {c.region for c in aws.calls if c.account == account}
        for account in (aws.source.id, aws.backup.id)
    }


def test_another_region_costs_no_call() -> None:
    """Five changes a database, and the same reads: counted by operation and account."""
    assert one_night(None) == one_night(THERE)


def test_the_backup_account_expires_where_its_backups_are(aws: Sandbox) -> None:
    """Its function is deployed there and needs no second Region; the newest N stay."""
    both_families(aws)
    keeping = {"BACKUPS_TO_KEEP": "2"}
    nights(aws, Function(aws, aws.environment(DB_TAG="backup=nightly", EXPIRE_BACKUPS="false")), 4)
    done = Function(aws, aws.backup_environment(**keeping)).at(NIGHT + 4 * DAY, EXPIRE)
    assert "completed" == done.outcome
    assert Counter(orders=2, billing=2) == Counter(b.database for b in backups(aws))


@pytest.mark.parametrize("switches", [Switches(), Switches(across_regions="incremental")])
def test_with_increments_the_base_stays_where_the_databases_are(
    aws: Sandbox, switches: Switches
) -> None:
    """From the second night on the shared copy is incremental; of the backup no text says so."""
    both_families(aws)
    nights(aws, Function(aws, aws.environment(DB_TAG="backup=nightly", INCREMENTAL="true")), 3)
    (base,) = shared_copies(aws)
    assert ("orders", HERE, False) == (base.database, base.region, base.full)
    every = switches.across_regions == "full"
    assert [True, every, every] == [b.full for b in backups(aws, "orders")]


def test_an_option_group_of_its_own_is_named_to_the_other_region(
    aws: Sandbox, function: Function
) -> None:
    """2.20: it has to be there under the same name; until then the database is blocked, in words.

    Nothing else waits for it, and the backup then has the group.
    """
    both_families(aws)
    member = {"OptionGroupName": "audited", "Status": "in-sync"}
    aws.add_instance("ledger", engine="mysql", tags=TAGGED, OptionGroupMemberships=[member])
    aws.add_option_group("audited", engine="mysql")
    automated(aws)
    play(function, hours=2)
    entry = function.invoke(BACKUP).entry("ledger")
    assert "blocked" == entry["state"]
    assert "OptionGroupNotFoundFault" in entry["reason"]
    assert "make an option group of this name in the backup account" in entry["reason"]
    assert ["billing", "orders"] == sorted(b.database for b in backups(aws))
    aws.add_option_group("audited", engine="mysql", account=aws.backup)
    play(function, NIGHT + timedelta(hours=3), hours=2)
    (made,) = backups(aws, "ledger")
    shown = aws.backup.client("rds").describe_db_snapshots(DBSnapshotIdentifier=made.identifier)
    assert "audited" == shown["DBSnapshots"][0]["OptionGroupName"]


def test_a_version_that_the_other_region_lacks_blocks_its_database_only(
    aws: Sandbox, function: Function
) -> None:
    """2.27: RDS's words are told, and the others are protected."""
    both_families(aws)
    aws.add_instance("old", engine="postgres", tags=TAGGED, EngineVersion="12.1")
    aws.withdraw_version("postgres", "12.1", only=aws.backup)
    automated(aws)
    play(function, hours=2)
    entry = function.invoke(BACKUP).entry("old")
    assert "blocked" == entry["state"]
    assert "Cannot find version 12.1 for postgres" in entry["reason"]
    assert ["billing", "orders"] == sorted(b.database for b in backups(aws))


def test_check_says_beforehand_what_the_other_region_lacks(aws: Sandbox) -> None:
    """A version and an option group; nothing else is said that one Region would not say."""
    before_a_night(aws)
    newest = aws.database("billing").fields = {"EngineVersion": "13.4"}
    automated(aws)
    aws.withdraw_version("aurora-postgresql", newest["EngineVersion"], only=aws.backup)
    version, group = (BILLING, f"version in {THERE}"), (ORDERS, f"option group in {THERE}")
    found = checked(aws)
    assert {version, group} == {(a, q) for level, a, q in found.not_well() if level == "fail"}
    assert (HERE, THERE) == (found.result["region"], found.result["backup_region"])
    aws.add_option_group("special", engine="mysql", account=aws.backup)
    assert {version} == {(a, q) for level, a, q in checked(aws).not_well() if level == "fail"}


def test_where_the_role_leads_nowhere_nothing_is_said_of_its_region(aws: Sandbox) -> None:
    """The stack there is not deployed yet: one answer says so, and none that it lacks more."""
    before_a_night(aws)
    aws.fault("AssumeRole", code="AccessDenied", message="no", status=403)
    found = checked(aws)
    assert "fail" == found.level("backup account", "role can be assumed")
    assert [] == [q for _, _, q in found.not_well() if THERE in q]


def test_check_costs_one_region_no_question(aws: Sandbox) -> None:
    """Versions and groups of the backup account are read where it is in another Region only."""
    before_a_night(aws)
    checked(aws)
    asked = ("DescribeDBEngineVersions", "DescribeOptionGroups")
    assert [2, 1] == [aws.count(operation, account=aws.backup) for operation in asked]
    with_one = [c.operation for c in aws.calls if c.operation == "DescribeDBEngineVersions"]
    assert 2 == len(with_one)


def test_status_says_where_the_databases_and_where_the_backups_are(
    aws: Sandbox, function: Function
) -> None:
    """In its setting; a person's commands go where each thing is."""
    both_families(aws)
    automated(aws)
    play(function, hours=2)
    aws.delete_database("billing")
    done = function.invoke({"action": "status"}).result
    assert done is not None
    assert (HERE, THERE) == (done["setting"]["region"], done["setting"]["backup_region"])
    (gone,) = done["unselected_series"]
    removal = gone["removal"]
    assert f"--region {HERE} " in removal["look"]
    assert f"--region {THERE} " in removal["delete"]
    assert HERE not in removal["delete"]


def test_two_regions_of_databases_may_have_one_region_of_backups(aws: Sandbox) -> None:
    """Databases of one name in each: each function has its own Region's series, and no other.

    It makes them, expires them, and plans to restore them.
    """
    functions, other = [], "us-east-1"
    for region in (HERE, other):
        with patch.object(aws, "region", region):
            aws.add_instance("orders", tags=TAGGED)
            key = aws.sharing_key
            if region == other:
                key = aws.keys.create(aws.source.id, region=other)
                aws.keys.admit(key, aws.backup.id)
            keeping = {"BACKUPS_TO_KEEP": "1", "KMS_KEY_ID": key}
            environment = aws.environment(DB_TAG="backup=nightly", **keeping)
        functions.append(Function(aws, environment))
    for number in range(2):
        automated(aws, NIGHT + number * DAY)
        for _ in range(4):
            assert [None, None] == [function.invoke(BACKUP).error for function in functions]
            aws.clock.advance(minutes=25)
    made = [b.tags["rds-backup:source-snapshot"].split(":")[3] for b in backups(aws)]
    assert Counter({HERE: 1, other: 1}) == Counter(made)
    assert {THERE} == {b.region for b in backups(aws)}
    plans = [f.invoke({"action": "restore_plan", "database": "orders"}) for f in functions]
    for region, done in zip((HERE, other), plans, strict=True):
        assert done.result
        assert f"# B. Back in account {aws.source.id}, {region}\n" in done.result["text"]
        assert "# Source       still there: " in done.result["text"]


@pytest.mark.parametrize("engine", ["postgres", "aurora-postgresql"])
def test_a_drill_restores_where_the_backups_are(aws: Sandbox, engine: str) -> None:
    """In the backup account, and in its Region; the series' own Region is asked nothing."""
    drilling = ready(aws, orders=engine)
    before = len(aws.calls)
    assert [] == [done.error for done in drill(aws, drilling) if done.error]
    assert ["passed"] == results(aws)
    assert [] == aws.databases(aws.backup)
    assert {THERE} == {call.region for call in aws.calls[before:]}
