"""What an invocation asks for: an event to an action, and nothing that decides more than that.

An event may choose an action and narrow it to configured databases; accounts, keys and retention
are the environment's.
"""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from rds_backup.model.clock import zoned
from rds_backup.model.settings import BackupSettings, Selector


class Action(StrEnum):
    """What the function can be asked to do."""

    BACKUP = "backup"
    RESUME = "resume"
    PLAN = "plan"
    STATUS = "status"
    CHECK = "check"
    RESTORE_PLAN = "restore_plan"
    EXPIRE = "expire"
    DRILL = "drill"


READ_ONLY = frozenset({Action.PLAN, Action.STATUS, Action.CHECK, Action.RESTORE_PLAN})
# What is no run: it has no report of databases, and writes no metric.
APART = frozenset({Action.CHECK, Action.RESTORE_PLAN})
_IN_PAGES = READ_ONLY - {Action.RESTORE_PLAN}
_OF_ALL = frozenset({Action.EXPIRE, Action.RESTORE_PLAN, Action.DRILL})
# The hour (UTC) in which the log has every database: after the template's night, once a day for
# what its schedules run each hour.  It needs no memory.
LISTING_HOUR = 12
_LISTING = (Action.STATUS, Action.EXPIRE)
# What narrows a drill: only go on with one under way, or only look.
_FLAGS = ("resume", "plan")
_KEYS = ("action", "databases", "after", "database", "at", *_FLAGS)
_SCHEDULERS, _SCHEDULED = ("aws.events", "aws.scheduler"), "Scheduled Event"
_ACCEPTED = (
    "accepted are {}, an EventBridge scheduled event, or "
    f'{{"action": one of {", ".join(Action)}}}, optionally with "databases": [identifiers]'
    f', in {", ".join(sorted(_IN_PAGES))} with "after": the "after" of an earlier result\'s "more"'
    ', in restore_plan with "database": an identifier or resource id, and if need be "at": '
    "the time of the data at the latest, such as 2026-03-09T02:00:00Z, "
    'and in drill with "resume": true or "plan": true'
)


class RequestError(Exception):
    """The event asks for nothing that there is; the message lists what is accepted."""


class Request(NamedTuple):
    """An action, and the databases it is narrowed to (empty: all that are configured).

    ``after`` is where an earlier page of the result ended; None asks for the first.  ``database``
    and ``at`` are of ``restore_plan``: an identifier or resource id, and how new its data may be.
    ``resume`` and ``plan`` are of ``drill``: only go on with one under way; only look.
    """

    action: Action
    databases: tuple[str, ...] = ()
    after: str | None = None
    database: str = ""
    at: datetime | None = None
    resume: bool = False
    plan: bool = False

    @property
    def looks(self) -> bool:
        """Whether nothing is changed, whatever is found."""
        return self.action in READ_ONLY or self.plan

    def as_event(self) -> dict[str, Any]:
        """The event that asks for it; ``parse`` makes the same of it."""
        event: dict[str, Any] = {"action": str(self.action)}
        if self.databases:
            event["databases"] = list(self.databases)
        if self.after is not None:
            event["after"] = self.after
        if self.database:
            event["database"] = self.database
        if self.at:
            event["at"] = self.at.isoformat()
        return event | {flag: True for flag in _FLAGS if getattr(self, flag)}

    def lists_all(self, now: datetime) -> bool:
        """Whether its log has a line for every database, and not only for those in trouble."""
        return self.action in _LISTING and self.after is None and now.hour == LISTING_HOUR


def parse(event: object) -> Request:
    """The request in an event; raises RequestError, listing what is accepted.

    One rule for every shape: what stands at the top is taken at its word, in a scheduled event too.
    """
    if not isinstance(event, Mapping):
        raise RequestError(f"the event is {type(event).__name__}, not an object; {_ACCEPTED}")
    scheduled = event.get("source") in _SCHEDULERS and event.get("detail-type") == _SCHEDULED
    strange = sorted(str(key) for key in event if key not in _KEYS)
    if scheduled:
        # All else is EventBridge's envelope; Scheduler gives its detail as text.
        strange = [key for key in strange if key.lower() in _KEYS]
        detail = event.get("detail")
        inside = detail if isinstance(detail, str) else json.dumps(detail)
        strange += [f"detail.{key}" for key in _KEYS if f'"{key}"' in inside.lower()]
    if strange:
        raise RequestError(f"unknown key {', '.join(strange)} in the event; {_ACCEPTED}")
    action = event.get("action", Action.BACKUP)
    if not isinstance(action, str) or action not in list(Action):
        raise RequestError(f"unknown action {action!r}; {_ACCEPTED}")
    names = event.get("databases", [])
    if not isinstance(names, list) or not all(isinstance(n, str) and n.strip() for n in names):
        raise RequestError(f'"databases" is {names!r}; {_ACCEPTED}')
    if "databases" in event and not names:
        raise RequestError(f'"databases" is empty; {_ACCEPTED}')
    after = event.get("after")
    if "after" in event and not isinstance(after, str):
        raise RequestError(f'"after" is {after!r}; {_ACCEPTED}')
    if after is not None and action not in _IN_PAGES:
        raise RequestError(f'"{action}" does not take "after"; {_ACCEPTED}')
    if names and action in _OF_ALL:
        raise RequestError(f'"{action}" does not take "databases"; {_ACCEPTED}')
    databases = tuple(dict.fromkeys(n.strip().lower() for n in names))
    flags = _flags(event, action)
    name, at = _to_restore(event, action)
    return Request(Action(action), databases, after, name, at, **flags)


def _flags(event: Mapping[Any, Any], action: str) -> dict[str, bool]:
    """What narrows a drill; one of them at most."""
    given = {flag: event[flag] for flag in _FLAGS if flag in event}
    if given and action != Action.DRILL:
        listed = ", ".join(f'"{flag}"' for flag in given)
        raise RequestError(f'"{action}" does not take {listed}; {_ACCEPTED}')
    if not all(isinstance(value, bool) for value in given.values()) or all(
        given.get(flag) for flag in _FLAGS
    ):
        raise RequestError(f"{given} cannot be asked for; {_ACCEPTED}")
    return given


def _to_restore(event: Mapping[Any, Any], action: str) -> tuple[str, datetime | None]:
    """The database to restore, and the latest time of its data; nothing for other actions."""
    name, at = event.get("database"), event.get("at")
    if action != Action.RESTORE_PLAN:
        given = [f'"{key}"' for key in ("database", "at") if key in event]
        if given:
            raise RequestError(f'"{action}" does not take {", ".join(given)}; {_ACCEPTED}')
        return "", None
    if not isinstance(name, str) or not name.strip():
        raise RequestError(f'"database" is {name!r}; {_ACCEPTED}')
    if "at" not in event:
        return name.strip(), None
    try:
        return name.strip(), zoned(at if isinstance(at, str) else "")
    except ValueError:
        raise RequestError(f'"at" is {at!r}; {_ACCEPTED}') from None


def refuse_changes(request: Request, settings: BackupSettings) -> None:
    """Raise RequestError for what may change anything, where the environment has READ_ONLY."""
    if settings.read_only and not request.looks:
        name = "DrillFunctionName" if request.action is Action.DRILL else "FunctionName"
        raise RequestError(
            f'"{request.action}" is refused: READ_ONLY is true here, and this function takes only '
            f"{', '.join(sorted(READ_ONLY))} and the plan of a drill; invoke the function that the "
            f"stack's output {name} names"
        )


def refuse_unknown(request: Request, known: Collection[str], selector: Selector) -> None:
    """Raise RequestError for databases that are not configured, listing those that are."""
    strange = sorted(set(request.databases).difference(known))
    if strange:
        tag = f" (selected by DB_TAG {selector.tag_text})" if selector.tag else ""
        names = ", ".join(sorted(known)) or "none"
        raise RequestError(
            f"not configured: {', '.join(strange)}; the configured databases{tag} are {names}"
        )
