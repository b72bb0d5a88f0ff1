"""The kit on the sandbox: two people's credentials, a file, and the sandbox's clock."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3

from acceptance.ground import Ground
from acceptance.run import RunFile
from acceptance.sides import Connect, Side, config_of
from sandbox import Credentials, Sandbox, Switches

RUN = "acc-2611261607ab12"
OTHER_RUN = "acc-2611261608cd34"


def connecting(credentials: Credentials) -> Connect:
    """Clients as a profile's would be."""

    def connect(service: str, region: str) -> Any:  # noqa: ANN401 - boto3's
        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name=region,
            config=config_of(service),
            aws_access_key_id=credentials.access_key,
            aws_secret_access_key=credentials.secret_key,
            aws_session_token=credentials.token,
        )

    return connect


def ground(
    aws: Sandbox, folder: Path, run: str = RUN, sleep: Callable[[float], None] | None = None
) -> Ground:
    """Where a run stands that has these two accounts."""
    accounts, backup = (aws.source.id, aws.backup.id), connecting(aws.backup.person)
    return Ground(
        source=Side.of("source", connecting(aws.source.person), aws.region),
        backup=Side.of("backup", backup, aws.region, "vault"),
        file=RunFile.begin(folder / "acceptance-run.json", run, accounts),
        clock=lambda: aws.clock.now,
        sleep=sleep or (lambda seconds: aws.clock.advance(seconds=seconds)),
        say=lambda _: None,
        far=Side.of("backup", backup, aws.backup_region, "vault") if aws.backup_region else None,
    )


@contextmanager
def world(switches: Switches | None = None, backup_region: str | None = None) -> Iterator[Sandbox]:
    """Two accounts in which a copy takes two minutes, and a database one."""
    with Sandbox(switches=switches, backup_region=backup_region) as aws:
        aws.copies.duration = timedelta(minutes=2)
        made = aws._world.restores  # noqa: SLF001 - where tests decide how long databases take
        made.creating, made.deleting = timedelta(minutes=1), timedelta(minutes=1)
        aws.keys.managed(aws.backup.id, aws.region)  # what RDS has made of its own
        yield aws
