"""Read in both accounts what ``check`` asks about, and answer; nothing is changed.

Reads on whatever is refused: each refusal is an answer of its own.
"""

from collections.abc import Callable, Iterable, Mapping
from copy import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rds_backup.aws import account
from rds_backup.aws.account import Account
from rds_backup.aws.errors import NO_SUCH_KEY, AwsError
from rds_backup.backup_account import refuse_there
from rds_backup.check.answer import Answer, Checked
from rds_backup.check.credentials import wrong_credentials
from rds_backup.check.facts import Facts, Has, SeenKey, There, newest_by_database
from rds_backup.check.options import own_groups
from rds_backup.check.questions import answers
from rds_backup.check.region import version
from rds_backup.check.statements import Statements
from rds_backup.decide.backup import decide_backup
from rds_backup.inputs.at_work import is_at_work
from rds_backup.inputs.environment import from_env
from rds_backup.inputs.request import Request
from rds_backup.model.clock import Time, iso
from rds_backup.model.inventory import Kind, Lane, Role, Side, Snapshot
from rds_backup.model.keys import DEFAULT_KEY, Key, names_default
from rds_backup.model.settings import Settings
from rds_backup.model.world import Learned, World
from rds_backup.observe.both_accounts import Observed, shared_copies
from rds_backup.observe.patience import Patience
from rds_backup.report.from_plan import said_of_backup


def check(request: Request, env: Mapping[str, str], time: Time) -> Checked:
    """Every answer on the deployment that ``env`` configures; the request may narrow databases.

    Raises SettingsError for an environment that cannot be used, RequestError for databases that
    are not configured, and in the backup account.
    """
    refuse_there(request, env)
    settings = from_env(env)
    at, own = time.now(), account.own(settings.region)
    caller = _asked(own.caller)
    wrong = wrong_credentials(caller, settings)
    if wrong or isinstance(caller, AwsError):
        found: tuple[Answer, ...] = (wrong,) if wrong else ()
    else:
        at_work = is_at_work(caller[1], env)
        found = answers(_facts(request, settings, own, caller, time, at_work))
    return Checked(iso(at), settings.region, found, backup_region=settings.elsewhere)


def _facts(
    request: Request,
    settings: Settings,
    own: Account,
    caller: tuple[str, str],
    time: Time,
    at_work: bool,  # noqa: FBT001 - one of the facts
) -> Facts:
    """Everything that is asked about, read in both accounts."""
    at, vault = time.now(), account.of_backups(settings)
    for each in (own, vault):
        each.rds.begin(time)
    patience = Patience(time)
    observed = Observed(settings, own, lambda: vault, patience)
    world = observed.whole(request, shared_copies(own, Kind, patience))
    sharing, newest = _key(own, settings.sharing_key), newest_by_database(world)
    there = _there(vault, settings, sharing.key)
    there = replace(there, has=_has(vault, settings, world, newest) if there.role else None)
    role, default_key = _role(own, caller[1]), _default_key(own)
    plan = decide_backup(world, Learned(), settings, frozenset(), at)
    return Facts(
        now=at,
        settings=settings,
        statements=Statements(settings, _role_arn(role, caller[1], settings, at_work=at_work)),
        caller=caller,
        at_work=at_work,
        role=role,
        world=world,
        newest=newest,
        plan=plan,
        said=said_of_backup(plan, world, Learned(), settings, at),
        only=frozenset(request.databases),
        sharing_key=sharing,
        default_key=default_key,
        database_keys={arn: _key(own, arn) for arn in _database_keys(world, newest, default_key)},
        quotas=_quotas(own, Side.SOURCE) | (_quotas(vault, Side.BACKUP) if there.role else {}),
        option_groups=_option_groups(own, world, newest),
        utc_offset=_utc_offset(settings.timezone, at),
        there=there,
    )


def _asked[T](call: Callable[[], T]) -> T | AwsError:
    try:
        return call()
    except AwsError as error:
        return error


def _there(vault: Account, settings: Settings, sharing_key: Key | AwsError) -> There:
    """What the role reads in the backup account, if it leads there."""
    caller = _asked(vault.caller)
    if isinstance(caller, AwsError) or caller[0] != settings.backup.account:
        return There(caller)
    name = settings.role.rsplit("/", 1)[1]
    return There(
        caller,
        _asked(lambda: vault.role(name)),
        _key(vault, settings.backup.key),
        _asked(partial(vault.describe_key, sharing_key.arn))
        if isinstance(sharing_key, Key)
        else None,
    )


def _has(
    vault: Account, settings: Settings, world: World, newest: Mapping[str, Snapshot]
) -> Has | None:
    """What another Region has of what copies need; one question for each version."""
    if settings.elsewhere is None:
        return None
    asked = {v for d in world.selection.databases if (v := version(d, newest.get(d.resource_id)))}
    return Has(
        {v: _asked(partial(vault.rds.offers, *v)) for v in sorted(asked)},
        _option_groups(vault, world, newest),
    )


def _role(own: Account, arn: str) -> Role | AwsError | None:
    """The role of the credentials, None where they are of none: a session's ARN names it."""
    kind, *names = arn.split(":", 5)[5].split("/")
    return _asked(lambda: own.role(names[0])) if kind == "assumed-role" else None


def _role_arn(role: Role | AwsError | None, arn: str, settings: Settings, *, at_work: bool) -> str:
    """The ARN of the function's role, for statements that name it.

    Made of the session's where the role cannot be read, without its path then; a placeholder where
    somebody else asks, since nobody else is to be trusted.
    """
    _, partition, _, _, _, session = arn.split(":", 5)
    name = session.split("/")[1] if at_work and "/" in session else "NAME-OF-THE-FUNCTION-S-ROLE"
    if at_work and isinstance(role, Role):
        return role.arn
    return f"arn:{partition}:iam::{settings.source_account}:role/{name}"


def _key(account: Account, identifier: str) -> SeenKey:
    key = _asked(lambda: account.describe_key(identifier))
    if isinstance(key, AwsError):
        return SeenKey(key, key)
    if names_default(identifier):
        return SeenKey(key, "")
    return SeenKey(key, _asked(lambda: account.key_policy(key.arn)))


def _default_key(own: Account) -> str | AwsError | None:
    key = _asked(lambda: own.describe_key(DEFAULT_KEY))
    if isinstance(key, AwsError):
        return None if key.code == NO_SUCH_KEY else key
    return key.arn


def _database_keys(
    world: World, newest: Mapping[str, Snapshot], default_key: str | AwsError | None
) -> Iterable[str]:
    """The customer managed keys that the copies of the selected databases are read under."""
    if isinstance(default_key, AwsError):
        return ()
    databases = world.selection.databases
    found = {(newest.get(d.resource_id) or d).kms_key for d in databases}
    return sorted(arn for arn in found if arn not in (None, default_key))


def _quotas(account: Account, side: Side) -> dict[Lane, tuple[int, int] | AwsError]:
    told = _asked(account.rds.manual_quotas)
    return {Lane(side, k): told if isinstance(told, AwsError) else told[k] for k in Kind}


def _option_groups(
    account: Account, world: World, newest: Mapping[str, Snapshot]
) -> Mapping[str, tuple[str, ...]] | AwsError:
    """Asked for only where a selected database or its newest snapshot has a group of its own."""
    if any(own_groups(d, newest.get(d.resource_id)) for d in world.selection.databases):
        return _asked(account.rds.lasting_options)
    return {}


def _utc_offset(timezone: str, at: datetime) -> timedelta | None:
    if timezone == "UTC":
        return timedelta(0)
    try:
        return at.astimezone(UTC).astimezone(ZoneInfo(timezone)).utcoffset()
    except (ZoneInfoNotFoundError, ValueError):
        return None
