"""RDS's limit of requests: a bucket of tokens for each account and Region, which all callers share.

Decides whether a request finds a token.  Must not know what is asked, nor who retries.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.calls import Call
from sandbox.errors import AwsError
from sandbox.gate import Hook

# The requests a second of somebody else in an account, by its id, at a time.
type Others = Callable[[str, datetime], float]
BURST, PER_SECOND = 300.0, 12.0


@dataclass(slots=True)
class Bucket:
    """The tokens of one account and Region, as they were at a time."""

    tokens: float
    at: datetime

    def fill(self, now: datetime, per_second: float) -> None:
        """What has come since, less what others have taken."""
        self.tokens += per_second * (now - self.at).total_seconds()
        self.tokens, self.at = min(BURST, max(0.0, self.tokens)), now


@dataclass(eq=False, kw_only=True)
class Throttle(Hook):
    """Every request to RDS takes a token, and is refused where there is none.

    ``others`` are first at every token.  A refused request takes none, which no source says.
    """

    others: Others = lambda _account, _now: 0.0
    refused: int = 0
    _first: float = BURST
    _buckets: dict[tuple[str, str], Bucket] = field(default_factory=dict)

    def drain(self, now: datetime) -> None:
        """Somebody else has just used up every burst."""
        self._first = 0.0
        for bucket in self._buckets.values():
            bucket.tokens, bucket.at = 0.0, now

    def before(self, call: Call) -> None:
        """Take a token, or refuse."""
        if call.service != "rds":
            return
        account = call.account or ""
        bucket = self._buckets.setdefault((account, call.region), Bucket(self._first, call.at))
        bucket.fill(call.at, PER_SECOND - self.others(account, call.at))
        if bucket.tokens < 1:
            self.refused += 1
            raise AwsError("ThrottlingException", "Rate exceeded", 400)
        bucket.tokens -= 1
