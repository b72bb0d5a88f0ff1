"""What AWS's error codes mean to us, and what to do about those that a person has to mend.

One table: *look again*, *later*, or *refused*; an unknown code is refused and shown.  The
codes are those on the wire (RDS service model 2014-10-31), whose endings are irregular.
This module must not know botocore: ``rds`` and ``account`` hand it code, status and message.
"""

from enum import StrEnum

from rds_backup.model.decisions import Problem, State
from rds_backup.model.inventory import Side


class Meaning(StrEnum):
    """What to do after an answer that was no success."""

    LOOK_AGAIN = "look again"
    LATER = "later"
    REFUSED = "refused"


NOT_FOUND = frozenset({"DBSnapshotNotFound", "DBClusterSnapshotNotFoundFault"})
QUOTA = "SnapshotQuotaExceeded"
# Not AWS's: a listing that could not end in time, and was ended.
OUT_OF_TIME = "OutOfTime"
PARAMETERS = frozenset({"InvalidParameterValue", "InvalidParameterCombination", "ValidationError"})
_LOOK_AGAIN = NOT_FOUND | {
    "DBSnapshotAlreadyExists",
    "DBClusterSnapshotAlreadyExistsFault",
    "InvalidDBSnapshotState",
    "InvalidDBClusterSnapshotStateFault",
    "InvalidDBClusterStateFault",
}
# What botocore's standard retry mode has already tried again, and credentials in their last second.
_LATER = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "SlowDown",
        "PriorRequestNotComplete",
        "RequestTimeout",
        "RequestTimeoutException",
        "InternalFailure",
        "InternalError",
        "ServiceUnavailable",
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "KMSInternalException",
        "DependencyTimeoutException",
        # botocore's own: credentials that could not be fetched just now, a listing that repeats.
        "CredentialRetrievalError",
        "MetadataRetrievalError",
        "PaginationError",
        OUT_OF_TIME,
    }
)
_SERVER_ERROR = 500
_AT_THE_NEXT_RUN = "wait: the next run tries again"
MORE_TIME = "give the function a longer timeout or more memory"
# A key or an alias that is not there, or not visible to this account.
NO_SUCH_KEY = "NotFoundException"
# botocore's own: there are no credentials here that a call could be signed with.
_SIGNED_OUT = frozenset(
    {
        "NoCredentialsError",
        "PartialCredentialsError",
        "ProfileNotFound",
        "SSOTokenLoadError",
        "UnauthorizedSSOTokenError",
        "TokenRetrievalError",
        "LoginRefreshRequired",
        "LoginTokenLoadError",
    }
)
DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")


class AwsError(Exception):
    """An AWS call that did not succeed.

    ``code`` is the wire code, or the name of botocore's exception where no answer came.
    ``lost`` says that the call may have taken effect all the same.
    """

    def __init__(
        self, operation: str, code: str, message: str, status: int = 0, *, lost: bool = False
    ) -> None:
        """Keep what AWS said, word for word."""
        super().__init__(f"{operation}: {code}: {message}")
        self.operation = operation
        self.code = code
        self.message = message
        self.status = status
        self.lost = lost

    @property
    def meaning(self) -> Meaning:
        """The row of the table."""
        if self.code in _LOOK_AGAIN:
            return Meaning.LOOK_AGAIN
        if self.lost or self.code in _LATER or self.status >= _SERVER_ERROR:
            return Meaning.LATER
        return Meaning.REFUSED

    @property
    def sign_in(self) -> str | None:
        """What to do about credentials that this machine does not have; None about all else."""
        if self.code not in _SIGNED_OUT:
            return None
        return "sign in (aws sso login), and name the profile: --profile or AWS_PROFILE"

    @property
    def unusable(self) -> str:
        """The words where nothing can be asked with these credentials."""
        next_step = f"; {self.sign_in}" if self.sign_in else ""
        return f"the credentials cannot be used: {self}{next_step}"

    @property
    def copies_in_flight(self) -> bool:
        """Whether a quota that is full is that of copies in flight.

        RDS has one code for it and for the quota of manual snapshots; only the words differ.
        """
        return self.code == QUOTA and "cannot copy more than" in self.message.lower()

    @property
    def no_such_part(self) -> bool:
        """A stack of CloudFormation is there, and the resource asked for is no part of it."""
        return self.code == "ValidationError" and "does not exist for stack" in self.message

    @property
    def not_found(self) -> bool:
        """The snapshot is not there, or not visible to this account."""
        return self.code in NOT_FOUND


def problem(error: AwsError, doing: str, side: Side) -> Problem:
    """The error as a reason: AWS's words, and the fix where the words tell it.

    Refused is ``blocked``; anything that may be different in a minute is ``unknown``.
    """
    words = f"{doing}: {error.code}: {error.message}"
    if error.meaning is not Meaning.REFUSED:
        fix = MORE_TIME if error.code == OUT_OF_TIME else _AT_THE_NEXT_RUN
        return Problem(State.UNKNOWN, words, fix, error.code)
    return Problem(State.BLOCKED, words, _fix(error, side), error.code)


def _fix(error: AwsError, side: Side) -> str:
    if error.operation == "AssumeRole":
        return (
            "deploy the backup account's stack if it does not exist yet; otherwise allow the "
            "function's role sts:AssumeRole on BACKUP_ACCOUNT_ROLE, and name it in that role's "
            "trust policy (with BACKUP_ACCOUNT_EXTERNAL_ID, if the policy asks for one)"
        )
    if error.code == NO_SUCH_KEY:
        own = side is Side.SOURCE
        which = "KMS_KEY_ID to the sharing key" if own else "BACKUP_KMS_KEY_ID to the backup key"
        account = "SOURCE_ACCOUNT" if own else "BACKUP_ACCOUNT"
        return f"set {which}: its id, ARN or alias in {account} and in this Region"
    if error.code == "KMSKeyNotAccessibleFault":
        return _kms_fix(error.message, side)
    if error.code in DENIED:
        where = "the function's role" if side is Side.SOURCE else "the role in the backup account"
        allowed = f"allow {where} the action that the message names"
        # Nobody has seen the condition on tags on AWS (docs/explained/aws-contract.md, 7.21).
        guarded = "; if that role has it already, deploy both stacks with TagGuard=off"
        return allowed + (guarded if error.operation.startswith("Copy") else "")
    return _AT_THE_NEXT_RUN


def _kms_fix(message: str, side: Side) -> str:
    """The one code that AWS gives for three causes; the message tells which key it is."""
    text = message.lower()
    actions = (
        "kms:DescribeKey, kms:Decrypt, kms:Encrypt, kms:ReEncrypt*, kms:GenerateDataKey* and "
        "kms:CreateGrant (for AWS resources)"
    )
    if "source snapshot kms key" in text:
        if side is Side.SOURCE:
            return f"allow the function's role {actions} on the database's own key"
        return (
            f"enable the sharing key, and allow {actions} on it both in its own policy and in the "
            "policy of the backup account's role"
        )
    which = (
        "enable the sharing key KMS_KEY_ID, and allow the function's role on it"
        if side is Side.SOURCE
        else "enable the backup key BACKUP_KMS_KEY_ID, and allow the assumed role on it"
    )
    return f"{which}: {actions}"
