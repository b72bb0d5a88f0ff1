"""Subnet, parameter and option groups of an account: what is known of one.

Decides which options keep a snapshot from being shared; must not know who shares.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.rds.identifiers import arn

type Option = Literal["plain", "persistent", "permanent"]
OPTION_GROUP = "OptionGroupName"
# Amazon RDS User Guide, Sharing a DB snapshot: permanent as they are, an Oracle's may be shared.
_SHAREABLE = ("OLS", "Timezone")
_MAJOR_VERSIONS = {
    "mariadb": "11.4",
    "mysql": "8.4",
    "oracle": "19",
    "postgres": "17",
    "sqlserver": "16.00",
}


@dataclass(slots=True, kw_only=True)
class Group:
    """One group; engine and options are an option group's."""

    engine: str = "mysql"
    options: Mapping[str, Option] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def major_version(self) -> str:
        """The major version of the engine that it is for."""
        return _MAJOR_VERSIONS.get(self.engine.split("-", 1)[0], "1.0")

    @property
    def unshareable(self) -> list[str]:
        """The options that keep the snapshots of its databases from being shared."""
        free = _SHAREABLE if self.engine.startswith("oracle-") else ()
        return [o for o, kind in self.options.items() if kind != "plain" and o not in free]


def option_group_answer(name: str, group: Group, region: str, account: str) -> dict[str, Any]:
    """The option group as RDS lists it; what is permanent is persistent, too."""
    return {
        "OptionGroupName": name,
        "OptionGroupArn": arn(region, account, "og", name),
        "OptionGroupDescription": f"{name} of the sandbox",
        "EngineName": group.engine,
        "MajorEngineVersion": group.major_version,
        "Options": [
            {"OptionName": o, "Persistent": kind != "plain", "Permanent": kind == "permanent"}
            for o, kind in group.options.items()
        ],
    }
