"""What the tags of a backup prove, and what they cannot."""

from datetime import timedelta

import pytest

from rds_backup.model.clock import iso
from rds_backup.model.identity import MAX_TAGS
from rds_backup.model.proof import (
    PROOF_TAGS,
    RESTORE_MINUTES,
    RESTORE_RESULT,
    RESTORED_AT,
    Proof,
    ended,
    has_room,
    last_drill,
    last_restored,
    proof_of,
    without_proof,
)
from tests.support.making import DAY, HOUR, NIGHT, backup, point

NOW = NIGHT + 10 * DAY
AT = NIGHT + 2 * DAY
WELL = Proof(AT, 42, "passed").as_tags


def test_a_proof_is_read_as_it_was_written() -> None:
    """Three tags hold all of it."""
    proof = Proof(AT, 42, "passed validated")
    assert set(proof.as_tags) == PROOF_TAGS
    assert proof_of(backup(tags=proof.as_tags), NOW) == proof


@pytest.mark.parametrize(
    "changed",
    [
        {RESTORED_AT: "yesterday"},
        {RESTORED_AT: "2026-03-04T02:00:30"},
        {RESTORED_AT: "9999-12-31T23:59:59-23:59"},
        {RESTORED_AT: ""},
        {RESTORE_MINUTES: "an hour"},
        {RESTORE_MINUTES: "-1"},
        {RESTORE_MINUTES: ""},
    ],
)
def test_what_cannot_be_read_proves_nothing(changed: dict[str, str]) -> None:
    """Anybody in the account may edit a tag."""
    assert proof_of(backup(tags=WELL | changed), NOW) is None


def test_a_drill_that_took_no_minute_is_one() -> None:
    """One that was refused at once."""
    proof = Proof(AT, 0, "not-offered")
    assert proof_of(backup(tags=proof.as_tags), NOW) == proof


def test_a_drill_without_a_result_has_not_passed() -> None:
    """It is known that it was, and no more."""
    tags = {name: value for name, value in WELL.items() if name != RESTORE_RESULT}
    assert proof_of(backup(tags=tags), NOW) == Proof(AT, 42, "")


@pytest.mark.parametrize("missing", [RESTORED_AT, RESTORE_MINUTES])
def test_a_part_of_a_proof_is_none(missing: str) -> None:
    """A result alone says nothing of when."""
    tags = {name: value for name, value in WELL.items() if name != missing}
    assert proof_of(backup(tags=tags), NOW) is None


def test_nothing_is_proven_before_it_was_there_or_in_the_future() -> None:
    """A backup is made an hour after its data in these worlds."""
    made = NIGHT + HOUR
    for at, known in (
        (made, True),
        (made - timedelta(milliseconds=1), False),
        (NOW, True),
        (NOW + timedelta(milliseconds=1), False),
    ):
        tags = WELL | {RESTORED_AT: iso(at)}
        assert (proof_of(backup(created_at=made, tags=tags), NOW) is not None) is known


def test_a_copy_that_is_not_there_yet_proves_nothing() -> None:
    """RDS gives it no time of its own yet."""
    assert proof_of(backup(word="creating", tags=WELL), NOW) is None


@pytest.mark.parametrize(
    ("result", "passed", "validated"),
    [
        ("passed", True, False),
        ("passed validated", True, True),
        ("validated", False, False),
        ("passedish", False, False),
        ("", False, False),
        ("incompatible-restore", False, False),
        ("failed passed", False, False),
    ],
)
def test_only_the_first_word_passes(result: str, *, passed: bool, validated: bool) -> None:
    """Whatever else stands there."""
    proof = Proof(AT, 1, result)
    assert proof.passed is passed
    assert ("validator" in proof.asked) is validated
    assert bool(proof.asked) is passed


def test_the_newest_drill_and_the_newest_that_passed() -> None:
    """A failure is the last drill, and no proof."""
    old, new, failed, never = (
        backup(point(NIGHT + n * HOUR), tags=tags)
        for n, tags in enumerate(
            (
                WELL,
                Proof(AT + HOUR, 1, "passed").as_tags,
                Proof(AT + 2 * HOUR, 1, "overdue").as_tags,
                {},
            )
        )
    )
    found, proof = last_restored([old, never, new, failed], NOW) or (None, None)
    assert found is new
    assert proof
    assert AT + HOUR == proof.at
    last = last_drill([failed, old, new, never], NOW)
    assert last
    assert last[0] is failed
    assert last_drill([never], NOW) is None
    assert last_restored([failed, never], NOW) is None


def test_the_newest_drill_may_be_that_of_an_older_backup() -> None:
    """The newer one may have expired meanwhile, and come back by a person's copy."""
    older = backup(point(NIGHT), tags=Proof(AT + HOUR, 1, "passed").as_tags)
    newer = backup(point(NIGHT + HOUR), tags=WELL)
    for both in ([older, newer], [newer, older]):
        found = last_restored(both, NOW)
        assert found
        assert found[0] is older


def test_of_two_drills_of_one_moment_the_same_is_the_newest_each_time() -> None:
    """By name: listings have no order."""
    two = [backup(point(NIGHT + n * HOUR), tags=WELL) for n in range(2)]
    first, second = last_drill(two, NOW), last_drill(two[::-1], NOW)
    assert first
    assert second
    assert first[0] is second[0] is two[1]


def test_a_proof_is_no_part_of_what_a_backup_is_known_by() -> None:
    """It may be written between a look and a deletion."""
    assert without_proof(backup(tags=WELL).snapshot.tags) == backup().snapshot.tags


def test_a_backup_that_this_release_makes_has_room_for_a_proof() -> None:
    """RDS allows 50 tags; one that has 48 of other kinds gets none."""
    ours = len(backup().snapshot.tags)

    def with_tags(number: int) -> bool:
        return has_room(backup(tags={f"team-{n}": "x" for n in range(number - ours)} | WELL))

    assert with_tags(MAX_TAGS)
    assert not with_tags(MAX_TAGS + 1)


def test_a_failure_of_a_backup_that_had_passed_wipes_nothing_out() -> None:
    """What was restored once was restored; and the last drill failed."""
    passed = ended("passed validated", AT, 42, None)
    failed = ended("AccessDenied", AT + DAY, 0, passed)
    again = ended("storage", AT + 2 * DAY, 12, failed)
    assert "passed validated" == passed.result
    assert ("AccessDenied", "storage") == (failed.word, again.word)
    assert not again.passed

    mine = backup(tags=again.as_tags)
    found = last_restored([mine], NOW)
    assert found
    assert (mine, passed._replace(at=found[1].at)) == found
    assert iso(AT) == iso(found[1].at)
    assert "validator" in found[1].asked
    last = last_drill([mine], NOW)
    assert last
    assert "storage" == last[1].word
    assert "passed" == ended("passed", AT + 3 * DAY, 9, again).result


def test_a_failure_without_a_pass_before_is_one_word() -> None:
    """Nothing is remembered that never was."""
    failed = ended("overdue", AT, 720, None)
    assert "overdue" == failed.result
    assert "storage" == ended("storage", AT, 1, failed).result
    assert failed.newest_pass is None


@pytest.mark.parametrize(
    "result",
    [
        f"storage after passed {iso(NIGHT)} 42",
        f"storage after passed {iso(NOW)} 42",
        "storage after passed yesterday 42",
        f"storage after failed {iso(AT)} 42",
        f"storage after passed {iso(AT)}",
        f"storage after passed {iso(AT)} 42 more",
    ],
    ids=["before it was made", "after it failed", "no time", "no pass", "no minutes", "more"],
)
def test_what_cannot_have_been_before_was_not(result: str) -> None:
    """Anybody in the account may edit a tag."""
    tags = Proof(AT + DAY, 1, result).as_tags
    assert last_restored([backup(tags=tags)], NOW) is None
