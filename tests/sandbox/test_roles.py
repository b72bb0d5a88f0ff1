"""Who is calling: roles, sessions, and credentials that end."""

from copy import replace
from typing import Any

import pytest

from sandbox import Account, Credentials, Sandbox, connect
from sandbox.accounts import Identity
from tests.sandbox.assuming import assume
from tests.sandbox.families import refused
from tests.support.resolved_templates import BACKUP_TEMPLATE, SOURCE_TEMPLATE, Stack


def test_the_function_can_take_the_role(aws: Sandbox) -> None:
    """7.14, 7.18: AssumeRole, then GetCallerIdentity tells the backup account."""
    there = connect("sts", assume(aws), aws.region).get_caller_identity()
    assert aws.backup.id == there["Account"]
    assert "arn:aws:sts::222222222222:assumed-role/rds-backup-writer/backup" == there["Arn"]
    assert aws.source.id == aws.source.client("sts").get_caller_identity()["Account"]


@pytest.mark.parametrize(
    "role", ["arn:aws:iam::222222222222:role/other", "arn:aws:iam::333333333333:role/x"]
)
def test_no_other_role_can_be_taken(aws: Sandbox, role: str) -> None:
    """7.14, 7.15: without a trust policy, AccessDenied."""
    with refused("AccessDenied", saying="sts:AssumeRole", status=403):
        assume(aws, RoleArn=role)


def test_nobody_else_can_take_the_role(aws: Sandbox) -> None:
    """7.14: the trust policy names the function's role, and a role of its account and name only."""
    for other in (aws.source.person, aws.backup.person, aws.backup.function):
        with refused("AccessDenied", status=403):
            assume(aws, other)


def test_no_function_can_take_the_role_of_a_function(aws: Sandbox) -> None:
    """7.14: a role that trusts a service is that service's alone."""
    for role in (aws.function_role, aws.expire_role):
        with refused("AccessDenied", status=403):
            assume(aws, RoleArn=role.arn)


def test_the_external_id_must_agree(aws: Sandbox) -> None:
    """7.12: a trust policy may ask for an external id."""
    aws.external_id = "agreed"
    for params in ({}, {"ExternalId": "guessed"}):
        with refused("AccessDenied", status=403):
            assume(aws, **params)
    assume(aws, ExternalId="agreed")


def test_a_chained_role_lasts_an_hour_at_most(aws: Sandbox) -> None:
    """7.10: role chaining: a larger DurationSeconds fails."""
    with refused("ValidationError", saying="role chaining"):
        assume(aws, DurationSeconds=3601)
    assume(aws, DurationSeconds=3600)


@pytest.mark.parametrize("name", ["x" * 65, "with blank"])
def test_a_session_name_is_limited(aws: Sandbox, name: str) -> None:
    """7.11: 2 to 64 characters of a limited set."""
    with refused("ValidationError"):
        assume(aws, RoleSessionName=name)


@pytest.mark.parametrize(
    ("service", "operation", "params", "code", "status"),
    [
        ("rds", "describe_db_snapshots", {}, "ExpiredToken", 403),
        ("sts", "get_caller_identity", {}, "ExpiredToken", 403),
        ("iam", "get_role", {"RoleName": "rds-backup-writer"}, "ExpiredToken", 403),
        ("kms", "describe_key", {"KeyId": "alias/rds-backup"}, "ExpiredTokenException", 400),
    ],
)
def test_credentials_of_a_role_end(
    aws: Sandbox, service: str, operation: str, params: dict[str, str], code: str, status: int
) -> None:
    """7.10: after the session's time every service refuses them, each with its own code."""
    client = connect(service, assume(aws, DurationSeconds=900), aws.region)
    aws.clock.advance(seconds=899)
    getattr(client, operation)(**params)
    aws.clock.advance(seconds=1)
    with refused(code, status=status):
        getattr(client, operation)(**params)


@pytest.mark.parametrize(
    ("service", "operation", "params", "code", "status"),
    [
        ("rds", "describe_db_snapshots", {}, "InvalidClientTokenId", 403),
        ("sts", "get_caller_identity", {}, "InvalidClientTokenId", 403),
        ("iam", "get_role", {"RoleName": "x"}, "InvalidClientTokenId", 403),
        ("kms", "describe_key", {"KeyId": "alias/x"}, "UnrecognizedClientException", 400),
    ],
)
def test_unknown_credentials_are_refused(
    aws: Sandbox, service: str, operation: str, params: dict[str, str], code: str, status: int
) -> None:
    """Common Errors of each service: credentials that nobody gave out, or with a wrong token."""
    unknown = Credentials(aws.source.person.identity, "ASIA" + "X" * 16, "secret", "token")
    for given in (unknown, replace(aws.source.person, token="wrong")):
        with refused(code, status=status):
            getattr(connect(service, given, aws.region), operation)(**params)


def test_the_functions_environment_holds_credentials_that_work(aws: Sandbox) -> None:
    """The environments of both functions: each has credentials of its own account."""
    for environment, account in (
        (aws.environment(), aws.source),
        (aws.backup_environment(), aws.backup),
    ):
        given = Credentials(
            Identity("", "", "", ""),
            environment["AWS_ACCESS_KEY_ID"],
            environment["AWS_SECRET_ACCESS_KEY"],
            environment["AWS_SESSION_TOKEN"],
        )
        said = connect("sts", given, environment["AWS_REGION"]).get_caller_identity()
        assert account.id == said["Account"]
    assert "KMS_KEY_ID" not in aws.environment(KMS_KEY_ID=None)
    assert "orders" == aws.environment(DB_ID="orders")["DB_ID"]


def told(account: Account, name: str) -> dict[str, Any]:
    """The role as IAM tells it."""
    return dict(account.client("iam").get_role(RoleName=name)["Role"])


def test_a_role_tells_what_it_is(aws: Sandbox) -> None:
    """7.20: path, id, ARN, tags and how long a session may last; a boundary only if it has one."""
    role = told(aws.source, "rds-backup-function")
    assert ("/", "rds-backup-function", aws.function_role.arn, 3600) == (
        role["Path"],
        role["RoleName"],
        role["Arn"],
        role["MaxSessionDuration"],
    )
    session = connect("sts", aws.source.function, aws.region).get_caller_identity()["UserId"]
    assert session.split(":")[0] == role["RoleId"]
    assert aws.clock.now == role["CreateDate"]
    assert not {"Tags", "PermissionsBoundary"} & set(role)
    aws.function_role.tags["team"] = "shop"
    aws.function_role.boundary = "arn:aws:iam::111111111111:policy/limit"
    role = told(aws.source, "rds-backup-function")
    assert [{"Key": "team", "Value": "shop"}] == role["Tags"]
    assert aws.function_role.boundary == role["PermissionsBoundary"]["PermissionsBoundaryArn"]


def test_a_role_is_found_by_its_name_in_the_callers_account_only(aws: Sandbox) -> None:
    """7.20: by name, without its path; another account's is not found, whatever its name."""
    aws.backup_role.arn = aws.role_arn.replace("role/", "role/backups/")
    there = told(aws.backup, "rds-backup-writer")
    assert ("/backups/", aws.backup_role.arn) == (there["Path"], there["Arn"])
    assert aws.expire_role.arn == told(aws.backup, "rds-backup-function")["Arn"]
    for account, name in ((aws.source, "rds-backup-writer"), (aws.backup, "nothing")):
        with refused("NoSuchEntity", saying=name, status=404):
            told(account, name)


def test_a_role_tells_whom_it_trusts(aws: Sandbox) -> None:
    """7.20: the trust policy that AssumeRole enforces, the one that both templates write."""
    given = {"FunctionRoleArns": aws.function_role.arn, "ExternalId": "agreed"}
    aws.external_id = "agreed"
    trusts = {
        "rds-backup-writer": Stack(BACKUP_TEMPLATE, **given).trust("BackupRole"),
        "rds-backup-function": Stack(BACKUP_TEMPLATE).trust("ExpireFunctionRole"),
    }
    assert Stack(SOURCE_TEMPLATE).trust("BackupFunctionRole") == trusts["rds-backup-function"]
    # IAM takes an account's number for the ARN of its root user.
    trusts["rds-backup-writer"]["Principal"] = {"AWS": [f"arn:aws:iam::{aws.source.id}:root"]}
    for name, trust in trusts.items():
        policy = told(aws.backup, name)["AssumeRolePolicyDocument"]
        assert {"Version": "2012-10-17", "Statement": [trust]} == policy
    aws.external_id = None
    (statement,) = told(aws.backup, "rds-backup-writer")["AssumeRolePolicyDocument"]["Statement"]
    assert {"ArnEquals": {"aws:PrincipalArn": [aws.function_role.arn]}} == statement["Condition"]


def test_iam_is_the_same_from_every_region(aws: Sandbox) -> None:
    """7.20: one endpoint, in us-east-1; the role's own credentials may ask, too."""
    role = connect("iam", assume(aws), "ap-southeast-2").get_role(RoleName="rds-backup-writer")
    tags = {tag["Key"]: tag["Value"] for tag in role["Role"]["Tags"]}
    assert aws.backup_role.tags == tags
    assert "source-account" == tags["rds-backup:expire-from"]
    call = aws.calls[-1]
    assert ("iam", "GetRole", "us-east-1", aws.backup.id, False) == (
        call.service,
        call.operation,
        call.region,
        call.account,
        call.mutating,
    )
    with refused("InvalidAction"):
        aws.source.client("iam").list_users()
