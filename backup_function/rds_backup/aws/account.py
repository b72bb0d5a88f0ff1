"""Credentials, roles and keys: an AWS account as the function sees it.

The only module that imports boto3.  One botocore configuration for every client; the credentials of
the assumed role refresh themselves, since role chaining ends after an hour.
"""

from collections.abc import Callable
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import boto3
from botocore import __version__
from botocore.config import Config
from botocore.credentials import DeferredRefreshableCredentials
from botocore.loaders import Loader
from botocore.session import Session, get_session

from rds_backup.aws.calls import read_time, translated
from rds_backup.aws.errors import AwsError
from rds_backup.aws.functions import Functions
from rds_backup.aws.problems import problem
from rds_backup.aws.rds import Rds
from rds_backup.model.decisions import Problem, State
from rds_backup.model.inventory import Role, Side
from rds_backup.model.keys import DEFAULT_KEY, Key, names_default
from rds_backup.model.settings import Settings

# The default mode and number of attempts changed with botocore 1.44.0: neither is left to it.
# Five attempts in all; a call without an answer gives up after 5 and 25 seconds.
CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 5},
    connect_timeout=5,
    read_timeout=25,
)
# A function is asked once: whoever asks looks again, and the answer may take minutes.
PATIENT = CONFIG.merge(Config(retries={"total_max_attempts": 1}, read_timeout=330))
# The longest that AWS grants to a role assumed with another role's credentials, in seconds.
ROLE_SECONDS = 3600
# botocore's data trimmed to what is read here, as `make build` packs it (.ci/lean_models.py).
# The name tells the version that it was made from: beside any other, botocore reads its own.
LEAN = Path(__file__).with_name(f"lean-{__version__}")
# Where a role is asked for, and where its account is then worked in.
type Regions = tuple[str, str]


class Account:
    """One AWS account in one Region, with one set of credentials."""

    def __init__(self, session: boto3.Session, answer: Callable[[], str] | None = None) -> None:
        """Make the clients that every invocation needs; the others wait for their first use.

        ``answer`` gives the ARN of credentials that come with one.
        """
        self._session = session
        self._answer = answer
        self.loader = session._session.get_component("data_loader")  # noqa: SLF001
        self.sts: Any = session.client("sts", config=CONFIG)
        self.rds = Rds(session.client("rds", config=CONFIG))

    @cached_property
    def _kms(self) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        return self._session.client("kms", config=CONFIG)

    @cached_property
    def functions(self) -> Functions:
        """The Lambda functions of the account, which may take minutes to answer."""
        return Functions(self._session.client("lambda", config=PATIENT))

    def caller(self) -> tuple[str, str]:
        """The account and the ARN of the credentials; raises AwsError.

        A role's are those of AssumeRole's own answer, the others are asked for once.
        """
        arn = self._answer() if self._answer else self._asked
        return arn.split(":")[4], arn

    @cached_property
    def _asked(self) -> str:
        with translated("GetCallerIdentity"):
            return str(self.sts.get_caller_identity()["Arn"])

    def identity(self) -> str:
        """The account of the credentials; raises AwsError like ``caller``."""
        return self.caller()[0]

    def describe_key(self, identifier: str) -> Key:
        """A key by its id, alias or ARN, which may be of another Region; raises AwsError."""
        where = identifier.split(":")[3] if identifier.startswith("arn:") else self.rds.region
        with translated("DescribeKey"):
            if where == self.rds.region:
                kms = self._kms
            else:
                kms = self._session.client("kms", region_name=where, config=CONFIG)
            said = kms.describe_key(KeyId=identifier)["KeyMetadata"]
        told = (said.get(name, "") for name in ("KeyManager", "KeyState", "KeySpec", "KeyUsage"))
        return Key(said["Arn"], *told)

    def key(self, identifier: str, variable: str, side: Side) -> str | Problem:
        """The ARN of a usable key, or why it cannot be used.

        A customer managed one; for backups also ``aws/rds``, if it is named by its alias.
        """
        try:
            key = self.describe_key(identifier)
        except AwsError as error:
            return problem(error, f"{variable} cannot be resolved", side, identifier)
        if key.manager == "AWS" and side is Side.SOURCE:
            reason = f"{variable} is an AWS managed key, which cannot be shared"
            return Problem(State.BLOCKED, reason, "set a customer managed key")
        if key.manager == "AWS" and not names_default(identifier):
            reason = f"{variable} is an AWS managed key, and not named by the alias of aws/rds"
            return Problem(State.BLOCKED, reason, f"set a customer managed key, or {DEFAULT_KEY}")
        if key.remedy:
            return Problem(State.BLOCKED, f"{variable} is {key.state}", key.remedy)
        return key.arn

    def key_policy(self, arn: str) -> str:
        """The policy of one of the account's keys, as JSON; raises AwsError."""
        with translated("GetKeyPolicy"):
            return str(self._kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"])

    def role(self, name: str) -> Role:
        """One of the account's roles; raises AwsError."""
        with translated("GetRole"):
            said = self._session.client("iam", config=CONFIG).get_role(RoleName=name)["Role"]
        return Role(
            arn=said["Arn"],
            tags={tag["Key"]: tag["Value"] for tag in said.get("Tags", ())},
            boundary=said.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        )


@cache
def own(region: str) -> Account:
    """The account of the process's own credentials; the clients outlive the invocation."""
    with translated("Session"):
        return Account(boto3.Session(botocore_session=_core(), region_name=region))


def _core() -> Session:
    """A session of botocore's, as both accounts read with."""
    core = get_session()
    # What the global endpoint of STS hands out is of no use in Regions that have to be enabled.
    core.set_config_variable("sts_regional_endpoints", "regional")
    if LEAN.is_dir():
        lean = Loader([str(LEAN)], include_default_search_paths=False)
        # Endpoints that are not botocore's own would outrank its rules for them.
        lean.BUILTIN_DATA_PATH = str(LEAN)
        core.register_component("data_loader", lean)
    parsers = core.get_component("response_parser_factory")
    parsers.set_parser_defaults(timestamp_parser=read_time)
    return core


@cache
def assumed(role: str, external_id: str | None, regions: Regions, session_name: str) -> Account:
    """The backup account through the role there; nothing is called before its first use."""
    here, there = regions
    sts = own(here).sts
    arguments: dict[str, Any] = {
        "RoleArn": role,
        "RoleSessionName": session_name,
        "DurationSeconds": ROLE_SECONDS,
    }
    if external_id:
        arguments["ExternalId"] = external_id
    arns: list[str] = []

    def refresh() -> dict[str, str]:
        answer = sts.assume_role(**arguments)
        arns[:] = [answer["AssumedRoleUser"]["Arn"]]
        said = answer["Credentials"]
        return {
            "access_key": said["AccessKeyId"],
            "secret_key": said["SecretAccessKey"],
            "token": said["SessionToken"],
            "expiry_time": said["Expiration"].isoformat(),
        }

    inner = _core()
    # The RDS model is large: it is read and parsed once for both accounts.
    inner.register_component("data_loader", own(here).loader)
    # botocore offers no public way to hand over credentials that refresh themselves.
    credentials = DeferredRefreshableCredentials(refresh, method="sts-assume-role")
    inner._credentials = credentials  # type: ignore[attr-defined]  # noqa: SLF001

    def answer() -> str:
        with translated("AssumeRole"):
            credentials.get_frozen_credentials()
        return arns[0]

    return Account(boto3.Session(botocore_session=inner, region_name=there), answer)


def of_backups(settings: Settings) -> Account:
    """The backup account, through the role that the settings name, as ``assumed`` gives it."""
    session = f"rds-backup-{settings.source_account}"
    regions = settings.region, settings.backup.region
    return assumed(settings.role, settings.external_id, regions, session)
