"""Who is calling: the two accounts, their credentials, and which of them still work.

Decides whether a request's credentials are known and unexpired.  Must not know what is called.
"""

import itertools
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any

import boto3

from sandbox.errors import AwsError
from sandbox.kinds import Kind

_issued = itertools.count(1)
# The endpoint of STS that is in no Region: its sessions work where Regions are enabled by default
# (Amazon RDS User Guide, Copying a DB snapshot).
GLOBAL = "aws-global"
# Some of those that an account has to enable.
ENABLED_BY_ACCOUNTS = ("af-south-1", "ap-east-1", "eu-central-2", "eu-south-1", "me-south-1")


@dataclass(frozen=True, slots=True)
class Identity:
    """An AWS principal with a session: its account, its ARN, and the ARN that policies name."""

    account: str
    arn: str
    principal: str
    user_id: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """Temporary credentials; without ``expires`` they work for ever, as Lambda renews its own.

    Not ``everywhere``: of no use in Regions that an account has to enable.
    """

    identity: Identity
    access_key: str
    secret_key: str
    token: str
    expires: datetime | None = None
    everywhere: bool = True

    def environment(self) -> dict[str, str]:
        """The credentials as environment variables."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_SESSION_TOKEN": self.token,
        }


@dataclass(slots=True)
class Limits:
    """An account's quotas: manual snapshots, copies in flight (None: no limit), databases.

    ``storage`` is what all instances may have together, in GiB.
    """

    manual: dict[Kind, int] = field(default_factory=lambda: {"instance": 100, "cluster": 100})
    in_flight: dict[Kind, int | None] = field(
        default_factory=lambda: {"instance": 20, "cluster": 5}
    )
    databases: dict[Kind, int] = field(default_factory=lambda: {"instance": 40, "cluster": 40})
    storage: int = 100_000


@dataclass(eq=False, slots=True)
class Account:
    """One AWS account: its quotas, its function's credentials, and clients for a person there."""

    id: str
    region: str
    function: Credentials
    person: Credentials
    limits: Limits = field(default_factory=Limits)
    _clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3's clients are made at run time
        """A boto3 client with the rights of a person in this account."""
        if service not in self._clients:
            self._clients[service] = connect(service, self.person, self.region)
        return self._clients[service]


def account_id(account: Account | str) -> str:
    """The id of an account given either way."""
    return account if isinstance(account, str) else account.id


class Both:
    """The two accounts, and where they are: in one Region, or in two; a part of Sandbox."""

    region: str
    backup_region: str | None
    source: Account
    backup: Account

    def region_of(self, account: Account | str) -> str:
        """Where an account has what is put into it."""
        there = self.backup_region if account_id(account) == self.backup.id else None
        return there or self.region

    @property
    def regions(self) -> tuple[str, str]:
        """The Region of the databases, and that of the backups."""
        return self.region, self.region_of(self.backup)


class Sessions:
    """All credentials that were ever given out in this world."""

    def __init__(self) -> None:
        """Start with none."""
        self._known: dict[str, Credentials] = {}

    def add(self, credentials: Credentials) -> Credentials:
        """Make credentials known."""
        self._known[credentials.access_key] = credentials
        return credentials

    def assume(self, identity: Identity, expires: datetime, region: str) -> Credentials:
        """New credentials of an assumed role, asked for in a Region; no two here are alike."""
        key = f"ASIA{next(_issued):016d}"
        everywhere = region != GLOBAL
        return self.add(Credentials(identity, key, "secret", f"token-{key}", expires, everywhere))

    def identify(self, access_key: str) -> Identity | None:
        """Whose credentials these are, expired or not."""
        known = self._known.get(access_key)
        return known.identity if known else None

    def check(
        self, service: str, region: str, access_key: str, token: str, now: datetime
    ) -> Identity:
        """The caller; raises the service's error for credentials that do not work there or now."""
        known = self._known.get(access_key)
        json = service in ("kms", "lambda")
        astray = known and not known.everywhere and region in ENABLED_BY_ACCOUNTS
        if known is None or known.token != token or astray:
            raise AwsError(
                "UnrecognizedClientException" if json else "InvalidClientTokenId",
                "The security token included in the request is invalid.",
            )
        if known.expires is not None and known.expires <= now:
            raise AwsError(
                "ExpiredTokenException" if json else "ExpiredToken",
                "The security token included in the request is expired",
            )
        return known.identity


def role_session(account: str, role: str, session: str) -> Identity:
    """The identity of somebody who holds a role."""
    return Identity(
        account=account,
        arn=f"arn:aws:sts::{account}:assumed-role/{role}/{session}",
        principal=f"arn:aws:iam::{account}:role/{role}",
        user_id=f"{role_id(account, role)}:{session}",
    )


def role_id(account: str, role: str) -> str:
    """The id that IAM gives a role: no two are alike."""
    return f"AROA{sha256(f'{account}/{role}'.encode()).hexdigest()[:17].upper()}"


def permanent(identity: Identity, letter: str) -> Credentials:
    """Credentials that are the same in every sandbox."""
    access_key = f"ASIA{letter}{identity.account}000"
    return Credentials(identity, access_key, "secret", f"token-{access_key}")


def connect(service: str, credentials: Credentials, region: str) -> Any:  # noqa: ANN401 - as above
    """A boto3 client with these credentials."""
    return _session().client(
        service,
        region_name=region,
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        aws_session_token=credentials.token,
    )


@cache
def _session() -> Any:  # noqa: ANN401 - boto3's stubs want the service as a literal
    """One for the process: it holds the service models, which take long to read."""
    return boto3.Session()
