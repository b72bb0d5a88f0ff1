"""What AWS may answer instead, and where in a night it may answer it.

Holds every error that the service models name for the operations used, those seen in the wild, and
connections that break; and what each means for a database, by the documentation and not by the
function's own table (the rules' numbers are those of docs/explained/aws-contract.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from botocore.exceptions import (
    ConnectionClosedError,
    ConnectionError,  # noqa: A004 - botocore's
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ReadTimeoutError,
)

from sandbox import AwsError, Call, Hook
from sandbox.kinds import Kind
from sandbox.sandbox import BACKUP, SOURCE

# A call is tried so often in all: what botocore retries has to fail as often to fail at all.
ATTEMPTS = 5
HIT = ("orders", "billing")
LATER = "wait: the next run tries again"
_ENDPOINT = "https://aws.example/"
_SHARING_KEY = "arn:aws:kms:eu-west-1:111111111111:key/sharing"


@dataclass(frozen=True, slots=True)
class Answer:
    """An error: its code for each family that has it, and what it makes of a database.

    ``state`` is the state if it goes on for ever, ``fix`` words of what to do about it.
    ``retried`` says that botocore tries again by itself (5.5), ``looks`` that it only says that the
    world has changed, so that the function looks again once.
    """

    codes: Mapping[Kind, str]
    message: str
    state: str
    fix: str
    status: int | None = None
    retried: bool = False
    looks: bool = False
    breaks: type[ConnectionError | HTTPClientError] | None = None

    def __str__(self) -> str:
        """The id of a test."""
        return f"{'/'.join(dict.fromkeys(self.codes.values()))} {self.message[:16]}"

    def answer(self, kind: Kind) -> BaseException:
        """What to raise for a call of this family."""
        if self.breaks is None:
            return AwsError(self.codes[kind], self.message, self.status)
        return self.breaks(endpoint_url=_ENDPOINT, error=TimeoutError(self.message))


def _same(code: str) -> Mapping[Kind, str]:
    return {"instance": code, "cluster": code}


def _refused(
    code: str, message: str = "Words of AWS.", fix: str = LATER, status: int = 400
) -> Answer:
    return Answer(_same(code), message, "blocked", fix, status)


def _later(code: str, status: int, message: str = "Words of AWS.", *, retried: bool) -> Answer:
    return Answer(_same(code), message, "unknown", LATER, status, retried)


def _broken(error: type[ConnectionError | HTTPClientError]) -> Answer:
    name = error.__name__
    return Answer(_same(name), "no answer", "unknown", LATER, retried=True, breaks=error)


def _again(message: str, **codes: str) -> Answer:
    return Answer(codes, message, "unknown", LATER, looks=True)  # type: ignore[arg-type]


DENIED = _refused(
    "AccessDenied", "User: function is not authorized to perform: rds:This", "allow ", 403
)
NO_ANSWER = _broken(ReadTimeoutError)
THROTTLED = _later("ThrottlingException", 400, "Rate exceeded", retried=True)
SERVER_ERROR = _later("InternalFailure", 500, retried=True)
EXPIRED = _later("ExpiredToken", 403, "The security token is expired", retried=False)
# Any operation of any service: 2.40, 5.4, 5.5, and expired credentials.
COMMON = (
    DENIED,
    NO_ANSWER,
    THROTTLED,
    SERVER_ERROR,
    _refused("InvalidParameterValue"),
    _refused("InvalidParameterCombination"),
    _refused("ACodeThatNobodyKnows"),
    _later("RequestLimitExceeded", 503, retried=True),
    _later("ServiceUnavailable", 503, retried=True),
    EXPIRED,
    _broken(ConnectionClosedError),
    _broken(ConnectTimeoutError),
    _broken(EndpointConnectionError),
)
_NOT_FOUND = _again(
    "not found.", instance="DBSnapshotNotFound", cluster="DBClusterSnapshotNotFoundFault"
)
_STATE = _again(
    "is in the state modifying.",
    instance="InvalidDBSnapshotState",
    cluster="InvalidDBClusterSnapshotStateFault",
)
_KMS = tuple(
    _refused(
        "KMSKeyNotAccessibleFault",
        f"{which} does not exist, is not enabled or you do not have permissions to access it.",
        "kms:CreateGrant",
    )
    for which in (f"The source snapshot KMS key [{_SHARING_KEY}]", "The target KMS key [here]")
)
FULL = _refused(
    "SnapshotQuotaExceeded",
    "Cannot create more than 100 manual snapshots",
    "delete some of the others, or request a higher quota",
)
BUSY = Answer(
    _same("SnapshotQuotaExceeded"),
    "Cannot copy more than 20 snapshots across regions",
    "queued",
    "queued: AWS says",
)
_COPY = (
    _NOT_FOUND,
    _STATE,
    *_KMS,
    FULL,
    BUSY,
    _again(
        "already exists.",
        instance="DBSnapshotAlreadyExists",
        cluster="DBClusterSnapshotAlreadyExistsFault",
    ),
    _again("the cluster is starting.", cluster="InvalidDBClusterStateFault"),
    Answer({"instance": "CustomAvailabilityZoneNotFound"}, "no such zone.", "blocked", LATER),
    Answer(
        {"instance": "OptionGroupNotFoundFault"},
        "no such group.",
        "blocked",
        "make an option group",
    ),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """One kind of call in one account, and every answer it may get instead of its own.

    ``operation`` may have wildcards, and several with ``|`` between them.  ``of`` tells listings
    apart; a call of ``expire`` in the backup account has another ``role`` than the assumed one.
    """

    name: str
    operation: str
    account: str
    answers: tuple[Answer, ...]
    of: str = ""
    role: str = ""

    def __str__(self) -> str:
        """The id of a test."""
        return self.name

    def plays(self, operation: str) -> bool:
        """Whether an operation is of this stage, in some account."""
        return any(fnmatchcase(operation, name) for name in self.operation.split("|"))

    def is_at(self, call: Call) -> bool:
        """Whether a call is of this stage."""
        return (
            self.plays(call.operation)
            and call.account == self.account
            and self.role in (call.caller or "")
            and (not self.of or (_listed(call) == self.of))
        )


def _listed(call: Call) -> str:
    return "named" if "Filters" in call.params else str(call.params.get("SnapshotType"))


def _said(call: Call) -> str:
    return f"{call.operation} {call.account} {call.params}"


def kind_of(call: Call) -> Kind:
    """The family that a call is of; instance where the operation has none."""
    return "cluster" if "Cluster" in call.operation else "instance"


_SHARE = (
    _NOT_FOUND,
    _STATE,
    _refused("SharedSnapshotQuotaExceeded", "shared with too many accounts."),
)
# The changing calls: they are of one database each.
CHANGES = (
    Stage("copy", "CopyDB*", SOURCE, (*COMMON, *_COPY)),
    Stage("share", "ModifyDB*Attribute", SOURCE, (*COMMON, *_SHARE)),
    Stage("back up", "CopyDB*", BACKUP, (*COMMON, *_COPY)),
)
DELETIONS = (
    Stage("delete the shared copy", "DeleteDB*Snapshot", SOURCE, (*COMMON, _STATE, _NOT_FOUND)),
    Stage("expire", "DeleteDB*Snapshot", BACKUP, (*COMMON, _STATE, _NOT_FOUND)),
)
_LISTING = (*COMMON, _NOT_FOUND)
_DATABASES = _again("not found.", instance="DBInstanceNotFound", cluster="DBClusterNotFoundFault")
# The looks of a whole family.
LISTINGS = (
    Stage(
        "list databases", "DescribeDBInstances|DescribeDBClusters", SOURCE, (*COMMON, _DATABASES)
    ),
    Stage("list automated snapshots", "DescribeDB*Snapshots", SOURCE, _LISTING, of="automated"),
    Stage("list shared copies", "DescribeDB*Snapshots", SOURCE, _LISTING, of="manual"),
    Stage("list backups", "DescribeDB*Snapshots", BACKUP, _LISTING, of="manual"),
)
# The fresh looks before deletions.
FRESH_LOOKS = (
    Stage("look again at shared copies", "DescribeDB*Snapshots", SOURCE, _LISTING, of="named"),
    Stage("look again at backups", "DescribeDB*Snapshots", BACKUP, _LISTING, of="named"),
)
_KEY = (
    *COMMON,
    _refused("AccessDeniedException", "not authorized to perform: kms:DescribeKey", "allow "),
    _refused("NotFoundException", "Alias is not found.", fix="its id, ARN or alias in"),
    _refused("InvalidArnException", "Invalid arn."),
    _later("DependencyTimeoutException", 503, retried=True),
    _later("KMSInternalException", 500, retried=True),
)
_ROLE = (
    *(a for a in COMMON if a.state == "unknown"),
    *(
        _refused(code, fix="sts:AssumeRole", status=403)
        for code in (
            "AccessDenied",
            "MalformedPolicyDocument",
            "PackedPolicyTooLarge",
            "RegionDisabledException",
            "ACodeThatNobodyKnows",
        )
    ),
    _later("ExpiredTokenException", 400, retried=False),
)
# What every database depends on.
ACCOUNTS = (
    Stage("assume the role", "AssumeRole", SOURCE, _ROLE),
    Stage("sharing key", "DescribeKey", SOURCE, _KEY),
    Stage("backup key", "DescribeKey", BACKUP, _KEY),
)
IDENTITY = Stage("identity in the source account", "GetCallerIdentity", SOURCE, COMMON)
# What the backup account's own function does.
EXPIRES = tuple(
    Stage(name, operation, BACKUP, answers, of, "rds-backup-function")
    for name, operation, answers, of in (
        ("identity for expire", "GetCallerIdentity", COMMON, ""),
        ("list backups for expire", "DescribeDB*Snapshots", _LISTING, "manual"),
        ("key for expire", "DescribeKey", _KEY, ""),
        ("look again for expire", "DescribeDB*Snapshots", _LISTING, "named"),
        ("expire there", "DeleteDB*Snapshot", (*COMMON, _STATE), ""),
    )
)
ALL = (*CHANGES, *DELETIONS, *LISTINGS, *FRESH_LOOKS, *ACCOUNTS, IDENTITY, *EXPIRES)


def answers_to(call: Call) -> list[Answer]:
    """Every answer that a call of this operation may get, each once."""
    answers = {
        str(a): a
        for stage in ALL
        if stage.plays(call.operation)
        for a in stage.answers
        if kind_of(call) in a.codes
    }
    return list(answers.values())


def pairs(*stages: Stage) -> list[tuple[Stage, Answer]]:
    """Every answer at every stage."""
    return [(stage, answer) for stage in stages for answer in stage.answers]


@dataclass(eq=False)
class Mishap(Hook):
    """An answer instead of a stage's own, for ever; to a change only where it is of HIT."""

    stage: Stage
    answer: Answer
    kinds: tuple[Kind, ...] = ("instance", "cluster")
    struck: list[Call] = field(default_factory=list)

    def before(self, call: Call) -> None:
        """Answer instead of the operation."""
        kind = kind_of(call)
        if not self.stage.is_at(call) or kind not in self.kinds or kind not in self.answer.codes:
            return
        if self.stage in (*CHANGES, *DELETIONS) and not any(n in str(call.params) for n in HIT):
            return
        self.struck.append(call)
        raise self.answer.answer(kind)


@dataclass(eq=False)
class Once(Hook):
    """An answer instead of the call with this number, and instead of botocore's own retries."""

    number: int
    answer: Answer
    seen: int = 0
    struck: int = 0

    def before(self, call: Call) -> None:
        """Count, and answer instead of the one call."""
        self.seen += 1
        last = self.number + (ATTEMPTS if self.answer.retried else 1)
        if self.number < self.seen <= last:
            self.struck += 1
            raise self.answer.answer(kind_of(call))


@dataclass(eq=False)
class EachCallOnce(Hook):
    """Every call of a night fails at its first attempt."""

    answer: Answer
    last: str | None = None
    struck: int = 0

    def before(self, call: Call) -> None:
        """Fail what is not the retry of what failed before."""
        again = _said(call)
        if again == self.last:
            self.last = None
            return
        self.last = again
        self.struck += 1
        raise self.answer.answer(kind_of(call))


@dataclass(eq=False)
class Lost(Hook):
    """The changing call with this number takes effect; ``attempts`` of its answers are lost."""

    number: int
    attempts: int
    seen: int = 0
    lost: int = 0
    aim: str | None = None

    def before(self, call: Call) -> None:
        """Lose the answers to botocore's further attempts, whatever they would be."""
        if self.lost:
            self._lose(call)

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Count, and lose the answer."""
        del answer
        if self.aim is None and call.mutating:
            self.seen += 1
            if self.seen == self.number + 1:
                self.aim = _said(call)
        self._lose(call)

    def _lose(self, call: Call) -> None:
        if _said(call) == self.aim and self.lost < self.attempts:
            self.lost += 1
            raise ConnectionClosedError(endpoint_url=_ENDPOINT)
