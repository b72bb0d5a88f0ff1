"""The script that tutorials have, to compare with: one database after another, waiting for each.

It finds the newest automated snapshot, copies it, waits with boto3's waiter (a call every 30
seconds), shares the copy, copies it into the backup account, waits again, deletes the shared copy
and the oldest backup.  It remembers nothing and looks after nothing; its credentials last as long
as it likes, which no role's do.
"""

from collections import Counter
from datetime import timedelta
from typing import Any, NamedTuple

from botocore import xform_name

from rds_backup.aws.spelling import SPELLING
from rds_backup.model.inventory import Kind, Side
from sandbox.clock import stopped
from tests.support.fleet.accounts import ACCOUNTS, KEYS, Accounts, Calls
from tests.support.fleet.deployed import Client
from tests.support.fleet.scenarios import START, Scenario, after_good_nights
from tests.support.making import BACKUP, DAY

POLL = timedelta(seconds=30)


class Polled(NamedTuple):
    """What the script called, and how many minutes it ran."""

    calls: Calls
    minutes: float


def poll(scenario: Scenario) -> Polled:
    """One night of the script over the whole fleet."""
    with stopped(START - DAY, running=False) as clock:
        accounts = after_good_nights(scenario, clock)
        clock.move_to(START)
        accounts.calls = Counter()
        clients = {side: Client(accounts, side, lambda: None) for side in Side}
        for kind, names in scenario.copies().items():
            for name in names:
                _one(clients, kind, name, accounts)
        return Polled(accounts.calls, (clock.now - START) / timedelta(minutes=1))


def _one(clients: dict[Side, Client], kind: Kind, name: str, accounts: Accounts) -> None:
    spelling = SPELLING[kind]
    noun, source, backup = spelling.noun, clients[Side.SOURCE], clients[Side.BACKUP]
    identifier = f"{noun}Identifier"

    def listed(client: Client, **params: str) -> list[dict[str, Any]]:
        pages = client.get_paginator(xform_name(f"Describe{noun}s")).paginate(**params)
        return [item for page in pages for item in page[f"{noun}s"]]

    def copied(client: Client, side: Side, arn: str, target: str) -> str:
        params = {
            f"Source{identifier}": arn,
            f"Target{identifier}": target,
            "KmsKeyId": KEYS[side],
            "Tags": [],
        }
        made = getattr(client, xform_name(f"Copy{noun}"))(**params)[noun]
        while listed(client, **{identifier: target})[0]["Status"] != "available":
            accounts.clock.advance(POLL)
        return str(made[f"{noun}Arn"])

    mine = {spelling.database: name}
    newest = listed(source, SnapshotType="automated", **mine)[-1]
    target = f"{name}-{START:%Y%m%d}"
    shared = copied(source, Side.SOURCE, newest[f"{noun}Arn"], target)
    share = {identifier: target, "AttributeName": "restore", "ValuesToAdd": [BACKUP]}
    getattr(source, xform_name(f"Modify{noun}Attribute"))(**share)
    role = f"arn:aws:iam::{ACCOUNTS[Side.BACKUP]}:role/writer"
    source.assume_role(RoleArn=role, RoleSessionName="script", DurationSeconds=3600)
    copied(backup, Side.BACKUP, shared, target)
    delete = xform_name(f"Delete{noun}")
    getattr(source, delete)(**{identifier: target})
    oldest = listed(backup, SnapshotType="manual", **mine)[0]
    getattr(backup, delete)(**{identifier: oldest[identifier]})
