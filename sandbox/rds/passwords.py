"""ModifyDBInstance and ModifyDBCluster: RDS takes over the master password, or a window moves.

Anything else that they change is not played.
"""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sandbox.calls import Ask
from sandbox.errors import AwsError, invalid_combination
from sandbox.kinds import Family
from sandbox.rds.databases import Database, Step, database_answer
from sandbox.world import World

_WINDOW = "PreferredBackupWindow"
_SHOWN = "MasterUserSecret"


def modify_database(world: World, family: Family, ask: Ask) -> dict[str, Any]:
    """Of a database that is available: move its backup window, or make a secret with a password."""
    name = ask.params[family.database_id].lower()
    database = world.databases[ask.account, ask.region, family.kind].get(name)
    if database is None:
        raise AwsError(family.database_not_found, f"{family.database_noun} {name} not found.")
    if database.status != "available":
        raise AwsError(
            family.database_invalid_state, f"{family.database_noun} {name} is {database.status}."
        )
    if window := ask.params.get(_WINDOW):
        database.fields = {**database.fields, _WINDOW: window}
        return {family.database_noun: database_answer(database)}
    if not ask.params.get("ManageMasterUserPassword"):
        raise AwsError("InvalidAction", "The sandbox plays the password and the window only.")
    if database.member_of:
        raise invalid_combination("The master password is managed by the DB cluster.")
    if _SHOWN not in database.fields:
        _begin(world, database)
    return {family.database_noun: database_answer(database)}


def _begin(world: World, database: Database) -> None:
    """The secret is there, and the database again available, after a while."""
    secret = {
        "SecretArn": _secret_arn(database),
        "SecretStatus": "creating",
        "KmsKeyId": f"arn:aws:kms:{database.region}:{database.account}:key/secretsmanager",
    }
    database.status = "resetting-master-credentials"
    database.fields = {**database.fields, _SHOWN: secret}
    active = {_SHOWN: {**secret, "SecretStatus": "active"}}
    world.change(database, Step(world.now + world.restores.resetting, "available", active))


def _secret_arn(database: Database) -> str:
    """Secrets Manager names it by RDS, the kind of database and a number of its own."""
    kind = "cluster" if database.kind == "cluster" else "db"
    number = uuid5(NAMESPACE_URL, database.resource_id)
    place = f"{database.region}:{database.account}"
    return f"arn:aws:secretsmanager:{place}:secret:rds!{kind}-{number}-{number.hex[:6]}"
