"""The loop: observe, decide, apply, and again while there is progress; then report.

Nothing waits for a copy: what can be started is started, and the next invocation goes on.  All
state lies in the two accounts, so that an invocation may be killed at any call, or run twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from rds_backup.apply.clients import Clients
from rds_backup.apply.passes import passes
from rds_backup.aws import account
from rds_backup.aws.account import Account
from rds_backup.backup_account import expire, is_done_there, status_there
from rds_backup.decide.backup import decide_backup
from rds_backup.decide.plan import Plan
from rds_backup.decide.under_way import surely_worth_a_look, waited_for
from rds_backup.inputs.environment import (
    SettingsError,
    drill_from_env,
    expire_from_env,
    from_env,
)
from rds_backup.inputs.request import (
    READ_ONLY,
    Action,
    Request,
    RequestError,
    refuse_changes,
)
from rds_backup.model.clock import MARGIN_SECONDS, Time
from rds_backup.model.decisions import Problem
from rds_backup.model.identity import owned
from rds_backup.model.inventory import Kind, Lane, Listing
from rds_backup.model.settings import BackupSettings, Settings
from rds_backup.model.world import Learned, World
from rds_backup.observe.both_accounts import Lanes, Observed, shared_copies, verify_account
from rds_backup.observe.patience import Patience
from rds_backup.report.from_plan import Said, said_of_backup
from rds_backup.report.result import Report

if TYPE_CHECKING:
    from rds_backup.drill.report import DrillReport


def perform(request: Request, env: Mapping[str, str], time: Time) -> "Report | DrillReport":
    """What the request asks for, under the configuration in ``env``.

    Raises SettingsError or RequestError before anything is changed; whatever happens to a database
    later is in the report.
    """
    if request.action is not Action.DRILL:
        return run_of(request, env, time)
    _refuse_haste(request, time)
    # Only a drill pays for what only a drill needs.
    from rds_backup.drill.perform import perform_drill  # noqa: PLC0415

    refuse_changes(request, expire_from_env(env))
    if not env.get("DRILL_CLASSES"):
        raise RequestError(
            '"drill" is refused: this function does not drill; invoke the one that the output '
            "DrillFunctionName of the backup account's stack names, or for a plan "
            "DrillLookFunctionName"
        )
    settings = drill_from_env(env)
    return perform_drill(request, settings, account.own(settings.backup.region), time)


def _refuse_haste(request: Request, time: Time) -> None:
    if not request.looks and not time.in_time():
        raise SettingsError(
            f"{time.left():.0f} seconds are left, and nothing is started in the last "
            f"{MARGIN_SECONDS:.0f}; give the function a longer timeout (the template's is 600)"
        )


def run_of(request: Request, env: Mapping[str, str], time: Time) -> Report:
    """What every other action comes to; raises like ``perform``."""
    _refuse_haste(request, time)
    if is_done_there(request, env):
        only = expire_from_env(env)
        refuse_changes(request, only)
        own, look = account.own(only.region), request.action is Action.STATUS
        report = status_there(only, own, time) if look else expire(only, own, time)
        return replace(report, action=request.action)
    settings = from_env(env)
    refuse_changes(request, settings.backup)
    report = invoke(
        request,
        settings,
        account.own(settings.region),
        lambda: account.of_backups(settings),
        time,
    )
    return replace(report, action=request.action)


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
    own.rds.begin(time)
    patience, tick = Patience(time), request.action is Action.RESUME and not request.databases
    lanes = shared_copies(own, settings.selector.kinds if tick else Kind, patience)
    if request.action is Action.RESUME and _idle(lanes, settings.backup):
        return Report(actions=(), databases=(), idle=True)
    verify_account(own, settings.backup.account, settings.source_account, patience)
    observed = Observed(settings, own, partial(_timed, assume, time), patience)
    only = frozenset(request.databases)

    def decide(world: World, learned: Learned) -> Plan:
        return decide_backup(world, learned, settings, only, time.now())

    def say(plan: Plan, world: World, learned: Learned) -> Said:
        return said_of_backup(plan, world, learned, settings, time.now())

    world = (
        _by_names(request, observed, lanes, settings, decide, time)
        if tick
        else observed.whole(request, lanes)
    )
    if request.action in READ_ONLY:
        # A night's cold start does not pay for what only a look says.
        from rds_backup.report.read_only import read_only_report  # noqa: PLC0415

        plan, with_actions = decide(world, Learned()), request.action is Action.PLAN
        return read_only_report(plan, world, settings, time.now(), with_actions=with_actions)
    report = passes(decide, say, world, _clients(own, observed, settings, time))
    return replace(report, by_names=not all(world.whole(kind) for kind in Kind))


def _clients(own: Account, observed: Observed, settings: Settings, time: Time) -> Clients | None:
    """None where the backup account was not reached, or not reached for."""
    there = observed.backup
    if there is None or isinstance(there, Problem):
        return None
    return Clients(own.rds, there.rds, settings.source_account, settings.backup, time)


def _timed(assume: Callable[[], Account], time: Time) -> Account:
    account = assume()
    account.rds.begin(time)
    return account


def _by_names(
    request: Request,
    observed: Observed,
    lanes: Lanes,
    settings: Settings,
    decide: Callable[[World, Learned], Plan],
    time: Time,
) -> World:
    """What a tick sees: the names that are waited for, and whole families where that is worth it.

    A family whose shared copies could not be listed is looked at as a whole: then its databases
    are told.
    """
    listed = {lane: found for lane, found in lanes.items() if isinstance(found, Listing)}
    looks = {
        lane.kind
        for lane in lanes
        if lane not in listed or surely_worth_a_look(lane.kind, listed[lane], settings, time.now())
    }
    by_names = {lane: found for lane, found in listed.items() if lane.kind not in looks}
    world = observed.by_names(by_names, waited_for(by_names, settings))
    looks |= decide(world, Learned()).looks
    if not looks:
        return world
    whole = observed.whole(
        request, {lane: lanes[lane] for lane in lanes if lane.kind in looks}, looks
    )
    return whole._replace(manual={**world.manual, **whole.manual})


def _idle(lanes: Mapping[Lane, Listing | Problem], backup: BackupSettings) -> bool:
    return not any(
        isinstance(listing, Problem) or any(owned(s, backup.marker) for s in listing.snapshots)
        for listing in lanes.values()
    )
