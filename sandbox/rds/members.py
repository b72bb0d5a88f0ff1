"""CreateDBInstance, as far as it makes the instances of a cluster: a restored cluster has none."""

from typing import Any

from sandbox.calls import Ask
from sandbox.errors import AwsError, invalid_combination
from sandbox.kinds import CLUSTER, INSTANCE
from sandbox.rds.databases import Database
from sandbox.rds.identifiers import resource_id
from sandbox.rds.orderable import refuse_unoffered
from sandbox.rds.placing import free_name, groups_exist, named_groups, put
from sandbox.rds.tags import accepted
from sandbox.world import World

SCALING = "ServerlessV2ScalingConfiguration"
_MANAGED_BY_THE_CLUSTER = (
    "BackupRetentionPeriod",
    "DeletionProtection",
    "EnableIAMDatabaseAuthentication",
    "KmsKeyId",
    "StorageEncrypted",
    "StorageType",
    "VpcSecurityGroupIds",
)


def create_member(world: World, ask: Ask) -> dict[str, Any]:
    """Make an instance in a cluster that is available."""
    params = ask.params
    name = free_name(world, INSTANCE, ask)
    clusters = world.databases[ask.account, ask.region, "cluster"]
    cluster = clusters.get(params["DBClusterIdentifier"].lower())
    if cluster is None:
        raise AwsError(CLUSTER.database_not_found, "DBCluster not found.")
    if cluster.status != "available":
        raise AwsError("InvalidDBClusterStateFault", f"The cluster is {cluster.status}.")
    if params["Engine"] != cluster.engine:
        raise invalid_combination("The engine has to be the cluster's.")
    for parameter in _MANAGED_BY_THE_CLUSTER:
        if parameter in params:
            raise invalid_combination(f"{parameter} is managed by the DB cluster.")
    if params["DBInstanceClass"] == "db.serverless" and not cluster.fields.get(SCALING):
        raise AwsError(
            "InvalidDBClusterStateFault",
            "Set the Serverless v2 scaling configuration on the parent DB cluster before creating "
            "a Serverless v2 DB instance.",
        )
    groups_exist(world, ask)
    refuse_unoffered(world, cluster.engine, cluster.version, params["DBInstanceClass"])
    made = Database(
        kind="instance",
        account=ask.account,
        region=ask.region,
        name=name,
        resource_id=resource_id("db-", ask.account, name, ask.now),
        engine=cluster.engine,
        created_at=ask.now,
        status="creating",
        encryption=cluster.encryption,
        key=cluster.key,
        tags=accepted(params.get("Tags", ())),
        member_of=cluster.name,
        retention_days=0,
        fields={
            "EngineVersion": cluster.version,
            "DBInstanceClass": params["DBInstanceClass"],
            "PubliclyAccessible": params.get("PubliclyAccessible", False),
            "AutoMinorVersionUpgrade": params.get("AutoMinorVersionUpgrade", True),
            **named_groups(params),
        },
    )
    cluster.members = (*cluster.members, name)
    return put(world, ask, made)
