"""What AWS's error codes mean to us, and which fix a person is told."""

from functools import cache
from pathlib import Path

import botocore
import pytest
from botocore import exceptions
from botocore.loaders import Loader

from rds_backup.aws.errors import NOT_FOUND, PARAMETERS, QUOTA, AwsError, Meaning
from rds_backup.aws.problems import problem
from rds_backup.model.decisions import State
from rds_backup.model.inventory import Side

GONE = ("DBSnapshotNotFound", "DBClusterSnapshotNotFoundFault")
LOOK_AGAIN = (
    *GONE,
    "DBSnapshotAlreadyExists",
    "DBClusterSnapshotAlreadyExistsFault",
    "InvalidDBSnapshotState",
    "InvalidDBClusterSnapshotStateFault",
    "InvalidDBClusterStateFault",
)
LATER = (
    "Throttling",
    "ThrottlingException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "InternalFailure",
    "InternalError",
    "ServiceUnavailable",
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestTimeout",
    "KMSInternalException",
    "DependencyTimeoutException",
)
REFUSED = (
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "KMSKeyNotAccessibleFault",
    "SnapshotQuotaExceeded",
    "SharedSnapshotQuotaExceeded",
    "InvalidParameterValue",
    "InvalidParameterCombination",
    "ValidationError",
    "OptionGroupNotFoundFault",
    "InvalidClientTokenId",
    "NotFoundException",
    "DisabledException",
    "ACodeOf2030",
    "",
)
SOURCE_KEY = (
    "The source snapshot KMS key [arn] does not exist, is not enabled or you do not have "
    "permissions to access it."
)
TARGET_KEY = SOURCE_KEY.replace("source", "target")


@cache
def codes_on_the_wire() -> frozenset[str]:
    """The error codes that botocore's model of RDS knows."""
    loader = Loader(
        [str(Path(botocore.__file__).parent / "data")], include_default_search_paths=False
    )
    shapes = loader.load_service_model("rds", "service-2")["shapes"]
    return frozenset(s["error"]["code"] for s in shapes.values() if "code" in s.get("error", {}))


@pytest.mark.parametrize(
    "code", [*LOOK_AGAIN, "KMSKeyNotAccessibleFault", "SharedSnapshotQuotaExceeded", QUOTA]
)
def test_a_code_of_rds_is_spelt_as_on_the_wire(code: str) -> None:
    """Their endings are irregular; a code that AWS never sends would be a rule that never holds."""
    assert code in codes_on_the_wire()


@pytest.mark.parametrize("status", [0, 400, 403, 404])
@pytest.mark.parametrize(
    ("meaning", "code"),
    [
        *((Meaning.LOOK_AGAIN, code) for code in LOOK_AGAIN),
        *((Meaning.LATER, code) for code in LATER),
        *((Meaning.REFUSED, code) for code in REFUSED),
    ],
)
def test_a_code_means_look_again_later_or_refused(meaning: Meaning, code: str, status: int) -> None:
    """One table; what is not in it is refused and shown, never passed over."""
    assert meaning is AwsError("CopyDBSnapshot", code, "words", status).meaning


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("code", ["500", "ACodeOf2030", "AccessDenied"])
def test_an_error_of_the_server_is_for_later(code: str, status: int) -> None:
    """Whatever it calls itself: nobody can mend AWS."""
    assert Meaning.LATER is AwsError("CopyDBSnapshot", code, "words", status).meaning


@pytest.mark.parametrize(
    "code", ["ReadTimeoutError", "ConnectTimeoutError", "EndpointConnectionError"]
)
def test_a_lost_answer_is_for_later(code: str) -> None:
    """The call may have taken effect: the next listing shows."""
    assert Meaning.LATER is AwsError("CopyDBSnapshot", code, "words", lost=True).meaning


@pytest.mark.parametrize("code", GONE)
def test_not_found_is_known_for_both_families(code: str) -> None:
    """Two spellings of one fact."""
    assert NOT_FOUND == set(GONE)
    assert AwsError("DeleteDBSnapshot", code, "words", 404).not_found


@pytest.mark.parametrize("code", ["DBSnapshotNotFoundFault", "NotFound", "DBInstanceNotFound"])
def test_another_not_found_is_not_taken_for_a_snapshot_that_is_gone(code: str) -> None:
    """404 alone says nothing of our snapshot: it is not gone because something is missing."""
    assert not AwsError("DeleteDBSnapshot", code, "words", 404).not_found


def test_errors_of_parameters_are_refused() -> None:
    """They are the ones that tell an unsupported copy from a failed one."""
    assert {Meaning.REFUSED} == {AwsError("CopyDBSnapshot", c, "", 400).meaning for c in PARAMETERS}


def test_an_error_says_the_operation_the_code_and_the_words() -> None:
    """AWS's own words are what people search for."""
    error = AwsError("CopyDBSnapshot", "AccessDenied", "User: x is not authorized", 403)
    assert "CopyDBSnapshot: AccessDenied: User: x is not authorized" == str(error)


@pytest.mark.parametrize(
    "code", ["NoCredentialsError", "ProfileNotFound", "SSOTokenLoadError", "LoginRefreshRequired"]
)
def test_credentials_that_are_not_there_are_told_with_the_next_step(code: str) -> None:
    """By botocore's own names of its errors; a refusal of AWS is no matter of signing in."""
    assert hasattr(exceptions, code)
    assert AwsError("Session", code, "words").unusable == (
        f"the credentials cannot be used: Session: {code}: words; "
        "sign in (aws sso login), and name the profile: --profile or AWS_PROFILE"
    )
    assert AwsError("GetCallerIdentity", "AccessDenied", "no").unusable.endswith("AccessDenied: no")


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("operation", ["AssumeRole", "CopyDBSnapshot", "DescribeDBSnapshots"])
@pytest.mark.parametrize(
    "error",
    [
        ("Throttling", 400),
        ("ServiceUnavailable", 503),
        ("InternalFailure", 500),
        ("DBSnapshotNotFound", 404),
        ("ExpiredToken", 403),
    ],
)
def test_what_may_be_different_in_a_minute_is_unknown(
    operation: str, error: tuple[str, int], side: Side
) -> None:
    """No one is sent to mend a throttle."""
    code, status = error
    told = problem(AwsError(operation, code, "words", status), "cannot look", side)
    assert State.UNKNOWN is told.state
    assert (f"cannot look: {code}: words", "wait: the next run tries again", code) == (
        told.reason,
        told.fix,
        told.code,
    )


@pytest.mark.parametrize("operation", ["CopyDBSnapshot", "CopyDBClusterSnapshot"])
@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException"])
def test_a_copy_that_is_denied_names_the_condition_that_nobody_has_seen(
    operation: str, code: str
) -> None:
    """On either side; no other call has to do with the guard of tags."""
    for side in Side:
        fix = str(problem(AwsError(operation, code, "not authorized", 403), "copying", side).fix)
        assert fix.endswith("; if that role has it already, deploy both stacks with TagGuard=off")
    other = problem(AwsError("ModifyDBSnapshotAttribute", code, "no", 403), "sharing", Side.SOURCE)
    assert "TagGuard" not in str(other.fix)


@pytest.mark.parametrize(
    ("side", "operation", "code", "message", "fixes"),
    [
        (
            Side.BACKUP,
            "AssumeRole",
            "AccessDenied",
            "User: x is not authorized to perform: sts:AssumeRole",
            ("sts:AssumeRole on BACKUP_ACCOUNT_ROLE", "trust policy", "BACKUP_ACCOUNT_EXTERNAL_ID"),
        ),
        (
            Side.SOURCE,
            "DescribeDBInstances",
            "AccessDenied",
            "not authorized to perform: rds:DescribeDBInstances",
            ("allow the function's role the action that the message names",),
        ),
        (
            Side.BACKUP,
            "DeleteDBSnapshot",
            "AccessDeniedException",
            "not authorized to perform: rds:DeleteDBSnapshot",
            ("allow the role in the backup account the action that the message names",),
        ),
        (
            Side.SOURCE,
            "DescribeKey",
            "NotFoundException",
            "Alias arn:aws:kms:eu-west-1:111111111111:alias/x is not found.",
            ("set KMS_KEY_ID to the sharing key", "in SOURCE_ACCOUNT and in this Region"),
        ),
        (
            Side.BACKUP,
            "DescribeKey",
            "NotFoundException",
            "Alias arn:aws:kms:eu-west-1:222222222222:alias/rds-backup is not found.",
            (
                "set BACKUP_KMS_KEY_ID to the backup key",
                "in BACKUP_ACCOUNT and in the Region of the backups",
            ),
        ),
        (
            Side.SOURCE,
            "CopyDBSnapshot",
            "KMSKeyNotAccessibleFault",
            SOURCE_KEY,
            ("the database's own key", "the function's role", "kms:CreateGrant"),
        ),
        (
            Side.BACKUP,
            "CopyDBSnapshot",
            "KMSKeyNotAccessibleFault",
            SOURCE_KEY,
            (
                "enable the sharing key",
                "its own policy",
                "the backup account's role",
                "kms:CreateGrant",
            ),
        ),
        (
            Side.SOURCE,
            "CopyDBSnapshot",
            "KMSKeyNotAccessibleFault",
            TARGET_KEY,
            ("enable the sharing key KMS_KEY_ID", "the function's role on it", "kms:CreateGrant"),
        ),
        (
            Side.BACKUP,
            "CopyDBClusterSnapshot",
            "KMSKeyNotAccessibleFault",
            TARGET_KEY,
            (
                "enable the backup key BACKUP_KMS_KEY_ID",
                "the assumed role on it",
                "kms:CreateGrant",
            ),
        ),
        (
            Side.SOURCE,
            "CopyDBSnapshot",
            "ACodeOf2030",
            "words nobody has read yet",
            ("wait: the next run tries again",),
        ),
    ],
)
def test_what_is_refused_is_blocked_with_the_words_and_the_fix(
    side: Side, operation: str, code: str, message: str, fixes: tuple[str, ...]
) -> None:
    """KMS and access denied the first time right: the error names the missing permission."""
    told = problem(AwsError(operation, code, message, 403), "cannot copy orders", side)
    assert State.BLOCKED is told.state
    assert (f"cannot copy orders: {code}: {message}", code) == (told.reason, told.code)
    assert told.fix
    assert all(part in told.fix for part in fixes)
    assert f"{told.reason}; {told.fix}" == told.told


@pytest.mark.parametrize(
    ("operation", "code", "message", "fix"),
    [
        ("CopyDBSnapshot", "KMSKeyNotAccessibleFault", TARGET_KEY, "to a customer managed key: "),
        ("CopyDBSnapshot", "InvalidParameterCombination", "no", "to a customer managed key: "),
        ("CopyDBSnapshot", "KMSKeyNotAccessibleFault", SOURCE_KEY, "enable the sharing key, "),
        ("CopyDBSnapshot", "AccessDenied", "rds:CopyDBSnapshot", "TagGuard=off"),
        ("DescribeKey", "AccessDeniedException", "no", "with BackupKeyAlias=alias/aws/rds"),
        ("DescribeKey", "NotFoundException", "no", "let RDS make the key: "),
    ],
)
def test_under_aws_rds_a_refusal_has_a_fix_of_its_own_unless_the_key_is_not_the_cause(
    operation: str, code: str, message: str, fix: str
) -> None:
    """6.13d: whether and how RDS refuses such a copy is documented nowhere."""
    error = AwsError(operation, code, message, 403)
    assert fix in str(problem(error, "copying", Side.BACKUP, "alias/aws/rds").fix)


@pytest.mark.parametrize(
    ("code", "side", "expected"),
    [
        ("EndpointConnectionError", Side.BACKUP, "correct AWS_REGION or BACKUP_REGION"),
        ("InvalidClientTokenId", Side.BACKUP, "of the backups in the backup account, if AWS asks"),
        (
            "UnrecognizedClientException",
            Side.SOURCE,
            "enable this Region in the account, if AWS asks",
        ),
        ("OptionGroupNotFoundFault", Side.BACKUP, "in BACKUP_REGION, with the options that it"),
    ],
)
def test_a_region_that_is_none_or_not_enabled_or_lacks_a_group_has_its_fix(
    code: str, side: Side, expected: str
) -> None:
    """A Region that there is not has no endpoint; one may be down, too: the next run asks."""
    lost = code == "EndpointConnectionError"
    found = problem(AwsError("DescribeKey", code, "words", lost=lost), "doing", side)
    assert expected in str(found.fix)
    assert (State.UNKNOWN if lost else State.BLOCKED) is found.state
