"""The decision table: one point, one decision, one reason."""

from collections.abc import Sequence
from copy import replace
from datetime import datetime

import pytest

from rds_backup.decide.attempts import PointView, Terms
from rds_backup.decide.point import decide
from rds_backup.model.decisions import CopyAutomated, Decision, HandOver, Owned, Problem, State
from rds_backup.model.identity import KMS_KEY, identifier
from rds_backup.model.inventory import Kind, Snapshot
from tests.support import making

POINT = making.point()
TERMS = Terms(making.PREFIX, making.VAULT, 3, making.SHARING_KEY)
RUNNING = ("creating", "copying", "a word that no document names", "")
GOING = ("deleting", "deleted")
DEAD = ("failed", "incompatible-restore", "incompatible-parameters")


def decided(
    backups: Sequence[Owned] = (),
    shared: Sequence[Owned] = (),
    *,
    automated: Snapshot | None = None,
    gone: bool = False,
    taken: str | None = None,
    refusal: Problem | None = None,
    terms: Terms = TERMS,
) -> Decision:
    """The decision on a point with these attempts, its automated snapshot there unless gone."""
    there = None if gone else automated or making.automated()
    facts = PointView(
        POINT,
        making.database(),
        there,
        tuple(shared),
        tuple(backups),
        frozenset({taken} if taken else ()),
        refusal,
    )
    return decide(facts, terms)


def under_other_key(word: str = "available", attempt: int = 1) -> Owned:
    """A shared copy under a key that KMS_KEY_ID was once."""
    copy = making.shared(attempt=attempt, word=word, key=making.OTHER_KEY)
    return replace(copy, snapshot=replace(copy.snapshot, kms_key=making.OTHER_KEY))


def test_nothing_there_is_copied_as_the_first_attempt() -> None:
    """None | none, automated snapshot there: copy it."""
    decision = decided()
    assert decision.start == CopyAutomated(POINT, 1, making.database(), "sse-kms")
    assert (State.IN_PROGRESS, False) == (decision.state, decision.holds)


@pytest.mark.parametrize("word", RUNNING + GOING)
def test_a_shared_copy_under_way_is_waited_for(word: str) -> None:
    """None | running or going: wait; every unknown status word is one that runs."""
    decision = decided(shared=[making.shared(word=word)])
    assert (State.IN_PROGRESS, None, (), True) == (
        decision.state,
        decision.start,
        decision.deletes,
        decision.holds,
    )


def test_an_available_shared_copy_is_handed_over() -> None:
    """None | available under the sharing key: share it and copy it."""
    shared = making.shared()
    assert HandOver(shared, 1) == decided(shared=[shared]).start


@pytest.mark.parametrize("word", DEAD)
def test_a_dead_backup_is_copied_again_as_the_next_attempt(word: str) -> None:
    """Dead | available: the next attempt is the highest seen plus one."""
    shared = making.shared()
    assert HandOver(shared, 2) == decided([making.backup(word=word)], [shared]).start


def test_the_next_attempt_follows_the_highest_seen_not_the_count() -> None:
    """An attempt that somebody deleted leaves a gap, and its number is not used again."""
    assert (
        HandOver(making.shared(), 3)
        == decided([making.backup(attempt=2, word="failed")], [making.shared()]).start
    )


@pytest.mark.parametrize("word", RUNNING + GOING)
@pytest.mark.parametrize("shared", [[], [making.shared()], [making.shared(word="failed")]])
def test_a_backup_under_way_is_waited_for_whatever_the_shared_copy(
    word: str, shared: list[Owned]
) -> None:
    """Running or going | any: wait; the shared copy outlives the copy made from it."""
    decision = decided([making.backup(word=word)], shared)
    assert (State.IN_PROGRESS, None, ()) == (decision.state, decision.start, decision.deletes)


@pytest.mark.parametrize(
    ("words", "deleted"),
    [
        ([], []),
        (["available"], [1]),
        (["failed"], [1]),
        (["creating"], []),
        (["deleting"], []),
        (["failed", "available"], [1, 2]),
        (["failed", "creating"], [1]),
    ],
)
def test_a_verified_backup_is_protected_and_shared_copies_that_rest_go(
    words: list[str], deleted: list[int]
) -> None:
    """Verified | available or dead: delete it; running or going: look again later."""
    shared = [making.shared(attempt=n, word=w) for n, w in enumerate(words, 1)]
    backup = making.backup()
    decision = decided([backup], shared)
    assert State.PROTECTED is decision.state
    assert deleted == [d.shared.attempt for d in decision.deletes]
    assert all(d.backup == backup for d in decision.deletes)


@pytest.mark.parametrize(
    "taken",
    [making.PREFIX, "somebody-elses", *(identifier(making.PREFIX, POINT, n) for n in (0, 2, 4))],
)
def test_only_a_name_that_is_used_or_the_next_to_be_used_blocks(taken: str) -> None:
    """Names of others are no business of ours, nor are those that the point may never need."""
    assert decided(taken=taken).state is State.IN_PROGRESS


@pytest.mark.parametrize(
    ("backups", "attempt"), [([], 1), ([making.backup(word="failed")], 2), ([making.backup()], 1)]
)
def test_a_name_taken_by_something_else_blocks_and_touches_nothing(
    backups: list[Owned], attempt: int
) -> None:
    """First row: whatever else is there."""
    name = identifier(making.PREFIX, POINT, attempt)
    decision = decided(backups, [making.shared()], taken=name)
    assert (State.BLOCKED, None, (), False) == (
        decision.state,
        decision.start,
        decision.deletes,
        decision.holds,
    )
    assert name in decision.reason


@pytest.mark.parametrize(
    ("backups", "shared"),
    [([], [making.shared(word="failed")]), ([making.backup(word="failed")], [])],
)
def test_the_name_of_the_next_attempt_at_either_stage_blocks(
    backups: list[Owned], shared: list[Owned]
) -> None:
    """The call would meet "already exists" for ever."""
    name = identifier(making.PREFIX, POINT, 2)
    assert State.BLOCKED is decided(backups, shared, taken=name).state


def test_dead_backups_with_the_attempts_used_up_are_stuck() -> None:
    """dead, attempts used up | any: stuck."""
    dead = [making.backup(attempt=n, word="failed") for n in (1, 2, 3)]
    decision = decided(dead, [making.shared()])
    assert (State.STUCK, None, ()) == (decision.state, decision.start, decision.deletes)


def test_backups_under_another_key_with_the_attempts_used_up_are_blocked() -> None:
    """The key is the fact to look at."""
    other = [making.backup(attempt=n, key=making.OTHER_KEY) for n in (1, 2, 3)]
    decision = decided(other, [making.shared()])
    assert (State.BLOCKED, True) == (decision.state, making.OTHER_KEY in decision.reason)


def test_a_backup_under_another_key_is_made_again() -> None:
    """Under another key | available: a next attempt."""
    other = making.backup(key=making.OTHER_KEY)
    assert HandOver(making.shared(), 2) == decided([other], [making.shared()]).start
    assert CopyAutomated(POINT, 1, making.database(), "sse-kms") == decided([other]).start


def test_a_shared_copy_under_another_key_is_made_again_as_the_next_attempt() -> None:
    """Never shared, and never replaced under its own name: an old plan may still delete that."""
    decision = decided(shared=[under_other_key()])
    assert CopyAutomated(POINT, 2, making.database(), "sse-kms") == decision.start
    assert (State.IN_PROGRESS, (), True) == (decision.state, decision.deletes, decision.holds)


def test_shared_copies_under_another_key_with_the_attempts_used_up_are_stuck() -> None:
    """As dead ones are; a newer automated snapshot begins anew."""
    one = replace(TERMS, max_attempts=1)
    assert State.STUCK is decided(shared=[under_other_key()], terms=one).state


@pytest.mark.parametrize("encryption", ["sse-rds", "none", "sse-kms"])
def test_a_key_that_rds_ignored_is_not_tried_for_ever(encryption: str) -> None:
    """The tag says that RDS was asked for this very key: another copy would end the same way."""
    copy = under_other_key()
    tags = {**copy.snapshot.tags, KMS_KEY: making.SHARING_KEY}
    ignored = replace(copy, snapshot=replace(copy.snapshot, encryption=encryption, tags=tags))
    decision = decided(shared=[ignored])
    assert (State.UNSUPPORTED, None, ()) == (decision.state, decision.start, decision.deletes)


def test_an_attempt_under_the_key_goes_before_one_under_another() -> None:
    """Available under KMS_KEY_ID is the best there is."""
    ready = making.shared(attempt=2)
    assert HandOver(ready, 1) == decided(shared=[under_other_key(), ready]).start


@pytest.mark.parametrize("word", DEAD)
def test_a_dead_shared_copy_is_made_again_as_the_next_attempt(word: str) -> None:
    """None | dead: the dead one stays as the memory of its attempt."""
    decision = decided(shared=[making.shared(word=word)])
    assert CopyAutomated(POINT, 2, making.database(), "sse-kms") == decision.start
    assert (True, ()) == (decision.holds, decision.deletes)


def test_the_last_attempt_that_is_allowed_is_made() -> None:
    """MAX_ATTEMPTS copies are made, not one less."""
    dead = [making.shared(attempt=n, word="failed") for n in (1, 2)]
    assert CopyAutomated(POINT, 3, making.database(), "sse-kms") == decided(shared=dead).start


def test_dead_shared_copies_with_the_attempts_used_up_are_stuck() -> None:
    """Full copies cost money: three are enough for one night."""
    dead = [making.shared(attempt=n, word="failed") for n in (1, 2, 3)]
    assert State.STUCK is decided(shared=dead).state
    one = replace(TERMS, max_attempts=1)
    assert State.STUCK is decided(shared=dead[:1], terms=one).state


def test_a_point_without_its_automated_snapshot_is_abandoned() -> None:
    """Dead | automated snapshot gone: nothing left to make it from."""
    shared = making.shared(word="failed")
    decision = decided(shared=[shared], gone=True)
    assert [shared] == [d.shared for d in decision.deletes]
    assert (None, False) == (decision.start, decision.holds)


def test_a_shared_copy_that_is_there_needs_no_automated_snapshot() -> None:
    """Available | automated snapshot gone: finish it."""
    assert HandOver(making.shared(), 1) == decided(shared=[making.shared()], gone=True).start


def of_cluster(encryption: str) -> Decision:
    """What is decided on a cluster that is encrypted so, of which nothing is made yet."""
    point, database = making.point(kind=Kind.CLUSTER), making.database(kind=Kind.CLUSTER)
    made = making.automated(point, encryption=encryption, kms_key=None)
    return decide(PointView(point, database, made, (), (), frozenset()), TERMS)


@pytest.mark.parametrize("encryption", ["none", "sse-rds", "sse-kms"])
def test_a_cluster_is_copied_whatever_its_encryption(encryption: str) -> None:
    """AWS documents both ways (2.8), or neither (2.12), whether the copy encrypts it."""
    assert isinstance(of_cluster(encryption).start, CopyAutomated)


def test_an_unencrypted_instance_is_copied() -> None:
    """The copy encrypts it (2.7)."""
    plain = making.automated(encryption="none", kms_key=None)
    assert isinstance(decided(automated=plain).start, CopyAutomated)


@pytest.mark.parametrize("shared", [[], [making.shared()]])
def test_a_refused_call_is_not_made_again_in_the_same_invocation(shared: list[Owned]) -> None:
    """At most one refused call for each database and invocation."""
    refusal = Problem(State.BLOCKED, "AccessDenied")
    decision = decided(shared=shared, refusal=refusal)
    assert (State.BLOCKED, "AccessDenied", None) == (
        decision.state,
        decision.reason,
        decision.start,
    )


@pytest.mark.parametrize(("state", "holds"), [(State.UNKNOWN, True), (State.BLOCKED, False)])
def test_a_point_is_still_under_way_if_its_call_had_no_answer(state: State, *, holds: bool) -> None:
    """Unknown is no end, refused is one."""
    decision = decided(shared=[making.shared()], refusal=Problem(state, "why"))
    assert (state, holds) == (decision.state, decision.holds)


def test_a_refusal_takes_nothing_from_what_is_verified() -> None:
    """It stands against starts only."""
    assert "protected" == decided([making.backup()], refusal=Problem(State.BLOCKED, "no")).state


@pytest.mark.parametrize("shared", [[], [making.shared()], [under_other_key()]])
def test_nothing_is_done_under_a_sharing_key_that_cannot_be_resolved(
    shared: list[Owned],
) -> None:
    """Neither shared nor deleted: it cannot be told which key is which."""
    terms = replace(TERMS, sharing_key=Problem(State.UNKNOWN, "throttled"))
    decision = decided(shared=shared, terms=terms)
    assert (State.UNKNOWN, None, (), True) == (
        decision.state,
        decision.start,
        decision.deletes,
        decision.holds,
    )


ENDED = {
    "it left the configuration": PointView(POINT, None, None, (), (), frozenset()),
    "its automated snapshot no longer exists": PointView(
        POINT, making.database(), None, (), (), frozenset()
    ),
}
BY_END = pytest.mark.parametrize("view", ENDED.values(), ids=list(ENDED))
NEWER = POINT.taken_at + making.DAY


@BY_END
@pytest.mark.parametrize("backups", [0, 1, 3])
def test_dead_copies_of_a_point_that_can_go_no_further_are_deleted(
    view: PointView, backups: int
) -> None:
    """They hold no data, and nobody is to look at them: no state of a person's."""
    dead = tuple(making.shared(None, n, "failed") for n in (1, 2, 3))
    failed = tuple(making.backup(None, n, "failed") for n in range(1, backups + 1))
    decision = decide(replace(view, shared=dead, backups=failed), TERMS)
    assert (State.STALE, None, False) == (decision.state, decision.start, decision.holds)
    assert list(dead) == [d.shared for d in decision.deletes]
    names = {identifier(making.PREFIX, POINT, n) for n in range(1, backups + 2)}
    assert [names] * 3 == [set(d.rivals) for d in decision.deletes]


@BY_END
def test_an_available_copy_that_may_be_the_last_data_stays(view: PointView) -> None:
    """Under another key it cannot be shared; it is left lying, and a person is told."""
    dead, other = making.shared(word="failed"), under_other_key(attempt=2)
    decision = decide(replace(view, shared=(dead, other)), TERMS)
    assert (State.STALE, (other,)) == (decision.state, decision.left)
    assert [dead] == [d.shared for d in decision.deletes]


@BY_END
@pytest.mark.parametrize(
    ("newest", "stays"),
    [(POINT.taken_at - making.HOUR, True), (POINT.taken_at, False), (NEWER, False)],
)
def test_an_available_copy_under_another_key_goes_once_data_as_new_is_verified(
    view: PointView, newest: datetime, *, stays: bool
) -> None:
    """Of that or a later point; older data is no substitute."""
    other, backup = under_other_key(), making.backup(making.point(newest))
    decision = decide(replace(view, shared=(other,), newest=backup), TERMS)
    assert ((other,) if stays else ()) == decision.left
    assert ([] if stays else [other]) == [d.shared for d in decision.deletes]


@BY_END
def test_an_available_copy_under_the_sharing_key_is_finished(view: PointView) -> None:
    """Its tags say everything that is needed, whatever has become of its database."""
    shared = making.shared()
    assert HandOver(shared, 1) == decide(replace(view, shared=(shared,)), TERMS).start


@BY_END
def test_backups_that_failed_do_not_hide_an_available_shared_copy(view: PointView) -> None:
    """With its attempts used up a person has to look: the data is there and goes nowhere."""
    failed = tuple(making.backup(None, n, "failed") for n in (1, 2, 3))
    decision = decide(replace(view, shared=(making.shared(),), backups=failed), TERMS)
    assert (State.STUCK, (), ()) == (decision.state, decision.deletes, decision.left)
