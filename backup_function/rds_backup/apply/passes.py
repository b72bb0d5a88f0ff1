"""Passes over what was seen: decide, apply, and look again where that is needed.

Nothing is listed again as a whole after a start or a deletion: what a call answered is known.
"""

from collections.abc import Callable

from rds_backup.apply.clients import Clients
from rds_backup.apply.order import apply
from rds_backup.aws.errors import MORE_TIME
from rds_backup.decide.plan import Plan
from rds_backup.model.inventory import Listing, Side
from rds_backup.model.world import Learned, World
from rds_backup.observe import listings
from rds_backup.report.from_plan import Said
from rds_backup.report.result import Report

# More passes than the longest way through a night (copy, hand over, expire and delete), twice.
MAX_PASSES = 8


def passes(
    decide: Callable[[World, Learned], Plan],
    say: Callable[[Plan, World, Learned], Said],
    world: World,
    clients: Clients | None,
) -> Report:
    """Repeat passes while they do something, then say what the last plan comes to.

    One that has only met refusals counts for nothing: what waited behind those comes next.
    Without clients nothing can be done, only said.
    """
    learned = Learned()
    plan = decide(world, learned)
    late = _late(clients) if clients and not plan.quiet and not clients.time.in_time() else None
    counted = 0
    while clients and not plan.quiet and counted < MAX_PASSES and clients.time.in_time():
        done, refused = len(learned.done), learned.refused
        apply(plan, world, learned, clients)
        looks = bool(learned.relist or learned.reselect)
        if looks and clients.time.in_time():
            world = _observe_again(world, learned, clients)
        plan = decide(world, learned)
        if len(learned.done) > done or looks:
            counted += 1
        elif learned.refused == refused:
            break
    said = say(plan, world, learned)
    return Report(
        actions=tuple(learned.done),
        databases=said.entries,
        undeleted=tuple(u for series in learned.undeleted.values() for u in series.values()),
        unfinished=clients is not None and not plan.quiet,
        unselected=said.unselected,
        gauges=said.gauges,
        late=late,
    )


def _late(clients: Clients) -> str:
    left = f"{clients.time.left():.0f} seconds"
    return f"reading both accounts left {left}, too little to start anything; {MORE_TIME}"


def _observe_again(world: World, learned: Learned, clients: Clients) -> World:
    """The world with fresh listings of what this invocation was told it got wrong."""
    manual, automated = dict(world.manual), dict(world.automated)
    for lane, before in [item for item in manual.items() if item[0] in learned.relist]:
        names = before.names if isinstance(before, Listing) else None
        manual[lane] = fresh = listings.manual(clients.rds(lane.side), lane, names)
        if isinstance(fresh, Listing):
            learned.listed(lane, fresh)
    for kind in [kind for kind in automated if kind in learned.reselect]:
        automated[kind] = listings.automated(clients.rds(Side.SOURCE), kind)
    learned.relist.clear()
    learned.reselect.clear()
    return world._replace(manual=manual, automated=automated)
