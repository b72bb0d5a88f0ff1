"""``plan`` and ``status`` on the way through a night, and when something is hidden from them."""

import shlex
from pathlib import Path
from typing import Any

import pytest

from rds_backup import __main__ as command_line
from rds_backup.aws import account
from sandbox import Sandbox
from sandbox.serving.lambda_runtime import Function
from tests.support.playing import (
    BACKUP,
    DAY,
    NIGHT,
    RESUME,
    TICK,
    automated,
    backups,
    nights,
    shared_copies,
)

TAGS = {"backup": "nightly"}
PLAN, STATUS = {"action": "plan"}, {"action": "status"}
STAGES = ["copy", "share", "back_up", "delete_shared_copy"]


def orders(aws: Sandbox) -> None:
    """One instance, and its automated snapshot of the night."""
    aws.add_instance("orders", kms_key="aws/rds", tags=TAGS)
    automated(aws)
    aws.clock.move_to(NIGHT)


def seen(function: Function, event: Any = STATUS) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """The entry on the only database."""
    (entry,) = _result(function, event)["databases"]
    return dict(entry)


def _result(function: Function, event: Any = STATUS) -> dict[str, Any]:  # noqa: ANN401 - JSON
    found = function.invoke(event).result
    assert found is not None
    return found


def legacy(aws: Sandbox, function: Function, count: int = 2) -> dict[str, Any]:
    """The series that a database leaves which is gone, beside one that is there."""
    orders(aws)
    aws.add_instance("legacy", kms_key="aws/rds", tags=TAGS)
    nights(aws, function, count)
    aws.delete_database("legacy")
    return _unselected(function)


def _unselected(function: Function) -> dict[str, Any]:
    (entry,) = _result(function)["unselected_series"]
    return dict(entry)


def test_what_remains_gets_shorter_until_nothing_does(aws: Sandbox, function: Function) -> None:
    """Copies take twenty minutes, ticks come every ten."""
    orders(aws)
    found = []
    for _ in range(6):
        found.append(seen(function)["remaining"])
        function.invoke(BACKUP)
        found.append(seen(function)["remaining"])
        aws.clock.advance(TICK)
    stages = [remaining for n, remaining in enumerate(found) if remaining not in found[:n]]

    assert stages == [STAGES, STAGES[1:], STAGES[2:], STAGES[3:], []]


def test_nothing_remains_of_a_point_that_cannot_go_on(aws: Sandbox, function: Function) -> None:
    """Its attempts are used up: what would come next is a person's decision."""
    orders(aws)
    aws.copies.fail_next(99)
    for _ in range(20):
        function.invoke(BACKUP)
        aws.clock.advance(TICK)
    found = seen(function)

    assert "stuck" == found["state"]
    assert [] == found["remaining"]


def test_a_copy_that_lost_its_shared_copy_goes_on(aws: Sandbox, function: Function) -> None:
    """Also for a database that has left the configuration meanwhile."""
    orders(aws)
    function.invoke(BACKUP)
    aws.clock.advance(2 * TICK)
    function.invoke(BACKUP)
    (shared,) = shared_copies(aws)
    aws.remove_snapshot(aws.source, "instance", shared.identifier)
    (copy,) = backups(aws)
    aws.change_snapshot(aws.backup, "instance", copy.identifier, status="copying")
    aws.delete_database("orders")
    aws.add_instance("stock", tags=TAGS)
    found = next(e for e in _result(function)["databases"] if e["database"] == "orders")

    assert STAGES[2:] == found["remaining"]


def test_a_shared_copy_under_another_key_is_made_again(aws: Sandbox) -> None:
    """KMS_KEY_ID was changed in mid-night: nothing under the old key is shared."""
    orders(aws)
    environment = aws.environment(DB_TAG="backup=nightly")
    Function(aws, environment).invoke(BACKUP)
    aws.clock.advance(2 * TICK)
    other = aws.keys.create(aws.source.id)

    assert STAGES[1:] == seen(Function(aws, environment))["remaining"]
    assert STAGES == seen(Function(aws, environment | {"KMS_KEY_ID": other}))["remaining"]


def test_a_copy_under_way_is_shown_with_its_account_and_how_far_it_is(
    aws: Sandbox, function: Function
) -> None:
    """Half of twenty minutes is fifty percent; the start is the tag's."""
    orders(aws)
    function.invoke(BACKUP)
    aws.clock.advance(TICK)
    (first,) = seen(function)["in_flight"]
    aws.clock.advance(TICK)
    function.invoke(RESUME)
    aws.clock.advance(minutes=5)
    (second,) = seen(function)["in_flight"]

    assert ("copy", aws.source.id, "creating", 50) == _told(first)
    assert ("back_up", aws.backup.id, "creating", 25) == _told(second)
    assert "2026-03-02T03:00:00.000Z" == first["since"]
    assert "2026-03-02T03:20:00.000Z" == second["since"]


def _told(flight: dict[str, Any]) -> tuple[str, str, str, int]:
    return flight["action"], flight["account"], flight["status"], flight["percent"]


def test_next_to_expire_is_said_only_where_this_deployment_expires(aws: Sandbox) -> None:
    """Elsewhere the backup account's own settings decide, which nobody here knows."""
    orders(aws)
    here = aws.environment(DB_TAG="backup=nightly", BACKUPS_TO_KEEP="2")
    function = Function(aws, here)
    nights(aws, function, 2)
    elsewhere = Function(aws, here | {"EXPIRE_BACKUPS": "false"})
    oldest = backups(aws)[0].identifier
    mine, theirs = seen(function), seen(elsewhere)

    assert mine["next_expiry"] == {"snapshot": oldest, "after_backups": 1, "not_before": None}
    assert [True, True] == [held["kept"] for held in mine["backups"]]
    assert theirs["next_expiry"] is None
    assert [(None, "the backup account decides")] * 2 == [
        (held["kept"], held["reason"]) for held in theirs["backups"]
    ]


def test_what_a_plan_says_expires_is_what_the_backup_then_expires(aws: Sandbox) -> None:
    """The verdicts shown are the ones that are acted on."""
    orders(aws)
    earlier = aws.environment(DB_TAG="backup=nightly", BACKUPS_TO_KEEP="4")
    nights(aws, Function(aws, earlier), 4)
    function = Function(aws, earlier | {"BACKUPS_TO_KEEP": "1"})
    held = seen(function, PLAN)["backups"]
    function.invoke(BACKUP)

    assert [False, False, False, True] == [one["kept"] for one in held]
    assert [one["snapshot"] for one in held if one["kept"]] == [
        one.identifier for one in backups(aws)
    ]


def test_a_plan_says_of_which_period_a_backup_is_the_first(aws: Sandbox) -> None:
    """The first night is of a Monday, and so is the last but one."""
    orders(aws)
    kept = {"BACKUPS_TO_KEEP": "2", "KEEP_WEEKLY": "2"}
    function = Function(aws, aws.environment(DB_TAG="backup=nightly", **kept))
    nights(aws, function, 9)
    found = seen(function, PLAN)

    expected = ["of the first day of 2026-W10", "day 2 of the newest 2", "day 1 of the newest 2"]
    assert expected == [one["reason"] for one in found["backups"]]
    # Tonight's Tuesday goes after two more; the Mondays stay until there is another.
    nxt = {"snapshot": found["backups"][2]["snapshot"], "after_backups": 2, "not_before": None}
    assert nxt == found["next_expiry"]


def test_the_log_has_the_documented_keys_only(aws: Sandbox, function: Function) -> None:
    """An hourly status does not write every backup into the log."""
    orders(aws)
    nights(aws, function, 1)

    assert not {"backups", "in_flight", "removal"} & set(function.invoke(STATUS).entry("orders"))


def test_the_commands_remove_what_a_database_has_left_and_nothing_else(
    aws: Sandbox, function: Function
) -> None:
    """Played line by line, with a person's credentials in the backup account."""
    aws.add_manual("legacy-before-migration", of="legacy", account=aws.backup)
    left = legacy(aws, function)
    before = {row.arn for row in aws.snapshots()}
    lines = left["removal"]["delete"].split(" &&\n")
    client = aws.backup.client("rds")
    for line in lines[1:]:
        *_, option, identifier = shlex.split(line)
        assert "--db-snapshot-identifier" == option
        client.delete_db_snapshot(DBSnapshotIdentifier=identifier)
    gone = before - {row.arn for row in aws.snapshots()}

    assert 2 == left["backups_kept"] == len(gone)
    assert gone == {
        f"arn:aws:rds:eu-west-1:{aws.backup.id}:snapshot:{held['snapshot']}"
        for held in left["backups"]
    }
    assert "unselected_series" not in _result(function)


def test_a_backup_tagged_to_be_kept_is_not_among_those_to_remove(
    aws: Sandbox, function: Function
) -> None:
    """A person's word about one backup holds for whoever pastes a command later."""
    left = legacy(aws, function)
    kept, other = (held["snapshot"] for held in left["backups"])
    row = next(r for r in backups(aws) if r.identifier == kept)
    tags = row.tags | {"rds-backup:keep": ""}
    aws.change_snapshot(aws.backup, "instance", kept, tags=tags)
    commands = _unselected(function)["removal"]["delete"]

    assert kept not in commands
    assert other in commands


def test_a_series_of_failed_copies_only_is_seen(aws: Sandbox, function: Function) -> None:
    """It takes places in the quota, though it holds no data."""
    left = legacy(aws, function)
    for held in left["backups"]:
        aws.change_snapshot(aws.backup, "instance", held["snapshot"], status="failed")
    found = _unselected(function)

    assert ["failed", "failed"] == [held["condition"] for held in found["backups"]]
    assert (0, None) == (found["backups_kept"], found["backup"])
    assert found["removal"]


@pytest.mark.parametrize("word", ["creating", "copying", "deleting"])
def test_no_command_is_given_while_a_copy_of_it_comes_or_goes(
    aws: Sandbox, function: Function, word: str
) -> None:
    """What is deleted meanwhile would be back an hour later, or is on its way already."""
    left = legacy(aws, function)
    newest = left["backups"][-1]["snapshot"]
    aws.change_snapshot(aws.backup, "instance", newest, status=word)

    assert _unselected(function)["removal"] is None


def test_no_command_is_given_while_a_shared_copy_of_it_is_there(
    aws: Sandbox, function: Function
) -> None:
    """It is finished all the same, and would leave one more backup behind the others."""
    legacy(aws, function)
    aws.add_instance("late", tags=TAGS)
    nights(aws, function, 1, NIGHT + 3 * DAY)
    automated(aws, NIGHT + 4 * DAY)
    function.at(NIGHT + 4 * DAY, BACKUP)
    aws.delete_database("late", retain_automated=True)
    result = _result(function)
    late = next(e for e in result["unselected_series"] if e["database"] == "late")
    under_way = next(e for e in result["databases"] if e["database"] == "late")

    assert STAGES == under_way["remaining"]
    assert ["verified"] == [held["condition"] for held in late["backups"]]
    assert late["removal"] is None


@pytest.mark.parametrize("hidden", ["a selector leads nowhere", "a listing fails"])
def test_no_command_is_given_while_the_database_may_only_be_hidden(
    aws: Sandbox, hidden: str
) -> None:
    """A typing error in DB_ID must not offer to delete the backups of a live database."""
    environment = aws.environment(DB_ID="orders,legacy")
    legacy(aws, Function(aws, environment))
    if hidden == "a selector leads nowhere":
        function = Function(aws, environment | {"DB_ID": "orders,legcay"})
    else:
        function = Function(aws, environment | {"DB_ID": "orders", "DB_TAG": "backup=nightly"})
        aws.fault("DescribeDBClusters", code="AccessDenied", message="no", status=403)
    found = _unselected(function)

    assert 2 == found["backups_kept"]
    assert found["removal"] is None


@pytest.fixture
def shell(aws: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A command line in the source account."""
    orders(aws)
    for name, value in aws.environment(DB_TAG="backup=nightly").items():
        monkeypatch.setenv(name, value)
    account.own.cache_clear()
    account.assumed.cache_clear()
    return aws


def test_the_page_is_written_beside_the_table(
    shell: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One call of ``status`` is enough for the person and for the file."""
    path = tmp_path / "status.html"

    assert 0 == command_line.main(["status", "--html", str(path)])
    assert "state        database" in capsys.readouterr().out
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert 0 == shell.count(mutating=True)


@pytest.mark.usefixtures("shell")
def test_a_page_that_cannot_be_written_ends_with_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that an auditor misses must not end with success."""
    assert 2 == command_line.main(["status", "--html", str(tmp_path / "no" / "status.html")])
    assert "the page cannot be written" in capsys.readouterr().err


def test_an_account_that_cannot_be_reached_is_said_and_nothing_is_made_up(
    shell: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No age, no count, no gap: only the state and the reason."""
    shell.fault("AssumeRole", code="ServiceUnavailable", message="not now", status=503)
    path = tmp_path / "status.html"

    assert 0 == command_line.main(["status", "--html", str(path)])
    assert 0 == command_line.main(["plan"])
    lines = capsys.readouterr().out.splitlines()
    row = next(line for line in lines if line.startswith("unknown  "))
    assert row.split() == ["unknown", "orders", *"-----"]
    assert any("AssumeRole" in line or "cannot assume" in line for line in lines)
    assert 'role="img"' not in path.read_text(encoding="utf-8")
