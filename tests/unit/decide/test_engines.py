"""Which engines can be backed up this way."""

import pytest

from rds_backup.decide.engines import unsupported
from rds_backup.model.decisions import State
from rds_backup.model.inventory import Kind
from tests.support.making import database

INSTANCE, CLUSTER = Kind.INSTANCE, Kind.CLUSTER


@pytest.mark.parametrize(
    ("kind", "engine"),
    [
        (INSTANCE, "mysql"),
        (INSTANCE, "mariadb"),
        (INSTANCE, "postgres"),
        (INSTANCE, "oracle-ee"),
        (INSTANCE, "oracle-se2-cdb"),
        (INSTANCE, "sqlserver-ex"),
        (INSTANCE, "db2-se"),
        (CLUSTER, "aurora-mysql"),
        (CLUSTER, "aurora-postgresql"),
    ],
)
def test_an_engine_of_rds_and_aurora_is_supported(kind: Kind, engine: str) -> None:
    """All engines that a cross-account snapshot copy works for."""
    assert unsupported(database("orders", kind, engine)) is None


@pytest.mark.parametrize(
    ("kind", "engine", "reason"),
    [
        (CLUSTER, "mysql", "Multi-AZ DB cluster"),
        (CLUSTER, "postgres", "Multi-AZ DB cluster"),
        (CLUSTER, "neptune", "engine neptune is not one of"),
        (CLUSTER, "docdb", "engine docdb is not one of"),
        (CLUSTER, "oracle-ee", "engine oracle-ee is not one of"),
        (INSTANCE, "neptune", "engine neptune is not one of"),
        (INSTANCE, "docdb", "engine docdb is not one of"),
        (INSTANCE, "custom-oracle-ee", "RDS Custom (custom-oracle-ee)"),
        (INSTANCE, "custom-sqlserver-se", "RDS Custom (custom-sqlserver-se)"),
        (INSTANCE, "aurora-mysql", "engine aurora-mysql is not one of"),
        (INSTANCE, "an-engine-of-2030", "engine an-engine-of-2030 is not one of"),
    ],
)
def test_any_other_engine_is_unsupported_with_the_reason(
    kind: Kind, engine: str, reason: str
) -> None:
    """An allow-list: the same listings return Neptune and DocumentDB, which RDS cannot copy."""
    problem = unsupported(database("orders", kind, engine))
    assert problem
    assert State.UNSUPPORTED is problem.state
    assert problem.fix
    assert reason in problem.told
