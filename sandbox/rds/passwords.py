"""ModifyDBInstance and ModifyDBCluster, as far as RDS takes over the master password.

Anything else that they change is not played.
"""

from typing import Any

from sandbox.calls import Ask
from sandbox.errors import AwsError, invalid_combination
from sandbox.kinds import Family
from sandbox.rds.databases import database_answer
from sandbox.rds.identifiers import arn
from sandbox.world import World

_STATES = {"instance": "InvalidDBInstanceState", "cluster": "InvalidDBClusterStateFault"}


def manage_password(world: World, family: Family, ask: Ask) -> dict[str, Any]:
    """Make a secret with a new password for the master user of a database that is available."""
    name = ask.params[family.database_id].lower()
    database = world.databases[ask.account, ask.region, family.kind].get(name)
    if database is None:
        raise AwsError(family.database_not_found, f"{family.database_noun} {name} not found.")
    if database.status != "available":
        raise AwsError(_STATES[family.kind], f"{family.database_noun} {name} is {database.status}.")
    if not ask.params.get("ManageMasterUserPassword"):
        raise AwsError("InvalidAction", "The sandbox plays the master password only.")
    if database.member_of:
        raise invalid_combination("The master password is managed by the DB cluster.")
    secret = arn(ask.region, ask.account, "secret", name).replace(":rds:", ":secretsmanager:")
    shown = {"SecretArn": secret, "SecretStatus": "creating"}
    database.fields = {**database.fields, "MasterUserSecret": shown}
    return {family.database_noun: database_answer(database)}
