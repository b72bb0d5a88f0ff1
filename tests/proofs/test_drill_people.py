"""What people do in the middle of a drill, at every step of it."""

from collections.abc import Callable

import pytest

from sandbox import Row
from sandbox.rds.databases import Database
from tests.support.drill_checker import DRILL, MANAGED, PROBE
from tests.support.drill_stories import (
    DRILL_STORIES,
    DrillStory,
    DrillWorld,
    drill_calls,
    drill_world,
    marks_of,
)
from tests.support.playing import DAY, NIGHT, backups
from tests.support.truth import KEEP_TAG, TAG

type Undo = Callable[[], None]


def _its(world: DrillWorld) -> Database | None:
    """The drill's database, to be changed by hand."""
    found = world.whole()
    if found is None:
        return None
    return world.aws.database(found.identifier, kind=found.kind, account=world.aws.backup)


def _backup(world: DrillWorld) -> Row:
    found: Row = backups(world.aws)[-1]
    return found


def _tag_backup(world: DrillWorld, **tags: str) -> None:
    row = _backup(world)
    named = {TAG + key.replace("_", "-"): value for key, value in tags.items()}
    world.aws.change_snapshot(row.account, row.kind, row.identifier, tags=row.tags | named)


def _delete(world: DrillWorld, database: Database) -> None:
    """By hand; it may be gone by itself."""
    aws = world.aws
    there = {(row.kind, row.identifier) for row in aws.databases(aws.backup)}
    if (database.kind, database.name) in there:
        aws.delete_database(database.name, kind=database.kind, account=aws.backup)


def deletes_it(world: DrillWorld) -> Undo | None:
    """Whatever it was doing."""
    if mine := _its(world):
        _delete(world, mine)
    return None


def deletes_its_instance(world: DrillWorld) -> Undo | None:
    """The cluster stays without one."""
    for row in world.checker.made():
        if row.member_of:
            world.aws.delete_database(row.identifier, kind="instance", account=row.account)
    return None


def takes_its_name(world: DrillWorld) -> Undo | None:
    """For a database of their own, that is never touched."""
    mine = _its(world)
    name = mine.name if mine else _first_name(world)
    if mine:
        _delete(world, mine)
    world.aws.add_instance(name, account=world.aws.backup)
    world.aws.add_cluster(name, account=world.aws.backup)
    return None


def _first_name(world: DrillWorld) -> str:
    """The name that a drill would take."""
    restore = drill_calls(world.story)[0][-1].params
    return str(restore.get("DBInstanceIdentifier") or restore["DBClusterIdentifier"])


def renames_it(world: DrillWorld) -> Undo | None:
    """It is theirs to delete, then, and the drills say so."""
    if (mine := _its(world)) is None:
        return None
    world.aws.rename_database(mine.name, "mine-now", kind=mine.kind, account=world.aws.backup)
    return lambda: _delete(world, mine)


def takes_its_marker(world: DrillWorld) -> Undo | None:
    """Without its tags it is no drill's, whatever its name."""
    return _retagged(world, MANAGED)


def takes_its_story(world: DrillWorld) -> Undo | None:
    """The same of the other tag."""
    return _retagged(world, DRILL)


def _retagged(world: DrillWorld, key: str) -> Undo | None:
    if (mine := _its(world)) is None:
        return None
    del mine.tags[key]
    return lambda: _delete(world, mine)


def spoils_its_story(world: DrillWorld) -> Undo | None:
    """Nobody knows until when it may stay."""
    if mine := _its(world):
        mine.tags[DRILL] = "mine now"
    return None


def lets_it_stay_for_ever(world: DrillWorld) -> Undo | None:
    """Whoever changes its deadline to what is none."""
    if mine := _its(world):
        mine.tags[DRILL] = mine.tags[DRILL].rpartition(" ")[0] + " for-ever"
    return None


def names_another_backup(world: DrillWorld) -> Undo | None:
    """The tag says what it is made of; this backup is none."""
    if mine := _its(world):
        mine.tags[DRILL] = mine.tags[DRILL].replace(_backup(world).identifier, "another")
    return None


def adds_an_instance(world: DrillWorld) -> Undo | None:
    """To its cluster, which cannot go before it."""
    mine = _its(world)
    if mine is None or mine.kind == "instance":
        return None
    made = world.aws.add_instance("theirs", account=world.aws.backup, engine=mine.engine)
    made.member_of, mine.members = mine.name, (*mine.members, made.name)
    return lambda: _delete(world, made)


def protects_it(world: DrillWorld) -> Undo | None:
    """RDS deletes nothing that is protected."""
    if (mine := _its(world)) is None:
        return None
    mine.fields = {**mine.fields, "DeletionProtection": True}

    def undo() -> None:
        mine.fields = {**mine.fields, "DeletionProtection": False}

    return undo


def deletes_the_backup(world: DrillWorld) -> Undo | None:
    """There is no place for a proof any more."""
    row = _backup(world)
    world.aws.remove_snapshot(row.account, row.kind, row.identifier)
    return None


def fills_the_backup_with_tags(world: DrillWorld) -> Undo | None:
    """RDS allows fifty."""
    free = 50 - len(_backup(world).tags)
    _tag_backup(world, **{f"team-{number}": "x" for number in range(free)})
    return None


def tags_the_backup_to_be_kept(world: DrillWorld) -> Undo | None:
    """It stays so."""
    assert KEEP_TAG == TAG + "keep"
    _tag_backup(world, keep="yes")
    return None


def takes_the_backups_marker(world: DrillWorld) -> Undo | None:
    """It is no backup of ours any more."""
    row = _backup(world)
    tags = {key: value for key, value in row.tags.items() if key != MANAGED}
    world.aws.change_snapshot(row.account, row.kind, row.identifier, tags=tags)
    return None


def forges_a_proof_of_tomorrow(world: DrillWorld) -> Undo | None:
    """Nothing was restored in the future."""
    tomorrow = f"{world.aws.clock.now + DAY:%Y-%m-%dT%H:%M:%SZ}"
    _tag_backup(world, restored_at=tomorrow, restore_minutes="1", restore_result="overdue")
    return None


def breaks_the_probe(world: DrillWorld) -> Undo | None:
    """It raises: what was not asked is no answer, whatever is there."""
    functions, name = world.aws._world.functions, (world.aws.backup.id, PROBE)  # noqa: SLF001
    before = functions[name]

    def probe(_: object) -> object:
        raise RuntimeError("no such host")

    functions[name] = probe

    def undo() -> None:
        functions[name] = before

    return undo


MEDDLINGS: tuple[Callable[[DrillWorld], Undo | None], ...] = (
    deletes_it,
    deletes_its_instance,
    takes_its_name,
    renames_it,
    takes_its_marker,
    takes_its_story,
    spoils_its_story,
    lets_it_stay_for_ever,
    names_another_backup,
    adds_an_instance,
    protects_it,
    deletes_the_backup,
    fills_the_backup_with_tags,
    tags_the_backup_to_be_kept,
    takes_the_backups_marker,
    forges_a_proof_of_tomorrow,
    breaks_the_probe,
)


def meddled(world: DrillWorld, meddle: Callable[[DrillWorld], Undo | None], at: int) -> list[str]:
    """What is wrong after it: people's databases stay, and the next night's backup passes."""
    undo = meddle(world)
    theirs = [row.arn for row in world.aws.databases() if row.made_by is None]
    world.step(at)
    world.tick()
    still = {row.arn for row in world.aws.databases()}
    wrongs = [f"{arn} is gone" for arn in theirs if arn not in still]
    if undo:
        world.aws.clock.advance(world.checker.deadline)
        world.tick()
        undo()
    wrongs += world.heal(passes=False)
    if not world.passed():
        world.night(NIGHT + DAY)
        wrongs += world.heal()
    return wrongs


@pytest.mark.parametrize("meddle", MEDDLINGS, ids=lambda meddle: meddle.__name__)
@pytest.mark.parametrize("story", DRILL_STORIES, ids=str)
def test_a_person_meddles_at_any_step_of_a_drill(
    story: DrillStory, meddle: Callable[[DrillWorld], Undo | None]
) -> None:
    """Nothing of theirs is touched, nothing is left, and the next backup passes."""
    drill_calls(story)
    wrongs: list[str] = []
    with drill_world(story) as world:
        for number, at in marks_of(world):
            world.back(at)
            wrongs += [f"{number}: {wrong}" for wrong in meddled(world, meddle, number)]
    assert [] == wrongs
