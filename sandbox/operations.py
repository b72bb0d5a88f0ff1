"""Which operation is answered by which function.

They know nothing but these: any other action is refused, so that no laxer
answer slips in.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.calls import Ask
from sandbox.cloudformation import (
    create_stack,
    delete_stack,
    describe_resource,
    describe_stacks,
)
from sandbox.iam.made_roles import create_role, delete_policy, delete_role, list_roles, put_policy
from sandbox.iam.roles import assume_role, get_caller_identity, get_role
from sandbox.kinds import CLUSTER, INSTANCE, Family
from sandbox.lambda_functions import configure, invoke
from sandbox.logs import delete_group, describe_groups
from sandbox.logs import list_tags as list_log_tags
from sandbox.rds.copying import copy_snapshot
from sandbox.rds.creating import (
    create_cluster,
    create_instance,
    create_option_group,
    create_snapshot,
    delete_option_group,
)
from sandbox.rds.deleting import delete_snapshot
from sandbox.rds.deleting_databases import delete_database
from sandbox.rds.describing import (
    add_tags,
    describe_account_attributes,
    describe_databases,
    describe_option_groups,
    list_tags,
    remove_tags,
)
from sandbox.rds.listing import describe_snapshots
from sandbox.rds.orderable import describe_orderable
from sandbox.rds.passwords import modify_database
from sandbox.rds.restoring import restore_cluster, restore_instance
from sandbox.rds.sharing import describe_attributes, modify_attribute
from sandbox.rds.versions import describe_versions, upgrade_snapshot
from sandbox.trail import lookup_events
from sandbox.world import World

type Operation = Callable[[World, Ask], dict[str, Any]]


def _of(operation: Callable[[World, Family, Ask], dict[str, Any]], family: Family) -> Operation:
    return lambda world, ask: operation(world, family, ask)


OPERATIONS: Mapping[str, Mapping[str, Operation]] = {
    "cloudformation": {
        "CreateStack": create_stack,
        "DeleteStack": delete_stack,
        "DescribeStackResource": describe_resource,
        "DescribeStacks": describe_stacks,
    },
    "cloudtrail": {
        "LookupEvents": lookup_events,
    },
    "iam": {
        "CreateRole": create_role,
        "DeleteRole": delete_role,
        "DeleteRolePolicy": delete_policy,
        "GetRole": get_role,
        "ListRoles": list_roles,
        "PutRolePolicy": put_policy,
    },
    "lambda": {
        "Invoke": invoke,
        "UpdateFunctionConfiguration": configure,
    },
    "logs": {
        "DeleteLogGroup": delete_group,
        "DescribeLogGroups": describe_groups,
        "ListTagsForResource": list_log_tags,
    },
    "rds": {
        "AddTagsToResource": add_tags,
        "CopyDBClusterSnapshot": _of(copy_snapshot, CLUSTER),
        "CopyDBSnapshot": _of(copy_snapshot, INSTANCE),
        "CreateDBCluster": create_cluster,
        "CreateDBClusterSnapshot": _of(create_snapshot, CLUSTER),
        "CreateDBInstance": create_instance,
        "CreateDBSnapshot": _of(create_snapshot, INSTANCE),
        "CreateOptionGroup": create_option_group,
        "DeleteDBCluster": _of(delete_database, CLUSTER),
        "DeleteDBClusterSnapshot": _of(delete_snapshot, CLUSTER),
        "DeleteDBInstance": _of(delete_database, INSTANCE),
        "DeleteDBSnapshot": _of(delete_snapshot, INSTANCE),
        "DeleteOptionGroup": delete_option_group,
        "DescribeAccountAttributes": describe_account_attributes,
        "DescribeDBClusterSnapshotAttributes": _of(describe_attributes, CLUSTER),
        "DescribeDBClusterSnapshots": _of(describe_snapshots, CLUSTER),
        "DescribeDBClusters": _of(describe_databases, CLUSTER),
        "DescribeDBEngineVersions": describe_versions,
        "DescribeDBInstances": _of(describe_databases, INSTANCE),
        "DescribeDBSnapshotAttributes": _of(describe_attributes, INSTANCE),
        "DescribeDBSnapshots": _of(describe_snapshots, INSTANCE),
        "DescribeOptionGroups": describe_option_groups,
        "DescribeOrderableDBInstanceOptions": describe_orderable,
        "ListTagsForResource": list_tags,
        "ModifyDBCluster": _of(modify_database, CLUSTER),
        "ModifyDBClusterSnapshotAttribute": _of(modify_attribute, CLUSTER),
        "ModifyDBInstance": _of(modify_database, INSTANCE),
        "ModifyDBSnapshot": upgrade_snapshot,
        "ModifyDBSnapshotAttribute": _of(modify_attribute, INSTANCE),
        "RemoveTagsFromResource": remove_tags,
        "RestoreDBClusterFromSnapshot": restore_cluster,
        "RestoreDBInstanceFromDBSnapshot": restore_instance,
    },
    "sts": {
        "AssumeRole": assume_role,
        "GetCallerIdentity": get_caller_identity,
    },
}
