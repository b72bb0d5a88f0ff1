"""The sample validator's role reads the passwords of the drill's databases, and nothing else."""

import pytest

from tests.permissions.asking import BACKUP, Principal, Request, decisions
from tests.permissions.authorising import Context
from tests.permissions.grants import Grants
from tests.permissions.resolving import REGION
from tests.support.resolved_templates import Stack, Template

STACK = Stack(
    Template(
        "examples/drill-validator/template.yaml",
        BACKUP,
        {"Sql": "SELECT 1", "SubnetIds": "subnet-1", "SecurityGroupId": "sg-1"},
    )
)
ROLE = Principal(f"arn:aws:iam::{BACKUP}:role/validator")
RDS = f"arn:aws:rds:{REGION}:{BACKUP}"
INSTANCE, CLUSTER = "aws:rds:primaryDBInstanceArn", "aws:rds:primaryDBClusterArn"
CODE: Context = (("lambda:SourceFunctionArn", f"arn:aws:lambda:{REGION}:{BACKUP}:function:any"),)


def _decide(action: str, resource: str, context: Context) -> str:
    policy = {"Version": "2012-10-17", "Statement": STACK.statements("ValidatorRole")}
    grants = Grants({"own": policy}, {ROLE.name: ("own",)}, {})
    [answer] = decisions([(grants, Request(ROLE, action, resource, BACKUP, context))])
    return answer


def _secret(tag: str, of: str, name: str = "rds!db-1-AbCdEf") -> tuple[str, Context]:
    secret = f"arn:aws:secretsmanager:{REGION}:{BACKUP}:secret:{name}"
    return secret, ((f"aws:ResourceTag/{tag}", f"{RDS}:{of}"), *CODE)


@pytest.mark.parametrize(
    ("tag", "of"),
    [
        (INSTANCE, "db:rds-backup-drill-0123456789-1"),
        (CLUSTER, "cluster:rds-backup-drill-0123456789-2"),
    ],
)
def test_it_reads_the_passwords_of_the_drills_databases(tag: str, of: str) -> None:
    """RDS tags the secret with the instance or the cluster that it is of."""
    assert "Allowed" == _decide("secretsmanager:GetSecretValue", *_secret(tag, of))


@pytest.mark.parametrize(
    ("action", "secret"),
    [
        ("GetSecretValue", _secret(INSTANCE, "db:orders")),
        ("GetSecretValue", _secret(CLUSTER, "cluster:billing")),
        ("GetSecretValue", _secret(INSTANCE, "db:other-drill-0123456789-1")),
        ("GetSecretValue", _secret(CLUSTER, "db:rds-backup-drill-0123456789-1")),
        ("GetSecretValue", _secret("team", "db:rds-backup-drill-0123456789-1")),
        ("GetSecretValue", _secret(INSTANCE, "db:rds-backup-drill-0123456789-1", "mine")),
        ("PutSecretValue", _secret(INSTANCE, "db:rds-backup-drill-0123456789-1")),
        ("DeleteSecret", _secret(INSTANCE, "db:rds-backup-drill-0123456789-1")),
    ],
)
def test_it_reads_no_other_secret_and_changes_none(
    action: str, secret: tuple[str, Context]
) -> None:
    """A secret of a person may have any tag but RDS's own, which AWS reserves."""
    assert "ImplicitlyDenied" == _decide(f"secretsmanager:{action}", *secret)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("ec2:CreateNetworkInterface", f"arn:aws:ec2:{REGION}:{BACKUP}:network-interface/any"),
        ("ec2:DescribeSubnets", "*"),
    ],
)
def test_lambda_attaches_it_to_the_network_and_its_code_cannot(action: str, resource: str) -> None:
    """Only what the code calls bears the function's ARN (Lambda Developer Guide)."""
    assert "Allowed" == _decide(action, resource, ())
    assert "ExplicitlyDenied" == _decide(action, resource, CODE)


def test_it_touches_no_database_and_no_key() -> None:
    """It asks the database itself, over the network."""
    calls = {
        "rds:DeleteDBInstance": f"{RDS}:db:rds-backup-drill-0123456789-1",
        "rds:AddTagsToResource": f"{RDS}:snapshot:rds-backup-orders",
        "kms:Decrypt": f"arn:aws:kms:{REGION}:{BACKUP}:key/1",
        "lambda:InvokeFunction": f"arn:aws:lambda:{REGION}:{BACKUP}:function:rds-backup",
    }

    for action, resource in calls.items():
        assert "ImplicitlyDenied" == _decide(action, resource, CODE)
