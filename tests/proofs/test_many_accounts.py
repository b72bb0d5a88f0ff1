"""Three source accounts and two Regions against one backup account: nothing of one is another's.

Every one of the six deployments has an instance and a cluster of the same names.  What they share
are the places of the backup account, in each Region; nothing but the quota limits who takes them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import timedelta
from io import StringIO
from typing import Any
from unittest.mock import patch

import pytest

from rds_backup import __main__ as command_line
from rds_backup.aws import account
from sandbox import Row, Sandbox
from sandbox.accounts import Account
from sandbox.kms.key_policies import guarded
from sandbox.sandbox import ADMINISTRATOR
from sandbox.serving.lambda_runtime import Invocation
from tests.support.check_answers import BACKUP as BACKUP_ACCOUNT
from tests.support.check_answers import WINDOW, checked
from tests.support.playing import BACKUP, DAY, EXPIRE, NIGHT, RESUME, TICK, backups, metrics_of
from tests.support.process import Process

REGIONS = ("eu-west-1", "eu-central-1")
KEEP, NIGHTS = 1, 2
HOUR = timedelta(hours=1)
NAMES = ("orders", "billing")
NIGHTLY = {"backup": "nightly"}
STATUS: dict[str, Any] = {"action": "status"}
RETENTION = {"BACKUPS_TO_KEEP": str(KEEP)}
PLACES, WHO = "places for {} snapshots", "who uses the places for {} snapshots"
COPIES = "a night of {} copies"


class Deployment:
    """The function of one source account in one Region, with its two databases."""

    def __init__(self, aws: Sandbox, source: Account, region: str) -> None:
        """Deploy it, with a sharing key of its own."""
        self.aws, self.account, self.region = aws, source, region
        key = aws.keys.create(source.id, region=region)
        aws.keys.admit(key, aws.backup.id)
        self.environment = aws.environment(
            **source.function.environment(),
            **RETENTION,
            AWS_REGION=region,
            AWS_DEFAULT_REGION=region,
            SOURCE_ACCOUNT=source.id,
            KMS_KEY_ID=key,
            DB_TAG="backup=nightly",
            EXPIRE_BACKUPS="false",
        )
        self.function = Process(aws, self.environment)
        self.resource_ids = {
            aws.add_instance("orders", tags=NIGHTLY, account=source).resource_id,
            aws.add_cluster("billing", tags=NIGHTLY, account=source).resource_id,
        }

    def backups(self) -> list[Row]:
        """Those that RDS says were copied from here."""
        here = f":{self.region}:{self.account.id}:"
        return [b for b in backups(self.aws) if here in str(b.source_arn)]


class Estate:
    """All of them, and the function that expires in each Region of the backup account."""

    def __init__(self, aws: Sandbox) -> None:
        """Deploy everything."""
        self.aws = aws
        aws.backup_role.tags |= {
            "rds-backup:expire-from": "backup-account",
            "rds-backup:backups-to-keep": str(KEEP),
        }
        sources = [aws.source, *map(aws.add_source, ("333333333333", "444444444444"))]
        self.deployments, self.expiring = [], []
        for region in REGIONS:
            if region != aws.region:
                key = aws.keys.create(aws.backup.id, "alias/rds-backup", region)
                aws.keys.set_policy(key, guarded(aws.backup.id, [ADMINISTRATOR]))
            with patch.object(aws, "region", region):
                self.deployments += [Deployment(aws, source, region) for source in sources]
                self.expiring.append(Process(aws, aws.backup_environment(**RETENTION)))

    def night(self, number: int, *silent: Deployment) -> dict[Deployment, list[Invocation]]:
        """One night of every deployment but these: what each invocation came to."""
        met: dict[Deployment, list[Invocation]] = defaultdict(list)
        self.aws.clock.move_to(NIGHT + number * DAY - HOUR)
        self.aws.take_automated_of_all()
        self.aws.clock.move_to(NIGHT + number * DAY)
        for event in (BACKUP, RESUME, RESUME):
            for deployment in self.deployments:
                if deployment not in silent:
                    met[deployment].append(deployment.function.invoke(event))
            self.aws.clock.advance(2 * TICK)
        for function in self.expiring:
            assert function.invoke(EXPIRE).error is None
        return met


@pytest.fixture
def estate() -> Iterator[Estate]:
    """All is deployed, and nothing was backed up yet."""
    with Sandbox(start=NIGHT - DAY) as aws:
        Process.new_clients()
        yield Estate(aws)


def restore_plan(of: Deployment, database: str) -> str:
    """What the command prints with this deployment's environment."""
    out = StringIO()
    with patch.dict("os.environ", of.environment, clear=True), redirect_stdout(out):
        account.own.cache_clear()
        account.assumed.cache_clear()
        assert 0 == command_line.main(["restore-plan", database])
    return out.getvalue()


def test_nothing_of_one_shows_in_another(estate: Estate) -> None:
    """Names, series, expiry, status, check and restore plan are of one account and Region."""
    for number in range(NIGHTS):
        estate.night(number)
    names = Counter(b.identifier for b in backups(estate.aws))

    assert {1} == set(names.values())
    assert 6 * 2 * KEEP == len(names)
    for each in estate.deployments:
        mine = each.backups()
        last = NIGHT + (NIGHTS - 1) * DAY - HOUR
        assert {(r, last) for r in each.resource_ids} == {(b.resource_id, b.taken_at) for b in mine}
        assert {each.region} == {b.region for b in mine}
        told = each.function.invoke(STATUS).result
        assert told is not None
        assert "unselected_series" not in told
        assert {(n, "protected", KEEP) for n in NAMES} == {
            (e["database"], e["state"], e["backups_kept"]) for e in told["databases"]
        }
        assert each.resource_ids == {e["resource_id"] for e in told["databases"]}
        assert {e["backup"] for e in told["databases"]} == {b.arn for b in mine}
        for backup in mine:
            plan = restore_plan(each, backup.database)
            assert [backup.identifier] == [i for i in names if i in plan]
    for expiring, region in zip(estate.expiring, REGIONS, strict=True):
        done = expiring.invoke(EXPIRE)
        assert {region} == {e["backup"].split(":")[3] for e in (done.result or {})["databases"]}
        told_there = metrics_of(done)
        assert (6, KEEP) == (told_there["Series"], told_there["MostBackupsOfOneAccount"])


def test_check_names_the_accounts_and_one_that_is_silent_takes_no_other_along(
    estate: Estate,
) -> None:
    """All of one Region are named, and nothing is wrong; nobody waits for anybody."""
    for number in range(NIGHTS):
        estate.night(number)
    for each in (estate.deployments[1], estate.deployments[-1]):
        found = checked(estate.aws, **each.environment, **WINDOW)

        assert set() == found.not_well()
        for kind in ("instance", "cluster"):
            places = found.one(BACKUP_ACCOUNT, PLACES.format(kind))["fact"]
            assert places.startswith("3 of 100 used: 2 foreign, 1 ours, 0 of them")
            who = found.one(BACKUP_ACCOUNT, WHO.format(kind))["fact"]
            for owner in ("111111111111", "333333333333", "444444444444"):
                assert f"{owner} has 1" in who
            copies = found.one("throughput", COPIES.format(kind))["fact"]
            assert copies.startswith("1 selected, 2 of other source accounts; ")
    silent = estate.deployments[0]
    before = {b.arn for b in silent.backups()}
    for number in range(NIGHTS, NIGHTS + 2):
        met = estate.night(number, silent)

        assert {None} == {done.error for dones in met.values() for done in dones}
    assert before == {b.arn for b in silent.backups()}
    last = NIGHT + (NIGHTS + 1) * DAY - HOUR
    for each in estate.deployments[1:]:
        assert [last] * 2 == [b.taken_at for b in each.backups()]


def test_one_that_takes_all_places_is_named_before_the_others_have_none(estate: Estate) -> None:
    """Three accounts have 11 places for instances in a Region; one of them has many databases."""
    aws, greedy, other = estate.aws, estate.deployments[0], estate.deployments[1]
    aws.backup.limits.manual["instance"] = 11
    estate.night(0)
    for number in range(5):
        aws.add_instance(f"more-{number}", tags=NIGHTLY, account=greedy.account)
    estate.night(1)
    found = checked(aws, **other.environment, **WINDOW)
    who = found.one(BACKUP_ACCOUNT, WHO.format("instance"))

    assert ("warn", "of 11: 111111111111 has 6, 333333333333 has 1, 444444444444 has 1") == (
        who["level"],
        who["fact"],
    )
    assert 6 == metrics_of(estate.expiring[0].invoke(EXPIRE))["MostBackupsOfOneAccount"]
    assert "fail" == checked(aws, **greedy.environment, **WINDOW).level(
        BACKUP_ACCOUNT, PLACES.format("instance")
    )
    met = estate.night(2)
    elsewhere = {done.error for each in estate.deployments[3:] for done in met[each]}

    reasons = [done.entry("orders")["reason"] for done in met[other] if done.error]
    assert reasons
    assert all("11 of 11" in reason for reason in reasons), reasons
    assert {None} == elsewhere
