"""Whatever can be asked without a change, and the result object that answers it.

The function's events and the command line give the same object.
"""

from collections.abc import Mapping
from typing import Any

from rds_backup.aws.errors import AwsError
from rds_backup.check.reading import check
from rds_backup.inputs.environment import SettingsError
from rds_backup.inputs.request import Action, Request
from rds_backup.model.clock import Time
from rds_backup.report.bounded import HEAD, MAX_RESULT_BYTES
from rds_backup.report.result import Outcome
from rds_backup.restore.choice import RestoreError
from rds_backup.restore.find import restore_plan
from rds_backup.run import perform


def looked(
    request: Request, env: Mapping[str, str], time: Time, most: float = MAX_RESULT_BYTES
) -> dict[str, Any]:
    """The result of a ``plan``, ``status``, ``check`` or ``restore_plan``, JSON-ready.

    At most ``most`` bytes of it.  Raises SettingsError for an environment or credentials that
    cannot be used, RequestError for databases that are not configured.
    """
    if request.action is Action.CHECK:
        return check(request, env, time).as_dict(request.after, most)
    if request.action is Action.RESTORE_PLAN:
        return _restore_plan(request, env, time)
    return perform(request, env, time).as_dict(request.after, most)


def _restore_plan(request: Request, env: Mapping[str, str], time: Time) -> dict[str, Any]:
    """``text`` has the commands; without a backup, or where that is not known, ``reason`` why."""
    head = {**HEAD, "action": str(request.action)}
    asked = {"database": request.database}
    try:
        text = restore_plan(request.database, request.at, env, time)
    except RestoreError as error:
        return {**head, "outcome": str(Outcome.FAILED), **asked, "reason": str(error)}
    except AwsError as error:
        raise SettingsError(error.unusable) from error
    return {**head, "outcome": str(Outcome.COMPLETED), **asked, "text": text}
