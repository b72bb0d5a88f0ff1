"""Which classes RDS offers for an engine."""

from typing import Any

import pytest

from sandbox import Sandbox
from tests.sandbox.families import Family, refused
from tests.sandbox.test_restoring import restore


def offers(aws: Sandbox, engine: str, **params: object) -> list[dict[str, Any]]:
    """All options, page by page."""
    pages = aws.source.client("rds").get_paginator("describe_orderable_db_instance_options")
    answers = pages.paginate(Engine=engine, **params)
    return [row for answer in answers for row in answer["OrderableDBInstanceOptions"]]


@pytest.mark.parametrize("engine", ["mariadb", "mysql", "postgres", "sqlserver-se", "oracle-ee"])
def test_what_is_offered_for_an_engine_is_told_row_by_row(aws: Sandbox, engine: str) -> None:
    """11.27: a row for each class, license model and storage type."""
    rows = offers(aws, engine, Vpc=True)
    assert {"gp2", "gp3", "io1"} == {row["StorageType"] for row in rows}
    assert all(row["Vpc"] and row["SupportsStorageEncryption"] for row in rows)
    assert all(row["MinStorageSize"] < row["MaxStorageSize"] for row in rows)
    assert [] == offers(aws, engine, Vpc=False)


def test_aurora_has_its_own_storage_and_a_serverless_class(aws: Sandbox) -> None:
    """11.27: there are no sizes, since its volume grows by itself."""
    rows = offers(aws, "aurora-mysql")
    assert {"aurora", "aurora-iopt1"} == {row["StorageType"] for row in rows}
    assert "db.serverless" in {row["DBInstanceClass"] for row in rows}
    assert not any("MinStorageSize" in row for row in rows)


def test_options_are_chosen_by_class_and_license(aws: Sandbox) -> None:
    """11.27: and by version; a class that is not offered has no row."""
    rows = offers(
        aws,
        "oracle-ee",
        EngineVersion="19",
        DBInstanceClass="db.t3.medium",
        LicenseModel="license-included",
    )
    assert {("19", "db.t3.medium", "license-included")} == {
        (row["EngineVersion"], row["DBInstanceClass"], row["LicenseModel"]) for row in rows
    }
    assert [] == offers(aws, "oracle-ee", DBInstanceClass="db.t1.micro")


def test_options_come_in_pages(aws: Sandbox) -> None:
    """11.27: of a hundred, and of a thousand at most."""
    aws.restores.offer("mysql", *(f"db.r{n}.large" for n in range(50)))
    client = aws.source.client("rds")
    first = client.describe_orderable_db_instance_options(Engine="mysql")
    assert 100 == len(first["OrderableDBInstanceOptions"])
    assert 150 == len(offers(aws, "mysql"))
    assert "Marker" not in client.describe_orderable_db_instance_options(
        Engine="mysql", MaxRecords=1000
    )
    with refused("InvalidParameterValue"):
        client.describe_orderable_db_instance_options(Engine="mysql", MaxRecords=1001)


def test_what_is_offered_differs_by_version(aws: Sandbox) -> None:
    """11.28: what is not offered is refused; so is a version that has been withdrawn."""
    aws.restores.offer("postgres", "db.r7g.large")
    aws.restores.offer("postgres", "db.x1.large", version="12.1")
    assert {"db.x1.large"} == {
        row["DBInstanceClass"] for row in offers(aws, "postgres", EngineVersion="12.1")
    }
    family = Family(aws, "instance")
    source = family.add(EngineVersion="12.1")
    assert restore(family, source.identifier, DBInstanceClass="db.x1.large")
    with refused("InvalidParameterCombination", saying="does not support creating a DB instance"):
        restore(family, source.identifier, "another", DBInstanceClass="db.r7g.large")
    aws.withdraw_version("postgres", "12.1", "13.4")
    assert [] == offers(aws, "postgres", EngineVersion="12.1")
