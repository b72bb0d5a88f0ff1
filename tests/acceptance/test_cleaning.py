"""All that a run has made goes, and nothing else, wherever the run was cut off."""

from pathlib import Path
from typing import Any

import pytest

from acceptance import found
from acceptance.asking import ask
from acceptance.cleaning import Cleaned, Cleaning
from acceptance.ground import Ground
from acceptance.run import TAG
from sandbox import Call, Hook, Sandbox, Switches
from tests.acceptance.offered import made_and_offered
from tests.acceptance.playing import OTHER_RUN, RUN, ground, world
from tests.acceptance.truth import things

_CUT_OFF_AFTER = range(1, 56, 6)


class KilledError(BaseException):
    """The process is gone."""


class Kill(Hook):
    """Ends the process once so many changes have taken effect."""

    def __init__(self, changes: int) -> None:
        """After how many changes."""
        self.left = changes

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Count, and end it."""
        del answer
        self.left -= call.mutating
        if self.left == 0:
            raise KilledError


def cleaning(here: Ground, run: str | None = RUN) -> Cleaning:
    """Clean up as `make acceptance-clean` does."""
    return Cleaning(
        sides=(here.source, here.backup),
        regions=sorted({here.source.region, here.vault.region}),
        run=run,
        clock=here.clock,
        sleep=here.sleep,
        say=lambda _: None,
    )


def clean(here: Ground, run: str | None = RUN) -> Cleaned:
    """The same, done."""
    return cleaning(here, run).all()


def people(aws: Sandbox) -> None:
    """What looks like the run's and is not: no tag, no name, or another run's."""
    tagged = {TAG: RUN}
    for account in (aws.source, aws.backup):
        aws.add_instance("orders", account=account, tags=tagged)
        aws.add_cluster("billing", account=account, tags=tagged, member_tags=tagged)
        aws.add_instance(f"{RUN}-theirs", account=account)
        aws.add_instance(f"{OTHER_RUN}-postgres", account=account, tags={TAG: OTHER_RUN})
        aws.add_snapshot(account, "instance", "before-the-upgrade", tags=tagged)
        aws.add_snapshot(account, "cluster", f"{RUN}-theirs")
        aws.add_snapshot(account, "instance", f"{RUN}x-theirs", tags=tagged)
        backup = {"rds-backup:managed-by": "rds-backup"}
        aws.add_snapshot(account, "instance", "rds-backup-orders-1", tags=backup)
        aws.keys.create(account.id, f"alias/{RUN}")
        aws.add_option_group(f"{RUN}-theirs", engine="mysql", account=account)
    trust = '{"Version": "2012-10-17", "Statement": []}'
    aws.source.client("iam").create_role(
        RoleName=f"{RUN}-theirs", Path=found.ROLES, AssumeRolePolicyDocument=trust
    )
    for account in (aws.source, aws.backup):
        aws.add_stack(f"{RUN}-theirs", account)
        aws.add_stack("rds-backup", account, tags=tagged)
        aws.add_log_group(f"{RUN}-theirs-logs", account, {})
        aws.add_log_group("rds-backup-logs", account, tagged)
    aws.source.client("kms").create_key(Tags=[{"TagKey": TAG, "TagValue": OTHER_RUN}])


@pytest.mark.parametrize(("region", "keys"), [(None, 3), ("eu-central-1", 5)])
def test_all_that_a_run_has_made_goes_and_nothing_else(
    region: str | None, keys: int, tmp_path: Path
) -> None:
    """Keys are scheduled for deletion in seven days, and listed; people's things stay."""
    with world(backup_region=region) as aws:
        people(aws)
        before = things(aws)
        aws.calls.clear()  # what people have made
        here = ground(aws, tmp_path)
        ask(here)
        aws.clock.advance(hours=1)  # what the probes delete themselves has gone
        made = things(aws) - before
        done = clean(here)
        counted, offered = made_and_offered(aws, "probes", *(["regions"] if region else []))

        assert counted <= offered
        assert before == things(aws)
        assert {} == done.left
        assert keys == len(done.keys)
        assert len(made) == len(done.removed)
        days = {c.params["PendingWindowInDays"] for c in aws.calls if "Schedule" in c.operation}
        assert {7} == days


@pytest.mark.parametrize("changes", _CUT_OFF_AFTER)
def test_a_run_that_was_killed_is_cleaned_up(changes: int, tmp_path: Path) -> None:
    """Whatever it was doing, and though its file may be gone, too."""
    with world(Switches(listing_lag_calls=2, status_lag_calls=2)) as aws:
        people(aws)
        before = things(aws)
        aws.hooks.append(Kill(changes))
        with pytest.raises(KilledError):
            ask(ground(aws, tmp_path))
        aws.hooks.clear()
        (tmp_path / "acceptance-run.json").unlink()
        made = things(aws) - before
        done = clean(ground(aws, tmp_path))

        assert made
        assert before == things(aws)
        assert {} == done.left


class Watch(Hook):
    """After every change: what is there and would not be found."""

    def __init__(self, aws: Sandbox, here: Ground) -> None:
        """From what is there now."""
        self.aws, self.here, self.there = aws, here, things(aws)
        self.changes, self.lost = 0, dict[str, list[str]]()

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Look, and clean nothing up."""
        del answer
        if not call.mutating:
            return
        self.changes += 1
        hooks = self.aws.hooks[:]
        self.aws.hooks.clear()  # looking is no part of the run
        self._look(call)
        self.aws.hooks.extend(hooks)

    def _look(self, call: Call) -> None:
        looking = cleaning(self.here)
        seen = [thing.name for thing in (*looking.things(), *looking.keys())]
        # An automated snapshot goes with its database.
        made = {one for one in things(self.aws) - self.there if "snapshot:rds:" not in one}
        lost = [one for one in made if not any(one.endswith(name) for name in seen)]
        if lost:
            self.lost[call.operation] = lost


def test_whatever_is_there_after_any_call_is_found(tmp_path: Path) -> None:
    """Each thing bears its marks from its first moment: no kill is between the two."""
    with world() as aws:
        people(aws)
        here = ground(aws, tmp_path)
        watch = Watch(aws, here)
        aws.hooks.append(watch)
        ask(here)

    assert {} == watch.lost
    assert max(_CUT_OFF_AFTER) < watch.changes


REFUSED = (
    *("CreateKey", "CreateDBInstance", "CreateDBCluster", "CreateDBSnapshot", "CopyDBSnapshot"),
    *("CopyDBClusterSnapshot", "ModifyDBSnapshotAttribute", "CreateRole", "PutRolePolicy"),
    *("AssumeRole", "DisableKey", "RestoreDBInstanceFromDBSnapshot", "DescribeDBSnapshots"),
    *("ListResourceTags", "DeleteDBSnapshot", "RestoreDBClusterFromSnapshot"),
    *("CreateDBClusterSnapshot", "DescribeDBSnapshotAttributes", "DescribeKey", "EnableKey"),
    *("ListKeys", "ListTagsForResource", "LookupEvents"),
)


@pytest.mark.parametrize("operation", REFUSED)
def test_what_is_refused_for_ever_is_told_and_leaves_nothing(
    operation: str, tmp_path: Path
) -> None:
    """The run goes on with the next question; the clean-up finds all, once it may."""
    with world() as aws:
        people(aws)
        before = things(aws)
        here = ground(aws, tmp_path)
        fault = aws.fault(operation, code="AccessDenied", message="an SCP says no")
        ask(here)
        fault.remove()
        told = [a for a in here.file.answers.values() if "an SCP says no" in str(a["evidence"])]
        done = clean(here)

        assert told or operation in ("AssumeRole", "DeleteDBSnapshot", "ListResourceTags")
        assert before == things(aws)
        assert {} == done.left


@pytest.mark.parametrize(
    ("operation", "says"),
    [
        ("DeleteDBInstance", "instance"),
        ("DeleteDBClusterSnapshot", "snapshot of cluster"),
        ("DescribeDBSnapshots", "RDS in eu-west-1"),
        ("ListRoles", "roles"),
        ("DeleteRole", "role"),
        ("ListKeys", "keys in eu-west-1"),
        ("ScheduleKeyDeletion", "key"),
    ],
)
def test_a_clean_up_says_what_it_could_not_remove(
    operation: str, says: str, tmp_path: Path
) -> None:
    """With AWS's words; all else goes, and the next clean-up removes the rest."""
    with world() as aws:
        before = things(aws)
        here = ground(aws, tmp_path)
        ask(here, only=["copied_traits", "null_tag"])
        made = things(aws) - before
        fault = aws.fault(operation, code="AccessDenied", message="an SCP says no")
        done = clean(here)
        left = things(aws) - before
        fault.remove()

        assert left
        assert len(left) < len(made)
        assert any(says in what and "an SCP says no" in why for what, why in done.left.items())
        again = clean(here)
        assert {} == again.left
        assert before == things(aws)


def test_without_a_run_s_name_every_run_is_cleaned_up(tmp_path: Path) -> None:
    """As after a crash of which no file is left; what bears no run's marks stays."""
    with world() as aws:
        people(aws)
        clean(ground(aws, tmp_path), run=None)
        left = things(aws)

    assert not [one for one in left if OTHER_RUN in one]
    assert 2 == len([one for one in left if one.endswith(f"db:{RUN}-theirs")])
