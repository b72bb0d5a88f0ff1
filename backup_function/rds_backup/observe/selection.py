"""Which databases are chosen, and why a name or a tag chooses none.

From the listings and the configuration to databases to back up and to entries that say what is
wrong.  This module must not know snapshots or accounts.
"""

from collections.abc import Mapping, Sequence

from rds_backup.model.decisions import Problem, State
from rds_backup.model.drills import DRILL
from rds_backup.model.inventory import Database, Kind
from rds_backup.model.settings import Selector
from rds_backup.model.world import Rejected, Selection


def select(listed: Mapping[Kind, Sequence[Database] | Problem], selector: Selector) -> Selection:
    """Apply the selector to the listings of both families, or of one where no tag is configured.

    A listing that could not be read makes everything it would have shown ``unknown``.
    """
    known = {k: v for k, v in listed.items() if not isinstance(v, Problem)}
    chosen: dict[tuple[Kind, str], Database] = {}
    rejected: list[Rejected] = []
    for name in selector.identifiers:
        found = _named(name, selector.kind, listed)
        if isinstance(found, Problem):
            rejected.append(Rejected(name, selector.kind, found))
        else:
            chosen[found.kind, found.identifier] = found
    if selector.tag:
        databases, strays = _tagged(known, selector.tag)
        rejected += strays
        rejected += [
            Rejected(f"DB_TAG {selector.tag_text}", kind, problem)
            for kind, problem in listed.items()
            if isinstance(problem, Problem)
        ]
        if not databases and not strays and len(known) == len(listed):
            nothing = Problem(
                State.BLOCKED,
                f"no instance or cluster carries the tag {selector.tag_text}",
                "tag one, or correct DB_TAG",
            )
            rejected.append(Rejected(f"DB_TAG {selector.tag_text}", None, nothing))
        chosen |= {(d.kind, d.identifier): d for d in databases}
    sound = [d for d in chosen.values() if _missing(d) is None]
    rejected += [
        Rejected(d.identifier or f"{d.kind} without a name", d.kind, problem)
        for d in chosen.values()
        if (problem := _missing(d))
    ]
    ordered = sorted(sound, key=lambda d: (d.kind, d.identifier))
    return Selection(tuple(ordered), tuple(rejected))


def _missing(database: Database) -> Problem | None:
    """Why nothing can be decided on an item of a listing that lacks what every database has."""
    facts = {
        "identifier": database.identifier,
        "resource id": database.resource_id,
        "engine": database.engine,
    }
    missing = [name for name, value in facts.items() if not value]
    if not missing:
        return None
    return Problem(
        State.UNKNOWN,
        f"RDS lists it without {' and '.join(missing)}",
        "wait: the next run tries again; if this persists, ask AWS Support",
    )


def _named(
    name: str, kind: Kind, listed: Mapping[Kind, Sequence[Database] | Problem]
) -> Database | Problem:
    mine = listed[kind]
    if isinstance(mine, Problem):
        return mine
    for database in mine:
        if database.identifier == name:
            if DRILL in database.tags:
                return Problem(
                    State.UNSUPPORTED, f"{name} is a restore drill's own, and will be deleted"
                )
            if database.member_of:
                return Problem(
                    State.BLOCKED,
                    f"{name} is a member of the cluster {database.member_of}, which is backed up "
                    "as a whole",
                    f"set DB_ID={database.member_of} and CLUSTER=true",
                )
            return database
    other = Kind.CLUSTER if kind is Kind.INSTANCE else Kind.INSTANCE
    across = listed.get(other, ())
    if not isinstance(across, Problem) and any(d.identifier == name for d in across):
        article, word = ("a", "true") if other is Kind.CLUSTER else ("an", "false")
        return Problem(State.BLOCKED, f"{name} is {article} {other}", f"set CLUSTER={word}")
    return Problem(
        State.BLOCKED,
        f"there is no {kind} {name} in this account and Region",
        "correct DB_ID or CLUSTER",
    )


def _tagged(
    known: Mapping[Kind, Sequence[Database]], tag: tuple[str, str | None]
) -> tuple[list[Database], list[Rejected]]:
    key, value = tag
    clusters = {d.identifier: d for d in known.get(Kind.CLUSTER, ())}
    chosen: list[Database] = []
    strays: list[Rejected] = []
    for database in (d for kind in known for d in known[kind] if DRILL not in d.tags):
        if key not in database.tags or value not in (None, database.tags[key]):
            continue
        if database.member_of is None:
            chosen.append(database)
        elif database.member_of in clusters:
            chosen.append(clusters[database.member_of])
        else:
            problem = Problem(
                State.UNKNOWN, f"its cluster {database.member_of} is not in the listing"
            )
            strays.append(Rejected(database.identifier, Kind.INSTANCE, problem))
    return chosen, strays
