"""`check` on two accounts: that it reads the right things, and says what the night then meets.

What is asked of what was read, and what is answered, stands in ``tests/unit/check``.
"""

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from rds_backup import __main__ as command_line
from rds_backup.aws import account
from sandbox import Kind, Sandbox
from sandbox.calls import Call
from sandbox.gate import Hook
from sandbox.serving.lambda_runtime import Function
from tests.support.astray import LedAstray
from tests.support.check_answers import (
    BACKUP,
    BACKUP_KEY,
    BILLING,
    CHECK,
    ORDERS,
    SHARING_KEY,
    SOURCE,
    TAGS,
    WINDOW,
    Answers,
    before_a_night,
    checked,
)
from tests.support.playing import NIGHT, play

KEEP = {"BACKUPS_TO_KEEP": "3"}
PLACES = "places for instance snapshots"
TONIGHT, ASSUMED, ASKS = "tonight's backup", "role can be assumed", "the function's role"
SEEN = "seen from the backup account"
BOUNDARY = "permissions boundary"
SIGN_IN = "sign in (aws sso login), and name the profile: --profile or AWS_PROFILE"


@pytest.fixture
def aws(aws: Sandbox) -> Sandbox:
    """Two databases, before a night that is well."""
    before_a_night(aws)
    return aws


def deployed(aws: Sandbox) -> Function:
    """The function that is checked."""
    return Function(aws, aws.environment(DB_TAG="backup=nightly", **KEEP))


class TestANightThatIsWell:
    """`pass` is possible, and says of each question what was seen."""

    @pytest.mark.parametrize(("about", "kind"), [(ORDERS, "instance"), (BILLING, "cluster")])
    def test_what_passes_is_what_the_night_does(self, aws: Sandbox, about: str, kind: Kind) -> None:
        """Before it, in the middle of it and after it, of either family."""
        places = f"places for {kind} snapshots"
        aws.add_manual("by-hand", of=about.split(maxsplit=1)[0], kind=kind, account=aws.backup)
        before = checked(aws, **KEEP)
        deployed(aws).invoke({"action": "backup"})
        midst = checked(aws, **KEEP)
        play(deployed(aws), aws.clock.now, hours=1)
        after = checked(aws, **KEEP)

        assert [set()] * 3 == [found.not_well() for found in (before, midst, after)]
        assert all(answer["fact"] for answer in before.result["answers"])
        word = [found.one(about, TONIGHT)["fact"].split(":")[0] for found in (before, midst, after)]
        assert ["in_progress", "in_progress", "protected"] == word
        assert "1.0 h old" in before.one(about, "newest automated snapshot")["fact"]
        assert before.one(SOURCE, places)["fact"].startswith("0 of 100 used: 0 foreign, 0 ours")
        assert midst.one(SOURCE, places)["fact"].startswith("1 of 100 used: 0 foreign, 1 ours")
        assert before.one(BACKUP, places)["fact"].startswith("1 of 100 used: 1 foreign, 0 ours")
        assert after.one(BACKUP, places)["fact"].startswith("2 of 100 used: 1 foreign, 1 ours")

    def test_it_has_the_time_of_its_own_invocation(self, aws: Sandbox) -> None:
        """The process that answers may have made the night, hours ago: its time is over."""
        function = Function(aws, aws.environment(DB_TAG="backup=nightly", **WINDOW))
        play(function, hours=1)
        done = function.at(NIGHT + timedelta(hours=5), CHECK)

        assert done.result
        assert set() == Answers(done.result).not_well()

    def test_a_check_costs_a_fixed_number_of_calls(self, aws: Sandbox) -> None:
        """Listings, and never one call a database."""
        checked(aws)
        few = len(aws.calls)
        for number in range(20):
            aws.add_instance(f"more-{number}", engine="postgres", kms_key="aws/rds", tags=TAGS)
        aws.take_automated_of_all()
        aws.gate.calls.clear()
        checked(aws)

        assert few == len(aws.calls) <= 32

    def test_it_may_be_narrowed_to_some_databases(self, aws: Sandbox) -> None:
        """What concerns the accounts is asked all the same; another name is refused."""
        aws.database("billing").retention_days = 0
        found = checked(aws, "orders")

        assert found.not_well() == set()
        assert {ORDERS, SHARING_KEY} < {answer["about"] for answer in found.result["answers"]}
        assert found.all(BACKUP, "places for cluster snapshots")
        function = Function(aws, aws.environment(DB_ID="orders"))
        answer = function.invoke(CHECK | {"databases": ["nobody"]})
        assert "not configured: nobody" in str(answer.error)

    def test_nothing_that_was_said_is_a_secret(self, aws: Sandbox) -> None:
        """No endpoint, user name or tag of a database, and no session's name."""
        aws.database("orders").tags["owner"] = "somebody-s-name"
        aws.database("orders").fields = {"Endpoint": {"Address": "orders.example", "Port": 5432}}
        found = checked(aws)
        words = str(found.result)

        assert ORDERS in words
        assert [] == [w for w in ("somebody-s-name", "orders.example", "master") if w in words]
        who = "arn:aws:sts::111111111111:assumed-role/rds-backup-function"
        assert found.one(SOURCE, "credentials")["fact"].endswith(who)


class TestTheCommand:
    """The exit code is the worst answer."""

    @pytest.fixture
    def environment(self, aws: Sandbox) -> Iterator[dict[str, str]]:
        """The variables of a command line on this sandbox; may be changed."""
        found = aws.environment(
            DB_TAG="backup=nightly",
            NIGHT_SCHEDULE="rate(1 hour)",
            ECS_CONTAINER_METADATA_URI_V4="an address within the task",
        )
        with patch.dict("os.environ", found, clear=True):
            account.own.cache_clear()
            account.assumed.cache_clear()
            yield found

    @pytest.mark.usefixtures("environment")
    def test_it_is_as_bad_as_the_worst_answer(
        self, aws: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """0 where all is well, 1 for a warning, 2 for a failure, with its statements as JSON."""
        assert 0 == command_line.main(["check"])
        assert "pass: all " in capsys.readouterr().out
        monkeypatch.delenv("NIGHT_SCHEDULE")
        assert 1 == command_line.main(["check"])
        assert "warn: 0 fail and " in capsys.readouterr().out
        aws.keys.shut_out(aws.sharing_key, aws.backup.id)
        assert 2 == command_line.main(["check"])
        out = capsys.readouterr().out
        assert '        {"Sid": "BackupRoleReads", "Effect": "Allow"' in out
        assert "        fix: add the statements" in out

    @pytest.mark.usefixtures("environment")
    def test_two_for_an_environment_that_cannot_be_used(
        self, aws: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """No call is made."""
        monkeypatch.delenv("KMS_KEY_ID")

        assert 2 == command_line.main(["check"])
        assert [] == aws.calls

    @pytest.mark.usefixtures("environment", "aws")
    def test_two_for_a_crash(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Python's own 1 would be taken for a warning."""
        monkeypatch.setattr("rds_backup.check.reading.answers", lambda _: 1 / 0)

        assert 2 == command_line.main(["check"])
        assert "ZeroDivisionError" in capsys.readouterr().err

    @pytest.mark.usefixtures("environment")
    def test_two_for_a_profile_that_is_not_there(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """As with every other command, and with the next step."""
        monkeypatch.setenv("AWS_PROFILE", "nobody")

        assert [2, 2] == [command_line.main([name]) for name in ("check", "plan")]
        err = capsys.readouterr().err
        assert 2 == err.count("ProfileNotFound") == err.count(SIGN_IN)

    @pytest.mark.usefixtures("environment")
    def test_two_for_no_credentials_at_all(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Whoever has never signed in here is told how."""
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            monkeypatch.delenv(name)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            monkeypatch.setenv(name, os.devnull)

        assert 2 == command_line.main(["check", "--json"])
        assert SIGN_IN in capsys.readouterr().out
        assert [2, 2] == [
            command_line.main([*words]) for words in (["plan"], ["restore-plan", "x"])
        ]
        assert 2 == capsys.readouterr().err.count(SIGN_IN)


class TestWhoAsks:
    """Whose credentials they are, and whether they are the function's own."""

    def test_those_of_another_account_are_all_that_is_said(self, aws: Sandbox) -> None:
        """No other call is made with them."""
        found = checked(aws, SOURCE_ACCOUNT="333333333333", KMS_KEY_ID="alias/rds-sharing")

        assert found.not_well() == {("fail", SOURCE, "credentials")}
        assert len(found.result["answers"]) == 1
        assert (NIGHT.strftime("%Y-%m-%dT%H:%M"), "eu-west-1") == (
            found.result["looked_at"][:16],
            found.result["region"],
        )
        assert ["GetCallerIdentity"] == [call.operation for call in aws.calls]

    def test_those_that_do_not_work_are_all_that_is_said(self, aws: Sandbox) -> None:
        """With AWS's words."""
        aws.fault("GetCallerIdentity", code="InvalidClientTokenId", message="is invalid")
        found = checked(aws)

        assert found.not_well() == {("fail", SOURCE, "credentials")}
        assert "is invalid" in found.one(SOURCE, "credentials")["fact"]
        assert len(found.result["answers"]) == 1

    @pytest.mark.parametrize("name", [None, "BackupFunction"], ids=["a person", "sam local"])
    def test_nobody_else_is_handed_out_to_be_trusted(self, aws: Sandbox, name: str | None) -> None:
        """Only the function's session bears its name; what others may do is another matter."""
        assert checked(aws, AWS_LAMBDA_FUNCTION_NAME=name).not_well() == {("warn", SOURCE, ASKS)}
        aws.external_id = "nightly"
        answer = checked(aws, AWS_LAMBDA_FUNCTION_NAME=name).one(BACKUP, ASSUMED)

        assert "warn" == answer["level"]
        trusted = answer["paste"][1]["statement"]["Condition"]["ArnEquals"]["aws:PrincipalArn"]
        assert ["arn:aws:iam::111111111111:role/NAME-OF-THE-FUNCTION-S-ROLE"] == trusted

    @pytest.mark.parametrize(
        ("who", "given"),
        [("user/rds-backup", {}), ("root", {"ECS_CONTAINER_METADATA_URI_V4": "x"})],
        ids=["user", "root"],
    )
    def test_a_user_has_no_role(self, aws: Sandbox, who: str, given: dict[str, str]) -> None:
        """Root and users have no session, and nothing is read of them."""
        aws.hooks.append(_Caller(aws.source.id, Arn=f"arn:aws:iam::111111111111:{who}"))
        found = checked(aws, **given)

        assert found.not_well() == {("warn", SOURCE, ASKS)}
        assert ["222222222222"] == [c.account for c in aws.calls if c.operation == "GetRole"]


class TestTheRole:
    """The role in the backup account, as STS and IAM show it."""

    def test_one_that_leads_elsewhere_is_not_looked_through(self, aws: Sandbox) -> None:
        """Nothing is asked about an account that is not meant."""
        aws.hooks.append(LedAstray())
        found = checked(aws)

        assert found.level(BACKUP, "account of the role") == "fail"
        assert [] == [c.operation for c in aws.calls if c.account == aws.backup.id]
        assert [] == found.all(BACKUP_KEY, "found") == found.all(SHARING_KEY, SEEN)

    def test_the_external_id_is_asked_for_and_not_printed(self, aws: Sandbox) -> None:
        """Whoever pastes the trust policy knows it; whoever reads the output need not."""
        aws.external_id = "nightly"
        aws.function_role.arn = "arn:aws:iam::111111111111:role/nightly/rds-backup-function"
        found = checked(aws, BACKUP_ACCOUNT_EXTERNAL_ID="daily")
        assume, trust = found.one(BACKUP, ASSUMED)["paste"]

        assert found.level(BACKUP, ASSUMED) == "fail"
        assert aws.role_arn == assume["statement"]["Resource"]
        assert {
            "ArnEquals": {"aws:PrincipalArn": [aws.function_role.arn]},  # its path, too
            "StringEquals": {"sts:ExternalId": "THE-EXTERNAL-ID"},
        } == trust["statement"]["Condition"]
        assert "daily" not in str(found.result)
        assert [] == found.all(BACKUP_KEY, "found") == found.all(BACKUP, PLACES)
        passed = checked(aws, BACKUP_ACCOUNT_EXTERNAL_ID="nightly")
        assert passed.not_well() == set()

    def test_one_with_a_path_is_read_by_its_name(self, aws: Sandbox) -> None:
        """GetRole takes no path; what is read of each role is said of it."""
        arn = "arn:aws:iam::222222222222:role/backups/nightly/rds-backup-writer"
        aws.backup_role.arn = arn
        aws.backup_role.boundary = "arn:aws:iam::222222222222:policy/everybody"
        aws.backup_role.tags = {
            "rds-backup:expire-from": "backup-account",
            "rds-backup:backups-to-keep": "5",
            "rds-backup:keep-at-least-days": "0",
        }
        found = checked(aws, BACKUP_ACCOUNT_ROLE=arn, EXPIRE_BACKUPS="false", **KEEP)

        names = [c.params["RoleName"] for c in aws.calls if c.operation == "GetRole"]
        assert ["rds-backup-writer", "rds-backup-function"] == names
        sessions = [c.params["RoleSessionName"] for c in aws.calls if c.operation == "AssumeRole"]
        assert ["rds-backup-111111111111"] == sessions
        assert found.not_well() == {
            ("warn", BACKUP, BOUNDARY),
            ("warn", "expiry", "number to keep"),
            ("warn", SHARING_KEY, "policy, for the backup account"),
        }
        assert "1 x 6" in found.one(BACKUP, PLACES)["fact"]


class _Caller(Hook):
    """The credentials of one account are somebody else's."""

    def __init__(self, account_id: str, **said: str) -> None:
        """Say of which account, and whose."""
        self._account, self._said = account_id, said

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Say so."""
        if call.operation == "GetCallerIdentity" and call.account == self._account:
            answer.update(self._said)
