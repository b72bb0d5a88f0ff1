"""What AWS's error codes mean to us.

One table: *look again*, *later*, or *refused*; an unknown code is refused and shown.  The
codes are those on the wire (RDS service model 2014-10-31), whose endings are irregular.
This module must not know botocore: ``rds`` and ``account`` hand it code, status and message.
"""

from enum import StrEnum


class Meaning(StrEnum):
    """What to do after an answer that was no success."""

    LOOK_AGAIN = "look again"
    LATER = "later"
    REFUSED = "refused"


NOT_FOUND = frozenset({"DBSnapshotNotFound", "DBClusterSnapshotNotFoundFault"})
NO_DATABASE = frozenset({"DBInstanceNotFound", "DBClusterNotFoundFault"})
PARAMETERS = frozenset({"InvalidParameterValue", "InvalidParameterCombination", "ValidationError"})
# A restore that another class or storage type may get; what is said of parameters may be of either.
OTHERWISE = PARAMETERS | {
    "InsufficientDBInstanceCapacity",
    "InsufficientDBClusterCapacityFault",
    "ProvisionedIopsNotAvailableInAZFault",
    "StorageTypeNotSupported",
}
TAKEN = frozenset({"DBInstanceAlreadyExists", "DBClusterAlreadyExistsFault"})
QUOTA = "SnapshotQuotaExceeded"
# Not AWS's: a listing that could not end in time, and was ended.
OUT_OF_TIME = "OutOfTime"
_LOOK_AGAIN = (
    NOT_FOUND
    | NO_DATABASE
    | TAKEN
    | {
        "DBSnapshotAlreadyExists",
        "DBClusterSnapshotAlreadyExistsFault",
        "InvalidDBSnapshotState",
        "InvalidDBClusterSnapshotStateFault",
        "InvalidDBClusterStateFault",
        "InvalidDBInstanceState",
    }
)
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
MORE_TIME = "give the function a longer timeout or more memory"
# botocore's own, of a Region that there is not, too.
NO_ENDPOINT = "EndpointConnectionError"
FIND_ENDPOINT = (
    "correct AWS_REGION or BACKUP_REGION, or open the way to the endpoint that the message names"
)
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
# Lambda's word for a function that is not there; botocore's for an answer that takes too long.
NO_FUNCTION, NO_ANSWER = "ResourceNotFoundException", "ReadTimeoutError"
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
    def of_all(self) -> bool:
        """Whether the next thing would meet it too: calls are denied, throttled, or lost."""
        server = self.status >= _SERVER_ERROR and not self.lost
        return self.code in DENIED or (self.meaning is Meaning.LATER and not server)

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
    def shared_already(self) -> bool:
        """Sharing is refused because the account has the snapshot, which is documented neither way.

        Nor are the words; all that is taken from them is that nothing needs to be mended (3.9).
        """
        return self.code in PARAMETERS and "already" in self.message.lower()

    @property
    def no_such_part(self) -> bool:
        """A stack of CloudFormation is there, and the resource asked for is no part of it."""
        return self.code == "ValidationError" and "does not exist for stack" in self.message

    @property
    def not_found(self) -> bool:
        """The snapshot is not there, or not visible to this account."""
        return self.code in NOT_FOUND
