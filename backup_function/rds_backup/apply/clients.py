"""What an invocation works with: both accounts' RDS, the clock, and the time that is left."""

from dataclasses import dataclass

from rds_backup.aws.rds import Rds
from rds_backup.model.clock import Time
from rds_backup.model.inventory import Side
from rds_backup.model.settings import BackupSettings


@dataclass(frozen=True, slots=True)
class Clients:
    """What calls are made with; ``source`` is None for ``expire`` in the backup account."""

    source: Rds | None
    backup: Rds
    source_account: str
    settings: BackupSettings
    time: Time

    def rds(self, side: Side) -> Rds:
        """RDS in one of the accounts."""
        rds = self.source if side is Side.SOURCE else self.backup
        assert rds is not None  # noqa: S101 - expire plans nothing in the source account
        return rds

    def account(self, side: Side) -> str:
        """The id of one of the accounts."""
        return self.source_account if side is Side.SOURCE else self.settings.account
