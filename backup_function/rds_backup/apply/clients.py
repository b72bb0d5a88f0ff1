"""What an invocation works with: both accounts' RDS, the clock, and the time that is left."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from rds_backup.aws.rds import Rds
from rds_backup.model.inventory import Side
from rds_backup.model.settings import BackupSettings


@dataclass(frozen=True, slots=True)
class Hands:
    """What calls are made with; ``source`` is None for ``expire`` in the backup account.

    ``in_time`` says whether there is time for one more call before the invocation's deadline.
    """

    source: Rds | None
    backup: Rds
    source_account: str
    settings: BackupSettings
    now: Callable[[], datetime]
    in_time: Callable[[], bool]

    def rds(self, side: Side) -> Rds:
        """RDS in one of the accounts."""
        rds = self.source if side is Side.SOURCE else self.backup
        assert rds is not None  # noqa: S101 - expire plans nothing in the source account
        return rds

    def account(self, side: Side) -> str:
        """The id of one of the accounts."""
        return self.source_account if side is Side.SOURCE else self.settings.account
