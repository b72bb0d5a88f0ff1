"""The databases that a run makes in the source account: the smallest of their kind.

The password of each is drawn and forgotten: nobody logs in.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from acceptance.families import FAMILIES, Family, Kind
from acceptance.ground import Ground, expect_made
from acceptance.run import tags_of
from acceptance.sides import Side, Told

CLASS = "db.t4g.micro"
STORAGE_GIB = 20
_CLUSTER: Mapping[str, Any] = {
    "Engine": "aurora-postgresql",
    "ServerlessV2ScalingConfiguration": {"MinCapacity": 0.5, "MaxCapacity": 1.0},
}
_INSTANCE: Mapping[str, Any] = {
    "DBInstanceClass": CLASS,
    "AllocatedStorage": STORAGE_GIB,
    "PubliclyAccessible": False,
    "MultiAZ": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One database: how it is made; an option group of its own if ``options`` names an engine's."""

    kind: Kind
    what: str
    params: Mapping[str, Any]
    options: str = ""

    def make(self, ground: Ground, name: str) -> None:
        """Begin to make it; CannotTellError with AWS's words if AWS refuses."""
        family, side = FAMILIES[self.kind], ground.source
        ground.say(f"{side.name}: making {self.what}")
        group = {"OptionGroupName": self.group_in(side, ground.run, name)} if self.options else {}
        told = side.ask(
            "rds",
            f"create_{family.databases}",
            **{family.database_name: name},
            **self.params,
            **group,
            MasterUsername="acceptance",
            MasterUserPassword=secrets.token_urlsafe(24),
            BackupRetentionPeriod=1,
            Tags=tags_of(ground.run),
        )
        expect_made(told)

    def group_in(self, side: Side, run: str, name: str) -> str:
        """An option group for it in an account, of this name; made if it is not there."""
        engine, major = self.options.split("/")
        told = side.ask(
            "rds",
            "create_option_group",
            OptionGroupName=name,
            EngineName=engine,
            MajorEngineVersion=major,
            OptionGroupDescription=f"acceptance run {run}",
            Tags=tags_of(run),
        )
        expect_made(told)
        return name


def delete_database(side: Side, family: Family, name: str, at: str | None = None) -> Told:
    """Delete a database and its automated backups, in the Region ``at`` or the side's own."""
    return side.ask(
        "rds",
        f"delete_{family.databases}",
        at=at,
        **{family.database_name: name},
        SkipFinalSnapshot=True,
        DeleteAutomatedBackups=True,
    )


DATABASES: Mapping[str, Made] = {
    "postgres": Made(
        kind="instance",
        what="the smallest PostgreSQL instance, under aws/rds",
        params={**_INSTANCE, "Engine": "postgres", "StorageEncrypted": True},
    ),
    "options": Made(
        kind="instance",
        what="a MariaDB instance with an option group",
        params={
            **_INSTANCE,
            "Engine": "mariadb",
            "EngineVersion": "11.4",
            "StorageEncrypted": True,
        },
        options="mariadb/11.4",
    ),
    "aurora": Made(
        kind="cluster",
        what="an Aurora Serverless v2 cluster, encrypted by default",
        params=_CLUSTER,
    ),
    "keyed": Made(
        kind="cluster",
        what="an Aurora Serverless v2 cluster under aws/rds, whose copies can be shared",
        params={**_CLUSTER, "StorageEncrypted": True},
    ),
    "plain": Made(
        kind="cluster",
        what="an unencrypted Aurora cluster, if the account still allows one",
        params={**_CLUSTER, "StorageEncrypted": False},
    ),
}
