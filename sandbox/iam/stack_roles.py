"""IAM roles as they are: tags, boundary, and whom each trusts.

Decides what a role's trust policy says; ``roles`` judges by it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

LAMBDA = "lambda.amazonaws.com"
# What a stack says on the role between the accounts: where backups expire, and how many are kept.
_EXPIRING = {
    "rds-backup:expire-from": "source-account",
    "rds-backup:backups-to-keep": "7",
    "rds-backup:keep-at-least-days": "0",
}


@dataclass(eq=False, slots=True, kw_only=True)
class Role:
    """One role; it trusts Lambda, or the roles of other accounts that ``trusts`` names.

    ``boundary`` is the ARN of its permissions boundary; ``document`` is the trust policy of
    one that was made by a call, and ``policies`` its inline ones, by which nothing is judged.
    """

    arn: str
    created_at: datetime
    trusts: tuple[str, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)
    boundary: str | None = None
    document: dict[str, Any] | None = None
    policies: dict[str, str] = field(default_factory=dict)

    @property
    def account(self) -> str:
        """The account it is in."""
        return self.arn.split(":")[4]

    @property
    def path(self) -> str:
        """Its path, ``/`` unless said otherwise."""
        return self._parts[0] + "/"

    @property
    def name(self) -> str:
        """Its name, without the path."""
        return self._parts[1]

    @property
    def _parts(self) -> list[str]:
        return self.arn.split(":role", 1)[1].rsplit("/", 1)


def trust_policy(role: Role, external_id: str | None) -> dict[str, Any]:
    """The role's trust policy: as it was made, or as the two templates write it."""
    if role.document is not None:
        return role.document
    statement: dict[str, Any] = {
        "Sid": "LambdaRunsTheFunction",
        "Effect": "Allow",
        "Principal": {"Service": LAMBDA},
        "Action": "sts:AssumeRole",
    }
    if role.trusts:
        roots = [f"arn:aws:iam::{arn.split(':')[4]}:root" for arn in role.trusts]
        statement |= {
            "Sid": "FunctionsOfTheSourceAccounts",
            "Principal": {"AWS": roots},
            "Condition": {"ArnEquals": {"aws:PrincipalArn": [*role.trusts]}},
        }
        if external_id is not None:
            statement["Condition"]["StringEquals"] = {"sts:ExternalId": external_id}
    return {"Version": "2012-10-17", "Statement": [statement]}


def roles_of_the_stacks(
    function: str, writer: str, expiring: str, made: datetime
) -> tuple[Role, Role, Role]:
    """The function's role, the one between the accounts that trusts it, and the expiring one's."""
    return (
        Role(arn=function, created_at=made),
        Role(arn=writer, created_at=made, trusts=(function,), tags=dict(_EXPIRING)),
        Role(arn=expiring, created_at=made),
    )
