"""What a drill under way needs next: one row of the table a test."""

from copy import replace

import pytest

from rds_backup.decide.drills import Do, Step, UnderWay, find, free_name, step_of
from rds_backup.model.decisions import Owned, Problem, State
from rds_backup.model.drills import DRILL, DatabaseThere, Drill, member_name, stem
from rds_backup.model.inventory import Kind
from rds_backup.model.proof import Proof
from tests.support.making import HOUR, MARKER, NIGHT, REGION, backup, point, series

STEM = stem(MARKER, REGION)
NAME = f"{STEM}1"
BEGUN = (NIGHT + 5 * HOUR).replace(microsecond=0)
NOW = BEGUN + HOUR
SAID = {
    kind: Drill(series(kind=kind), backup(point(kind=kind)).snapshot.arn, BEGUN, BEGUN + 12 * HOUR)
    for kind in Kind
}
UNREAD = Problem(State.UNKNOWN, "throttled", "wait")
BOTH = pytest.mark.parametrize("kind", Kind)


def there(kind: Kind = Kind.INSTANCE, word: str = "available", name: str = NAME) -> DatabaseThere:
    """A drill's database, as RDS lists it."""
    return DatabaseThere(kind, name, word, SAID[kind].as_tags(MARKER))


def member(word: str = "available", cluster: str = NAME) -> DatabaseThere:
    """A cluster's instance."""
    made = there(Kind.INSTANCE, word, member_name(cluster))
    return made._replace(member_of=cluster, tags=SAID[Kind.CLUSTER].as_tags(MARKER))


def drill(kind: Kind = Kind.INSTANCE, word: str = "available", *members: str) -> UnderWay:
    """A drill under way; its members in these states."""
    return UnderWay(there(kind, word), tuple(map(member, members)), SAID[kind])


def step(
    found: UnderWay,
    of: Owned | Problem | None = None,
    *,
    gone: bool = False,
    hours: float = 1,
    validated: bool = False,
) -> tuple[Do, str | None]:
    """What is to be done, and the failure to be recorded."""
    mine = None if gone else of or backup(point(kind=found.database.kind))
    decided = step_of(found, mine, BEGUN + hours * HOUR, validated=validated)
    return decided.do, decided.result


@pytest.mark.parametrize("word", ["creating", "backing-up", "modifying", "a-word-of-2030"])
@BOTH
def test_whatever_is_not_available_yet_is_waited_for(kind: Kind, word: str) -> None:
    """Until its deadline."""
    assert (Do.WAIT, None) == step(drill(kind, word))
    assert (Do.WAIT, None) == step(drill(Kind.CLUSTER, "available", word))


@pytest.mark.parametrize("word", ["storage-optimization", "storage-initialization"])
def test_a_database_that_answers_is_asked_whatever_rds_does_besides(word: str) -> None:
    """It may take a day and longer, and the database is available all the time."""
    assert (Do.ASK, None) == step(drill(word=word))
    assert (Do.ASK, None) == step(drill(Kind.CLUSTER, "available", word))


def test_an_instance_that_is_available_is_asked() -> None:
    """And so is a cluster with its instance."""
    assert (Do.ASK, None) == step(drill())
    assert (Do.ASK, None) == step(drill(Kind.CLUSTER, "available", "available"))


def test_a_cluster_gets_its_instance_once_it_is_available() -> None:
    """It is born without one (11.4)."""
    assert (Do.WAIT, None) == step(drill(Kind.CLUSTER, "creating"))
    assert (Do.ADD_MEMBER, None) == step(drill(Kind.CLUSTER))


@BOTH
def test_a_validator_needs_a_password(kind: Kind) -> None:
    """First it is asked for, then it is waited for, then the questions are asked."""
    members = ("available",) if kind is Kind.CLUSTER else ()
    found = drill(kind, "available", *members)

    def with_secret(word: str) -> UnderWay:
        return found._replace(
            database=found.database._replace(secret="arn:aws:secretsmanager:x", secret_word=word)
        )

    assert (Do.SET_PASSWORD, None) == step(found, validated=True)
    assert (Do.WAIT, None) == step(with_secret("creating"), validated=True)
    assert (Do.ASK, None) == step(with_secret("active"), validated=True)


@pytest.mark.parametrize(
    "word",
    [
        *("failed", "incompatible-restore", "incompatible-parameters", "incompatible-network"),
        *("incompatible-option-group", "insufficient-capacity", "storage-full", "restore-error"),
        *("inaccessible-encryption-credentials", "stopped"),
        "inaccessible-encryption-credentials-recoverable",
    ],
)
@BOTH
def test_a_state_without_a_way_back_is_the_result(kind: Kind, word: str) -> None:
    """RDS's own word says why."""
    assert (Do.RECORD, word) == step(drill(kind, word))
    assert (Do.RECORD, word) == step(drill(Kind.CLUSTER, "available", word))


@pytest.mark.parametrize("word", ["available", "creating", "failed", "backing-up"])
@BOTH
def test_what_is_recorded_is_deleted(kind: Kind, word: str) -> None:
    """Whatever the result, and whatever state it is in."""
    for result in ("passed", "storage"):
        tags = Proof(BEGUN, 60, result).as_tags
        done = backup(point(kind=kind), tags=tags)
        assert (Do.DELETE, None) == step(drill(kind, word), done)


def test_the_result_of_an_earlier_drill_is_not_this_ones() -> None:
    """The same backup may be restored again when no newer one is made."""
    tags = Proof(BEGUN - HOUR / 3600, 60, "passed").as_tags
    assert (Do.ASK, None) == step(drill(), backup(tags=tags))


@pytest.mark.parametrize("word", ["available", "creating", "modifying", "failed"])
@BOTH
def test_after_its_deadline_it_goes(kind: Kind, word: str) -> None:
    """And that is the result; a moment before it is not."""
    late = drill(kind, word)
    assert (Do.DELETE, "overdue") == step(late, hours=12.01)
    assert (Do.DELETE, "overdue") == step(late, UNREAD, hours=12.01)
    assert Do.DELETE is not step(late, hours=12)[0]


@BOTH
def test_a_backup_that_is_gone_has_no_place_for_a_proof(kind: Kind) -> None:
    """Somebody deleted it, or it expired."""
    assert (Do.DELETE, "backup-gone") == step(drill(kind, "creating"), gone=True)


def test_a_backup_without_room_for_a_proof_is_not_asked() -> None:
    """Somebody has tagged it meanwhile."""
    full = backup(tags={f"team-{n}": "x" for n in range(40)})
    assert (Do.DELETE, None) == step(drill(), full)


@BOTH
def test_a_backup_that_cannot_be_read_just_now_is_waited_for(kind: Kind) -> None:
    """Nothing is asked, changed or deleted on that strength."""
    members = ("available",) if kind is Kind.CLUSTER else ()
    assert (Do.WAIT, None) == step(drill(kind, "available", *members), UNREAD)
    assert (Do.WAIT, None) == step(drill(Kind.CLUSTER), UNREAD)


@BOTH
def test_a_tag_that_cannot_be_read_ends_the_drill(kind: Kind) -> None:
    """Nobody knows until when it may stay."""
    assert (Do.DELETE, None) == step(drill(kind)._replace(said=None))


@BOTH
def test_what_is_being_deleted_is_waited_for(kind: Kind) -> None:
    """Also after its deadline: there is nothing left to do."""
    assert (Do.WAIT, None) == step(drill(kind, "deleting"), hours=100)


def test_drills_are_found_by_name_and_tags() -> None:
    """The one begun first is the one that goes on; what cannot be read comes last."""
    later = Drill(series(), backup().snapshot.arn, BEGUN + HOUR, BEGUN + 13 * HOUR)
    second = there(name=f"{STEM}0")._replace(tags=later.as_tags(MARKER))
    unread = there(name=STEM)
    unread = unread._replace(tags={**unread.tags, DRILL: "?"})
    theirs = there(name=f"{STEM}4")._replace(tags={})
    renamed = there(name="orders-restored")
    elsewhere = there(name="another-drill-0123456789-1")._replace(tags={"team": "x"})
    cluster = there(Kind.CLUSTER)
    listed = {
        Kind.INSTANCE: (unread, second, theirs, member(), renamed, elsewhere),
        Kind.CLUSTER: (cluster,),
    }

    found = find(listed, MARKER, STEM)

    assert [NAME, f"{STEM}0", STEM] == [d.database.identifier for d in found.under_way]
    assert [SAID[Kind.CLUSTER], later, None] == [d.said for d in found.under_way]
    assert [(member(),), (), ()] == [d.members for d in found.under_way]
    assert {f"{STEM}4"} == found.taken
    assert ("orders-restored",) == found.astray


def test_an_instance_whose_cluster_is_not_the_drills_stands_for_itself() -> None:
    """Its cluster could not be listed, or somebody has moved it: it has to go all the same."""
    (found,) = find({Kind.INSTANCE: (member(),)}, MARKER, STEM).under_way
    assert member_name(NAME) == found.database.identifier
    of = backup(point(kind=Kind.CLUSTER))
    waits = Step(Do.WAIT, f"its cluster {NAME} is not seen")
    assert waits == step_of(found, of, BEGUN + HOUR, validated=False)
    assert (Do.DELETE, "overdue") == step(found, of, hours=13)
    theirs = there(Kind.CLUSTER)._replace(tags={})
    same_name = there()
    listed = {Kind.INSTANCE: (member(), same_name), Kind.CLUSTER: (theirs,)}
    both = find(listed, MARKER, STEM).under_way
    assert [NAME, member_name(NAME)] == [d.database.identifier for d in both]


def test_a_persons_instance_in_the_drills_cluster_is_seen() -> None:
    """The cluster cannot go before it."""
    persons = replace(member(), identifier="mine", tags={})
    (found,) = find(
        {Kind.INSTANCE: (persons,), Kind.CLUSTER: (there(Kind.CLUSTER),)}, MARKER, STEM
    )[0]
    assert (persons,) == found.members


def test_a_name_that_somebody_else_has_is_passed_over() -> None:
    """The first that is free."""
    assert f"{STEM}1" == free_name(STEM, ())
    assert f"{STEM}2" == free_name(STEM, {f"{STEM}1", f"{STEM}3"})


@BOTH
def test_it_is_overdue_from_its_deadline_on(kind: Kind) -> None:
    """Also while it is being deleted; and where nobody can read its deadline."""
    found = drill(kind, "deleting")
    assert not found.overdue(BEGUN + 12 * HOUR)
    assert found.overdue(BEGUN + 12.01 * HOUR)
    assert found._replace(said=None).overdue(NOW)


SECRET = there()._replace(secret="arn:aws:secretsmanager:x", secret_word="creating")
DONE = backup(tags=Proof(BEGUN, 60, "passed").as_tags)
FULL = backup(tags={f"team-{n}": "x" for n in range(40)})


@pytest.mark.parametrize(
    ("found", "of", "hours", "why"),
    [
        (drill(word="deleting"), None, 1, "RDS is deleting it"),
        (drill()._replace(said=None), None, 1, "its tag says nothing that can be read"),
        (drill(), DONE, 1, "the result is recorded: passed"),
        (
            drill(Kind.CLUSTER, "available", "creating"),
            UNREAD,
            13,
            "it is not done by its deadline; its status is creating",
        ),
        (drill(), None, 1, "the backup is gone, and with it the place for a proof"),
        (drill(), FULL, 1, "the backup has no room for the tags of a proof"),
        (drill(word="failed"), backup(), 1, f"{NAME} is failed"),
        (
            drill(Kind.CLUSTER, "available", "creating"),
            backup(),
            1,
            f"{member_name(NAME)} is creating",
        ),
        (drill(), UNREAD, 1, "the backup cannot be read: throttled"),
        (drill(Kind.CLUSTER), backup(), 1, "the cluster is available, and has no instance yet"),
        (drill(), backup(), 1, "nobody knows the password that the data came with"),
        (drill()._replace(database=SECRET), backup(), 1, "its secret is creating"),
        (
            drill()._replace(database=SECRET._replace(secret_word="active")),
            backup(),
            1,
            "it is available",
        ),
    ],
)
def test_every_step_says_why(
    found: UnderWay, of: Owned | Problem | None, hours: float, why: str
) -> None:
    """In words for whoever reads the log."""
    assert why == step_of(found, of, BEGUN + hours * HOUR, validated=True).why
