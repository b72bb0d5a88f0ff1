"""`check`, on two accounts that are well, and with credentials and roles that are not."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from rds_backup import __main__ as command_line
from rds_backup.aws import account
from sandbox import Sandbox
from sandbox.calls import Call
from sandbox.gate import Hook
from sandbox.serving.lambda_runtime import Function
from tests.support.check_answers import (
    BACKUP,
    BACKUP_KEY,
    BILLING,
    CHECK,
    ORDERS,
    SHARING_KEY,
    SOURCE,
    checked,
)
from tests.support.playing import NIGHT, automated

TAGS = {"backup": "nightly"}
DENIED: dict[str, Any] = {"code": "AccessDenied", "message": "not authorized", "status": 403}


@pytest.fixture
def aws(aws: Sandbox) -> Sandbox:
    """An instance and a cluster, on a night on which nothing is wrong."""
    aws.add_instance("orders", engine="postgres", kms_key="aws/rds", tags=TAGS)
    aws.add_cluster("billing", engine="aurora-postgresql", kms_key="aws/rds", tags=TAGS)
    automated(aws)
    aws.clock.move_to(NIGHT)
    return aws


def test_a_deployment_that_is_well_passes_every_question(aws: Sandbox) -> None:
    """`pass` is possible, and says of each question what was seen."""
    found = checked(aws)

    assert found.not_well() == set()
    assert found.outcome == "pass"
    assert all(answer["fact"] for answer in found.result["answers"])
    assert {SOURCE, BACKUP, SHARING_KEY, BACKUP_KEY, ORDERS, BILLING} < {
        answer["about"] for answer in found.result["answers"]
    }


def test_a_check_costs_a_fixed_number_of_calls(aws: Sandbox) -> None:
    """Listings, and never one call a database."""
    checked(aws)
    few = len(aws.calls)
    for number in range(20):
        aws.add_instance(f"more-{number}", engine="postgres", kms_key="aws/rds", tags=TAGS)
    aws.take_automated_of_all()
    aws.gate.calls.clear()
    checked(aws)

    assert len(aws.calls) == few <= 32


def test_it_may_be_narrowed_to_some_databases(aws: Sandbox) -> None:
    """What concerns the accounts is asked all the same."""
    found = checked(aws, "orders")
    about = {answer["about"] for answer in found.result["answers"]}

    assert ORDERS in about
    assert BILLING not in about
    assert SHARING_KEY in about
    assert found.all(BACKUP, "places for cluster snapshots")


def test_a_database_that_is_not_configured_is_refused(aws: Sandbox) -> None:
    """As with every other action."""
    function = Function(aws, aws.environment(DB_ID="orders"))
    answer = function.invoke(CHECK | {"databases": ["nobody"]})

    assert "not configured: nobody" in str(answer.error)


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
    def test_zero_where_all_is_well(self, capsys: pytest.CaptureFixture[str]) -> None:
        """The last line says so."""
        assert command_line.main(["check"]) == 0
        assert "outcome: pass (" in capsys.readouterr().out

    @pytest.mark.usefixtures("environment")
    def test_one_for_a_warning(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Something cannot be told."""
        monkeypatch.delenv("NIGHT_SCHEDULE")

        assert command_line.main(["check"]) == 1
        assert "outcome: warn (" in capsys.readouterr().out

    @pytest.mark.usefixtures("environment")
    def test_two_for_a_failure(self, aws: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
        """Statements are printed as JSON, each on one line."""
        aws.keys.shut_out(aws.sharing_key, aws.backup.id)

        assert command_line.main(["check"]) == 2
        out = capsys.readouterr().out
        assert '        {"Sid": "BackupRoleReads", "Effect": "Allow"' in out
        assert "        fix: add the statements" in out

    @pytest.mark.usefixtures("environment")
    def test_two_for_an_environment_that_cannot_be_used(
        self, aws: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """No call is made."""
        monkeypatch.delenv("KMS_KEY_ID")

        assert command_line.main(["check"]) == 2
        assert aws.calls == []

    @pytest.mark.usefixtures("environment", "aws")
    def test_two_for_a_crash(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Python's own 1 would be taken for a warning."""
        monkeypatch.setattr("rds_backup.check.reading.answers", lambda _: 1 / 0)

        assert command_line.main(["check"]) == 2
        assert "ZeroDivisionError" in capsys.readouterr().err

    @pytest.mark.usefixtures("environment")
    def test_two_for_a_profile_that_is_not_there(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """As with every other command."""
        monkeypatch.setenv("AWS_PROFILE", "nobody")

        assert command_line.main(["check"]) == 2
        assert command_line.main(["plan"]) == 2
        assert "ProfileNotFound" in capsys.readouterr().err


class TestCredentials:
    """Whose they are is the first question; without its answer nothing else means anything."""

    def test_those_of_another_account_are_all_that_is_said(self, aws: Sandbox) -> None:
        """No other call is made with them."""
        found = checked(aws, SOURCE_ACCOUNT="333333333333", KMS_KEY_ID="alias/rds-sharing")

        assert found.not_well() == {("fail", SOURCE, "credentials")}
        assert len(found.result["answers"]) == 1
        assert [call.operation for call in aws.calls] == ["GetCallerIdentity"]

    def test_those_that_do_not_work_are_all_that_is_said(self, aws: Sandbox) -> None:
        """With AWS's words."""
        aws.fault("GetCallerIdentity", code="InvalidClientTokenId", message="is invalid")
        found = checked(aws)

        assert found.not_well() == {("fail", SOURCE, "credentials")}
        assert "is invalid" in found.one(SOURCE, "credentials")["fact"]

    def test_no_answer_is_no_failure(self, aws: Sandbox) -> None:
        """It may be there in a minute."""
        aws.fault("GetCallerIdentity", code="Throttling", message="Rate exceeded")

        assert checked(aws).not_well() == {("warn", SOURCE, "credentials")}

    def test_expired_ones_have_to_be_renewed(self, aws: Sandbox) -> None:
        """Asking again is of no use."""
        aws.fault("GetCallerIdentity", code="ExpiredToken", message="is expired")

        assert "renew the credentials" in checked(aws).one(SOURCE, "credentials")["fix"]


class TestRoles:
    """The role in the backup account, and what narrows either role."""

    def test_a_role_that_cannot_be_assumed_needs_both_sides(self, aws: Sandbox) -> None:
        """STS does not say which is missing: both statements are handed out."""
        aws.external_id = "nightly"
        found = checked(aws)

        assert found.level(BACKUP, "role can be assumed") == "fail"
        assert found.sids(BACKUP, "role can be assumed") == [
            "AssumeBackupRole",
            "FunctionsOfTheSourceAccounts",
        ]
        assert "no external id is sent" in found.one(BACKUP, "role can be assumed")["fix"]
        assert found.all(BACKUP_KEY, "found") == []

    def test_the_external_id_is_asked_for_and_not_printed(self, aws: Sandbox) -> None:
        """Whoever pastes the trust policy knows it; whoever reads the output need not."""
        aws.external_id = "nightly"
        found = checked(aws, BACKUP_ACCOUNT_EXTERNAL_ID="daily")
        trust = found.one(BACKUP, "role can be assumed")["paste"][1]["statement"]

        assert trust["Condition"]["StringEquals"] == {"sts:ExternalId": "THE-EXTERNAL-ID"}
        assert "daily" not in str(found.result)
        assert trust["Condition"]["ArnEquals"] == {
            "aws:PrincipalArn": ["arn:aws:iam::111111111111:role/rds-backup-function"]
        }

    def test_a_role_that_leads_elsewhere_is_not_looked_through(self, aws: Sandbox) -> None:
        """Nothing is said of keys and backups of an account that is not meant."""
        aws.hooks.append(_Elsewhere())
        found = checked(aws)

        assert found.level(BACKUP, "role can be assumed") == "pass"
        assert found.level(BACKUP, "account of the role") == "fail"
        assert found.all(BACKUP_KEY, "found") == []

    def test_a_boundary_cannot_be_told(self, aws: Sandbox) -> None:
        """It takes permissions away, and which is not read."""
        aws.function_role.boundary = "arn:aws:iam::111111111111:policy/everybody"
        aws.backup_role.boundary = "arn:aws:iam::222222222222:policy/everybody"

        assert checked(aws).not_well() == {
            ("warn", SOURCE, "permissions boundary"),
            ("warn", BACKUP, "permissions boundary"),
        }

    def test_a_role_that_may_not_read_itself_gets_the_statement(self, aws: Sandbox) -> None:
        """An older stack's role lacks it; the rest of the check goes on."""
        aws.fault("GetRole", **DENIED)
        found = checked(aws)

        assert found.not_well() == {
            ("warn", SOURCE, "permissions boundary"),
            ("warn", BACKUP, "permissions boundary"),
            ("warn", "expiry", "both settings agree"),
        }
        assert found.one(SOURCE, "permissions boundary")["fact"].startswith("cannot tell: GetRole")
        assert found.sids(SOURCE, "permissions boundary") == ["ReadOwnRole"]
        assert found.sids(BACKUP, "permissions boundary") == ["ReadOwnRole"]

    @pytest.mark.parametrize(
        ("operation", "account", "question", "sid"),
        [
            (
                "DescribeDBInstances",
                SOURCE,
                "databases and snapshots can be listed",
                "ListDatabasesAndSnapshots",
            ),
            (
                "DescribeDBSnapshots",
                SOURCE,
                "databases and snapshots can be listed",
                "ListDatabasesAndSnapshots",
            ),
            ("DescribeDBClusterSnapshots", BACKUP, "backups can be listed", "ListBackups"),
        ],
    )
    def test_a_listing_that_is_refused_is_a_failure(
        self, aws: Sandbox, operation: str, account: str, question: str, sid: str
    ) -> None:
        """Nothing can be backed up that cannot be seen; the statement is the stack's own."""
        aws.fault(operation, account=aws.source if account == SOURCE else aws.backup, **DENIED)
        found = checked(aws)

        assert found.level(account, question) == "fail"
        assert found.sids(account, question) == [sid]
        role = aws.function_role if account == SOURCE else aws.backup_role
        assert found.one(account, question)["paste"][0]["into"] == f"the policy of {role.arn}"

    def test_a_listing_without_an_answer_is_never_a_pass(self, aws: Sandbox) -> None:
        """What rests on it cannot be told either."""
        aws.fault("DescribeDBSnapshots", code="Throttling", account=aws.backup)
        found = checked(aws)

        assert {
            ("warn", BACKUP, "backups can be listed"),
            ("warn", BACKUP, "places for instance snapshots"),
            ("warn", "other snapshots", "under another prefix"),
        } <= found.not_well()
        assert found.level(SOURCE, "databases and snapshots can be listed") == "pass"
        assert found.outcome == "warn"

    def test_a_refusal_is_not_hidden_behind_a_throttle(self, aws: Sandbox) -> None:
        """Of several listings the one that has to be mended is said."""
        aws.fault("DescribeDBSnapshots", code="Throttling", account=aws.backup)
        aws.fault("DescribeDBClusterSnapshots", account=aws.backup, **DENIED)
        found = checked(aws)

        assert found.level(BACKUP, "backups can be listed") == "fail"
        assert found.sids(BACKUP, "backups can be listed") == ["ListBackups"]
        paste = found.one(BACKUP, "backups can be listed")["paste"][0]
        assert paste["into"] == f"the policy of {aws.role_arn}"

    def test_a_listing_of_automated_snapshots_counts_too(self, aws: Sandbox) -> None:
        """Without it nothing is copied."""
        automated = lambda call: call.params.get("SnapshotType") == "automated"  # noqa: E731
        aws.fault("DescribeDBSnapshots", account=aws.source, when=automated, **DENIED)

        question = "databases and snapshots can be listed"
        assert checked(aws).level(SOURCE, question) == "fail"

    def test_a_refusal_that_is_no_matter_of_permissions_gets_no_statement(
        self, aws: Sandbox
    ) -> None:
        """AWS's words are all there is."""
        aws.fault("DescribeDBSnapshots", account=aws.backup, code="OptInRequired", status=403)
        found = checked(aws)

        assert found.level(BACKUP, "backups can be listed") == "fail"
        assert found.sids(BACKUP, "backups can be listed") == []

    def test_an_assumption_that_is_refused_for_another_reason_fails(self, aws: Sandbox) -> None:
        """A Region that is not enabled for STS, say; no statement helps."""
        aws.fault("AssumeRole", code="RegionDisabledException", status=403)
        found = checked(aws)

        assert found.level(BACKUP, "role can be assumed") == "fail"
        assert found.sids(BACKUP, "role can be assumed") == []

    def test_a_role_with_a_path_is_read_by_its_name(self, aws: Sandbox) -> None:
        """GetRole takes no path."""
        arn = "arn:aws:iam::222222222222:role/backups/nightly/rds-backup-writer"
        aws.backup_role.arn = arn
        checked(aws, BACKUP_ACCOUNT_ROLE=arn)
        names = [c.params["RoleName"] for c in aws.calls if c.operation == "GetRole"]

        assert names == ["rds-backup-writer", "rds-backup-function"]


class TestSomebodyElse:
    """Credentials of the account that are not the function's own."""

    WHO = "the function's role"

    def test_a_person_s_credentials_tell_nothing_of_the_function_s(self, aws: Sandbox) -> None:
        """What they may do is another matter."""
        found = checked(aws, AWS_LAMBDA_FUNCTION_NAME=None)

        assert found.not_well() == {("warn", SOURCE, self.WHO)}

    def test_sam_local_invoke_is_no_function(self, aws: Sandbox) -> None:
        """It sets the function's name, and has a person's session."""
        found = checked(aws, AWS_LAMBDA_FUNCTION_NAME="BackupFunction")

        assert found.not_well() == {("warn", SOURCE, self.WHO)}

    def test_nobody_else_is_handed_out_to_be_trusted(self, aws: Sandbox) -> None:
        """A person who cannot assume the role is no failure of the night either."""
        aws.external_id = "nightly"
        found = checked(aws, AWS_LAMBDA_FUNCTION_NAME=None)
        answer = found.one(BACKUP, "role can be assumed")

        assert answer["level"] == "warn"
        trusted = answer["paste"][1]["statement"]["Condition"]["ArnEquals"]["aws:PrincipalArn"]
        assert trusted == ["arn:aws:iam::111111111111:role/NAME-OF-THE-FUNCTION-S-ROLE"]

    def test_no_session_s_name_is_printed(self, aws: Sandbox) -> None:
        """It may be a person's address."""
        fact = checked(aws).one(SOURCE, "credentials")["fact"]

        assert fact.endswith("arn:aws:sts::111111111111:assumed-role/rds-backup-function")

    def test_a_user_has_no_role(self, aws: Sandbox) -> None:
        """Root and users have no session, and nothing is read of them."""
        aws.hooks.append(_AUser())
        found = checked(aws)

        assert found.not_well() == {("warn", SOURCE, self.WHO)}
        assert not [c for c in aws.calls if c.operation == "GetRole" and c.account == SOURCE_ID]


SOURCE_ID = "111111111111"


class _AUser(Hook):
    """The credentials are a user's."""

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Say so."""
        if call.operation == "GetCallerIdentity" and call.account == SOURCE_ID:
            answer["Arn"] = f"arn:aws:iam::{SOURCE_ID}:user/alice"


class _Elsewhere(Hook):
    """The role's credentials are of a third account."""

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Say so."""
        if call.operation == "GetCallerIdentity" and call.account == "222222222222":
            answer["Account"] = "333333333333"
