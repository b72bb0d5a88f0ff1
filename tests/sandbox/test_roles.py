"""Who is calling: roles, sessions, and credentials that end."""

from dataclasses import replace

import pytest

from sandbox import Account, Credentials, Sandbox, connect
from sandbox.accounts import Identity
from tests.sandbox.families import refused


def assume(aws: Sandbox, account: Account | None = None, /, **params: object) -> Credentials:
    """Take the role; credentials as the answer gives them."""
    sts = (account or aws.source).client("sts")
    arguments = {"RoleArn": aws.role_arn, "RoleSessionName": "backup", **params}
    given = sts.assume_role(**arguments)["Credentials"]
    nobody = Identity("", "", "", "")
    return Credentials(
        nobody, given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
    )


def test_the_source_account_can_take_the_role(aws: Sandbox) -> None:
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


def test_no_other_account_can_take_the_role(aws: Sandbox) -> None:
    """7.14: the trust policy names the source account."""
    with refused("AccessDenied", status=403):
        assume(aws, aws.backup)


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
        ("kms", "describe_key", {"KeyId": "alias/x"}, "UnrecognizedClientException", 400),
    ],
)
def test_unknown_credentials_are_refused(
    aws: Sandbox, service: str, operation: str, params: dict[str, str], code: str, status: int
) -> None:
    """RDS, STS and KMS Common Errors: credentials that nobody gave out, or with a wrong token."""
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
