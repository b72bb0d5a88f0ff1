"""Faults: what a test can put in the way of calls, with botocore's own retries running."""

from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError

from sandbox import AwsError, Call, Hook, Sandbox
from tests.sandbox.families import Family, refused


def test_a_fault_answers_instead_of_the_call(aws: Sandbox, family: Family) -> None:
    """Any code, message and status for any operation; removed, it does nothing more."""
    source = family.add()
    fault = aws.fault(f"Copy{family.noun}", code="KMSKeyNotAccessibleFault", message="no key")
    for _ in range(2):
        with refused("KMSKeyNotAccessibleFault", saying="no key"):
            family.copy(source.identifier, "copy")
    assert [] == aws.snapshots(type="manual")
    fault.remove()
    family.copy(source.identifier, "copy")
    assert 2 == fault.hits


def test_a_modelled_code_has_the_models_status(aws: Sandbox) -> None:
    """The HTTP status of a code is the service model's, unless the test says another."""
    aws.fault("DescribeDBSnapshots", code="DBSnapshotNotFound", times=1)
    with refused("DBSnapshotNotFound", status=404):
        aws.source.client("rds").describe_db_snapshots()
    aws.fault("DescribeDBSnapshots", code="AccessDenied", times=1, status=400)
    with refused("AccessDenied", status=400):
        aws.source.client("rds").describe_db_snapshots()


def test_a_fault_can_wait_and_end(aws: Sandbox, family: Family) -> None:
    """``after`` calls pass, then ``times`` are hit, in one account and where ``when`` says so."""
    aws.fault(
        f"Describe{family.noun}s",
        code="AccessDenied",
        account=aws.source,
        after=1,
        times=1,
        when=lambda call: call.params.get("SnapshotType") == "manual",
    )
    family.list(SnapshotType="manual")
    family.list(SnapshotType="automated")
    family.list(aws.backup, SnapshotType="manual")
    with refused("AccessDenied", status=403):
        family.list(SnapshotType="manual")
    family.list(SnapshotType="manual")


@pytest.mark.parametrize(
    ("code", "status"),
    [("Throttling", 400), ("ThrottlingException", 400), ("InternalFailure", 500)],
)
def test_botocore_retries_throttles_and_server_errors(aws: Sandbox, code: str, status: int) -> None:
    """5.4, 5.5: standard mode repeats these; its sleeps move the sandbox's clock, nobody waits."""
    aws.fault("DescribeDBSnapshots", code=code, status=status, times=2)
    before = aws.clock.now
    aws.source.client("rds").describe_db_snapshots()
    assert [code, code, None] == [call.error for call in aws.calls]
    assert aws.clock.now > before


def test_a_fault_of_sts_and_kms(aws: Sandbox) -> None:
    """The same for every service; JSON errors come in KMS's own form."""
    aws.fault("AssumeRole", code="AccessDenied", message="no trust")
    aws.fault("DescribeKey", code="AccessDeniedException", message="no permission")
    with refused("AccessDenied", saying="no trust", status=403):
        aws.source.client("sts").assume_role(RoleArn=aws.role_arn, RoleSessionName="backup")
    with refused("AccessDeniedException", saying="no permission"):
        aws.source.client("kms").describe_key(KeyId="alias/rds-sharing")


def test_a_lost_answer_took_effect(aws: Sandbox, family: Family) -> None:
    """The call works, the connection closes; botocore repeats it and finds the work done."""
    source = family.add()
    aws.lose_answer(f"Copy{family.noun}")
    with refused(family.codes["already exists"]):
        family.copy(source.identifier, "copy")
    assert "copy" == family.row("copy").identifier
    assert ["ConnectionClosedError", family.codes["already exists"]] == [
        call.error for call in aws.calls
    ]


def test_an_answer_lost_for_ever_is_a_connection_error(aws: Sandbox, family: Family) -> None:
    """Where every answer is lost, botocore gives up with its own exception."""
    family.shared()
    aws.lose_answer(f"Modify{family.noun}Attribute", times=None)
    with pytest.raises(ConnectionClosedError):
        family.share("shared", "333333333333")
    assert "333333333333" in family.row("shared").shared_with


class _Death(BaseException):
    """The process is gone: nothing that catches errors catches this."""


class _Dying(Hook):
    """Dies before or after a call."""

    def __init__(self, *, before: bool) -> None:
        self._before = before

    def before(self, call: Call) -> None:
        if self._before and call.mutating:
            raise _Death

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        del answer
        if call.mutating:
            raise _Death


@pytest.mark.parametrize("before", [True, False])
def test_a_process_can_die_at_a_call(aws: Sandbox, family: Family, *, before: bool) -> None:
    """Before the call nothing happened; after it, it took effect."""
    source = family.add()
    aws.hooks.append(_Dying(before=before))
    with pytest.raises(_Death):
        family.copy(source.identifier, "copy")
    assert ([] if before else ["copy"]) == [row.identifier for row in aws.snapshots(type="manual")]
    assert ["_Death"] == [call.error for call in aws.calls]


class _Lying(Hook):
    """Says that everything is in a status that no document names."""

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        del call
        for item in answer.get("DBSnapshots", []) + answer.get("DBClusterSnapshots", []):
            item["Status"] = "storage-optimization"


def test_a_hook_can_change_an_answer(aws: Sandbox, family: Family) -> None:
    """A hook gets the answer with AWS's names, to lie as AWS might."""
    source = family.add()
    aws.hooks.append(_Lying())
    shown = family.one(source.identifier, SnapshotType="automated")
    assert "storage-optimization" == shown["Status"]
    assert "available" == family.row(source.identifier).status


class _Refusing(Hook):
    def before(self, call: Call) -> None:
        raise AwsError("Mine", f"not {call.operation}", 418)


def test_a_hook_can_refuse(aws: Sandbox) -> None:
    """An AwsError from a hook is the answer of AWS."""
    aws.hooks.append(_Refusing())
    with refused("Mine", saying="not DescribeDBClusters", status=418):
        aws.source.client("rds").describe_db_clusters()


def test_an_action_that_the_sandbox_does_not_play_is_refused(aws: Sandbox) -> None:
    """Nothing is answered by a laxer model than the rules."""
    with refused("InvalidAction"):
        aws.source.client("rds").describe_certificates()


def test_every_call_is_recorded_with_its_params_and_error(aws: Sandbox) -> None:
    """What reached the server, in order: retries, refusals and all."""
    client = aws.source.client("rds")
    tags = [{"Key": "a", "Value": "b"}]
    with refused("DBSnapshotNotFound", status=404):
        client.copy_db_snapshot(
            SourceDBSnapshotIdentifier="x", TargetDBSnapshotIdentifier="y", Tags=tags
        )
    aws.backup.client("sts").get_caller_identity()
    copy, identity = aws.calls
    assert ("rds", "CopyDBSnapshot", aws.source.id, "DBSnapshotNotFound", True) == (
        copy.service,
        copy.operation,
        copy.account,
        copy.error,
        copy.mutating,
    )
    assert tags == copy.params["Tags"]
    assert (aws.backup.id, None, False) == (identity.account, identity.error, identity.mutating)
    assert (1, 1, 2) == (
        aws.count("Copy*"),
        aws.count(account=aws.backup, mutating=False),
        aws.count(),
    )
