"""The configuration, as values; how it is read is the business of ``inputs``."""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from rds_backup.model.identity import Marker
from rds_backup.model.inventory import Kind, Side
from rds_backup.model.verified import Vault


class Partition(NamedTuple):
    """A part of AWS with accounts of its own: as ARNs name it, and the suffix of its services."""

    name: str
    suffix: str


_STANDARD = Partition("aws", "amazonaws.com")
# The others, by how the codes of their Regions begin (botocore, partitions.json).
_PARTITIONS = {
    "cn-": Partition("aws-cn", "amazonaws.com.cn"),
    "eu-isoe-": Partition("aws-iso-e", "cloud.adc-e.uk"),
    "eusc-": Partition("aws-eusc", "amazonaws.eu"),
    "us-gov-": Partition("aws-us-gov", "amazonaws.com"),
    "us-iso-": Partition("aws-iso", "c2s.ic.gov"),
    "us-isob-": Partition("aws-iso-b", "sc2s.sgov.gov"),
    "us-isof-": Partition("aws-iso-f", "csp.hci.ic.gov"),
}


def partition_of(region: str) -> Partition:
    """The partition that a Region is in: the standard one unless its code says otherwise."""
    found = (p for prefix, p in _PARTITIONS.items() if region.startswith(prefix))
    return next(found, _STANDARD)


def rds_in(region: str) -> str:
    """RDS of a Region as ``kms:ViaService`` names it; the suffix is AWS::URLSuffix."""
    return f"rds.{region}.{partition_of(region).suffix}"


class Selector(NamedTuple):
    """What the configuration chooses: identifiers of one family, or a tag of either."""

    identifiers: tuple[str, ...]
    kind: Kind
    tag: tuple[str, str | None] | None

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The families whose databases have to be listed."""
        return tuple(Kind) if self.tag else (self.kind,)

    @property
    def tag_text(self) -> str:
        """The tag as it stands in ``DB_TAG``."""
        key, value = self.tag or ("", None)
        return key if value is None else f"{key}={value}"


class Rules(NamedTuple):
    """How much is kept: ``keep`` verified backups, and every good one younger than ``min_age``.

    Beside those the first day of each of the newest ``weekly`` ISO weeks, ``monthly`` months and
    ``yearly`` years that have a sound one.
    """

    keep: int
    min_age: timedelta
    weekly: int = 0
    monthly: int = 0
    yearly: int = 0

    @property
    def tiers(self) -> int:
        """How many days at most are kept beside the newest ones."""
        return self.weekly + self.monthly + self.yearly


class Drills(NamedTuple):
    """When drills begin, as the deployment schedules them, and how old a proof may become.

    No schedule: there are none.  ``max_age_days`` 0: no proof is too old.
    """

    schedule: str | None = None
    max_age_days: int = 0


class BackupSettings(NamedTuple):
    """What concerns the backups themselves: all that ``expire`` needs in the backup account.

    ``region`` is where the backups are, which need not be the Region of the databases.
    ``read_only``: nothing that changes anything is to be done, whatever is asked for.  ``drills``
    decides nothing: looks tell how long a round takes, and which proof is too old.
    """

    account: str
    region: str
    key: str
    prefix: str
    rules: Rules
    max_age_hours: int
    read_only: bool = False
    drills: Drills = Drills()

    @property
    def marker(self) -> Marker:
        """What marks the snapshots of this deployment."""
        return Marker(self.prefix, self.account)

    def vault(self, key: str) -> Vault:
        """The backup account with its key, whose ARN has been resolved."""
        return Vault(self.account, key)


class DrillSettings(NamedTuple):
    """What a restore drill needs beside that: as what, where, and whom to ask.

    ``classes`` are DB instance classes, of which the first that is offered is taken.  ``probe`` and
    ``validator`` are Lambda functions, by name or ARN.
    """

    backup: BackupSettings
    classes: tuple[str, ...]
    subnet_group: str
    security_group: str
    probe: str
    validator: str | None
    deadline: timedelta


class Settings(NamedTuple):
    """The configuration of the function in the source account; see docs/reference/environment.md.

    ``region`` is that of the databases, of the sharing key and of the shared copies.
    ``incremental``: the newest shared copy of an instance stays, as the base of the next copy.
    ``schedule``, ``timezone`` and ``scheduled`` decide nothing: ``check`` compares them with the
    databases' backup windows.  Nor does ``tags_guarded``, which it warns of.
    """

    selector: Selector
    source_account: str
    region: str
    sharing_key: str
    role: str
    external_id: str | None
    expire: bool
    max_attempts: int
    max_copies: Mapping[Kind, int]
    backup: BackupSettings
    schedule: str | None = None
    timezone: str = "UTC"
    scheduled: bool = True
    tags_guarded: bool = True
    incremental: bool = False

    @property
    def here(self) -> tuple[str, str]:
        """The account and the Region of this deployment's own series."""
        return self.source_account, self.region

    def place(self, side: Side) -> tuple[str, str]:
        """The account and the Region of a side."""
        return self.here if side is Side.SOURCE else (self.backup.account, self.backup.region)

    @property
    def regions(self) -> tuple[str, ...]:
        """The Region of the databases, and that of the backups where it is another one."""
        return tuple(dict.fromkeys((self.region, self.backup.region)))

    @property
    def elsewhere(self) -> str | None:
        """The Region of the backups, if it is another one."""
        return None if self.backup.region == self.region else self.backup.region
