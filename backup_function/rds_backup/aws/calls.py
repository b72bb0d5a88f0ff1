"""Calls of a client: a failure leaves here as an AwsError, and no listing outlasts the time.

How it reads times is here, too.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnectionError
from botocore.utils import parse_timestamp

from rds_backup.aws.errors import OUT_OF_TIME, AwsError
from rds_backup.model.clock import Time

PAGE = 100  # MaxRecords of the Describe operations: 20 to 100


def read_time(said: Any) -> datetime:
    """A time as RDS and STS write it, in a small part of botocore's time; it reads all others."""
    if isinstance(said, str) and said[10:11] == "T":
        with suppress(ValueError):
            return datetime.fromisoformat(said)
    return parse_timestamp(said)


@contextmanager
def translated(operation: str) -> Iterator[None]:
    """Whatever botocore raises, as an AwsError with the operation that met it."""
    try:
        yield
    except ClientError as error:
        said = error.response.get("Error", {})
        raise AwsError(
            error.operation_name or operation,
            said.get("Code", "Unknown"),
            said.get("Message", ""),
            int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)),
        ) from error
    except BotoCoreError as error:
        lost = isinstance(error, HTTPClientError | NoConnectionError)
        raise AwsError(operation, type(error).__name__, str(error), lost=lost) from error


class Calls:
    """The calls of one boto3 client, by the operations' own names."""

    def __init__(self, client: Any) -> None:
        """Wrap a client, with all the time there is."""
        self._client = client
        self._time: Time | None = None
        self._slowest = 0.0

    def begin(self, time: Time) -> None:
        """Take the time of an invocation: no page is begun that may not end in it."""
        self._time, self._slowest = time, 0.0

    def call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """The answer of one call; raises AwsError."""
        with translated(operation):
            answer: dict[str, Any] = getattr(self._client, _method(operation))(**arguments)
            return answer

    def pages(self, operation: str, member: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        """The items of a listing, all pages; raises AwsError, also where the time ends before."""
        with translated(operation):
            paginator = self._client.get_paginator(_method(operation))
            self._measure(operation, 0.0)
            began = self._left()
            for page in paginator.paginate(PaginationConfig={"PageSize": PAGE}, **arguments):
                yield from page[member]
                if "Marker" in page:
                    self._measure(operation, began - self._left())
                    began = self._left()
            self._slowest = max(self._slowest, began - self._left())

    def _left(self) -> float:
        return self._time.left() if self._time else 0.0

    def _measure(self, operation: str, seconds: float) -> None:
        """Note how long a page took; raise AwsError where there is no time for another."""
        self._slowest = max(self._slowest, seconds)
        if self._time and not self._time.in_time(self._slowest):
            told = f"{self._left():.0f} seconds were left, and a page took {self._slowest:.0f}"
            raise AwsError(operation, OUT_OF_TIME, told)


def _method(operation: str) -> str:
    """``CopyDBSnapshot`` to ``copy_db_snapshot``, as boto3 spells it."""
    return str(xform_name(operation))
