"""The function as it is deployed, on the light accounts: its real handler, clients of ours below.

Everything above boto3's clients is the product's: handler, loop, gateways, the refreshing of the
assumed role's credentials.  What an invocation cost is in its ``Bill``.
"""

import io
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, redirect_stdout
from datetime import datetime, timedelta
from functools import cache, partial
from types import SimpleNamespace
from typing import Any, NamedTuple
from unittest.mock import patch

import boto3
from botocore.session import get_session

import app
from rds_backup.aws import account
from rds_backup.model.inventory import Side
from rds_backup.report.result import BackupFailedError
from tests.support.fleet.accounts import ACCOUNTS, KEYS, Accounts, Calls
from tests.support.making import REGION

TIMEOUT = timedelta(minutes=10)


class Bill(NamedTuple):
    """One invocation: its calls, the processor time, the bytes that it logs and answers.

    ``raised`` are the words of one that failed, so that a person should look.
    """

    at: datetime
    action: str
    calls: Calls
    seconds: float
    logged: int
    result: int
    raised: str | None


class Deployed:
    """One deployed function, in one execution environment until ``restart``."""

    def __init__(self, accounts: Accounts, side: Side, environment: Mapping[str, str]) -> None:
        """Deploy it in one of the accounts."""
        self.accounts = accounts
        self.side = side
        self.environment = dict(environment)
        self._remembered: dict[str, Any] = {}
        self.restart()

    def restart(self) -> None:
        """A new execution environment: what the last one remembered is gone."""
        caches = {name: v for name, v in vars(account).items() if hasattr(v, "cache_clear")}
        self._remembered = {name: cache(value.__wrapped__) for name, value in caches.items()}

    def invoke(self, event: Mapping[str, Any]) -> Bill:
        """One invocation, at once by the clock; any error but its own failure is a mistake here."""
        log, metrics = io.StringIO(), io.StringIO()
        result, raised, self.accounts.calls = None, None, Counter()
        session = partial(Session, self.accounts, self.side)
        context: Any = _Context(self.accounts)
        with ExitStack() as stack:
            stack.enter_context(patch.dict(os.environ, self.environment, clear=True))
            stack.enter_context(patch.object(app.logger.handlers[0], "stream", log))
            stack.enter_context(patch.object(boto3, "Session", session))
            stack.enter_context(patch.multiple(account, **self._remembered))
            stack.enter_context(redirect_stdout(metrics))
            began = time.process_time()
            try:
                result = app.lambda_handler(dict(event), context)
            except BackupFailedError as error:
                raised = str(error)
            seconds = time.process_time() - began
        return Bill(
            self.accounts.clock.now,
            event["action"],
            self.accounts.calls,
            seconds,
            len(log.getvalue().encode()) + len(metrics.getvalue().encode()),
            len(json.dumps(result)) if result else 0,
            raised,
        )


class _Context:
    """The members of Lambda's context object that the function uses."""

    aws_request_id = "00000000-0000-4000-8000-000000000001"

    def __init__(self, accounts: Accounts) -> None:
        self._clock = accounts.clock
        self._deadline = accounts.clock.now + TIMEOUT

    def get_remaining_time_in_millis(self) -> int:
        return int((self._deadline - self._clock.now) / timedelta(milliseconds=1))


class Session:
    """In place of boto3's: one of botocore with credentials of its own is the backup account's."""

    def __init__(
        self, accounts: Accounts, side: Side, *, botocore_session: Any = None, **_: Any
    ) -> None:
        """Take what boto3's takes, and the world."""
        self._accounts = accounts
        self._session = botocore_session or get_session()
        assumed = getattr(self._session, "_credentials", None)
        self._side = Side.BACKUP if assumed else side
        self._refresh: Callable[[], Any] = lambda: None
        if assumed:
            self._refresh = assumed.get_frozen_credentials

    def client(self, _service: str, **_: Any) -> "Client":
        """A client of any service: their operations have different names."""
        return Client(self._accounts, self._side, self._refresh)


class Client:
    """boto3's clients for RDS, STS and KMS in one, as far as a night uses them."""

    meta = SimpleNamespace(region_name=REGION)

    def __init__(self, accounts: Accounts, side: Side, refresh: Callable[[], Any]) -> None:
        """Say whose it is; ``refresh`` comes before every call, as botocore signs it."""
        self._accounts = accounts
        self._side = side
        self._refresh = refresh

    def __getattr__(self, method: str) -> Callable[..., Any]:
        """An operation of RDS."""
        return partial(self._call, method)

    def _call(self, method: str, **params: Any) -> Any:
        self._refresh()
        return self._accounts.call(self._side, method, params)

    def get_paginator(self, method: str) -> "_Paginator":
        """The pages of a listing."""
        return _Paginator(self._refresh, partial(self._accounts.pages, self._side, method))

    def get_caller_identity(self) -> dict[str, str]:
        """Whose the credentials are."""
        self._refresh()
        self._count("GetCallerIdentity")
        number = ACCOUNTS[self._side]
        return {"Account": number, "Arn": f"arn:aws:sts::{number}:assumed-role/rds-backup/it"}

    def assume_role(self, **params: Any) -> dict[str, Any]:
        """Credentials of the role in the backup account, for as long as was asked."""
        self._count("AssumeRole")
        ends = self._accounts.clock.now + timedelta(seconds=params["DurationSeconds"])
        keys = {"AccessKeyId": "A", "SecretAccessKey": "S", "SessionToken": "T"}
        _, _, _, _, number, role = params["RoleArn"].split(":")
        name = f"{role.removeprefix('role/')}/{params['RoleSessionName']}"
        return {
            "Credentials": {**keys, "Expiration": ends},
            "AssumedRoleUser": {
                "AssumedRoleId": "AROA:it",
                "Arn": f"arn:aws:sts::{number}:assumed-role/{name}",
            },
        }

    def describe_key(self, **_: Any) -> dict[str, Any]:
        """The account's own key, whatever was asked for."""
        self._refresh()
        self._count("DescribeKey")
        states = {"KeyManager": "CUSTOMER", "KeyState": "Enabled"}
        return {"KeyMetadata": {"Arn": KEYS[self._side], **states}}

    def _count(self, operation: str) -> None:
        self._accounts.calls[self._side, operation] += 1


class _Paginator:
    def __init__(self, refresh: Callable[[], Any], pages: Callable[..., Iterator[Any]]) -> None:
        self._refresh = refresh
        self._pages = pages

    def paginate(self, **params: Any) -> Iterator[Any]:
        self._refresh()
        return self._pages(params)
