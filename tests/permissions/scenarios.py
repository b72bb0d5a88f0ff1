"""The ways to deploy the two stacks that the proof goes through.

The second stack gets its parameters from the command line that the first one prints.
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.environments import DRILL_SECURITY_GROUP
from tests.permissions.asking import BACKUP, ORGANIZATION, SECOND, SOURCE
from tests.permissions.grants import Grants, grants
from tests.permissions.known_keys import (
    BACKUP_KEY,
    DATABASE_KEYS,
    DEFAULT_KEYS,
    KEY_THERE,
    SHARING_KEY,
    THERE,
)
from tests.permissions.resolving import REGION, ROOT, Stack
from tests.permissions.sam import transformed

SIDES = {"source": "template.yaml", "backup": "backup-account.yaml"}
TEXTS = {side: (ROOT / name).read_text() for side, name in SIDES.items()}
_ADMINISTRATOR = f"arn:aws:iam::{BACKUP}:role/key-administrator"


@dataclass(frozen=True, eq=False)
class Scenario:
    """Parameters of both stacks beyond what has to be given; ``accounts`` are the source's."""

    name: str
    expire_from: str
    source: Mapping[str, str] = field(default_factory=dict)
    backup: Mapping[str, str] = field(default_factory=dict)
    accounts: tuple[str, ...] = (SOURCE,)

    @property
    def region(self) -> str | None:
        """The Region of the backups, if it is another one."""
        return self.source.get("BackupRegion")

    @property
    def backup_key(self) -> str:
        """The key that the sandbox has for the backups."""
        return KEY_THERE if self.region else BACKUP_KEY

    @property
    def source_parameters(self) -> dict[str, str]:
        """All parameters of the first stack."""
        return {
            "DbTag": "backup=nightly",
            "BackupAccountId": BACKUP,
            "BackupsToKeep": "1",
            "ExpireFrom": self.expire_from,
            **self.source,
        }

    @property
    def backup_parameters(self) -> dict[str, str]:
        """The parameters of the second stack that a person chooses."""
        named = {} if self.under_default_key else {"KeyAdministrators": _ADMINISTRATOR}
        return {**named, "KeepAtLeastDays": "0", **self.backup}

    @property
    def under_default_key(self) -> bool:
        """Whether backups are under ``aws/rds``, which the first stack tells the second."""
        return self.source.get("BackupKmsKeyId") == "alias/aws/rds"


ALL_ASKED_FOR: dict[str, Any] = {
    "source": {
        "BackupAccountExternalId": "nightly-backup",
        "KmsKeyArn": SHARING_KEY,
        "DatabaseKmsKeyArns": ",".join(DATABASE_KEYS),
        "TrailExists": "yes",
        "OutcomeEventBusArn": f"arn:aws:events:{REGION}:{SOURCE}:event-bus/outcomes",
    },
    "backup": {
        "KeyAdministrators": f"{_ADMINISTRATOR},arn:aws:iam::{BACKUP}:role/break-glass",
        "OrganizationId": ORGANIZATION,
        "TrailExists": "yes",
        "OutcomeEventBusArn": f"arn:aws:events:{REGION}:{BACKUP}:event-bus/outcomes",
    },
    "accounts": (SOURCE, SECOND),
}
VALIDATOR = f"arn:aws:lambda:{REGION}:{BACKUP}:function:validator"
DRILLS = {"DrillSchedule": "rate(1 day)", "DrillValidatorArn": VALIDATOR}
# In place of the network that the stack makes for drills.
_GIVEN_NETWORK = {
    "DrillSubnetGroup": "given",
    "DrillSubnetIds": "subnet-0a0a0a0a0a0a0a0a0",
    "DrillSecurityGroup": "sg-0a0a0a0a0a0a0a0a0",
}


def all_asked_for(**backup: str) -> dict[str, Any]:
    """All that can be asked for, and drills with a validator."""
    return {**ALL_ASKED_FOR, "backup": {**ALL_ASKED_FOR["backup"], **DRILLS, **backup}}


SCENARIOS = (
    Scenario("defaults", "backup-account"),
    Scenario("defaults-expire-from-source", "source-account"),
    Scenario("everything", "backup-account", **all_asked_for()),
    Scenario("everything-expire-from-source", "source-account", **all_asked_for(**_GIVEN_NETWORK)),
    # Without a validator, and without the one condition that nobody has seen on AWS.
    Scenario(
        "drills-without-tag-guard",
        "source-account",
        source={"TagGuard": "off"},
        backup={"DrillSchedule": "rate(1 day)", "TagGuard": "off"},
    ),
    # The second stack is told by the first that backups are under aws/rds.
    Scenario(
        "under-aws-rds",
        "backup-account",
        source={"BackupKmsKeyId": "alias/aws/rds"},
        backup={"DrillSchedule": "rate(1 day)", "TrailExists": "yes"},
    ),
    Scenario("another-region", "backup-account", source={"BackupRegion": THERE}),
)


@dataclass(frozen=True)
class Deployed:
    """Both stacks as they are under one scenario, out of these templates."""

    scenario: Scenario
    sources: Mapping[str, Stack]
    backup: Stack

    @property
    def source(self) -> Stack:
        """The stack of the account that the nights are played in."""
        return self.sources[SOURCE]

    @property
    def expires_itself(self) -> bool:
        """Whether the backup account's own function expires."""
        return self.scenario.expire_from == "backup-account"

    @property
    def backup_key(self) -> str:
        """The key that backups are under."""
        return DEFAULT_KEYS[BACKUP] if self.scenario.under_default_key else BACKUP_KEY

    @property
    def guards_tags(self) -> bool:
        """Whether what is a backup already can be told by its tags."""
        return self.scenario.backup.get("TagGuard") != "off"

    @property
    def drills(self) -> bool:
        """Whether there are restore drills."""
        return "DrillSchedule" in self.scenario.backup

    @property
    def validates(self) -> bool:
        """Whether a validator is asked."""
        return "DrillValidatorArn" in self.scenario.backup

    @property
    def grants(self) -> Grants:
        """Every policy of every stack."""
        found = grants("backup", self.backup)
        for account, stack in self.sources.items():
            found |= grants("source" if account == SOURCE else f"source of {account}", stack)
        return found


def deploy(scenario: Scenario, texts: Mapping[str, str] = TEXTS) -> Deployed:
    """Resolve both templates, the second with the parameters that the first one's output names."""
    (found,) = deploy_all([(scenario, texts)])
    return found


def deploy_all(wanted: Sequence[tuple[Scenario, Mapping[str, str]]]) -> list[Deployed]:
    """The same for several deployments, in one run of sam's translator."""
    plain = transformed(
        [
            each
            for scenario, texts in wanted
            for each in (
                (texts["source"], scenario.source_parameters),
                (texts["backup"], scenario.backup_parameters),
            )
        ]
    )
    return [
        _resolved(scenario, *plain[2 * number : 2 * number + 2])
        for number, (scenario, _) in enumerate(wanted)
    ]


def _resolved(scenario: Scenario, first: Any, second: Any) -> Deployed:  # noqa: ANN401 - JSON
    given = scenario.source_parameters
    sharing_key = {"SharingKey": SHARING_KEY.rsplit("/", 1)[1]}
    sources = {a: Stack(first, a, there(given, a), sharing_key) for a in scenario.accounts}
    commands = [_parameters(stack.outputs["NextCommand"]) for stack in sources.values()]
    printed = {name: ",".join(dict.fromkeys(c[name] for c in commands)) for name in commands[0]}
    # The roles of the backup account's functions are named as the sandbox names them.
    ids = {
        "BackupKey": scenario.backup_key.rsplit("/", 1)[1],
        "ExpireFunctionRole": "rds-backup-function",
        "DrillFunctionRole": "rds-backup-drill",
        "DrillDatabaseGroup": DRILL_SECURITY_GROUP,
    }
    # As sam does it: what another release of the second template does not declare is left out.
    known = {name: value for name, value in printed.items() if name in second["Parameters"]}
    given = {**known, **scenario.backup_parameters}
    backup = Stack(second, BACKUP, given, ids, scenario.region or REGION)
    return Deployed(scenario, sources, backup)


def _parameters(command: str) -> dict[str, str]:
    words = shlex.split(command)
    overrides = words[words.index("--parameter-overrides") + 1 :]
    return dict(word.split("=", 1) for word in overrides)


def there(value: Any, account: str) -> Any:  # noqa: ANN401 - texts, tuples and mappings of texts
    """The value where another account is the source."""
    match value:
        case tuple():
            return tuple(there(each, account) for each in value)
        case dict():
            return {key: there(each, account) for key, each in value.items()}
        case _:
            return value.replace(SOURCE, account)
