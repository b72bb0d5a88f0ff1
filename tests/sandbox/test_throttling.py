"""RDS's limit of requests, which all callers of an account and Region share."""

from contextlib import suppress
from datetime import timedelta

import boto3
import pytest
from botocore.config import Config

from sandbox import Account, Sandbox
from sandbox.throttling import Throttle
from tests.sandbox.families import refused

NO_RETRY = Config(retries={"mode": "standard", "total_max_attempts": 1})


@pytest.fixture
def throttle(aws: Sandbox) -> Throttle:
    """The limit is enforced."""
    found = Throttle()
    aws.hooks.append(found)
    return found


def answered(aws: Sandbox, times: int, account: Account, region: str | None = None) -> int:
    """How many of so many requests at once are answered, by whichever caller of the account."""
    clients = [
        boto3.client(
            "rds",
            region_name=region or aws.region,
            aws_access_key_id=who.access_key,
            aws_secret_access_key=who.secret_key,
            aws_session_token=who.token,
            config=NO_RETRY,
        )
        for who in (account.person, account.function)
    ]
    before = len(aws.calls)
    for number in range(times):
        client = clients[number % 2]
        with suppress(client.exceptions.ClientError):
            client.describe_account_attributes()
    met = [call.error for call in aws.calls[before:]]
    assert {*met} <= {None, "ThrottlingException"}
    return met.count(None)


@pytest.mark.usefixtures("throttle")
def test_a_burst_of_300_and_then_12_a_second(aws: Sandbox) -> None:
    """5.4: whoever of the account asks; what is not used adds up to the burst again, no further."""
    assert 300 == answered(aws, 310, aws.source)
    aws.clock.advance(timedelta(seconds=2))
    assert 24 == answered(aws, 30, aws.source)
    aws.clock.advance(timedelta(hours=1))
    assert 300 == answered(aws, 310, aws.source)


@pytest.mark.usefixtures("throttle")
def test_each_account_and_region_has_its_own(aws: Sandbox) -> None:
    """5.4: what one has used up is another's still."""
    answered(aws, 300, aws.source)
    assert 0 == answered(aws, 1, aws.source)
    assert 1 == answered(aws, 1, aws.backup)
    assert 1 == answered(aws, 1, aws.source, "eu-central-1")


def test_somebody_else_takes_from_the_same_bucket(aws: Sandbox, throttle: Throttle) -> None:
    """5.4: all callers together; one that asks more often than there are tokens leaves none."""
    throttle.others = lambda *_: 11
    assert 300 == answered(aws, 300, aws.source)
    aws.clock.advance(timedelta(seconds=3))
    assert 3 == answered(aws, 5, aws.source)
    throttle.others = lambda *_: 100
    aws.clock.advance(timedelta(minutes=1))
    assert 0 == answered(aws, 1, aws.source)
    throttle.drain(aws.clock.now)
    assert 0 == answered(aws, 1, aws.source)
    assert 4 == throttle.refused


def test_botocore_waits_for_a_token_and_other_services_need_none(
    aws: Sandbox, throttle: Throttle
) -> None:
    """5.4, 5.5: a retry comes a second later, by the sandbox's clock."""
    answered(aws, 300, aws.source)
    throttle.others = lambda *_: 11
    aws.source.client("sts").get_caller_identity()
    assert 0 == throttle.refused
    before = aws.clock.now
    aws.source.client("rds").describe_account_attributes()
    assert 1 == throttle.refused
    assert timedelta(seconds=1) == aws.clock.now - before


def test_a_client_that_is_throttled_long_enough_retries_no_more(
    aws: Sandbox, throttle: Throttle
) -> None:
    """5.7: a call that needs two retries costs 5 of the client's 500 for good, until others do."""
    throttle.others = lambda *_: 11.5
    client = aws.source.client("rds")
    answered(aws, 300, aws.source)
    for _ in range(99):
        client.describe_account_attributes()
    assert 2 * 99 == throttle.refused
    with refused("ThrottlingException", saying="Rate exceeded"):
        client.describe_account_attributes()
    before = len(aws.calls)
    with refused("ThrottlingException", saying="Rate exceeded"):
        client.describe_account_attributes()
    assert 1 == len(aws.calls) - before
