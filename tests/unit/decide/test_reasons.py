"""What a decision says: every sentence of the decision table, as a person reads it."""

from copy import replace

import pytest

from rds_backup.decide.attempts import PointView, Terms
from rds_backup.decide.point import decide
from rds_backup.model.decisions import Owned, Problem, State
from rds_backup.model.identity import KMS_KEY, STARTED_AT, identifier
from rds_backup.model.inventory import Kind
from tests.support import making

POINT = making.point()
TERMS = Terms(making.PREFIX, making.VAULT, 3, making.SHARING_KEY)
NAMES = [identifier(making.PREFIX, POINT, n) for n in (1, 2, 3)]
SINCE = "2026-03-02T02:30:30.250Z"
NEW_POINT = PointView(POINT, making.database(), making.automated(), (), (), frozenset())
CLUSTER = making.point(kind=Kind.CLUSTER)


def without_key(copy: Owned) -> Owned:
    """The same, not encrypted at all."""
    return replace(copy, snapshot=replace(copy.snapshot, encryption="none", kms_key=None))


def copied_from_elsewhere(made: Owned) -> Owned:
    """The same, of which RDS names another account's snapshot as the source."""
    source = "arn:aws:rds:eu-west-1:444444444444:snapshot:rds-backup-orders"
    return replace(made, snapshot=replace(made.snapshot, copied_from=source))


def asked_for_the_key(copy: Owned) -> Owned:
    """The same, made by a call that named the sharing key."""
    tags = {**copy.snapshot.tags, KMS_KEY: making.SHARING_KEY}
    return replace(copy, snapshot=replace(copy.snapshot, tags=tags))


def undated(copy: Owned) -> Owned:
    """The same, with neither the tag of its start nor a percentage."""
    tags = {k: v for k, v in copy.snapshot.tags.items() if k != STARTED_AT}
    return replace(copy, snapshot=replace(copy.snapshot, tags=tags, percent=None))


# By what is the matter: the point, and the state, reason and fix that are told.
SAID: dict[str, tuple[PointView, State, str, str | None]] = {
    "a name is taken": (
        replace(NEW_POINT, taken=frozenset(NAMES[:1])),
        State.BLOCKED,
        f"the name {NAMES[0]} is taken by a snapshot that is not ours",
        "delete or rename it",
    ),
    "verified": (
        replace(NEW_POINT, backups=(making.backup(),)),
        State.PROTECTED,
        f"{NAMES[0]} is verified",
        None,
    ),
    "the backup runs": (
        replace(NEW_POINT, backups=(making.backup(word="creating"),)),
        State.IN_PROGRESS,
        f"copying into the backup account: {NAMES[0]} is creating 40 % since {SINCE}",
        None,
    ),
    "the shared copy runs": (
        replace(NEW_POINT, shared=(undated(making.shared(word="copying")),)),
        State.IN_PROGRESS,
        f"copying under the sharing key: {NAMES[0]} is copying since an unknown time",
        None,
    ),
    "the backups are dead": (
        replace(NEW_POINT, backups=tuple(making.backup(None, n, "failed") for n in (1, 2, 3))),
        State.STUCK,
        f"3 copies into the backup account failed ({', '.join(NAMES)})",
        (
            "look in CloudTrail there for KMS AccessDenied; raise MAX_ATTEMPTS to try again, or "
            "wait for the next automated snapshot"
        ),
    ),
    "the backups are under another key": (
        replace(
            NEW_POINT,
            backups=tuple(making.backup(attempt=n, key=making.OTHER_KEY) for n in (1, 2, 3)),
        ),
        State.BLOCKED,
        (
            f"{NAMES[2]} is under {making.OTHER_KEY}, not under the backup key "
            f"{making.BACKUP_KEY}, and no attempt is left"
        ),
        "correct BACKUP_KMS_KEY_ID",
    ),
    "the last backup is under no key": (
        replace(NEW_POINT, backups=(without_key(making.backup(attempt=3)),)),
        State.BLOCKED,
        (
            f"{NAMES[2]} is under no key, not under the backup key "
            f"{making.BACKUP_KEY}, and no attempt is left"
        ),
        "correct BACKUP_KMS_KEY_ID",
    ),
    "the shared copy is there": (
        replace(NEW_POINT, shared=(making.shared(),)),
        State.IN_PROGRESS,
        "the shared copy exists; it will be shared, and copied into the backup account",
        None,
    ),
    "RDS contradicts a backup": (
        replace(
            NEW_POINT,
            backups=(
                making.backup(None, 1, key=making.OTHER_KEY),
                copied_from_elsewhere(making.backup(None, 2)),
                making.backup(None, 3, "failed"),
            ),
        ),
        State.BLOCKED,
        (
            f"RDS says that {NAMES[1]} was copied from account 444444444444 in eu-west-1, "
            "not from 111111111111 in eu-west-1, and no attempt is left"
        ),
        "find out in the backup account's CloudTrail who made it, and delete it",
    ),
    "the shared copies are dead": (
        replace(NEW_POINT, shared=tuple(making.shared(None, n, "failed") for n in (1, 2, 3))),
        State.STUCK,
        (
            f"3 copies of the automated snapshot failed, or are not under KMS_KEY_ID "
            f"({', '.join(NAMES)})"
        ),
        (
            "look in CloudTrail for KMS AccessDenied; raise MAX_ATTEMPTS to try again, or wait for "
            "the next automated snapshot"
        ),
    ),
    "RDS ignored the key": (
        replace(NEW_POINT, shared=(asked_for_the_key(making.shared(key=making.OTHER_KEY)),)),
        State.UNSUPPORTED,
        (
            f"RDS was asked to copy under {making.SHARING_KEY}, and made {NAMES[0]} sse-kms under "
            f"{making.OTHER_KEY}: it cannot be shared"
        ),
        "restore the database into one encrypted under a customer managed key",
    ),
    "RDS encrypted nothing": (
        replace(NEW_POINT, shared=(asked_for_the_key(without_key(making.shared())),)),
        State.UNSUPPORTED,
        (
            f"RDS was asked to copy under {making.SHARING_KEY}, and made {NAMES[0]} none under "
            "no key: it cannot be shared"
        ),
        "restore the database into one encrypted under a customer managed key",
    ),
    "the database left the configuration": (
        replace(
            NEW_POINT,
            database=None,
            shared=tuple(making.shared(None, n, "failed") for n in (1, 2)),
        ),
        State.STALE,
        "no longer configured",
        None,
    ),
    "the automated snapshot is gone": (
        replace(NEW_POINT, automated=None, shared=(making.shared(word="failed"),)),
        State.STALE,
        "its automated snapshot no longer exists",
        None,
    ),
    "nothing is there": (
        NEW_POINT,
        State.IN_PROGRESS,
        "the newest automated snapshot has no backup; it will be copied under the sharing key",
        None,
    ),
    "a call was refused": (
        replace(NEW_POINT, refusal=Problem(State.BLOCKED, "AccessDenied", "allow it")),
        State.BLOCKED,
        "AccessDenied",
        "allow it",
    ),
}


@pytest.mark.parametrize(("facts", "state", "reason", "fix"), SAID.values(), ids=list(SAID))
def test_each_decision_says_of_its_point_what_is_the_matter_and_what_to_do(
    facts: PointView, state: State, reason: str, fix: str | None
) -> None:
    """It is read at night, by somebody who has not seen the code."""
    decision = decide(facts, TERMS)
    assert (facts.point, state, reason, fix) == (
        decision.point,
        decision.state,
        decision.reason,
        decision.fix,
    )


def test_a_sharing_key_that_cannot_be_resolved_is_the_reason() -> None:
    """Of the point that waits for it."""
    problem = Problem(State.UNKNOWN, "throttled", "wait")
    decision = decide(NEW_POINT, replace(TERMS, sharing_key=problem))
    assert (POINT, State.UNKNOWN, "throttled", "wait", problem) == (
        decision.point,
        decision.state,
        decision.reason,
        decision.fix,
        decision.cause,
    )


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (replace(NEW_POINT, backups=(making.backup(),)), "its backup is verified"),
        (replace(NEW_POINT, automated=None), "its automated snapshot no longer exists"),
    ],
)
def test_each_deletion_of_a_shared_copy_says_why(facts: PointView, why: str) -> None:
    """The result and the log carry it."""
    dead = making.shared(word="failed")
    assert [why] == [d.why for d in decide(replace(facts, shared=(dead,)), TERMS).deletes]


def test_a_decision_on_a_running_copy_says_which_copy_that_is() -> None:
    """A printer that lists the copies under way leaves out the one that the reason tells of."""
    backup, shared = making.backup(word="creating"), making.shared(word="copying")
    assert backup == decide(replace(NEW_POINT, backups=(backup,)), TERMS).copy
    assert shared == decide(replace(NEW_POINT, shared=(shared,)), TERMS).copy
    assert decide(NEW_POINT, TERMS).copy is None
