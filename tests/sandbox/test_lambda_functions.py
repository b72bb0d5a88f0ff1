"""Lambda's Invoke: which function is meant, what it answers, and how calls to it fail."""

import json
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from sandbox import Sandbox
from sandbox.environments import DRILL_SECURITY_GROUP
from sandbox.serving.served import served
from tests.sandbox.families import refused


def invoke(aws: Sandbox, name: str, payload: object) -> dict[str, Any]:
    """The answer to a call of a person in the backup account, its payload read."""
    client = aws.backup.client("lambda")
    answer = client.invoke(FunctionName=name, Payload=json.dumps(payload))
    return {**answer, "Payload": json.load(answer["Payload"])}


def test_a_function_is_called_by_its_name_or_arn(aws: Sandbox) -> None:
    """10.14: the caller waits for the answer."""
    arn = aws.add_function("validator", lambda event: {"seen": event})
    for name in ("validator", arn):
        found = invoke(aws, name, {"port": 3306})
        assert (200, {"seen": {"port": 3306}}) == (found["StatusCode"], found["Payload"])
        assert "FunctionError" not in found
    call = aws.calls[-1]
    assert ("lambda", "Invoke", aws.backup.id) == (call.service, call.operation, call.account)
    assert arn == call.params["FunctionName"]
    assert 2 == aws.count("Invoke", account=aws.backup)


def test_a_function_that_raises_is_an_answer(aws: Sandbox) -> None:
    """10.15: with HTTP status 200; the payload says what was raised."""

    def broken(_event: object) -> object:
        raise ValueError("no such table")

    aws.add_function("validator", broken)
    found = invoke(aws, "validator", {})
    assert (200, "Unhandled") == (found["StatusCode"], found["FunctionError"])
    assert "no such table" == found["Payload"]["errorMessage"]
    assert "ValueError" == found["Payload"]["errorType"]


def test_a_function_that_is_not_there_is_not_found(aws: Sandbox) -> None:
    """10.16: 404; in another Region, too."""
    arn = aws.add_function("validator", lambda _event: {})
    for name in ("nothing", arn.replace(aws.region, "us-east-1")):
        with refused("ResourceNotFoundException", saying="Function not found", status=404):
            invoke(aws, name, {})


def test_a_function_of_another_account_is_denied(aws: Sandbox) -> None:
    """10.16: no function has a policy of its own here."""
    arn = aws.add_function("validator", lambda _event: {}, aws.source)
    with refused("AccessDeniedException", status=403):
        invoke(aws, arn, {})


def test_credentials_are_checked(aws: Sandbox) -> None:
    """10.17: in Lambda's words."""
    client = boto3.client(
        "lambda",
        region_name=aws.region,
        aws_access_key_id="ASIAX",
        aws_secret_access_key="x",
        aws_session_token="x",
    )
    with refused("UnrecognizedClientException", status=403):
        client.invoke(FunctionName="drill-probe")


def test_another_operation_is_not_played(aws: Sandbox) -> None:
    """Nothing laxer slips in, nor does a call that does not wait."""
    client = aws.backup.client("lambda")
    with refused("InvalidAction"):
        client.list_functions()
    with refused("InvalidAction"):
        client.invoke(FunctionName="drill-probe", InvocationType="Event")


def test_calls_of_functions_fail_as_other_calls_do(aws: Sandbox) -> None:
    """Faults and lost answers, which the function does not notice."""
    seen: list[object] = []
    aws.add_function("validator", seen.append)
    aws.fault("Invoke", code="TooManyRequestsException", times=1)
    assert 200 == invoke(aws, "validator", 1)["StatusCode"]
    aws.fault("Invoke", code="AccessDeniedException", times=1)
    with refused("AccessDeniedException", status=403):
        invoke(aws, "validator", 2)
    once = boto3.client(
        "lambda",
        region_name=aws.region,
        aws_access_key_id=aws.drill.access_key,
        aws_secret_access_key=aws.drill.secret_key,
        aws_session_token=aws.drill.token,
        config=Config(retries={"total_max_attempts": 1}),
    )
    aws.lose_answer("Invoke")
    with pytest.raises(ConnectionClosedError):
        once.invoke(FunctionName="validator", Payload=b"3")
    assert [1, 3] == seen


def test_the_probe_reaches_what_is_there(aws: Sandbox) -> None:
    """A database of the account that can be reached, by its endpoint."""
    groups = [{"VpcSecurityGroupId": DRILL_SECURITY_GROUP}]
    aws.add_instance("restored", engine="mysql", account=aws.backup, VpcSecurityGroups=groups)
    database = aws.database("restored", account=aws.backup)
    assert database.endpoint
    host, port = database.endpoint
    assert {"ok": True, "milliseconds": 12} == probed(aws, host, port)
    for other in ((host, port + 1), ("elsewhere", port)):
        assert not probed(aws, *other)["ok"]
    database.status = "storage-full"
    assert {"ok": False, "reason": "the connection timed out"} == probed(aws, host, port)
    aws.add_instance("orders", engine="mysql", VpcSecurityGroups=groups)
    host, port = aws.database("orders").endpoint or ("", 0)
    assert not probed(aws, host, port)["ok"]


def test_the_probe_reaches_a_cluster_by_its_members(aws: Sandbox) -> None:
    """An endpoint without an instance behind it answers nobody."""
    groups = [{"VpcSecurityGroupId": DRILL_SECURITY_GROUP}]
    aws.add_cluster("restored", members=1, account=aws.backup, VpcSecurityGroups=groups)
    for name in ("restored", "restored-1"):
        host, port = aws.database(name, account=aws.backup).endpoint or ("", 0)
        assert probed(aws, host, port)["ok"]
    aws.database("restored-1", account=aws.backup).status = "creating"
    host, port = aws.database("restored", account=aws.backup).endpoint or ("", 0)
    assert not probed(aws, host, port)["ok"]


def test_the_probe_reaches_nothing_in_another_security_group(aws: Sandbox) -> None:
    """A drill that forgets the group finds out here."""
    aws.add_instance("restored", account=aws.backup)
    host, port = aws.database("restored", account=aws.backup).endpoint or ("", 0)
    assert {"ok": False, "reason": "the connection timed out"} == probed(aws, host, port)


def probed(aws: Sandbox, host: str, port: int) -> dict[str, Any]:
    """What the probe answers."""
    return dict(invoke(aws, "drill-probe", {"host": host, "port": port})["Payload"])


def test_functions_are_called_over_a_port_too() -> None:
    """10.14: by name and by ARN, with the same form of errors."""
    with served() as sandbox:
        client = sandbox.client("lambda", sandbox.person_in_backup)
        payload = json.dumps({"host": "nowhere", "port": 1})
        arn = "arn:aws:lambda:eu-west-1:222222222222:function:drill-probe"
        for name in ("drill-probe", arn):
            answer = client.invoke(FunctionName=name, Payload=payload)
            assert {"ok": False, "reason": "the name is not known"} == json.load(answer["Payload"])
        with pytest.raises(ClientError) as caught:
            client.invoke(FunctionName="nothing")
        assert "ResourceNotFoundException" == caught.value.response["Error"]["Code"]
