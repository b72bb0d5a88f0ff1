"""A drill for people: what would be restored, or is under way, and how all series stand."""

from collections.abc import Iterator, Mapping
from typing import Any

from rds_backup.decide.turns import Round
from rds_backup.printers.screen import Screen
from rds_backup.printers.wording import a_round, when, with_times
from rds_backup.report.known import known

_INDENT = " " * 4


def drill_lines(result: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    """The plan of a drill; it prints what the result holds, and decides nothing."""
    plan, step, stands = result.get("plan"), result.get("drill"), result.get("round")
    if step:
        yield from _under_way(step, screen)
    elif plan:
        yield from _planned(plan, screen)
    elif result["problems"]:
        yield "what would be restored is not known"
    else:
        yield "nothing to restore: no series here has a verified backup that can be drilled"
    for skipped in result["skipped"]:
        yield ""
        told = f"{skipped['database']}: {skipped['reason']}"
        yield from screen.wrapped(told, "not drilled: ", "doubt")
    for problem in result["problems"]:
        yield ""
        yield from screen.wrapped(problem, "problem: ", "bad")
    if stands:
        yield ""
        yield from screen.wrapped(_standing(stands))


def _under_way(step: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    yield from screen.wrapped(f"{step['database']}, as {step['drill_database']}", "under way: ")
    facts = [
        f"backup {step['backup']}",
        f"{step['class'] or 'no instance yet'}, {step['status']}",
        f"begun {when(step['begun'])} UTC, to be gone by {when(step['deadline'])} UTC",
        f"next step: {step['step']}: {with_times(step['why'])}",
        *([with_times(step["note"])] if step.get("note") else []),
    ]
    for fact in facts:
        yield from screen.wrapped(fact, _INDENT)


def _planned(plan: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    yield from screen.wrapped(f"{plan['database']}: {with_times(plan['why'])}", "next: ")
    validator = plan["validator"] or "none"
    facts = [
        f"backup {plan['backup']}, with data of {when(plan['taken_at'])} UTC",
        f"as {plan['drill_database']}: {plan['engine']} {plan['engine_version']}, {plan['class']}",
        f"storage {plan['storage_gib']} GiB, {plan['storage_type']}",
        f"subnet group {plan['subnet_group']}, security group {plan['security_group']}, not public",
        f"validator: {validator}",
        _cost(plan),
    ]
    for fact in facts:
        yield from screen.wrapped(fact, _INDENT)


def _cost(plan: Mapping[str, Any]) -> str:
    return (
        f"cost: {plan['class']} and its storage, for about an hour if RDS takes half an hour; "
        f"at most for {plan['deadline_hours']} hours and some minutes"
    )


def _standing(stands: Mapping[str, Any]) -> str:
    found = known(Round, stands)
    said = f"{found.series} series, {found.never} of them never restored"
    if found.oldest_proof_days is not None:
        said += f", the longest ago restored {found.oldest_proof_days:.0f} days ago"
    return f"{said}; {a_round(found)}"
