"""Which engines can be backed up this way, and why the others cannot."""

from rds_backup.model.decisions import Problem, State
from rds_backup.model.inventory import Database, Kind

# An allow-list: DescribeDBInstances and DescribeDBClusters also return Neptune and DocumentDB.
INSTANCE_ENGINES = ("mysql", "mariadb", "postgres", "oracle-", "sqlserver-", "db2-")
CLUSTER_ENGINES = ("aurora-mysql", "aurora-postgresql")
_OUR_FAMILIES = "RDS instances (MySQL, MariaDB, PostgreSQL, Oracle, SQL Server, Db2) and Aurora"


def unsupported(database: Database) -> Problem | None:
    """Why this engine cannot be backed up this way, or None if it can."""
    engine = database.engine
    if database.kind is Kind.CLUSTER:
        if engine in CLUSTER_ENGINES:
            return None
        if engine in ("mysql", "postgres"):
            return Problem(
                State.UNSUPPORTED,
                "a Multi-AZ DB cluster: RDS does not copy its snapshots",
                "use AWS Backup, or restore a snapshot to an instance and back that up",
            )
    elif engine.startswith(INSTANCE_ENGINES):
        return None
    if engine.startswith("custom-"):
        return Problem(
            State.UNSUPPORTED,
            f"RDS Custom ({engine}): CopyDBSnapshot does not apply to it",
            "use AWS Backup",
        )
    return Problem(
        State.UNSUPPORTED,
        f"engine {engine} is not one of {_OUR_FAMILIES}",
        "remove it from the selection",
    )
