"""Nights that the deployed functions play: what came of each, in the functions' own words."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from acceptance.databases import DATABASES
from acceptance.deployed import Answered, Deployed
from acceptance.families import FAMILIES
from acceptance.ground import CannotTellError

CHOSEN = ("postgres", "options", "aurora", "plain")
# So many looks of the kit.
_MINUTE = 4
_LOOKS_WITHOUT_KEY = 5
_SOON = timedelta(minutes=15)


def check(deployed: Deployed) -> str:
    """How many answers are good, and each that is not, with its question."""
    side = deployed.stage.ground.source
    told = deployed.invoke(side, "LookFunctionName", action="check").result
    levels = ", ".join(f"{n} {level}" for level, n in sorted(told["counts"]["answers"].items()))
    bad = [f"{each['level']} {each['question']}: {each['fact']}" for each in told.get("bad", ())]
    return "; ".join([levels, *bad])


def night(deployed: Deployed) -> str:
    """The first night: every database of the run is backed up, or the function says why not."""
    said = []
    for which in CHOSEN:
        try:
            deployed.stage.database(which)
        except CannotTellError as error:
            said.append(f"{which} could not be made: {error}")
    ground = deployed.stage.ground
    if ground.far is not None:
        # As check says: RDS brings no option group to another Region.
        DATABASES["options"].group_in(ground.far, ground.run, ground.named("options"))
    said += _automated(deployed, since=None)
    return "; ".join([*said, _settled(deployed, "the first")])


def repeat(deployed: Deployed) -> str:
    """A run after a night: there is nothing to do, and nothing is done."""
    told = _backup(deployed)
    done = told.result.get("actions", ())
    return f"{told.outcome}; {len(done)} actions"


def second_night(deployed: Deployed) -> str:
    """Another night, whose copies of instances have their predecessors."""
    _move_windows(deployed)
    said = _automated(deployed, since=_began(deployed, "night"))
    return "; ".join([*said, _settled(deployed, "with increments")])


def third_night(deployed: Deployed) -> str:
    """One without increments, with a killed invocation, and without the sharing key for a while."""
    ground, keys = deployed.stage.ground, deployed.stage.keys
    since = _began(deployed, "second_night")
    deployed.stacks.deploy(incremental=False)
    _move_windows(deployed)
    said = _automated(deployed, since=since)
    dead = deployed.killed(ground.source, "FunctionName", action="backup")
    key = deployed.stacks.outputs(ground.source)["SharingKeyArn"]
    _backup(deployed)
    keys.disable(key)
    try:
        without = ""
        for _ in range(_LOOKS_WITHOUT_KEY):
            ground.sleep(_MINUTE * ground.look_every)
            without = _backup(deployed).outcome
    finally:
        keys.enable(key)
    words = f"killed: {dead.error}; while the key was disabled: {without}"
    return "; ".join([*said, words, f"then: {_settled(deployed, 'without increments')}"])


def expiry(deployed: Deployed) -> str:
    """What expires once a later day has a backup: one of each is to be kept."""
    side, words = deployed.stage.ground.vault, _settled(deployed, "of another day")
    told = deployed.invoke(side, "FunctionName", action="expire")
    gone = [each for each in told.result.get("actions", ()) if each["action"] == "expire"]
    if not gone and not told.error:
        raise CannotTellError("nothing has expired yet: both nights are of one day; go on tomorrow")
    return f"{words}; {told.outcome}: {len(gone)} backups expired"


def _backup(deployed: Deployed) -> Answered:
    return deployed.invoke(deployed.stage.ground.source, "FunctionName", action="backup")


def _settled(deployed: Deployed, which: str) -> str:
    """Back up again and again until nothing is under way: how many are protected, who is not."""
    ground = deployed.stage.ground
    begun = ground.clock()

    def look() -> str | None:
        told = _backup(deployed)
        found = deployed.invoke(ground.source, "LookFunctionName", action="status").result
        entries: list[dict[str, Any]] = found["databases"]
        # A look does not try what RDS may refuse; whatever can be begun was begun just before.
        if any(entry.get("in_flight") for entry in entries):
            return None
        counted = Counter(entry["state"] for entry in entries if entry["state"] == "protected")
        words = [f"{count} of {len(entries)} {state}" for state, count in counted.items()]
        return "; ".join([*words, *told.error.splitlines()])

    found = ground.wait("the night ends", look, minutes=360, every=_MINUTE)
    seconds = (ground.clock() - begun).total_seconds()
    ground.file.took(f"a night of all databases: {which}", seconds)
    return found


def _began(deployed: Deployed, step: str) -> datetime:
    """When a night had been played."""
    found = deployed.stage.ground.file.played.get(step)
    if found is None or not found["done"]:
        raise CannotTellError(f"{step} was not played yet")
    return datetime.fromisoformat(found["at"])


def _move_windows(deployed: Deployed) -> None:
    """Let RDS make its next automated snapshots soon: a window of half an hour, a little later."""
    ground = deployed.stage.ground
    begins = ground.clock() + _SOON
    window = f"{begins:%H:%M}-{begins + 2 * _SOON:%H:%M}"
    for which in CHOSEN:
        family, name = FAMILIES[DATABASES[which].kind], ground.named(which)
        told = ground.source.ask(
            "rds",
            f"modify_{family.databases}",
            **{family.database_name: name},
            PreferredBackupWindow=window,
            ApplyImmediately=True,
        )
        if told.refused and "NotFound" not in told.code:
            raise CannotTellError(told.words)


def _automated(deployed: Deployed, since: datetime | None) -> list[str]:
    """Wait for an automated snapshot of each database that is there, made after ``since``.

    Says which of them got none in ninety minutes; CannotTellError if that is all of them.
    """
    ground = deployed.stage.ground
    there = [which for which in CHOSEN if deployed.stage.there(which)]

    def late() -> list[str]:
        return [which for which in there if not _newer(deployed, which, since)]

    try:
        ground.wait("automated snapshots", lambda: None if late() else True, every=_MINUTE)
    except CannotTellError as error:
        if late() == there:
            raise CannotTellError(f"{error}; go on tomorrow") from error
        return [f"no automated snapshot yet: {', '.join(late())}"]
    return []


def _newer(deployed: Deployed, which: str, since: datetime | None) -> bool:
    side, family = deployed.stage.ground.source, FAMILIES[DATABASES[which].kind]
    found = side.listed(
        "rds",
        f"describe_{family.snapshots}s",
        f"{family.noun}s",
        SnapshotType="automated",
        **{family.database_name: deployed.stage.ground.named(which)},
    )
    ready = [one["SnapshotCreateTime"] for one in found if one["Status"] == "available"]
    return any(since is None or made > since for made in ready)
