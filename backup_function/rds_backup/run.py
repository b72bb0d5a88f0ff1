"""The loop: observe, decide, apply, and again while there is progress; then report.

Nothing waits for a copy: what can be started is started, and the next invocation goes on.  All
state lies in the two accounts, so that an invocation may be killed at any call, or run twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from rds_backup.apply.clients import Clients
from rds_backup.apply.order import apply
from rds_backup.aws import account
from rds_backup.aws.account import Account
from rds_backup.aws.errors import AwsError
from rds_backup.aws.rds import Rds
from rds_backup.decide.backup import decide_backup
from rds_backup.decide.expire import decide_expire
from rds_backup.decide.plan import Plan
from rds_backup.inputs.environment import SettingsError, expire_from_env, from_env
from rds_backup.inputs.request import READ_ONLY, Action, Request
from rds_backup.model.clock import MARGIN_SECONDS, Time
from rds_backup.model.decisions import Problem, State
from rds_backup.model.identity import owned
from rds_backup.model.inventory import Kind, Lane, Listing, Side
from rds_backup.model.settings import BackupSettings, Settings
from rds_backup.model.world import Learned, Selection, World
from rds_backup.observe import listings
from rds_backup.observe.both_accounts import backups, observe_both, shared_copies, verify_account
from rds_backup.report.from_plan import Said, said_of_backup, said_of_expire
from rds_backup.report.result import Report

# More passes than the longest way through a night (copy, hand over, expire and delete), twice.
MAX_PASSES = 8


def perform(request: Request, env: Mapping[str, str], time: Time) -> Report:
    """What the request asks for, under the configuration in ``env``.

    Raises SettingsError or RequestError before anything is changed; whatever happens to a database
    later is in the report.
    """
    if request.action not in READ_ONLY and not time.in_time():
        raise SettingsError(
            f"{time.left():.0f} seconds are left, and nothing is started in the last "
            f"{MARGIN_SECONDS:.0f}; give the function a longer timeout (the template's is 600)"
        )
    if request.action is Action.EXPIRE:
        only = expire_from_env(env)
        return expire(only, account.own(only.region), time)
    settings = from_env(env)
    region = settings.backup.region
    session = f"rds-backup-{settings.source_account}"
    return invoke(
        request,
        settings,
        account.own(region),
        lambda: account.assumed(settings.role, settings.external_id, region, session),
        time,
    )


def invoke(
    request: Request,
    settings: Settings,
    own: Account,
    assume: Callable[[], Account],
    time: Time,
) -> Report:
    """One invocation in the source account: ``backup``, ``resume``, ``plan`` or ``status``.

    ``assume`` gives the backup account, and is not called by an idle ``resume``.  Raises
    SettingsError for credentials of another account, and RequestError for unknown databases.
    """
    lanes = shared_copies(own)
    if request.action is Action.RESUME and _idle(lanes, settings.backup):
        return Report(actions=(), databases=(), idle=True)
    verify_account(own, settings.source_account, "SOURCE_ACCOUNT")
    world, backup = observe_both(request, settings, own, assume, lanes)
    clients = None
    if isinstance(backup, Account):
        clients = Clients(own.rds, backup.rds, settings.source_account, settings.backup, time)
    only = frozenset(request.databases)

    def decide(world: World, learned: Learned) -> Plan:
        return decide_backup(world, learned, settings, only, time.now())

    def say(plan: Plan, world: World, learned: Learned) -> Said:
        return said_of_backup(plan, world, learned, settings, time.now())

    if request.action in READ_ONLY:
        # A night's cold start does not pay for what only a look says.
        from rds_backup.report.read_only import read_only_report  # noqa: PLC0415

        plan, with_actions = decide(world, Learned()), request.action is Action.PLAN
        return read_only_report(plan, world, settings, time.now(), with_actions=with_actions)
    return _passes(decide, say, world, clients)


def expire(settings: BackupSettings, own: Account, time: Time) -> Report:
    """One ``expire`` in the backup account, with that account's own credentials.

    Raises SettingsError for credentials of another account.  A stale series is no failure here:
    nobody in this account can know whether its database still exists.
    """
    verify_account(own, settings.account, "BACKUP_ACCOUNT")
    world = World(
        selection=Selection((), ()),
        unlisted=frozenset(),
        automated={},
        manual={Lane(Side.BACKUP, kind): backups(own, kind) for kind in Kind},
        sharing_key="",
        backup_key=own.key(settings.key, "BACKUP_KMS_KEY_ID", Side.BACKUP),
    )
    report = _passes(
        lambda w, learned: decide_expire(w, learned, settings, time.now()),
        lambda plan, w, learned: said_of_expire(plan, w, learned, settings, time.now()),
        world,
        Clients(None, own.rds, "", settings, time),
    )
    gauges = report.gauges._replace(places_used_percent=_places_used(own.rds))
    return replace(report, gauges=gauges, tolerated=frozenset({State.STALE}))


def _places_used(rds: Rds) -> float | None:
    """How much of the quota for manual snapshots is used, of the family where it is most.

    None where the quota cannot be read: that stops nothing, and the metric is left out.
    """
    try:
        quotas = rds.manual_quotas().values()
    except AwsError:
        return None
    return max(round(100 * used / max(1, most), 1) for used, most in quotas)


def _passes(
    decide: Callable[[World, Learned], Plan],
    say: Callable[[Plan, World, Learned], Said],
    world: World,
    clients: Clients | None,
) -> Report:
    """Repeat passes while they do something, then say what the last plan comes to.

    Without clients nothing can be done, only said.
    """
    learned = Learned()
    plan = decide(world, learned)
    for _ in range(MAX_PASSES):
        if clients is None or plan.quiet or not clients.time.in_time():
            break
        before = len(learned.done)
        apply(plan, world, learned, clients)
        looks = bool(learned.relist or learned.reselect)
        if looks and clients.time.in_time():
            world = _observe_again(world, learned, clients)
        plan = decide(world, learned)
        if len(learned.done) == before and not looks:
            break
    said = say(plan, world, learned)
    return Report(
        actions=tuple(learned.done),
        databases=said.entries,
        undeleted=tuple(u for series in learned.undeleted.values() for u in series.values()),
        unfinished=clients is not None and not plan.quiet,
        unselected=said.unselected,
        gauges=said.gauges,
    )


def _observe_again(world: World, learned: Learned, clients: Clients) -> World:
    """The world with fresh listings of what this invocation changed or was told it got wrong."""
    manual, automated = dict(world.manual), dict(world.automated)
    for lane in [lane for lane in manual if lane in learned.relist]:
        manual[lane] = listings.manual(clients.rds(lane.side), lane)
    for kind in [kind for kind in automated if kind in learned.reselect]:
        automated[kind] = listings.automated(clients.rds(Side.SOURCE), kind)
    learned.relist.clear()
    learned.reselect.clear()
    return world._replace(manual=manual, automated=automated)


def _idle(lanes: Mapping[Lane, Listing | Problem], backup: BackupSettings) -> bool:
    return not any(
        isinstance(listing, Problem) or any(owned(s, backup.marker) for s in listing.snapshots)
        for listing in lanes.values()
    )
