"""How a database comes to be: its words on the way, how it may end, and what it shows when."""

from datetime import timedelta
from typing import Any

import pytest

from sandbox import Sandbox, Switches
from tests.sandbox.families import Family, refused
from tests.sandbox.test_restoring import restore, shown


def begin(family: Family, snapshot: str, **params: object) -> None:
    """A restore that has just been asked for."""
    client = family.aws.source.client("rds")
    if family.kind == "instance":
        client.restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier="restored", DBSnapshotIdentifier=snapshot, **params
        )
    else:
        client.restore_db_cluster_from_snapshot(
            DBClusterIdentifier="restored",
            SnapshotIdentifier=snapshot,
            Engine="aurora-postgresql",
            **params,
        )


def word(family: Family, name: str = "restored") -> str:
    """The status that the listing shows."""
    return str(shown(family, name)["Status" if family.kind == "cluster" else "DBInstanceStatus"])


@pytest.mark.parametrize(("days", "between"), [(0, "available"), (1, "backing-up")])
def test_an_instance_that_keeps_backups_is_backed_up_first(
    aws: Sandbox, days: int, between: str
) -> None:
    """11.18: creating, backing-up, available; how long each takes can be set."""
    family = Family(aws, "instance")
    source = family.add()
    aws.restores.creating, aws.restores.backing_up = timedelta(minutes=30), timedelta(minutes=10)
    begin(family, source.identifier, BackupRetentionPeriod=days)
    aws.clock.advance(minutes=29)
    assert "creating" == word(family)
    aws.clock.advance(minutes=1)
    assert between == word(family)
    aws.clock.advance(minutes=10)
    assert "available" == word(family)


@pytest.mark.parametrize(
    "switches",
    [Switches(restoring_cluster="creating"), Switches(restoring_cluster="migrating")],
)
def test_a_cluster_may_be_migrating_while_it_is_restored(aws: Sandbox, switches: Switches) -> None:
    """11.18: one page says so of clusters, and no example shows it."""
    family = Family(aws, "cluster")
    begin(family, family.add().identifier)
    assert "creating" == word(family)
    aws.clock.advance(minutes=10)
    assert switches.restoring_cluster == word(family)
    aws.clock.advance(minutes=5)
    assert "available" == word(family)


def test_how_long_a_database_takes_may_depend_on_it(aws: Sandbox) -> None:
    """11.18: a member may take longer than its cluster."""
    family = Family(aws, "cluster")
    source = family.add()
    aws.restores.creating = lambda kind, _account, _params: timedelta(
        minutes=5 if kind == "cluster" else 50
    )
    begin(family, source.identifier)
    aws.clock.advance(minutes=5)
    aws.source.client("rds").create_db_instance(
        DBInstanceIdentifier="restored-member",
        DBClusterIdentifier="restored",
        DBInstanceClass="db.r7g.large",
        Engine="aurora-postgresql",
    )
    aws.clock.advance(minutes=49)
    assert "creating" == aws.database("restored-member").status
    aws.clock.advance(minutes=1)
    assert "available" == aws.database("restored-member").status


@pytest.mark.parametrize("status", ["incompatible-restore", "failed", "insufficient-capacity"])
def test_a_restore_may_end_otherwise(family: Family, status: str) -> None:
    """11.20: the word says so, and there is no endpoint; the next one is as usual."""
    source = family.add()
    family.aws.restores.end_next(status)
    found = restore(family, source.identifier)
    assert status == word(family)
    assert "Endpoint" not in found
    restore(family, source.identifier, "another")
    assert "available" == word(family, "another")


def test_what_ends_otherwise_can_be_chosen_and_forgotten(family: Family) -> None:
    """11.20: by family, account and the call's parameters."""
    source, restores = family.add(), family.aws.restores
    restores.end_next("failed", where=lambda kind, account, _params: (kind, account) == ("x", "y"))
    restore(family, source.identifier, "first")
    assert "available" == word(family, "first")
    restores.end_next("failed")
    restores.forget_fates()
    restore(family, source.identifier, "second")
    assert "available" == word(family, "second")


def test_a_restore_may_never_end(family: Family) -> None:
    """11.20: no limit of time is documented."""
    source = family.add()
    family.aws.restores.end_next(None)
    begin(family, source.identifier)
    family.aws.clock.advance(days=2)
    assert "creating" == word(family)


PORTS = [("mysql", 3306), ("postgres", 5432), ("sqlserver-se", 1433), ("oracle-ee", 1521)]


@pytest.mark.parametrize(("engine", "port"), PORTS)
def test_an_instance_has_its_endpoint_when_it_is_there(
    aws: Sandbox, engine: str, port: int
) -> None:
    """11.19: not while it is being made; the port is the engine's default."""
    family = Family(aws, "instance")
    begin(family, family.add(engine=engine).identifier)
    assert "Endpoint" not in shown(family, "restored")
    aws.clock.advance(hours=1)
    endpoint = shown(family, "restored")["Endpoint"]
    assert ("restored", port) == (endpoint["Address"].split(".")[0], endpoint["Port"])


def test_a_cluster_has_its_endpoint_when_it_is_there(aws: Sandbox) -> None:
    """11.19: host and port stand beside each other."""
    family = Family(aws, "cluster")
    begin(family, family.add().identifier)
    assert not {"Endpoint", "Port"} & set(shown(family, "restored"))
    aws.clock.advance(hours=1)
    found = shown(family, "restored")
    assert found["Endpoint"].startswith("restored.cluster-")
    assert 5432 == found["Port"]


def test_backups_are_kept_as_before_unless_the_call_says_otherwise(family: Family) -> None:
    """11.21: the days of the database that the snapshot is of."""
    source = family.add(retention_days=9)
    family.copied(source.identifier, "copy")
    assert 9 == restore(family, "copy")["BackupRetentionPeriod"]
    found = restore(family, source.identifier, "another", BackupRetentionPeriod=1)
    assert 1 == found["BackupRetentionPeriod"]
    with refused("InvalidParameterValue"):
        restore(family, source.identifier, "third", BackupRetentionPeriod=36)


def test_only_an_instance_can_be_without_backups(family: Family) -> None:
    """11.21: a cluster keeps them for a day at least."""
    source = family.add()
    if family.kind == "cluster":
        with refused("InvalidParameterValue"):
            restore(family, source.identifier, BackupRetentionPeriod=0)
    else:
        found = restore(family, source.identifier, BackupRetentionPeriod=0)
        assert 0 == found["BackupRetentionPeriod"]


@pytest.mark.parametrize(("declined", "expected"), [(False, "13.4"), (True, "15.9")])
def test_whoever_declines_extended_support_may_get_a_newer_version(
    family: Family, *, declined: bool, expected: str
) -> None:
    """11.10: RDS upgrades what is past the end of standard support, and only then."""
    source = family.add(EngineVersion="13.4")
    engine = "aurora-postgresql" if family.kind == "cluster" else "postgres"
    family.aws.restores.past_support[engine, "13.4"] = "15.9"
    said: dict[str, Any] = {"EngineVersion": "13.4"} if family.kind == "cluster" else {}
    if declined:
        said["EngineLifecycleSupport"] = "open-source-rds-extended-support-disabled"
    assert expected == restore(family, source.identifier, **said)["EngineVersion"]


def test_an_instance_is_as_large_as_its_snapshot(aws: Sandbox) -> None:
    """11.22: storage cannot be reduced."""
    family = Family(aws, "instance")
    row = aws.add_snapshot(aws.source, "instance", "large", fields={"AllocatedStorage": 500})
    assert 500 == restore(family, row.identifier)["AllocatedStorage"]


def test_a_restored_database_copies_no_tags_unless_told(family: Family) -> None:
    """11.26: the default is not to copy them."""
    source = family.add(copy_tags=True)
    assert not restore(family, source.identifier)["CopyTagsToSnapshot"]
    found = restore(family, source.identifier, "another", CopyTagsToSnapshot=True)
    assert found["CopyTagsToSnapshot"]


def test_minor_upgrades_and_a_second_zone_are_as_the_call_says(aws: Sandbox) -> None:
    """11.26: both are shown."""
    family = Family(aws, "instance")
    found = restore(family, family.add().identifier, AutoMinorVersionUpgrade=False, MultiAZ=True)
    assert (False, True) == (found["AutoMinorVersionUpgrade"], found["MultiAZ"])
    aws.add_cluster("billing")
    made = aws.source.client("rds").create_db_instance(
        DBInstanceIdentifier="billing-2",
        DBClusterIdentifier="billing",
        DBInstanceClass="db.r7g.large",
        Engine="aurora-postgresql",
        AutoMinorVersionUpgrade=False,
    )
    assert made["DBInstance"]["AutoMinorVersionUpgrade"] is False


@pytest.mark.parametrize(
    ("engine", "said", "expected"),
    [
        ("postgres", None, "postgresql-license"),
        ("oracle-se2", "license-included", "license-included"),
    ],
)
def test_an_instance_has_its_sources_license_model_unless_one_is_given(
    aws: Sandbox, engine: str, said: str | None, expected: str
) -> None:
    """11.25: its snapshot shows it; one that is not for the engine is refused."""
    family = Family(aws, "instance")
    row = family.add(engine=engine)
    given = {"LicenseModel": said} if said else {}
    assert family.one(row.identifier, SnapshotType="automated")["LicenseModel"]
    assert expected == restore(family, row.identifier, **given)["LicenseModel"]
    with refused("InvalidParameterCombination"):
        restore(family, row.identifier, "another", LicenseModel="bring-your-own-media")


@pytest.mark.parametrize(
    "switches", [Switches(gp3_without_iops="accept"), Switches(gp3_without_iops="refuse")]
)
def test_gp3_may_need_its_iops(aws: Sandbox, switches: Switches) -> None:
    """11.16: the API reference says that it does, and names it as the default without."""
    family = Family(aws, "instance")
    row = family.add()
    if switches.gp3_without_iops == "refuse":
        with refused("InvalidParameterCombination"):
            restore(family, row.identifier, StorageType="gp3")
    else:
        assert "gp3" == restore(family, row.identifier, StorageType="gp3")["StorageType"]
    assert "gp3" == restore(family, row.identifier, "another")["StorageType"]


def test_an_account_has_room_for_so_many_databases(family: Family) -> None:
    """5.10: the families are counted apart, members among the instances."""
    source, limits = family.add(), family.aws.source.limits
    assert {"instance": 40, "cluster": 40} == limits.databases
    limits.databases[family.kind] = 1
    code, status = (
        ("DBClusterQuotaExceededFault", 403)
        if family.kind == "cluster"
        else ("InstanceQuotaExceeded", 400)
    )
    with refused(code, status=status):
        begin(family, source.identifier)
    if family.kind == "cluster":
        limits.databases["instance"] = 1
        with refused("InstanceQuotaExceeded"):
            family.aws.source.client("rds").create_db_instance(
                DBInstanceIdentifier="orders-2",
                DBClusterIdentifier="orders",
                DBInstanceClass="db.r7g.large",
                Engine="aurora-postgresql",
            )


def test_an_account_has_so_much_storage_for_its_instances(aws: Sandbox) -> None:
    """5.10: Aurora's does not count."""
    aws.add_cluster("billing")
    family = Family(aws, "instance")
    source = family.add()
    aws.source.limits.storage = 40
    restore(family, source.identifier)
    with refused("StorageQuotaExceeded"):
        restore(family, source.identifier, "another")


def test_a_class_may_lack_capacity(aws: Sandbox) -> None:
    """11.24: the call is refused; another class may do."""
    family = Family(aws, "instance")
    source = family.add()
    aws.restores.without_capacity.add("db.t4g.medium")
    with refused("InsufficientDBInstanceCapacity"):
        restore(family, source.identifier, DBInstanceClass="db.t4g.medium")
    assert restore(family, source.identifier, DBInstanceClass="db.r7g.large")
    aws.add_cluster("billing")
    with refused("InsufficientDBInstanceCapacity"):
        aws.source.client("rds").create_db_instance(
            DBInstanceIdentifier="billing-2",
            DBClusterIdentifier="billing",
            DBInstanceClass="db.t4g.medium",
            Engine="aurora-postgresql",
        )
