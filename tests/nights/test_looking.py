"""Looks: with a person's credentials, with exit codes, and in the backup account itself."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from rds_backup.__main__ import main
from rds_backup.aws import account
from sandbox import Sandbox
from sandbox.serving.lambda_runtime import Function
from tests.support.playing import BACKUP, DAY, NIGHT, RESUME, automated, backups, mutations, nights

type Said = Callable[..., tuple[int, str, str]]
TAG = {"backup": "nightly"}
STATUS = {"action": "status"}


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """What a command ends with and prints, in an environment."""

    def run(environment: dict[str, str], *arguments: str) -> tuple[int, str, str]:
        for name in ("SOURCE_ACCOUNT", "DB_ID", "DB_TAG"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        account.own.cache_clear()
        account.assumed.cache_clear()
        code = main(arguments)
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def orders(aws: Sandbox) -> Sandbox:
    """One database, an hour before its first night."""
    aws.add_instance("orders", engine="postgres", kms_key="aws/rds", tags=TAG)
    automated(aws)
    aws.clock.move_to(NIGHT)
    return aws


@pytest.mark.parametrize("command", [("status",), ("plan",), ("restore-plan", "orders")])
def test_a_person_whom_the_role_does_not_admit_is_told_what_to_type(
    orders: Sandbox, said: Said, command: tuple[str, ...]
) -> None:
    """In one sentence, and not that a stack may be missing: that would send them astray."""
    environment = orders.environment(DB_ID="orders") | orders.source.person.environment()

    code, out, err = said(environment, *command)

    assert (2, "") == (code, out)
    assert 1 == len(err.splitlines())
    assert f"these are the credentials of {orders.source.person.identity.arn}" in err
    assert f"rds-backup {command[0]} --function with the name of its stack" in err
    assert "deployed" not in err


def test_check_goes_on_for_a_person_and_says_so_in_its_answer(orders: Sandbox, said: Said) -> None:
    """What it can read with these credentials is worth an answer each."""
    environment = orders.environment(DB_ID="orders") | orders.source.person.environment()

    _, out, _ = said(environment, "check")

    assert "ask the function itself, with rds-backup check" in " ".join(out.split())
    assert "pass  orders (instance)" in out


def test_the_functions_own_credentials_are_no_persons(orders: Sandbox, said: Said) -> None:
    """A task whose role is not admitted looks as ever, and tells what both sides lack."""
    orders.fault("AssumeRole", code="AccessDenied", message="not allowed", status=403)
    task = {"ECS_CONTAINER_METADATA_URI_V4": "http://169.254.170.2/v4/1"}

    code, out, _ = said(orders.environment(DB_ID="orders") | task, "status")

    assert 0 == code
    assert out.startswith("1 of 1 needs a person: orders (blocked)\n")
    assert "cannot assume BACKUP_ACCOUNT_ROLE" in out


def test_the_exit_code_tells_only_where_it_is_asked_to(orders: Sandbox, said: Said) -> None:
    """0: all is well; 1: a person is needed; 3: on the way, or something would be done."""
    environment = orders.environment(DB_ID="orders")
    function = Function(orders, environment)

    def codes() -> list[int]:
        looks = (["plan"], ["status"], ["plan", "--exit-code"], ["status", "--exit-code"])
        return [said(environment, *look)[0] for look in looks]

    assert [0, 0, 3, 3] == codes()
    for _ in range(9):
        function.at(orders.clock.now + timedelta(minutes=10), RESUME)
    function.invoke(BACKUP)
    for _ in range(9):
        function.at(orders.clock.now + timedelta(minutes=10), RESUME)
    assert [0, 0, 0, 0] == codes()
    orders.clock.advance(hours=48)
    assert [0, 0, 1, 1] == codes()


@pytest.fixture
def both(aws: Sandbox) -> Sandbox:
    """Two nights of a database here, and one of a database of a second source account."""
    aws.add_instance("orders", engine="postgres", kms_key="aws/rds", tags=TAG)
    aws.add_cluster("billing", engine="aurora-mysql", kms_key="aws/rds", tags=TAG)
    nights(aws, Function(aws, aws.environment(DB_TAG="backup=nightly")), 2)
    return aws


def test_the_backup_account_has_a_status_of_its_own(
    both: Sandbox, said: Said, tmp_path: Path
) -> None:
    """Every series there, with that account's credentials alone, and the page for the auditor."""
    before, page = len(both.calls), tmp_path / "status.html"

    code, out, _ = said(both.backup_environment(), "status", "--html", str(page))

    assert 0 == code
    assert out.startswith("all 2 series held here have fresh data; databases without any backup")
    assert "series of every account" in out
    assert all(name in out for name in ("orders", "billing"))
    assert "orders" in page.read_text(encoding="utf-8")
    assert [] == mutations(both, before)
    assert {both.backup.id} == {c.account for c in both.calls[before:]}


def test_its_function_answers_the_same_and_writes_the_gauges_of_an_expire(both: Sandbox) -> None:
    """The event and the command are one look."""
    done = Function(both, both.backup_environment()).invoke(STATUS)

    assert done.result
    assert "nothing_to_do" == done.outcome
    assert [("billing", "protected"), ("orders", "protected")] == [
        (e["database"], e["state"]) for e in done.result["databases"]
    ]
    assert {both.source.id} == {e["source_account"] for e in done.result["databases"]}
    assert done.result["setting"]["source_account"] is None


def test_what_grows_old_there_needs_a_person_until_one_has_retired_it(both: Sandbox) -> None:
    """Nobody in that account can know whether the database exists: only a person can say so."""
    function = Function(both, both.backup_environment())
    both.clock.advance(hours=72)
    old = function.invoke(STATUS).result
    newest = backups(both, "orders")[-1]
    both.change_snapshot(
        both.backup, newest.kind, newest.identifier, tags={**newest.tags, "rds-backup:retired": ""}
    )
    retired = function.invoke(STATUS).result

    assert old
    assert retired
    assert {"stale": 2} == old["counts"]["databases"]
    assert ["billing"] == [e["database"] for e in retired["databases"]]
    (apart,) = retired["unselected_series"]
    assert ("orders", "its newest verified backup is tagged rds-backup:retired") == (
        apart["database"],
        apart["reason"],
    )


def test_an_empty_backup_account_is_not_called_protected(aws: Sandbox, said: Said) -> None:
    """Nothing there is no reason to be at ease."""
    code, out, _ = said(aws.backup_environment(), "status", "--exit-code")

    assert out.startswith("there is nothing to protect, and nothing is held\n")
    assert 1 == code


@pytest.mark.parametrize("operation", ["DescribeDBSnapshots", "DescribeKey"])
def test_what_cannot_be_read_there_is_unknown_or_blocked(both: Sandbox, operation: str) -> None:
    """No age and no number is made up."""
    both.fault(operation, code="AccessDenied", message="not allowed", status=403)

    done = Function(both, both.backup_environment()).invoke(STATUS)

    assert done.result
    assert "blocked" in {e["state"] for e in done.result["databases"]}
    assert all("backups" not in e for e in done.result["databases"] if e["state"] == "blocked")


@pytest.mark.parametrize("action", ["plan", "check", "backup", "resume"])
def test_what_takes_the_source_account_is_refused_there(both: Sandbox, action: str) -> None:
    """It names what is missing, and calls nothing."""
    before = len(both.calls)

    done = Function(both, both.backup_environment()).invoke({"action": action})

    assert "SOURCE_ACCOUNT, KMS_KEY_ID and BACKUP_ACCOUNT_ROLE are not set" in str(done.error)
    assert before == len(both.calls)


def test_a_status_there_is_not_narrowed(both: Sandbox) -> None:
    """Nothing is configured there, so that no name can be known."""
    done = Function(both, both.backup_environment()).invoke(STATUS | {"databases": ["orders"]})

    assert 'does not take "databases"' in str(done.error)


def test_an_environment_without_its_source_account_is_still_a_mistake(both: Sandbox) -> None:
    """Databases are configured: so this is the source account's function, and incomplete."""
    environment = both.environment(DB_ID="orders", SOURCE_ACCOUNT=None)

    assert "SOURCE_ACCOUNT is not set" in str(Function(both, environment).invoke(STATUS).error)


@pytest.mark.parametrize("where", ["source", "backup"])
def test_a_restore_plan_is_an_event_too(both: Sandbox, said: Said, where: str) -> None:
    """The text is what the command prints, with the function's credentials and its role."""
    environment = (
        both.environment(DB_TAG="backup=nightly")
        if where == "source"
        else both.backup_environment()
    )
    function, before = Function(both, environment), len(both.calls)
    at = (NIGHT + timedelta(hours=1)).isoformat()

    newest = function.invoke({"action": "restore_plan", "database": "orders"})
    older = function.invoke({"action": "restore_plan", "database": "orders", "at": at})

    assert newest.result
    assert older.result
    assert ("completed", "orders") == (newest.outcome, newest.result["database"])
    assert said(environment, "restore-plan", "orders") == (0, newest.result["text"], "")
    assert (NIGHT + DAY).strftime("%Y%m%d") in newest.result["text"]
    assert NIGHT.strftime("%Y%m%d") in older.result["text"]
    assert [] == mutations(both, before)
    assert () == newest.metrics
    assert ["restore_plan"] == [line["message"] for line in newest.logs]


def test_a_restore_plan_that_cannot_be_made_is_a_result_and_no_error(both: Sandbox) -> None:
    """A look returns what it found; the reason is in words."""
    done = Function(both, both.backup_environment()).invoke(
        {"action": "restore_plan", "database": "nothing"}
    )

    assert done.result
    assert "failed" == done.outcome
    assert "there is no backup of nothing" in done.result["reason"]


@pytest.mark.parametrize("where", ["source", "backup"])
def test_a_warm_function_takes_each_invocations_own_time(both: Sandbox, where: str) -> None:
    """What an earlier invocation had left says nothing of this one."""
    there = where == "backup"
    environment = both.backup_environment() if there else both.environment(DB_ID="orders")
    function = Function(both, environment, timeout=timedelta(minutes=2))
    function.invoke(STATUS)
    both.clock.advance(hours=1)
    done = function.invoke({"action": "restore_plan", "database": "orders"})

    assert done.result
    assert "completed" == done.outcome
    assert "seconds were left" not in done.result["text"]


def test_json_is_the_whole_result(both: Sandbox, said: Said) -> None:
    """With its version and action, for whoever reads it by machine."""
    code, out, _ = said(both.environment(DB_TAG="backup=nightly"), "status", "--json")

    assert 0 == code
    assert (1, "status") == (json.loads(out)["version"], json.loads(out)["action"])
