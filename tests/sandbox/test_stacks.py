"""Stacks, the one bucket that they make, log groups, and a function that is killed."""

import json

from sandbox import Sandbox
from tests.sandbox.families import refused

TAGS = [{"Key": "made-by", "Value": "a person"}]
_STACKS = "cloudformation"


def test_a_stack_bears_its_tags_and_shows_what_it_made(aws: Sandbox) -> None:
    """15.1: from its first moment; its name is free again once it is deleted."""
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "somebodys"}}
    template, client = json.dumps({"Resources": {"Bucket": bucket}}), aws.source.client(_STACKS)
    client.create_stack(StackName="one", TemplateBody=template, Tags=TAGS)
    with refused("AlreadyExistsException"):
        client.create_stack(StackName="one", TemplateBody=template)
    (stack,) = client.describe_stacks()["Stacks"]
    made = client.describe_stack_resource(StackName="one", LogicalResourceId="Bucket")

    assert ("one", "CREATE_COMPLETE", TAGS) == tuple(
        stack[key] for key in ("StackName", "StackStatus", "Tags")
    )
    assert "somebodys" == made["StackResourceDetail"]["PhysicalResourceId"]
    assert [] == aws.backup.client(_STACKS).describe_stacks()["Stacks"]
    client.delete_stack(StackName="one")
    aws.clock.advance(hours=1)
    with refused("ValidationError"):
        client.describe_stacks(StackName="one")


def test_a_stack_whose_bucket_has_something_in_it_stays(aws: Sandbox) -> None:
    """15.2: its deletion fails, and can be asked for again."""
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "full"}}
    template, client = json.dumps({"Resources": {"Bucket": bucket}}), aws.source.client(_STACKS)
    client.create_stack(StackName="one", TemplateBody=template)
    files = aws.source.client("s3")
    files.put_object(Bucket="full", Key="code", Body=b"zip")
    client.delete_stack(StackName="one")
    assert "DELETE_FAILED" == client.describe_stacks()["Stacks"][0]["StackStatus"]

    files.delete_object(Bucket="full", Key="code")
    client.delete_stack(StackName="one")
    assert "DELETE_IN_PROGRESS" == client.describe_stacks()["Stacks"][0]["StackStatus"]


def test_a_log_group_is_found_by_its_name_and_its_tags_apart(aws: Sandbox) -> None:
    """15.3: the listing has no tags."""
    aws.add_log_group("one-logs", aws.source, {"made-by": "a stack"})
    aws.add_log_group("another", aws.source, {})
    client = aws.source.client("logs")
    (found,) = client.describe_log_groups(logGroupNamePrefix="one")["logGroups"]
    tags = client.list_tags_for_resource(resourceArn=found["logGroupArn"])["tags"]
    client.delete_log_group(logGroupName="one-logs")

    assert {"made-by": "a stack"} == tags
    assert ["another"] == [g["logGroupName"] for g in client.describe_log_groups()["logGroups"]]
    with refused("ResourceNotFoundException"):
        client.delete_log_group(logGroupName="one-logs")


def test_a_function_is_killed_at_its_timeout(aws: Sandbox) -> None:
    """15.4: whoever waits is told, and nothing was done; with more time it works again."""
    asked: list[object] = []
    aws.add_function("one", asked.append, aws.source)
    client = aws.source.client("lambda")
    client.update_function_configuration(FunctionName="one", Timeout=1)
    killed = client.invoke(FunctionName="one", Payload=b"1")
    assert ("Unhandled", "Sandbox.Timedout") == (
        killed["FunctionError"],
        json.load(killed["Payload"])["errorType"],
    )
    client.update_function_configuration(FunctionName="one", Timeout=600)
    client.invoke(FunctionName="one", Payload=b"2")

    assert [2] == asked


def test_a_backup_window_can_be_moved(aws: Sandbox) -> None:
    """15.5: of an instance and of a cluster; the listing shows it."""
    aws.add_instance("orders")
    aws.add_cluster("billing")
    client, window = aws.source.client("rds"), "05:00-05:30"
    client.modify_db_instance(DBInstanceIdentifier="orders", PreferredBackupWindow=window)
    client.modify_db_cluster(DBClusterIdentifier="billing", PreferredBackupWindow=window)
    (instance,) = client.describe_db_instances(DBInstanceIdentifier="orders")["DBInstances"]
    (cluster,) = client.describe_db_clusters(DBClusterIdentifier="billing")["DBClusters"]

    assert [window] * 2 == [one["PreferredBackupWindow"] for one in (instance, cluster)]
