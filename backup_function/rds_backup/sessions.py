"""Credentials, roles and keys: an AWS account as the function sees it.

With ``rds`` the only module that imports boto3.  One botocore configuration for every client; the
credentials of the assumed role refresh themselves, since role chaining ends after an hour.
"""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.credentials import DeferredRefreshableCredentials
from botocore.session import get_session

from rds_backup.errors import AwsError, problem
from rds_backup.model import Problem, Side, State
from rds_backup.rds import Rds, translated

# The default mode and number of attempts changed with botocore 1.44.0: neither is left to it.
# Five attempts in all; a call without an answer gives up after 5 and 25 seconds.
CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 5},
    connect_timeout=5,
    read_timeout=25,
)
# The longest that AWS grants to a role assumed with another role's credentials, in seconds.
ROLE_SECONDS = 3600


class Account:
    """One AWS account in one Region, with one set of credentials."""

    def __init__(self, session: boto3.Session) -> None:
        """Make the clients that every invocation needs; the KMS client waits for its first use."""
        self._session = session
        self.loader = session._session.get_component("data_loader")  # noqa: SLF001
        self._kms: Any = None
        self.sts: Any = session.client("sts", config=CONFIG)
        self.rds = Rds(session.client("rds", config=CONFIG))

    def identity(self) -> str:
        """The account of the credentials; raises AwsError, also where a role cannot be assumed."""
        with translated("GetCallerIdentity"):
            return str(self.sts.get_caller_identity()["Account"])

    def key(self, identifier: str, variable: str, side: Side) -> str | Problem:
        """The ARN of an enabled customer managed key, or why it cannot be used."""
        if self._kms is None:
            self._kms = self._session.client("kms", config=CONFIG)
        try:
            with translated("DescribeKey"):
                said = self._kms.describe_key(KeyId=identifier)["KeyMetadata"]
        except AwsError as error:
            return problem(error, f"{variable} cannot be resolved", side)
        if said.get("KeyManager") == "AWS":
            return Problem(
                State.BLOCKED,
                f"{variable} is an AWS managed key, under which nothing can be shared or kept; "
                "set a customer managed key",
            )
        if said.get("KeyState") != "Enabled":
            return Problem(
                State.BLOCKED,
                f"{variable} is {said.get('KeyState')}; enable the key, or cancel its deletion",
            )
        return str(said["Arn"])


@cache
def own(region: str) -> Account:
    """The account of the process's own credentials; the clients outlive the invocation."""
    return Account(boto3.Session(region_name=region))


@cache
def assumed(role: str, external_id: str | None, region: str, session_name: str) -> Account:
    """The backup account through the role there; nothing is called before its first use."""
    sts = own(region).sts
    arguments: dict[str, Any] = {
        "RoleArn": role,
        "RoleSessionName": session_name,
        "DurationSeconds": ROLE_SECONDS,
    }
    if external_id:
        arguments["ExternalId"] = external_id

    def refresh() -> dict[str, str]:
        said = sts.assume_role(**arguments)["Credentials"]
        return {
            "access_key": said["AccessKeyId"],
            "secret_key": said["SecretAccessKey"],
            "token": said["SessionToken"],
            "expiry_time": said["Expiration"].isoformat(),
        }

    inner = get_session()
    # The RDS model is large: it is read and parsed once for both accounts.
    inner.register_component("data_loader", own(region).loader)
    # botocore offers no public way to hand over credentials that refresh themselves.
    credentials = DeferredRefreshableCredentials(refresh, method="sts-assume-role")
    inner._credentials = credentials  # type: ignore[attr-defined]  # noqa: SLF001
    return Account(boto3.Session(botocore_session=inner, region_name=region))
