"""A look of one's own, with somebody's credentials in place of the function's."""

import math
from collections.abc import Mapping

from rds_backup.asking.result import Result
from rds_backup.aws import account
from rds_backup.aws.errors import DENIED, AwsError
from rds_backup.inputs.at_work import is_at_work
from rds_backup.inputs.environment import SettingsError, from_env
from rds_backup.inputs.request import Action, Request
from rds_backup.inputs.variables import VARIABLES
from rds_backup.looks import looked
from rds_backup.model.clock import Time
from rds_backup.observe.both_accounts import verify_account
from rds_backup.observe.patience import Patience


def own_look(request: Request, env: Mapping[str, str], time: Time) -> Result:
    """The whole result of a look that this process makes itself.

    Raises SettingsError and RequestError like ``looked``, and where these credentials are a
    person's whom the role in the backup account does not admit: what to do instead.
    """
    command = str(request.action).replace("_", "-")
    if not any(env.get(name) for name in VARIABLES if name != "AWS_REGION"):
        raise SettingsError(
            f"no variable is set here; to ask a deployed function, run rds-backup {command} "
            "--function with the name of its stack; to look from here, set the function's variables"
        )
    if request.action is not Action.CHECK and env.get("SOURCE_ACCOUNT", "").strip():
        _refuse_a_stranger(command, env, time)
    return looked(request, env, time, math.inf)


def _refuse_a_stranger(command: str, env: Mapping[str, str], time: Time) -> None:
    settings = from_env(env)
    own = account.own(settings.region)
    verify_account(own, settings.backup.account, settings.source_account, Patience(time))
    try:
        account.of_backups(settings).identity()
    except AwsError as error:
        arn = own.caller()[1]
        if error.code not in DENIED or is_at_work(arn, env):
            return  # the look tells what is the matter
        raise SettingsError(
            f"these are the credentials of {arn}, which may not assume {settings.role}; ask the "
            f"function itself: rds-backup {command} --function with the name of its stack"
        ) from error
